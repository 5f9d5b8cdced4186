/* SPDX-License-Identifier: Apache-2.0 */
/* Helpers and jobs that die, refuse or lie. */
#include "core_case.h"

#include <stdio.h>

/* ------------------------------------------------------------------ that die */

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

/* The lent stick is in again at a start, ledger has yet to verify, and somebody asks. */
static uint32_t begun(struct Rig *r, struct RigDevice *d)
{
	rig_unplug(r, d);
	rig_run(r);
	rig_plug(r, "2-1", "LENT0001");
	r->ledger_reads = true;
	rig_boot(r);
	return sent(r, RIG_CLERK, rig_verb(VERB_STATUS, ""));
}

static void test_while_ledger_verifies_the_others_are_started_and_not_heard(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	uint32_t client = begun(r, d);

	assert_non_null(rig_end(r, RIG_WATCH));
	assert_non_null(rig_end(r, RIG_GATE));
	assert_int_equal(r->n_loads, 2);
	assert_null(r->core->policy);
	assert_int_equal(r->core->devices.n, 0);
	assert_int_equal(rig_reply(r, client)->n_replies, 0);
	rig_verified(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_OK);
	assert_true(rig_is_open(r, d));
	assert_int_equal(r->n_loads, 2);
}

static void test_a_helper_that_ends_while_ledger_verifies_has_a_successor(void **state)
{
	static const enum RigRole roles[] = {RIG_WATCH, RIG_GATE};
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		begun(r, d);
		rig_die(r, rig_end(r, roles[i]));
		rig_run(r);
		rig_verified(r);
		assert_int_equal(verb(r, RIG_CLERK, VERB_STATUS, ""), FAULT_OK);
		assert_true(rig_is_open(r, d));
	}
}

static void test_a_ledger_that_ends_while_it_verifies_lets_people_hear_why_nothing_works(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	uint32_t client = begun(r, d);

	rig_die(r, rig_end(r, RIG_LEDGER));
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_OK);
	assert_int_equal(copied(r), FAULT_NO_LEDGER);
	assert_false(rig_is_open(r, d));
	rig_verified(r);
	assert_true(rig_is_open(r, d));
}

static void test_a_configuration_that_changed_while_ledger_verifies_is_read_anew(void **state)
{
	struct Rig *r = *state;

	begun(r, lent(r));
	assert_int_equal(r->n_loads, 2);
	r->observe = true;
	assert_int_equal(rig_reload(r), 0);
	rig_verified(r);
	assert_int_equal(r->n_loads, 3);
	assert_true(observe_meant(r->core));
}

/* Of those that end again and again only these wait. */
static void test_each_helper_waits_for_its_own_ends_alone(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	for (int i = 0; i < 4; i++) {
		rig_die(r, rig_end(r, RIG_GATE));
		rig_run(r);
		rig_later(r, i < 3 ? 1000 : 0);
	}
	assert_false(r->core->gate_up);
	rig_die(r, rig_end(r, RIG_LEDGER));
	rig_run(r);
	assert_true(r->core->ledger_up);
	assert_false(r->core->gate_up);
	rig_die(r, rig_end(r, RIG_WATCH));
	rig_run(r);
	assert_true(r->core->watch_up);
	assert_false(r->core->gate_up);
	assert_false(rig_is_open(r, d));
	rig_later(r, 1000);
	assert_true(rig_is_open(r, d));
}

static void test_a_job_survives_the_death_of_gate_but_not_its_port(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	copying(r, job_waits);
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

	rig_run(r);
	rig_die(r, rig_end(r, RIG_GATE)); /* once is forgiven, the second time its successor waits */
	rig_run(r);
	r->ledger_slow = true;
	sent(r, RIG_SUPERVISOR, rig_register("2-1", "USB-1"));
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
	struct RigDevice *d = lent_away(r);

	r->ledger_fault = FAULT_LEDGER_FULL;
	rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(copied(r), FAULT_LEDGER_FULL);
	assert_int_equal(verb(r, RIG_CLERK, VERB_STATUS, ""), FAULT_OK);
}

/* ------------------------------------------------------------------ that lie */

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
	assert_int_equal(verb(r, RIG_CLERK, VERB_STATUS, ""), FAULT_OK);
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
	assert_int_equal(verb(r, RIG_AUDITOR, VERB_RECORDS, ""), FAULT_NO_LEDGER);
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
	assert_int_equal(verb(r, RIG_CLERK, VERB_STATUS, ""), FAULT_OK);
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
	assert_int_equal(copied(r), FAULT_HELPER_LOST);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_DONE, -1), 0);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_FAILED, FAULT_HELPER_LOST), 1);
	assert_int_equal(verb(r, RIG_CLERK, VERB_GET, "USB-1"), FAULT_HELPER_LOST);
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
	uint32_t client;

	lent(r);
	r->script[RIG_JOB] = job_finds_much;
	client = sent(r, RIG_CLERK, rig_verb(VERB_RETURN, "USB-1"));
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

static void test_a_disk_elsewhere_is_not_the_mediums(void **state)
{
	struct Rig *r = *state;

	lent_away(r);
	r->disk_elsewhere = true;
	rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
	assert_false(r->ended);
	assert_int_equal(r->core->devices.n, 1);
	assert_string_equal(r->core->devices.first->disk.name, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, case_setup, case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_death_of_any_helper_closes_the_gate_until_its_successor_is_ready),
		TEST(while_ledger_verifies_the_others_are_started_and_not_heard),
		TEST(a_helper_that_ends_while_ledger_verifies_has_a_successor),
		TEST(a_ledger_that_ends_while_it_verifies_lets_people_hear_why_nothing_works),
		TEST(a_configuration_that_changed_while_ledger_verifies_is_read_anew),
		TEST(each_helper_waits_for_its_own_ends_alone),
		TEST(a_job_survives_the_death_of_gate_but_not_its_port),
		TEST(registering_opens_nothing_while_a_helper_is_missing),
		TEST(a_ledger_that_refuses_lines_opens_nothing),
		TEST(a_ledger_that_answers_twice_is_stopped_and_core_goes_on),
		TEST(an_answer_to_another_question_is_none),
		TEST(digests_of_too_few_files_are_not_recorded),
		TEST(a_copy_without_a_signed_note_is_not_recorded_as_done),
		TEST(the_last_words_of_a_job_are_heard_however_slow_the_ledger),
		TEST(a_disk_elsewhere_is_not_the_mediums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
