/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every system call by which the ledger changes something is a crash point: the process dies before it,
 * after it, and, where it writes, in the middle of it. And each of them fails once, with each error. What
 * was answered must then be there, what was refused must not, and the folder must verify.
 */
#include "ledger_rig.h"
#include "ledger_wrap.h"

#include "crypto.h"
#include "hex.h"
#include "str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

/* a killed process loses nothing of a file system in memory either, and thousands of starts take seconds */
#define MEMORY "/dev/shm"

static struct Rig rig;

static int setup(void **state)
{
	(void)state;
	plan_disarm();
	rig_make(&rig, MEMORY);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	plan_disarm();
	rig_remove(&rig);
	return 0;
}

/* What core was told about the records of one run. */
struct Told {
	int faults[8];  /* of each APPEND; -1: no answer */
	uint64_t at[8]; /* its number */
	uint64_t covered;
	size_t n;
};

/* Record i of the story: 0 an intent, 1 a refusal, 2 the outcome of 0. */
static void story_record(size_t i, const struct Told *told, struct Record *r)
{
	char name[32];

	record_start(r, RECORD_COPY, i == 0 ? RESULT_INTENT : i == 1 ? RESULT_REFUSED : RESULT_DONE);
	STR_SET(r->actor, "clerk1");
	snprintf(name, sizeof(name), "story-%zu", i);
	record_text(r, KEY_COPY, "C-1");
	record_text(r, KEY_NAME, name);
	if (i == 2)
		record_number(r, KEY_INTENT, told->at[0]);
}

/* Starts the process and plays the story as far as it lives. */
static void play(struct Told *told)
{
	int r = rig_start(&rig);

	*told = (struct Told){.faults = {-1, -1, -1}};
	for (size_t i = 0; i < 3 && !r; i++) {
		struct Record record;

		story_record(i, told, &record);
		told->faults[i] = rig_append(&rig, &record, &told->at[i]);
		told->n++;
		if (told->faults[i] < 0)
			break;
		if (told->faults[i] == FAULT_OK)
			(void)!rig_cover(&rig, told->at[i] + 1);
	}
	told->covered = rig.covered;
	rig_stop(&rig);
}

static bool line_has(const char *records, uint64_t n, const char *name)
{
	char start[32], needle[64];
	const char *line, *end, *found;

	snprintf(start, sizeof(start), "{\"n\":%llu,", (unsigned long long)n);
	snprintf(needle, sizeof(needle), "\"name\":\"%s\"", name);
	line = strstr(records, start);
	end = line ? strchr(line, '\n') : NULL;
	found = line ? strstr(line, needle) : NULL;
	return end && found && found < end;
}

/* After a restart without faults: all that was answered is there, all that was refused is not. */
static void check(const struct Told *told)
{
	_cleanup_free_ char *records = NULL;
	struct LedgerReport report;
	bool pending = false;

	plan_disarm();
	assert_int_equal(rig_start(&rig), 0);
	for (size_t i = 0; i < rig.n_pending; i++)
		pending |= str_eq(rig.pending[i].copy, "C-1");
	/* the intent is on record, and its outcome is not: core is told */
	if (told->faults[0] == FAULT_OK && told->faults[2] != FAULT_OK && told->faults[2] != -1)
		assert_true(pending);
	if (told->faults[0] == FAULT_OK && told->n < 3)
		assert_true(pending);
	if (told->faults[2] == FAULT_OK)
		assert_false(pending);
	assert_int_equal(rig_stop(&rig), 0);
	records = rig_file(&rig, "records.jsonl", NULL);
	for (size_t i = 0; i < 3; i++) {
		char name[32];

		snprintf(name, sizeof(name), "story-%zu", i);
		if (told->faults[i] == FAULT_OK)
			assert_true(line_has(records, told->at[i], name));
		if (told->faults[i] > FAULT_OK)
			assert_null(strstr(records, name));
	}
	rig_verify(&rig, &report);
	assert_string_equal(report.error, "");
	assert_int_equal(report.fault, 0);
	assert_true(report.records == report.covered && report.covered >= told->covered);
	assert_int_equal(report.torn, 0);
	assert_null(rig_file(&rig, "torn", NULL));
}

static void fresh(void)
{
	plan_disarm();
	rig_remove(&rig);
	rig_make(&rig, MEMORY);
	assert_int_equal(rig_enrol(&rig), 0);
}

static void test_a_kill_at_any_call_loses_nothing_answered(void **state)
{
	(void)state;
	for (int how = 0; how < _HOW_KILLS; how++) {
		int at = 1;
		bool more = true;

		for (; more; at++) {
			struct Told told;

			fresh();
			plan_arm(at, how, 0);
			play(&told);
			more = plan->calls >= at;
			assert_false(plan->lied);
			check(&told);
		}
		assert_true(at > 20); /* there were points at all */
	}
}

static void test_a_call_that_fails_once_gives_no_false_answer(void **state)
{
	static const int errors[] = {ENOSPC, EIO};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		for (int how = HOW_FAIL; how <= HOW_FAIL_SHORT; how++) {
			bool more = true;

			for (int at = 1; more; at++) {
				struct Told told;

				fresh();
				plan_arm(at, how, errors[i]);
				play(&told);
				more = plan->calls >= at;
				assert_false(plan->lied);
				check(&told);
			}
		}
}

static void append_raw(const char *bytes, size_t n)
{
	_cleanup_fd_ int year = rig_year_dir(&rig), fd = openat(year, "records.jsonl", O_WRONLY | O_APPEND);

	assert_int_equal(write(fd, bytes, n), n);
}

#define ADOPTED                                                                                     \
	"{\"n\":1,\"t\":\"2026-11-21T10:00:00.000+09:00\",\"kind\":\"list\",\"terminal\":\"T-01\"," \
	"\"actor\":\"clerk1\",\"result\":\"done\"}\n"
#define TORN_SIZE 2500

/* A folder as a crash leaves it: a whole line that nothing covers, and a torn one. */
static void broken(char torn[static TORN_SIZE])
{
	fresh();
	append_raw(ADOPTED, strlen(ADOPTED));
	for (size_t i = 0; i < TORN_SIZE; i++)
		torn[i] = (char)('a' + i % 23);
	append_raw(torn, TORN_SIZE);
}

/* The torn bytes are all on record, in order; what follows them can only be recoveries cut short. */
static void check_recovered(const char torn[static TORN_SIZE])
{
	static const char key[] = "\"detail\":{\"torn\":\"";
	_cleanup_free_ char *records = NULL;
	uint8_t bytes[1024];
	struct LedgerReport report;
	size_t got = 0;

	plan_disarm();
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(rig_stop(&rig), 0);
	rig_verify(&rig, &report);
	assert_string_equal(report.error, "");
	assert_int_equal(report.records, report.covered);
	assert_int_equal(report.torn, 0);
	assert_null(rig_file(&rig, "torn", NULL));
	records = rig_file(&rig, "records.jsonl", NULL);
	assert_ptr_equal(strstr(records, ADOPTED), strchr(records, '\n') + 1);
	for (char *at = strstr(records, key); at; at = strstr(at, key)) {
		size_t n;

		at += strlen(key);
		n = strcspn(at, "\"") / 2;
		assert_int_equal(hex_decode(at, 2 * n, bytes, n), 0);
		if (got < TORN_SIZE) {
			n = MIN(n, TORN_SIZE - got);
			assert_memory_equal(bytes, torn + got, n);
			got += n;
		}
	}
	assert_int_equal(got, TORN_SIZE);
	assert_non_null(strstr(records, "\"detail\":{\"first\":1,\"last\":"));
}

static void test_a_kill_at_any_call_of_a_recovery_loses_nothing(void **state)
{
	char torn[TORN_SIZE];

	(void)state;
	for (int how = 0; how < _HOW_KILLS; how++) {
		bool more = true;

		for (int at = 1; more; at++) {
			broken(torn);
			more = plan_start(&rig, at, how, 0);
			check_recovered(torn);
		}
	}
}

/* The second kill falls at each call of the recovery from the first. */
static void test_two_kills_in_a_recovery_lose_nothing(void **state)
{
	static const int hows[] = {HOW_MIDDLE, HOW_AFTER};
	char torn[TORN_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hows); i++) {
		bool more = true;

		for (int at = 1; more; at++) {
			bool more_again = true;

			for (int again = 1; more_again; again++) {
				broken(torn);
				more = plan_start(&rig, at, hows[i], 0);
				more_again = plan_start(&rig, again, hows[(i + (size_t)again) % 2], 0) && more;
				check_recovered(torn);
			}
		}
	}
}

static void test_a_failing_call_of_a_recovery_is_told_and_repeated(void **state)
{
	static const int errors[] = {ENOSPC, EIO};
	char torn[TORN_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		for (int how = HOW_FAIL; how <= HOW_FAIL_SHORT; how++) {
			bool more = true;

			for (int at = 1; more; at++) {
				int r;

				broken(torn);
				plan_arm(at, how, errors[i]);
				r = rig_start(&rig);
				/* it works all the same, or says that it does not */
				assert_true(r == 0 || r == FAULT_NO_LEDGER || r == FAULT_LEDGER_FULL);
				rig_stop(&rig);
				more = plan->calls >= at;
				check_recovered(torn);
			}
		}
}

/* Enrols in a child that the plan applies to: its exit status. */
static int enrol_in_child(void)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		_exit(rig_enrol(&rig) ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void check_enrolled(void)
{
	struct LedgerReport report;

	plan_disarm();
	/* never half in force: where the file is, all is there */
	if (faccessat(rig.dir, "enrolment", F_OK, 0))
		assert_int_equal(rig_enrol(&rig), 0);
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(rig.end.n, 2);
	assert_int_equal(rig_stop(&rig), 0);
	rig_verify(&rig, &report);
	assert_string_equal(report.error, "");
	assert_int_equal(report.covered, 2);
}

static void test_an_enrolment_cut_short_anywhere_can_be_repeated(void **state)
{
	(void)state;
	for (int how = 0; how <= HOW_FAIL_SHORT; how++) {
		bool more = true;

		for (int at = 1; more; at++) {
			plan_disarm();
			rig_remove(&rig);
			rig_make(&rig, MEMORY);
			plan_arm(at, how, EIO);
			(void)!enrol_in_child();
			more = plan->calls >= at;
			plan_disarm();
			check_enrolled();
		}
		assert_true(plan->calls > 30);
	}
}

static void append_kind(enum RecordResult result, uint64_t intent, int expected)
{
	assert_int_equal(rig_append_copy(&rig, result, intent), expected);
}

/* Uses up the room made ahead: acts until one is refused. How many were taken. */
static uint64_t fill(void)
{
	for (uint64_t i = 0; i < 10000; i++) {
		struct Record r;
		uint64_t n;
		int fault;

		record_start(&r, RECORD_COPY, RESULT_INTENT);
		STR_SET(r.actor, "clerk1");
		fault = rig_append(&rig, &r, &n);
		if (fault == FAULT_LEDGER_FULL)
			return i;
		assert_int_equal(fault, FAULT_OK);
	}
	fail();
	return 0;
}

static void test_a_full_disk_refuses_acts_and_still_records_refusals_and_outcomes(void **state)
{
	struct LedgerReport report;

	(void)state;
	fresh();
	assert_int_equal(rig_start(&rig), 0);
	append_kind(RESULT_INTENT, 0, FAULT_OK);
	plan->full = true;
	fill();
	append_kind(RESULT_INTENT, 0, FAULT_LEDGER_FULL);
	append_kind(RESULT_REFUSED, 0, FAULT_OK);
	append_kind(RESULT_DONE, 1, FAULT_OK);
	plan->no_blocks = true;
	append_kind(RESULT_REFUSED, 0, FAULT_OK);
	plan->no_blocks = false;
	append_kind(RESULT_INTENT, 0, FAULT_LEDGER_FULL);
	plan->full = false;
	append_kind(RESULT_INTENT, 0, FAULT_OK);
	assert_int_equal(rig_stop(&rig), 0);
	rig_verify(&rig, &report);
	assert_string_equal(report.error, "");
}

/* A thousand records since the last change of key: it may come behind the last one that was answered. */
static bool ends_at(uint64_t records, uint64_t next)
{
	_cleanup_free_ char *lines = rig_file(&rig, "records.jsonl", NULL);
	const char *last = lines;

	for (char *at = lines; *at; at = strchr(at, '\n') + 1)
		last = at;
	return records == next || (records == next + 1 && strstr(last, "\"kind\":\"key\""));
}

static void test_acts_and_refusals_that_wait_together_are_parted_when_it_is_full(void **state)
{
	enum { N = 20 };
	struct LedgerReport report;
	uint64_t next = 2;

	(void)state;
	fresh();
	assert_int_equal(rig_start(&rig), 0);
	plan->full = true;
	next += fill();
	for (uint64_t i = 0; i < N; i++) {
		struct MsgAppend m = {.cookie = i};

		record_start(&m.record, RECORD_COPY, i % 3 ? RESULT_INTENT : RESULT_REFUSED);
		STR_SET(m.record.actor, "clerk1");
		assert_int_equal(channel_send(rig.channel, MSG_APPEND, &m, NULL, 0), 0);
	}
	for (unsigned int i = 0; i < N; i++) {
		struct Message m;

		do
			assert_int_equal(rig_receive(&rig, &m), 0);
		while (m.type == MSG_COVERED);
		assert_int_equal(m.type, MSG_APPENDED);
		if (m.body.APPENDED.cookie % 3)
			assert_int_equal(m.body.APPENDED.fault, FAULT_LEDGER_FULL);
		else {
			/* a change of key may come between */
			assert_true(m.body.APPENDED.fault == FAULT_OK && m.body.APPENDED.n >= next);
			next = m.body.APPENDED.n + 1;
		}
	}
	plan->full = false;
	append_kind(RESULT_INTENT, 0, FAULT_OK);
	next++;
	plan->full = true;
	for (uint64_t i = 0; i < N; i++) {
		struct MsgAppend m = {.cookie = i};

		record_start(&m.record, RECORD_COPY, i % 3 ? RESULT_INTENT : RESULT_REFUSED);
		for (int k = 0; k < 3; k++)
			record_text(&m.record, KEY_SUBJECT,
			        "0123456789012345678901234567890123456789012345678901234567890123456789"
			        "0123456789012345678901234567890123456789012345678901234567890123456789");
		assert_int_equal(channel_send(rig.channel, MSG_APPEND, &m, NULL, 0), 0);
	}
	for (unsigned int i = 0; i < N; i++) {
		struct Message m;

		assert_int_equal(rig_receive(&rig, &m), 0);
		assert_int_equal(m.type, MSG_APPENDED);
		if (m.body.APPENDED.fault != FAULT_OK)
			assert_int_not_equal(m.body.APPENDED.cookie % 3, 0);
		else {
			assert_true(m.body.APPENDED.n >= next);
			next = m.body.APPENDED.n + 1;
		}
	}
	assert_int_equal(rig_stop(&rig), 0);
	rig_verify(&rig, &report);
	assert_string_equal(report.error, "");
	assert_true(ends_at(report.records, next));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_kill_at_any_call_loses_nothing_answered),
	        TEST(test_a_call_that_fails_once_gives_no_false_answer),
	        TEST(test_a_kill_at_any_call_of_a_recovery_loses_nothing),
	        TEST(test_two_kills_in_a_recovery_lose_nothing),
	        TEST(test_a_failing_call_of_a_recovery_is_told_and_repeated),
	        TEST(test_an_enrolment_cut_short_anywhere_can_be_repeated),
	        TEST(test_a_full_disk_refuses_acts_and_still_records_refusals_and_outcomes),
	        TEST(test_acts_and_refusals_that_wait_together_are_parted_when_it_is_full),
	};

	plan_make();
	umask(0022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
