/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The change of the fiscal year: the new ledger holds all of the state, the old one's last key vouches for
 * it, and a break at any call leaves either the old year or the new one.
 */
#include "ledger_rig.h"
#include "ledger_wrap.h"

#include "base64.h"
#include "clock.h"
#include "hex.h"
#include "note.h"
#include "seal.h"
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
static int64_t *shift; /* of the clock of all processes, at any moment */

int64_t __real_clock_now(void);
int64_t __wrap_clock_now(void);

int64_t __wrap_clock_now(void)
{
	return __real_clock_now() + *shift;
}

static uint64_t append(struct Record *r)
{
	uint64_t n;

	assert_int_equal(rig_append(&rig, r, &n), 0);
	return n;
}

static void add_medium(const char *number)
{
	uint8_t identity[DIGEST_SIZE];
	struct Record r;

	memset(identity, number[4], sizeof(identity));
	record_start(&r, RECORD_REGISTER, RESULT_DONE);
	STR_SET(r.medium, number);
	record_bytes(&r, KEY_IDENTITY, identity, sizeof(identity));
	record_text(&r, KEY_SUPERVISOR, "supervisor1");
	record_number(&r, KEY_SIZE, 16000000000);
	record_text(&r, KEY_REGISTRATION, "T-01-2026-R01");
	record_number(&r, KEY_COUNTER, 41);
	record_bytes(&r, KEY_LABEL, "0123456789abcdef0123456789abcdef", 32);
	append(&r);
}

static void add_checkout(const char *number, const char *id)
{
	struct Record r;

	rig_checkout(number, id, &r);
	append(&r);
}

/* Two media, one lent, one overdue, and a copy that was cut short. */
static void tell_story(void)
{
	struct Record r;

	plan_disarm();
	*shift = 0;
	rig_remove(&rig);
	rig_make(&rig, "/dev/shm");
	assert_int_equal(rig_enrol(&rig), 0);
	assert_int_equal(rig_start(&rig), 0);
	add_medium("USB-0007");
	add_medium("USB-0008");
	add_checkout("USB-0007", "T-01-2026-0001");
	add_checkout("USB-0008", "T-01-2026-0002");
	record_start(&r, RECORD_OVERDUE, RESULT_DONE);
	STR_SET(r.medium, "USB-0008");
	STR_SET(r.checkout, "T-01-2026-0002");
	append(&r);
	record_start(&r, RECORD_COPY, RESULT_INTENT);
	STR_SET(r.actor, "clerk1");
	STR_SET(r.medium, "USB-0007");
	STR_SET(r.checkout, "T-01-2026-0001");
	record_text(&r, KEY_COPY, "C-1");
	append(&r);
	record_start(&r, RECORD_LABEL, RESULT_INTENT);
	STR_SET(r.medium, "USB-0008");
	record_number(&r, KEY_COUNTER, 42);
	record_bytes(&r, KEY_LABEL, "fedcba9876543210fedcba9876543210", 32);
	append(&r);
	assert_int_equal(rig_stop(&rig), 0);
}

static int setup(void **state _unused_)
{
	plan_disarm();
	rig_make(&rig, "/dev/shm");
	tell_story();
	return 0;
}

static int teardown(void **state _unused_)
{
	plan_disarm();
	*shift = 0;
	rig_remove(&rig);
	return 0;
}

/* What core hears of the state, but for the number of the pending intent, which is the new ledger's. */
static void check_state(void)
{
	assert_int_equal(rig.n_media, 2);
	assert_string_equal(rig.media[0].number, "USB-0007");
	assert_int_equal(rig.media[0].identity[31], '0');
	assert_int_equal(rig.media[1].size, 16000000000);
	assert_string_equal(rig.media[1].supervisor, "supervisor1");
	assert_int_equal(rig.n_checkouts, 2);
	assert_string_equal(rig.checkouts[0].id, "T-01-2026-0001");
	assert_string_equal(rig.checkouts[0].destination, "税務署 \"本館\"");
	assert_string_equal(rig.checkouts[0].terminals, "T-01,T-02");
	assert_int_equal(rig.checkouts[0].from, INT64_C(1790000000000));
	assert_int_equal(rig.checkouts[0].until, INT64_C(1790000360123));
	assert_int_equal(rig.checkouts[0].state, CHECKOUT_OPEN);
	assert_true(rig.checkouts[0].carry_out && rig.checkouts[0].locked_carrier);
	assert_int_equal(rig.checkouts[1].state, CHECKOUT_OVERDUE);
	assert_string_equal(rig.media[0].registration, "T-01-2026-R01");
	assert_int_equal(rig.media[0].counter, 41);
	assert_memory_equal(rig.media[0].label, "0123456789abcdef0123456789abcdef", 32);
	assert_int_equal(rig.media[0].intent, 0);
	assert_int_equal(rig.n_pending, 2);
	/* one of two labels that the medium may carry */
	assert_int_equal(rig.pending[1].kind, RECORD_LABEL);
	assert_int_equal(rig.media[1].counter, 41);
	assert_int_equal(rig.media[1].intent, rig.pending[1].n);
	assert_int_equal(rig.media[1].intent_counter, 42);
	assert_memory_equal(rig.media[1].intent_label, "fedcba9876543210fedcba9876543210", 32);
	assert_int_equal(rig.pending[0].kind, RECORD_COPY);
	assert_string_equal(rig.pending[0].copy, "C-1");
	assert_string_equal(rig.pending[0].actor, "clerk1");
	assert_string_equal(rig.pending[0].checkout, "T-01-2026-0001");
}

/* The folder of that moment's year is looked at from here on. */
static void look_at(int64_t when)
{
	rig.year = clock_fiscal_year(__real_clock_now() + when);
}

static void verify_year(int64_t when, struct LedgerReport *ret)
{
	look_at(when);
	rig_verify(&rig, ret);
	assert_string_equal(ret->error, "");
	assert_int_equal(ret->covered, ret->records);
}

static char *value(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	assert_non_null(at);
	at += strlen(key);
	return strndup(at, strcspn(at, "\"},"));
}

/* Record 0 names the old year's end, and the key that signed it vouches for the new vkey. */
static void check_certificate(const struct LedgerReport *old)
{
	_cleanup_free_ char *records = rig_file(&rig, "records.jsonl", NULL),
	                    *vkey = rig_file(&rig, "vkey", NULL);
	_cleanup_free_ char *origin = NULL, *root = NULL, *size = NULL, *certified = NULL, *named = NULL;
	struct Checkpoint last = {.size = old->covered};
	uint8_t signature[SIGNATURE_SIZE], named_root[HASH_SIZE];
	char text[REKEY_TEXT];
	struct Crypto *crypto = NULL;
	struct Vkey key;
	ssize_t n;

	*strchr(records, '\n') = '\0';
	vkey[strcspn(vkey, "\n")] = '\0';
	assert_non_null(strstr(records, "{\"n\":0,"));
	assert_non_null(strstr(records, "\"kind\":\"year\""));
	origin = value(records, "\"origin\":\"");
	size = value(records, "\"size\":");
	root = value(records, "\"root\":\"");
	named = value(records, "\"vkey\":\"");
	certified = value(records, "\"certified\":\"");
	assert_string_equal(origin, old->origin);
	assert_int_equal(strtoull(size, NULL, 10), old->covered);
	assert_int_equal(hex_decode(root, strlen(root), named_root, sizeof(named_root)), 0);
	assert_memory_equal(named_root, old->root, sizeof(named_root));
	assert_string_equal(named, vkey);
	assert_int_equal(crypto_new(&crypto), 0);
	assert_int_equal(vkey_parse(crypto, old->vkey, strlen(old->vkey), &key), 0);
	crypto_freep(&crypto);
	assert_int_equal(
	        base64_decode(certified, strlen(certified), signature, sizeof(signature)), SIGNATURE_SIZE);
	STR_SET(last.origin, origin);
	memcpy(last.root, named_root, sizeof(last.root));
	n = year_format(&last, vkey, text, sizeof(text));
	assert_true(n > 0);
	assert_int_equal(signature_verify(key.key, text, (size_t)n, signature), 1);
}

/* What of the old year is left in heads is enough, and nothing else is. */
static void check_follows_head(const struct LedgerEntry *e, const char *vkey, const struct LedgerReport *old)
{
	char path[64], note[1024], stranger[LIMIT_VKEY];
	struct LedgerSlice head = {note, 0};
	int fd;

	snprintf(path, sizeof(path), "ledger/" RIG_TERMINAL "/heads/%s.note", strrchr(old->origin, '/') + 1);
	fd = openat(rig.dir, path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	head.size = (size_t)read(fd, note, sizeof(note));
	close(fd);
	assert_int_equal(ledger_year_follows_head(e, vkey, &head, old->vkey), 1);
	assert_int_equal(ledger_year_follows_head(e, vkey, &head, NULL), 1);
	assert_int_equal(ledger_year_follows_head(e, old->vkey, &head, NULL), 0);
	STR_SET(stranger, vkey);
	stranger[strcspn(stranger, "\n")] = '\0';
	assert_int_equal(ledger_year_follows_head(e, vkey, &head, stranger), 0);
	for (size_t i = 0; i < head.size; i++) {
		note[i] ^= 1;
		assert_int_equal(ledger_year_follows_head(e, vkey, &head, old->vkey), 0);
		note[i] ^= 1;
	}
	for (size_t n = 0; n < head.size; n++)
		assert_int_equal(ledger_year_follows_head(e, vkey, &(struct LedgerSlice){note, n}, old->vkey), 0);
}

/* As the public reader sees it; and not when anything of it is another. */
static void check_follows(const struct LedgerReport *old)
{
	_cleanup_free_ char *records = rig_file(&rig, "records.jsonl", NULL),
	                    *vkey = rig_file(&rig, "vkey", NULL);
	struct LedgerReport other = *old;
	struct LedgerEntry e;

	assert_null(ledger_entry_read(records, strcspn(records, "\n"), &e));
	assert_int_equal(ledger_year_follows(&e, vkey, old), 1);
	other.root[7] ^= 1;
	assert_int_equal(ledger_year_follows(&e, vkey, &other), 0);
	other = *old;
	other.covered = ++other.records;
	assert_int_equal(ledger_year_follows(&e, vkey, &other), 0);
	other = *old;
	STR_SET(other.vkey, vkey);
	assert_int_equal(ledger_year_follows(&e, vkey, &other), 0);
	assert_int_equal(ledger_year_follows(&e, old->vkey, old), 0);
	check_follows_head(&e, vkey, old);
	assert_null(
	        ledger_entry_read(strchr(records, '\n') + 1, strcspn(strchr(records, '\n') + 1, "\n"), &e));
	assert_int_equal(ledger_year_follows(&e, vkey, old), -ENOENT);
}

static void check_turned(void)
{
	struct LedgerReport old, fresh;
	struct stat st;
	char head[64];

	check_state();
	verify_year(0, &old);
	verify_year(ONE_YEAR, &fresh);
	assert_string_not_equal(old.origin, fresh.origin);
	check_certificate(&old);
	check_follows(&old);
	assert_int_not_equal(fstatat(rig.dir, "keys/" SEAL_NEXT_FILE, &st, 0), 0);
	snprintf(head, sizeof(head), "ledger/" RIG_TERMINAL "/heads/%s.note", strrchr(old.origin, '/') + 1);
	assert_int_equal(fstatat(rig.dir, head, &st, 0), 0);
}

static void test_a_new_year_begins_with_all_of_the_state(void **state _unused_)
{
	struct LedgerReport report;
	struct Record r;

	*shift = ONE_YEAR;
	assert_int_equal(rig_start(&rig), 0);
	check_turned();
	/* year, two media, two checkouts, overdue, two pending, the key of this start */
	assert_int_equal(rig.end.n, 9);
	assert_int_equal(rig.end.next_checkout, 1);
	assert_int_equal(rig.end.fiscal_year, clock_fiscal_year(clock_now()));
	/* it goes on like any ledger: the outcome of what was pending */
	record_start(&r, RECORD_COPY, RESULT_FAILED);
	record_text(&r, KEY_COPY, "C-1");
	record_number(&r, KEY_INTENT, rig.pending[0].n);
	append(&r);
	assert_int_equal(rig_stop(&rig), 0);
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(rig.n_pending, 1);
	assert_int_equal(rig.n_media, 2);
	assert_int_equal(rig_stop(&rig), 0);
	verify_year(ONE_YEAR, &report);
	assert_int_equal(report.records, 11);
}

static void test_two_years_later_the_state_is_still_there(void **state _unused_)
{
	*shift = ONE_YEAR;
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(rig_stop(&rig), 0);
	*shift = 3 * ONE_YEAR;
	assert_int_equal(rig_start(&rig), 0);
	check_state();
	assert_int_equal(rig_stop(&rig), 0);
}

static void test_a_clock_behind_the_records_begins_no_year(void **state _unused_)
{
	struct LedgerReport report;
	struct Record r;

	/* a record of far ahead, then a clock that is only one year ahead of the ledger */
	*shift = 5 * ONE_YEAR;
	assert_int_equal(rig_start(&rig), 0);
	record_start(&r, RECORD_LIST, RESULT_DONE);
	append(&r);
	assert_int_equal(rig_stop(&rig), 0);
	*shift = 4 * ONE_YEAR;
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(rig_stop(&rig), 0);
	verify_year(5 * ONE_YEAR, &report);
	assert_int_equal(report.fault, 0);
}

static void test_a_kill_at_any_call_leaves_the_old_year_or_the_new_one(void **state _unused_)
{
	int points = 0;

	for (int how = 0; how < _HOW_KILLS; how++) {
		bool more = true;

		for (int at = 1; more; at++) {
			tell_story();
			*shift = ONE_YEAR;
			more = plan_start(&rig, at, how, 0);
			plan_disarm();
			assert_int_equal(rig_start(&rig), 0);
			check_turned();
			assert_int_equal(rig_stop(&rig), 0);
			points += more;
		}
	}
	assert_true(points > 90);
}

static void test_a_call_that_fails_leaves_the_old_year_or_the_new_one(void **state _unused_)
{
	static const int errors[] = {ENOSPC, EIO};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		bool more = true;

		for (int at = 1; more; at++) {
			tell_story();
			*shift = ONE_YEAR;
			more = plan_start(&rig, at, HOW_FAIL, errors[i]);
			plan_disarm();
			assert_int_equal(rig_start(&rig), 0);
			check_turned();
			assert_int_equal(rig_stop(&rig), 0);
		}
	}
}

/* ------------------------------------------------------------------ while it runs */

static void fail_pending(const struct PendingRow *p)
{
	struct Record r;

	record_start(&r, (enum RecordKind)p->kind, RESULT_FAILED);
	STR_SET(r.medium, p->medium);
	record_number(&r, KEY_INTENT, p->n);
	append(&r);
}

/* A running process of the old year, with nothing pending. */
static void start_settled(void)
{
	assert_int_equal(rig_start(&rig), 0);
	for (size_t i = 0; i < rig.n_pending; i++)
		fail_pending(&rig.pending[i]);
}

/* COVERED until ONE_YEAR comes: the records of the new one; 0: the process ended. */
static uint64_t wait_for_year(void)
{
	struct Message m;

	if (rig_receive(&rig, &m) || m.type != MSG_YEAR)
		return 0;
	rig.covered = m.body.YEAR.size;
	return m.body.YEAR.size;
}

/*
 * One record while the clock moves on: it ends the old year or begins the new one, as the process was just about to
 * look at the clock or not. The records of the new year as it is told; 0: the process ended. ret_n: the record's number.
 */
static uint64_t record_and_turn(uint64_t *ret_n)
{
	struct MsgAppend append = {.cookie = ++rig.cookie};
	uint64_t size = 0;

	record_start(&append.record, RECORD_LIST, RESULT_DONE);
	if (channel_send(rig.channel, MSG_APPEND, &append, NULL, 0))
		return 0;
	for (bool answered = false; !size || !answered;) {
		struct Message m;

		if (rig_receive(&rig, &m))
			return 0;
		if (m.type == MSG_YEAR)
			size = rig.covered = m.body.YEAR.size;
		if (m.type == MSG_APPENDED && m.body.APPENDED.fault != FAULT_OK)
			return 0;
		if (m.type == MSG_APPENDED)
			*ret_n = m.body.APPENDED.n;
		answered |= m.type == MSG_APPENDED;
	}
	return size;
}

static void append_plain(void)
{
	struct Record r;

	record_start(&r, RECORD_LIST, RESULT_DONE);
	append(&r);
}

/* All of the state without what was pending, in a year that the old one's last key vouches for. */
static void check_turned_settled(int64_t when)
{
	struct LedgerReport old, fresh;

	assert_int_equal(rig.n_media, 2);
	assert_int_equal(rig.n_checkouts, 2);
	assert_int_equal(rig.n_pending, 0);
	verify_year(0, &old);
	verify_year(when, &fresh);
	assert_string_not_equal(old.origin, fresh.origin);
	check_certificate(&old);
	check_follows(&old);
}

static void test_the_year_changes_in_a_running_process_once_everything_is_covered(void **state _unused_)
{
	struct Record r;
	uint64_t moved, n;

	start_settled();
	*shift = ONE_YEAR;
	/* year, two media, two checkouts, overdue */
	assert_int_equal(record_and_turn(&moved), 6);
	record_start(&r, RECORD_LIST, RESULT_DONE);
	assert_int_equal(rig_append(&rig, &r, &n), FAULT_OK);
	assert_int_equal(n, moved == 6 ? 7 : 6);
	assert_int_equal(rig_cover(&rig, n + 1), 0);
	assert_int_equal(rig_stop(&rig), 0);
	assert_int_equal(rig_start(&rig), 0);
	check_turned_settled(ONE_YEAR);
	assert_int_equal(rig_stop(&rig), 0);
}

/* Nobody sends anything: the process wakes by itself. */
static void test_the_year_changes_at_midnight_of_the_first_of_april(void **state _unused_)
{
	int64_t now = __real_clock_now(), end = clock_fiscal_year_end(now), lead = 500;
	uint64_t n = 0;

	assert_int_equal(clock_fiscal_year(end - 1) + 1, clock_fiscal_year(end));
	start_settled();
	assert_int_equal(rig_stop(&rig), 0);
	/* on a slow machine midnight may come before the start is over: then it is no longer a running one */
	for (; !n; lead *= 2) {
		tell_story();
		start_settled();
		assert_int_equal(rig_stop(&rig), 0);
		now = __real_clock_now();
		*shift = end - lead - now;
		assert_int_equal(rig_start(&rig), 0);
		look_at(*shift + lead);
		if (rig.end.fiscal_year == clock_fiscal_year(end - 1))
			n = wait_for_year();
		else
			assert_int_equal(rig_stop(&rig), 0);
	}
	assert_true(clock_now() >= end);
	assert_int_equal(n, 6);
	assert_int_equal(rig_stop(&rig), 0);
}

static void test_an_open_intent_keeps_the_year_until_its_outcome(void **state _unused_)
{
	struct Record r;
	uint64_t intent;

	start_settled();
	record_start(&r, RECORD_COPY, RESULT_INTENT);
	record_text(&r, KEY_COPY, "C-9");
	intent = append(&r);
	*shift = ONE_YEAR;
	append_plain();
	/* still of the old year: numbers go on, and its outcome names the intent */
	record_start(&r, RECORD_COPY, RESULT_DONE);
	record_text(&r, KEY_COPY, "C-9");
	record_number(&r, KEY_INTENT, intent);
	assert_int_equal(append(&r), intent + 2);
	assert_int_equal(wait_for_year(), 6);
	assert_int_equal(rig_stop(&rig), 0);
	assert_int_equal(rig_start(&rig), 0);
	check_turned_settled(ONE_YEAR);
}

static void test_a_clock_behind_the_records_changes_no_year_while_running(void **state _unused_)
{
	struct LedgerReport report;

	start_settled();
	assert_int_equal(rig_stop(&rig), 0);
	*shift = 3 * ONE_YEAR;
	assert_int_equal(rig_start(&rig), 0);
	append_plain();
	*shift = 2 * ONE_YEAR;
	append_plain();
	assert_int_equal(rig_stop(&rig), 0);
	verify_year(3 * ONE_YEAR, &report);
	assert_int_equal(report.fault, 0);
}

static void turn_with_plan(int how, int error, int *ret_points)
{
	bool more = true;

	for (int at = 1; more; at++) {
		uint64_t n;

		tell_story();
		start_settled();
		assert_int_equal(rig_stop(&rig), 0);
		plan_arm(at, how, error);
		if (rig_start(&rig) == 0) {
			*shift = ONE_YEAR;
			(void)!record_and_turn(&n);
		}
		more = plan->calls >= at;
		assert_false(plan->lied);
		rig_kill(&rig);
		plan_disarm();
		*shift = ONE_YEAR;
		assert_int_equal(rig_start(&rig), 0);
		check_turned_settled(ONE_YEAR);
		assert_int_equal(rig_stop(&rig), 0);
		*ret_points += more;
	}
}

static void test_a_break_at_any_call_of_a_running_change_leaves_one_year(void **state _unused_)
{
	int points = 0;

	for (int how = 0; how < _HOW_KILLS; how++)
		turn_with_plan(how, 0, &points);
	turn_with_plan(HOW_FAIL, EIO, &points);
	turn_with_plan(HOW_FAIL, ENOSPC, &points);
	assert_true(points > 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_new_year_begins_with_all_of_the_state),
	        TEST(test_two_years_later_the_state_is_still_there),
	        TEST(test_a_clock_behind_the_records_begins_no_year),
	        TEST(test_a_kill_at_any_call_leaves_the_old_year_or_the_new_one),
	        TEST(test_a_call_that_fails_leaves_the_old_year_or_the_new_one),
	        TEST(test_the_year_changes_in_a_running_process_once_everything_is_covered),
	        TEST(test_the_year_changes_at_midnight_of_the_first_of_april),
	        TEST(test_an_open_intent_keeps_the_year_until_its_outcome),
	        TEST(test_a_clock_behind_the_records_changes_no_year_while_running),
	        TEST(test_a_break_at_any_call_of_a_running_change_leaves_one_year),
	};

	shift = mmap(NULL, sizeof(*shift), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shift == MAP_FAILED)
		return 1;
	plan_make();
	umask(0022);
	setenv("TZ", "JST-9", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
