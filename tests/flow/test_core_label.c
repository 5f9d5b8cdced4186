/* SPDX-License-Identifier: Apache-2.0 */
/* Labels through a whole core: what each clone, old image, torn or altered label gets. */
#include "core_case.h"
#include "str.h"

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
	assert_int_equal(medium_row(r)->counter, 2);
}

static void test_a_write_protected_stick_can_be_looked_at_and_keeps_its_label(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	d->read_only = true;
	replug(r, d, NULL);
	assert_int_equal(verb(r, RIG_CLERK, VERB_LIST, "USB-1"), FAULT_OK);
	assert_int_equal(copied(r), FAULT_READ_ONLY_MEDIUM);
	assert_int_equal(medium_row(r)->counter, 2);
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

	d->slots[medium_row(r)->counter % 2][300] ^= 1; /* the clerk's name */
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
	struct MediumRow before = *medium_row(r);

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
	memset(d->slots[(medium_row(r)->counter + 1) % 2] + 512, 0, LABEL_SIZE - 512);
	replug(r, d, NULL);
	assert_true(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_DONE, FAULT_LABEL_TORN), 1);
	in_step(r, d);
	assert_true(label_of(d, medium_row(r)->counter - 1, &l));
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

/* Asks to have it made anew; nothing has made it yet. */
static uint32_t prepares(struct Rig *r, uid_t uid, const char *number)
{
	struct Request q = rig_verb(VERB_RELABEL, number);

	STR_CUT(q.prepare, "exfat");
	return sent(r, uid, q);
}

/* Registered before there were labels, and without room for one. */
static struct RigDevice *without_room(struct Rig *r)
{
	struct RigDevice *d = lent_anew(r);
	struct MediumRow *m = loans_medium_row(&r->state, "USB-1");

	m->counter = 0;
	m->registration[0] = '\0';
	memset(d->slots, 0, sizeof(d->slots));
	d->full = true;
	rig_boot(r);
	assert_int_equal(verb(r, RIG_SUPERVISOR, VERB_RELABEL, "USB-1"), FAULT_NO_LABEL_ROOM);
	return d;
}

/* The tools are through: it has room, and carries its label. */
static void made_anew(struct Rig *r, struct RigDevice *d, uint32_t client)
{
	d->full = false;
	rig_die(r, rig_end(r, RIG_PREPARE));
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_OK);
	in_step(r, d);
	assert_int_equal(copied(r), FAULT_OK);
}

static void test_a_medium_without_room_is_made_anew_and_labelled(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = without_room(r);
	uint32_t client = prepares(r, RIG_SUPERVISOR, "USB-1");

	assert_non_null(rig_end(r, RIG_PREPARE));
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_INTENT, -1), 2); /* lent's two: none before it has room */
	made_anew(r, d, client);
	replug(r, d, NULL);
	assert_int_equal(copied(r), FAULT_OK);
}

static void test_only_a_supervisor_has_a_medium_made_anew(void **state)
{
	static const uid_t others[] = {RIG_CLERK, RIG_AUDITOR, RIG_STRANGER, RIG_EXPIRED};
	struct Rig *r = *state;

	without_room(r);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		uint32_t client = prepares(r, others[i], "USB-1");

		assert_int_not_equal(rig_reply(r, client)->reply.fault, FAULT_OK);
		assert_int_equal(rig_reply(r, client)->n_replies, 1);
		assert_null(rig_end(r, RIG_PREPARE));
	}
	assert_int_equal(rig_reply(r, prepares(r, RIG_SUPERVISOR, "USB-9"))->reply.fault, FAULT_NO_SUCH_MEDIUM);
	assert_null(rig_end(r, RIG_PREPARE));
}

static void test_without_its_record_nothing_is_erased(void **state)
{
	struct Rig *r = *state;
	uint32_t client;

	without_room(r);
	r->ledger_fault = FAULT_LEDGER_FULL;
	client = prepares(r, RIG_SUPERVISOR, "USB-1");
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_LEDGER_FULL);
	assert_null(rig_end(r, RIG_PREPARE));
}

static void test_a_tool_that_fails_leaves_a_medium_without_label_and_says_so(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = without_room(r);
	uint32_t client = prepares(r, RIG_SUPERVISOR, "USB-1");

	rig_end(r, RIG_PREPARE)->step = 1 << 8; /* its exit status */
	rig_die(r, rig_end(r, RIG_PREPARE));
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_MEDIUM_ERROR);
	assert_int_equal(rig_lines(r, RECORD_REQUEST, RESULT_FAILED, FAULT_MEDIUM_ERROR), 1);
	assert_int_equal(medium_row(r)->counter, 0);
	assert_int_equal(copied(r), FAULT_LABEL_MISSING);
	client = prepares(r, RIG_SUPERVISOR, "USB-1");
	d->full = false;
	rig_die(r, rig_end(r, RIG_PREPARE));
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_OK);
	assert_int_equal(copied(r), FAULT_OK);
}

static void test_a_medium_that_is_smaller_than_it_says_gets_no_label(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = without_room(r);
	struct Request q = rig_register("2-2", "USB-2");
	uint32_t client = prepares(r, RIG_SUPERVISOR, "USB-1");

	rig_end(r, RIG_PREPARE)->step = PREPARE_LIES << 8;
	rig_die(r, rig_end(r, RIG_PREPARE));
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_SIZE_LIES);
	assert_int_equal(rig_lines(r, RECORD_REQUEST, RESULT_FAILED, FAULT_SIZE_LIES), 1);
	assert_int_equal(medium_row(r)->counter, 0);
	rig_unplug(r, d);
	rig_plug(r, "2-2", "NEW00002");
	rig_run(r);
	STR_CUT(q.prepare, "vfat");
	client = sent(r, RIG_SUPERVISOR, q);
	rig_end(r, RIG_PREPARE)->step = PREPARE_LIES << 8;
	rig_die(r, rig_end(r, RIG_PREPARE));
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_SIZE_LIES);
	assert_int_equal(rig_lines(r, RECORD_REGISTER, RESULT_FAILED, FAULT_SIZE_LIES), 1);
	assert_null(loans_medium(&r->state, "USB-2"));
}

static void test_a_tool_that_hangs_is_ended_after_two_minutes(void **state)
{
	struct Rig *r = *state;
	uint32_t client;

	without_room(r);
	client = prepares(r, RIG_SUPERVISOR, "USB-1");
	rig_later(r, 119000);
	assert_int_equal(rig_reply(r, client)->n_replies, 0);
	rig_later(r, 1001);
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_MEDIUM_ERROR);
}

static void test_cut_short_a_medium_can_be_made_anew_again(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = without_room(r);

	assert_int_equal(rig_reply(r, prepares(r, RIG_SUPERVISOR, "USB-1"))->n_replies, 0);
	rig_boot(r);
	assert_int_equal(medium_row(r)->counter, 0);
	made_anew(r, d, prepares(r, RIG_SUPERVISOR, "USB-1"));
}

static void test_pulled_while_it_is_made_anew_it_fails_and_says_so(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = without_room(r);
	uint32_t client = prepares(r, RIG_SUPERVISOR, "USB-1");

	rig_unplug(r, d);
	rig_run(r);
	rig_die(r, rig_end(r, RIG_PREPARE)); /* whatever it says */
	rig_run(r);
	assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_MEDIUM_GONE);
	assert_int_equal(rig_lines(r, RECORD_REQUEST, RESULT_FAILED, FAULT_MEDIUM_GONE), 1);
	assert_int_equal(medium_row(r)->counter, 0);
}

static void test_another_disk_behind_an_open_interface_ends_the_session(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	uint32_t client = copying(r, job_waits);

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
		TEST(a_medium_without_room_is_made_anew_and_labelled),
		TEST(only_a_supervisor_has_a_medium_made_anew),
		TEST(without_its_record_nothing_is_erased),
		TEST(a_tool_that_fails_leaves_a_medium_without_label_and_says_so),
		TEST(a_medium_that_is_smaller_than_it_says_gets_no_label),
		TEST(a_tool_that_hangs_is_ended_after_two_minutes),
		TEST(cut_short_a_medium_can_be_made_anew_again),
		TEST(pulled_while_it_is_made_anew_it_fails_and_says_so),
		TEST(another_disk_behind_an_open_interface_ends_the_session),
		TEST(a_stick_swapped_for_its_twin_in_sleep_is_refused),
		TEST(without_a_record_no_label_is_written),
		TEST(of_two_sessions_at_once_one_is_told_that_the_stick_is_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
