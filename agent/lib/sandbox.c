/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

#ifndef SANDBOX_TRAP
#define SANDBOX_TRAP 0
#endif

static int add_row(scmp_filter_ctx filter, const struct SandboxRow *row)
{
	switch (row->test) {
	case SANDBOX_ANY:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, row->call, 0);
	case SANDBOX_EQUAL:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, row->call, 1,
			SCMP_CMP32(row->index, SCMP_CMP_EQ, row->value));
	case SANDBOX_MASKED:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, row->call, 1,
			SCMP_CMP32(row->index, SCMP_CMP_MASKED_EQ, row->mask, row->value));
	case SANDBOX_ERROR:
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(row->value), row->call, 0);
	}
	return -EINVAL;
}

static void filter_releasep(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

#if SANDBOX_TRAP
static void trapped(int signal, siginfo_t *info, void *context)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "sandbox: system call %d denied\n", info->si_syscall);

	(void)signal;
	(void)context;
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		_exit(126);
	_exit(127);
}
#endif

static int enter(uint32_t otherwise, const struct SandboxRow *rows, size_t n)
{
	_cleanup_(filter_releasep) scmp_filter_ctx filter = seccomp_init(otherwise);
	int r;

	if (!filter)
		return -ENOMEM;
	r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 1);
	if (r >= 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree: long tables stay fast */
	if (r >= 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1); /* a thread that is there already, too */
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		r = add_row(filter, &rows[i]);
		if (r < 0)
			return r;
	}
	/* the one call that asks, below, whether the filter is there */
	r = seccomp_rule_add(
		filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_CMP32(0, SCMP_CMP_EQ, PR_GET_SECCOMP));
	if (r < 0)
		return r;
	r = seccomp_load(filter);
	if (r < 0)
		return r;
	/* believe the kernel, not the library */
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2 ? 0 : -EPERM;
}

int sandbox_enter(const struct SandboxRow *rows, size_t n)
{
	if (!SANDBOX)
		return 0;
#if SANDBOX_TRAP
	struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO};

	if (sigaction(SIGSYS, &action, NULL))
		return -errno;
	return enter(SCMP_ACT_TRAP, rows, n);
#else
	return enter(SCMP_ACT_KILL_PROCESS, rows, n);
#endif
}

int sandbox_enter_tool(const struct SandboxRow *rows, size_t n)
{
	return SANDBOX ? enter(SCMP_ACT_ERRNO(EPERM), rows, n) : 0;
}
