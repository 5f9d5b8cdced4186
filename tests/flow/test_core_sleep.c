/* SPDX-License-Identifier: Apache-2.0 */
/* What session tells of logind, and when logind need not wait any longer. */
#include "core_case.h"

static void says(struct Rig *r, uint32_t number, bool begins)
{
	struct MsgSleep m = {.number = number, .begins = begins};

	rig_say(r, rig_end(r, RIG_SESSION), MSG_SLEEP, &m, NULL, 0);
	rig_run(r);
}

static void test_a_sleep_waits_until_the_session_has_ended_and_is_on_record(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	uint32_t client = copying(r, job_waits);

	r->ledger_slow = true;
	says(r, 1, true);
	/* the job has ended, nothing is open, and no line of it is durable yet */
	assert_false(rig_is_open(r, d));
	assert_int_equal(r->sleep_ready, 0);
	for (int i = 0; i < 8 && !r->sleep_ready; i++) {
		rig_answer(r);
		r->ledger_slow = true;
		rig_run(r);
		assert_true(!r->sleep_ready || rig_lines(r, RECORD_CLOSE, RESULT_DONE, FAULT_SLEPT) == 1);
	}
	assert_int_equal(r->sleep_ready, 1);
	assert_int_equal(r->n_held, 0);
	r->ledger_slow = false;
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_SLEPT);
	assert_int_equal(rig_lines(r, RECORD_CLOSE, RESULT_DONE, FAULT_SLEPT), 1);
	assert_int_equal(copied(r), FAULT_ASLEEP);
	assert_false(rig_is_open(r, d));
	r->script[RIG_JOB] = NULL;
	says(r, 0, false);
	assert_true(rig_is_open(r, d));
	assert_int_equal(copied(r), FAULT_OK);
}

/* Takes its order to stop, and ends when the test says so. */
static bool job_lingers(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	(void)r;
	if (m->type == MSG_JOB)
		end->order = m->body.JOB;
	return true;
}

static void test_a_sleep_waits_for_a_job_that_syncs(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	copying(r, job_lingers);
	says(r, 1, true);
	rig_later(r, 3000);
	assert_true(rig_is_open(r, d)); /* it is still being written to */
	assert_int_equal(r->sleep_ready, 0);
	rig_die(r, rig_end(r, RIG_JOB));
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(r->sleep_ready, 1);
}

static void test_a_sleep_waits_for_nothing_where_nothing_is_open(void **state)
{
	struct Rig *r = *state;

	says(r, 7, true);
	assert_int_equal(r->sleep_ready, 7);
	says(r, 0, false);
	/* and a second word for a sleep that the unit has told of already */
	r->in_core = true;
	assert_int_equal(sleep_set(r->core, true), 0);
	r->in_core = false;
	says(r, 8, true);
	assert_int_equal(r->sleep_ready, 8);
}

static void test_a_sleep_that_is_given_up_is_not_told_as_ready(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	copying(r, job_lingers);
	says(r, 1, true);
	says(r, 0, false);
	rig_die(r, rig_end(r, RIG_JOB));
	rig_run(r);
	assert_int_equal(r->sleep_ready, 0);
	r->script[RIG_JOB] = NULL;
	rig_run(r);
	assert_true(rig_is_open(r, d));
	assert_int_equal(copied(r), FAULT_OK);
}

static void test_a_sleep_does_not_wait_for_a_ledger_that_is_gone(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	r->ledger_slow = true;
	says(r, 1, true);
	assert_int_equal(r->sleep_ready, 0);
	r->n_held = 0;
	rig_die(r, rig_end(r, RIG_LEDGER));
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(r->sleep_ready, 1);
}

static void test_when_session_ends_the_gate_stays_open_and_its_end_is_on_record(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	size_t n = rig_lines(r, RECORD_HELPER, RESULT_FAILED, FAULT_HELPER_LOST);

	rig_die(r, rig_end(r, RIG_SESSION));
	rig_run(r);
	assert_true(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_HELPER, RESULT_FAILED, FAULT_HELPER_LOST), n + 1);
	assert_null(rig_end(r, RIG_SESSION));
	rig_later(r, 1000);
	assert_non_null(rig_end(r, RIG_SESSION));
	says(r, 1, true);
	assert_false(rig_is_open(r, d));
	assert_int_equal(r->sleep_ready, 1);
}

/* In the middle of a sleep: its successor is told by logind where things stand. */
static void test_a_session_that_dies_in_a_sleep_does_not_wake_anything(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	says(r, 1, true);
	rig_die(r, rig_end(r, RIG_SESSION));
	rig_run(r);
	rig_later(r, 1000);
	assert_false(rig_is_open(r, d));
	r->sleep_ready = 0;
	says(r, 1, true);
	assert_int_equal(r->sleep_ready, 1);
	says(r, 0, false);
	assert_true(rig_is_open(r, d));
}

static void test_without_session_all_works_and_it_is_tried_again_seldom(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;
	pid_t before;

	r->no_session = true;
	rig_boot(r);
	d = lent(r);
	assert_int_equal(rig_lines(r, RECORD_HELPER, RESULT_FAILED, -1), 0);
	before = r->next_pid;
	for (int minute = 0; minute < 60; minute++)
		rig_later(r, 60000);
	assert_in_range(r->next_pid - before, 5, 20);
	r->no_session = false;
	rig_later(r, 600000);
	assert_non_null(rig_end(r, RIG_SESSION));
	says(r, 1, true);
	assert_false(rig_is_open(r, d));
}

/* Each ends it, and closes nothing. */
static void test_what_session_must_not_say_stops_it(void **state)
{
	static const struct MsgSleep odd[] = {{.number = 0, .begins = 1}, {.number = 5, .begins = 0}};
	static const struct MsgCovered other = {.size = 1};
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	for (size_t i = 0; i <= ARRAY_SIZE(odd); i++) {
		if (i < ARRAY_SIZE(odd))
			rig_say(r, rig_end(r, RIG_SESSION), MSG_SLEEP, &odd[i], NULL, 0);
		else
			rig_say(r, rig_end(r, RIG_SESSION), MSG_COVERED, &other, NULL, 0);
		rig_run(r);
		assert_null(rig_end(r, RIG_SESSION));
		assert_true(rig_is_open(r, d));
		rig_later(r, 61000);
		assert_non_null(rig_end(r, RIG_SESSION));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, case_setup, case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sleep_waits_until_the_session_has_ended_and_is_on_record),
		TEST(a_sleep_waits_for_a_job_that_syncs),
		TEST(a_sleep_waits_for_nothing_where_nothing_is_open),
		TEST(a_sleep_that_is_given_up_is_not_told_as_ready),
		TEST(a_sleep_does_not_wait_for_a_ledger_that_is_gone),
		TEST(when_session_ends_the_gate_stays_open_and_its_end_is_on_record),
		TEST(a_session_that_dies_in_a_sleep_does_not_wake_anything),
		TEST(without_session_all_works_and_it_is_tried_again_seldom),
		TEST(what_session_must_not_say_stops_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
