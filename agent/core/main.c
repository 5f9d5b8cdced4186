/* SPDX-License-Identifier: Apache-2.0 */
/* mediagated: keeps the few capabilities the gate needs, then runs until it is told to stop. */
#include "confine.h"
#include "core.h"
#include "log.h"
#include "privs.h"

#include <linux/capability.h>
#include <stdio.h>
#include <sys/stat.h>

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
	uint64_t set = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		set |= 1ull << kept[i];
	umask(0077);
	return privs_keep(set, set & ~PASSED_ON);
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
