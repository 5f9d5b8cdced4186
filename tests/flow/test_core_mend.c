/* SPDX-License-Identifier: Apache-2.0 */
/* Media that were not taken out cleanly: what core has done about it, with a tool that mends, fails, hangs.
 */
#include "core_case.h"
#include "mend.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>

#define FAILED    (1 << 8) /* a status as waited for */
#define TOOL_TIME 120001
#define GRACE     10001

static bool says_unclean(struct Rig *r, struct RigEnd *end, const struct Message *m);

/* Lent; each job but one whose medium was mended finds it unclean. */
static struct RigDevice *lent_unclean(struct Rig *r)
{
	struct RigDevice *d = lent(r);

	r->script[RIG_JOB] = says_unclean;
	return d;
}

static void unclean_say(struct Rig *r, struct RigEnd *end, bool person)
{
	struct MsgJobUnclean body = {.file_system = "vfat"};
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	rig_say(r, end, MSG_JOB_UNCLEAN, &body, &fd, person);
	close(fd);
	rig_die(r, end);
}

static bool says_unclean(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	if (r->core->jobs->mend)
		return false; /* what was said, is done with or over */
	if (m->type == MSG_JOB)
		unclean_say(r, end, m->body.JOB.kind != JOB_INSPECT);
	return true;
}

/* Asks, and runs until the tool does. */
static uint32_t begun(struct Rig *r, uid_t uid, enum Verb verb)
{
	return sent(r, uid, rig_verb(verb, "USB-1"));
}

static void tool_ends(struct Rig *r, int status)
{
	struct RigEnd *end = rig_end(r, RIG_PREPARE);

	assert_non_null(end);
	end->step = status;
	rig_die(r, end);
	rig_run(r);
}

/* The one reply, or -1: none yet. */
static int told(struct Rig *r, uint32_t client)
{
	return rig_reply(r, client)->n_replies ? rig_reply(r, client)->reply.fault : -1;
}

static void test_an_unclean_medium_is_mended_on_record_before_its_job(void **state)
{
	static const enum Verb verbs[] = {VERB_COPY, VERB_LIST, VERB_GET, VERB_RETURN};

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		struct Rig *r = *state;
		uint32_t client;

		lent_unclean(r);
		client = begun(r, RIG_CLERK, verbs[i]);
		assert_null(rig_end(r, RIG_JOB)); /* nothing is mounted while it is mended */
		assert_int_equal(rig_lines(r, RECORD_MEND, RESULT_INTENT, -1), 1);
		assert_int_equal(rig_lines(r, RECORD_MEND, RESULT_DONE, -1), 0);
		assert_int_equal(told(r, client), -1);
		tool_ends(r, 0);
		assert_int_equal(rig_lines(r, RECORD_MEND, RESULT_DONE, -1), 1);
		assert_int_equal(told(r, client), FAULT_OK);
		case_teardown(state);
		case_setup(state);
	}
}

static void test_a_record_names_medium_loan_person_and_file_system(void **state)
{
	struct Rig *r = *state;
	struct RecordItem item;
	size_t at = 0, lines = 0;

	lent_unclean(r);
	begun(r, RIG_CLERK, VERB_LIST);
	tool_ends(r, 0);
	for (size_t i = 0; i < r->n_lines; i++) {
		const struct Record *line = &r->lines[i];

		if (line->kind != RECORD_MEND)
			continue;
		lines++;
		assert_string_equal(line->medium, "USB-1");
		assert_string_equal(line->actor, "clerk1");
		assert_string_not_equal(line->checkout, "");
		at = 0;
		assert_int_equal(record_next(line, &at, &item), 1);
		assert_int_equal(item.key, KEY_FILE_SYSTEM);
		assert_memory_equal(item.bytes, "vfat", 4);
	}
	assert_int_equal(lines, 2);
}

static void test_without_a_record_no_tool_runs(void **state)
{
	struct Rig *r = *state;
	uint32_t client;

	lent_unclean(r);
	r->ledger_slow = true;
	client = begun(r, RIG_CLERK, VERB_LIST);
	for (int i = 0; i < 20 && told(r, client) < 0 && !r->core->jobs; i++) {
		rig_answer(r); /* intents and label of the session */
		r->ledger_slow = true;
		rig_run(r);
	}
	assert_non_null(r->core->jobs);
	rig_run(r);
	assert_int_equal(r->core->jobs->mend, MEND_INTENT);
	assert_null(rig_end(r, RIG_PREPARE));
	r->ledger_fault = FAULT_LEDGER_FULL;
	rig_answer(r);
	rig_run(r);
	assert_null(rig_end(r, RIG_PREPARE));
	assert_int_equal(told(r, client), FAULT_LEDGER_FULL);
	r->ledger_fault = 0;
}

static void test_what_cannot_be_mended_is_not_written_to(void **state)
{
	struct Rig *r = *state;
	uint32_t client;

	lent_unclean(r);
	client = begun(r, RIG_CLERK, VERB_COPY);
	tool_ends(r, FAILED);
	assert_int_equal(told(r, client), FAULT_NOT_MENDED);
	assert_int_equal(rig_lines(r, RECORD_MEND, RESULT_FAILED, FAULT_NOT_MENDED), 1);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_FAILED, FAULT_NOT_MENDED), 1);
}

static void test_what_cannot_be_mended_can_still_be_read(void **state)
{
	struct Rig *r = *state;
	uint32_t client;

	lent_unclean(r);
	client = begun(r, RIG_CLERK, VERB_LIST);
	tool_ends(r, FAILED);
	assert_int_equal(told(r, client), FAULT_OK);
	client = begun(r, RIG_CLERK, VERB_RETURN);
	tool_ends(r, FAILED);
	assert_int_equal(told(r, client), FAULT_OK);
	assert_int_equal(rig_lines(r, RECORD_MEND, RESULT_FAILED, FAULT_NOT_MENDED), 2);
}

static void test_what_the_kernel_does_not_read_either_is_told_as_not_mended(void **state)
{
	static const int faults[] = {FAULT_MEDIUM_ERROR, FAULT_NO_FILE_SYSTEM};
	struct Rig *r = *state;

	lent_unclean(r);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		uint32_t client;

		r->job_fault = faults[i];
		client = begun(r, RIG_CLERK, VERB_LIST);
		tool_ends(r, FAILED);
		assert_int_equal(told(r, client), FAULT_NOT_MENDED);
		client = begun(r, RIG_CLERK, VERB_LIST);
		tool_ends(r, 0);
		assert_int_equal(told(r, client), faults[i]);
	}
}

static void test_a_tool_that_hangs_is_ended_and_nothing_is_mounted(void **state)
{
	struct Rig *r = *state;
	uint32_t client;

	lent_unclean(r);
	client = begun(r, RIG_CLERK, VERB_LIST);
	rig_later(r, TOOL_TIME - 10);
	assert_int_equal(told(r, client), -1);
	rig_later(r, 10);
	assert_int_equal(told(r, client), FAULT_NOT_MENDED);
	assert_int_equal(rig_lines(r, RECORD_MEND, RESULT_FAILED, FAULT_NOT_MENDED), 1);
	assert_null(rig_end(r, RIG_PREPARE));
	client = begun(r, RIG_CLERK, VERB_LIST); /* and the next may try again */
	tool_ends(r, 0);
	assert_int_equal(told(r, client), FAULT_OK);
}

static void test_a_medium_pulled_while_it_is_mended_is_told_as_gone(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent_unclean(r);
	uint32_t client = begun(r, RIG_CLERK, VERB_COPY);

	rig_unplug(r, d);
	rig_run(r);
	assert_int_equal(told(r, client), -1); /* the tool has yet to see it */
	tool_ends(r, FAILED);
	assert_int_equal(told(r, client), FAULT_MEDIUM_GONE);
	assert_int_equal(rig_lines(r, RECORD_MEND, RESULT_FAILED, FAULT_MEDIUM_GONE), 1);
}

static void test_a_loan_that_ends_meanwhile_closes_the_port_after_the_tool(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent_unclean(r);
	uint32_t client;

	rig_later(r, DAY - 1000);
	client = begun(r, RIG_CLERK, VERB_COPY);
	rig_later(r, 1001);
	assert_true(rig_is_open(r, d));
	tool_ends(r, 0);
	assert_false(rig_is_open(r, d));
	assert_int_equal(told(r, client), FAULT_OVERDUE);
	assert_int_equal(rig_lines(r, RECORD_MEND, RESULT_DONE, -1), 1);
}

static void test_a_tool_that_hangs_does_not_hold_a_port_that_is_to_close(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent_unclean(r);
	uint32_t client;

	rig_later(r, DAY - 1000);
	client = begun(r, RIG_CLERK, VERB_COPY);
	rig_later(r, 1001);
	rig_later(r, GRACE);
	assert_false(rig_is_open(r, d));
	assert_int_equal(told(r, client), FAULT_OVERDUE);
	assert_int_equal(rig_lines(r, RECORD_MEND, RESULT_FAILED, FAULT_OVERDUE), 1);
}

static void test_the_agent_stops_when_the_tool_has_ended(void **state)
{
	struct Rig *r = *state;

	lent_unclean(r);
	begun(r, RIG_CLERK, VERB_LIST);
	rig_stop(r);
	assert_false(r->ended);
	tool_ends(r, 0);
	assert_true(r->ended);
	assert_int_equal(r->result, 0);
	assert_int_equal(rig_lines(r, RECORD_MEND, RESULT_DONE, -1), 1);
	assert_int_equal(rig_lines(r, RECORD_STOP, RESULT_DONE, -1), 1);
}

static bool says_it_late(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	struct MsgJobFound found = {.found = FOUND_LEFTOVER, .name = "x"};

	if (m->type != MSG_JOB)
		return true;
	rig_say(r, end, MSG_JOB_FOUND, &found, NULL, 0);
	unclean_say(r, end, true);
	return true;
}

static bool says_it_always(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	if (m->type == MSG_JOB)
		unclean_say(r, end, true);
	return true;
}

static bool says_nonsense(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	struct MsgJobUnclean body = {.file_system = "../ext4"};
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (m->type == MSG_JOB) {
		rig_say(r, end, MSG_JOB_UNCLEAN, &body, &fd, 1);
		rig_die(r, end);
	}
	close(fd);
	return true;
}

static bool says_it_without_the_person(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	if (m->type == MSG_JOB)
		unclean_say(r, end, false);
	return true;
}

static void test_a_job_at_work_has_nothing_mended(void **state)
{
	static const RigScript scripts[] = {says_it_late, says_nonsense, says_it_without_the_person};
	struct Rig *r = *state;

	lent_unclean(r);
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		uint32_t client;

		r->script[RIG_JOB] = scripts[i];
		client = begun(r, RIG_CLERK, VERB_COPY);
		assert_null(rig_end(r, RIG_PREPARE));
		assert_int_equal(told(r, client), FAULT_HELPER_LOST);
	}
	assert_int_equal(rig_lines(r, RECORD_MEND, RESULT_INTENT, -1), 0);
}

static void test_nothing_is_mended_twice_for_one_job(void **state)
{
	struct Rig *r = *state;
	uint32_t client;

	lent_unclean(r);
	r->script[RIG_JOB] = says_it_always;
	client = begun(r, RIG_CLERK, VERB_COPY);
	tool_ends(r, 0);
	assert_null(rig_end(r, RIG_PREPARE));
	assert_int_equal(told(r, client), FAULT_HELPER_LOST);
	assert_int_equal(rig_lines(r, RECORD_MEND, RESULT_INTENT, -1), 1);
}

static void test_a_medium_that_could_not_be_read_is_suspect_until_it_is_mended(void **state)
{
	struct Rig *r = *state;

	lent_unclean(r);
	r->script[RIG_JOB] = NULL;
	r->job_fault = FAULT_MEDIUM_ERROR;
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_LIST, "USB-1")), FAULT_MEDIUM_ERROR);
	assert_true(r->core->devices.first->suspect);
	r->job_fault = 0;
	r->script[RIG_JOB] = says_unclean;
	begun(r, RIG_CLERK, VERB_LIST);
	tool_ends(r, FAILED);
	assert_true(r->core->devices.first->suspect);
	begun(r, RIG_CLERK, VERB_LIST);
	tool_ends(r, 0);
	assert_false(r->core->devices.first->suspect);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, case_setup, case_teardown)
	const struct CMUnitTest tests[] = {
	        TEST(an_unclean_medium_is_mended_on_record_before_its_job),
	        TEST(a_record_names_medium_loan_person_and_file_system),
	        TEST(without_a_record_no_tool_runs),
	        TEST(what_cannot_be_mended_is_not_written_to),
	        TEST(what_cannot_be_mended_can_still_be_read),
	        TEST(what_the_kernel_does_not_read_either_is_told_as_not_mended),
	        TEST(a_tool_that_hangs_is_ended_and_nothing_is_mounted),
	        TEST(a_medium_pulled_while_it_is_mended_is_told_as_gone),
	        TEST(a_loan_that_ends_meanwhile_closes_the_port_after_the_tool),
	        TEST(a_tool_that_hangs_does_not_hold_a_port_that_is_to_close),
	        TEST(the_agent_stops_when_the_tool_has_ended),
	        TEST(a_job_at_work_has_nothing_mended),
	        TEST(nothing_is_mended_twice_for_one_job),
	        TEST(a_medium_that_could_not_be_read_is_suspect_until_it_is_mended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
