/* SPDX-License-Identifier: Apache-2.0 */
#include "holiday.h"

#include "str.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Every closed day by the law as the Cabinet Office published them, month and day. */
static const struct {
	int year;
	const char *days;
} years[] = {
        {2000, "0101 0110 0211 0320 0429 0503 0504 0505 0720 0915 0923 1009 1103 1123 1223"},
        {2001, "0101 0108 0211 0212 0320 0429 0430 0503 0504 0505 0720 0915 0923 0924 1008 1103 1123 1223 "
               "1224"},
        {2002, "0101 0114 0211 0321 0429 0503 0504 0505 0506 0720 0915 0916 0923 1014 1103 1104 1123 1223"},
        {2003, "0101 0113 0211 0321 0429 0503 0505 0721 0915 0923 1013 1103 1123 1124 1223"},
        {2004, "0101 0112 0211 0320 0429 0503 0504 0505 0719 0920 0923 1011 1103 1123 1223"},
        {2005, "0101 0110 0211 0320 0321 0429 0503 0504 0505 0718 0919 0923 1010 1103 1123 1223"},
        {2006, "0101 0102 0109 0211 0321 0429 0503 0504 0505 0717 0918 0923 1009 1103 1123 1223"},
        {2007, "0101 0108 0211 0212 0321 0429 0430 0503 0504 0505 0716 0917 0923 0924 1008 1103 1123 1223 "
               "1224"},
        {2008, "0101 0114 0211 0320 0429 0503 0504 0505 0506 0721 0915 0923 1013 1103 1123 1124 1223"},
        {2009, "0101 0112 0211 0320 0429 0503 0504 0505 0506 0720 0921 0922 0923 1012 1103 1123 1223"},
        {2010, "0101 0111 0211 0321 0322 0429 0503 0504 0505 0719 0920 0923 1011 1103 1123 1223"},
        {2011, "0101 0110 0211 0321 0429 0503 0504 0505 0718 0919 0923 1010 1103 1123 1223"},
        {2012, "0101 0102 0109 0211 0320 0429 0430 0503 0504 0505 0716 0917 0922 1008 1103 1123 1223 1224"},
        {2013, "0101 0114 0211 0320 0429 0503 0504 0505 0506 0715 0916 0923 1014 1103 1104 1123 1223"},
        {2014, "0101 0113 0211 0321 0429 0503 0504 0505 0506 0721 0915 0923 1013 1103 1123 1124 1223"},
        {2015, "0101 0112 0211 0321 0429 0503 0504 0505 0506 0720 0921 0922 0923 1012 1103 1123 1223"},
        {2016, "0101 0111 0211 0320 0321 0429 0503 0504 0505 0718 0811 0919 0922 1010 1103 1123 1223"},
        {2017, "0101 0102 0109 0211 0320 0429 0503 0504 0505 0717 0811 0918 0923 1009 1103 1123 1223"},
        {2018, "0101 0108 0211 0212 0321 0429 0430 0503 0504 0505 0716 0811 0917 0923 0924 1008 1103 1123 "
               "1223 1224"},
        {2019, "0101 0114 0211 0321 0429 0430 0501 0502 0503 0504 0505 0506 0715 0811 0812 0916 0923 1014 "
               "1022 "
               "1103 1104 1123"},
        {2020, "0101 0113 0211 0223 0224 0320 0429 0503 0504 0505 0506 0723 0724 0810 0921 0922 1103 1123"},
        {2021, "0101 0111 0211 0223 0320 0429 0503 0504 0505 0722 0723 0808 0809 0920 0923 1103 1123"},
        {2022, "0101 0110 0211 0223 0321 0429 0503 0504 0505 0718 0811 0919 0923 1010 1103 1123"},
        {2023, "0101 0102 0109 0211 0223 0321 0429 0503 0504 0505 0717 0811 0918 0923 1009 1103 1123"},
        {2024, "0101 0108 0211 0212 0223 0320 0429 0503 0504 0505 0506 0715 0811 0812 0916 0922 0923 1014 "
               "1103 "
               "1104 1123"},
        {2025, "0101 0113 0211 0223 0224 0320 0429 0503 0504 0505 0506 0721 0811 0915 0923 1013 1103 1123 "
               "1124"},
        {2026, "0101 0112 0211 0223 0320 0429 0503 0504 0505 0506 0720 0811 0921 0922 0923 1012 1103 1123"},
        {2027, "0101 0111 0211 0223 0321 0322 0429 0503 0504 0505 0719 0811 0920 0923 1011 1103 1123"},
        {2028, "0101 0110 0211 0223 0320 0429 0503 0504 0505 0717 0811 0918 0922 1009 1103 1123"},
        {2029, "0101 0108 0211 0212 0223 0320 0429 0430 0503 0504 0505 0716 0811 0917 0923 0924 1008 1103 "
               "1123"},
        {2030, "0101 0114 0211 0223 0320 0429 0503 0504 0505 0506 0715 0811 0812 0916 0923 1014 1103 1104 "
               "1123"},
};

static void test_every_holiday_from_2000_to_2030_is_known_and_no_other(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(years); i++) {
		char found[256] = "", *p = found;

		for (struct Day d = {years[i].year, 1, 1}; d.year == years[i].year;
		        d = day_from_number(day_number(d) + 1))
			if (holiday_name(d))
				p += snprintf(p, (size_t)(found + sizeof(found) - p), "%s%02d%02d",
				        p == found ? "" : " ", d.month, d.day);
		assert_string_equal(found, years[i].days);
	}
}

static void test_holidays_have_the_names_of_their_year(void **state _unused_)
{
	static const struct {
		struct Day day;
		const char *name;
	} rows[] = {
	        {{2006, 4, 29}, "みどりの日"},
	        {{2007, 4, 29}, "昭和の日"},
	        {{2006, 5, 4}, "国民の休日"},
	        {{2007, 5, 4}, "みどりの日"},
	        {{2009, 5, 6}, "振替休日"},
	        {{2018, 12, 23}, "天皇誕生日"},
	        {{2019, 4, 30}, "国民の休日"},
	        {{2019, 5, 1}, "即位の日"},
	        {{2019, 10, 14}, "体育の日"},
	        {{2019, 10, 22}, "即位礼正殿の儀の行われる日"},
	        {{2020, 7, 24}, "スポーツの日"},
	        {{2021, 8, 9}, "振替休日"},
	        {{2026, 9, 22}, "国民の休日"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(holiday_name(rows[i].day), rows[i].name);
	assert_null(holiday_name((struct Day){2019, 12, 23}));
	assert_null(holiday_name((struct Day){2020, 10, 12}));
	assert_null(holiday_name((struct Day){2026, 2, 30}));
	assert_null(holiday_name((struct Day){2100, 1, 1}));
}

static void test_numbers_of_days_are_the_calendars(void **state _unused_)
{
	struct Day d = {1999, 12, 31};

	assert_int_equal(day_number((struct Day){1970, 1, 1}), 0);
	assert_int_equal(day_number((struct Day){2000, 3, 1}), 11017);
	assert_int_equal(day_weekday((struct Day){2026, 11, 21}), 6);
	assert_int_equal(day_weekday((struct Day){1969, 12, 28}), 0);
	for (int64_t n = day_number(d); n < 36525; n++) {
		d = day_from_number(n);
		assert_true(day_is_valid(d));
		assert_int_equal(day_number(d), n);
	}
	assert_false(day_is_valid((struct Day){2026, 2, 29}));
	assert_true(day_is_valid((struct Day){2028, 2, 29}));
	assert_false(day_is_valid((struct Day){2026, 13, 1}));
	assert_false(day_is_valid((struct Day){2026, 4, 31}));
}

static void test_offices_are_closed_over_the_new_year(void **state _unused_)
{
	assert_true(day_is_closed((struct Day){2026, 12, 29}));
	assert_true(day_is_closed((struct Day){2027, 1, 3}));
	assert_false(day_is_closed((struct Day){2026, 12, 28}));
	assert_false(day_is_closed((struct Day){2027, 1, 4}));
	assert_true(day_is_closed((struct Day){2026, 11, 21}));
	assert_true(day_is_closed((struct Day){2026, 11, 23}));
	assert_false(day_is_closed((struct Day){2026, 11, 24}));
}

static void test_years_of_forms(void **state _unused_)
{
	assert_int_equal(day_fiscal_year((struct Day){2027, 3, 31}), 2026);
	assert_int_equal(day_fiscal_year((struct Day){2027, 4, 1}), 2027);
	assert_int_equal(day_reiwa((struct Day){2019, 4, 30}), 0);
	assert_int_equal(day_reiwa((struct Day){2019, 5, 1}), 1);
	assert_int_equal(day_reiwa((struct Day){2026, 11, 21}), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_holiday_from_2000_to_2030_is_known_and_no_other),
	        cmocka_unit_test(test_holidays_have_the_names_of_their_year),
	        cmocka_unit_test(test_numbers_of_days_are_the_calendars),
	        cmocka_unit_test(test_offices_are_closed_over_the_new_year),
	        cmocka_unit_test(test_years_of_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
