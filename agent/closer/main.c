/* SPDX-License-Identifier: Apache-2.0 */
/*
 * closer [--now]: runs when the agent has ended, however it ended. First the jobs, which sync and exit by
 * themselves, then the gate: nothing is written to an interface whose job still runs.
 */
#include "closer.h"

#include "log.h"
#include "privs.h"
#include "sysfs.h"

#include <fcntl.h>
#include <stdio.h>

#define WAIT 10000 /* milliseconds */

/* Whose processes hold a medium: a copy under way, a label being written. */
static const char *const job_users[] = {"mediagate-copy", "mediagate-label"};

static void said(void *owner _unused_, const char *interface, int r)
{
	if (r < 0)
		log_error("interface %s: cannot be closed: %s", interface, strerror(-r));
	else
		log_info("interface %s: closed", interface);
}

static void wait_for_jobs(const char *user)
{
	uid_t uid;
	gid_t gid;
	int r = privs_lookup(user, &uid, &gid);

	/* without the user there are no jobs; root's processes are never waited for, nor killed */
	if (r < 0 || uid == 0)
		return;
	r = closer_wait(uid, WAIT);
	if (r < 0)
		log_error("jobs cannot be waited for: %s", strerror(-r));
	else if (r > 0)
		log_warning("%d jobs did not end in time and were killed", r);
}

int main(int argc, char **argv)
{
	_cleanup_fd_ int usb = -1;
	bool now = argc == 2 && !strcmp(argv[1], "--now");
	int r;

	log_open("closer");
	if (argc > 1 && !now) {
		fprintf(stderr, "usage: %s [--now]\n", argv[0]);
		return 2;
	}
	for (size_t i = 0; i < ARRAY_SIZE(job_users) && !now; i++)
		wait_for_jobs(job_users[i]);
	usb = open(SYSFS_USB, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (usb < 0) {
		if (errno != ENOENT)
			log_error("%s: %s", SYSFS_USB, strerror(errno));
		return 0; /* no USB, nothing to close */
	}
	r = closer_close(usb, said, NULL);
	if (r < 0)
		log_error("%s: %s", SYSFS_USB, strerror(-r));
	return 0;
}
