/* SPDX-License-Identifier: Apache-2.0 */
#include "when.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#define NOW INT64_C(1795680000000) /* 2026-11-26T17:00:00+09:00 */

static void test_the_forms_of_the_manual_are_read(void **state _unused_)
{
	static const struct {
		const char *text;
		enum WhenSide side;
		int64_t ms;
	} rows[] = {
	        {"2026-11-26T17:00", WHEN_START, NOW},
	        {"2026-11-26 17:00", WHEN_START, NOW},
	        {"2026-11-26T17:00:30", WHEN_END, NOW + 30000},
	        {"2026-11-26T08:00Z", WHEN_START, NOW},
	        {"2026-11-26T08:00:00+00:00", WHEN_START, NOW},
	        {"2026-11-26T03:00-05:00", WHEN_START, NOW},
	        {"17:00", WHEN_START, NOW},
	        {"18:30", WHEN_END, NOW + 5400000},
	        {"2026-11-26", WHEN_START, NOW - 17 * 3600000},
	        {"2026-11-26", WHEN_END, NOW + 7 * 3600000 - 1},
	        {"+30m", WHEN_START, NOW + 1800000},
	        {"+2h", WHEN_END, NOW + 7200000},
	        {"+3d", WHEN_START, NOW + 3 * 86400000},
	        {"2028-02-29", WHEN_START, 1835362800000},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t ms;

		if (when_parse(rows[i].text, NOW, rows[i].side, &ms) || ms != rows[i].ms)
			fail_msg("%s", rows[i].text);
	}
}

static void test_anything_else_is_refused(void **state _unused_)
{
	static const char *const rows[] = {"", "yesterday", "2026-02-30", "2026-13-01", "2026-00-01",
	        "2026-11-31", "2027-02-29", "26-11-21", "2026-11-26T", "2026-11-26T25:00", "2026-11-26T17",
	        "2026-11-26T17:60", "17", "17:0", "24:00", "+", "+h", "+2", "+2w", "+2hh", "+999999h",
	        "2026-11-26T17:00+9:00", "2026-11-26T17:00 ", " 17:00", "2026-11-26x17:00", "17:00Z", "-2h",
	        "2026-11-2", "1969-12-31", "2026-11-26T17:00:60"};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t ms = 7;

		if (when_parse(rows[i], NOW, WHEN_END, &ms) != -EINVAL || ms != 7)
			fail_msg("%s", rows[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_the_forms_of_the_manual_are_read),
	        cmocka_unit_test(test_anything_else_is_refused),
	};

	setenv("TZ", "JST-9", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
