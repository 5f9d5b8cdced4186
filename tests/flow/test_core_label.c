/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels through a whole core: what each clone, old image, torn or altered label gets, and every point between
 * the intent and the outcome at which core, its ledger or the label's child may end.
 */
#include "core_case.h"
#include "label_slot.h"

static __attribute__((noinline)) int verb(struct Rig *r, uid_t uid, enum Verb verb, const char *number)
{
	return asked(r, uid, rig_verb(verb, number));
}

static int copied(struct Rig *r)
{
	return verb(r, RIG_CLERK, VERB_COPY, "USB-1");
}

/* Out, and in again with other bytes in its slots: by somebody's hand, or another stick that looks the same. */
static void replug(struct Rig *r, struct RigDevice *d, const void *slots)
{
	if (d->plugged)
		rig_unplug(r, d);
	rig_run(r);
	if (slots)
		memcpy(d->slots, slots, sizeof(d->slots));
	rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
}

static const struct MediumRow *row(struct Rig *r)
{
	const struct MediumRow *m = loans_medium(&r->state, "USB-1");

	assert_non_null(m);
	return m;
}

static bool label_of(const struct RigDevice *d, uint64_t counter, struct Label *ret)
{
	return label_decode(d->slots[counter % 2], ret) == 0 && ret->counter == counter;
}

/* What stands on the medium is what stands on record, and no intent is open. */
static void in_step(struct Rig *r, const struct RigDevice *d)
{
	struct Label l;

	assert_int_equal(row(r)->intent, 0);
	assert_true(label_of(d, row(r)->counter, &l));
	assert_string_equal(l.registration, row(r)->registration);
}

/* ------------------------------------------------------------------ the counter */

static void test_the_counter_goes_up_with_registration_checkout_and_every_session(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = rig_plug(r, "2-1", "LENT0001");
	struct Label l;

	rig_run(r);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-1")), FAULT_OK);
	assert_true(label_of(d, 1, &l));
	assert_string_equal(l.number, "USB-1");
	assert_string_equal(l.loan.checkout, "");
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_checkout("USB-1", "clerk1", r->now + DAY)), FAULT_OK);
	assert_true(label_of(d, 2, &l));
	assert_string_equal(l.loan.clerk, "clerk1");
	assert_int_equal(copied(r), FAULT_OK);
	assert_true(label_of(d, 3, &l));
	assert_int_equal(verb(r, RIG_CLERK, VERB_LIST, "USB-1"), FAULT_OK);
	assert_true(label_of(d, 4, &l));
	assert_int_equal(verb(r, RIG_CLERK, VERB_RETURN, "USB-1"), FAULT_OK);
	assert_true(label_of(d, 5, &l));
	assert_string_equal(l.loan.checkout, "");
	in_step(r, d);
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_INTENT, -1), 5);
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_DONE, -1), 5);
}

static void test_a_stick_lent_while_it_is_away_gets_its_loan_when_it_comes(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = rig_plug(r, "2-1", "LENT0001");
	struct Label l;

	rig_run(r);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-1")), FAULT_OK);
	rig_unplug(r, d);
	rig_run(r);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_checkout("USB-1", "clerk1", r->now + DAY)), FAULT_OK);
	assert_true(label_of(d, 1, &l));
	replug(r, d, NULL);
	assert_true(label_of(d, 2, &l));
	assert_string_equal(l.loan.clerk, "clerk1");
	replug(r, d, NULL); /* nothing to say anew */
	assert_int_equal(row(r)->counter, 2);
}

static void test_a_write_protected_stick_can_be_looked_at_and_keeps_its_label(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	d->read_only = true;
	replug(r, d, NULL);
	assert_int_equal(verb(r, RIG_CLERK, VERB_LIST, "USB-1"), FAULT_OK);
	assert_int_equal(copied(r), FAULT_READ_ONLY_MEDIUM);
	assert_int_equal(row(r)->counter, 2);
	d->read_only = false;
	replug(r, d, NULL);
	assert_int_equal(copied(r), FAULT_OK);
}

static void test_a_medium_without_room_is_not_registered(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = rig_plug(r, "2-1", "LENT0001");

	d->full = true;
	rig_run(r);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-1")), FAULT_NO_LABEL_ROOM);
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_INTENT, -1), 0);
	assert_null(loans_medium(&r->state, "USB-1"));
}

/* ------------------------------------------------------------------ clones and forgers */

/* Refused, closed, on record once, and the reason stands in every answer. */
static void refused(struct Rig *r, const struct RigDevice *d, int fault)
{
	struct Request q = {.verb = VERB_EXPLAIN, .device = "USB-1"};

	assert_false(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_REFUSED, fault), 1);
	assert_int_equal(copied(r), fault);
	assert_int_equal(verb(r, RIG_CLERK, VERB_RETURN, "USB-1"), fault);
	assert_int_equal(asked(r, RIG_CLERK, q), FAULT_OK);
	assert_false(rig_is_open(r, d));
}

static void test_a_clone_is_refused_once_its_twin_was_used(void **state)
{
	static uint8_t clone[LABEL_SLOTS][LABEL_SIZE], original[LABEL_SLOTS][LABEL_SIZE];
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	memcpy(clone, d->slots, sizeof(clone));
	assert_int_equal(copied(r), FAULT_OK);
	memcpy(original, d->slots, sizeof(original));
	replug(r, d, clone);
	refused(r, d, FAULT_LABEL_OLDER);
	assert_memory_equal(d->slots, clone, sizeof(clone)); /* nothing was written to it */
	replug(r, d, original);
	assert_int_equal(copied(r), FAULT_OK);
}

static void test_of_two_twins_the_second_to_be_used_is_refused_whichever_it_is(void **state)
{
	static uint8_t original[LABEL_SLOTS][LABEL_SIZE];
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	memcpy(original, d->slots, sizeof(original));
	replug(r, d, NULL); /* the clone, by its bytes the same */
	assert_int_equal(copied(r), FAULT_OK);
	replug(r, d, original);
	refused(r, d, FAULT_LABEL_OLDER);
}

static void test_an_image_put_back_is_refused(void **state)
{
	static uint8_t image[LABEL_SLOTS][LABEL_SIZE];
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	memcpy(image, d->slots, sizeof(image));
	for (int i = 0; i < 3; i++)
		assert_int_equal(copied(r), FAULT_OK);
	replug(r, d, image);
	refused(r, d, FAULT_LABEL_OLDER);
}

static void test_an_altered_label_is_refused(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	d->slots[row(r)->counter % 2][300] ^= 1; /* the clerk's name */
	replug(r, d, NULL);
	refused(r, d, FAULT_LABEL_ALTERED);
}

static void test_a_missing_label_is_refused(void **state)
{
	static const uint8_t nothing[LABEL_SLOTS][LABEL_SIZE];
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	replug(r, d, nothing);
	refused(r, d, FAULT_LABEL_MISSING);
}

static void test_another_mediums_label_is_refused(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r), *other = rig_plug(r, "2-2", "OTHER002");

	rig_run(r);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-2", "USB-2")), FAULT_OK);
	replug(r, d, other->slots);
	refused(r, d, FAULT_LABEL_OTHER);
}

static void test_a_ledger_put_back_is_noticed(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	struct MediumRow before = *row(r);

	assert_int_equal(copied(r), FAULT_OK);
	assert_int_equal(copied(r), FAULT_OK);
	*loans_medium_row(&r->state, "USB-1") = before;
	rig_boot(r);
	refused(r, d, FAULT_LABEL_AHEAD);
}

static void test_a_torn_slot_is_mended_and_recorded(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	struct Label l;

	assert_int_equal(copied(r), FAULT_OK);
	memset(d->slots[(row(r)->counter + 1) % 2] + 512, 0, LABEL_SIZE - 512);
	replug(r, d, NULL);
	assert_true(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_DONE, FAULT_LABEL_TORN), 1);
	in_step(r, d);
	assert_true(label_of(d, row(r)->counter - 1, &l));
	assert_int_equal(copied(r), FAULT_OK);
	replug(r, d, NULL);
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_DONE, FAULT_LABEL_TORN), 1);
}

/* ------------------------------------------------------------------ relabel */

static void test_a_supervisor_relabels_and_older_labels_hold_no_more(void **state)
{
	static const uint8_t nothing[LABEL_SLOTS][LABEL_SIZE];
	static uint8_t before[LABEL_SLOTS][LABEL_SIZE];
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	memcpy(before, d->slots, sizeof(before));
	replug(r, d, nothing);
	assert_int_equal(verb(r, RIG_CLERK, VERB_RELABEL, "USB-1"), FAULT_NOT_ALLOWED);
	assert_int_equal(verb(r, RIG_AUDITOR, VERB_RELABEL, "USB-1"), FAULT_NOT_ALLOWED);
	assert_int_equal(verb(r, RIG_SUPERVISOR, VERB_RELABEL, "USB-9"), FAULT_NO_SUCH_MEDIUM);
	assert_int_equal(verb(r, RIG_SUPERVISOR, VERB_RELABEL, "USB-1"), FAULT_OK);
	in_step(r, d);
	assert_int_equal(copied(r), FAULT_OK);
	replug(r, d, NULL);
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_DONE, FAULT_LABEL_TORN), 0);
	assert_int_equal(verb(r, RIG_CLERK, VERB_RETURN, "USB-1"), FAULT_OK);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_checkout("USB-1", "clerk1", r->now + DAY)), FAULT_OK);
	replug(r, d, before);
	refused(r, d, FAULT_LABEL_OTHER);
	rig_unplug(r, d);
	rig_run(r);
	assert_int_equal(verb(r, RIG_SUPERVISOR, VERB_RELABEL, "USB-1"), FAULT_NOT_PLUGGED_IN);
}

static void test_a_medium_registered_before_there_were_labels_is_relabelled(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	struct MediumRow *m = loans_medium_row(&r->state, "USB-1");

	m->counter = 0;
	m->registration[0] = '\0';
	memset(d->slots, 0, sizeof(d->slots));
	rig_boot(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(copied(r), FAULT_LABEL_MISSING);
	assert_int_equal(verb(r, RIG_CLERK, VERB_RETURN, "USB-1"), FAULT_LABEL_MISSING);
	assert_int_equal(verb(r, RIG_SUPERVISOR, VERB_RELABEL, "USB-1"), FAULT_OK);
	assert_int_equal(copied(r), FAULT_OK);
	in_step(r, d);
}

/* ------------------------------------------------------------------ between intent and outcome */

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

		rig_reset(r);
		rig_boot(r);
		d = lent(r);
		counter = row(r)->counter;
		stop_at(r, point);
		assert_int_equal(copied(r), -1);
		assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_DONE, -1), 0);
		go_on(r);
		rig_boot(r);
		assert_true(rig_is_open(r, d));
		/* torn: renewed at once; otherwise the one that is there holds */
		assert_int_equal(row(r)->counter, counter + (written || point == POINT_TORN));
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

		rig_reset(r);
		rig_boot(r);
		d = lent(r);
		d->slots[row(r)->counter % 2][400] ^= 4;
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

		rig_reset(r);
		rig_boot(r);
		d = lent(r);
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

		rig_reset(r);
		rig_boot(r);
		d = lent(r);
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

		rig_reset(r);
		rig_boot(r);
		d = lent(r);
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

static void test_another_disk_behind_an_open_interface_ends_the_session(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	uint32_t client;

	r->script[RIG_JOB] = job_waits;
	client = sent(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1"));
	assert_non_null(rig_end(r, RIG_JOB));
	d->diskseq++;
	d->disk = false; /* watch tells it anew */
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_CHANGED_DEVICE);
	assert_int_equal(rig_lines(r, RECORD_COPY, RESULT_FAILED, FAULT_CHANGED_DEVICE), 1);
	assert_false(rig_is_open(r, d));
	r->script[RIG_JOB] = NULL;
	assert_int_equal(copied(r), FAULT_CHANGED_DEVICE);
	replug(r, d, NULL);
	assert_int_equal(copied(r), FAULT_OK);
}

/* ------------------------------------------------------------------ sleep */

static void test_a_stick_swapped_for_its_twin_in_sleep_is_refused(void **state)
{
	static uint8_t clone[LABEL_SLOTS][LABEL_SIZE];
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	memcpy(clone, d->slots, sizeof(clone));
	assert_int_equal(copied(r), FAULT_OK);
	memcpy(d->slots, clone, sizeof(clone)); /* no event says so */
	sleeps(r, 5000);
	rig_run(r);
	refused(r, d, FAULT_LABEL_OLDER);
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

static void test_without_a_record_no_label_is_written(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	static uint8_t before[LABEL_SLOTS][LABEL_SIZE];

	memcpy(before, d->slots, sizeof(before));
	r->ledger_fault = FAULT_LEDGER_FULL;
	assert_int_equal(copied(r), FAULT_LEDGER_FULL);
	assert_memory_equal(d->slots, before, sizeof(before));
	r->ledger_fault = 0;
	assert_int_equal(copied(r), FAULT_OK);
}

static void test_of_two_sessions_at_once_one_is_told_that_the_stick_is_in_use(void **state)
{
	struct Rig *r = *state;
	struct Request q = rig_verb(VERB_COPY, "USB-1");
	uint32_t clients[2];
	int faults[2];

	lent(r);
	for (size_t i = 0; i < 2; i++)
		clients[i] = rig_send(r, RIG_CLERK, &q);
	rig_run(r);
	for (size_t i = 0; i < 2; i++)
		faults[i] = rig_reply(r, clients[i])->reply.fault;
	assert_true((faults[0] == FAULT_OK && faults[1] == FAULT_BUSY) ||
		(faults[1] == FAULT_OK && faults[0] == FAULT_BUSY));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, case_setup, case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_counter_goes_up_with_registration_checkout_and_every_session),
		TEST(a_stick_lent_while_it_is_away_gets_its_loan_when_it_comes),
		TEST(a_write_protected_stick_can_be_looked_at_and_keeps_its_label),
		TEST(a_medium_without_room_is_not_registered),
		TEST(a_clone_is_refused_once_its_twin_was_used),
		TEST(of_two_twins_the_second_to_be_used_is_refused_whichever_it_is),
		TEST(an_image_put_back_is_refused),
		TEST(an_altered_label_is_refused),
		TEST(a_missing_label_is_refused),
		TEST(another_mediums_label_is_refused),
		TEST(a_ledger_put_back_is_noticed),
		TEST(a_torn_slot_is_mended_and_recorded),
		TEST(a_supervisor_relabels_and_older_labels_hold_no_more),
		TEST(a_medium_registered_before_there_were_labels_is_relabelled),
		TEST(core_may_end_at_every_point_of_a_session),
		TEST(core_may_end_at_every_point_of_a_registration),
		TEST(core_may_end_at_every_point_of_a_relabel),
		TEST(the_stick_may_be_pulled_at_every_point_of_a_session),
		TEST(a_label_child_that_is_killed_has_a_successor),
		TEST(a_look_whose_child_is_killed_is_done_by_another_and_given_up_at_the_third),
		TEST(another_disk_behind_an_open_interface_ends_the_session),
		TEST(a_stick_swapped_for_its_twin_in_sleep_is_refused),
		TEST(a_medium_that_hangs_is_closed_after_ten_seconds),
		TEST(without_a_record_no_label_is_written),
		TEST(of_two_sessions_at_once_one_is_told_that_the_stick_is_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
