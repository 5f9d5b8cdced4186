/* SPDX-License-Identifier: Apache-2.0 */
/* Hands on the terminal: its clock, its sleep, a mount that nobody asked for. */
#include "core_case.h"

#include <stdio.h>

/* ------------------------------------------------------------------ the clock */

/* Half an hour, after one: later than the last record, and yet half an hour is won. */
static struct RigDevice *lent_and_set_back(struct Rig *r)
{
	struct RigDevice *d = lent(r);

	rig_later(r, 3600000);
	r->now -= 1800000;
	assert_int_equal(clock_was_set(r->core), 0);
	rig_run(r);
	assert_false(rig_is_open(r, d));
	return d;
}

static void test_a_clock_set_back_closes_what_is_lent_until_it_has_caught_up(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent_and_set_back(r);

	assert_int_equal(rig_lines(r, RECORD_CLOCK, RESULT_DONE, -1), 1);
	assert_int_equal(rig_lines(r, RECORD_CLOSE, RESULT_DONE, FAULT_TIME_UNSURE), 1);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_checkout("USB-2", "clerk1", r->now + DAY)), FAULT_TIME_UNSURE);
	rig_later(r, 1799000);
	assert_false(rig_is_open(r, d));
	rig_later(r, 2000);
	assert_true(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_CLOCK, RESULT_DONE, -1), 1);
}

static void test_a_supervisor_confirms_a_clock_that_was_set_back(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent_and_set_back(r);

	assert_int_equal(verb(r, RIG_CLERK, VERB_CLOCK, ""), FAULT_NOT_ALLOWED);
	assert_int_equal(verb(r, RIG_AUDITOR, VERB_CLOCK, ""), FAULT_NOT_ALLOWED);
	assert_int_equal(rig_lines(r, RECORD_CLOCK, RESULT_REFUSED, FAULT_NOT_ALLOWED), 2);
	assert_false(rig_is_open(r, d));
	assert_int_equal(verb(r, RIG_SUPERVISOR, VERB_CLOCK, ""), FAULT_OK);
	rig_run(r);
	assert_true(rig_is_open(r, d));
	/* the setting, and who confirmed it */
	assert_int_equal(rig_lines(r, RECORD_CLOCK, RESULT_DONE, -1), 2);
	/* again: harmless */
	assert_int_equal(verb(r, RIG_SUPERVISOR, VERB_CLOCK, ""), FAULT_OK);
	assert_int_equal(rig_lines(r, RECORD_CLOCK, RESULT_DONE, -1), 2);
}

static void test_without_a_ledger_no_clock_is_confirmed(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	r->now -= 1800000;
	assert_int_equal(clock_was_set(r->core), 0);
	rig_run(r);
	r->ledger_fault = FAULT_LEDGER_FULL;
	assert_int_not_equal(verb(r, RIG_SUPERVISOR, VERB_CLOCK, ""), FAULT_OK);
	rig_run(r);
	assert_false(rig_is_open(r, d));
}

static void test_a_clock_that_is_set_forward_or_a_little_back_closes_nothing(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	r->boot += 60000;
	r->now += 59500;
	assert_int_equal(clock_was_set(r->core), 0);
	r->now += 600000;
	assert_int_equal(clock_was_set(r->core), 0);
	rig_run(r);
	assert_true(rig_is_open(r, d));
	/* the jump alone is on record */
	assert_int_equal(rig_lines(r, RECORD_CLOCK, RESULT_DONE, -1), 1);
}

/* ------------------------------------------------------------------ sleep */

static void test_after_a_sleep_what_was_open_is_decided_anew(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	sleeps(r, 3600000);
	rig_run(r);
	assert_int_equal(rig_lines(r, RECORD_CLOSE, RESULT_DONE, FAULT_SLEPT), 1);
	assert_true(rig_is_open(r, d)); /* it is the same, and lent */
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_DONE, -1), 2);
	assert_int_equal(rig_lines(r, RECORD_CLOCK, RESULT_DONE, -1), 0);
	assert_int_equal(copied(r), FAULT_OK);
}

static void test_a_loan_that_ran_out_in_a_sleep_is_overdue_after_it(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	sleeps(r, 2 * DAY);
	rig_later(r, 1);
	assert_false(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_OVERDUE, RESULT_DONE, -1), 1);
}

static void test_a_copy_under_way_at_a_sleep_fails_and_says_so(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	uint32_t client = copying(r, job_waits);

	sleeps(r, 60000);
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_SLEPT);
	assert_true(rig_is_open(r, d));
}

static void going(struct Rig *r, bool begins)
{
	r->in_core = true;
	assert_int_equal(sleep_set(r->core, begins), 0);
	r->in_core = false;
	rig_run(r);
}

static void test_before_a_sleep_sessions_end_and_nothing_opens_until_waking(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	uint32_t client = copying(r, job_waits);

	going(r, true);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_SLEPT);
	assert_false(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_CLOSE, RESULT_DONE, FAULT_SLEPT), 1);
	assert_int_equal(copied(r), FAULT_ASLEEP);
	replug(r, d, NULL);
	assert_false(rig_is_open(r, d));
	r->script[RIG_JOB] = NULL;
	going(r, false);
	assert_true(rig_is_open(r, d));
	assert_int_equal(copied(r), FAULT_OK);
}

static void test_a_sleep_that_nobody_says_is_over_is_over_by_the_clock(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	going(r, true);
	sleeps(r, 5000);
	rig_run(r);
	assert_true(rig_is_open(r, d));
	/* and one that never came */
	going(r, true);
	rig_later(r, 59000);
	assert_false(rig_is_open(r, d));
	rig_later(r, 2000);
	assert_true(rig_is_open(r, d));
}

/* ------------------------------------------------------------------ a mount */

static void test_a_medium_that_is_mounted_by_hand_closes_until_it_is_unplugged(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	const struct Device *device = devices_by_interface(&r->core->devices, d->interface);
	char path[128];

	snprintf(path, sizeof(path), "../../devices/x/block/%s0/y", device->disk.name);
	assert_int_equal(mounts_judge(r->core, path), 0);
	rig_run(r);
	assert_true(rig_is_open(r, d)); /* another disk, whose name begins alike */
	snprintf(path, sizeof(path), "../../devices/x/block/%s/%s2", device->disk.name, device->disk.name);
	assert_int_equal(mounts_judge(r->core, path), 0);
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_TAMPER, RESULT_DONE, FAULT_FOREIGN_MOUNT), 1);
	assert_int_equal(copied(r), FAULT_FOREIGN_MOUNT);
	rig_unplug(r, d);
	rig_run(r);
	d = rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
	assert_true(rig_is_open(r, d));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, case_setup, case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_clock_set_back_closes_what_is_lent_until_it_has_caught_up),
		TEST(a_supervisor_confirms_a_clock_that_was_set_back),
		TEST(without_a_ledger_no_clock_is_confirmed),
		TEST(a_clock_that_is_set_forward_or_a_little_back_closes_nothing),
		TEST(after_a_sleep_what_was_open_is_decided_anew),
		TEST(a_loan_that_ran_out_in_a_sleep_is_overdue_after_it),
		TEST(a_copy_under_way_at_a_sleep_fails_and_says_so),
		TEST(before_a_sleep_sessions_end_and_nothing_opens_until_waking),
		TEST(a_sleep_that_nobody_says_is_over_is_over_by_the_clock),
		TEST(a_medium_that_is_mounted_by_hand_closes_until_it_is_unplugged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
