/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A start by the index comes to the same as one without, whatever became of the index's file; what it stood
 * for is read afterwards.
 */
#include "ledger_rig.h"
#include "ledger_wrap.h"

#include "file.h"
#include "index.h"
#include "str.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#define MEMORY "/dev/shm"
#define FILES  300 /* records that make no state, between those that do */

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

/* ------------------------------------------------------------------ a story */

static uint64_t append(const struct Record *r)
{
	uint64_t n = 0;

	assert_int_equal(rig_append(&rig, r, &n), FAULT_OK);
	return n;
}

static void append_medium(unsigned int i)
{
	uint8_t identity[DIGEST_SIZE] = {(uint8_t)i};
	struct Record r;

	record_start(&r, RECORD_REGISTER, RESULT_DONE);
	snprintf(r.medium, sizeof(r.medium), "USB-%u", i);
	record_bytes(&r, KEY_IDENTITY, identity, sizeof(identity));
	record_text(&r, KEY_SUPERVISOR, "super1");
	record_number(&r, KEY_SIZE, 1000 + i);
	append(&r);
}

static void append_checkout(unsigned int i)
{
	struct Record r;

	record_start(&r, RECORD_CHECKOUT, RESULT_DONE);
	snprintf(r.medium, sizeof(r.medium), "USB-%u", i);
	snprintf(r.checkout, sizeof(r.checkout), RIG_TERMINAL "-2026-%u", 100 + i);
	record_text(&r, KEY_CLERK, "clerk1");
	record_time(&r, KEY_UNTIL, INT64_C(1795000000000));
	append(&r);
}

static void append_plain(enum RecordKind kind, enum RecordResult result, unsigned int i)
{
	struct Record r;

	record_start(&r, kind, result);
	STR_SET(r.actor, "clerk1");
	snprintf(r.medium, sizeof(r.medium), "USB-%u", i);
	append(&r);
}

static void append_files(unsigned int n)
{
	struct Record r;

	for (unsigned int i = 0; i < n; i++) {
		record_start(&r, RECORD_FILE, RESULT_DONE);
		record_text(&r, KEY_NAME, "kyufu.csv");
		record_number(&r, KEY_SIZE, i);
		append(&r);
	}
}

/* Three media, two lent, one of them overdue and one returned; an intent; and lines around them. */
static void story(void)
{
	struct Record r;

	for (unsigned int i = 1; i <= 3; i++)
		append_medium(i);
	append_files(FILES);
	append_checkout(1);
	append_checkout(2);
	append_checkout(3);
	append_plain(RECORD_OVERDUE, RESULT_DONE, 2);
	append_plain(RECORD_RETURN, RESULT_DONE, 1);
	record_start(&r, RECORD_COPY, RESULT_INTENT);
	STR_SET(r.actor, "clerk1");
	record_text(&r, KEY_COPY, "C-1");
	append(&r);
	append_files(FILES);
}

static bool is_there(const char *name)
{
	_cleanup_fd_ int year = rig_year_dir(&rig);

	return !faccessat(year, name, F_OK, 0);
}

/* The process writes it when nothing else waits. */
static void index_wait(void)
{
	for (int i = 0; i < 10000 && !is_there(INDEX_FILE); i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	assert_true(is_there(INDEX_FILE));
}

static void index_put(const char *bytes, size_t n)
{
	_cleanup_fd_ int year = rig_year_dir(&rig);

	assert_int_equal(file_replace_at(year, INDEX_FILE, bytes, n, 0640), 0);
}

static void index_remove(void)
{
	_cleanup_fd_ int year = rig_year_dir(&rig);

	assert_true(!unlinkat(year, INDEX_FILE, 0) || errno == ENOENT);
}

/* A ledger with the story and an index of its first 512 records. */
static void prepare(void)
{
	plan_disarm();
	rig_remove(&rig);
	rig_make(&rig, MEMORY);
	rig.small_index = true;
	assert_int_equal(rig_enrol(&rig), 0);
	assert_int_equal(rig_start(&rig), 0);
	story();
	assert_int_equal(rig_stop(&rig), 0);
	assert_int_equal(rig_start(&rig), 0);
	index_wait();
	assert_int_equal(rig_stop(&rig), 0);
}

/* The state as core was told it. */
struct Seen {
	struct MediumRow media[8];
	struct CheckoutRow checkouts[8];
	struct PendingRow pending[8];
	size_t n_media, n_checkouts, n_pending;
	int64_t last_time;
	uint32_t next_checkout;
};

static void see(struct Seen *ret)
{
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->media, rig.media, (ret->n_media = rig.n_media) * sizeof(rig.media[0]));
	memcpy(ret->checkouts, rig.checkouts,
	        (ret->n_checkouts = rig.n_checkouts) * sizeof(rig.checkouts[0]));
	memcpy(ret->pending, rig.pending, (ret->n_pending = rig.n_pending) * sizeof(rig.pending[0]));
	ret->last_time = rig.end.last_time;
	ret->next_checkout = rig.end.next_checkout;
}

static void start_without(struct Seen *ret)
{
	index_remove();
	assert_int_equal(rig_start(&rig), 0);
	see(ret);
	rig_kill(&rig);
	assert_int_equal(ret->n_media, 3);
	assert_int_equal(ret->n_checkouts, 2);
	assert_int_equal(ret->n_pending, 1);
}

static void assert_same_start(const struct Seen *want)
{
	static struct Seen got;

	assert_int_equal(rig_start(&rig), 0);
	see(&got);
	assert_memory_equal(&got, want, sizeof(got));
}

/* The last word of a process that found something. */
static int fault_told(char subject[static LIMIT_SUBJECT])
{
	struct Message m;
	int fault;

	do
		if (channel_receive(rig.channel, &m))
			return 0;
	while (m.type != MSG_LEDGER_FAULT);
	fault = m.body.LEDGER_FAULT.fault;
	str_cut(subject, LIMIT_SUBJECT, m.body.LEDGER_FAULT.subject);
	rig_stop(&rig);
	return fault;
}

/* ------------------------------------------------------------------ the claims */

static void test_a_start_by_the_index_gives_the_state_of_one_without(void **state)
{
	_cleanup_free_ char *index = NULL;
	struct LedgerReport report;
	static struct Seen want, got;
	size_t n;

	(void)state;
	prepare();
	index = rig_file(&rig, INDEX_FILE, &n);
	start_without(&want);
	index_put(index, n);
	assert_same_start(&want);
	append_files(700);
	assert_int_equal(rig_stop(&rig), 0);
	/* and the next one by an index that grew out of that */
	assert_int_equal(rig_start(&rig), 0);
	see(&got);
	want.last_time = got.last_time;
	assert_memory_equal(&got, &want, sizeof(got));
	assert_int_equal(rig_stop(&rig), 0);
	rig_verify(&rig, &report);
	assert_int_equal(report.fault, 0);
}

/* Each byte in turn, one of its bits, and the file cut off there. */
static void test_an_index_that_was_altered_or_cut_anywhere_gives_the_same_state(void **state)
{
	_cleanup_free_ char *index = NULL;
	static struct Seen want;
	size_t n, step;

	(void)state;
	prepare();
	index = rig_file(&rig, INDEX_FILE, &n);
	start_without(&want);
	step = getenv("TEST_FULL") ? 1 : 61;
	for (size_t i = 0; i < n; i += step) {
		index[i] ^= (char)(1 << i % 8);
		index_put(index, n);
		index[i] ^= (char)(1 << i % 8);
		assert_same_start(&want);
		rig_kill(&rig);
		index_put(index, i);
		assert_same_start(&want);
		rig_kill(&rig);
	}
}

static void test_an_index_of_another_ledger_gives_the_same_state(void **state)
{
	_cleanup_free_ char *other = NULL;
	static struct Seen want;
	size_t n;

	(void)state;
	prepare();
	other = rig_file(&rig, INDEX_FILE, &n);
	prepare();
	start_without(&want);
	index_put(other, n);
	assert_same_start(&want);
}

static void test_an_index_that_is_no_file_gives_the_same_state(void **state)
{
	static struct Seen want;

	(void)state;
	prepare();
	start_without(&want);
	for (int i = 0; i < 3; i++) {
		_cleanup_fd_ int year = rig_year_dir(&rig);

		index_remove();
		assert_false(i == 0   ? symlinkat("records.jsonl", year, INDEX_FILE)
		             : i == 1 ? mkfifoat(year, INDEX_FILE, 0600)
		                      : mkdirat(year, INDEX_FILE, 0700));
		assert_same_start(&want);
		assert_int_equal(rig_stop(&rig), 0);
		if (i == 2)
			assert_false(unlinkat(year, INDEX_FILE, AT_REMOVEDIR));
	}
}

/* Turns a byte inside the line of record n that holds `text`. */
static void alter_record(uint64_t n, const char *text)
{
	size_t size;
	_cleanup_free_ char *records = rig_file(&rig, "records.jsonl", &size);
	_cleanup_fd_ int year = rig_year_dir(&rig), fd = openat(year, "records.jsonl", O_WRONLY);
	char start[32], *line;

	snprintf(start, sizeof(start), "{\"n\":%ju,", (uintmax_t)n);
	line = strstr(records, start);
	assert_non_null(line);
	line = strstr(line, text);
	assert_non_null(line);
	assert_int_equal(pwrite(fd, "X", 1, line - records), 1);
}

static void test_a_record_altered_before_the_index_is_found_afterwards_and_then_at_once(void **state)
{
	char subject[LIMIT_SUBJECT];

	(void)state;
	prepare();
	alter_record(100, "kyufu");
	/* nothing of the state rests on it */
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(fault_told(subject), FAULT_LEDGER_ALTERED);
	/* what the first change of key behind it was signed over is another ledger */
	assert_non_null(strstr(subject, "the change of key is not signed by the key before it"));
	assert_false(is_there(INDEX_FILE));
	assert_int_equal(rig_start(&rig), FAULT_LEDGER_ALTERED);
}

static void test_a_line_that_lost_its_form_is_named_afterwards(void **state)
{
	char subject[LIMIT_SUBJECT];

	(void)state;
	prepare();
	alter_record(200, "\"kind\"");
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(fault_told(subject), FAULT_LEDGER_ALTERED);
	assert_non_null(strstr(subject, "line 201: "));
}

static void test_an_altered_record_that_the_state_rests_on_opens_nothing(void **state)
{
	(void)state;
	prepare();
	alter_record(3, "USB-2");
	assert_int_equal(rig_start(&rig), FAULT_LEDGER_ALTERED);
}

/* The key on disk is the one that signs: who has it can lie in an index. */
static void sign_and_put(struct Index *x, struct Crypto *c)
{
	_cleanup_fd_ int keys = openat(rig.dir, "keys", O_RDONLY | O_DIRECTORY);
	_cleanup_free_ char *bytes = NULL;
	uint8_t seed[SEED_SIZE], public_key[HASH_SIZE];
	struct Key *key;
	struct Vkey v;
	char origin[LIMIT_VKEY];
	size_t n;

	assert_int_equal(file_read_at(keys, "ledger.key", seed, sizeof(seed)), SEED_SIZE);
	assert_int_equal(key_new(seed, &key), 0);
	assert_int_equal(key_public(key, public_key), 0);
	str_set_n(origin, sizeof(origin), x->year_vkey, strcspn(x->year_vkey, "+"));
	assert_int_equal(vkey_make(c, origin, public_key, &v), 0);
	assert_int_equal(vkey_format(&v, x->signer, sizeof(x->signer)), 0);
	assert_int_equal(index_write(x, c, key, &bytes, &n), 0);
	index_put(bytes, n);
	key_freep(&key);
}

static void test_an_index_that_lies_under_our_own_key_is_found_out_afterwards(void **state)
{
	_cleanup_(crypto_freep) struct Crypto *c = NULL;
	char subject[LIMIT_SUBJECT];
	struct Index x;

	(void)state;
	prepare();
	assert_int_equal(crypto_new(&c), 0);
	{
		_cleanup_fd_ int year = rig_year_dir(&rig);

		assert_int_equal(index_load(year, c, &x), 0);
	}
	/* a medium is forgotten: its checkout stands, and nothing but the records says otherwise */
	memmove(x.refs, x.refs + 1, --x.n_refs * sizeof(x.refs[0]));
	sign_and_put(&x, c);
	index_done(&x);
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(rig.n_media, 2);
	assert_int_equal(fault_told(subject), FAULT_LEDGER_ALTERED);
	assert_string_equal(subject, "the index did not say what the records say");
	/* the ledger is right: the next start says so */
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(rig.n_media, 3);
}

static void test_a_small_ledger_is_read_whole_before_anything_opens(void **state)
{
	(void)state;
	prepare();
	rig.small_index = false;
	alter_record(100, "kyufu");
	assert_int_equal(rig_start(&rig), FAULT_LEDGER_ALTERED);
}

/* ------------------------------------------------------------------ every crash point */

/* A start by the index, an append, the next index. */
static void play(int *ret_fault, uint64_t *ret_n)
{
	struct Record r;

	*ret_fault = -1;
	record_start(&r, RECORD_LIST, RESULT_DONE);
	if (rig_start(&rig) == 0) {
		*ret_fault = rig_append(&rig, &r, ret_n);
		if (*ret_fault == FAULT_OK)
			(void)!rig_cover(&rig, *ret_n + 1);
	}
	rig_stop(&rig);
}

static void check(int fault, uint64_t n, struct Seen *want)
{
	struct LedgerReport report;
	static struct Seen got;

	plan_disarm();
	assert_int_equal(rig_start(&rig), 0);
	see(&got);
	want->last_time = got.last_time; /* the record that was added, or not */
	assert_memory_equal(&got, want, sizeof(got));
	assert_int_equal(rig_stop(&rig), 0);
	rig_verify(&rig, &report);
	assert_int_equal(report.fault, 0);
	assert_true(report.records == report.covered && report.torn == 0);
	assert_true(fault != FAULT_OK || report.covered > n);
}

static void copy_tree(const char *from, const char *to)
{
	char command[1024];

	snprintf(command, sizeof(command), "rm -rf '%s' && cp -a '%s' '%s'", to, from, to);
	assert_int_equal(system(command), 0);
}

static void crash_everywhere(int first, int last, int error, bool with_index)
{
	char kept[300], command[320];
	static struct Seen want;

	prepare();
	if (!with_index)
		index_remove();
	snprintf(kept, sizeof(kept), "%s.kept", rig.path);
	copy_tree(rig.path, kept);
	start_without(&want);
	for (int how = first; how <= last; how++) {
		bool more = true;
		int at = 1;

		for (; more; at++) {
			uint64_t n = 0;
			int fault;

			rig.dir = fd_close(rig.dir);
			copy_tree(kept, rig.path);
			rig.dir = open(rig.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			plan_arm(at, how, error);
			play(&fault, &n);
			more = plan->calls >= at;
			check(fault, n, &want);
		}
		assert_true(at > 15);
	}
	assert_int_equal(rig.pid, -1);
	snprintf(command, sizeof(command), "rm -rf '%s'", kept);
	assert_int_equal(system(command), 0);
}

static void test_a_kill_at_any_call_of_a_start_by_the_index_loses_nothing(void **state)
{
	(void)state;
	crash_everywhere(0, _HOW_KILLS - 1, 0, true);
}

static void test_a_kill_at_any_call_while_the_index_is_written_loses_nothing(void **state)
{
	(void)state;
	crash_everywhere(0, _HOW_KILLS - 1, 0, false);
}

static void test_a_call_that_fails_once_loses_nothing_with_an_index(void **state)
{
	(void)state;
	crash_everywhere(HOW_FAIL, HOW_FAIL_SHORT, ENOSPC, true);
	crash_everywhere(HOW_FAIL, HOW_FAIL_SHORT, EIO, false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_start_by_the_index_gives_the_state_of_one_without),
	        TEST(test_an_index_that_was_altered_or_cut_anywhere_gives_the_same_state),
	        TEST(test_an_index_of_another_ledger_gives_the_same_state),
	        TEST(test_an_index_that_is_no_file_gives_the_same_state),
	        TEST(test_a_record_altered_before_the_index_is_found_afterwards_and_then_at_once),
	        TEST(test_a_line_that_lost_its_form_is_named_afterwards),
	        TEST(test_an_altered_record_that_the_state_rests_on_opens_nothing),
	        TEST(test_an_index_that_lies_under_our_own_key_is_found_out_afterwards),
	        TEST(test_a_small_ledger_is_read_whole_before_anything_opens),
	        TEST(test_a_kill_at_any_call_of_a_start_by_the_index_loses_nothing),
	        TEST(test_a_kill_at_any_call_while_the_index_is_written_loses_nothing),
	        TEST(test_a_call_that_fails_once_loses_nothing_with_an_index),
	};

	plan_make();
	umask(0022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
