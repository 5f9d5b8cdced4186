/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A seccomp filter as data plus one call: what is not listed ends the process. Built with SANDBOX=OFF
 * (sanitizers only) the call does nothing. A build with -DSANDBOX_TRAP=1 prints the number of the
 * system call that was denied instead of dying silently.
 */
#include "std.h"

#include <sys/syscall.h>

enum SandboxTest {
	SANDBOX_ANY,	/* allowed whatever its arguments */
	SANDBOX_EQUAL,	/* allowed when argument `index` equals `value` (32 bits) */
	SANDBOX_MASKED, /* allowed when (argument & mask) equals value */
	SANDBOX_ERROR,	/* answered with -value (an errno) instead of death */
};

struct SandboxRow {
	int call; /* __NR_x; several rows of one call are alternatives */
	enum SandboxTest test;
	unsigned int index;
	uint32_t value, mask;
};

#define SANDBOX_ALLOW(name)			 {__NR_##name, SANDBOX_ANY, 0, 0, 0}
#define SANDBOX_WITH(name, index, value)	 {__NR_##name, SANDBOX_EQUAL, index, value, 0}
#define SANDBOX_BITS(name, index, mask, value)	 {__NR_##name, SANDBOX_MASKED, index, value, mask}
#define SANDBOX_DENY(name, error)		 {__NR_##name, SANDBOX_ERROR, 0, error, 0}

/* What every process needs once it runs: memory, time, ending, signals' return. */
#define SANDBOX_COMMON                                                                          \
	SANDBOX_ALLOW(brk), SANDBOX_BITS(mmap, 2, 4 /* PROT_EXEC */, 0), SANDBOX_ALLOW(munmap), \
		SANDBOX_ALLOW(mremap), SANDBOX_BITS(mprotect, 2, 4, 0), SANDBOX_ALLOW(madvise), \
		SANDBOX_ALLOW(futex), SANDBOX_ALLOW(clock_gettime), SANDBOX_ALLOW(gettimeofday), \
		SANDBOX_ALLOW(getrandom), SANDBOX_ALLOW(rt_sigreturn), SANDBOX_ALLOW(rt_sigprocmask), \
		SANDBOX_ALLOW(getpid), SANDBOX_ALLOW(gettid), SANDBOX_WITH(tgkill, 2, 6 /* SIGABRT */), \
		SANDBOX_ALLOW(close), SANDBOX_ALLOW(write), SANDBOX_ALLOW(exit), SANDBOX_ALLOW(exit_group), \
		SANDBOX_ALLOW(restart_syscall) /* the kernel's own: poll after a stop or a suspend */

/* 0, or -errno: the caller must not go on. */
_must_check_ int sandbox_enter(const struct SandboxRow *rows, size_t n);

/* For a program that is not ours: what is not listed is answered with EPERM. */
_must_check_ int sandbox_enter_tool(const struct SandboxRow *rows, size_t n);
