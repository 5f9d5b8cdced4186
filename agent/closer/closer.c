/* SPDX-License-Identifier: Apache-2.0 */
#include "closer.h"

#include "alias.h"
#include "clock.h"
#include "file.h"
#include "push.h"
#include "sysfs.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>

/* ------------------------------------------------------------------ jobs */

#define JOBS_MOST 64
#define PATIENCE \
	1000 /* milliseconds for a driver whose device does not answer: the next one is closed meanwhile */
#define KILL_TIME 2000 /* milliseconds that a killed process may take, stuck in the medium's driver */

struct Jobs {
	uid_t user;
	size_t n;
	struct pollfd ends[JOBS_MOST]; /* readable when the process has ended; -1: it has */
};

static void jobs_done(struct Jobs *j)
{
	for (size_t i = 0; i < j->n; i++)
		j->ends[i].fd = fd_close(j->ends[i].fd);
	j->n = 0;
}

/* Not by the folder's owner: that is root when a process is not dumpable, and jobs are not. */
static bool is_of_user(int proc, const char *pid, uid_t user)
{
	char path[32], status[4096];
	const char *line;
	unsigned int real;

	if (snprintf(path, sizeof(path), "%s/status", pid) >= (int)sizeof(path) ||
	        file_read_text_at(proc, path, status, sizeof(status)) < 0)
		return false;
	line = strstr(status, "\nUid:");
	return line && sscanf(line, "\nUid: %u", &real) == 1 && real == user;
}

static int job_add(void *owner, int proc, const char *name)
{
	struct Jobs *j = owner;
	_cleanup_fd_ int fd = -1;

	if (name[strspn(name, "0123456789")] || j->n == JOBS_MOST || !is_of_user(proc, name, j->user))
		return 0;
	fd = (int)syscall(SYS_pidfd_open, atoi(name), 0);
	/* asked again with the descriptor in hand: the number may have been given to somebody else */
	if (fd < 0 || !is_of_user(proc, name, j->user))
		return 0;
	j->ends[j->n++] = (struct pollfd){.fd = fd_steal(&fd), .events = POLLIN};
	return 0;
}

/* Until all have ended or the time is up: how many are left. */
static size_t jobs_wait(struct Jobs *j, int milliseconds)
{
	int64_t end = clock_boot() + milliseconds;
	size_t left = j->n;

	while (left) {
		int64_t wait = end - clock_boot();

		if (poll(j->ends, j->n, wait < 0 ? 0 : (int)wait) < 0 && errno != EINTR)
			break;
		left = 0;
		for (size_t i = 0; i < j->n; i++) {
			if (j->ends[i].fd >= 0 && j->ends[i].revents)
				j->ends[i].fd = fd_close(j->ends[i].fd);
			left += j->ends[i].fd >= 0;
		}
		if (wait <= 0)
			break;
	}
	return left;
}

int closer_wait(uid_t user, int milliseconds)
{
	_cleanup_(jobs_done) struct Jobs j = {.user = user};
	_cleanup_fd_ int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t left;
	int r;

	if (proc < 0)
		return -errno;
	r = sysfs_each(proc, job_add, &j);
	if (r < 0)
		return r;
	left = jobs_wait(&j, milliseconds);
	if (!left)
		return 0;
	for (size_t i = 0; i < j.n; i++)
		if (j.ends[i].fd >= 0)
			(void)syscall(SYS_pidfd_send_signal, j.ends[i].fd, SIGKILL, NULL, 0);
	(void)jobs_wait(&j, KILL_TIME);
	return (int)left;
}

/* ------------------------------------------------------------------ interfaces */

struct Closing {
	void (*said)(void *owner, const char *interface, int r);
	void *owner;
	int failures;
};

static bool is_storage(int interface)
{
	char text[16], driver[64];

	if (sysfs_link(interface, "driver", driver, sizeof(driver)) == 0 && alias_is_storage_driver(driver))
		return true;
	return file_read_text_at(interface, "bInterfaceClass", text, sizeof(text)) > 0 &&
	       (!strcmp(text, "08") || !strcmp(text, "06"));
}

static int interface_close(void *owner, int dir, const char *name)
{
	struct Closing *c = owner;
	_cleanup_fd_ int interface = -1;
	char now[8];
	int r;

	/* never a root hub's own interface, nor a device: that would take a keyboard along */
	if (!sysfs_is_interface(name))
		return 0;
	interface = openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (interface < 0 || !is_storage(interface) ||
	        file_read_text_at(interface, "authorized", now, sizeof(now)) < 0 || !strcmp(now, "0"))
		return 0;
	r = push_at(interface, "authorized", "0", PATIENCE);
	if (r == -ENOENT || r == -ENODEV)
		return 0; /* unplugged */
	/* the kernel takes the leave away before it waits for the driver */
	if (r == -ETIMEDOUT && file_read_text_at(interface, "authorized", now, sizeof(now)) > 0 &&
	        !strcmp(now, "0"))
		r = 0;
	c->failures += r < 0;
	c->said(c->owner, name, r);
	return 0;
}

int closer_close(int usb, void (*said)(void *owner, const char *interface, int r), void *owner)
{
	struct Closing c = {said, owner, 0};
	int r = sysfs_each(usb, interface_close, &c);

	return r < 0 ? r : c.failures;
}

/* ------------------------------------------------------------------ observe mode */

static int mark_remove(void *owner, int dir, const char *name)
{
	int *failed = owner;

	if (unlinkat(dir, name, 0) && errno != ENOENT)
		*failed = -errno;
	return 0;
}

int closer_unmark(int marks)
{
	int failed = 0, r = sysfs_each(marks, mark_remove, &failed);

	return r < 0 ? r : failed;
}
