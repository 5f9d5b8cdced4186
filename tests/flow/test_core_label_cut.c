/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writing of a label cut short: every point between the intent and the outcome at which core, its ledger or the
 * label's child may end, and a child that is killed or hangs.
 */
#include "core_case.h"

/* Where the agent stops: nothing of it is heard from there on. */
enum Point {
	POINT_MAKE,	      /* the label is asked for */
	POINT_MADE,	      /* it has come, the intent is not durable */
	POINT_INTENT,	      /* the intent is durable, core has not heard */
	POINT_ORDER,	      /* the child has its order, nothing is written */
	POINT_TORN,	      /* half of it is written */
	POINT_WRITTEN,	      /* all is written, the child has not said so */
	POINT_OUTCOME,	      /* the outcome is not durable */
	POINT_DONE,	      /* it is durable, core has not heard */
	_POINT_N,
};

static struct {
	enum Point point;
	bool hit;
} stop;

static bool is_label_append(const struct Message *m, enum RecordResult result)
{
	return m->type == MSG_APPEND && m->body.APPEND.record.kind == RECORD_LABEL &&
		m->body.APPEND.record.result == result;
}

/* The line gets durable, the answer gets lost. */
static void append_unheard(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	struct RigEnd deaf = *end;

	deaf.theirs = -1;
	script_answer(r, &deaf, m);
}

static bool stop_ledger(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	bool intent = is_label_append(m, RESULT_INTENT), outcome = is_label_append(m, RESULT_DONE);

	if (stop.hit)
		return true;
	stop.hit = (stop.point == POINT_MAKE && m->type == MSG_LABEL_MAKE) ||
		((stop.point == POINT_MADE || stop.point == POINT_INTENT) && intent) ||
		((stop.point == POINT_OUTCOME || stop.point == POINT_DONE) && outcome);
	if (stop.hit && (stop.point == POINT_INTENT || stop.point == POINT_DONE))
		append_unheard(r, end, m);
	return stop.hit;
}

static bool stop_child(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	struct RigDevice *d = rig_label_device(r, end);
	const struct MsgLabelOrder *order = &m->body.LABEL_ORDER;
	size_t n = stop.point == POINT_TORN ? 1536 : stop.point == POINT_WRITTEN ? LABEL_SIZE : 0;

	if (stop.hit || !order->write || (stop.point != POINT_ORDER && !n))
		return stop.hit;
	memcpy(d->slots[order->slot], order->bytes, n);
	return stop.hit = true;
}

static void stop_at(struct Rig *r, enum Point point)
{
	stop.point = point;
	stop.hit = false;
	r->script[RIG_LEDGER] = stop_ledger;
	r->script[RIG_LABEL] = stop_child;
}

static void go_on(struct Rig *r)
{
	assert_true(stop.hit);
	r->script[RIG_LEDGER] = r->script[RIG_LABEL] = NULL;
}

static void test_core_may_end_at_every_point_of_a_session(void **state)
{
	struct Rig *r = *state;

	for (enum Point point = 0; point < _POINT_N; point++) {
		bool written = point >= POINT_WRITTEN;
		struct RigDevice *d;
		uint64_t counter;

		d = lent_anew(r);
		counter = medium_row(r)->counter;
		stop_at(r, point);
		assert_int_equal(copied(r), -1);
		assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_DONE, -1), 0);
		go_on(r);
		rig_boot(r);
		assert_true(rig_is_open(r, d));
		/* torn: renewed at once; otherwise the one that is there holds */
		assert_int_equal(medium_row(r)->counter, counter + (written || point == POINT_TORN));
		assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_FAILED, FAULT_INTERRUPTED),
			point >= POINT_INTENT && point <= POINT_TORN);
		in_step(r, d);
		assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_REFUSED, -1), 0);
		assert_int_equal(copied(r), FAULT_OK);
	}
}

static void test_core_may_end_at_every_point_of_a_registration(void **state)
{
	struct Rig *r = *state;

	for (enum Point point = 0; point < _POINT_N; point++) {
		struct RigDevice *d;

		rig_reset(r);
		rig_boot(r);
		d = rig_plug(r, "2-1", "LENT0001");
		rig_run(r);
		stop_at(r, point);
		assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-1")), -1);
		go_on(r);
		rig_boot(r);
		assert_false(rig_is_open(r, d));
		assert_null(loans_medium(&r->state, "USB-1"));
		assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-1")), FAULT_OK);
		in_step(r, d);
	}
}

static void test_core_may_end_at_every_point_of_a_relabel(void **state)
{
	struct Rig *r = *state;

	for (enum Point point = 0; point < _POINT_N; point++) {
		struct RigDevice *d;

		d = lent_anew(r);
		d->slots[medium_row(r)->counter % 2][400] ^= 4;
		replug(r, d, NULL);
		stop_at(r, point);
		assert_int_equal(verb(r, RIG_SUPERVISOR, VERB_RELABEL, "USB-1"), -1);
		go_on(r);
		rig_boot(r);
		/* half a relabel is none, or a whole one: never a stick that is lost for good */
		assert_int_equal(verb(r, RIG_SUPERVISOR, VERB_RELABEL, "USB-1"), FAULT_OK);
		in_step(r, d);
		assert_int_equal(copied(r), FAULT_OK);
	}
}

static void test_the_stick_may_be_pulled_at_every_point_of_a_session(void **state)
{
	struct Rig *r = *state;

	for (enum Point point = POINT_ORDER; point <= POINT_WRITTEN; point++) {
		struct RigDevice *d;

		d = lent_anew(r);
		stop_at(r, point);
		r->script[RIG_LEDGER] = NULL;
		assert_int_equal(copied(r), -1);
		rig_unplug(r, d);
		rig_die(r, rig_end(r, RIG_LABEL));
		rig_run(r);
		go_on(r);
		assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_FAILED, -1), 1);
		rig_plug(r, "2-1", "LENT0001");
		rig_run(r);
		assert_true(rig_is_open(r, d));
		in_step(r, d);
		assert_int_equal(copied(r), FAULT_OK);
	}
}

/* The label's child is killed while it has its order, has written half, or all: nobody at the stick notices. */
static void test_a_label_child_that_is_killed_has_a_successor(void **state)
{
	struct Rig *r = *state;

	for (enum Point point = POINT_ORDER; point <= POINT_WRITTEN; point++) {
		struct RigDevice *d;
		uint32_t client;

		d = lent_anew(r);
		stop_at(r, point);
		r->script[RIG_LEDGER] = NULL;
		client = sent(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1"));
		go_on(r);
		rig_die(r, rig_end(r, RIG_LABEL));
		rig_run(r);
		assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_OK);
		assert_int_equal(rig_lines(r, RECORD_HELPER, RESULT_FAILED, FAULT_HELPER_LOST), 1);
		in_step(r, d);
	}
}

static bool silent(struct Rig *r _unused_, struct RigEnd *end _unused_, const struct Message *m _unused_)
{
	return true;
}

static void test_a_look_whose_child_is_killed_is_done_by_another_and_given_up_at_the_third(void **state)
{
	struct Rig *r = *state;

	for (int deaths = 1; deaths <= 3; deaths++) {
		struct RigDevice *d;

		d = lent_anew(r);
		r->script[RIG_LABEL] = silent;
		replug(r, d, NULL);
		for (int i = 0; i < deaths; i++) {
			rig_die(r, rig_end(r, RIG_LABEL));
			if (i == deaths - 1)
				r->script[RIG_LABEL] = NULL;
			rig_run(r);
		}
		assert_int_equal(rig_lines(r, RECORD_HELPER, RESULT_FAILED, FAULT_HELPER_LOST), deaths);
		assert_null(rig_end(r, RIG_LABEL));
		assert_int_equal(rig_is_open(r, d), deaths < 3);
		if (deaths == 3)
			replug(r, d, NULL);
		in_step(r, d);
		assert_int_equal(copied(r), FAULT_OK);
	}
}

/* The look is not the stick's fault that goes with what closes the stick: it is done again at the next opening. */
static void test_a_look_whose_child_is_killed_while_a_twin_closes_the_stick_is_done_again(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r), *twin;

	r->script[RIG_LABEL] = silent;
	replug(r, d, NULL);
	assert_non_null(rig_end(r, RIG_LABEL));
	twin = rig_plug(r, "2-2", "LENT0001");
	rig_run(r);
	rig_die(r, rig_end(r, RIG_LABEL));
	r->script[RIG_LABEL] = NULL;
	rig_run(r);
	assert_false(rig_is_open(r, d));
	rig_unplug(r, twin);
	rig_run(r);
	assert_true(rig_is_open(r, d));
	assert_int_equal(copied(r), FAULT_OK);
	in_step(r, d);
}

static void test_a_medium_that_hangs_is_closed_after_ten_seconds(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	uint32_t client;

	r->script[RIG_LABEL] = silent;
	client = sent(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1"));
	rig_later(r, 9000);
	assert_int_equal(rig_reply(r, client)->n_replies, 0);
	rig_later(r, 1001);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_MEDIUM_ERROR);
	assert_false(rig_is_open(r, d));
	r->script[RIG_LABEL] = NULL;
	replug(r, d, NULL);
	assert_int_equal(copied(r), FAULT_OK);
	in_step(r, d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, case_setup, case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(core_may_end_at_every_point_of_a_session),
		TEST(core_may_end_at_every_point_of_a_registration),
		TEST(core_may_end_at_every_point_of_a_relabel),
		TEST(the_stick_may_be_pulled_at_every_point_of_a_session),
		TEST(a_label_child_that_is_killed_has_a_successor),
		TEST(a_look_whose_child_is_killed_is_done_by_another_and_given_up_at_the_third),
		TEST(a_look_whose_child_is_killed_while_a_twin_closes_the_stick_is_done_again),
		TEST(a_medium_that_hangs_is_closed_after_ten_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
