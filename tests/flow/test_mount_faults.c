/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The children that core forks for a session, for --prepare and to have a medium mended, with every call of
 * theirs to mounts, the disk and its node failing once: what cannot be mounted as it must be is never handed to
 * a job, no tool runs after one that failed, and nothing passes for mended that is not. No root: what the kernel
 * would do is said by the calls that stand here.
 */
#include "channel.h"
#include "fault.h"
#include "job.h"
#include "volume.h"

#include <fcntl.h>
#include <libmount.h>
#include <linux/fs.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include <cmocka.h>

#define BECAME_COPY 77
#define SIZE	    (64ull << 20)
#define SEQUENCE    9ull

/* name, the errors that it can fail with */
#define CALLS(X)                                                     \
	X(unshare, EPERM, ENOSPC)                                    \
	X(mount, EPERM, ENOMEM)                                      \
	X(mnt_new_context, ENOMEM, 0)                                \
	X(mnt_context_disable_helpers, 0, 0)                         \
	X(mnt_context_disable_mtab, 0, 0)                            \
	X(mnt_context_disable_canonicalize, 0, 0)                    \
	X(mnt_context_set_source, ENOMEM, 0)                         \
	X(mnt_context_set_target, ENOMEM, 0)                         \
	X(mnt_context_set_fstype, ENOMEM, 0)                         \
	X(mnt_context_set_options, ENOMEM, 0)                        \
	X(mnt_context_mount, EIO, EROFS)                             \
	X(open64, EIO, ENXIO)                                        \
	X(fstat64, EIO, ENOMEM)                                      \
	X(ioctl, EIO, ENODEV)                                        \
	X(fcntl64, EMFILE, 0)                                        \
	X(dup2, EMFILE, 0)                                           \
	X(close_range, ENOSYS, 0)                                    \
	X(privs_drop, EPERM, 0)                                      \
	X(mknod, EPERM, 0)                                           \
	X(chmod, EPERM, 0)                                           \
	X(chown, EPERM, 0)                                           \
	X(pipe2, EMFILE, 0)                                          \
	X(write, EIO, 0)                                             \
	X(fork, EAGAIN, 0)                                           \
	X(read, EIO, 0)                                              \
	X(tools_confine, EPERM, 0)                                   \
	X(setrlimit64, EPERM, 0)                                     \
	X(pread64, EIO, 0)                                           \
	X(fsync, EIO, 0)                                             \
	X(pwrite64, EIO, ENOSPC)                                     \
	X(getrandom, ENOSYS, 0)

#define CALL_ENUM(name, first, second) CALL_##name,
enum Call { CALLS(CALL_ENUM) _CALL_N };

struct CallRow {
	const char *name;
	int errors[2];
};

#define CALL_ROW(name, first, second) {#name, {first, second}},
static const struct CallRow rows[_CALL_N] = {CALLS(CALL_ROW)};

/* Shared: children count and act, the parent looks. */
struct Plan {
	bool on;
	enum Call call;
	unsigned int at;
	int error;
	bool happened;
	unsigned int seen[_CALL_N];
	unsigned int tools; /* begun */
	unsigned int repairs; /* so many of them end with 1: something was changed */
	int status;	      /* of the others */
	bool unclean;	      /* the medium's mark */
	uint8_t look;	      /* what core ordered, enum VolumeLook */
	unsigned int mounts, bare; /* session mounts; such with a flag missing */
	bool other_disk;   /* the node is another's from the second look on */
	unsigned int looks;
	bool lies; /* of the disk: half of it is not there */
};

static struct Plan *plan;

static bool fails(enum Call call)
{
	if (!plan->on || ++plan->seen[call] != plan->at || call != plan->call)
		return false;
	plan->happened = true;
	errno = plan->error;
	return true;
}

static inline void used(int n, ...)
{
	(void)n;
}

/* What the kernel would say yes to. */
#define STANDS(name, failed, args, ...)             \
	int __wrap_##name(__VA_ARGS__);             \
	int __wrap_##name(__VA_ARGS__)              \
	{                                           \
		used args;                          \
		return fails(CALL_##name) ? failed : 0; \
	}

/* As it is, unless it is to fail. */
#define PASSES(type, name, failed, call, ...)                          \
	type __real_##name(__VA_ARGS__);                               \
	type __wrap_##name(__VA_ARGS__);                               \
	type __wrap_##name(__VA_ARGS__)                                \
	{                                                              \
		return fails(CALL_##name) ? failed : __real_##name call; \
	}

STANDS(unshare, -1, (0, flags), int flags)
STANDS(mknod, -1, (0, path, mode, device), const char *path, mode_t mode, dev_t device)
STANDS(chmod, -1, (0, path, mode), const char *path, mode_t mode)
STANDS(chown, -1, (0, path, u, g), const char *path, uid_t u, gid_t g)
STANDS(privs_drop, -EPERM, (0, u, g, n), uid_t u, gid_t g, unsigned int n)
STANDS(tools_confine, -EPERM, (0), void)
STANDS(mnt_context_disable_helpers, 0, (0, c, on), struct libmnt_context *c, int on)
STANDS(mnt_context_disable_mtab, 0, (0, c, on), struct libmnt_context *c, int on)
STANDS(mnt_context_disable_canonicalize, 0, (0, c, on), struct libmnt_context *c, int on)
STANDS(mnt_context_set_source, -ENOMEM, (0, c, t), struct libmnt_context *c, const char *t)
STANDS(mnt_context_set_target, -ENOMEM, (0, c, t), struct libmnt_context *c, const char *t)
STANDS(mnt_context_set_fstype, -ENOMEM, (0, c, t), struct libmnt_context *c, const char *t)
PASSES(struct libmnt_context *, mnt_new_context, NULL, (), void)
PASSES(int, dup2, -1, (a, b), int a, int b)
PASSES(int, close_range, -1, (a, b, flags), unsigned int a, unsigned int b, int flags)
PASSES(int, pipe2, -1, (p, flags), int *p, int flags)
PASSES(ssize_t, write, -1, (fd, b, n), int fd, const void *b, size_t n)
PASSES(ssize_t, read, -1, (fd, b, n), int fd, void *b, size_t n)
PASSES(pid_t, fork, -1, (), void)
STANDS(fsync, -1, (0, fd), int fd)
STANDS(setrlimit64, -1, (0, what, most), int what, const struct rlimit *most)

int __wrap_mount(const char *what, const char *where, const char *type, unsigned long flags, const void *data);

int __wrap_mount(const char *what, const char *where, const char *type, unsigned long flags, const void *data)
{
	(void)what;
	(void)where;
	(void)type;
	(void)flags;
	(void)data;
	return fails(CALL_mount) ? -1 : 0;
}

int __wrap_mnt_context_set_options(struct libmnt_context *c, const char *options);

int __wrap_mnt_context_set_options(struct libmnt_context *c, const char *options)
{
	static const char *const forced[] = {"nosuid", "nodev", "noexec", "nosymfollow", "umask=0077"};

	(void)c;
	plan->mounts++;
	for (size_t i = 0; i < ARRAY_SIZE(forced); i++)
		plan->bare += !strstr(options, forced[i]);
	return fails(CALL_mnt_context_set_options) ? -ENOMEM : 0;
}

int __wrap_mnt_context_mount(struct libmnt_context *c);

int __wrap_mnt_context_mount(struct libmnt_context *c)
{
	(void)c;
	return fails(CALL_mnt_context_mount) ? -1 : 0;
}

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);

/* Every node and folder is there. */
int __wrap_open64(const char *path, int flags, ...)
{
	if (fails(CALL_open64))
		return -1;
	if (!strcmp(path, "/run/mediagate/mnt"))
		return __real_open64("/", flags);
	if (!strncmp(path, "/sys/class/block/", 17)) {
		int p[2];

		if (__real_pipe2(p, O_CLOEXEC) || __real_write(p[1], "8:17\n", 5) != 5)
			abort();
		close(p[1]);
		return p[0];
	}
	return __real_open64("/dev/null", flags & ~(O_NOFOLLOW | O_DIRECT));
}

int __wrap_fstat64(int fd, struct stat64 *st);

int __wrap_fstat64(int fd, struct stat64 *st)
{
	(void)fd;
	if (fails(CALL_fstat64))
		return -1;
	*st = (struct stat64){.st_mode = S_IFBLK, .st_rdev = makedev(8, 16), .st_dev = makedev(8, 17)};
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...);

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	uint64_t *value;
	va_list list;

	(void)fd;
	if (fails(CALL_ioctl))
		return -1;
	if (request == BLKRRPART)
		return 0;
	va_start(list, request);
	value = va_arg(list, uint64_t *);
	va_end(list);
	if (request == BLKGETSIZE64)
		*value = SIZE;
	if (request == BLKGETDISKSEQ)
		*value = plan->other_disk && plan->looks++ > 0 ? SEQUENCE + 1 : SEQUENCE;
	return 0;
}

int __real_fcntl64(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...);

int __wrap_fcntl64(int fd, int command, ...)
{
	va_list list;
	int value;

	va_start(list, command);
	value = va_arg(list, int);
	va_end(list);
	return fails(CALL_fcntl64) ? -1 : __real_fcntl64(fd, command, value);
}

int __wrap_execl(const char *path, const char *word, ...);

int __wrap_execl(const char *path, const char *word, ...)
{
	(void)path;
	(void)word;
	_exit(BECAME_COPY);
}

int __wrap_execve(const char *path, char *const *words, char *const *environment);

/* A tool that works, unless the plan says otherwise. */
int __wrap_execve(const char *path, char *const *words, char *const *environment)
{
	(void)path;
	(void)words;
	(void)environment;
	_exit(plan->tools++ < plan->repairs ? 1 : plan->status);
}

ssize_t __wrap_getrandom(void *bytes, size_t n, unsigned int flags);

ssize_t __wrap_getrandom(void *bytes, size_t n, unsigned int flags)
{
	(void)flags;
	if (fails(CALL_getrandom))
		return -1;
	memset(bytes, 0x5c, n);
	return (ssize_t)n;
}

/* What this child has written to the disk, where. */
static struct {
	off_t at;
	uint8_t bytes[4096];
} written[64];
static size_t n_written;

ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t n, off_t at);

ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
	(void)fd;
	if (fails(CALL_pwrite64))
		return -1;
	if (n != sizeof(written[0].bytes) || n_written == ARRAY_SIZE(written) || (uint64_t)at + n > SIZE)
		abort();
	if (plan->lies && (uint64_t)at >= SIZE / 2)
		return (ssize_t)n; /* dropped */
	written[n_written].at = at;
	memcpy(written[n_written++].bytes, bytes, n);
	return (ssize_t)n;
}

ssize_t __wrap_pread64(int fd, void *bytes, size_t n, off_t at);

/* What was written; or the first sector of a FAT file system, and what its table begins with. */
ssize_t __wrap_pread64(int fd, void *bytes, size_t n, off_t at)
{
	static const uint8_t fat32[VOLUME_SECTOR] = {[12] = 2, [13] = 1, [14] = 32, [16] = 2, [21] = 0xf8, [36] = 1};

	(void)fd;
	if (fails(CALL_pread64))
		return -1;
	memset(bytes, 0xff, n);
	for (size_t i = 0; i < n_written; i++)
		if (written[i].at == at)
			memcpy(bytes, written[i].bytes, n);
	if (at == 0) {
		memcpy(bytes, fat32, MIN(n, sizeof(fat32)));
		((uint8_t *)bytes)[65] = plan->unclean;
	}
	return (ssize_t)n;
}

/* ------------------------------------------------------------------ the runs */

static const struct MountOrder order = {
	.disk = {.name = "sdb", .partition = "sdb1", .major = 8, .minor = 16, .partition_minor = 17, .size = SIZE,
		.diskseq = SEQUENCE},
	.writable = true,
	.uid = 1,
	.gid = 1,
	.file_systems = {"vfat"},
};

static void plan_make(enum Call call, unsigned int at, int error)
{
	*plan = (struct Plan){.call = call, .at = at, .error = error, .look = LOOK_FOR_MARK};
}

#define UNCLEAN -1 /* told instead of a fault */

/* The child's status; *ret: what core was told, 0 when nothing. */
static int session(int *ret)
{
	struct Message m;
	int pair[2], status;
	pid_t pid;

	assert_int_equal(channel_pair(pair), 0);
	pid = __real_fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		struct MountOrder o = order;

		o.look = plan->look;
		plan->on = true;
		mount_and_become(&o, pair[1], -1);
	}
	close(pair[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	*ret = channel_receive(pair[0], &m) ? 0 : m.type == MSG_JOB_DONE ? m.body.JOB_DONE.fault : UNCLEAN;
	close(pair[0]);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_a_medium_that_mounts_as_it_must_becomes_a_job(void **state)
{
	int told;

	(void)state;
	plan_make(0, 0, 0);
	assert_int_equal(session(&told), BECAME_COPY);
	assert_int_equal(told, 0);
	assert_int_equal(plan->mounts, 1);
	assert_int_equal(plan->bare, 0);
}

static void test_a_disk_that_is_another_after_the_mount_is_no_jobs(void **state)
{
	int told;

	(void)state;
	plan_make(0, 0, 0);
	plan->other_disk = true;
	assert_int_equal(session(&told), 0);
	assert_int_equal(told, FAULT_CHANGED_DEVICE);
}

static void test_no_call_that_fails_lets_a_job_begin(void **state)
{
	unsigned int seen[_CALL_N], runs = 0;
	int told, status;

	(void)state;
	plan_make(0, 0, 0);
	assert_int_equal(session(&told), BECAME_COPY);
	memcpy(seen, plan->seen, sizeof(seen));
	for (enum Call call = 0; call < _CALL_N; call++)
		for (unsigned int e = 0; e < 2 && rows[call].errors[e]; e++)
			for (unsigned int at = 1; at <= seen[call]; at++) {
				plan_make(call, at, rows[call].errors[e]);
				status = session(&told);
				if (status == BECAME_COPY || (!told && !status) || !plan->happened)
					fail_msg("%s, call %u, %s: status %d, fault %d", rows[call].name, at,
						strerror(rows[call].errors[e]), status, told);
				runs++;
			}
	assert_true(runs > 20);
	printf("%u calls failed\n", runs);
}

static void test_an_unclean_medium_is_told_and_not_mounted(void **state)
{
	int told;

	(void)state;
	plan_make(0, 0, 0);
	plan->unclean = true;
	assert_int_equal(session(&told), 0);
	assert_int_equal(told, UNCLEAN);
	assert_int_equal(plan->mounts, 0);
}

static void test_a_suspect_medium_is_told_whatever_its_mark_says(void **state)
{
	int told;

	(void)state;
	plan_make(0, 0, 0);
	plan->look = LOOK_SUSPECT;
	assert_int_equal(session(&told), 0);
	assert_int_equal(told, UNCLEAN);
}

static void test_what_has_been_tried_is_mounted_whatever_its_mark_says(void **state)
{
	int told;

	(void)state;
	plan_make(0, 0, 0);
	plan->look = LOOK_NOT;
	plan->unclean = true;
	assert_int_equal(session(&told), BECAME_COPY);
	assert_int_equal(told, 0);
	assert_int_equal(plan->mounts, 1);
}

/* The status of the child that mends; the plan is made. */
static int mended(void)
{
	int status;
	pid_t pid = __real_fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		plan->on = true;
		mend_and_exit(&order, "vfat");
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_a_medium_is_mended_until_its_tool_finds_nothing_more(void **state)
{
	(void)state;
	plan_make(0, 0, 0);
	assert_int_equal(mended(), 0);
	assert_int_equal(plan->tools, 1);
	plan_make(0, 0, 0);
	plan->repairs = 3;
	assert_int_equal(mended(), 0);
	assert_int_equal(plan->tools, 4);
}

static void test_a_tool_that_fails_or_never_has_done_does_not_mend(void **state)
{
	static const int statuses[] = {2, 4, 8, 126, 127};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		plan_make(0, 0, 0);
		plan->status = statuses[i];
		assert_int_not_equal(mended(), 0);
		assert_int_equal(plan->tools, 1);
	}
	plan_make(0, 0, 0);
	plan->repairs = 1000;
	assert_int_not_equal(mended(), 0);
	assert_in_range(plan->tools, 2, 20);
}

static void test_no_call_that_fails_passes_for_a_mended_medium(void **state)
{
	unsigned int seen[_CALL_N], runs = 0;

	(void)state;
	plan_make(0, 0, 0);
	plan->repairs = 1;
	assert_int_equal(mended(), 0);
	memcpy(seen, plan->seen, sizeof(seen));
	for (enum Call call = 0; call < _CALL_N; call++)
		for (unsigned int e = 0; e < 2 && rows[call].errors[e]; e++)
			for (unsigned int at = 1; at <= seen[call]; at++) {
				int status;

				plan_make(call, at, rows[call].errors[e]);
				plan->repairs = 1;
				status = mended();
				if (!status || !plan->happened)
					fail_msg("%s, call %u, %s: status %d, %u tools", rows[call].name, at,
						strerror(rows[call].errors[e]), status, plan->tools);
				runs++;
			}
	assert_true(runs > 20);
	printf("%u calls failed\n", runs);
}

static void test_no_other_disk_is_mended(void **state)
{
	(void)state;
	plan_make(0, 0, 0);
	plan->other_disk = true;
	assert_int_not_equal(mended(), 0);
	plan_make(0, 0, 0);
	plan->other_disk = true;
	plan->looks = 1;
	assert_int_not_equal(mended(), 0);
	assert_int_equal(plan->tools, 0);
}

static int prepared(void)
{
	int status;
	pid_t pid = __real_fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		plan->on = true;
		prepare_and_exit(&order, "vfat");
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_a_disk_that_is_smaller_than_it_says_is_not_prepared(void **state)
{
	(void)state;
	plan_make(0, 0, 0);
	plan->lies = true;
	assert_int_equal(prepared(), PREPARE_LIES);
	assert_int_equal(plan->tools, 0);
}

static void test_another_disk_is_not_prepared(void **state)
{
	(void)state;
	plan_make(0, 0, 0);
	plan->other_disk = true;
	plan->looks = 1;
	assert_int_equal(prepared(), 1);
	assert_int_equal(plan->tools, 0);
	assert_int_equal(plan->seen[CALL_pwrite64], 0);
}

static void test_no_call_that_fails_passes_for_a_prepared_medium(void **state)
{
	unsigned int seen[_CALL_N], runs = 0;
	int status;

	(void)state;
	plan_make(0, 0, 0);
	assert_int_equal(prepared(), 0);
	assert_int_equal(plan->tools, 2);
	memcpy(seen, plan->seen, sizeof(seen));
	for (enum Call call = 0; call < _CALL_N; call++)
		for (unsigned int e = 0; e < 2 && rows[call].errors[e]; e++)
			for (unsigned int at = 1; at <= seen[call]; at++) {
				plan_make(call, at, rows[call].errors[e]);
				status = prepared();
				if (!status || !plan->happened || plan->tools > 1)
					fail_msg("%s, call %u, %s: status %d, %u tools", rows[call].name, at,
						strerror(rows[call].errors[e]), status, plan->tools);
				runs++;
			}
	assert_true(runs > 20);
	printf("%u calls failed\n", runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_medium_that_mounts_as_it_must_becomes_a_job),
		cmocka_unit_test(test_a_disk_that_is_another_after_the_mount_is_no_jobs),
		cmocka_unit_test(test_no_call_that_fails_lets_a_job_begin),
		cmocka_unit_test(test_no_call_that_fails_passes_for_a_prepared_medium),
		cmocka_unit_test(test_a_disk_that_is_smaller_than_it_says_is_not_prepared),
		cmocka_unit_test(test_another_disk_is_not_prepared),
		cmocka_unit_test(test_an_unclean_medium_is_told_and_not_mounted),
		cmocka_unit_test(test_a_suspect_medium_is_told_whatever_its_mark_says),
		cmocka_unit_test(test_what_has_been_tried_is_mounted_whatever_its_mark_says),
		cmocka_unit_test(test_a_medium_is_mended_until_its_tool_finds_nothing_more),
		cmocka_unit_test(test_a_tool_that_fails_or_never_has_done_does_not_mend),
		cmocka_unit_test(test_no_call_that_fails_passes_for_a_mended_medium),
		cmocka_unit_test(test_no_other_disk_is_mended),
	};

	plan = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (plan == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
