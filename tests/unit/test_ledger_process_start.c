/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger process makes of the folder it finds at its start. */
#include "ledger_rig.h"

#include "ahead.h"
#include "clock.h"
#include "confine.h"
#include "hex.h"
#include "str.h"
#include "stream.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static struct Rig rig;

static int setup(void **state)
{
	(void)state;
	rig_make(&rig, NULL);
	assert_int_equal(rig_enrol(&rig), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_remove(&rig);
	return 0;
}

static void append_one(void)
{
	struct Record r;
	uint64_t n;

	record_start(&r, RECORD_LIST, RESULT_DONE);
	STR_SET(r.actor, "clerk1");
	assert_int_equal(rig_append(&rig, &r, &n), FAULT_OK);
}

static void start(void)
{
	assert_int_equal(rig_start(&rig), 0);
}

static void assert_whole(uint64_t records)
{
	struct LedgerReport report;

	rig_verify(&rig, &report);
	assert_string_equal(report.error, "");
	assert_int_equal(report.fault, 0);
	assert_int_equal(report.records, records);
	assert_int_equal(report.covered, records);
	assert_int_equal(report.torn, 0);
}

static void test_not_enrolled_is_said(void **state)
{
	(void)state;
	assert_int_equal(unlinkat(rig.dir, "enrolment", 0), 0);
	assert_int_equal(rig_start(&rig), FAULT_NOT_ENROLLED);
	assert_int_equal(rig_stop(&rig), 1);
}

static void flip(const char *name, size_t at)
{
	_cleanup_fd_ int year = rig_year_dir(&rig), fd = openat(year, name, O_RDWR);
	uint8_t c;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &c, 1, (off_t)at), 1);
	c ^= 1;
	assert_int_equal(pwrite(fd, &c, 1, (off_t)at), 1);
}

static void test_every_flipped_bit_closes_the_ledger(void **state)
{
	static const char *const names[] = {"records.jsonl", "checkpoint", "vkey"};

	(void)state;
	start();
	append_one();
	assert_int_equal(rig_stop(&rig), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *bytes = NULL;
		size_t n;

		bytes = rig_file(&rig, names[i], &n);
		for (size_t at = 0; at + 1 < n; at += 1 + n / 40) {
			flip(names[i], at);
			assert_int_equal(rig_start(&rig), FAULT_LEDGER_ALTERED);
			assert_int_equal(rig_stop(&rig), 1);
			flip(names[i], at);
		}
	}
	start();
	assert_int_equal(rig_stop(&rig), 0);
	assert_whole(4); /* the enrolment, the record, a key for each start that was one */
}

static void test_a_cut_ledger_is_closed(void **state)
{
	_cleanup_fd_ int year = -1;
	_cleanup_fd_ int fd = -1;
	off_t size;

	(void)state;
	start();
	append_one();
	assert_int_equal(rig_stop(&rig), 0);
	year = rig_year_dir(&rig);
	fd = openat(year, "records.jsonl", O_RDWR);
	size = lseek(fd, 0, SEEK_END);
	assert_int_equal(ftruncate(fd, size - 1), 0);
	assert_int_equal(rig_start(&rig), FAULT_LEDGER_ALTERED);
	assert_int_equal(rig_stop(&rig), 1);
	assert_int_equal(unlinkat(year, "checkpoint", 0), 0);
	assert_int_equal(rig_start(&rig), FAULT_LEDGER_ALTERED);
	assert_int_equal(rig_stop(&rig), 1);
}

static void add_tail(const char *text)
{
	_cleanup_fd_ int year = rig_year_dir(&rig), fd = openat(year, "records.jsonl", O_WRONLY | O_APPEND);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void test_lines_beyond_the_checkpoint_are_adopted_and_named(void **state)
{
	_cleanup_free_ char *records = NULL;

	(void)state;
	add_tail("{\"n\":1,\"t\":\"2026-11-21T10:00:00.000+09:00\",\"kind\":\"list\",\"terminal\":\"T-01\","
	         "\"actor\":\"clerk1\",\"result\":\"done\"}\n"
	         "{\"n\":2,\"t\":\"2026-11-21T10:00:00.001+09:00\",\"kind\":\"read\",\"terminal\":\"T-01\","
	         "\"result\":\"intent\"}\n");
	start();
	assert_int_equal(rig.end.n, 5);
	assert_int_equal(rig.n_pending, 1);
	assert_int_equal(rig.pending[0].n, 2);
	assert_int_equal(rig_stop(&rig), 0);
	assert_whole(5);
	records = rig_file(&rig, "records.jsonl", NULL);
	assert_non_null(strstr(records, ",\"kind\":\"recovered\",\"terminal\":\"T-01\",\"result\":\"done\","
	                                "\"detail\":{\"first\":1,\"last\":2,\"boot\":\"" RIG_BOOT "\"}}\n"));
}

static void test_a_torn_line_is_cut_and_kept_in_hex(void **state)
{
	char torn[3000], expected[2 * 1024 + 1];
	_cleanup_free_ char *records = NULL;
	char *at;

	(void)state;
	for (size_t i = 0; i < sizeof(torn); i++)
		torn[i] = (char)('a' + i % 26);
	torn[sizeof(torn) - 1] = '\0';
	add_tail(torn);
	start();
	assert_int_equal(rig.end.n, 5);
	assert_int_equal(rig_stop(&rig), 0);
	assert_whole(5);
	records = rig_file(&rig, "records.jsonl", NULL);
	at = records;
	for (size_t from = 0; from < sizeof(torn) - 1; from += 1024) {
		size_t n = MIN((size_t)1024, sizeof(torn) - 1 - from);

		hex_encode((const uint8_t *)torn + from, n, expected);
		at = strstr(at, "\"detail\":{\"torn\":\"");
		assert_non_null(at);
		at += strlen("\"detail\":{\"torn\":\"");
		assert_int_equal(strncmp(at, expected, 2 * n), 0);
		assert_int_equal(at[2 * n], '"');
	}
	assert_null(rig_file(&rig, "torn", NULL));
}

static void test_a_garbage_line_beyond_the_checkpoint_closes_the_ledger(void **state)
{
	(void)state;
	add_tail("garbage\n");
	assert_int_equal(rig_start(&rig), FAULT_LEDGER_ALTERED);
	assert_int_equal(rig_stop(&rig), 1);
}

static void test_a_recovered_record_does_not_move_the_last_time(void **state)
{
	(void)state;
	add_tail("{\"n\":1,\"t\":\"2050-01-01T00:00:00.000+00:00\",\"kind\":\"list\",\"terminal\":\"T-01\"}"
	         "\n");
	start();
	assert_int_equal(rig.end.last_time, INT64_C(2524608000000));
	assert_int_equal(rig_stop(&rig), 0);
	start();
	assert_int_equal(rig.end.last_time, INT64_C(2524608000000));
	assert_int_equal(rig_stop(&rig), 0);
}

static size_t zones(const char *words)
{
	_cleanup_free_ char *lines = rig_file(&rig, "records.jsonl", NULL);
	size_t n = 0;

	for (const char *at = lines; (at = strstr(at, words)); at++)
		n++;
	return n;
}

static void test_another_time_zone_is_on_record_once(void **state)
{
	(void)state;
	start();
	append_one();
	assert_int_equal(rig_stop(&rig), 0);
	assert_int_equal(zones("zone"), 0);
	setenv("TZ", "UTC0", 1);
	for (int i = 0; i < 2; i++) {
		start();
		append_one();
		assert_int_equal(rig_stop(&rig), 0);
	}
	setenv("TZ", "JST-9", 1);
	assert_int_equal(zones("\"kind\":\"clock\""), 1);
	assert_int_equal(zones("{\"zone_before\":\"+09:00\",\"zone\":\"+00:00\"}"), 1);
	start();
	assert_int_equal(rig_stop(&rig), 0);
	assert_int_equal(zones("{\"zone_before\":\"+00:00\",\"zone\":\"+09:00\"}"), 1);
}

static void test_enrolling_never_touches_records_that_follow(void **state)
{
	_cleanup_free_ char *before = NULL, *after = NULL;

	(void)state;
	start();
	append_one();
	assert_int_equal(rig_stop(&rig), 0);
	before = rig_file(&rig, "records.jsonl", NULL);
	assert_int_equal(unlinkat(rig.dir, "enrolment", 0), 0);
	assert_int_equal(rig_enrol(&rig), FAULT_LEDGER_ALTERED);
	after = rig_file(&rig, "records.jsonl", NULL);
	assert_string_equal(before, after);
}

static void test_the_folder_is_closed_to_others(void **state)
{
	static const struct {
		const char *path;
		mode_t mode;
	} rows[] = {{"keys", 0700}, {"keys/ledger.key", 0600}, {"keys/label.key", 0600}, {"ledger", 0750},
	        {"ledger/" RIG_TERMINAL, 0750}, {"enrolment", 0644}};
	struct stat st;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(fstatat(rig.dir, rows[i].path, &st, 0), 0);
		assert_int_equal(st.st_mode & 07777, rows[i].mode);
	}
}

static int step(void *owner _unused_, const struct AheadLine *line)
{
	return line->put ? 0 : -EPROTO;
}

/* Of each thread of a process: how many there are, and how many of them are in a filter. */
static void threads_of(pid_t pid, int *ret_n, int *ret_confined)
{
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	assert_non_null(dir);
	*ret_n = *ret_confined = 0;
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		_cleanup_fd_ int task = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		_cleanup_fd_ int fd = e->d_name[0] == '.' ? -1 : openat(task, "status", O_RDONLY | O_CLOEXEC);
		char text[4096] = "";

		if (fd < 0)
			continue;
		assert_true(read(fd, text, sizeof(text) - 1) > 0);
		++*ret_n;
		*ret_confined += strstr(text, "Seccomp:\t2\n") != NULL;
	}
	closedir(dir);
}

/* core's, in which the process is born; agent/core has a header of the same name */
int core_confine(void);

static void test_the_second_thread_is_in_the_sandbox_too_and_works_there(void **state _unused_)
{
	const struct Tree none = TREE_NULL;
	int ends[2], status, n, confined;
	char byte = 0;
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		_cleanup_fd_ int year = rig_year_dir(&rig), fd = openat(year, "records.jsonl", O_RDONLY);
		struct Ahead *ahead;
		size_t left;

		if (core_confine() || ahead_new(&ahead) || ledger_confine() ||
		        write(ends[1], &byte, 1) != 1 || read(ends[1], &byte, 1) != 1)
			_exit(1);
		if (ahead_begin(ahead, fd, 0, &none) || ahead_step(ahead, step, NULL, &left) != STREAM_MORE ||
		        ahead_step(ahead, step, NULL, &left) != 0)
			_exit(2);
		ahead_free(ahead);
		_exit(0);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	threads_of(pid, &n, &confined);
	assert_int_equal(n, 2);
	if (SANDBOX)
		assert_int_equal(confined, 2);
	assert_int_equal(write(ends[0], &byte, 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(ends[0]);
	close(ends[1]);
}

static void test_once_it_has_started_there_is_one_thread(void **state _unused_)
{
	int n, confined;

	rig.small_index = true; /* it has one for this ledger, too */
	start();
	/* one that was joined may still be on its way out */
	for (int i = 0; i < 3000; i++) {
		threads_of(rig.pid, &n, &confined);
		if (n == 1)
			break;
		usleep(10000);
	}
	assert_int_equal(n, 1);
	rig_stop(&rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_not_enrolled_is_said),
	        TEST(test_every_flipped_bit_closes_the_ledger),
	        TEST(test_a_cut_ledger_is_closed),
	        TEST(test_lines_beyond_the_checkpoint_are_adopted_and_named),
	        TEST(test_a_torn_line_is_cut_and_kept_in_hex),
	        TEST(test_a_garbage_line_beyond_the_checkpoint_closes_the_ledger),
	        TEST(test_a_recovered_record_does_not_move_the_last_time),
	        TEST(test_another_time_zone_is_on_record_once),
	        TEST(test_enrolling_never_touches_records_that_follow),
	        TEST(test_the_folder_is_closed_to_others),
	        TEST(test_the_second_thread_is_in_the_sandbox_too_and_works_there),
	        TEST(test_once_it_has_started_there_is_one_thread),
	};

	umask(0022);
	setenv("TZ", "JST-9", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
