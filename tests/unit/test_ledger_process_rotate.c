/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The change of the ledger key, cut short at every call by which it changes something: never two keys that
 * are valid for the next record, never none.
 */
#include "ledger_rig.h"
#include "ledger_wrap.h"

#include "note.h"
#include "rotate.h"
#include "seal.h"
#include "str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

static struct Rig rig;
static struct Crypto *crypto;

static void fresh(void)
{
	plan_disarm();
	rig_remove(&rig);
	rig_make(&rig, "/dev/shm");
	assert_int_equal(rig_enrol(&rig), 0);
}

static int setup(void **state _unused_)
{
	plan_disarm();
	rig_make(&rig, "/dev/shm");
	return rig_enrol(&rig);
}

static int teardown(void **state _unused_)
{
	plan_disarm();
	rig_remove(&rig);
	return 0;
}

static int keys_dir(void)
{
	return openat(rig.dir, "keys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The verifier key of a seed on disk; false: no such file. */
static bool key_on_disk(const char *file, const char *origin, char ret[static LIMIT_VKEY])
{
	_cleanup_fd_ int keys = keys_dir(), fd = openat(keys, file, O_RDONLY | O_CLOEXEC);
	_cleanup_(key_freep) struct Key *key = NULL;
	uint8_t seed[SEED_SIZE], public_key[HASH_SIZE];
	struct Vkey vkey;

	if (fd < 0)
		return false;
	assert_int_equal(read(fd, seed, sizeof(seed)), sizeof(seed));
	assert_int_equal(key_new(seed, &key), 0);
	assert_int_equal(key_public(key, public_key), 0);
	assert_int_equal(vkey_make(crypto, origin, public_key, &vkey), 0);
	assert_int_equal(vkey_format(&vkey, ret, LIMIT_VKEY), 0);
	return true;
}

/* Of the keys on disk exactly one may sign what comes next; the ledger itself is not altered. */
static void check_one_key(void)
{
	static const char *const files[] = {SEAL_LEDGER_FILE, SEAL_NEXT_FILE};
	struct LedgerReport report;
	unsigned int valid = 0;

	rig_verify(&rig, &report);
	assert_string_equal(report.error, "");
	assert_int_not_equal(report.last_vkey[0], '\0');
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char vkey[LIMIT_VKEY];

		if (key_on_disk(files[i], report.origin, vkey))
			valid += str_eq(vkey, report.last_vkey);
	}
	assert_int_equal(valid, 1);
}

/* After a start that nothing disturbs there is one key, and it signed the checkpoint. */
static void check_settled(void)
{
	struct LedgerReport report;
	char vkey[LIMIT_VKEY];

	plan_disarm();
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(rig_stop(&rig), 0);
	rig_verify(&rig, &report);
	assert_string_equal(report.error, "");
	assert_int_equal(report.covered, report.records);
	assert_true(key_on_disk(SEAL_LEDGER_FILE, report.origin, vkey));
	assert_string_equal(vkey, report.vkey);
	assert_string_equal(vkey, report.last_vkey);
	assert_false(key_on_disk(SEAL_NEXT_FILE, report.origin, vkey));
}

static void test_a_kill_at_any_call_leaves_one_valid_key(void **state _unused_)
{
	int points = 0;

	for (int how = 0; how < _HOW_KILLS; how++) {
		bool more = true;

		for (int at = 1; more; at++) {
			fresh();
			more = plan_start(&rig, at, how, 0);
			plan_disarm();
			check_one_key();
			check_settled();
			points += more;
		}
	}
	assert_true(points > 40);
}

/* The second kill falls at each call of what the start after the first finishes. */
static void test_two_kills_leave_one_valid_key(void **state _unused_)
{
	bool more = true;

	for (int at = 1; more; at++) {
		bool more_again = true;

		for (int again = 1; more_again; again++) {
			fresh();
			more = plan_start(&rig, at, HOW_AFTER, 0);
			more_again = plan_start(&rig, again, again % 2 ? HOW_MIDDLE : HOW_AFTER, 0) && more;
			plan_disarm();
			check_one_key();
			check_settled();
		}
	}
}

static void test_a_call_that_fails_leaves_one_valid_key(void **state _unused_)
{
	static const int errors[] = {ENOSPC, EIO, EROFS};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		for (int how = HOW_FAIL; how <= HOW_FAIL_SHORT; how++) {
			bool more = true;

			for (int at = 1; more; at++) {
				fresh();
				more = plan_start(&rig, at, how, errors[i]);
				plan_disarm();
				check_one_key();
				check_settled();
			}
		}
}

static void test_the_key_that_was_is_overwritten_where_it_was(void **state _unused_)
{
	_cleanup_fd_ int keys = keys_dir(), fd = openat(keys, SEAL_LEDGER_FILE, O_RDONLY | O_CLOEXEC);
	uint8_t before[SEED_SIZE], after[SEED_SIZE], now[SEED_SIZE];

	assert_int_equal(pread(fd, before, sizeof(before), 0), sizeof(before));
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(rig_stop(&rig), 0);
	/* the file that was open then has no name any more; its bytes are others */
	assert_int_equal(pread(fd, after, sizeof(after), 0), sizeof(after));
	assert_memory_not_equal(before, after, sizeof(before));
	fd_closep(&fd);
	fd = openat(keys, SEAL_LEDGER_FILE, O_RDONLY | O_CLOEXEC);
	assert_int_equal(pread(fd, now, sizeof(now), 0), sizeof(now));
	assert_memory_not_equal(now, after, sizeof(now));
	assert_memory_not_equal(now, before, sizeof(now));
}

static void test_the_key_changes_every_1000_records(void **state _unused_)
{
	struct LedgerReport report;

	assert_int_equal(rig_start(&rig), 0);
	for (unsigned int i = 0; i < 2500; i++) {
		struct Record r;
		uint64_t n;

		record_start(&r, RECORD_LIST, RESULT_DONE);
		assert_int_equal(rig_append(&rig, &r, &n), 0);
		/* a change comes with a checkpoint: one for each here, however slow the machine */
		assert_int_equal(rig_cover(&rig, n + 1), 0);
	}
	assert_int_equal(rig_stop(&rig), 0);
	rig_verify(&rig, &report);
	assert_string_equal(report.error, "");
	assert_int_equal(report.keys, 3);
	assert_int_equal(report.records, 1 + 2500 + 3);
	assert_int_equal(report.covered, report.records);
	check_one_key();
}

static void test_a_key_that_is_not_the_ledgers_closes_it(void **state _unused_)
{
	_cleanup_fd_ int keys = keys_dir();

	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(rig_stop(&rig), 0);
	assert_int_equal(unlinkat(keys, SEAL_LEDGER_FILE, 0), 0);
	assert_int_equal(seal_make(keys), 0);
	assert_int_equal(rig_start(&rig), FAULT_LEDGER_ALTERED);
	assert_int_equal(rig_stop(&rig), 1);
}

/* Appended with rights to the folder, but without the key. */
static void test_an_unsigned_change_of_key_beyond_the_checkpoint_closes_the_ledger(void **state _unused_)
{
	_cleanup_fd_ int year = rig_year_dir(&rig),
	                 fd = openat(year, "records.jsonl", O_WRONLY | O_APPEND | O_CLOEXEC);
	_cleanup_free_ char *vkey = NULL;
	char line[1024];
	int n;

	vkey = rig_file(&rig, "vkey", NULL);
	vkey[strcspn(vkey, "\n")] = '\0';
	n = snprintf(line, sizeof(line),
	        "{\"n\":1,\"t\":\"2026-11-21T10:00:00.000+09:00\",\"kind\":\"key\",\"terminal\":\"T-01\","
	        "\"result\":\"done\",\"detail\":{\"vkey\":\"%s\",\"signature\":\"%.86s==\"}}\n",
	        vkey,
	        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(write(fd, line, (size_t)n), n);
	assert_int_equal(rig_start(&rig), FAULT_LEDGER_ALTERED);
	assert_int_equal(rig_stop(&rig), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_kill_at_any_call_leaves_one_valid_key),
	        TEST(test_two_kills_leave_one_valid_key),
	        TEST(test_a_call_that_fails_leaves_one_valid_key),
	        TEST(test_the_key_that_was_is_overwritten_where_it_was),
	        TEST(test_the_key_changes_every_1000_records),
	        TEST(test_a_key_that_is_not_the_ledgers_closes_it),
	        TEST(test_an_unsigned_change_of_key_beyond_the_checkpoint_closes_the_ledger),
	};

	plan_make();
	umask(0022);
	if (crypto_new(&crypto))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
