/* SPDX-License-Identifier: Apache-2.0 */
/*
 * closer [--now]: runs when the agent has ended, however it ended. First the jobs, which sync and exit by
 * themselves, then the gate: nothing is written to an interface whose job still runs.
 */
#include "closer.h"

#include "clock.h"
#include "log.h"
#include "privs.h"
#include "sandbox.h"
#include "sysfs.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>

#define WAIT  10000 /* milliseconds, for all jobs together: mediagated-sleep.service gives us 20 s */
#define MARKS "/run/mediagate/observe"

/* Whose processes hold a medium: a copy under way, a label being written. */
static const char *const job_users[] = {"mediagate-copy", "mediagate-label"};

static void said(void *owner _unused_, const char *interface, int r)
{
	if (r < 0)
		log_error("interface %s: cannot be closed: %s", interface, strerror(-r));
	else
		log_info("interface %s: closed", interface);
}

/* 0 where there is no such user, so no job of theirs. */
static uid_t job_user(const char *name)
{
	uid_t uid;
	gid_t gid;

	return privs_lookup(name, &uid, &gid) < 0 ? 0 : uid;
}

/* What is not listed is answered with EPERM: its death would leave the gate open. */
static const struct SandboxRow allowed[] = {
	SANDBOX_COMMON,
	SANDBOX_ALLOW(read),
	SANDBOX_ALLOW(openat),
	SANDBOX_ALLOW(lseek),
	SANDBOX_ALLOW(getdents64),
	SANDBOX_ALLOW(readlinkat),
	SANDBOX_ALLOW(newfstatat),
	SANDBOX_ALLOW(fstat),
	SANDBOX_ALLOW(fcntl),
	SANDBOX_ALLOW(poll),
	SANDBOX_ALLOW(pidfd_open),
	SANDBOX_ALLOW(pidfd_send_signal),
	/* the thread that a write is left to */
	SANDBOX_ALLOW(clone),
	SANDBOX_DENY(clone3, ENOSYS),
	SANDBOX_ALLOW(set_robust_list),
	SANDBOX_ALLOW(rseq),
};

/* Of root's rights it needs one: to end a job. It closes in any case. */
static void confine(void)
{
	int r = privs_keep(1ull << CAP_KILL, 1ull << CAP_KILL);

	if (r < 0)
		log_warning("keeps more rights than it needs: %s", strerror(-r));
	r = sandbox_enter_tool(allowed, ARRAY_SIZE(allowed));
	if (r < 0)
		log_warning("works without a filter: %s", strerror(-r));
}

static void wait_for_jobs(uid_t user, int64_t end)
{
	int64_t left = end - clock_boot();
	int r;

	/* root's processes are never waited for, nor killed */
	if (user == 0)
		return;
	r = closer_wait(user, left < 0 ? 0 : (int)left);
	if (r < 0)
		log_error("jobs cannot be waited for: %s", strerror(-r));
	else if (r > 0)
		log_warning("%d jobs did not end in time and were killed", r);
}

/* Before anything is closed: no node is made anew for everybody by a rule that still finds its mark. And before the filter,
   which knows of no files that go. */
static void marks_remove(void)
{
	_cleanup_fd_ int marks = open(MARKS, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	int r = marks < 0 ? -errno : closer_unmark(marks);

	if (r < 0 && r != -ENOENT)
		log_error(MARKS ": %s", strerror(-r));
}

int main(int argc, char **argv)
{
	_cleanup_fd_ int usb = -1;
	uid_t users[ARRAY_SIZE(job_users)] = {0};
	int64_t end = clock_boot() + WAIT;
	bool now = argc == 2 && !strcmp(argv[1], "--now");
	int r;

	log_open("closer");
	if (argc > 1 && !now) {
		fprintf(stderr, "usage: %s [--now]\n", argv[0]);
		return 2;
	}
	for (size_t i = 0; i < ARRAY_SIZE(job_users) && !now; i++)
		users[i] = job_user(job_users[i]);
	marks_remove();
	confine();
	for (size_t i = 0; i < ARRAY_SIZE(users); i++)
		wait_for_jobs(users[i], end);
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
