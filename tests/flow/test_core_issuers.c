/* SPDX-License-Identifier: Apache-2.0 */
/* A medium that several terminals use: whose labels hold, and what a clone or an old image gets all the same. */
#include "core_case.h"
#include "str.h"

static const struct Label nothing;

/* Here is T1; T2 is named by the policy, T3 is not. */
static void honoured(struct Rig *r)
{
	r->issuers[0] = "T4";
	r->issuers[1] = "T2";
	assert_int_equal(rig_reload(r), 0);
	rig_run(r);
}

/* So many sessions at another terminal, with the medium's registration there; NULL: the one it has here. */
static void used_at(struct Rig *r, struct RigDevice *d, const char *terminal, unsigned int sessions, const char *registration)
{
	struct MediumRow row = *medium_row(r);

	if (registration)
		STR_CUT(row.registration, registration);
	while (sessions--) {
		row.counter++;
		script_label_by(terminal, &row, d->slots);
	}
}

static void assert_refused(struct Rig *r, const struct RigDevice *d, int fault)
{
	assert_false(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_REFUSED, fault), 1);
	assert_int_equal(copied(r), fault);
}

static void test_a_label_of_a_terminal_that_the_policy_names_is_taken_over_and_recorded(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	uint64_t counter = medium_row(r)->counter;

	honoured(r);
	for (unsigned int sessions = 1; sessions <= 3; sessions++) {
		used_at(r, d, "T2", sessions, NULL);
		replug(r, d, NULL);
		assert_true(rig_is_open(r, d));
		assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_DONE, FAULT_LABEL_ISSUED), sessions);
		/* the loan is this terminal's, and is written on it again */
		counter += sessions + 1;
		assert_int_equal(medium_row(r)->counter, counter);
		in_step(r, d);
		assert_int_equal(copied(r), FAULT_OK);
		counter++;
	}
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_DONE, FAULT_LABEL_TORN), 0);
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_REFUSED, -1), 0);
}

static void test_a_loan_that_was_made_at_another_terminal_opens_nothing_here(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	struct MediumRow row;
	struct CheckoutRow loan = *loans_checkout(&r->state, "USB-1");

	honoured(r);
	assert_int_equal(verb(r, RIG_CLERK, VERB_RETURN, "USB-1"), FAULT_OK);
	row = *medium_row(r);
	row.counter++;
	STR_CUT(loan.id, "T2-2026-0001");
	script_label_lent("T2", &row, &loan, d->slots);
	replug(r, d, NULL);
	assert_false(rig_is_open(r, d));
	assert_int_equal(copied(r), FAULT_NOT_CHECKED_OUT);
	/* one of this terminal's own goes on from there */
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_checkout("USB-1", "clerk1", r->now + DAY)), FAULT_OK);
	assert_true(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_DONE, FAULT_LABEL_ISSUED), 1);
}

static void test_a_terminal_that_the_policy_does_not_name_is_a_stranger(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	honoured(r);
	used_at(r, d, "T3", 2, NULL);
	replug(r, d, NULL);
	assert_refused(r, d, FAULT_LABEL_OTHER);
}

static void test_one_that_is_taken_out_of_the_policy_holds_no_more(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	honoured(r);
	used_at(r, d, "T2", 2, NULL);
	d->read_only = true; /* so that its label stays */
	replug(r, d, NULL);
	assert_true(rig_is_open(r, d));
	assert_int_equal(medium_row(r)->counter, 4);
	r->issuers[1] = NULL;
	assert_int_equal(rig_reload(r), 0);
	rig_run(r);
	replug(r, d, NULL);
	assert_refused(r, d, FAULT_LABEL_OTHER);
}

static void test_a_clone_used_at_another_terminal_is_found_when_the_second_twin_comes(void **state)
{
	static uint8_t clone[LABEL_SLOTS][LABEL_SIZE], original[LABEL_SLOTS][LABEL_SIZE];
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	honoured(r);
	memcpy(original, d->slots, sizeof(original));
	used_at(r, d, "T2", 1, NULL); /* the clone, there; the original is used here, as often */
	memcpy(clone, d->slots, sizeof(clone));
	replug(r, d, original);
	assert_int_equal(copied(r), FAULT_OK);
	memcpy(original, d->slots, sizeof(original));
	replug(r, d, clone);
	assert_refused(r, d, FAULT_LABEL_OLDER);
	replug(r, d, original);
	assert_int_equal(copied(r), FAULT_OK);
}

static void test_of_twins_the_one_that_was_used_more_elsewhere_is_taken_and_the_other_is_found_next(void **state)
{
	static uint8_t original[LABEL_SLOTS][LABEL_SIZE];
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	honoured(r);
	memcpy(original, d->slots, sizeof(original));
	used_at(r, d, "T2", 3, NULL);
	replug(r, d, NULL);
	assert_true(rig_is_open(r, d));
	replug(r, d, original);
	assert_refused(r, d, FAULT_LABEL_OLDER);
}

static void test_a_medium_registered_anew_elsewhere_is_taken_but_not_one_brought_back(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	honoured(r);
	used_at(r, d, "T2", 1, "T2-RNEW");
	replug(r, d, NULL);
	assert_true(rig_is_open(r, d));
	assert_string_equal(medium_row(r)->registration, "T2-RNEW");
	in_step(r, d);
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_DONE, FAULT_LABEL_TORN), 0);
	/* a twin that knows nothing of it, at a terminal that does not either */
	used_at(r, d, "T4", 2, "T1-R1");
	replug(r, d, NULL);
	assert_refused(r, d, FAULT_LABEL_OTHER);
}

static void test_registering_goes_on_from_the_counter_of_the_other_terminal(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	struct MediumRow elsewhere = *medium_row(r);
	struct Label l = nothing;
	const char *prepare[] = {"", "vfat"};

	for (size_t i = 0; i < ARRAY_SIZE(prepare); i++) {
		struct Request q = rig_register("2-1", "USB-1");
		uint32_t client;

		STR_CUT(q.prepare, prepare[i]);
		rig_reset(r); /* a ledger that does not know it */
		rig_boot(r);
		honoured(r);
		d = rig_plug(r, "2-1", "LENT0001");
		rig_run(r);
		elsewhere.counter = 41;
		STR_CUT(elsewhere.registration, "T2-ROLD");
		memcpy(elsewhere.identity, r->core->devices.first->digest, DIGEST_SIZE);
		memset(d->slots, 0, sizeof(d->slots));
		script_label_by("T2", &elsewhere, d->slots);
		client = sent(r, RIG_SUPERVISOR, q);
		if (prepare[i][0]) { /* what stood there was read before */
			memset(d->slots, 0, sizeof(d->slots));
			rig_die(r, rig_end(r, RIG_PREPARE));
			rig_run(r);
		}
		assert_int_equal(rig_reply(r, client)->reply.fault, FAULT_OK);
		assert_true(label_of(d, 42, &l));
		assert_string_equal(l.terminal, "T1");
		assert_int_equal(medium_row(r)->counter, 42);
		in_step(r, d);
		assert_int_equal(asked(r, RIG_SUPERVISOR, rig_checkout("USB-1", "clerk1", r->now + DAY)), FAULT_OK);
		assert_int_equal(copied(r), FAULT_OK);
	}
}

static void test_relabelling_goes_on_from_what_the_other_terminal_has_written(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	honoured(r);
	used_at(r, d, "T4", 7, "T2-RNEW"); /* of a registration that it did not make */
	replug(r, d, NULL);
	assert_refused(r, d, FAULT_LABEL_OTHER);
	assert_int_equal(verb(r, RIG_SUPERVISOR, VERB_RELABEL, "USB-1"), FAULT_OK);
	assert_int_equal(medium_row(r)->counter, 2 + 7 + 2);
	in_step(r, d);
	assert_int_equal(copied(r), FAULT_OK);
}

static void test_a_ledger_put_back_is_noticed_beside_another_terminals_label(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);
	struct MediumRow before = *medium_row(r);

	honoured(r);
	assert_int_equal(copied(r), FAULT_OK);
	used_at(r, d, "T2", 1, NULL);
	*loans_medium_row(&r->state, "USB-1") = before;
	rig_boot(r);
	assert_refused(r, d, FAULT_LABEL_AHEAD);
}

static void test_a_label_torn_at_another_terminal_is_mended_here(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	honoured(r);
	used_at(r, d, "T2", 1, NULL);
	memset(d->slots[medium_row(r)->counter % 2] + 512, 0, LABEL_SIZE - 512);
	replug(r, d, NULL);
	assert_true(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_DONE, FAULT_LABEL_ISSUED), 1);
	assert_int_equal(rig_lines(r, RECORD_LABEL, RESULT_DONE, FAULT_LABEL_TORN), 1);
	in_step(r, d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, case_setup, case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_label_of_a_terminal_that_the_policy_names_is_taken_over_and_recorded),
		TEST(a_loan_that_was_made_at_another_terminal_opens_nothing_here),
		TEST(a_terminal_that_the_policy_does_not_name_is_a_stranger),
		TEST(one_that_is_taken_out_of_the_policy_holds_no_more),
		TEST(a_clone_used_at_another_terminal_is_found_when_the_second_twin_comes),
		TEST(of_twins_the_one_that_was_used_more_elsewhere_is_taken_and_the_other_is_found_next),
		TEST(a_medium_registered_anew_elsewhere_is_taken_but_not_one_brought_back),
		TEST(registering_goes_on_from_the_counter_of_the_other_terminal),
		TEST(relabelling_goes_on_from_what_the_other_terminal_has_written),
		TEST(a_ledger_put_back_is_noticed_beside_another_terminals_label),
		TEST(a_label_torn_at_another_terminal_is_mended_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
