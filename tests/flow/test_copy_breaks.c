/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job cut at every point: killed before each of its calls that change the medium or tell somebody,
 * each such call failing, the plug pulled at each, the person or core gone after each message, files that
 * hang. Whatever happens: no final folder that is not whole, no plaintext on the medium.
 */
#include "copy_rig.h"
#include "str.h"

#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum BreakMode {
	BREAK_NONE,
	BREAK_COUNT,
	BREAK_KILL,   /* before the call */
	BREAK_FAIL,   /* this call alone */
	BREAK_UNPLUG, /* this call and all after it */
};

enum Hang {
	HANG_NONE,
	HANG_FSTAT,
	HANG_READ,
	HANG_CLOSE,
};

/* Set before the fork; `count` is shared, so that the test hears it. */
static struct {
	enum BreakMode mode;
	unsigned int at;
	int error;
	enum Hang hang;
	uint64_t room; /* bytes free, 0: as it is */
	bool read_only;
	unsigned int *count;
	pid_t job; /* known in the job and in its reader */
} script;

/* fstat and fstatvfs are called by these names under 64-bit offsets. */
/* The certificate that copies here are for: deriving a key from a password would take all the time. */
static char certificate[2048];

static bool in_job(void)
{
	return script.job && getpid() == script.job;
}

static bool in_reader(void)
{
	return script.job && getpid() != script.job;
}

/* True: the call fails, errno is set. */
static bool broken(bool of_medium)
{
	unsigned int k;

	if (!in_job() || script.mode == BREAK_NONE)
		return false;
	if (!of_medium && script.mode != BREAK_KILL && script.mode != BREAK_COUNT)
		return false;
	k = ++*script.count;
	if (script.mode == BREAK_KILL && k == script.at)
		kill(getpid(), SIGKILL);
	errno = script.error;
	return (script.mode == BREAK_FAIL && k == script.at) ||
	       (script.mode == BREAK_UNPLUG && k >= script.at);
}

static void hang(enum Hang where)
{
	while (in_reader() && script.hang == where)
		poll(NULL, 0, -1);
}

#define WRAP(type, name, params, args, medium)                   \
	type __real_##name params;                               \
	type __wrap_##name params;                               \
	type __wrap_##name params                                \
	{                                                        \
		return broken(medium) ? -1 : __real_##name args; \
	}

WRAP(int, fsync, (int fd), (fd), true)
WRAP(int, syncfs, (int fd), (fd), true)
WRAP(int, mkdirat, (int dir, const char *name, mode_t mode), (dir, name, mode), true)
WRAP(int, renameat, (int a, const char *b, int c, const char *d), (a, b, c, d), true)
WRAP(int, unlinkat, (int dir, const char *name, int flags), (dir, name, flags), true)
WRAP(int, sync_file_range, (int fd, off_t at, off_t n, unsigned int flags), (fd, at, n, flags), true)

ssize_t __real_sendmsg(int fd, const struct msghdr *m, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *m, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *m, int flags)
{
	uint32_t type;

	memcpy(&type, m->msg_iov[0].iov_base, sizeof(type));
	/* how far it is is told by the clock: on a busy machine there are more such calls, and points would move */
	return type != MSG_PROGRESS && broken(false) ? -1 : __real_sendmsg(fd, m, flags);
}

ssize_t __real_write(int fd, const void *bytes, size_t n);
ssize_t __wrap_write(int fd, const void *bytes, size_t n);
ssize_t __wrap_write(int fd, const void *bytes, size_t n)
{
	/* eight bytes wake the reader: that is not the medium */
	return n != 8 && broken(true) ? -1 : __real_write(fd, bytes, n);
}

ssize_t __real_read(int fd, void *bytes, size_t n);
ssize_t __wrap_read(int fd, void *bytes, size_t n);
ssize_t __wrap_read(int fd, void *bytes, size_t n)
{
	if (n != 8)
		hang(HANG_READ);
	return __real_read(fd, bytes, n);
}

int __real_fstat64(int fd, struct stat *st);
int __wrap_fstat64(int fd, struct stat *st);
int __wrap_fstat64(int fd, struct stat *st)
{
	hang(HANG_FSTAT);
	return __real_fstat64(fd, st);
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
	static unsigned int closed;

	/* the reader closes the job's two descriptors first, then files only */
	if (in_reader() && ++closed > 2)
		hang(HANG_CLOSE);
	return __real_close(fd);
}

int __real_fstatvfs64(int fd, struct statvfs *st);
int __wrap_fstatvfs64(int fd, struct statvfs *st);
int __wrap_fstatvfs64(int fd, struct statvfs *st)
{
	int r = __real_fstatvfs64(fd, st);

	if (script.room) {
		st->f_frsize = 4096;
		st->f_bavail = script.room / 4096;
	}
	if (script.read_only)
		st->f_flag |= ST_RDONLY;
	return r;
}

/* ------------------------------------------------------------------ the rig for it */

static void remember_job(struct Rig *r)
{
	(void)r;
	script.job = getpid();
}

static void start(struct Rig *r)
{
	unsigned int *count = script.count;

	memset(&script, 0, sizeof(script));
	script.count = count;
	rig_start(r, JOB_COPY);
	r->forked = remember_job;
	r->limits.part_size = 256 << 10;
	rig_write_marked(r, "in/a", 5000);
	rig_write(r, "in/empty", "", 0);
	rig_write_marked(r, "in/long", 600000);
	rig_add(r, "in/a", "a");
	rig_add(r, "in/empty", "empty");
	rig_add(r, "in/long", "long");
	r->pem[0] = certificate;
}

static void again(struct Rig *r)
{
	assert_int_equal(rig_shell(r, "rm -rf medium && mkdir medium"), 0);
	*script.count = 0;
	rig_run(r);
}

/* How many points there are: from a run that nothing disturbs. */
static unsigned int points(struct Rig *r, bool of_medium)
{
	unsigned int n;

	script.mode = BREAK_COUNT;
	again(r);
	assert_int_equal(r->done.fault, FAULT_OK);
	n = *script.count;
	if (of_medium) { /* messages do not count where they cannot fail */
		script.mode = BREAK_FAIL;
		script.at = UINT32_MAX;
		again(r);
		n = *script.count;
	}
	assert_true(n > 15);
	return n;
}

static int set_up(void **state)
{
	struct Rig r;
	char full[256];
	FILE *f;

	(void)state;
	script.count =
	        mmap(NULL, sizeof(unsigned int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (script.count == MAP_FAILED)
		return -1;
	rig_start(&r, JOB_COPY);
	if (rig_shell(&r, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
	                  "-keyout in/key -out in/crt -subj /CN=r -days 30 2>in/log"))
		return -1;
	snprintf(full, sizeof(full), "%s/in/crt", r.folder);
	f = fopen(full, "re");
	if (!f || fread(certificate, 1, sizeof(certificate) - 1, f) == 0)
		return -1;
	fclose(f);
	rig_done(&r);
	return 0;
}

/* ------------------------------------------------------------------ claims */

static void test_killed_before_any_call_it_leaves_no_final_folder_that_is_not_whole(void **state)
{
	struct Rig r;
	unsigned int n, whole = 0;

	(void)state;
	start(&r);
	n = points(&r, false);
	for (unsigned int k = 1; k <= n; k++) {
		script.mode = BREAK_KILL;
		script.at = k;
		again(&r);
		assert_true(WIFSIGNALED(r.status) && WTERMSIG(r.status) == SIGKILL);
		assert_true(rig_medium_whole(&r));
		assert_true(rig_medium_hides(&r));
		whole += rig_count(&r, "MEDIAGATE-");
		/* the next session puts it right */
		script.mode = BREAK_NONE;
		STR_CUT(r.order.copy, "NEXT1");
		rig_run(&r);
		assert_int_equal(r.done.fault, FAULT_OK);
		assert_int_equal(rig_count(&r, ".MEDIAGATE-"), 0);
		STR_CUT(r.order.copy, "7KQ2M0ZBXW93");
	}
	/* the rename is one of the points, so some runs came that far */
	assert_in_range(whole, 1, n - 10);
	rig_done(&r);
}

static void test_any_call_that_fails_fails_the_copy_and_leaves_nothing(void **state)
{
	static const int errors[][2] = {
	        {EIO, FAULT_MEDIUM_ERROR}, {ENOSPC, FAULT_MEDIUM_FULL}, {EROFS, FAULT_READ_ONLY_MEDIUM}};
	struct Rig r;
	unsigned int n;

	(void)state;
	start(&r);
	n = points(&r, true);
	for (size_t e = 0; e < ARRAY_SIZE(errors); e++)
		for (unsigned int k = 1; k <= n; k++) {
			script.mode = BREAK_FAIL;
			script.at = k;
			script.error = errors[e][0];
			again(&r);
			assert_int_equal(r.done.fault, errors[e][1]);
			assert_string_equal(r.done.subject, "USB-0007");
			assert_int_equal(rig_count(&r, ""), 0);
		}
	rig_done(&r);
}

static void test_unplugged_at_any_call_it_says_so_and_ends(void **state)
{
	struct Rig r;
	unsigned int n;

	(void)state;
	start(&r);
	n = points(&r, true);
	for (unsigned int k = 1; k <= n; k++) {
		script.mode = BREAK_UNPLUG;
		script.at = k;
		script.error = ENODEV;
		again(&r);
		assert_true(r.has_done);
		assert_int_equal(r.done.fault, FAULT_MEDIUM_GONE);
		assert_true(rig_medium_whole(&r));
		assert_true(rig_medium_hides(&r));
	}
	rig_done(&r);
}

static void test_core_may_name_the_reason_of_a_failing_medium(void **state)
{
	struct Rig r;

	(void)state;
	start(&r);
	r.limits.grace = 5000;
	script.mode = BREAK_UNPLUG;
	script.at = 12;
	script.error = EIO;
	/* the kernel says EIO where a plug was pulled; core knows better a moment later */
	r.cut = CUT_STOP;
	r.cut_at = 5;
	again(&r);
	assert_int_equal(r.done.fault, FAULT_MEDIUM_GONE);
	rig_done(&r);
}

static void test_stopped_after_any_message_it_is_done_or_leaves_nothing(void **state)
{
	static const struct {
		enum RigCut cut;
		int fault;
	} ways[] = {{CUT_PERSON, FAULT_CANCELLED}, {CUT_SHUTDOWN, FAULT_CANCELLED},
	        {CUT_STOP, FAULT_MEDIUM_GONE}, {CUT_CORE, FAULT_OK}};
	struct Rig r;
	unsigned int n, done;

	(void)state;
	start(&r);
	again(&r);
	n = r.n_messages;
	assert_true(n > 8);
	for (size_t w = 0; w < ARRAY_SIZE(ways); w++) {
		done = 0;
		for (unsigned int k = 1; k < n; k++) {
			r.cut = ways[w].cut;
			r.cut_at = k;
			again(&r);
			assert_int_equal(r.status, 0);
			assert_true(rig_medium_whole(&r));
			if (r.has_done && r.done.fault == FAULT_OK) {
				done++;
				assert_int_equal(rig_count(&r, "MEDIAGATE-"), 1);
				assert_int_equal(rig_count(&r, "."), 0);
			} else if (r.has_done) {
				assert_int_equal(r.done.fault, ways[w].fault);
				assert_int_equal(rig_count(&r, ""), 0);
			} else {
				assert_int_equal(ways[w].cut, CUT_CORE);
				assert_int_equal(rig_count(&r, "."), 0);
			}
		}
		/* before JOB_READY nothing may come into force */
		assert_true(done < n - 2);
	}
	rig_done(&r);
}

static void test_a_file_that_hangs_fails_the_copy_by_name(void **state)
{
	static const enum Hang hangs[] = {HANG_FSTAT, HANG_READ, HANG_CLOSE};
	struct Rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hangs); i++) {
		int64_t begin;

		start(&r);
		r.limits.stall = 300;
		script.hang = hangs[i];
		begin = clock_boot();
		rig_run(&r);
		assert_in_range(clock_boot() - begin, 300, 25000);
		assert_int_equal(r.done.fault, FAULT_FILE_STALLED);
		assert_string_equal(r.done.subject, "a");
		assert_int_equal(rig_count(&r, ""), 0);
		rig_done(&r);
	}
}

static void test_a_full_medium_is_refused_before_a_byte_is_written(void **state)
{
	struct Rig r;

	(void)state;
	start(&r);
	script.room = 500000;
	script.mode = BREAK_COUNT;
	again(&r);
	assert_int_equal(r.done.fault, FAULT_MEDIUM_FULL);
	assert_string_equal(r.done.subject, "USB-0007");
	assert_int_equal(r.n_lines, 0);
	/* 605,000 bytes, the container's own, and a few clusters fit in a megabyte */
	script.room = 1 << 20;
	script.mode = BREAK_NONE;
	again(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	rig_done(&r);
}

static void test_a_write_protected_medium_is_called_so(void **state)
{
	struct Rig r;

	(void)state;
	start(&r);
	script.read_only = true;
	again(&r);
	assert_int_equal(r.done.fault, FAULT_READ_ONLY_MEDIUM);
	assert_string_equal(r.done.subject, "USB-0007");
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_killed_before_any_call_it_leaves_no_final_folder_that_is_not_whole),
	        cmocka_unit_test(test_any_call_that_fails_fails_the_copy_and_leaves_nothing),
	        cmocka_unit_test(test_unplugged_at_any_call_it_says_so_and_ends),
	        cmocka_unit_test(test_core_may_name_the_reason_of_a_failing_medium),
	        cmocka_unit_test(test_stopped_after_any_message_it_is_done_or_leaves_nothing),
	        cmocka_unit_test(test_a_file_that_hangs_fails_the_copy_by_name),
	        cmocka_unit_test(test_a_full_medium_is_refused_before_a_byte_is_written),
	        cmocka_unit_test(test_a_write_protected_medium_is_called_so),
	};

	return cmocka_run_group_tests_name("copy_breaks", tests, set_up, NULL);
}
