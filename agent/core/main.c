/* SPDX-License-Identifier: Apache-2.0 */
/* mediagated: keeps the few capabilities the gate needs, then runs until it is told to stop. */
#include "confine.h"
#include "core.h"
#include "log.h"

#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* What each is for; docs/threats.md has the same list. */
static const unsigned int kept[] = {
	CAP_SYS_ADMIN, /* mount and namespaces of a job, re-reading a partition table */
	CAP_SETUID, CAP_SETGID, CAP_SETPCAP, /* helpers and jobs give up root */
	CAP_KILL,  /* a job that does not end */
	CAP_MKNOD, /* the private /dev of --prepare */
	CAP_CHOWN, /* the same */
	CAP_NET_ADMIN, /* not core's own: watch asks for a large buffer for kernel events before it gives up all */
};

#define PASSED_ON (1ull << CAP_NET_ADMIN) /* kept for helpers, never in force here */
static int lock_down(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {};
	struct rlimit no_core = {0, 0};
	uint64_t set = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		set |= 1ull << kept[i];
	for (unsigned long cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (!(set & 1ull << cap) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) && errno != EINVAL)
			return -errno;
	data[0].permitted = (uint32_t)set;
	data[1].permitted = (uint32_t)(set >> 32);
	data[0].effective = (uint32_t)(set & ~PASSED_ON);
	data[1].effective = (uint32_t)((set & ~PASSED_ON) >> 32);
	if (syscall(SYS_capset, &header, data))
		return -errno;
	/* nothing that is executed from here on gains a right by its file's mode */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	umask(0077);
	return setrlimit(RLIMIT_CORE, &no_core) ? -errno : 0;
}

int main(int argc, char **argv)
{
	_cleanup_(core_freep) struct Core *core = NULL;
	int r;

	log_open("mediagated");
	if (argc > 1) {
		fprintf(stderr, "%s takes no arguments; see mediagated(8)\n", argv[0]);
		return EXIT_USAGE;
	}
	if (geteuid() != 0) {
		log_error("must be started as root");
		return EXIT_REFUSED;
	}
	r = core_new(&core);
	if (r >= 0)
		r = lock_down();
	if (r >= 0)
		r = core_confine();
	if (r >= 0)
		r = core_run(core);
	if (r < 0)
		log_error("%s; every port stays closed", strerror(-r));
	return r < 0 ? EXIT_INTERNAL : EXIT_OK;
}
