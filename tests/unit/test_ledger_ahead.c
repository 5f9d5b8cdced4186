/* SPDX-License-Identifier: Apache-2.0 */
/* A verification with a second thread says of any file exactly what one without says. */
#include "ledger_fixture.h"
#include "pass.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define LINES 5000 /* several chunks */
#define KEYS  900  /* from one change of key to the next */

static struct Ahead *ahead;

static int setup(void **state)
{
	struct Fixture *f = fixture_new();

	for (uint8_t seed = 2; f->n < LINES; seed++) {
		fixture_lines(f, KEYS);
		fixture_rekey(f, seed);
	}
	fixture_sign(f, f->n);
	fixture_lines(f, 3); /* which nothing covers */
	assert_true(f->size > 2 * 256 * 1024);
	*state = f;
	return ahead_new(&ahead);
}

static int teardown(void **state)
{
	ahead = ahead_free(ahead);
	fixture_free(*state);
	return 0;
}

static int count(void *owner, const struct LedgerEntry *e)
{
	uint64_t *stop = owner;

	return e->n == *stop ? -ECANCELED : 0;
}

struct Outcome {
	int r;
	struct LedgerReport report;
	struct Tree tree;
};

static void pass(struct LedgerInput in, struct PassExtra extra, struct Ahead *by, struct Outcome *ret)
{
	memset(ret, 0, sizeof(*ret));
	in.tree = &ret->tree;
	extra.ahead = by;
	ret->r = pass_run(&in, &extra, &ret->report);
}

/* Both ways: the same report, tree and status, to the byte. */
static void same(const struct LedgerInput *in, const struct PassExtra *extra, struct Outcome *ret)
{
	static struct Outcome alone;

	pass(*in, *extra, NULL, &alone);
	pass(*in, *extra, ahead, ret);
	assert_int_equal(alone.r, ret->r);
	assert_string_equal(alone.report.error, ret->report.error);
	assert_int_equal(alone.report.line, ret->report.line);
	assert_memory_equal(&alone.report, &ret->report, sizeof(alone.report));
	assert_memory_equal(&alone.tree, &ret->tree, sizeof(alone.tree));
}

static void same_of(const struct Fixture *f, const char *records, size_t n, enum LedgerError code)
{
	static struct Outcome o;
	struct LedgerInput in = fixture_input(f, records, n);

	same(&in, &(const struct PassExtra){.from = NULL}, &o);
	if (code != _LEDGER_E_N)
		assert_int_equal(o.report.code, code);
	fd_close(in.records);
}

static void test_a_whole_ledger(void **state)
{
	struct Fixture *f = *state;

	same_of(f, f->records, f->size, LEDGER_E_NONE);
	same_of(f, f->records, 0, LEDGER_E_MISSING);
}

static void test_any_bit_flipped(void **state)
{
	struct Fixture *f = *state;

	for (size_t bit = 5; bit < 8 * f->size; bit += 8 * f->size / 300 + 1) {
		f->records[bit / 8] = (char)(f->records[bit / 8] ^ 1 << bit % 8);
		same_of(f, f->records, f->size, _LEDGER_E_N);
		f->records[bit / 8] = (char)(f->records[bit / 8] ^ 1 << bit % 8);
	}
}

static void test_any_cut(void **state)
{
	struct Fixture *f = *state;

	for (size_t n = f->size; n; n -= MIN(n, f->size / 100 + 7))
		same_of(f, f->records, n, _LEDGER_E_N);
}

/* At a place where a line begins: text, then the rest. */
static void with_line(
        const struct Fixture *f, uint64_t line, const char *text, size_t n, enum LedgerError code)
{
	const char *at = f->records;
	char *bytes = malloc(f->size + n);
	size_t before;

	assert_non_null(bytes);
	for (uint64_t i = 0; i < line; i++)
		at = strchr(at, '\n') + 1;
	before = (size_t)(at - f->records);
	memcpy(bytes, f->records, before);
	memcpy(bytes + before, text, n);
	memcpy(bytes + before + n, at, f->size - before);
	same_of(f, bytes, f->size + n, code);
	free(bytes);
}

static void test_lines_that_are_none(void **state)
{
	struct Fixture *f = *state;
	static char text[600 * 1024];

	for (uint64_t line = 0; line < LINES; line += 1111) {
		with_line(f, line, "\n", 1, LEDGER_E_KEYS);
		with_line(f, line, "{}\n", 3, LEDGER_E_KEYS);
		memset(text, 'x', sizeof(text));
		text[99] = '\n';
		with_line(f, line, text, 100, LEDGER_E_KEYS);
		text[99] = 'x';
		text[5000] = '\n';
		with_line(f, line, text, 5001, LEDGER_E_TOO_LONG);
		text[5000] = 'x';
		with_line(f, line, text, sizeof(text), LEDGER_E_TOO_LONG);
		memset(text, '\n', sizeof(text));
		with_line(f, line, text, sizeof(text), LEDGER_E_KEYS);
	}
}

static void test_who_reads_along_may_stop(void **state)
{
	struct Fixture *f = *state;
	struct LedgerInput in = fixture_input(f, f->records, f->size);
	static struct Outcome o;

	in.each = count;
	for (uint64_t stop = 0; stop < LINES; stop += 1250) {
		in.owner = &stop;
		same(&in, &(const struct PassExtra){.from = NULL}, &o);
		assert_int_equal(o.r, -ECANCELED);
	}
	fd_close(in.records);
}

static void test_from_a_state_on(void **state)
{
	struct Fixture *f = *state;
	struct LedgerState half;
	struct LedgerInput in;
	static struct Outcome o;

	in = fixture_input(f, f->records, f->size);
	pass(in, (struct PassExtra){.ret_state = &half}, ahead, &o);
	assert_int_equal(o.report.code, LEDGER_E_NONE);
	fd_close(in.records);
	fixture_lines(f, 1500);
	fixture_sign(f, f->n);
	in = fixture_input(f, f->records, f->size);
	same(&in, &(const struct PassExtra){.state = &half}, &o);
	assert_int_equal(o.report.code, LEDGER_E_NONE);
	assert_int_equal(o.report.records, f->n);
	fd_close(in.records);
}

static void test_a_file_that_cannot_be_read(void **state)
{
	struct Fixture *f = *state;
	struct LedgerInput in = fixture_input(f, f->records, f->size);
	static struct Outcome o;

	fd_close(in.records);
	in.records = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	assert_true(in.records >= 0);
	same(&in, &(const struct PassExtra){.from = NULL}, &o);
	assert_int_equal(o.r, -EIO);
	fd_close(in.records);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_whole_ledger),
	        TEST(test_any_bit_flipped),
	        TEST(test_any_cut),
	        TEST(test_lines_that_are_none),
	        TEST(test_who_reads_along_may_stop),
	        TEST(test_from_a_state_on),
	        TEST(test_a_file_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
