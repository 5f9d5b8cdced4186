/* SPDX-License-Identifier: Apache-2.0 */
/* What the console has received goes on record, and nobody but the process that asked it can say so. */
#include "core_case.h"
#include "str.h"

#include <stdio.h>

#define FORWARD 999

static int set_up(void **state)
{
	struct Rig *r;
	int e = case_setup(state);

	r = *state;
	r->core->forward_uid = FORWARD;
	return e;
}

static struct Request receipt(int64_t covered)
{
	struct Request q = {.verb = VERB_RECEIPT, .covered = covered, .console_covered = 7};

	STR_CUT(q.console, "example.org/mediagate/console");
	memset(q.cosignature, 'a', 152);
	memset(q.root, 'b', 64);
	memset(q.console_root, 'c', 64);
	return q;
}

static const struct Record *last_of(const struct Rig *r, enum RecordKind kind)
{
	for (size_t i = r->n_lines; i; i--)
		if (r->lines[i - 1].kind == kind)
			return &r->lines[i - 1];
	return NULL;
}

static bool has(const struct Record *line, enum RecordKey key, const void *bytes, size_t n)
{
	struct RecordItem item;

	return record_find(line, key, &item) && item.size == n && !memcmp(item.bytes, bytes, n);
}

static void test_a_receipt_goes_on_record(void **state)
{
	struct Rig *r = *state;
	const uint64_t covered = 1, console = 7;
	const struct Record *line;
	uint8_t bytes[76];

	assert_int_equal(asked(r, FORWARD, receipt(1)), FAULT_OK);
	line = last_of(r, RECORD_RECEIPT);
	assert_non_null(line);
	assert_int_equal(line->result, RESULT_DONE);
	assert_string_equal(line->actor, "mediagate-forward");
	assert_true(has(line, KEY_CONSOLE, "example.org/mediagate/console", 29));
	assert_true(has(line, KEY_COVERED, &covered, sizeof(covered)));
	memset(bytes, 0xaa, sizeof(bytes));
	assert_true(has(line, KEY_COSIGNATURE, bytes, 76));
	memset(bytes, 0xbb, sizeof(bytes));
	assert_true(has(line, KEY_ROOT, bytes, 32));
	assert_true(has(line, KEY_CONSOLE_COVERED, &console, sizeof(console)));
	memset(bytes, 0xcc, sizeof(bytes));
	assert_true(has(line, KEY_CONSOLE_ROOT, bytes, 32));
}

static void test_nobody_else_can_say_so(void **state)
{
	struct Rig *r = *state;
	const uid_t others[] = {RIG_CLERK, RIG_SUPERVISOR, RIG_AUDITOR, 0};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_int_not_equal(asked(r, others[i], receipt(1)), FAULT_OK);
	assert_int_equal(rig_lines(r, RECORD_RECEIPT, RESULT_DONE, -1), 0);
	r->core->forward_uid = (uid_t)-1; /* no such user on this machine */
	assert_int_not_equal(asked(r, FORWARD, receipt(1)), FAULT_OK);
	assert_int_equal(rig_lines(r, RECORD_RECEIPT, RESULT_DONE, -1), 0);
}

static void test_what_cannot_be_a_receipt_is_none(void **state)
{
	struct Rig *r = *state;
	struct Request q = receipt(1);

	q.root[3] = 'z';
	assert_int_equal(asked(r, FORWARD, q), FAULT_BAD_REQUEST);
	q = receipt(1);
	q.cosignature[151] = '\0';
	assert_int_equal(asked(r, FORWARD, q), FAULT_BAD_REQUEST);
	q = receipt(1);
	q.console_root[0] = 'A';
	assert_int_equal(asked(r, FORWARD, q), FAULT_BAD_REQUEST);
	/* more than there is */
	assert_int_equal(asked(r, FORWARD, receipt((int64_t)r->core->records + 1)), FAULT_BAD_REQUEST);
	assert_int_equal(rig_lines(r, RECORD_RECEIPT, RESULT_DONE, -1), 0);
	assert_int_equal(asked(r, FORWARD, receipt((int64_t)r->core->records)), FAULT_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_receipt_goes_on_record),
		TEST(nobody_else_can_say_so),
		TEST(what_cannot_be_a_receipt_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
