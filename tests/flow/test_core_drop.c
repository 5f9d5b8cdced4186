/* SPDX-License-Identifier: Apache-2.0 */
/* The drop of a year's ledger: two people, its retention, its order on record. */
#include "core_case.h"
#include "str.h"

#include <stdio.h>

static struct {
	int seen_fault, drop_fault; /* what the ledger answers */
	int looks, drops;
	bool dies; /* instead of answering a drop */
	bool slow; /* answers no look */
} ledger;

static bool detail_is(const struct Record *r, enum RecordKey key, const char *text)
{
	struct RecordItem item;

	return record_find(r, key, &item) && item.size == strlen(text) && !memcmp(item.bytes, text, item.size);
}

static const struct Record *last_of(const struct Rig *r, enum RecordKind kind)
{
	for (size_t i = r->n_lines; i; i--)
		if (r->lines[i - 1].kind == kind)
			return &r->lines[i - 1];
	return NULL;
}

/* As agent/ledger/drop.c finds it in its lines. */
static void look(struct Rig *r, struct RigEnd *end, const struct MsgYearLook *m)
{
	struct MsgYearSeen seen = {.cookie = m->cookie, .fault = (uint16_t)ledger.seen_fault, .size = 77};

	ledger.looks++;
	STR_CUT(seen.subject, "2020");
	snprintf(seen.origin, sizeof(seen.origin), "example.org/mediagate/T1/%u", m->year);
	STR_CUT(seen.vkey, "old+key");
	memset(seen.root, 9, sizeof(seen.root));
	for (size_t i = 0; i < r->n_lines; i++) {
		const struct Record *line = &r->lines[i];

		if (line->kind == RECORD_DROP && line->result == RESULT_INTENT)
			seen.asked_by[0] = '\0';
		if (line->kind != RECORD_DROP_ASKED)
			continue;
		STR_CUT(seen.asked_by, line->actor);
		seen.asked = i;
		seen.asked_at = r->now;
	}
	rig_say(r, end, MSG_YEAR_SEEN, &seen, NULL, 0);
}

/* An act without a durable intent that names it would be one without a record. */
static void drop(struct Rig *r, struct RigEnd *end, const struct MsgYearDrop *m)
{
	struct MsgYearDropped dropped = {.cookie = m->cookie, .fault = (uint16_t)ledger.drop_fault};
	const struct Record *intent = last_of(r, RECORD_DROP);

	ledger.drops++;
	assert_int_equal(m->year, 2020);
	assert_int_equal(m->size, 77);
	assert_int_equal(m->root[31], 9);
	assert_int_equal(intent->result, RESULT_INTENT);
	if (ledger.dies)
		rig_die(r, end);
	else
		rig_say(r, end, MSG_YEAR_DROPPED, &dropped, NULL, 0);
}

static bool years(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	if (m->type == MSG_YEAR_LOOK && !ledger.slow)
		look(r, end, &m->body.YEAR_LOOK);
	else if (m->type == MSG_YEAR_DROP)
		drop(r, end, &m->body.YEAR_DROP);
	return m->type == MSG_YEAR_LOOK || m->type == MSG_YEAR_DROP;
}

static int drop_setup(void **state)
{
	struct Rig *r;

	memset(&ledger, 0, sizeof(ledger));
	case_setup(state);
	r = *state;
	r->script[RIG_LEDGER] = years;
	return 0;
}

static struct Request request(const char *year, bool confirm)
{
	struct Request q = {.verb = VERB_DROP, .confirm = confirm};

	STR_CUT(q.year, year);
	return q;
}

static int asks(struct Rig *r, uid_t uid)
{
	return asked(r, uid, request("2020", false));
}

static int confirms(struct Rig *r, uid_t uid)
{
	return asked(r, uid, request("2020", true));
}

static void test_two_people_drop_a_year_on_record(void **state)
{
	struct Rig *r = *state;
	const struct Record *line;
	struct RecordItem item;

	assert_int_equal(asks(r, RIG_SUPERVISOR), FAULT_OK);
	assert_int_equal(ledger.drops, 0);
	line = last_of(r, RECORD_DROP_ASKED);
	assert_string_equal(line->actor, "supervisor1");
	assert_int_equal(line->result, RESULT_DONE);
	assert_true(detail_is(line, KEY_ORIGIN, "example.org/mediagate/T1/2020"));
	assert_true(detail_is(line, KEY_VKEY, "old+key"));
	assert_true(record_find(line, KEY_ROOT, &item) && item.size == DIGEST_SIZE && item.bytes[0] == 9);
	assert_int_equal(confirms(r, RIG_SUPERVISOR2), FAULT_OK);
	assert_int_equal(ledger.drops, 1);
	assert_int_equal(rig_lines(r, RECORD_DROP, RESULT_INTENT, -1), 1);
	assert_int_equal(rig_lines(r, RECORD_DROP, RESULT_DONE, -1), 1);
	line = last_of(r, RECORD_DROP);
	assert_string_equal(line->actor, "supervisor2");
	assert_true(record_find(line, KEY_INTENT, &item));
	line--;
	assert_int_equal(line->result, RESULT_INTENT);
	assert_true(detail_is(line, KEY_ASKED_BY, "supervisor1"));
	assert_true(record_find(line, KEY_SIZE, &item) && record_find(line, KEY_ROOT, &item) && record_find(line, KEY_VKEY, &item));
}

static void test_nobody_drops_a_year_alone(void **state)
{
	struct Rig *r = *state;

	assert_int_equal(confirms(r, RIG_SUPERVISOR), FAULT_NOT_ASKED);
	assert_int_equal(asks(r, RIG_SUPERVISOR), FAULT_OK);
	assert_int_equal(confirms(r, RIG_SUPERVISOR), FAULT_SAME_PERSON);
	assert_int_equal(rig_lines(r, RECORD_DROP, RESULT_REFUSED, FAULT_SAME_PERSON), 1);
	/* nor by a restart in between */
	rig_stop(r);
	rig_boot(r);
	assert_int_equal(confirms(r, RIG_SUPERVISOR), FAULT_SAME_PERSON);
	assert_int_equal(ledger.drops, 0);
	assert_int_equal(confirms(r, RIG_SUPERVISOR2), FAULT_OK);
	/* what was confirmed is used up */
	assert_int_equal(confirms(r, RIG_SUPERVISOR2), FAULT_NOT_ASKED);
	assert_int_equal(ledger.drops, 1);
}

static void test_only_supervisors_and_the_chief_drop(void **state)
{
	struct Rig *r = *state;

	assert_int_equal(asks(r, RIG_CLERK), FAULT_NOT_ALLOWED);
	assert_int_equal(asks(r, RIG_AUDITOR), FAULT_NOT_ALLOWED);
	assert_int_equal(asks(r, RIG_STRANGER), FAULT_NOT_ON_ROSTER);
	assert_int_equal(asks(r, RIG_EXPIRED), FAULT_RIGHT_EXPIRED);
	assert_int_equal(asks(r, RIG_SUPERVISOR), FAULT_OK);
	assert_int_equal(confirms(r, RIG_CLERK), FAULT_NOT_ALLOWED);
	assert_int_equal(confirms(r, RIG_EXPIRED), FAULT_RIGHT_EXPIRED);
	assert_int_equal(ledger.drops, 0);
}

static void test_a_year_within_its_retention_is_not_looked_at(void **state)
{
	struct Rig *r = *state;
	static const char *const kept[] = {"2021", "2025", "2026", "9999"};
	static const char *const none[] = {"", "202", "20x0", "0000", "-202"};

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		assert_int_equal(asked(r, RIG_SUPERVISOR, request(kept[i], i % 2)), FAULT_RETENTION);
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_int_equal(asked(r, RIG_SUPERVISOR, request(none[i], false)), FAULT_NO_SUCH_YEAR);
	assert_int_equal(ledger.looks, 0);
}

static void test_what_the_ledger_objects_to_is_refused_with_its_reason(void **state)
{
	static const int faults[] = {FAULT_NO_SUCH_YEAR, FAULT_YEAR_NOT_OVER, FAULT_LEDGER_ALTERED};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		struct Rig *r = *state;

		ledger.seen_fault = faults[i];
		assert_int_equal(asks(r, RIG_SUPERVISOR), faults[i]);
		assert_int_equal(rig_lines(r, RECORD_DROP, RESULT_REFUSED, faults[i]), 1);
		assert_int_equal(rig_lines(r, RECORD_DROP_ASKED, RESULT_DONE, -1), 0);
	}
}

static void test_a_repeated_wish_is_on_record_once(void **state)
{
	struct Rig *r = *state;

	assert_int_equal(asks(r, RIG_SUPERVISOR), FAULT_OK);
	assert_int_equal(asks(r, RIG_SUPERVISOR), FAULT_OK);
	assert_int_equal(rig_lines(r, RECORD_DROP_ASKED, RESULT_DONE, -1), 1);
	/* another's wish is not a confirmation */
	assert_int_equal(asks(r, RIG_SUPERVISOR2), FAULT_OK);
	assert_int_equal(ledger.drops, 0);
	assert_int_equal(confirms(r, RIG_SUPERVISOR2), FAULT_SAME_PERSON);
	assert_int_equal(confirms(r, RIG_SUPERVISOR), FAULT_OK);
}

static void test_a_drop_that_could_not_begin_is_a_failure_on_record(void **state)
{
	struct Rig *r = *state;

	ledger.drop_fault = FAULT_LEDGER_ALTERED;
	assert_int_equal(asks(r, RIG_SUPERVISOR), FAULT_OK);
	assert_int_equal(confirms(r, RIG_SUPERVISOR2), FAULT_LEDGER_ALTERED);
	assert_int_equal(rig_lines(r, RECORD_DROP, RESULT_FAILED, FAULT_LEDGER_ALTERED), 1);
	assert_int_equal(rig_lines(r, RECORD_DROP, RESULT_DONE, -1), 0);
}

/* Its next start knows what came of it, and records that. */
static void test_a_ledger_that_dies_in_between_leaves_the_outcome_to_itself(void **state)
{
	struct Rig *r = *state;

	ledger.dies = true;
	assert_int_equal(asks(r, RIG_SUPERVISOR), FAULT_OK);
	assert_int_equal(confirms(r, RIG_SUPERVISOR2), FAULT_NO_LEDGER);
	assert_int_equal(ledger.drops, 1);
	assert_int_equal(rig_lines(r, RECORD_DROP, RESULT_DONE, -1), 0);
	assert_int_equal(rig_lines(r, RECORD_DROP, RESULT_FAILED, -1), 0);
}

static void test_one_drop_at_a_time(void **state)
{
	struct Rig *r = *state;

	ledger.slow = true;
	sent(r, RIG_SUPERVISOR, request("2020", false));
	assert_int_equal(asks(r, RIG_SUPERVISOR2), FAULT_BUSY);
}

static void test_an_unsure_clock_drops_nothing(void **state)
{
	struct Rig *r = *state;

	assert_int_equal(asks(r, RIG_SUPERVISOR), FAULT_OK);
	r->core->time_unsure = true;
	assert_int_equal(confirms(r, RIG_SUPERVISOR2), FAULT_TIME_UNSURE);
	assert_int_equal(asks(r, RIG_SUPERVISOR2), FAULT_TIME_UNSURE);
	assert_int_equal(ledger.drops, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, drop_setup, case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_people_drop_a_year_on_record),
		TEST(nobody_drops_a_year_alone),
		TEST(only_supervisors_and_the_chief_drop),
		TEST(a_year_within_its_retention_is_not_looked_at),
		TEST(what_the_ledger_objects_to_is_refused_with_its_reason),
		TEST(a_repeated_wish_is_on_record_once),
		TEST(a_drop_that_could_not_begin_is_a_failure_on_record),
		TEST(a_ledger_that_dies_in_between_leaves_the_outcome_to_itself),
		TEST(one_drop_at_a_time),
		TEST(an_unsure_clock_drops_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
