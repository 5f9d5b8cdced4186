/* SPDX-License-Identifier: Apache-2.0 */
/* Which slot counts: every pair of slots that a crash, a clone or a forger can leave behind. */
#include "label_choose.h"
#include "str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* Labels by counter: the digest is the counter over and over, so a fork of it has another byte. */
enum What {
	EMPTY,
	BAD,	  /* malformed: a torn write */
	FORGED,
	STRANGER,
	OTHER,	  /* whole, of another medium */
	FORK,	  /* whole, of this medium, of this counter, and not the one on record */
	MISPLACED, /* the right one in the wrong slot */
	N,	  /* counter 10 */
	N_MINUS_1,
	N_MINUS_2,
	N_MINUS_3,
	N_PLUS_1,
	N_PLUS_2,
};

static const uint8_t digests[][DIGEST_SIZE] = {[7] = {7}, [8] = {8}, [9] = {9}, [10] = {10}, [11] = {11}, [12] = {12}};
static const uint8_t identity[DIGEST_SIZE] = {1, 2, 3};

static struct LabelSeen label(uint64_t counter)
{
	struct LabelSeen s = {.state = LABEL_STATE_VALID, .counter = counter, .number = "USB-0007", .registration = "R1"};

	memcpy(s.sha256, digests[counter], DIGEST_SIZE);
	memcpy(s.identity, identity, DIGEST_SIZE);
	return s;
}

static struct LabelSeen make(enum What what)
{
	static const uint64_t counters[] = {[OTHER] = 10, [FORK] = 10, [MISPLACED] = 10, [N] = 10, [N_MINUS_1] = 9,
		[N_MINUS_2] = 8, [N_MINUS_3] = 7, [N_PLUS_1] = 11, [N_PLUS_2] = 12};
	static const uint8_t states[] = {[EMPTY] = LABEL_STATE_EMPTY, [BAD] = LABEL_STATE_MALFORMED,
		[FORGED] = LABEL_STATE_FORGED, [STRANGER] = LABEL_STATE_STRANGER};
	struct LabelSeen s;

	if (what <= STRANGER)
		return (struct LabelSeen){.state = states[what]};
	s = label(counters[what]);
	if (what == OTHER)
		STR_CUT(s.number, "USB-0008");
	if (what == FORK)
		s.sha256[5] = 1;
	return s;
}

struct Row {
	enum What even, odd; /* slots 0 and 1: counter 10 belongs in slot 0 */
	bool intent;	     /* of counter 11 is without outcome */
	enum LabelOutcome outcome;
	bool torn;
	uint64_t found;
};

static const struct Row rows[] = {
	/* at rest */
	{N, N_MINUS_1, false, LABEL_CURRENT, false, 10},
	/* intent on record: nothing written yet; half a write; all of it */
	{N, N_MINUS_1, true, LABEL_CURRENT, false, 10},
	{N, BAD, true, LABEL_CURRENT, true, 10},
	{N, EMPTY, true, LABEL_CURRENT, true, 10},
	{N, FORGED, true, LABEL_CURRENT, true, 10},
	{N, N_PLUS_1, true, LABEL_INTENT, false, 11},
	/* damage beside the label that counts, without an intent */
	{N, BAD, false, LABEL_CURRENT, true, 10},
	{N, FORGED, false, LABEL_CURRENT, true, 10},
	{N, STRANGER, false, LABEL_CURRENT, true, 10},
	{N, OTHER, false, LABEL_CURRENT, true, 10},
	{N, MISPLACED, false, LABEL_CURRENT, true, 10},
	{N, N_PLUS_1, false, LABEL_CURRENT, true, 10},
	{BAD, N_PLUS_1, true, LABEL_INTENT, true, 11},
	/* a clone, or an image put back */
	{N_MINUS_2, N_MINUS_1, false, LABEL_OLDER, false, 9},
	{N_MINUS_2, N_MINUS_3, false, LABEL_OLDER, false, 8},
	{N_MINUS_2, N_MINUS_1, true, LABEL_OLDER, false, 9},
	{FORK, N_MINUS_1, false, LABEL_OLDER, false, 10},
	{EMPTY, N_MINUS_1, false, LABEL_OLDER, false, 9},
	{BAD, N_MINUS_3, false, LABEL_OLDER, false, 7},
	/* newer than the ledger */
	{N_PLUS_2, N_PLUS_1, false, LABEL_AHEAD, false, 12},
	{N_MINUS_2, N_PLUS_1, false, LABEL_AHEAD, false, 11},
	/* altered */
	{BAD, N_MINUS_1, false, LABEL_ALTERED, false, 0},
	{FORGED, N_MINUS_1, false, LABEL_ALTERED, false, 0},
	{BAD, BAD, false, LABEL_ALTERED, false, 0},
	{EMPTY, FORGED, false, LABEL_ALTERED, false, 0},
	{EMPTY, MISPLACED, false, LABEL_ALTERED, false, 10},
	/* of another medium, or of another terminal */
	{OTHER, EMPTY, false, LABEL_OTHER, false, 10},
	{STRANGER, STRANGER, false, LABEL_OTHER, false, 0},
	/* none */
	{EMPTY, EMPTY, false, LABEL_MISSING, false, 0},
	{EMPTY, EMPTY, true, LABEL_MISSING, false, 0},
};

static void test_each_pair_of_slots_gets_its_answer(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct Row *row = &rows[i];
		const struct LabelSeen seen[LABEL_SLOTS] = {make(row->even), make(row->odd)};
		const struct LabelExpected e = {.number = "USB-0007", .registration = "R1", .identity = identity,
			.counter = 10, .sha256 = digests[10], .intent_counter = row->intent ? 11 : 0,
			.intent_sha256 = digests[11]};
		struct LabelChoice c;

		label_choose(seen, &e, &c);
		if (c.outcome != row->outcome || c.torn != row->torn || c.found != row->found)
			fail_msg("row %zu: outcome %u, torn %d, found %ju", i, c.outcome, c.torn, (uintmax_t)c.found);
		if (c.outcome == LABEL_CURRENT || c.outcome == LABEL_INTENT)
			assert_int_equal(c.slot, c.found % 2);
	}
}

static void test_the_first_label_has_nothing_beside_it(void **state _unused_)
{
	static const uint8_t first[DIGEST_SIZE] = {42};
	const struct LabelExpected e = {.number = "USB-0007", .registration = "R1", .identity = identity, .counter = 1,
		.sha256 = first};
	struct LabelSeen seen[LABEL_SLOTS] = {{.state = LABEL_STATE_MALFORMED}, label(9)};
	struct LabelChoice c;

	seen[1].counter = 1;
	memcpy(seen[1].sha256, first, DIGEST_SIZE);
	label_choose(seen, &e, &c);
	assert_int_equal(c.outcome, LABEL_CURRENT);
	assert_false(c.torn);
}

static void test_a_label_of_an_earlier_registration_is_another_ones(void **state _unused_)
{
	const struct LabelExpected e = {.number = "USB-0007", .registration = "R2", .identity = identity, .counter = 10,
		.sha256 = digests[10]};
	const struct LabelSeen seen[LABEL_SLOTS] = {label(10), label(9)};
	struct LabelChoice c;

	label_choose(seen, &e, &c);
	assert_int_equal(c.outcome, LABEL_OTHER);
}

/* ------------------------------------------------------------------ several terminals */

/* By T2, of a counter and a registration. */
static struct LabelSeen issued(uint64_t counter, const char *registration)
{
	struct LabelSeen s = label(counter);

	s.state = LABEL_STATE_ISSUED;
	s.sha256[5] = 2; /* no label of ours */
	STR_CUT(s.terminal, "T2");
	STR_CUT(s.registration, registration);
	return s;
}

struct Pair {
	struct LabelSeen even, odd;
	bool intent; /* of counter 11 is without outcome */
	struct LabelChoice want;
};

static void assert_pair(const struct Pair *p, size_t i)
{
	const struct LabelSeen seen[LABEL_SLOTS] = {p->even, p->odd};
	const struct LabelExpected e = {.number = "USB-0007", .registration = "R1", .identity = identity, .counter = 10,
		.sha256 = digests[10], .intent_counter = p->intent ? 11 : 0, .intent_sha256 = digests[11]};
	struct LabelChoice c;

	label_choose(seen, &e, &c);
	if (c.outcome != p->want.outcome || c.slot != p->want.slot || c.torn != p->want.torn ||
		c.intent != p->want.intent || c.found != p->want.found)
		fail_msg("pair %zu: outcome %u, slot %u, torn %d, intent %d, found %ju", i, c.outcome, c.slot, c.torn,
			c.intent, (uintmax_t)c.found);
}

static void test_a_later_label_of_an_issuer_is_taken(void **state _unused_)
{
	const struct LabelSeen bad = {.state = LABEL_STATE_MALFORMED}, empty = {.state = LABEL_STATE_EMPTY};
	const struct Pair pairs[] = {
		/* one session elsewhere, two, and more than the slots remember */
		{label(10), issued(11, "R1"), false, {LABEL_TAKEN, 1, false, false, 11}},
		{issued(12, "R1"), issued(11, "R1"), false, {LABEL_TAKEN, 0, false, false, 12}},
		/* cut short elsewhere: what it tore is mended here */
		{bad, issued(11, "R1"), false, {LABEL_TAKEN, 1, true, false, 11}},
		{issued(12, "R1"), empty, false, {LABEL_TAKEN, 0, true, false, 12}},
		/* registered or relabelled there: by its own name alone */
		{label(10), issued(11, "T2-RAAAA"), false, {LABEL_TAKEN, 1, false, false, 11}},
		{issued(12, "T2-RAAAA"), issued(11, "T2-RAAAA"), false, {LABEL_TAKEN, 0, false, false, 12}},
		{label(10), issued(11, "T3-RAAAA"), false, {LABEL_CURRENT, 0, true, false, 10}},
		{issued(12, "T3-RAAAA"), issued(11, "R0"), false, {LABEL_OTHER, 0, false, false, 12}},
		/* an intent of ours that did not get written, one that did before, one that is the later */
		{label(10), issued(11, "R1"), true, {LABEL_TAKEN, 1, false, false, 11}},
		{issued(12, "R1"), label(11), true, {LABEL_TAKEN, 0, false, true, 12}},
		{label(10), label(11), true, {LABEL_INTENT, 1, false, true, 11}},
		/* the one before ours is by another terminal, and ours stands */
		{label(10), issued(9, "R1"), false, {LABEL_CURRENT, 0, false, false, 10}},
		{label(10), issued(9, "T2-RAAAA"), false, {LABEL_CURRENT, 0, false, false, 10}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		assert_pair(&pairs[i], i);
}

static void test_an_issuers_label_that_is_not_later_is_refused(void **state _unused_)
{
	const struct LabelSeen empty = {.state = LABEL_STATE_EMPTY};
	const struct Pair pairs[] = {
		/* a clone that was used elsewhere: of our counter, or of one before */
		{issued(10, "R1"), label(9), false, {LABEL_OLDER, 0, false, false, 10}},
		{issued(8, "R1"), issued(9, "R1"), false, {LABEL_OLDER, 1, false, false, 9}},
		{empty, issued(9, "T2-RAAAA"), false, {LABEL_OLDER, 1, false, false, 9}},
		/* our own beside it that we do not know: this ledger was put back */
		{issued(12, "R1"), label(11), false, {LABEL_AHEAD, 1, false, false, 11}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		assert_pair(&pairs[i], i);
}

static void test_an_issuers_label_of_another_medium_is_refused(void **state _unused_)
{
	struct LabelSeen seen[LABEL_SLOTS] = {issued(12, "R1"), {.state = LABEL_STATE_EMPTY}};
	const struct LabelExpected e = {.number = "USB-0007", .registration = "R1", .identity = identity, .counter = 10,
		.sha256 = digests[10], .intent_sha256 = digests[11]};
	struct LabelChoice c;

	STR_CUT(seen[0].number, "USB-0008");
	label_choose(seen, &e, &c);
	assert_int_equal(c.outcome, LABEL_OTHER);
	seen[0] = issued(12, "R1");
	seen[0].identity[0] ^= 1;
	label_choose(seen, &e, &c);
	assert_int_equal(c.outcome, LABEL_OTHER);
	seen[0] = issued(11, "R1"); /* in the slot of an even counter */
	label_choose(seen, &e, &c);
	assert_int_equal(c.outcome, LABEL_ALTERED);
}

static void test_a_label_that_was_taken_stays_the_last(void **state _unused_)
{
	const struct LabelSeen seen[LABEL_SLOTS] = {issued(10, "R1"), label(9)};
	const struct LabelExpected e = {.number = "USB-0007", .registration = "R1", .identity = identity, .counter = 10,
		.sha256 = seen[0].sha256, .intent_sha256 = digests[11]};
	struct LabelChoice c;

	label_choose(seen, &e, &c);
	assert_int_equal(c.outcome, LABEL_CURRENT);
	assert_false(c.torn);
	assert_false(c.intent);
}

static void test_a_medium_without_a_label_on_record_accepts_none(void **state _unused_)
{
	static const uint8_t none[DIGEST_SIZE];
	const struct LabelExpected e = {.number = "USB-0007", .registration = "", .identity = identity, .sha256 = none,
		.intent_sha256 = none};
	struct LabelSeen seen[LABEL_SLOTS] = {label(10), label(9)};
	struct LabelChoice c;

	label_choose(seen, &e, &c);
	assert_true(c.outcome > LABEL_TAKEN);
	seen[0].counter = 0; /* no label has it; a broken ledger might say so */
	memset(seen[0].sha256, 0, DIGEST_SIZE);
	label_choose(seen, &e, &c);
	assert_true(c.outcome > LABEL_TAKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_pair_of_slots_gets_its_answer),
		cmocka_unit_test(test_the_first_label_has_nothing_beside_it),
		cmocka_unit_test(test_a_label_of_an_earlier_registration_is_another_ones),
		cmocka_unit_test(test_a_later_label_of_an_issuer_is_taken),
		cmocka_unit_test(test_an_issuers_label_that_is_not_later_is_refused),
		cmocka_unit_test(test_an_issuers_label_of_another_medium_is_refused),
		cmocka_unit_test(test_a_label_that_was_taken_stays_the_last),
		cmocka_unit_test(test_a_medium_without_a_label_on_record_accepts_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
