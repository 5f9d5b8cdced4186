/* SPDX-License-Identifier: Apache-2.0 */
#include "plot.h"

#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

static const struct PlotText text = {"p", "Copies", "What is seen"};

static size_t count(const char *all, const char *part)
{
	size_t n = 0;

	for (; (all = strstr(all, part)); all += strlen(part))
		n++;
	return n;
}

static void test_axes_end_at_round_numbers(void **state _unused_)
{
	static const struct {
		int64_t value, top;
	} rows[] = {{0, 1}, {1, 1}, {2, 2}, {3, 5}, {6, 10}, {11, 20}, {21, 50}, {51, 100}, {100, 100},
	        {4999, 5000}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(plot_ceiling(rows[i].value), rows[i].top);
	assert_true(plot_ceiling(INT64_MAX) > 0);
}

static void test_a_drawing_has_title_description_and_a_table(void **state _unused_)
{
	_cleanup_html_ struct Html h = HTML_NULL;
	struct PlotHeat heat = {};

	heat.count[3][23] = 1;
	heat.count[1][14] = 400;
	plot_heat(&h, &text, &heat);
	assert_int_equal(h.place, HTML_TEXT);
	assert_non_null(strstr(h.text, "aria-labelledby=\"p-t p-d\""));
	assert_non_null(
	        strstr(h.text, "<title id=\"p-t\">Copies</title><desc id=\"p-d\">What is seen</desc>"));
	assert_int_equal(count(h.text, "<rect class=\"heat "), 7 * 24);
	assert_int_equal(count(h.text, "<td class=\"number\">"), 7 * 24);
	assert_int_equal(count(h.text, "heat heat0"), 7 * 24 - 2);
	assert_int_equal(count(h.text, "heat heat1"), 1); /* one copy at night is seen beside 400 */
	assert_int_equal(count(h.text, "heat heat5"), 1);
	assert_non_null(strstr(h.text, "Wed 23:00 – 1</title>"));
}

static void test_closed_days_are_marked_by_shape(void **state _unused_)
{
	_cleanup_html_ struct Html h = HTML_NULL;
	struct PlotDays days = {.first = {2026, 11, 20}, .n = 5, .count = {10, 0, 1, 0, 2}};

	plot_days(&h, &text, &days);
	/* Friday open, Saturday, Sunday and the holiday on Monday closed, Tuesday open */
	assert_int_equal(count(h.text, "<rect class=\"closed-mark\""), 3);
	assert_non_null(strstr(h.text, "2026-11-23 (Mon) – 0</title>"));
	assert_int_equal(count(h.text, "<th scope=\"row\">"), 3); /* the table leaves empty days out */
}

static void test_something_small_is_still_seen(void **state _unused_)
{
	_cleanup_html_ struct Html h = HTML_NULL;
	struct PlotDays days = {.first = {2026, 11, 16}, .n = 2, .count = {1, 1000000}};

	plot_days(&h, &text, &days);
	assert_non_null(strstr(h.text, "height=\"2\" /><title>2026-11-16"));
}

static void test_nothing_is_drawn_without_dividing_by_it(void **state _unused_)
{
	_cleanup_html_ struct Html h = HTML_NULL;
	const struct PlotPart parts[] = {{"in", 0}, {"out", 0}};
	struct PlotDays days = {.first = {2026, 1, 1}, .n = 1};
	struct PlotHeat heat = {};

	plot_heat(&h, &text, &heat);
	plot_days(&h, &text, &days);
	plot_parts(&h, &text, parts, ARRAY_SIZE(parts));
	assert_int_equal(h.place, HTML_TEXT);
	assert_null(strstr(h.text, "class=\"part "));
}

static void test_parts_fill_the_bar(void **state _unused_)
{
	_cleanup_html_ struct Html h = HTML_NULL;
	const struct PlotPart parts[] = {{"in", 3}, {"out", 1}};

	plot_parts(&h, &text, parts, ARRAY_SIZE(parts));
	assert_non_null(strstr(h.text, "class=\"part part0\" x=\"0\" y=\"4\" width=\"540\""));
	assert_non_null(strstr(h.text, "class=\"part part1\" x=\"540\" y=\"4\" width=\"180\""));
}

static void test_days_of_forms_are_read_strictly(void **state _unused_)
{
	static const char *const wrong[] = {"", "2026-1-1", "2026-02-30", "2026-11-21 ", "x026-11-21",
	        "2026/11/21", "-026-11-21", "2026-11-2x", "2026-+1-21", "2026- 1-21", "0001-01-01"};
	struct Day d;

	assert_int_equal(day_read("2026-11-21", &d), 0);
	assert_true(d.year == 2026 && d.month == 11 && d.day == 21);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(day_read(wrong[i], &d), -EINVAL);
}

static void test_moments_are_local(void **state _unused_)
{
	_cleanup_html_ struct Html h = HTML_NULL;

	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	show_moment(&h, INT64_C(1795680000000));
	assert_string_equal(h.text, "<time datetime=\"2026-11-26T17:00:00+0900\">2026-11-26 17:00</time>");
	assert_int_equal(day_local(day_start((struct Day){2026, 11, 26})).day, 26);
}

static void test_only_verified_ledgers_have_plain_rows(void **state _unused_)
{
	for (int64_t verdict = -1; verdict <= _VERDICT_N; verdict++) {
		_cleanup_html_ struct Html h = HTML_NULL;

		row_start(&h, verdict);
		html(&h, "<td>");
		show_verdict(&h, verdict);
		html(&h, "</td></tr>");
		assert_int_equal(!strstr(h.text, "unverified"), verdict == VERDICT_VERIFIED);
		assert_int_equal(!strstr(h.text, "mark bad"), verdict == VERDICT_VERIFIED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_axes_end_at_round_numbers),
	        cmocka_unit_test(test_a_drawing_has_title_description_and_a_table),
	        cmocka_unit_test(test_closed_days_are_marked_by_shape),
	        cmocka_unit_test(test_something_small_is_still_seen),
	        cmocka_unit_test(test_nothing_is_drawn_without_dividing_by_it),
	        cmocka_unit_test(test_parts_fill_the_bar),
	        cmocka_unit_test(test_days_of_forms_are_read_strictly),
	        cmocka_unit_test(test_moments_are_local),
	        cmocka_unit_test(test_only_verified_ledgers_have_plain_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
