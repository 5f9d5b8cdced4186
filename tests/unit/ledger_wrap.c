/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_wrap.h"

#include "channel.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

struct Plan *plan;
static pid_t parent;

/*
 * The sanitizer keeps 256 MiB of what was freed, and each of thousands of forks copies the page tables of it: half
 * of the kernel's time in these tests. A child allocates far less than this before it ends.
 */
const char *__asan_default_options(void);
__attribute__((visibility("default"))) const char *__asan_default_options(void)
{
	return "quarantine_size_mb=16";
}

void plan_make(void)
{
	plan = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (plan == MAP_FAILED)
		abort();
	parent = getpid();
}

void plan_arm(int at, int how, int error)
{
	*plan = (struct Plan){.armed = 1, .at = at, .how = how, .error = error};
}

void plan_disarm(void)
{
	plan->armed = 0;
	plan->full = false;
	plan->no_blocks = false;
}

bool plan_start(struct Rig *g, int at, int how, int error)
{
	plan_arm(at, how, error);
	(void)!rig_start(g);
	rig_stop(g);
	return plan->calls >= at;
}

/* True: the call is to fail with errno set. */
static bool before_call(void)
{
	if (!plan || !plan->armed || ++plan->calls != plan->at)
		return false;
	if (plan->how == HOW_BEFORE)
		plan->happened = true;
	if (plan->how == HOW_BEFORE)
		_exit(99);
	if (plan->how != HOW_FAIL)
		return false;
	plan->happened = true;
	errno = plan->error;
	return true;
}

static bool is_now(enum How how)
{
	return plan && plan->armed && plan->calls == plan->at && plan->how == (int)how;
}

static void after_call(void)
{
	if (!is_now(HOW_AFTER))
		return;
	plan->happened = true;
	_exit(99);
}

/* The wrapped calls; names with 64 where large files rename them. */
ssize_t __real_write(int fd, const void *bytes, size_t n);
ssize_t __wrap_write(int fd, const void *bytes, size_t n);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __real_ftruncate64(int fd, off_t n);
int __wrap_ftruncate64(int fd, off_t n);
int __real_openat64(int dir, const char *name, int flags, ...);
int __wrap_openat64(int dir, const char *name, int flags, ...);
int __real_fallocate64(int fd, int mode, off_t from, off_t n);
int __wrap_fallocate64(int fd, int mode, off_t from, off_t n);
ssize_t __real_sendmsg(int fd, const struct msghdr *m, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *m, int flags);
int __real_mkdirat(int dir, const char *name, mode_t mode);
int __wrap_mkdirat(int dir, const char *name, mode_t mode);
int __real_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags);

ssize_t __wrap_write(int fd, const void *bytes, size_t n)
{
	ssize_t k;

	if (fd == STDERR_FILENO)
		return __real_write(fd, bytes, n);
	if (before_call())
		return -1;
	if (is_now(HOW_MIDDLE) || is_now(HOW_FAIL_SHORT)) {
		bool kill = is_now(HOW_MIDDLE);

		plan->happened = true;
		plan->dirty = true;
		k = __real_write(fd, bytes, n / 2);
		if (kill)
			_exit(99);
		plan->how = HOW_FAIL;
		plan->at++; /* what follows a short write is the rest: that fails */
		return k;
	}
	k = __real_write(fd, bytes, n);
	if (plan)
		plan->dirty = true;
	after_call();
	return k;
}

/* Nothing is promised while something that was written could still be lost. */
ssize_t __wrap_sendmsg(int fd, const struct msghdr *m, int flags)
{
	uint32_t type;

	memcpy(&type, m->msg_iov[0].iov_base, sizeof(type));
	if (plan && plan->armed && getpid() != parent && plan->dirty &&
	        (type == MSG_APPENDED || type == MSG_COVERED))
		plan->lied = true;
	return __real_sendmsg(fd, m, flags);
}

static void synced(void)
{
	if (plan)
		plan->dirty = false;
}

#define CALL(call)         \
	int r_;            \
	if (before_call()) \
		return -1; \
	r_ = (call);       \
	after_call();      \
	return r_

int __wrap_fdatasync(int fd)
{
	synced();
	CALL(__real_fdatasync(fd));
}

int __wrap_fsync(int fd)
{
	synced();
	CALL(__real_fsync(fd));
}

int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	if (plan)
		plan->dirty = true;
	CALL(__real_renameat(from_dir, from, to_dir, to));
}

int __wrap_ftruncate64(int fd, off_t n)
{
	if (plan)
		plan->dirty = true;
	CALL(__real_ftruncate64(fd, n));
}

int __wrap_openat64(int dir, const char *name, int flags, ...)
{
	mode_t mode = 0;
	struct stat st;

	if (flags & O_CREAT) {
		va_list list;

		va_start(list, flags);
		mode = va_arg(list, mode_t);
		va_end(list);
		if (plan && plan->no_blocks && !fstatat(dir, "reserve", &st, 0)) {
			errno = ENOSPC;
			return -1;
		}
	}
	CALL(__real_openat64(dir, name, flags, mode));
}

int __wrap_fallocate64(int fd, int mode, off_t from, off_t n)
{
	if (plan && plan->full) {
		errno = ENOSPC;
		return -1;
	}
	CALL(__real_fallocate64(fd, mode, from, n));
}

int __wrap_mkdirat(int dir, const char *name, mode_t mode)
{
	CALL(__real_mkdirat(dir, name, mode));
}

int __wrap_unlinkat(int dir, const char *name, int flags)
{
	CALL(__real_unlinkat(dir, name, flags));
}
