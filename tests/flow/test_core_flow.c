/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sequences of core's two sentences with honest helpers: people, two at once, those who watch. */
#include "core_case.h"

/* ------------------------------------------------------------------ the honest way */

static void test_an_unknown_stick_is_refused_and_recorded(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = rig_plug(r, "2-1", "STRANGE1");
	size_t before = r->n_writes;

	rig_run(r);
	assert_false(rig_is_open(r, d));
	/* it was closed from the start, and stays as it was */
	assert_int_equal(r->n_writes, before);
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

	assert_true(r->n_writes > 0);
	assert_int_equal(copied(r), FAULT_OK);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_INTENT, -1), 1);
	assert_int_equal(rig_lines(r, RECORD_FILE, RESULT_DONE, -1), 1);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_DONE, -1), 1);
	assert_true(rig_is_open(r, d));
	assert_int_equal(verb(r, RIG_CLERK, VERB_LIST, "USB-1"), FAULT_OK);
	assert_int_equal(verb(r, RIG_CLERK, VERB_GET, "USB-1"), FAULT_OK);
	assert_int_equal(verb(r, RIG_CLERK, VERB_RETURN, "USB-1"), FAULT_OK);
	assert_int_equal(rig_lines(r, RECORD_RESIDUE, RESULT_DONE, -1), 2);
	assert_false(rig_is_open(r, d));
	assert_int_equal(copied(r), FAULT_NOT_CHECKED_OUT);
}

static void test_a_copy_on_record_that_is_gone_is_named_at_the_return(void **state)
{
	struct Rig *r = *state;
	uint32_t client;

	lent(r);
	r->on_record[0] = "GONE1";
	r->on_record[1] = "7KQ2M0ZBXW93"; /* there: the job finds it */
	r->on_record[2] = "GONE2";
	client = sent(r, RIG_CLERK, rig_verb(VERB_RETURN, "USB-1"));
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_OK);
	assert_int_equal(rig_reply(r, client)->reply.missing, 2);
	assert_int_equal(rig_reply(r, client)->n_rows, 4);
	assert_int_equal(rig_lines(r, RECORD_MISSING, RESULT_DONE, -1), 2);
	assert_int_equal(rig_lines(r, RECORD_RETURN, RESULT_DONE, -1), 1);
}

/* The safeguards of a copy are facts of the copy: a job that reports none gets no note, and nothing comes into force. */
static bool job_without_secret(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	struct MsgJobReady ready = {.files = 1, .bytes = 100, .parts = 1, .n_lines = 2};

	if (m->type == MSG_JOB && m->body.JOB.kind == JOB_COPY)
		rig_say(r, end, MSG_JOB_READY, &ready, NULL, 0);
	return true;
}

static bool job_without_certificate(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	struct MsgJobReady ready = {.files = 1, .bytes = 100, .parts = 1, .n_lines = 2, .by_certificate = 1};

	if (m->type == MSG_JOB && m->body.JOB.kind == JOB_COPY)
		rig_say(r, end, MSG_JOB_READY, &ready, NULL, 0);
	return true;
}

static void test_no_copy_without_a_password_or_a_key(void **state)
{
	struct Rig *r = *state;

	lent(r);
	r->script[RIG_JOB] = job_without_secret;
	assert_int_equal(copied(r), FAULT_HELPER_LOST);
	r->script[RIG_JOB] = job_without_certificate;
	assert_int_equal(copied(r), FAULT_HELPER_LOST);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_DONE, -1), 0);
	r->script[RIG_JOB] = NULL;
	assert_int_equal(copied(r), FAULT_OK);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_DONE, -1), 1);
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
	assert_int_equal(copied(r), FAULT_OK);
}

static void test_a_checkout_that_runs_out_closes_by_itself(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	rig_later(r, DAY + 1);
	assert_false(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_OVERDUE, RESULT_DONE, -1), 1);
	assert_int_equal(copied(r), FAULT_OVERDUE);
	assert_int_equal(verb(r, RIG_CLERK, VERB_RETURN, "USB-1"), FAULT_OK);
}

static void test_a_job_in_an_overdue_loan_is_stopped_before_the_port_closes(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	uint32_t client = copying(r, job_waits);

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
	uint32_t client = copying(r, job_deaf);

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
	uint32_t client = copying(r, job_waits);

	rig_unplug(r, d);
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_MEDIUM_GONE);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_FAILED, FAULT_MEDIUM_GONE), 1);
	r->script[RIG_JOB] = NULL;
	rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
	assert_int_equal(copied(r), FAULT_OK);
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
	assert_int_equal(verb(r, RIG_SUPERVISOR, VERB_COPY, "USB-1"), FAULT_NOT_ALLOWED);
	assert_int_equal(verb(r, RIG_CLERK2, VERB_COPY, "USB-1"), FAULT_OTHER_LOAN);
	assert_int_equal(verb(r, RIG_STRANGER, VERB_DEVICES, ""), FAULT_NOT_ON_ROSTER);
	assert_int_equal(verb(r, RIG_AUDITOR, VERB_RECORDS, ""), FAULT_OK);
}

static void test_a_right_that_has_run_out_looks_and_brings_back_and_does_nothing_else(void **state)
{
	struct Rig *r = *state;

	lent(r);
	rig_plug(r, "2-2", "NEW00002");
	rig_run(r);
	assert_int_equal(asked(r, RIG_EXPIRED, rig_register("2-2", "USB-2")), FAULT_RIGHT_EXPIRED);
	assert_int_equal(verb(r, RIG_EXPIRED, VERB_RECORDS, ""), FAULT_RIGHT_EXPIRED);
	assert_int_equal(verb(r, RIG_EXPIRED, VERB_DEVICES, ""), FAULT_OK);
	assert_int_equal(verb(r, RIG_EXPIRED, VERB_RETURN, "USB-1"), FAULT_OK);
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
	struct RigDevice *d = rig_plug(r, "2-1", "ONE00001"), *e = rig_plug(r, "2-2", "TWO00002");
	uint32_t a, b;

	rig_run(r);
	d->disk = e->disk = true; /* watch will not tell of any */
	r->no_disks = true;
	a = sent(r, RIG_SUPERVISOR, rig_register("2-1", "USB-1"));
	rig_later(r, 5000);
	b = sent(r, RIG_SUPERVISOR, rig_register("2-2", "USB-2"));
	rig_later(r, 15002);
	assert_int_equal(rig_reply(r, a)->reply.fault, FAULT_MEDIUM_ERROR);
	assert_int_equal(rig_reply(r, b)->n_replies, 0);
	rig_later(r, 5000);
	assert_int_equal(rig_reply(r, b)->reply.fault, FAULT_MEDIUM_ERROR);
	assert_false(rig_is_open(r, d));
	assert_false(rig_is_open(r, e));
}

/* ------------------------------------------------------------------ its configuration */

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
	assert_int_equal(copied(r), FAULT_NO_POLICY);
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

	return rig_reply(r, sent(r, uid, q));
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
	assert_int_equal(copied(r), FAULT_OK);
	assert_int_equal(watching(r, RIG_CLERK2, begin)->n_rows, 0);
	assert_int_equal(watching(r, RIG_CLERK, begin)->n_rows, 1);
	assert_int_equal(watching(r, RIG_AUDITOR, begin)->n_rows, 1);
	assert_int_equal(watching(r, RIG_STRANGER, begin)->reply.fault, FAULT_NOT_ON_ROSTER);
}

static void test_nothing_done_is_told_before_it_is_covered(void **state)
{
	struct Rig *r = *state;
	struct RigReply *w;

	rig_plug(r, "2-1", "NEW00001");
	rig_run(r);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-2")), FAULT_OK);
	w = watching(r, RIG_AUDITOR, watching(r, RIG_AUDITOR, 0)->reply.next);
	r->ledger_slow = true;
	sent(r, RIG_SUPERVISOR, rig_checkout("USB-2", "clerk1", r->now + DAY));
	assert_int_equal(w->n_replies, 0);
	rig_answer(r);
	rig_run(r);
	assert_int_equal(w->n_rows, 1);
}

/* Its records are numbered anew: what the old year's checkpoint covered says nothing of them. */
static void test_a_new_year_counts_its_records_and_checkpoints_anew(void **state)
{
	struct MsgCovered year = {.size = 3};
	struct Rig *r = *state;

	rig_plug(r, "2-1", "NEW00001");
	rig_run(r);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-2")), FAULT_OK);
	assert_true(r->core->records > 4 && r->core->answers.covered > 4);
	rig_say(r, rig_end(r, RIG_LEDGER), MSG_YEAR, &year, NULL, 0);
	rig_run(r);
	assert_int_equal(r->core->records, 3);
	assert_int_equal(r->core->answers.covered, 3);
	r->n_lines = 3;
	r->covered = 3;
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_checkout("USB-2", "clerk1", r->now + DAY)), FAULT_OK);
	assert_true(r->core->records > 3 && r->core->records == r->core->answers.covered);
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

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, case_setup, case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_unknown_stick_is_refused_and_recorded),
		TEST(a_refusal_on_record_names_what_it_is_about),
		TEST(register_checkout_copy_return_follow_each_other),
		TEST(a_copy_on_record_that_is_gone_is_named_at_the_return),
		TEST(no_copy_without_a_password_or_a_key),
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
		TEST(without_a_configuration_nothing_is_let_in),
		TEST(the_last_good_configuration_is_read_when_the_present_one_fails),
		TEST(who_watches_hears_of_each_plug_once_and_of_what_came_meanwhile),
		TEST(a_clerk_hears_nothing_of_anothers_loan),
		TEST(nothing_done_is_told_before_it_is_covered),
		TEST(a_new_year_counts_its_records_and_checkpoints_anew),
		TEST(who_watches_in_vain_is_answered_after_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
