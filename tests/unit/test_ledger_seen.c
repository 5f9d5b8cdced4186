/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints kept elsewhere: what is altered, and what is missing. */
#include "ledger_fixture.h"

#include "fault.h"
#include "str.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct LedgerSeen seen_of(const struct Fixture *f, uint64_t size)
{
	struct LedgerSeen seen = {.size = size};

	fixture_root(f, size, seen.root);
	return seen;
}

/* The same ledger with record n rewritten and all of it signed again by its own key. */
static struct Fixture *rewritten(uint64_t n, uint64_t size)
{
	struct Fixture *f = fixture_new();
	char *at;

	fixture_lines(f, size);
	at = f->records;
	for (uint64_t i = 0; i < n; i++)
		at = strchr(at, '\n') + 1;
	at = strstr(at, "09:00:");
	memcpy(at, "10", 2);
	fixture_sign(f, size);
	return f;
}

static void test_without_a_memory_elsewhere_nobody_knows_what_is_missing(void **state _unused_)
{
	struct Fixture *f = fixture_new();
	struct LedgerReport r;

	fixture_lines(f, 20);
	fixture_sign(f, 20);
	fixture_verify_seen(f, NULL, 0, &r);
	assert_int_equal(r.altered, LEDGER_NO);
	assert_int_equal(r.missing, LEDGER_UNKNOWN);
	fixture_free(f);
}

static void test_a_ledger_that_grew_has_all_that_was_seen(void **state _unused_)
{
	struct Fixture *f = fixture_new();
	struct LedgerSeen seen[4];
	struct LedgerReport r;

	fixture_lines(f, 30);
	fixture_sign(f, 27);
	seen[0] = seen_of(f, 27);
	seen[1] = seen_of(f, 0);
	seen[2] = seen_of(f, 13);
	seen[3] = seen_of(f, 29); /* signed then, not yet now: the checkpoint is older, the lines are there */
	fixture_verify_seen(f, seen, 4, &r);
	assert_int_equal(r.code, LEDGER_E_NONE);
	assert_int_equal(r.altered, LEDGER_NO);
	assert_int_equal(r.missing, LEDGER_NO);
	fixture_free(f);
}

static void test_a_rewritten_record_is_accepted_alone_and_named_beside_what_was_seen(void **state _unused_)
{
	struct Fixture *honest = fixture_new();
	struct LedgerReport r;

	fixture_lines(honest, 40);
	for (uint64_t n = 0; n < 40; n++) {
		struct Fixture *f = rewritten(n, 40);
		const struct LedgerSeen wide[] = {seen_of(honest, 40)};
		const struct LedgerSeen narrow[] = {
		        seen_of(honest, 40), seen_of(honest, n), seen_of(honest, n + 1)};

		fixture_verify_seen(f, NULL, 0, &r);
		assert_int_equal(r.fault, 0);
		fixture_verify_seen(f, wide, 1, &r);
		assert_int_equal(r.code, LEDGER_E_FORK);
		assert_int_equal(r.fault, FAULT_LEDGER_ALTERED);
		assert_int_equal(r.altered, LEDGER_YES);
		assert_true(r.from == 0 && r.to == 40);
		fixture_verify_seen(f, narrow, 3, &r);
		assert_int_equal(r.code, LEDGER_E_FORK);
		assert_true(r.from == n && r.to == n + 1);
		assert_int_equal(r.line, n + 1);
		fixture_free(f);
	}
	fixture_free(honest);
}

static void test_a_tail_that_was_cut_is_missing(void **state _unused_)
{
	struct Fixture *f = fixture_new(), *cut = fixture_new();
	struct LedgerSeen seen;
	struct LedgerReport r;

	fixture_lines(f, 40);
	seen = seen_of(f, 40);
	fixture_lines(cut, 39);
	fixture_sign(cut, 39);
	fixture_verify_seen(cut, NULL, 0, &r);
	assert_int_equal(r.fault, 0);
	fixture_verify_seen(cut, &seen, 1, &r);
	assert_int_equal(r.code, LEDGER_E_ROLLBACK);
	assert_int_equal(r.altered, LEDGER_NO);
	assert_int_equal(r.missing, LEDGER_YES);
	fixture_free(f);
	fixture_free(cut);
}

static void test_a_checkpoint_of_another_ledger_says_nothing(void **state _unused_)
{
	struct Fixture *f = fixture_new();
	struct LedgerReport r;
	struct LedgerSeen seen;

	fixture_lines(f, 5);
	fixture_sign(f, 5);
	assert_int_equal(ledger_seen_read(f->checkpoint, f->checkpoint_size, &seen), 0);
	assert_string_equal(seen.origin, FIXTURE_ORIGIN);
	fixture_verify_seen(f, &seen, 1, &r);
	assert_int_equal(r.code, LEDGER_E_NONE);
	STR_SET(seen.origin, "city.example.jp/mediagate/t2/2026");
	fixture_verify_seen(f, &seen, 1, &r);
	assert_int_equal(r.code, LEDGER_E_SEEN_OTHER);
	fixture_free(f);
}

static void test_what_is_on_paper_is_read_back_however_it_was_typed(void **state _unused_)
{
	for (unsigned int i = 0; i < 256; i++) {
		struct LedgerSeen seen = {}, back;
		char paper[LEDGER_PAPER_MOST];

		for (unsigned int k = 0; k < 32; k++)
			seen.root[k] = (uint8_t)(i * 37 + k * k * 11);
		seen.size = (uint64_t)i << i % 50;
		ledger_paper_write(seen.size, seen.root, paper);
		assert_int_equal(ledger_seen_read(paper, strlen(paper), &back), 0);
		assert_int_equal(back.size, seen.size);
		assert_memory_equal(back.root, seen.root, 32);
		for (char *p = paper; *p; p++)
			*p = *p == ' ' ? '-' : (char)tolower((unsigned char)*p);
		assert_int_equal(ledger_seen_read(paper, strlen(paper), &back), 0);
		assert_memory_equal(back.root, seen.root, 32);
	}
}

static void test_what_is_no_checkpoint_is_not_read(void **state _unused_)
{
	static const char good[] = "12 AAAA AAAA AAAA AAAA AAAA AAAA AAAA AAAA AAAA AAAA AAAA AAAA AAAA";
	struct LedgerSeen seen;
	char text[sizeof(good) + 4];

	assert_int_equal(ledger_seen_read(good, strlen(good), &seen), 0);
	assert_int_equal(ledger_seen_read(good + 2, strlen(good) - 2, &seen), -EINVAL);
	assert_int_equal(ledger_seen_read(good, strlen(good) - 1, &seen), -EINVAL);
	snprintf(text, sizeof(text), "%sA", good);
	assert_int_equal(ledger_seen_read(text, strlen(text), &seen), -EINVAL);
	snprintf(text, sizeof(text), "%s", good);
	for (size_t i = 0; i < 4; i++) {
		/* not of the alphabet, a stray bit behind the 256th, no gap behind the size */
		static const char *const changes[] = {"1", "B", "8", "A"};
		size_t at = i == 1 ? strlen(text) - 1 : i == 3 ? 2 : 5;

		text[at] = *changes[i];
		assert_int_equal(ledger_seen_read(text, strlen(text), &seen), -EINVAL);
		text[at] = good[at];
	}
	assert_int_equal(ledger_seen_read("", 0, &seen), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_without_a_memory_elsewhere_nobody_knows_what_is_missing),
	        cmocka_unit_test(test_a_ledger_that_grew_has_all_that_was_seen),
	        cmocka_unit_test(test_a_rewritten_record_is_accepted_alone_and_named_beside_what_was_seen),
	        cmocka_unit_test(test_a_tail_that_was_cut_is_missing),
	        cmocka_unit_test(test_a_checkpoint_of_another_ledger_says_nothing),
	        cmocka_unit_test(test_what_is_on_paper_is_read_back_however_it_was_typed),
	        cmocka_unit_test(test_what_is_no_checkpoint_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
