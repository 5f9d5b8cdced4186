/* SPDX-License-Identifier: Apache-2.0 */
#include "rate.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_a_burst_is_let_in_and_then_the_rate(void **state _unused_)
{
	struct Rate r;
	int let_in = 0;

	assert_int_equal(rate_open(&r, 64, 10, 20), 0);
	for (int i = 0; i < 100; i++)
		let_in += rate_take(&r, "127.0.0.1", 1000);
	assert_int_equal(let_in, 20);
	assert_true(rate_take(&r, "127.0.0.2", 1000));
	for (int i = 0; i < 1000; i++)
		let_in += rate_take(&r, "127.0.0.1", 1000 + i);
	assert_in_range(let_in, 29, 30);
	rate_close(&r);
}

static void test_a_clock_set_back_gives_nothing_away(void **state _unused_)
{
	struct Rate r;

	assert_int_equal(rate_open(&r, 64, 1, 1), 0);
	assert_true(rate_take(&r, "a", 100000));
	assert_false(rate_take(&r, "a", 0));
	rate_close(&r);
}

static void test_ten_thousand_addresses_need_no_more_room(void **state _unused_)
{
	struct Rate r;
	char address[32];

	assert_int_equal(rate_open(&r, 64, 1, 2), 0);
	for (int i = 0; i < 10000; i++) {
		snprintf(address, sizeof(address), "10.0.%d.%d", i / 250, i % 250);
		assert_true(rate_take(&r, address, i));
	}
	rate_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_burst_is_let_in_and_then_the_rate),
	        cmocka_unit_test(test_a_clock_set_back_gives_nothing_away),
	        cmocka_unit_test(test_ten_thousand_addresses_need_no_more_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
