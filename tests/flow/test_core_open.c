/* SPDX-License-Identifier: Apache-2.0 */
/* From the intent to the write: what comes between, late or changed, and what is known before the interface is there. */
#include "core_case.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

/* ------------------------------------------------------------------ a late intent */

static void test_an_intent_that_comes_late_opens_nothing_that_is_gone(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent_away(r);

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
	struct RigDevice *d = lent_away(r);

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

static void test_an_expected_stick_opens_at_the_kernels_word_that_its_interface_is_there(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = expected(r);
	size_t closed = rig_lines(r, RECORD_CLOSE, RESULT_DONE, -1);

	rig_came(r, d);
	rig_run(r);
	assert_true(rig_is_open(r, d));
	rig_plug(r, "2-1", NULL);
	rig_run(r);
	assert_true(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_INTENT, -1), 2);
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_DONE, -1), 2);
	assert_int_equal(rig_lines(r, RECORD_CLOSE, RESULT_DONE, -1), closed);
	assert_int_equal(rig_lines(r, RECORD_CLOSE, RESULT_FAILED, -1), 0);
}

static void test_an_interface_that_came_before_its_intent_is_durable_waits_for_it(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	rig_unplug(r, d);
	rig_run(r);
	r->ledger_slow = true;
	rig_expect(r, "2-1", "LENT0001");
	rig_run(r);
	rig_came(r, d);
	rig_run(r);
	assert_false(rig_is_open(r, d));
	rig_answer(r);
	rig_run(r);
	assert_true(rig_is_open(r, d));
}

static void test_what_came_is_compared_before_it_is_opened(void **state)
{
	static const char *const attributes[][2] = {{"serial", "OTHER001\n"}, {"descriptors", "a plain desk"}};
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		rig_unplug(r, d);
		rig_run(r);
		d = rig_expect(r, "2-1", "LENT0001");
		rig_run(r);
		rig_attribute(r, d, attributes[i][0], attributes[i][1]);
		rig_came(r, d);
		rig_run(r);
		assert_false(rig_is_open(r, d));
		assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_FAILED, FAULT_CHANGED_DEVICE), i + 1);
		rig_attribute(r, d, "serial", "LENT0001\n");
	}
}

static void test_an_interface_that_came_open_is_closed_when_it_is_told(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = expected(r);

	rig_attribute(r, d, "2-1:1.0/authorized", "1");
	r->liar = true; /* somebody else has opened it: the rig does not ask who */
	rig_came(r, d);
	rig_run(r);
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_DONE, -1), 1);
	rig_plug(r, "2-1", NULL);
	rig_run(r);
	assert_int_equal(rig_lines(r, RECORD_CLOSE, RESULT_DONE, FAULT_INTERRUPTED), 1);
}

static void folder_anew(struct Rig *r, const char *name)
{
	char away[160];

	snprintf(away, sizeof(away), "%s.before", name);
	assert_int_equal(renameat(r->at, name, r->at, away), 0);
	assert_int_equal(mkdirat(r->at, name, 0700), 0);
}

/* Who authorises a device while the kernel looks for its driver makes the interface twice. */
static void test_an_interface_that_is_made_anew_is_opened_anew(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = expected(r);

	rig_attribute(r, d, "serial", "another1\n"); /* what comes of it is closed */
	rig_came(r, d);
	rig_run(r);
	folder_anew(r, "2-1/2-1:1.0");
	assert_int_equal(mkdirat(r->at, "2-1/2-1:1.0/disk", 0700), 0);
	rig_attribute(r, d, "2-1:1.0/authorized", "0");
	rig_attribute(r, d, "serial", "LENT0001\n");
	assert_false(rig_is_open(r, d));
	rig_plug(r, "2-1", NULL);
	rig_run(r);
	assert_true(rig_is_open(r, d));
}

static void test_what_came_and_was_not_expected_is_nothing(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent(r);

	rig_came(r, d);
	rig_unplug(r, d);
	rig_run(r);
	rig_came(r, d);
	rig_run(r);
	assert_false(rig_is_open(r, d));
	assert_false(r->ended);
}

/* Until the thread that was left behind is through: it has nobody to tell. */
static void thread_ended(void)
{
	struct timespec pause = {.tv_nsec = 5000000};

	for (int i = 0; i < 12000; i++) {
		struct dirent *e;
		DIR *tasks = opendir("/proc/self/task");
		int n = 0;

		assert_non_null(tasks);
		while ((e = readdir(tasks)))
			n += e->d_name[0] != '.';
		closedir(tasks);
		if (n == 1)
			return;
		nanosleep(&pause, NULL);
	}
	fail_msg("the thread does not end");
}

static void closed_for_not_answering(struct Rig *r, const struct RigDevice *d)
{
	const struct Request status = rig_verb(VERB_STATUS, "");

	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_FAILED, FAULT_MEDIUM_ERROR), 1);
	assert_int_equal(rig_ask(r, RIG_CLERK, &status), FAULT_OK);
	/* nor by a second word of the same plug */
	rig_plug(r, "2-1", NULL);
	rig_run(r);
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_INTENT, -1), 2);
	assert_false(rig_is_open(r, d));
}

static void test_a_stick_whose_serial_number_is_not_answered_holds_nobody_up(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = expected(r);
	int fifo;

	assert_int_equal(unlinkat(r->at, "2-1/serial", 0), 0);
	assert_int_equal(mkfifoat(r->at, "2-1/serial", 0600), 0);
	r->threads = true;
	rig_came(r, d);
	rig_run(r);
	closed_for_not_answering(r, d);
	fifo = openat(r->at, "2-1/serial", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(fifo >= 0);
	assert_int_equal(write(fifo, "LENT0001\n", 9), 9);
	close(fifo);
	thread_ended();
	assert_false(rig_is_open(r, d));
	assert_int_equal(unlinkat(r->at, "2-1/serial", 0), 0);
	rig_attribute(r, d, "serial", "LENT0001\n");
}

/* A driver that does not answer, until driver_goes_on. */
static void driver_hangs(struct Rig *r, int ends[static 2])
{
	assert_int_equal(pipe(ends), 0);
	r->hangs = ends[0];
	r->threads = true;
}

static void driver_goes_on(struct Rig *r, int ends[static 2])
{
	close(ends[1]);
	thread_ended();
	close(ends[0]);
	r->hangs = 0;
	r->threads = false; /* whatever comes now has all the time it takes */
}

/* An expected stick whose driver did not answer in time, and does again. */
static struct RigDevice *opened_too_late(struct Rig *r)
{
	struct RigDevice *d = expected(r);
	int ends[2];

	driver_hangs(r, ends);
	rig_came(r, d);
	rig_run(r);
	closed_for_not_answering(r, d);
	driver_goes_on(r, ends);
	return d;
}

static void opens_at_the_next_plug(struct Rig *r, struct RigDevice *d)
{
	assert_false(rig_is_open(r, d));
	rig_unplug(r, d);
	rig_run(r);
	rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
	assert_true(rig_is_open(r, d));
}

static void test_an_opening_that_is_done_too_late_is_taken_back(void **state)
{
	struct Rig *r = *state;

	opens_at_the_next_plug(r, opened_too_late(r));
}

static void test_an_opening_that_was_too_late_is_tried_again_with_an_intent_of_its_own(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = opened_too_late(r);

	rig_later(r, 999);
	assert_false(rig_is_open(r, d));
	rig_later(r, 1);
	assert_true(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_INTENT, -1), 3);
	assert_int_equal(rig_lines(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_MEDIUM_ERROR), 0);
}

static void test_nothing_is_tried_again_before_what_was_too_late_is_through(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = expected(r);
	int ends[2];

	driver_hangs(r, ends);
	rig_came(r, d);
	rig_run(r);
	for (int i = 0; i < 20; i++)
		rig_later(r, 1000);
	closed_for_not_answering(r, d);
	driver_goes_on(r, ends);
	rig_later(r, 1000);
	assert_true(rig_is_open(r, d));
}

static void test_a_loan_that_runs_out_meanwhile_is_not_tried_again(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = opened_too_late(r);

	rig_later(r, DAY + 1);
	assert_false(rig_is_open(r, d));
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_INTENT, -1), 2);
}

/* The third time it does not answer. */
static void test_a_stick_that_never_answers_is_refused_in_the_end(void **state)
{
	static const int64_t waits[] = {0, 1000, 4000};
	struct Rig *r = *state;
	struct RigDevice *d = expected(r);
	int ends[2];

	for (size_t i = 0; i < ARRAY_SIZE(waits); i++) {
		assert_int_equal(rig_lines(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_MEDIUM_ERROR), 0);
		driver_hangs(r, ends);
		for (int64_t waited = 1000; waited < waits[i]; waited += 1000)
			rig_later(r, 1000);
		assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_FAILED, FAULT_MEDIUM_ERROR), i);
		if (i)
			rig_later(r, 1000);
		else
			rig_came(r, d);
		rig_run(r);
		assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_FAILED, FAULT_MEDIUM_ERROR), i + 1);
		driver_goes_on(r, ends);
		assert_false(rig_is_open(r, d));
	}
	assert_int_equal(rig_lines(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_MEDIUM_ERROR), 1);
	rig_later(r, 60000);
	assert_int_equal(rig_lines(r, RECORD_OPEN, RESULT_FAILED, FAULT_MEDIUM_ERROR), ARRAY_SIZE(waits));
	opens_at_the_next_plug(r, d);
}

static void test_an_expected_stick_whose_intent_is_late_waits_for_it(void **state)
{
	struct Rig *r = *state;
	struct RigDevice *d = lent_away(r);

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
	struct RigDevice *d = lent_away(r);

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

/* ------------------------------------------------------------------ between the verdict and the write */

/* Between the verdict and the write: the intent is on its way to the ledger. */
static void changed_before_the_write(struct Rig *r, const char *attribute, const char *value, int reason)
{
	struct RigDevice *d = lent_away(r);

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

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, case_setup, case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_intent_that_comes_late_opens_nothing_that_is_gone),
		TEST(an_expected_stick_opens_when_its_interface_comes_without_waiting_for_the_ledger),
		TEST(an_expected_stick_opens_at_the_kernels_word_that_its_interface_is_there),
		TEST(an_interface_that_came_before_its_intent_is_durable_waits_for_it),
		TEST(what_came_is_compared_before_it_is_opened),
		TEST(an_interface_that_came_open_is_closed_when_it_is_told),
		TEST(an_interface_that_is_made_anew_is_opened_anew),
		TEST(what_came_and_was_not_expected_is_nothing),
		TEST(a_stick_whose_serial_number_is_not_answered_holds_nobody_up),
		TEST(an_opening_that_is_done_too_late_is_taken_back),
		TEST(an_opening_that_was_too_late_is_tried_again_with_an_intent_of_its_own),
		TEST(nothing_is_tried_again_before_what_was_too_late_is_through),
		TEST(a_loan_that_runs_out_meanwhile_is_not_tried_again),
		TEST(a_stick_that_never_answers_is_refused_in_the_end),
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
