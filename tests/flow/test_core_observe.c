/* SPDX-License-Identifier: Apache-2.0 */
/* Observe mode: the same verdicts and records, nothing enforced, and every record that could be mistaken says so. */
#include "core_case.h"

#include <stdio.h>
#include <sys/stat.h>

/* In a mode from now on, as by SIGHUP. */
static void mode(struct Rig *r, bool observe)
{
	r->observe = observe;
	assert_int_equal(rig_reload(r), 0);
	rig_run(r);
}

static bool has(const struct Record *r, enum RecordKey key)
{
	struct RecordItem item;

	return record_find(r, key, &item);
}

/* Lines of this kind and result that say `observed`. */
static size_t observed(const struct Rig *r, enum RecordKind kind, enum RecordResult result, int reason)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_lines; i++)
		n += r->lines[i].kind == kind && r->lines[i].result == result &&
			(reason < 0 || r->lines[i].reason == reason) && has(&r->lines[i], KEY_OBSERVED);
	return n;
}

static size_t enforced(const struct Rig *r, enum RecordKind kind, enum RecordResult result, int reason)
{
	return rig_lines(r, kind, result, reason) - observed(r, kind, result, reason);
}

static bool is_marked(const struct Rig *r, const char *name)
{
	char path[160];
	struct stat st;

	snprintf(path, sizeof(path), "%s/observe/usb-%s", r->folder, name);
	return !stat(path, &st);
}

static const struct MsgDevice *shown(struct Rig *r)
{
	struct Request q = rig_verb(VERB_DEVICES, "");
	uint32_t client = sent(r, RIG_SUPERVISOR, q);

	assert_int_equal(rig_reply(r, client)->n_replies, 1);
	return &rig_reply(r, client)->device;
}

static struct RigDevice *stranger(struct Rig *r)
{
	struct RigDevice *d = rig_plug(r, "2-2", "STRANGER");

	rig_run(r);
	return d;
}

/* ------------------------------------------------------------------ what is refused */

static void test_what_is_refused_is_on_record_as_such_and_open_all_the_same(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	mode(r, true);
	d = stranger(r);
	assert_true(rig_is_open(r, d));
	assert_int_equal(observed(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_NOT_REGISTERED), 1);
	assert_int_equal(observed(r, RECORD_OBSERVE, RESULT_INTENT, FAULT_NOT_REGISTERED), 1);
	assert_int_equal(observed(r, RECORD_OBSERVE, RESULT_DONE, FAULT_NOT_REGISTERED), 1);
	assert_int_equal(enforced(r, RECORD_DEVICE, RESULT_REFUSED, -1), 0);
	assert_int_equal(rig_lines(r, RECORD_TAMPER, RESULT_DONE, -1), 0);
	/* its nodes are what they would be without mediagate */
	assert_true(is_marked(r, d->interface) && is_marked(r, d->port));
}

static void test_its_being_unplugged_is_on_record_and_leaves_no_mark(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	mode(r, true);
	d = stranger(r);
	rig_unplug(r, d);
	rig_run(r);
	assert_int_equal(observed(r, RECORD_CLOSE, RESULT_DONE, FAULT_MEDIUM_GONE), 1);
	assert_false(is_marked(r, d->interface) || is_marked(r, d->port));
}

static void test_nothing_is_let_in_before_its_intent_is_durable(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	mode(r, true);
	r->ledger_slow = true;
	d = stranger(r);
	assert_false(rig_is_open(r, d));
	rig_answer(r);
	rig_run(r);
	assert_true(rig_is_open(r, d));
}

static void test_a_ledger_that_takes_no_record_lets_nothing_in(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	mode(r, true);
	r->ledger_fault = FAULT_LEDGER_FULL;
	d = stranger(r);
	rig_later(r, 60000);
	assert_false(rig_is_open(r, d));
	assert_false(is_marked(r, d->interface));
}

static void test_one_that_is_unplugged_before_the_answer_is_not_let_in(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	mode(r, true);
	r->ledger_slow = true;
	d = stranger(r);
	rig_unplug(r, d);
	rig_run(r);
	rig_answer(r);
	r->ledger_slow = false;
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(observed(r, RECORD_OBSERVE, RESULT_FAILED, FAULT_MEDIUM_GONE), 1);
}

static void test_one_that_changes_its_descriptors_is_not_let_in(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	mode(r, true);
	r->ledger_slow = true;
	d = stranger(r);
	rig_attribute(r, d, "descriptors", "something else");
	r->ledger_slow = false;
	rig_answer(r);
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(observed(r, RECORD_OBSERVE, RESULT_FAILED, FAULT_CHANGED_DEVICE), 1);
	assert_false(is_marked(r, d->interface) || is_marked(r, d->port));
}

/* ------------------------------------------------------------------ the mode */

static size_t policies(const struct Rig *r, const char *word)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_lines; i++) {
		struct RecordItem item;

		n += r->lines[i].kind == RECORD_POLICY && record_find(&r->lines[i], KEY_MODE, &item) &&
		     item.size == strlen(word) && !memcmp(item.bytes, word, item.size);
	}
	return n;
}

static void test_a_change_of_mode_is_on_record_before_anything_is_let_in(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = stranger(r);

	assert_false(rig_is_open(r, d));
	assert_int_equal(policies(r, "enforce"), 1);
	assert_int_equal(enforced(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_NOT_REGISTERED), 1);
	r->ledger_slow = true;
	mode(r, true);
	assert_int_equal(policies(r, "observe"), 0);
	assert_false(rig_is_open(r, d));
	r->ledger_slow = false;
	rig_answer(r);
	rig_run(r);
	assert_int_equal(policies(r, "observe"), 1);
	assert_true(rig_is_open(r, d));
}

static void test_leaving_it_closes_at_once_what_is_not_allowed(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d, *mine = lent(r);
	size_t before;

	mode(r, true);
	d = stranger(r);
	before = enforced(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_NOT_REGISTERED);
	mode(r, false);
	assert_false(rig_is_open(r, d));
	assert_true(rig_is_open(r, mine));
	assert_false(is_marked(r, d->interface) || is_marked(r, d->port));
	assert_int_equal(observed(r, RECORD_CLOSE, RESULT_DONE, FAULT_NOT_REGISTERED), 1);
	/* from now on it is refused in earnest, and that is a record of its own */
	assert_int_equal(enforced(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_NOT_REGISTERED), before + 1);
	assert_int_equal(policies(r, "enforce"), 2);
}

static void test_leaving_it_waits_for_no_ledger(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	mode(r, true);
	d = stranger(r);
	r->ledger_slow = true;
	mode(r, false);
	assert_false(rig_is_open(r, d));
}

static void test_leaving_it_while_an_intent_is_written_opens_nothing(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	mode(r, true);
	r->ledger_slow = true;
	d = stranger(r);
	mode(r, false);
	r->ledger_slow = false;
	rig_answer(r);
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(observed(r, RECORD_OBSERVE, RESULT_FAILED, FAULT_CANCELLED), 1);
}

static void test_a_policy_that_cannot_be_read_does_not_change_the_mode(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	mode(r, true);
	d = stranger(r);
	r->bad_loads = 1;
	mode(r, false);
	assert_true(rig_is_open(r, d));
	mode(r, false);
	assert_false(rig_is_open(r, d));
}

static void test_the_end_of_the_agent_closes_what_was_let_in(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	mode(r, true);
	d = stranger(r);
	rig_stop(r);
	assert_false(rig_is_open(r, d));
	assert_int_equal(observed(r, RECORD_CLOSE, RESULT_DONE, FAULT_INTERRUPTED), 1);
}

static void test_the_death_of_a_helper_pulls_nothing_from_under_anybody(void **state)
{
	static const enum RigRole roles[] = {RIG_LEDGER, RIG_WATCH, RIG_GATE};
	struct Rig *r = *state;
	struct RigDevice *d;

	mode(r, true);
	d = stranger(r);
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		rig_die(r, rig_end(r, roles[i]));
		rig_run(r);
		assert_true(rig_is_open(r, d));
		rig_later(r, 10000);
		assert_false(r->ended);
		assert_true(rig_is_open(r, d));
	}
	assert_int_equal(observed(r, RECORD_OBSERVE, RESULT_DONE, -1), 1);
}

/* ------------------------------------------------------------------ without udev's rules */

static void test_what_is_found_open_is_not_closed_but_judged(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	mode(r, true);
	d = rig_plug(r, "2-2", "STRANGER");
	rig_unplug(r, d);
	rig_run(r);
	/* nobody holds it closed: it comes up open */
	d->plugged = true;
	d->add.devnum++;
	rig_attribute(r, d, "devnum", "99\n");
	d->add.devnum = 99;
	rig_attribute(r, d, "2-2:1.0/authorized", "1");
	rig_plug(r, "2-2", NULL);
	rig_run(r);
	assert_true(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_CLOSE, RESULT_DONE, FAULT_INTERRUPTED), 0);
	assert_int_equal(rig_lines(r, RECORD_TAMPER, RESULT_DONE, -1), 0);
	assert_true(shown(r)->observed);
	mode(r, false);
	assert_false(rig_is_open(r, d));
}

/* ------------------------------------------------------------------ loans */

static void test_loans_and_copies_are_what_they_are(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d;

	mode(r, true);
	d = rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
	assert_true(is_marked(r, d->interface));
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-1")), FAULT_OK);
	assert_int_equal(verb(r, RIG_CLERK, VERB_COPY, "USB-1"), FAULT_NOT_CHECKED_OUT);
	assert_int_equal(enforced(r, RECORD_REQUEST, RESULT_REFUSED, -1) + enforced(r, RECORD_COPY, RESULT_REFUSED, -1), 1);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_checkout("USB-1", "clerk1", r->now + DAY)), FAULT_OK);
	/* by its loan, and not by observing */
	assert_true(rig_is_open(r, d));
	assert_false(is_marked(r, d->interface) || is_marked(r, d->port));
	assert_false(shown(r)->observed);
	assert_int_equal(copied(r), FAULT_OK);
	assert_int_equal(asked(r, RIG_CLERK, rig_verb(VERB_RETURN, "USB-1")), FAULT_OK);
	/* no loan: refused, and let in again */
	assert_true(rig_is_open(r, d));
	assert_true(is_marked(r, d->interface));
	assert_true(observed(r, RECORD_OBSERVE, RESULT_DONE, FAULT_NOT_CHECKED_OUT) >= 1);
	in_step(r, d);
}

static void test_a_loan_that_runs_out_is_refused_and_let_in(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	mode(r, true);
	assert_false(is_marked(r, d->interface));
	rig_later(r, DAY + 1);
	assert_int_equal(rig_lines(r, RECORD_OVERDUE, RESULT_DONE, -1), 1);
	assert_true(rig_is_open(r, d) && is_marked(r, d->interface));
	assert_int_equal(observed(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_OVERDUE), 1);
	assert_int_equal(copied(r), FAULT_OVERDUE);
}

static void test_a_lent_medium_that_is_mounted_by_hand_stays_open_and_that_is_on_record(void **state)
{
	struct Rig *r = *state;
	const struct Device *device;
	struct RigDevice *d = lent(r);
	char path[128];

	mode(r, true);
	device = devices_by_interface(&r->core->devices, d->interface);
	snprintf(path, sizeof(path), "../../devices/x/block/%s/%s2", device->disk.name, device->disk.name);
	for (int i = 0; i < 3; i++)
		assert_int_equal(mounts_judge(r->core, path), 0);
	rig_run(r);
	assert_true(rig_is_open(r, d));
	assert_int_equal(observed(r, RECORD_TAMPER, RESULT_DONE, FAULT_FOREIGN_MOUNT), 1);
	assert_int_equal(copied(r), FAULT_OK);
}

/* ------------------------------------------------------------------ it says so */

static void test_every_reply_says_in_which_mode_the_agent_is(void **state)
{
	struct Rig *r = *state;
	uint32_t client;

	for (int i = 0; i < 2; i++) {
		client = sent(r, RIG_CLERK, rig_verb(VERB_STATUS, ""));
		assert_int_equal(rig_reply(r, client)->status.observe, i);
		assert_int_equal(rig_reply(r, client)->reply.observe, i);
		client = sent(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1"));
		assert_int_not_equal(rig_reply(r, client)->reply.fault, FAULT_OK);
		assert_int_equal(rig_reply(r, client)->reply.observe, i);
		mode(r, true);
	}
	(void)stranger(r);
	assert_true(shown(r)->observed);
	assert_false(shown(r)->open);
	assert_int_equal(shown(r)->reason, FAULT_NOT_REGISTERED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, case_setup, case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_refused_is_on_record_as_such_and_open_all_the_same),
		TEST(its_being_unplugged_is_on_record_and_leaves_no_mark),
		TEST(nothing_is_let_in_before_its_intent_is_durable),
		TEST(a_ledger_that_takes_no_record_lets_nothing_in),
		TEST(one_that_is_unplugged_before_the_answer_is_not_let_in),
		TEST(one_that_changes_its_descriptors_is_not_let_in),
		TEST(a_change_of_mode_is_on_record_before_anything_is_let_in),
		TEST(leaving_it_closes_at_once_what_is_not_allowed),
		TEST(leaving_it_waits_for_no_ledger),
		TEST(leaving_it_while_an_intent_is_written_opens_nothing),
		TEST(a_policy_that_cannot_be_read_does_not_change_the_mode),
		TEST(the_end_of_the_agent_closes_what_was_let_in),
		TEST(the_death_of_a_helper_pulls_nothing_from_under_anybody),
		TEST(what_is_found_open_is_not_closed_but_judged),
		TEST(loans_and_copies_are_what_they_are),
		TEST(a_loan_that_runs_out_is_refused_and_let_in),
		TEST(a_lent_medium_that_is_mounted_by_hand_stays_open_and_that_is_on_record),
		TEST(every_reply_says_in_which_mode_the_agent_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
