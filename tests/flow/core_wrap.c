/* SPDX-License-Identifier: Apache-2.0 */
#include "core_wrap.h"

#include "clock.h"
#include "core_rig.h"
#include "file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>

static struct Rig *rig;
static struct WrapPlan *plan;

void wrap_use(struct Rig *r)
{
	rig = r;
}

const char *wrap_note(void)
{
	return rig ? rig->note : "";
}

void wrap_plan(struct WrapPlan *p)
{
	plan = p;
}

struct WrapRow {
	const char *word;
	int errors[2];
};

#define WRAP_ROW(name, word, first, second) {word, {first, second}},
static const struct WrapRow rows[_WRAP_N] = {WRAP_CALLS(WRAP_ROW)};

const char *wrap_word(enum WrapCall call)
{
	return rows[call].word;
}

int wrap_error(enum WrapCall call, unsigned int which)
{
	return which < ARRAY_SIZE(rows[call].errors) ? rows[call].errors[which] : 0;
}

/* True: this call of core's is to fail, errno is set. */
static bool fails(enum WrapCall call)
{
	if (!plan || !rig || !rig->in_core || ++plan->seen[call] != plan->at || call != plan->call)
		return false;
	plan->happened = true;
	errno = plan->error;
	return true;
}

#define WRAP(type, name, ...)             \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

/* ------------------------------------------------------------------ time, children, callers */

WRAP(int64_t, clock_now, void)
{
	return rig ? rig->now : __real_clock_now();
}

WRAP(int64_t, clock_boot, void)
{
	return rig ? rig->boot : __real_clock_boot();
}

WRAP(int64_t, clock_slept, void)
{
	return rig ? rig->slept : __real_clock_slept();
}

/* The script's end of every pair of core's. */
WRAP(int, socketpair, int domain, int type, int protocol, int pair[2])
{
	if (fails(WRAP_SOCKETPAIR))
		return -1;
	if (__real_socketpair(domain, type, protocol, pair))
		return -1;
	for (size_t i = 0; rig && rig->in_core && i < RIG_ENDS; i++) {
		struct RigEnd *end = &rig->ends[i];

		if (end->theirs >= 0 || end->pid)
			continue;
		rig->in_core = false; /* what follows is not core's */
		*end = (struct RigEnd){.ours = pair[0], .theirs = dup(pair[1])};
		RIG_MUST(end->theirs >= 0 && fcntl(end->theirs, F_SETFL, O_NONBLOCK) == 0);
		rig->in_core = true;
		break;
	}
	return 0;
}

/* No child is made: a script is one. */
WRAP(pid_t, fork, void)
{
	if (!rig || !rig->in_core)
		return __real_fork();
	if (fails(WRAP_FORK))
		return -1;
	for (size_t i = 0; i < RIG_ENDS; i++)
		if (rig->ends[i].theirs >= 0 && !rig->ends[i].pid)
			return rig->ends[i].pid = ++rig->next_pid;
	for (size_t i = 0; i < RIG_ENDS; i++)
		if (rig->ends[i].theirs < 0 && !rig->ends[i].pid) {
			rig->ends[i] = (struct RigEnd){
				.ours = -1, .theirs = -1, .pid = ++rig->next_pid, .role = RIG_PREPARE};
			return rig->next_pid;
		}
	abort();
}

WRAP(int, kill, pid_t pid, int number)
{
	if (!rig || !rig->in_core)
		return __real_kill(pid, number);
	for (size_t i = 0; i < RIG_ENDS; i++)
		if (rig->ends[i].pid == pid && number == SIGKILL) {
			rig->ends[i].theirs = fd_close(rig->ends[i].theirs);
			rig->ends[i].gone = true;
			rig->ends[i].step = SIGKILL;
			return 0;
		}
	errno = ESRCH;
	return -1;
}

WRAP(pid_t, waitpid, pid_t pid, int *status, int options)
{
	if (!rig || !rig->in_core)
		return __real_waitpid(pid, status, options);
	for (size_t i = 0; i < RIG_ENDS; i++) {
		struct RigEnd *end = &rig->ends[i];

		if (!end->gone)
			continue;
		pid = end->pid;
		*status = end->role == RIG_PREPARE ? end->step : 0; /* a signal's number is a status, too */
		*end = (struct RigEnd){.ours = -1, .theirs = -1};
		return pid;
	}
	return 0;
}

WRAP(int, getsockopt, int fd, int level, int name, void *value, socklen_t *size)
{
	if (!rig || level != SOL_SOCKET || name != SO_PEERCRED)
		return __real_getsockopt(fd, level, name, value, size);
	if (fails(WRAP_GETSOCKOPT))
		return -1;
	memcpy(value, &(struct ucred){.pid = 1, .uid = rig->caller, .gid = rig->caller}, sizeof(struct ucred));
	return 0;
}

/* The temporary folder is what core takes for /sys. */
WRAP(int, fstatfs64, int fd, struct statfs64 *fs)
{
	if (fails(WRAP_FSTATFS))
		return -1;
	*fs = (struct statfs64){.f_type = SYSFS_MAGIC};
	return rig ? 0 : __real_fstatfs64(fd, fs);
}

/* The kernel's files are those of the rig's machine, where it has one. */
static const char *machine_path(const char *path, char there[static 256])
{
	static const char *const tops[] = {
		"/sys/", "/dev/", "/proc/self/mountinfo", "/proc/swaps", "/etc/udev/", "/etc/mediagate/"};

	for (size_t i = 0; rig && rig->machine && rig->in_core && i < ARRAY_SIZE(tops); i++)
		if (!strncmp(path, tops[i], strlen(tops[i])) || !strcmp(path, "/proc")) {
			snprintf(there, 256, "%s/machine%s", rig->folder, path);
			return there;
		}
	return path;
}

WRAP(FILE *, fopen64, const char *path, const char *mode)
{
	char there[256];

	return fails(WRAP_FOPEN) ? NULL : __real_fopen64(machine_path(path, there), mode);
}

WRAP(int, open64, const char *path, int flags, ...)
{
	char there[256];

	if (fails(WRAP_OPEN))
		return -1;
	path = machine_path(path, there);
	if (rig && rig->in_core && !strcmp(path, "/etc/mediagate")) {
		snprintf(there, sizeof(there), "%s/etc", rig->folder);
		path = there;
	}
	return __real_open64(path, flags);
}

/* In a child that there is not. */
_noreturn_ void mount_and_become(const struct MountOrder *o, int channel, int person)
{
	(void)o;
	(void)channel;
	(void)person;
	abort();
}

/* ------------------------------------------------------------------ what may never happen */

ssize_t __real_read(int fd, void *bytes, size_t n);

WRAP(int, file_write_at, int dir, const char *name, const char *text)
{
	bool port = rig && rig->in_core && !strcmp(name, "authorized");
	struct RigDevice *d = NULL;

	if (rig && rig->in_core)
		rig->n_writes++;
	if (rig && rig->in_core && rig->wrote)
		rig->wrote(rig, dir, name, text);
	if (port)
		rig->in_core = false;
	for (size_t i = 0; port && i < rig->n_devices && !d; i++) {
		char path[160];
		struct stat a, b;

		snprintf(path, sizeof(path), "%s/%s/%s", rig->folder, rig->devices[i].port, rig->devices[i].interface);
		if (!stat(path, &a) && !fstat(dir, &b) && a.st_ino == b.st_ino)
			d = &rig->devices[i];
	}
	if (port)
		rig->in_core = true;
	if (d && text[0] == '1')
		RIG_MUST(d->leave || d->let_leave || rig->liar);
	if (d && text[0] == '0') {
		d->leave = d->leave && d->let_leave;
		d->let_leave = false;
		d->cut = d->disk;
	}
	if (d && text[0] == '1' && rig->hangs)
		(void)__real_read(rig->hangs, &(char){0}, 1);
	return __real_file_write_at(dir, name, text);
}

/* The folder has no driver that could hang: no thread, and no time that a busy machine could run out of. */
WRAP(int, push_at, int dir, const char *name, const char *text, int milliseconds)
{
	return rig ? __wrap_file_write_at(dir, name, text) : __real_push_at(dir, name, text, milliseconds);
}

WRAP(int, pusher_new, struct Pusher **ret)
{
	return rig ? -EAGAIN : __real_pusher_new(ret);
}

WRAP(int, pusher_run, struct Pusher **p, struct PushWork *w, int milliseconds)
{
	int r;

	if (!rig || rig->threads)
		return __real_pusher_run(p, w, milliseconds);
	r = w->run(w);
	w->done(w);
	return r;
}

/* ------------------------------------------------------------------ what can fail */

#define FAILS_AS(row, type, failed, name, call, ...) \
	WRAP(type, name, __VA_ARGS__)                \
	{                                            \
		if (fails(WRAP_##row))               \
			return failed;               \
		return __real_##name call;           \
	}

FAILS_AS(SENDMSG, ssize_t, -1, sendmsg, (fd, m, flags), int fd, const struct msghdr *m, int flags)
FAILS_AS(RECVMSG, ssize_t, -1, recvmsg, (fd, m, flags), int fd, struct msghdr *m, int flags)
FAILS_AS(EPOLL_CTL, int, -1, epoll_ctl, (e, op, fd, event), int e, int op, int fd, struct epoll_event *event)
FAILS_AS(EPOLL_WAIT, int, -1, epoll_wait, (e, events, n, wait), int e, struct epoll_event *events, int n, int wait)
FAILS_AS(READ, ssize_t, -1, read, (fd, bytes, n), int fd, void *bytes, size_t n)
FAILS_AS(FSTAT, int, -1, fstat64, (fd, st), int fd, struct stat64 *st)
FAILS_AS(PREAD, ssize_t, -1, pread64, (fd, bytes, n, at), int fd, void *bytes, size_t n, off64_t at)
FAILS_AS(MEMFD, int, -1, memfd_create, (name, flags), const char *name, unsigned int flags)
FAILS_AS(RENAMEAT, int, -1, renameat, (a, from, b, to), int a, const char *from, int b, const char *to)
FAILS_AS(MKDIRAT, int, -1, mkdirat, (dir, name, mode), int dir, const char *name, mode_t mode)
FAILS_AS(GETRANDOM, ssize_t, -1, getrandom, (bytes, n, flags), void *bytes, size_t n, unsigned int flags)
FAILS_AS(READLINK, ssize_t, -1, readlink, (path, to, n), const char *path, char *to, size_t n)
FAILS_AS(READLINKAT, ssize_t, -1, readlinkat, (dir, path, to, n), int dir, const char *path, char *to, size_t n)
FAILS_AS(GETLINE, ssize_t, -1, getline, (line, size, in), char **line, size_t *size, FILE *in)
FAILS_AS(MALLOC, void *, NULL, malloc, (n), size_t n)
FAILS_AS(CALLOC, void *, NULL, calloc, (n, size), size_t n, size_t size)
FAILS_AS(REALLOCARRAY, void *, NULL, reallocarray, (p, n, size), void *p, size_t n, size_t size)

/* Nothing here outlives the machine. */
WRAP(int, fdatasync, int fd)
{
	(void)__real_fdatasync;
	(void)fd;
	return fails(WRAP_FDATASYNC) ? -1 : 0;
}

WRAP(int, fsync, int fd)
{
	(void)__real_fsync;
	(void)fd;
	return fails(WRAP_FSYNC) ? -1 : 0;
}

WRAP(ssize_t, write, int fd, const void *bytes, size_t n)
{
	if (fd == STDERR_FILENO && rig && rig->in_core)
		return rig->quiet ? (ssize_t)n : __real_write(fd, bytes, n);
	return fails(WRAP_WRITE) ? -1 : __real_write(fd, bytes, n);
}

WRAP(int, openat64, int dir, const char *name, int flags, ...)
{
	char there[256];
	mode_t mode = 0;

	if (flags & O_CREAT) {
		va_list list;

		va_start(list, flags);
		mode = va_arg(list, mode_t);
		va_end(list);
	}
	return fails(WRAP_OPENAT) ? -1 : __real_openat64(dir, machine_path(name, there), flags, mode);
}

WRAP(int, fcntl64, int fd, int command, ...)
{
	va_list list;
	int value;

	va_start(list, command);
	value = va_arg(list, int); /* what core and the rig give it */
	va_end(list);
	return fails(WRAP_FCNTL) ? -1 : __real_fcntl64(fd, command, value);
}
