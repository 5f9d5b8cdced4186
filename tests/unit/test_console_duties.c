/* SPDX-License-Identifier: Apache-2.0 */
/* The year's duties: when each is due, who marks it as done, and what is refused. */
#include "changes.h"
#include "console_rig.h"
#include "holiday.h"
#include "str.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <time.h>

#define DAY_MS 86400000LL

static int64_t now;

int64_t __wrap_clock_now(void);
int64_t __wrap_clock_now(void)
{
	return now;
}

static int64_t day(int year, int month, int d)
{
	return day_number((struct Day){year, month, d});
}

/* Noon of that day. */
static void clock_set(int year, int month, int d)
{
	now = day(year, month, d) * DAY_MS + DAY_MS / 2;
}

static int set_up(void **state)
{
	setenv("TZ", "UTC", 1);
	tzset();
	clock_set(2026, 5, 10);
	*state = store_rig_new();
	store_rig_office(*state);
	return 0;
}

static int tear_down(void **state)
{
	*state = store_rig_free(*state);
	return 0;
}

static enum QueryOutcome add(struct StoreRig *g, int64_t kind, int64_t months, int64_t month, const char *who)
{
	return RIG_ASK(g, QUERY_DUTY_ADD, CELL_OF_NUMBER(kind), cell_text("USBメモリの棚卸"),
	        CELL_OF_NUMBER(months), CELL_OF_NUMBER(month), CELL_OF_NUMBER(30), cell_text(who),
	        cell_text("税務課, 国民健康保険課"));
}

static enum QueryOutcome done(struct StoreRig *g, int64_t from, const char *words)
{
	return RIG_ASK(g, QUERY_DUTY_DONE, CELL_OF_NUMBER(1), CELL_OF_NUMBER(from), cell_text(words));
}

/* The fiscal year 2026. */
static void calendar(struct StoreRig *g)
{
	assert_int_equal(
	        RIG_ASK(g, QUERY_CALENDAR, CELL_OF_NUMBER(day(2026, 4, 1)), CELL_OF_NUMBER(day(2027, 3, 31))),
	        QUERY_DONE);
}

static void only_what_can_be_done_by_somebody_is_planned(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "kato");
	assert_int_equal(add(g, DUTY_STOCK, 6, day(2026, 6, 1), "kato"), QUERY_FORBIDDEN);
	store_rig_as(g, "chief1");
	assert_int_equal(add(g, DUTY_STOCK, 6, day(2026, 6, 1), "nobody"), QUERY_INVALID);
	assert_int_equal(add(g, DUTY_STOCK, 6, day(2026, 6, 1), "admin1"), QUERY_INVALID);
	assert_int_equal(add(g, DUTY_STOCK, 5, day(2026, 6, 1), "kato"), QUERY_INVALID);
	assert_int_equal(add(g, DUTY_STOCK, 6, day(2026, 6, 2), "kato"), QUERY_INVALID);
	assert_int_equal(add(g, DUTY_STOCK, 6, INT64_MAX, "kato"), QUERY_INVALID);
	assert_int_equal(add(g, 99, 6, day(2026, 6, 1), "kato"), QUERY_INVALID);
	/* it comes out of the plans of reviews */
	assert_int_equal(add(g, DUTY_REVIEW, 6, day(2026, 6, 1), "kato"), QUERY_INVALID);
	assert_int_equal(add(g, DUTY_STOCK, 6, day(2026, 6, 1), "kato"), QUERY_DONE);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_DUTIES), QUERY_DONE);
	assert_int_equal(g->answer.rows, 1);
	assert_int_equal(g->row[DUTIES_DUE_MONTH_C].number, day(2026, 6, 1));
}

static void a_duty_is_due_by_its_month_and_its_subject_changes(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "chief1");
	assert_int_equal(add(g, DUTY_STOCK, 6, day(2026, 6, 1), "kato"), QUERY_DONE);
	calendar(g);
	assert_int_equal(g->answer.rows, 2);
	assert_int_equal(g->row[CALENDAR_FROM_DAY_C].number, day(2026, 1, 1));
	assert_int_equal(g->row[CALENDAR_DUE_DAY_C].number, day(2026, 6, 30));
	assert_int_equal(g->row[CALENDAR_STATE_C].number, DUTY_STATE_COMING);
	assert_string_equal(g->row[CALENDAR_SUBJECT_C].text, "税務課");
	assert_true(answer_next(&g->answer, g->row));
	assert_int_equal(g->row[CALENDAR_DUE_DAY_C].number, day(2026, 12, 31));
	assert_string_equal(g->row[CALENDAR_SUBJECT_C].text, "国民健康保険課");
}

static int64_t state_on(struct StoreRig *g, int month, int d)
{
	clock_set(2026, month, d);
	store_rig_as(g, "kato");
	calendar(g);
	return g->row[CALENDAR_STATE_C].number;
}

static void it_is_told_of_so_many_days_before_and_is_overdue_the_day_after(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "chief1");
	assert_int_equal(add(g, DUTY_STOCK, 6, day(2026, 6, 1), "kato"), QUERY_DONE);
	assert_int_equal(state_on(g, 5, 31), DUTY_STATE_COMING);
	assert_int_equal(state_on(g, 6, 1), DUTY_STATE_DUE);
	assert_int_equal(state_on(g, 6, 30), DUTY_STATE_DUE);
	assert_int_equal(
	        RIG_ASK(g, QUERY_CALENDAR, cell_text(NULL), cell_text(NULL), CELL_OF_NUMBER(1)), QUERY_DONE);
	assert_int_equal(g->answer.rows, 1);
	assert_int_equal(state_on(g, 7, 1), DUTY_STATE_OVERDUE);
}

static void who_is_responsible_marks_it_once_and_with_words(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "chief1");
	assert_int_equal(add(g, DUTY_STOCK, 6, day(2026, 6, 1), "kato"), QUERY_DONE);
	store_rig_as(g, "auditor1");
	assert_int_equal(done(g, day(2026, 1, 1), "確認済み"), QUERY_FORBIDDEN);
	store_rig_as(g, "kato");
	assert_int_equal(done(g, day(2026, 1, 1), "  "), QUERY_INVALID);
	assert_int_equal(done(g, day(2026, 1, 1), "税務課\t棚"), QUERY_INVALID);
	assert_int_equal(done(g, day(2026, 1, 2), "確認済み"), QUERY_REFUSED);
	assert_int_equal(done(g, day(2026, 7, 1), "確認済み"), QUERY_REFUSED);
	assert_int_equal(done(g, INT64_MIN, "確認済み"), QUERY_REFUSED);
	/* a number that slipped in is starred: 123456789018 has a check digit that holds */
	assert_int_equal(done(g, day(2026, 1, 1), "全48本を確認。\n控え 123456789018"), QUERY_DONE);
	assert_int_equal(done(g, day(2026, 1, 1), "もう一度"), QUERY_REFUSED);
	calendar(g);
	assert_int_equal(g->row[CALENDAR_STATE_C].number, DUTY_STATE_DONE);
	assert_string_equal(g->row[CALENDAR_BY_C].text, "kato");
	assert_string_equal(g->row[CALENDAR_WORDS_C].text, "全48本を確認。\n控え ************");
}

static void the_chief_may_stand_in_and_a_closed_duty_asks_for_nothing(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "chief1");
	assert_int_equal(add(g, DUTY_STOCK, 1, day(2026, 4, 1), "kato"), QUERY_DONE);
	assert_int_equal(done(g, day(2026, 4, 1), "代理で実施"), QUERY_DONE);
	assert_int_equal(RIG_ASK(g, QUERY_DUTY_CLOSE, CELL_OF_NUMBER(1)), QUERY_DONE);
	assert_int_equal(RIG_ASK(g, QUERY_DUTY_CLOSE, CELL_OF_NUMBER(1)), QUERY_REFUSED);
	assert_int_equal(done(g, day(2026, 5, 1), "代理で実施"), QUERY_REFUSED);
	calendar(g);
	assert_int_equal(g->answer.rows, 1);
	assert_string_equal(g->row[CALENDAR_BY_C].text, "chief1");
}

static void reviews_stand_in_the_calendar_by_their_plans(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "chief1");
	assert_int_equal(RIG_ASK(g, QUERY_PLAN_ADD, cell_text("利用記録"), CELL_OF_NUMBER(3),
	                         CELL_OF_NUMBER(day(2026, 4, 1)), cell_text("")),
	        QUERY_DONE);
	calendar(g);
	assert_int_equal(g->answer.rows, 3); /* the last quarter's is due in the next year */
	assert_int_equal(g->row[CALENDAR_KIND_C].number, DUTY_REVIEW);
	assert_int_equal(g->row[CALENDAR_PLAN_C].number, 1);
	assert_int_equal(g->row[CALENDAR_DUTY_C].number, 0);
	assert_int_equal(g->row[CALENDAR_FROM_DAY_C].number, day(2026, 4, 1));
	assert_int_equal(RIG_ASK(g, QUERY_CALENDAR, cell_text(NULL), cell_text(NULL), cell_text(NULL),
	                         cell_text(NULL), CELL_OF_NUMBER(0)),
	        QUERY_DONE);
	assert_int_equal(g->answer.rows, 0);
}

static void a_full_calendar_comes_a_page_at_a_time(void **state)
{
	struct StoreRig *g = *state;
	int64_t after = 0, rows = 0;

	store_rig_as(g, "chief1");
	for (int i = 0; i < 20; i++)
		assert_int_equal(add(g, DUTY_OTHER, 1, day(2026, 4, 1), "kato"), QUERY_DONE);
	do {
		assert_int_equal(
		        RIG_ASK(g, QUERY_CALENDAR, CELL_OF_NUMBER(day(2026, 4, 1)),
		                CELL_OF_NUMBER(day(2027, 3, 31)), cell_text(NULL), CELL_OF_NUMBER(after)),
		        QUERY_DONE);
		assert_true(g->answer.rows > 0);
		do {
			assert_true(g->row[CALENDAR_KEY_C].number > after);
			after = g->row[CALENDAR_KEY_C].number;
			rows++;
		} while (answer_next(&g->answer, g->row));
	} while (g->answer.more);
	assert_int_equal(rows, 20 * 12);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        CASE(only_what_can_be_done_by_somebody_is_planned),
	        CASE(a_duty_is_due_by_its_month_and_its_subject_changes),
	        CASE(it_is_told_of_so_many_days_before_and_is_overdue_the_day_after),
	        CASE(who_is_responsible_marks_it_once_and_with_words),
	        CASE(the_chief_may_stand_in_and_a_closed_duty_asks_for_nothing),
	        CASE(reviews_stand_in_the_calendar_by_their_plans),
	        CASE(a_full_calendar_comes_a_page_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
