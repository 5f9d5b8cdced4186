/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The drop of a year's ledger as the ledger process does it: what is looked at before, and a break at any
 * call of it. The next start finds the year whole, or none of it and the outcome on record.
 */
#include "ledger_rig.h"
#include "ledger_wrap.h"

#include "clock.h"
#include "settings.h"
#include "str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cmocka.h>

#define ONE_YEAR INT64_C(31536000000)

static struct Rig rig;
static int64_t *shift; /* of the clock of all processes */

int64_t __real_clock_now(void);
int64_t __wrap_clock_now(void);

int64_t __wrap_clock_now(void)
{
	return __real_clock_now() + *shift;
}

static uint32_t old_year(void)
{
	return clock_fiscal_year(__real_clock_now());
}

static uint32_t new_year(void)
{
	return clock_fiscal_year(__real_clock_now() + ONE_YEAR);
}

/* A year of a few records, and the next one running. */
static void two_years(void)
{
	struct Record r;
	uint64_t n;

	plan_disarm();
	*shift = 0;
	rig_remove(&rig);
	rig_make(&rig, "/dev/shm");
	assert_int_equal(rig_enrol(&rig), 0);
	assert_int_equal(rig_start(&rig), 0);
	record_start(&r, RECORD_LIST, RESULT_DONE);
	assert_int_equal(rig_append(&rig, &r, &n), 0);
	assert_int_equal(rig_stop(&rig), 0);
	*shift = ONE_YEAR;
	assert_int_equal(rig_start(&rig), 0);
	rig.year = new_year();
}

static int setup(void **state _unused_)
{
	rig_make(&rig, "/dev/shm");
	two_years();
	return 0;
}

static int teardown(void **state _unused_)
{
	plan_disarm();
	*shift = 0;
	rig_remove(&rig);
	return 0;
}

/* A path with the year that goes in its middle. */
static void path_of(const char *before, const char *behind, char ret[static 128])
{
	snprintf(ret, 128, "ledger/" RIG_TERMINAL "/%s%u%s", before, old_year(), behind);
}

static bool there(const char *before, const char *behind)
{
	char path[128];
	struct stat st;

	path_of(before, behind, path);
	return !fstatat(rig.dir, path, &st, AT_SYMLINK_NOFOLLOW);
}

static int look(uint32_t year, struct MsgYearSeen *ret)
{
	struct MsgYearLook ask = {.cookie = 7, .year = year};
	struct Message m;

	if (rig_ask(&rig, MSG_YEAR_LOOK, &ask, MSG_YEAR_SEEN, &m))
		return -1;
	assert_int_equal(m.body.YEAR_SEEN.cookie, 7);
	*ret = m.body.YEAR_SEEN;
	return ret->fault;
}

static void old_origin(char ret[static 128])
{
	snprintf(ret, 128, RIG_DOMAIN "/mediagate/" RIG_TERMINAL "/%u", old_year());
}

/* -1: the process ended. */
static int append(enum RecordKind kind, enum RecordResult result, const char *actor, uint64_t *ret_n)
{
	char origin[128];
	struct Record r;

	old_origin(origin);
	record_start(&r, kind, result);
	STR_SET(r.actor, actor);
	record_text(&r, KEY_ORIGIN, origin);
	return rig_append(&rig, &r, ret_n);
}

static int drop(const struct MsgYearSeen *seen)
{
	struct MsgYearDrop order = {.cookie = 8, .year = old_year(), .size = seen->size};
	struct Message m;

	memcpy(order.root, seen->root, sizeof(order.root));
	if (rig_ask(&rig, MSG_YEAR_DROP, &order, MSG_YEAR_DROPPED, &m))
		return -1;
	return m.body.YEAR_DROPPED.fault;
}

static void outcome(uint64_t intent)
{
	struct Record r;
	uint64_t n;

	record_start(&r, RECORD_DROP, RESULT_DONE);
	record_number(&r, KEY_INTENT, intent);
	assert_int_equal(rig_append(&rig, &r, &n), 0);
}

static void verify_new(void)
{
	struct LedgerReport report;

	rig_verify(&rig, &report);
	assert_string_equal(report.error, "");
	assert_int_equal(report.records, report.covered);
}

/* ------------------------------------------------------------------ looking */

static void test_a_closed_year_is_seen_as_it_was_closed(void **state _unused_)
{
	struct LedgerReport report;
	struct MsgYearSeen seen;
	char origin[128];

	old_origin(origin);
	assert_int_equal(look(old_year(), &seen), 0);
	rig.year = old_year();
	rig_verify(&rig, &report);
	assert_string_equal(seen.origin, origin);
	assert_int_equal(seen.size, report.covered);
	assert_memory_equal(seen.root, report.root, sizeof(seen.root));
	assert_string_equal(seen.vkey, report.vkey);
	assert_string_equal(seen.asked_by, "");
}

static void test_a_year_that_runs_or_never_was_is_none_to_drop(void **state _unused_)
{
	struct MsgYearSeen seen;

	assert_int_equal(look(new_year(), &seen), FAULT_YEAR_NOT_OVER);
	assert_int_equal(look(new_year() + 1, &seen), FAULT_YEAR_NOT_OVER);
	assert_int_equal(look(UINT32_MAX, &seen), FAULT_YEAR_NOT_OVER);
	assert_int_equal(look(old_year() - 1, &seen), FAULT_NO_SUCH_YEAR);
	assert_int_equal(look(0, &seen), FAULT_NO_SUCH_YEAR);
}

static void test_who_asked_is_read_from_the_ledger(void **state _unused_)
{
	struct MsgYearSeen seen;
	uint64_t n, intent;

	assert_int_equal(append(RECORD_DROP_ASKED, RESULT_DONE, "supervisor1", &n), 0);
	assert_int_equal(append(RECORD_DROP_ASKED, RESULT_REFUSED, "clerk1", &intent), 0);
	assert_int_equal(look(old_year(), &seen), 0);
	assert_string_equal(seen.asked_by, "supervisor1");
	assert_int_equal(seen.asked, n);
	assert_in_range(clock_now() - seen.asked_at, 0, 60000);
	/* after a restart too */
	assert_int_equal(rig_stop(&rig), 0);
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(look(old_year(), &seen), 0);
	assert_string_equal(seen.asked_by, "supervisor1");
	/* a confirmation uses it up, whatever comes of it */
	assert_int_equal(append(RECORD_DROP, RESULT_INTENT, "supervisor2", &intent), 0);
	assert_int_equal(look(old_year(), &seen), 0);
	assert_string_equal(seen.asked_by, "");
}

static void flip(const char *before, const char *behind)
{
	char path[128], byte;
	int fd;

	path_of(before, behind, path);
	fd = openat(rig.dir, path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, 60), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, 60), 1);
	close(fd);
}

static void test_a_year_that_is_not_as_it_was_closed_stays(void **state _unused_)
{
	static const char *const files[][2] = {
	        {"", "/records.jsonl"}, {"", "/checkpoint"}, {"", "/vkey"}, {"heads/", ".note"}};
	struct MsgYearSeen good, seen;

	assert_int_equal(look(old_year(), &good), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		flip(files[i][0], files[i][1]);
		assert_int_equal(look(old_year(), &seen), FAULT_LEDGER_ALTERED);
		if (i == 1 || i == 3)
			assert_int_equal(drop(&good), FAULT_LEDGER_ALTERED);
		flip(files[i][0], files[i][1]);
		assert_int_equal(look(old_year(), &seen), 0);
	}
	good.size++;
	assert_int_equal(drop(&good), FAULT_LEDGER_ALTERED);
	good.size--;
	good.root[0] ^= 1;
	assert_int_equal(drop(&good), FAULT_LEDGER_ALTERED);
	assert_true(there("", "/records.jsonl"));
}

/* ------------------------------------------------------------------ dropping */

static void test_a_dropped_year_leaves_its_last_checkpoint(void **state _unused_)
{
	struct MsgYearSeen seen;
	uint64_t intent;

	assert_int_equal(look(old_year(), &seen), 0);
	assert_int_equal(append(RECORD_DROP, RESULT_INTENT, "supervisor2", &intent), 0);
	assert_int_equal(drop(&seen), 0);
	outcome(intent);
	assert_false(there("", ""));
	assert_false(there(".", ".drop"));
	assert_true(there("heads/", ".note"));
	assert_int_equal(look(old_year(), &seen), FAULT_NO_SUCH_YEAR);
	assert_int_equal(rig_stop(&rig), 0);
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(rig.n_pending, 0);
	verify_new();
}

static void test_files_of_somebody_else_are_not_taken_along(void **state _unused_)
{
	struct MsgYearSeen seen;
	char path[128];
	int fd;

	path_of("", "/minutes.txt", path);
	fd = openat(rig.dir, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(look(old_year(), &seen), 0);
	assert_int_equal(drop(&seen), 0);
	assert_false(there("", ""));
	assert_true(there(".", ".drop/minutes.txt"));
	assert_false(there(".", ".drop/records.jsonl"));
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, what)); at++)
		n++;
	return n;
}

/* After a break: the year is whole and its drop is pending (for core to fail), or it is gone and that is on
 * record. */
static void check_settled(bool begun, bool *ret_went)
{
	_cleanup_free_ char *lines = NULL;
	struct MsgYearSeen seen;
	bool done;

	plan_disarm();
	assert_int_equal(rig_start(&rig), 0);
	rig.year = new_year();
	lines = rig_file(&rig, "records.jsonl", NULL);
	done = count(lines, "\"kind\":\"drop\",\"terminal\":\"" RIG_TERMINAL
	                    "\",\"actor\":\"supervisor2\",\"result\":\"done\"");
	*ret_went = !there("", "");
	assert_true(there("heads/", ".note"));
	assert_false(there(".", ".drop"));
	assert_int_equal(done, *ret_went);
	if (*ret_went) {
		assert_int_equal(rig.n_pending, 0);
		assert_int_equal(look(old_year(), &seen), FAULT_NO_SUCH_YEAR);
	} else {
		assert_int_equal(rig.n_pending, begun);
		assert_int_equal(look(old_year(), &seen), 0); /* whole: every record of it was read */
	}
	if (rig.n_pending) {
		assert_int_equal(rig.pending[0].kind, RECORD_DROP);
		assert_int_equal(rig.pending[0].year, old_year());
		assert_string_equal(rig.pending[0].actor, "supervisor2");
	}
	verify_new();
	assert_int_equal(rig_stop(&rig), 0);
}

/* Breaks each call of the drop itself. */
static void breaks(int how, int error, int *ret_kept, int *ret_went)
{
	bool more = true;

	for (int at = 1; more; at++) {
		struct MsgYearSeen seen;
		uint64_t intent;
		bool went;
		int r;

		two_years();
		assert_int_equal(look(old_year(), &seen), 0);
		assert_int_equal(append(RECORD_DROP, RESULT_INTENT, "supervisor2", &intent), 0);
		assert_int_equal(rig_cover(&rig, intent + 1), 0);
		plan_arm(at, how, error);
		r = drop(&seen);
		more = plan->calls >= at;
		assert_true(more || r == 0);
		/* what is answered as not begun is there, and what is answered as done is gone */
		if (r > 0)
			assert_true(there("", "/records.jsonl"));
		if (r == 0)
			assert_false(there("", ""));
		rig_kill(&rig);
		check_settled(true, &went);
		*ret_kept += !went;
		*ret_went += went;
	}
}

static void test_a_break_at_any_call_leaves_all_of_the_year_or_nothing(void **state _unused_)
{
	int kept = 0, went = 0;

	for (int how = 0; how < _HOW_KILLS; how++)
		breaks(how, 0, &kept, &went);
	breaks(HOW_FAIL, EIO, &kept, &went);
	breaks(HOW_FAIL, ENOSPC, &kept, &went);
	assert_true(kept > 10 && went > 40);
}

/* The year behind its point of no return: nothing of it is removed yet. */
static void begin_drop(void)
{
	char name[128], going[128];
	uint64_t intent;

	two_years();
	assert_int_equal(append(RECORD_DROP, RESULT_INTENT, "supervisor2", &intent), 0);
	assert_int_equal(rig_cover(&rig, intent + 1), 0);
	rig_kill(&rig);
	path_of("", "", name);
	path_of(".", ".drop", going);
	assert_int_equal(renameat(rig.dir, name, rig.dir, going), 0);
}

static void test_a_break_of_the_start_that_finishes_a_drop_is_finished_by_the_next(void **state _unused_)
{
	int points = 0;
	bool went;

	for (int how = 0; how < _HOW_KILLS; how++) {
		bool more = true;

		for (int at = 1; more; at++) {
			begin_drop();
			more = plan_start(&rig, at, how, 0);
			check_settled(true, &went);
			assert_true(went);
			points += more;
		}
	}
	assert_true(points > 60);
}

/* The year ends before the agent starts again: the outcome stands in the ledger of its intent. */
static void test_a_drop_cut_short_is_settled_before_the_year_ends(void **state _unused_)
{
	_cleanup_free_ char *lines = NULL;

	begin_drop();
	*shift = 2 * ONE_YEAR;
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(rig.n_pending, 0);
	lines = rig_file(&rig, "records.jsonl", NULL);
	assert_int_equal(count(lines, "\"kind\":\"drop\""), 2);
	assert_int_equal(rig_stop(&rig), 0);
	verify_new();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_closed_year_is_seen_as_it_was_closed),
	        TEST(test_a_year_that_runs_or_never_was_is_none_to_drop),
	        TEST(test_who_asked_is_read_from_the_ledger),
	        TEST(test_a_year_that_is_not_as_it_was_closed_stays),
	        TEST(test_a_dropped_year_leaves_its_last_checkpoint),
	        TEST(test_files_of_somebody_else_are_not_taken_along),
	        TEST(test_a_break_at_any_call_leaves_all_of_the_year_or_nothing),
	        TEST(test_a_break_of_the_start_that_finishes_a_drop_is_finished_by_the_next),
	        TEST(test_a_drop_cut_short_is_settled_before_the_year_ends),
	};

	shift = mmap(NULL, sizeof(*shift), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shift == MAP_FAILED)
		return 1;
	plan_make();
	umask(0022);
	setenv("TZ", "JST-9", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
