/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sequences of core's two sentences with honest helpers, and with such as die, are late or lie. */
#include "core_rig.h"

#include "str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define DAY 86400000ll

static int setup(void **state)
{
	static struct Rig rig;

	rig_start(&rig);
	rig_boot(&rig);
	*state = &rig;
	return 0;
}

static int teardown(void **state)
{
	struct Rig *r = *state;

	assert_int_equal(r->lost, 0);
	rig_done(r);
	return 0;
}

static int asked(struct Rig *r, uid_t uid, struct Request q)
{
	return rig_ask(r, uid, &q);
}

/* A registered stick at 2-1, lent to clerk1 for a day. */
static struct RigDevice *lent(struct Rig *r)
{
	struct RigDevice *d = rig_plug(r, "2-1", "LENT0001");

	rig_run(r);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-1")), FAULT_OK);
	assert_false(rig_is_open(r, d));
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_checkout("USB-1", "clerk1", r->now + DAY)), FAULT_OK);
	assert_true(rig_is_open(r, d));
	return d;
}

/* ------------------------------------------------------------------ the honest way */

static void test_an_unknown_stick_is_refused_and_recorded(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = rig_plug(r, "2-1", "STRANGE1");

	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_NOT_REGISTERED), 1);
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_INTENT, -1), 0);
}

/* The sentence of a reason is read years later from the record alone: it must name the right thing. */
static bool is_about(const struct Rig *r, int reason, const char *subject)
{
	for (size_t i = 0; i < r->n_lines; i++) {
		const struct Record *line = &r->lines[i];

		if (line->reason == reason && memmem(line->detail, line->detail_size, subject, strlen(subject)))
			return true;
	}
	return false;
}

static void test_a_refusal_on_record_names_what_it_is_about(void **state)
{
	struct Rig *r = *state;

	rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
	assert_int_equal(asked(r, RIG_CLERK, rig_register("2-1", "USB-1")), FAULT_NOT_ALLOWED);
	assert_true(is_about(r, FAULT_NOT_ALLOWED, "clerk1"));
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-1")), FAULT_OK);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_checkout("USB-1", "supervisor1", r->now + DAY)),
		FAULT_SELF_LENDING);
	assert_true(is_about(r, FAULT_SELF_LENDING, "supervisor1"));
}

static void test_register_checkout_copy_return_follow_each_other(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1")), FAULT_OK);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_INTENT, -1), 1);
	assert_int_equal(rig_lines(r, RECORD_FILE, RESULT_DONE, -1), 1);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_DONE, -1), 1);
	assert_true(rig_is_open(r, d));
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_LIST, "USB-1")), FAULT_OK);
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_GET, "USB-1")), FAULT_OK);
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_RETURN, "USB-1")), FAULT_OK);
	assert_int_equal(rig_lines(r, RECORD_RESIDUE, RESULT_DONE, -1), 2);
	assert_false(rig_is_open(r, d));
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1")), FAULT_NOT_CHECKED_OUT);
}

static void test_a_restart_knows_the_loan(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	rig_stop(r);
	assert_true(r->ended);
	assert_int_equal(rig_lines(r, RECORD_STOP, RESULT_DONE, -1), 1);
	assert_false(rig_is_open(r, d));
	rig_boot(r);
	assert_true(rig_is_open(r, d));
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1")), FAULT_OK);
}

static void test_a_checkout_that_runs_out_closes_by_itself(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	rig_later(r, DAY + 1);
	assert_false(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_OVERDUE, RESULT_DONE, -1), 1);
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1")), FAULT_OVERDUE);
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_RETURN, "USB-1")), FAULT_OK);
}

static bool job_waits(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	(void)r;
	if (m->type == MSG_JOB)
		end->order = m->body.JOB;
	return m->type != MSG_JOB_STOP;
}

static void test_a_job_in_an_overdue_loan_is_stopped_before_the_port_closes(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	struct Request copy = rig_verb(VERB_COPY, "USB-1");
	uint32_t client;

	r->script[RIG_JOB] = job_waits;
	client = rig_send(r, RIG_CLERK, &copy);
	rig_run(r);
	assert_non_null(rig_end(r, RIG_JOB));
	assert_int_equal(rig_reply(r, client)->n_replies, 0);
	rig_later(r, DAY + 1);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_OVERDUE);
	assert_false(rig_is_open(r, d));
}

static bool job_deaf(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	(void)r;
	(void)end;
	(void)m;
	return true;
}

static void test_a_job_that_does_not_end_is_killed_after_its_grace(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	struct Request copy = rig_verb(VERB_COPY, "USB-1");
	uint32_t client;

	r->script[RIG_JOB] = job_deaf;
	client = rig_send(r, RIG_CLERK, &copy);
	rig_run(r);
	rig_later(r, DAY + 1);
	assert_true(rig_is_open(r, d)); /* it may still be writing */
	rig_later(r, 10001);
	assert_false(rig_is_open(r, d));
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_OVERDUE);
}

static void test_unplugging_in_mid_copy_is_a_failure_on_record(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	struct Request copy = rig_verb(VERB_COPY, "USB-1");
	uint32_t client;

	r->script[RIG_JOB] = job_waits;
	client = rig_send(r, RIG_CLERK, &copy);
	rig_run(r);
	rig_unplug(r, d);
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_MEDIUM_GONE);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_FAILED, FAULT_MEDIUM_GONE), 1);
	r->script[RIG_JOB] = NULL;
	rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1")), FAULT_OK);
}

static void test_a_twin_takes_the_gate_from_both(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r), *twin;

	twin = rig_plug(r, "2-2", "LENT0001");
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_false(rig_is_open(r, twin));
	rig_unplug(r, twin);
	rig_run(r);
	assert_true(rig_is_open(r, d));
}

static void test_roles_are_taken_from_the_kernel_alone(void **state)
{
	struct Rig *r = *state;

	lent(r);
	assert_int_equal(asked(r, RIG_CLERK, rig_checkout("USB-1", "clerk1", r->now + DAY)), FAULT_NOT_ALLOWED);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_verb(VERB_COPY, "USB-1")), FAULT_NOT_ALLOWED);
	assert_int_equal(asked(r, RIG_CLERK2, rig_verb(VERB_COPY, "USB-1")), FAULT_OTHER_LOAN);
	assert_int_equal(asked(r, RIG_STRANGER, rig_verb(VERB_DEVICES, "")), FAULT_NOT_ON_ROSTER);
	assert_int_equal(asked(r, RIG_AUDITOR, rig_verb(VERB_RECORDS, "")), FAULT_OK);
}

static void test_a_right_that_has_run_out_looks_and_brings_back_and_does_nothing_else(void **state)
{
	struct Rig *r = *state;

	lent(r);
	rig_plug(r, "2-2", "NEW00002");
	rig_run(r);
	assert_int_equal(asked(r, RIG_EXPIRED, rig_register("2-2", "USB-2")), FAULT_RIGHT_EXPIRED);
	assert_int_equal(asked(r, RIG_EXPIRED, rig_verb(VERB_RECORDS, "")), FAULT_RIGHT_EXPIRED);
	assert_int_equal(asked(r, RIG_EXPIRED, rig_verb(VERB_DEVICES, "")), FAULT_OK);
	assert_int_equal(asked(r, RIG_EXPIRED, rig_verb(VERB_RETURN, "USB-1")), FAULT_OK);
}

/* ------------------------------------------------------------------ two at once */

static void test_two_checkouts_of_one_medium_at_once_are_one(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = rig_plug(r, "2-1", "LENT0001");
	struct Request one = rig_checkout("USB-1", "clerk1", r->now + DAY);
	struct Request two = rig_checkout("USB-1", "clerk2", r->now + DAY);
	uint32_t a, b;

	rig_run(r);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-1")), FAULT_OK);
	r->ledger_slow = true;
	a = rig_send(r, RIG_SUPERVISOR, &one);
	b = rig_send(r, RIG_SUPERVISOR2, &two);
	rig_run(r);
	rig_answer(r);
	rig_run(r);
	assert_int_equal(rig_reply(r, a)->reply.fault, FAULT_OK);
	assert_int_equal(rig_reply(r, b)->reply.fault, FAULT_BUSY);
	assert_int_equal(rig_lines(r, RECORD_CHECKOUT, RESULT_DONE, -1), 1);
	assert_true(rig_is_open(r, d));
}

static void test_two_registrations_of_one_number_at_once_are_one(void **state)
{
	struct Rig *r = *state;
	struct Request one = rig_register("2-1", "USB-1"), two = rig_register("2-2", "USB-1");
	uint32_t a, b;

	rig_plug(r, "2-1", "ONE00001");
	rig_plug(r, "2-2", "TWO00002");
	rig_run(r);
	r->ledger_slow = true;
	a = rig_send(r, RIG_SUPERVISOR, &one);
	b = rig_send(r, RIG_SUPERVISOR2, &two);
	rig_run(r);
	rig_answer(r);
	rig_run(r);
	assert_int_equal(rig_reply(r, a)->reply.fault, FAULT_OK);
	assert_int_equal(rig_reply(r, b)->reply.fault, FAULT_BUSY);
	assert_int_equal(rig_lines(r, RECORD_REGISTER, RESULT_DONE, -1), 1);
}

static void test_each_of_two_who_wait_for_a_disk_hears_that_it_does_not_come(void **state)
{
	struct Rig *r = *state;
	struct Request one = rig_register("2-1", "USB-1"), two = rig_register("2-2", "USB-2");
	struct RigDevice *d = rig_plug(r, "2-1", "ONE00001"), *e = rig_plug(r, "2-2", "TWO00002");
	uint32_t a, b;

	rig_run(r);
	d->disk = e->disk = true; /* watch will not tell of any */
	r->no_disks = true;
	a = rig_send(r, RIG_SUPERVISOR, &one);
	rig_run(r);
	rig_later(r, 5000);
	b = rig_send(r, RIG_SUPERVISOR, &two);
	rig_run(r);
	rig_later(r, 15002);
	assert_int_equal(rig_reply(r, a)->reply.fault, FAULT_MEDIUM_ERROR);
	assert_int_equal(rig_reply(r, b)->n_replies, 0);
	rig_later(r, 5000);
	assert_int_equal(rig_reply(r, b)->reply.fault, FAULT_MEDIUM_ERROR);
	assert_false(rig_is_open(r, d));
	assert_false(rig_is_open(r, e));
}

/* ------------------------------------------------------------------ helpers that die */

static void test_the_death_of_any_helper_closes_the_gate_until_its_successor_is_ready(void **state)
{
	static const enum RigRole roles[] = {RIG_LEDGER, RIG_WATCH, RIG_GATE};
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		size_t closed = rig_lines(r, RECORD_CLOSE, RESULT_DONE, -1);

		rig_die(r, rig_end(r, roles[i]));
		rig_run(r); /* successors are immediate here; they wait longer each time they die again */
		rig_later(r, 10000);
		assert_false(r->ended);
		assert_true(rig_is_open(r, d));
		/* without a ledger the closing itself cannot be recorded */
		assert_int_equal(rig_lines(r, RECORD_CLOSE, RESULT_DONE, -1), closed + (roles[i] != RIG_LEDGER));
	}
}

static void test_a_job_survives_the_death_of_gate_but_not_its_port(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	struct Request copy = rig_verb(VERB_COPY, "USB-1");

	r->script[RIG_JOB] = job_waits;
	rig_send(r, RIG_CLERK, &copy);
	rig_run(r);
	rig_die(r, rig_end(r, RIG_GATE));
	rig_run(r);
	assert_null(rig_end(r, RIG_JOB)); /* it was asked to end */
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_FAILED, FAULT_HELPER_LOST), 1);
	rig_later(r, 60000);
	assert_true(rig_is_open(r, d));
}

static void test_registering_opens_nothing_while_a_helper_is_missing(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = rig_plug(r, "2-1", "NEW00001");
	struct Request q = rig_register("2-1", "USB-1");

	rig_run(r);
	rig_die(r, rig_end(r, RIG_GATE)); /* once is forgiven, the second time its successor waits */
	rig_run(r);
	r->ledger_slow = true;
	rig_send(r, RIG_SUPERVISOR, &q);
	rig_run(r);
	assert_int_equal(r->n_held, 1);
	rig_die(r, rig_end(r, RIG_GATE));
	rig_run(r);
	assert_false(r->core->gate_up);
	rig_answer(r);
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_REGISTER, RESULT_FAILED, FAULT_HELPER_LOST), 1);
}

static void test_a_ledger_that_refuses_lines_opens_nothing(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	rig_unplug(r, d);
	rig_run(r);
	r->ledger_fault = FAULT_LEDGER_FULL;
	rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1")), FAULT_LEDGER_FULL);
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_STATUS, "")), FAULT_OK);
}

static void test_an_intent_that_comes_late_opens_nothing_that_is_gone(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	rig_unplug(r, d);
	rig_run(r);
	r->ledger_slow = true;
	rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
	assert_false(rig_is_open(r, d));
	rig_unplug(r, d);
	rig_run(r);
	rig_answer(r);
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_false(r->ended);
}

/* ------------------------------------------------------------------ before the interface is there */

/* A lent stick of which core knows the device alone: the intent is on record. */
static struct RigDevice *expected(struct Rig *r)
{
	struct RigDevice *d = lent(r);

	rig_unplug(r, d);
	rig_run(r);
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_INTENT, -1), 1 + rig_lines(r, RECORD_OPEN, RESULT_FAILED, -1));
	d = rig_expect(r, "2-1", "LENT0001");
	rig_run(r);
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_INTENT, -1), 2);
	assert_false(rig_is_open(r, d));
	return d;
}

static void test_an_expected_stick_opens_when_its_interface_comes_without_waiting_for_the_ledger(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = expected(r);

	r->ledger_slow = true;
	rig_plug(r, "2-1", NULL);
	rig_run(r);
	assert_true(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_INTENT, -1), 2);
	rig_answer(r);
	rig_run(r);
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_DONE, -1), 2);
}

static void test_an_expected_stick_whose_intent_is_late_waits_for_it(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	rig_unplug(r, d);
	rig_run(r);
	r->ledger_slow = true;
	rig_expect(r, "2-1", "LENT0001");
	rig_run(r);
	rig_plug(r, "2-1", NULL);
	rig_run(r);
	assert_false(rig_is_open(r, d));
	r->ledger_slow = false;
	rig_answer(r);
	rig_run(r);
	assert_true(rig_is_open(r, d));
}

static void test_an_expected_stick_that_goes_has_its_intent_ended(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = expected(r);

	rig_unplug(r, d);
	rig_run(r);
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_FAILED, FAULT_MEDIUM_GONE), 1);
	assert_false(rig_is_open(r, d));
}

static void test_an_intent_whose_stick_went_while_it_was_written_is_ended(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	rig_unplug(r, d);
	rig_run(r);
	r->ledger_slow = true;
	rig_expect(r, "2-1", "LENT0001");
	rig_run(r);
	rig_unplug(r, d);
	rig_run(r);
	r->ledger_slow = false;
	rig_answer(r);
	rig_run(r);
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_FAILED, FAULT_MEDIUM_GONE), 1);
}

static void test_an_expected_stick_whose_loan_ends_does_not_open(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = expected(r);

	rig_later(r, DAY + 1);
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_FAILED, FAULT_OVERDUE), 1);
	rig_plug(r, "2-1", NULL);
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_OVERDUE), 1);
}

static void test_a_twin_of_an_expected_stick_keeps_both_closed(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = expected(r), *twin = rig_plug(r, "2-2", "LENT0001");

	rig_run(r);
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_FAILED, FAULT_TWIN), 1);
	rig_plug(r, "2-1", NULL);
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_false(rig_is_open(r, twin));
}

static void test_an_expected_stick_cannot_be_asked_for(void **state)
{
	struct Rig *r = *state;

	rig_expect(r, "2-1", "STRANGE1");
	rig_run(r);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-9")), FAULT_NO_SUCH_DEVICE);
	assert_int_equal(rig_lines(r, RECORD_DEVICE, RESULT_REFUSED, -1), 0);
	rig_plug(r, "2-1", NULL);
	rig_run(r);
	assert_int_equal(rig_lines(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_NOT_REGISTERED), 1);
}

/* Ledger's own successor says at its start which intents are open; watch and gate are ended by core's word. */
static void test_the_death_of_any_helper_ends_the_intent_of_an_expected_stick(void **state)
{
	static const enum RigRole roles[] = {RIG_WATCH, RIG_GATE, RIG_LEDGER};
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		rig_unplug(r, d);
		rig_run(r);
		d = rig_expect(r, "2-1", "LENT0001");
		rig_run(r);
		rig_die(r, rig_end(r, roles[i]));
		rig_run(r);
		/* watch's successor finds the interface there */
		if (roles[i] != RIG_WATCH)
			assert_false(rig_is_open(r, d));
		rig_later(r, 60000);
		if (roles[i] != RIG_LEDGER)
			assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_FAILED, -1), i + 1);
		rig_plug(r, "2-1", NULL);
		rig_run(r);
		assert_true(rig_is_open(r, d));
	}
}

/* Between the verdict and the write: the intent is on its way to the ledger. */
static void changed_before_the_write(struct Rig *r, const char *attribute, const char *value, int reason)
{
	struct RigDevice *d = lent(r);

	rig_unplug(r, d);
	rig_run(r);
	r->ledger_slow = true;
	rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
	assert_true(r->n_held > 0);
	rig_attribute(r, d, attribute, value);
	rig_answer(r);
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_true(rig_lines(r, RECORD_OPEN, RESULT_FAILED, reason) > 0);
}

static void test_a_device_that_changes_its_descriptors_after_the_verdict_stays_closed(void **state)
{
	changed_before_the_write(*state, "descriptors", "another disk", FAULT_CHANGED_DEVICE);
}

static void test_a_device_that_changes_its_serial_after_the_verdict_stays_closed(void **state)
{
	changed_before_the_write(*state, "serial", "LENT0002\n", FAULT_CHANGED_DEVICE);
}

static void test_a_device_number_used_again_after_the_verdict_opens_nothing(void **state)
{
	changed_before_the_write(*state, "devnum", "77\n", FAULT_MEDIUM_GONE);
}

static void test_without_a_configuration_nothing_is_let_in(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	lent(r);
	rig_stop(r);
	rig_forget(r);
	r->no_config = true;
	rig_boot(r);
	d = &r->devices[0];
	assert_false(rig_is_open(r, d));
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1")), FAULT_NO_POLICY);
}

static void test_the_last_good_configuration_is_read_when_the_present_one_fails(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	lent(r);
	rig_stop(r);
	r->n_loads = 0;
	r->bad_loads = 1;
	rig_boot(r);
	d = &r->devices[0];
	assert_int_equal(r->n_loads, 2);
	assert_true(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_POLICY, RESULT_FAILED, FAULT_BAD_CONFIG), 1);
}

/* ------------------------------------------------------------------ those who watch */

static struct RigReply *watching(struct Rig *r, uid_t uid, uint64_t after)
{
	struct Request q = {.verb = VERB_WATCH, .after = (int64_t)after};
	uint32_t client = rig_send(r, uid, &q);

	rig_run(r);
	return rig_reply(r, client);
}

static void test_who_watches_hears_of_each_plug_once_and_of_what_came_meanwhile(void **state)
{
	struct Rig *r = *state;
	uint64_t begin = watching(r, RIG_CLERK, 0)->reply.next;
	struct RigReply *w = watching(r, RIG_CLERK, begin);
	struct RigDevice *d;

	assert_int_equal(w->n_replies, 0); /* nothing has happened */
	d = rig_plug(r, "2-1", "STRANGE1");
	rig_run(r);
	assert_int_equal(w->n_replies, 1);
	assert_int_equal(w->n_rows, 1);
	assert_int_equal(w->reply.next, begin + 1);
	/* the same again within a minute is one on record, and told all the same */
	rig_unplug(r, d);
	rig_run(r);
	rig_plug(r, "2-1", "STRANGE1");
	rig_run(r);
	assert_int_equal(rig_lines(r, RECORD_DEVICE, RESULT_REFUSED, -1), 1);
	w = watching(r, RIG_CLERK, begin + 1);
	assert_int_equal(w->n_replies, 1);
	assert_int_equal(w->n_rows, 1);
}

static void test_a_clerk_hears_nothing_of_anothers_loan(void **state)
{
	struct Rig *r = *state;
	uint64_t begin;

	lent(r); /* to clerk1 */
	begin = watching(r, RIG_AUDITOR, 0)->reply.next;
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1")), FAULT_OK);
	assert_int_equal(watching(r, RIG_CLERK2, begin)->n_rows, 0);
	assert_int_equal(watching(r, RIG_CLERK, begin)->n_rows, 1);
	assert_int_equal(watching(r, RIG_AUDITOR, begin)->n_rows, 1);
	assert_int_equal(watching(r, RIG_STRANGER, begin)->reply.fault, FAULT_NOT_ON_ROSTER);
}

static void test_nothing_done_is_told_before_it_is_covered(void **state)
{
	struct Rig *r = *state;
	struct Request q = rig_checkout("USB-2", "clerk1", r->now + DAY);
	struct RigReply *w;

	rig_plug(r, "2-1", "NEW00001");
	rig_run(r);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-2")), FAULT_OK);
	w = watching(r, RIG_AUDITOR, watching(r, RIG_AUDITOR, 0)->reply.next);
	r->ledger_slow = true;
	rig_send(r, RIG_SUPERVISOR, &q);
	rig_run(r);
	assert_int_equal(w->n_replies, 0);
	rig_answer(r);
	rig_run(r);
	assert_int_equal(w->n_rows, 1);
}

static void test_who_watches_in_vain_is_answered_after_a_minute(void **state)
{
	struct Rig *r = *state;
	uint64_t begin = watching(r, RIG_CLERK, 0)->reply.next;
	struct RigReply *w = watching(r, RIG_CLERK, begin);

	rig_later(r, 59000);
	assert_int_equal(w->n_replies, 0);
	rig_later(r, 1001);
	assert_int_equal(w->n_replies, 1);
	assert_int_equal(w->n_rows, 0);
	assert_int_equal(w->reply.next, begin);
	/* a number that never was is no way to wait for ever */
	assert_int_equal(watching(r, RIG_CLERK, begin + 100000)->reply.next, begin);
}

/* ------------------------------------------------------------------ helpers that lie */

static bool answers_twice(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	if (m->type != MSG_APPEND)
		return false;
	script_answer(r, end, m);
	r->script[RIG_LEDGER] = NULL;
	script_answer(r, end, m);
	return true;
}

static void test_a_ledger_that_answers_twice_is_stopped_and_core_goes_on(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	pid_t before = rig_end(r, RIG_LEDGER)->pid;

	r->script[RIG_LEDGER] = answers_twice;
	rig_unplug(r, d);
	rig_run(r);
	rig_later(r, 10000);
	assert_false(r->ended);
	assert_int_not_equal(rig_end(r, RIG_LEDGER)->pid, before);
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_STATUS, "")), FAULT_OK);
}

/* An answer of another kind than the question. */
static bool answers_beside(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	union MessageBody a = {};

	if (m->type != MSG_DIGEST && m->type != MSG_READ)
		return false;
	memcpy(&a, &m->body, sizeof(uint64_t));
	rig_say(r, end, m->type == MSG_DIGEST ? MSG_APPENDED : MSG_FILES_DIGESTED, &a, NULL, 0);
	r->script[RIG_LEDGER] = NULL;
	return true;
}

static void test_an_answer_to_another_question_is_none(void **state)
{
	struct Rig *r = *state;
	pid_t before = rig_end(r, RIG_LEDGER)->pid;
	struct RigDevice *d;

	r->script[RIG_LEDGER] = answers_beside;
	d = rig_plug(r, "2-1", "STRANGE1");
	rig_run(r);
	rig_later(r, 10000);
	assert_false(r->ended);
	assert_int_not_equal(rig_end(r, RIG_LEDGER)->pid, before);
	assert_false(rig_is_open(r, d));
	before = rig_end(r, RIG_LEDGER)->pid;
	r->script[RIG_LEDGER] = answers_beside;
	assert_int_equal(asked(r, RIG_AUDITOR, rig_verb(VERB_RECORDS, "")), FAULT_NO_LEDGER);
	rig_later(r, 10000);
	assert_int_not_equal(rig_end(r, RIG_LEDGER)->pid, before);
}

static bool digests_no_file(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	struct MsgFilesDigested a = {.cookie = m->body.FILES_DIGEST.cookie, .n = 0};

	if (m->type != MSG_FILES_DIGEST)
		return false;
	rig_say(r, end, MSG_FILES_DIGESTED, &a, NULL, 0);
	r->script[RIG_LEDGER] = NULL;
	return true;
}

static void test_digests_of_too_few_files_are_not_recorded(void **state)
{
	struct Rig *r = *state;
	size_t recorded;
	pid_t before;

	rig_stop(r);
	recorded = rig_lines(r, RECORD_POLICY, RESULT_DONE, -1);
	r->script[RIG_LEDGER] = digests_no_file;
	rig_boot(r);
	before = rig_end(r, RIG_LEDGER) ? rig_end(r, RIG_LEDGER)->pid : 0;
	rig_later(r, 10000);
	assert_false(r->ended);
	assert_int_not_equal(before, 0);
	/* its successor was asked again, and answered in full */
	assert_int_equal(rig_lines(r, RECORD_POLICY, RESULT_DONE, -1), recorded + 1);
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_STATUS, "")), FAULT_OK);
}

/* A job that says it is done and never asked to come into force. */
static bool job_rushes(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	struct MsgJobDone done = {.files = 3, .bytes = 3, .parts = 1};

	if (m->type != MSG_JOB)
		return true;
	rig_say(r, end, MSG_JOB_DONE, &done, NULL, 0);
	rig_die(r, end);
	return true;
}

static void test_a_copy_without_a_signed_note_is_not_recorded_as_done(void **state)
{
	struct Rig *r = *state;

	lent(r);
	r->script[RIG_JOB] = job_rushes;
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1")), FAULT_HELPER_LOST);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_DONE, -1), 0);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_FAILED, FAULT_HELPER_LOST), 1);
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_GET, "USB-1")), FAULT_HELPER_LOST);
}

/* Names much and is gone before core has read it all: reading waits for the ledger. */
static bool job_finds_much(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	struct MsgJobFound found = {.found = FOUND_FOREIGN, .size = 3};
	struct MsgJobDone done = {.files = 85};

	if (m->type != MSG_JOB)
		return true;
	for (unsigned int i = 0; i < 85; i++) {
		snprintf(found.name, sizeof(found.name), "letter-%u.txt", i);
		rig_say(r, end, MSG_JOB_FOUND, &found, NULL, 0);
	}
	rig_say(r, end, MSG_JOB_DONE, &done, NULL, 0);
	rig_die(r, end);
	r->ledger_slow = true;
	return true;
}

static void test_the_last_words_of_a_job_are_heard_however_slow_the_ledger(void **state)
{
	struct Rig *r = *state;
	struct Request back = rig_verb(VERB_RETURN, "USB-1");
	uint32_t client;

	lent(r);
	r->script[RIG_JOB] = job_finds_much;
	client = rig_send(r, RIG_CLERK, &back);
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->n_replies, 0);
	assert_int_equal(r->n_held, 64); /* core reads no further */
	while (r->n_held) {
		rig_answer(r);
		r->ledger_slow = true;
		rig_run(r);
	}
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_OK);
	assert_int_equal(rig_reply(r, client)->reply.foreign, 85);
	assert_int_equal(rig_lines(r, RECORD_RESIDUE, RESULT_DONE, -1), 85);
}

/* ------------------------------------------------------------------ a watch that lies about a disk */

/* ------------------------------------------------------------------ hands on the terminal */

static void test_a_clock_set_back_closes_what_is_lent_until_it_has_caught_up(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	r->boot += 3600000;
	r->now += 3600000;
	rig_run(r);
	r->now -= 1800000; /* later than the last record, and yet half an hour is won */
	assert_int_equal(clock_was_set(r->core), 0);
	rig_run(r);
	assert_false(rig_is_open(r, d));
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
	struct RigDevice *d = lent(r);

	r->boot += 3600000;
	r->now += 3600000;
	rig_run(r);
	r->now -= 1800000;
	assert_int_equal(clock_was_set(r->core), 0);
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_CLOCK, "")), FAULT_NOT_ALLOWED);
	assert_int_equal(asked(r, RIG_AUDITOR, rig_verb(VERB_CLOCK, "")), FAULT_NOT_ALLOWED);
	assert_int_equal(rig_lines(r, RECORD_CLOCK, RESULT_REFUSED, FAULT_NOT_ALLOWED), 2);
	assert_false(rig_is_open(r, d));
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_verb(VERB_CLOCK, "")), FAULT_OK);
	rig_run(r);
	assert_true(rig_is_open(r, d));
	/* the setting, and who confirmed it */
	assert_int_equal(rig_lines(r, RECORD_CLOCK, RESULT_DONE, -1), 2);
	/* again: harmless */
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_verb(VERB_CLOCK, "")), FAULT_OK);
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
	assert_int_not_equal(asked(r, RIG_SUPERVISOR, rig_verb(VERB_CLOCK, "")), FAULT_OK);
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

static void test_after_a_sleep_what_was_open_is_decided_anew(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	r->boot += 3600000;
	r->now += 3600000;
	r->slept += 3600000;
	assert_int_equal(clock_was_set(r->core), 0);
	rig_run(r);
	assert_int_equal(rig_lines(r, RECORD_CLOSE, RESULT_DONE, FAULT_SLEPT), 1);
	assert_true(rig_is_open(r, d)); /* it is the same, and lent */
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_DONE, -1), 2);
	assert_int_equal(rig_lines(r, RECORD_CLOCK, RESULT_DONE, -1), 0);
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1")), FAULT_OK);
}

static void test_a_loan_that_ran_out_in_a_sleep_is_overdue_after_it(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	r->boot += 2 * DAY;
	r->now += 2 * DAY;
	r->slept += 2 * DAY;
	assert_int_equal(clock_was_set(r->core), 0);
	rig_later(r, 1);
	assert_false(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_OVERDUE, RESULT_DONE, -1), 1);
}

static void test_a_copy_under_way_at_a_sleep_fails_and_says_so(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	struct Request copy = rig_verb(VERB_COPY, "USB-1");
	uint32_t client;

	r->script[RIG_JOB] = job_waits;
	client = rig_send(r, RIG_CLERK, &copy);
	rig_run(r);
	r->boot += 60000;
	r->now += 60000;
	r->slept += 60000;
	assert_int_equal(clock_was_set(r->core), 0);
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_SLEPT);
	assert_true(rig_is_open(r, d));
}

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
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1")), FAULT_FOREIGN_MOUNT);
	rig_unplug(r, d);
	rig_run(r);
	d = rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
	assert_true(rig_is_open(r, d));
}

static void test_a_disk_elsewhere_is_not_the_mediums(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	rig_unplug(r, d);
	rig_run(r);
	r->disk_elsewhere = true;
	rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
	assert_false(r->ended);
	assert_int_equal(r->core->devices.n, 1);
	assert_string_equal(r->core->devices.first->disk.name, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_unknown_stick_is_refused_and_recorded),
		TEST(a_refusal_on_record_names_what_it_is_about),
		TEST(register_checkout_copy_return_follow_each_other),
		TEST(a_restart_knows_the_loan),
		TEST(a_checkout_that_runs_out_closes_by_itself),
		TEST(a_job_in_an_overdue_loan_is_stopped_before_the_port_closes),
		TEST(a_job_that_does_not_end_is_killed_after_its_grace),
		TEST(unplugging_in_mid_copy_is_a_failure_on_record),
		TEST(a_twin_takes_the_gate_from_both),
		TEST(roles_are_taken_from_the_kernel_alone),
		TEST(a_right_that_has_run_out_looks_and_brings_back_and_does_nothing_else),
		TEST(two_checkouts_of_one_medium_at_once_are_one),
		TEST(two_registrations_of_one_number_at_once_are_one),
		TEST(each_of_two_who_wait_for_a_disk_hears_that_it_does_not_come),
		TEST(the_death_of_any_helper_closes_the_gate_until_its_successor_is_ready),
		TEST(a_job_survives_the_death_of_gate_but_not_its_port),
		TEST(registering_opens_nothing_while_a_helper_is_missing),
		TEST(a_ledger_that_refuses_lines_opens_nothing),
		TEST(an_intent_that_comes_late_opens_nothing_that_is_gone),
		TEST(an_expected_stick_opens_when_its_interface_comes_without_waiting_for_the_ledger),
		TEST(an_expected_stick_whose_intent_is_late_waits_for_it),
		TEST(an_expected_stick_that_goes_has_its_intent_ended),
		TEST(an_intent_whose_stick_went_while_it_was_written_is_ended),
		TEST(an_expected_stick_whose_loan_ends_does_not_open),
		TEST(a_twin_of_an_expected_stick_keeps_both_closed),
		TEST(an_expected_stick_cannot_be_asked_for),
		TEST(the_death_of_any_helper_ends_the_intent_of_an_expected_stick),
		TEST(a_device_that_changes_its_descriptors_after_the_verdict_stays_closed),
		TEST(a_device_that_changes_its_serial_after_the_verdict_stays_closed),
		TEST(a_device_number_used_again_after_the_verdict_opens_nothing),
		TEST(without_a_configuration_nothing_is_let_in),
		TEST(the_last_good_configuration_is_read_when_the_present_one_fails),
		TEST(who_watches_hears_of_each_plug_once_and_of_what_came_meanwhile),
		TEST(a_clerk_hears_nothing_of_anothers_loan),
		TEST(nothing_done_is_told_before_it_is_covered),
		TEST(who_watches_in_vain_is_answered_after_a_minute),
		TEST(a_ledger_that_answers_twice_is_stopped_and_core_goes_on),
		TEST(an_answer_to_another_question_is_none),
		TEST(digests_of_too_few_files_are_not_recorded),
		TEST(a_copy_without_a_signed_note_is_not_recorded_as_done),
		TEST(the_last_words_of_a_job_are_heard_however_slow_the_ledger),
		TEST(a_disk_elsewhere_is_not_the_mediums),
		TEST(a_clock_set_back_closes_what_is_lent_until_it_has_caught_up),
		TEST(a_supervisor_confirms_a_clock_that_was_set_back),
		TEST(without_a_ledger_no_clock_is_confirmed),
		TEST(a_clock_that_is_set_forward_or_a_little_back_closes_nothing),
		TEST(after_a_sleep_what_was_open_is_decided_anew),
		TEST(a_loan_that_ran_out_in_a_sleep_is_overdue_after_it),
		TEST(a_copy_under_way_at_a_sleep_fails_and_says_so),
		TEST(a_medium_that_is_mounted_by_hand_closes_until_it_is_unplugged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
