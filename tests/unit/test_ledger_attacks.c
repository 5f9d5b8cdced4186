/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What root of the terminal can undo, who holds the key in force and no earlier one. Each attack is judged
 *twice: by the key of enrolment alone, and beside the last checkpoint that a console kept.
 *
 *	                                              key alone   beside a checkpoint
 *	rewrite a record of an older epoch            refused     refused
 *	truncate into an older epoch                  refused     refused
 *	drop all changes of key                       refused     refused
 *	rewrite a record of the current epoch         accepted    refused: fork
 *	cut the tail of the current epoch             accepted    refused: rollback
 *	restore an older disk image                   accepted    refused: rollback
 *	delete the ledger                             unreadable  unreadable
 *	two histories to two readers                  accepted    refused: fork
 *	write new lies after the break-in             accepted    accepted
 */
#include "ledger_fixture.h"

#include "fault.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define EPOCH    6 /* lines */
#define ACCEPTED LEDGER_E_NONE

/* Three epochs: lines, key, lines, key, lines. The key of the last one is in the attacker's hand, too. */
static struct Fixture *history(void)
{
	struct Fixture *f = fixture_new();

	fixture_lines(f, EPOCH);
	fixture_rekey(f, 2);
	fixture_lines(f, EPOCH);
	fixture_rekey(f, 3);
	fixture_lines(f, EPOCH);
	fixture_sign(f, f->n);
	return f;
}

/* What the console kept of it. */
static struct LedgerSeen memory(const struct Fixture *f)
{
	struct LedgerSeen seen;

	assert_int_equal(ledger_seen_read(f->checkpoint, f->checkpoint_size, &seen), 0);
	return seen;
}

static enum LedgerError verdict(const struct Fixture *f, const struct LedgerSeen *seen)
{
	struct LedgerReport r;

	fixture_verify_seen(f, seen, seen ? 1 : 0, &r);
	return r.code;
}

static void judge(struct Fixture *attacked, enum LedgerError alone, enum LedgerError beside)
{
	struct Fixture *honest = history();
	struct LedgerSeen seen = memory(honest);

	assert_int_equal(verdict(attacked, NULL), alone);
	assert_int_equal(verdict(attacked, &seen), beside);
	fixture_free(attacked);
	fixture_free(honest);
}

static char *line_at(struct Fixture *f, size_t n)
{
	char *at = f->records;

	while (n--)
		at = strchr(at, '\n') + 1;
	return at;
}

static void rewrite(struct Fixture *f, size_t n)
{
	memcpy(strstr(line_at(f, n), "09:00:"), "08", 2);
}

static void cut_to(struct Fixture *f, size_t n)
{
	f->size = (size_t)(line_at(f, n) - f->records);
	f->n = n;
}

static void test_a_record_of_an_older_epoch_is_rewritten(void **state _unused_)
{
	for (size_t n = 0; n <= 2 * EPOCH; n++) {
		struct Fixture *f = history();

		rewrite(f, n);
		fixture_sign(f, f->n);
		judge(f, LEDGER_E_KEY_CHANGE, LEDGER_E_KEY_CHANGE);
	}
}

static void test_the_ledger_is_truncated_into_an_older_epoch(void **state _unused_)
{
	for (size_t n = 0; n <= 2 * EPOCH + 1; n++) {
		struct Fixture *f = history();

		cut_to(f, n);
		fixture_sign(f, n);
		judge(f, LEDGER_E_NOT_SIGNED, LEDGER_E_NOT_SIGNED);
	}
}

static void test_all_changes_of_key_are_dropped(void **state _unused_)
{
	struct Fixture *f = fixture_new();

	fixture_lines(f, 3 * EPOCH);
	fixture_key(f, 3);
	fixture_sign(f, f->n);
	judge(f, LEDGER_E_NOT_SIGNED, LEDGER_E_NOT_SIGNED);
}

static void test_a_change_of_key_of_the_attackers_own_is_put_in_front(void **state _unused_)
{
	struct Fixture *f = fixture_new();

	/* signed by the key in hand: not by the one before it */
	fixture_lines(f, EPOCH);
	fixture_key(f, 3);
	fixture_rekey(f, 3);
	fixture_lines(f, 2 * EPOCH);
	fixture_sign(f, f->n);
	judge(f, LEDGER_E_KEY_CHANGE, LEDGER_E_KEY_CHANGE);
}

/* The epoch begins with its `key` record: what is signed is all before it, and the new key. */
static void test_a_record_of_the_current_epoch_is_rewritten(void **state _unused_)
{
	for (size_t n = 2 * EPOCH + 1; n < 3 * EPOCH + 2; n++) {
		struct Fixture *f = history();

		rewrite(f, n);
		fixture_sign(f, f->n);
		judge(f, ACCEPTED, LEDGER_E_FORK);
	}
}

static void test_the_tail_of_the_current_epoch_is_cut(void **state _unused_)
{
	for (size_t n = 2 * EPOCH + 2; n < 3 * EPOCH + 2; n++) {
		struct Fixture *f = history();

		cut_to(f, n);
		fixture_sign(f, n);
		judge(f, ACCEPTED, LEDGER_E_ROLLBACK);
	}
}

static void test_an_older_disk_image_is_restored(void **state _unused_)
{
	struct Fixture *f = fixture_new();

	/* all of it as it was in the second epoch, signed then */
	fixture_lines(f, EPOCH);
	fixture_rekey(f, 2);
	fixture_lines(f, EPOCH - 2);
	fixture_sign(f, f->n);
	judge(f, ACCEPTED, LEDGER_E_ROLLBACK);
}

static void test_the_ledger_is_deleted(void **state _unused_)
{
	char folder[] = "/tmp/mediagate-attacks-XXXXXX";
	_cleanup_fd_ int dir = -1;
	struct LedgerReport r;

	assert_non_null(mkdtemp(folder));
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(ledger_verify_folder(dir, NULL, NULL, NULL, &r), 0);
	assert_int_equal(r.fault, FAULT_UNREADABLE);
	assert_int_equal(rmdir(folder), 0);
}

static void test_two_histories_are_told_to_two_readers(void **state _unused_)
{
	struct Fixture *one = history(), *other = history();
	struct LedgerSeen seen_one, seen_other;

	rewrite(other, 2 * EPOCH + 4);
	fixture_sign(other, other->n);
	seen_one = memory(one);
	seen_other = memory(other);
	assert_int_equal(verdict(one, &seen_one), ACCEPTED);
	assert_int_equal(verdict(other, &seen_other), ACCEPTED);
	/* found as soon as the two compare what they hold */
	assert_int_equal(verdict(one, &seen_other), LEDGER_E_FORK);
	assert_int_equal(verdict(other, &seen_one), LEDGER_E_FORK);
	fixture_free(one);
	fixture_free(other);
}

static void test_new_lies_after_the_break_in_cannot_be_prevented(void **state _unused_)
{
	struct Fixture *f = history();

	fixture_lines(f, 3);
	fixture_sign(f, f->n);
	judge(f, ACCEPTED, ACCEPTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_record_of_an_older_epoch_is_rewritten),
	        cmocka_unit_test(test_the_ledger_is_truncated_into_an_older_epoch),
	        cmocka_unit_test(test_all_changes_of_key_are_dropped),
	        cmocka_unit_test(test_a_change_of_key_of_the_attackers_own_is_put_in_front),
	        cmocka_unit_test(test_a_record_of_the_current_epoch_is_rewritten),
	        cmocka_unit_test(test_the_tail_of_the_current_epoch_is_cut),
	        cmocka_unit_test(test_an_older_disk_image_is_restored),
	        cmocka_unit_test(test_the_ledger_is_deleted),
	        cmocka_unit_test(test_two_histories_are_told_to_two_readers),
	        cmocka_unit_test(test_new_lies_after_the_break_in_cannot_be_prevented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
