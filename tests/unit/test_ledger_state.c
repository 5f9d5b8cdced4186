/* SPDX-License-Identifier: Apache-2.0 */
/* Verification that goes on where an earlier one ended. */
#include "ledger_fixture.h"
#include "pass.h"
#include "str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

struct Counted {
	uint64_t first, n;
};

static int count(void *owner, const struct LedgerEntry *e)
{
	struct Counted *c = owner;

	if (!c->n++)
		c->first = e->n;
	return 0;
}

/* Verifies the fixture as it stands, from `from` on when there is one. */
static void verify(struct Fixture *f, const struct LedgerState *from, struct LedgerState *ret_state,
        struct LedgerReport *ret, struct Counted *ret_lines)
{
	const struct PassExtra extra = {.state = from, .ret_state = ret_state};
	struct LedgerInput in = fixture_input(f, f->records, f->size);

	*ret_lines = (struct Counted){};
	in.each = count;
	in.owner = ret_lines;
	assert_int_equal(pass_run(&in, &extra, ret), 0);
	close(in.records);
}

/* Through its text, as it is kept. */
static void kept(const struct LedgerState *state, struct LedgerState *ret)
{
	static char text[STATE_MOST];
	ssize_t n = state_write(state, text, sizeof(text));

	assert_true(n > 0);
	assert_int_equal(state_read(text, (size_t)n, ret), 0);
	for (ssize_t i = 0; i < n; i++)
		assert_int_equal(state_read(text, (size_t)i, &(struct LedgerState){}), -EBADMSG);
}

static void test_going_on_finds_what_reading_all_finds(void **state _unused_)
{
	struct Fixture *f = fixture_new();
	struct LedgerState at = {}, next, from;
	struct LedgerReport whole, rest;
	struct Counted lines;

	for (uint8_t i = 0; i < 40; i++) {
		size_t before = f->n;

		fixture_lines(f, i % 5u + 1u);
		if (i % 7 == 3)
			fixture_rekey(f, (uint8_t)(i + 1));
		fixture_sign(f, f->n);
		if (i % 3 == 0)
			fixture_lines(f, 1); /* not covered yet */
		verify(f, NULL, &next, &whole, &lines);
		assert_int_equal(whole.code, LEDGER_E_NONE);
		if (before) {
			kept(&at, &from);
			verify(f, &from, &next, &rest, &lines);
			assert_int_equal(lines.first, from.tree.size);
			assert_int_equal(lines.n, f->n - from.tree.size);
			assert_memory_equal(&rest, &whole, sizeof(rest));
		}
		at = next;
	}
	fixture_free(f);
}

static void test_another_past_is_noticed(void **state _unused_)
{
	struct Fixture *f = fixture_new();
	struct LedgerState at, next;
	struct LedgerReport report;
	struct Counted lines;

	fixture_lines(f, 21);
	fixture_sign(f, 21);
	verify(f, NULL, &at, &report, &lines);
	fixture_lines(f, 10);
	fixture_sign(f, 31);
	for (size_t k = 0; k < 5; k++) {
		struct LedgerState other = at;

		other.tree.roots[k][k] ^= 1;
		verify(f, &other, &next, &report, &lines);
		assert_int_equal(report.code, at.tree.size >> k & 1 ? LEDGER_E_BAD_ROOT : LEDGER_E_NONE);
	}
	fixture_sign(f, 20);
	verify(f, &at, &next, &report, &lines);
	assert_int_equal(report.code, LEDGER_E_BAD_ROOT);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_going_on_finds_what_reading_all_finds),
	        cmocka_unit_test(test_another_past_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
