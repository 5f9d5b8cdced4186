/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule of the review over days that are made for it: what is told, and what of the ordinary is not. */
#include "fault.h"
#include "holiday.h"
#include "record.h"
#include "rules.h"
#include "settings.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { CLERK = 7, OTHER, DESK = 20, ELSEWHERE, HITS = 256 };

struct Desk {
	struct ReviewParams params;
	struct Review *review;
	int64_t day; /* under way */
	int64_t id;
	size_t n;
	struct ReviewHit hits[HITS];
};

static int found(void *owner, const struct ReviewHit *hit)
{
	struct Desk *d = owner;

	assert_true(d->n < HITS);
	d->hits[d->n++] = *hit;
	return 0;
}

static int64_t date(int year, int month, int day)
{
	return day_number((struct Day){year, month, day});
}

static int set_up(void **state)
{
	struct Desk *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	review_default(&d->params);
	*state = d;
	return 0;
}

static int tear_down(void **state)
{
	struct Desk *d = *state;

	review_freep(&d->review);
	free(d);
	return 0;
}

static void start(struct Desk *d, int64_t first)
{
	review_freep(&d->review);
	d->n = 0;
	assert_int_equal(review_new(&d->params, first, found, d, &d->review), 0);
}

static int clerk(void)
{
	return review_role("clerk");
}

static struct ReviewAct act_at(struct Desk *d, int kind, int hour)
{
	return (struct ReviewAct){.id = ++d->id,
	        .t = (d->day * 24 + hour - 9) * 3600000,
	        .local = (d->day * 24 + hour) * 60,
	        .actor = CLERK,
	        .terminal = DESK,
	        .group = 1,
	        .kind = kind,
	        .role = clerk(),
	        .result = RESULT_DONE,
	        .fault = -1};
}

static void add(struct Desk *d, const struct ReviewAct *act)
{
	assert_int_equal(review_add(d->review, act), 0);
}

static void copy_at(struct Desk *d, int hour)
{
	const struct ReviewAct act = act_at(d, RECORD_COPY, hour);

	add(d, &act);
}

/* One copy at ten on every open day of April and May 2026; the day after: 1 June, a Monday. */
static void ordinary_spring(struct Desk *d)
{
	start(d, date(2026, 4, 1));
	for (d->day = date(2026, 4, 1); d->day < date(2026, 6, 1); d->day++)
		if (!day_is_closed(day_from_number(d->day)))
			copy_at(d, 10);
}

static void end(struct Desk *d)
{
	assert_int_equal(review_end(d->review), 0);
}

static const struct ReviewHit *only(struct Desk *d, enum ReviewRule rule)
{
	end(d);
	assert_int_equal(d->n, 1);
	assert_int_equal(d->hits[0].rule, rule);
	return &d->hits[0];
}

static void none(struct Desk *d)
{
	end(d);
	assert_int_equal(d->n, 0);
}

/* ------------------------------------------------------------------ */

static void ordinary_days_give_no_hit(void **state)
{
	ordinary_spring(*state);
	none(*state);
}

static void a_copy_at_night_is_told_with_its_record(void **state)
{
	struct Desk *d = *state;
	const struct ReviewHit *hit;

	ordinary_spring(d);
	copy_at(d, 10);
	copy_at(d, 23);
	hit = only(d, RULE_HOURS);
	assert_int_equal(hit->day, date(2026, 6, 1));
	assert_int_equal(hit->actor, CLERK);
	assert_int_equal(hit->count, 1);
	assert_int_equal(hit->records[0], d->id);
}

static void office_hours_begin_and_end_at_their_minutes(void **state)
{
	struct Desk *d = *state;
	struct ReviewAct act;

	ordinary_spring(d);
	act = act_at(d, RECORD_COPY, 7);
	add(d, &act);
	act = act_at(d, RECORD_COPY, 20);
	act.local--;
	add(d, &act);
	none(d);
	act.local++;
	add(d, &act);
	only(d, RULE_HOURS);
}

static void weekends_public_holidays_and_the_turn_of_the_year_are_closed(void **state)
{
	static const struct Day closed[] = {
	        {2026, 6, 6}, {2026, 5, 6}, {2026, 9, 22}, {2026, 12, 29}, {2026, 3, 20}};
	struct Desk *d = *state;

	for (size_t i = 0; i < ARRAY_SIZE(closed); i++) {
		start(d, date(2026, 1, 1));
		d->day = day_number(closed[i]);
		copy_at(d, 10);
		only(d, RULE_HOURS);
	}
}

static void another_terminal_is_told_until_it_is_a_usual_one(void **state)
{
	struct Desk *d = *state;

	ordinary_spring(d);
	for (int i = 0; i < 4; i++, d->day++) {
		struct ReviewAct act = act_at(d, RECORD_READ, 11);

		copy_at(d, 10);
		act.terminal = ELSEWHERE;
		act.group = 2;
		act.kind = RECORD_COPY;
		add(d, &act);
	}
	end(d);
	assert_int_equal(d->n, d->params.usual_days);
	for (size_t i = 0; i < d->n; i++) {
		assert_int_equal(d->hits[i].rule, RULE_TERMINAL);
		assert_int_equal(d->hits[i].terminal, ELSEWHERE);
		assert_int_equal(d->hits[i].usual, i);
	}
}

static void nothing_is_unusual_for_who_is_new(void **state)
{
	struct Desk *d = *state;
	struct ReviewAct act;

	ordinary_spring(d);
	act = act_at(d, RECORD_COPY, 10);
	act.actor = OTHER;
	act.terminal = ELSEWHERE;
	act.group = 2;
	add(d, &act);
	none(d);
}

static void refuse(struct Desk *d, enum Fault fault, size_t n)
{
	struct ReviewAct act = act_at(d, RECORD_COPY, 10);

	act.result = RESULT_REFUSED;
	act.fault = (int)fault;
	for (size_t i = 0; i < n; i++) {
		act.id = ++d->id;
		add(d, &act);
	}
}

static void a_slip_is_told_when_it_is_repeated_and_a_grave_attempt_at_once(void **state)
{
	struct Desk *d = *state;

	ordinary_spring(d);
	refuse(d, FAULT_NOT_CHECKED_OUT, d->params.attempts - 1);
	none(d);
	ordinary_spring(d);
	refuse(d, FAULT_NOT_CHECKED_OUT, d->params.attempts);
	assert_int_equal(only(d, RULE_RIGHT)->n, d->params.attempts);
	ordinary_spring(d);
	refuse(d, FAULT_NOT_ALLOWED, 1);
	only(d, RULE_RIGHT);
	ordinary_spring(d);
	refuse(d, FAULT_MEDIUM_FULL, 20);
	none(d);
}

static void devices_that_nobody_owns_are_the_terminals(void **state)
{
	struct Desk *d = *state;
	struct ReviewAct act;

	ordinary_spring(d);
	for (size_t i = 0; i < d->params.attempts; i++) {
		act = act_at(d, RECORD_DEVICE, 10);
		act.actor = 0;
		act.result = RESULT_REFUSED;
		act.fault = FAULT_NOT_REGISTERED;
		add(d, &act);
	}
	assert_int_equal(only(d, RULE_RIGHT)->actor, 0);
	assert_int_equal(d->hits[0].terminal, DESK);
}

static void an_operation_never_done_before_is_told(void **state)
{
	struct Desk *d = *state;
	struct ReviewAct act;

	ordinary_spring(d);
	act = act_at(d, RECORD_READ, 10);
	add(d, &act);
	assert_int_equal(only(d, RULE_UNUSUAL)->thing, RECORD_READ);
}

static void what_is_no_duty_of_the_role_is_told_of_who_is_new_too(void **state)
{
	struct Desk *d = *state;
	struct ReviewAct act;

	start(d, date(2026, 4, 1));
	d->day = date(2026, 4, 1);
	act = act_at(d, RECORD_COPY, 10);
	act.role = review_role("administrator");
	add(d, &act);
	only(d, RULE_UNUSUAL);
}

static void the_same_file_is_told_at_the_nth_time_within_its_days(void **state)
{
	struct Desk *d = *state;

	ordinary_spring(d);
	for (size_t i = 0; i < d->params.again; i++, d->day++) {
		struct ReviewAct act = act_at(d, RECORD_FILE, 10);

		copy_at(d, 10);
		act.data = 4711;
		add(d, &act);
		if (i + 1 < d->params.again)
			none(d);
	}
	assert_int_equal(only(d, RULE_AGAIN)->n, d->params.again);
	/* the same number of times, but too long ago */
	ordinary_spring(d);
	for (size_t i = 0; i < d->params.again; i++, d->day += 7) {
		struct ReviewAct act = act_at(d, RECORD_FILE, 10);

		act.data = 4711;
		add(d, &act);
	}
	none(d);
}

static void a_rise_is_told_once_and_of_the_person(void **state)
{
	struct Desk *d = *state;

	ordinary_spring(d);
	for (size_t i = 0; i < d->params.rise_copies; i++) {
		struct ReviewAct act = act_at(d, RECORD_COPY, 10);

		add(d, &act);
	}
	assert_int_equal(only(d, RULE_RISE)->count, d->params.rise_copies);
	assert_int_equal(d->hits[0].actor, CLERK);
	assert_int_equal(d->hits[0].usual, 1);
	assert_int_equal(d->hits[0].thing, MEASURE_COPIES);
}

static void a_rise_that_many_share_is_the_terminals(void **state)
{
	struct Desk *d = *state;

	ordinary_spring(d);
	for (size_t i = 0; i < d->params.rise_copies; i++) {
		struct ReviewAct act = act_at(d, RECORD_COPY, 10);

		act.actor = 100 + (int64_t)i;
		add(d, &act);
	}
	assert_int_equal(only(d, RULE_RISE)->actor, 0);
}

/* A month's hits depend on the months that count before it and on no others. */
static void the_same_hits_come_whenever_it_is_begun(void **state)
{
	static struct ReviewHit whole[HITS];
	struct Desk *d = *state;
	size_t n = 0;

	for (int pass = 0; pass < 2; pass++) {
		int64_t first = date(2026, pass ? 9 : 1, 1);

		start(d, first);
		d->id = 0;
		for (d->day = date(2026, 1, 1); d->day < date(2026, 10, 1); d->day++) {
			int copies =
			        d->day % 11 ? 1 + (int)(d->day % 3) : 20 + (int)(d->day - date(2026, 1, 1));
			bool taught =
			        d->day >= review_month_day(review_month(first) - d->params.learn_months);

			d->id = d->day * 100;
			taught &= !day_is_closed(day_from_number(d->day));
			for (int i = 0; taught && i < copies; i++) {
				struct ReviewAct act =
				        act_at(d, d->day % 31 ? RECORD_COPY : RECORD_READ, 10 + i % 12);

				act.terminal += d->day % 29 == 0;
				add(d, &act);
			}
		}
		end(d);
		for (size_t i = 0; pass == 0 && i < d->n; i++)
			if (d->hits[i].day >= date(2026, 9, 1))
				whole[n++] = d->hits[i];
	}
	assert_true(n > 3);
	assert_int_equal(d->n, n);
	assert_memory_equal(d->hits, whole, n * sizeof(*whole));
}

static void parameters_travel_as_one_text(void **state)
{
	static const char *const bad[] = {"hours=7-20", "hours=20:00-07:00", "hours=07:00-24:01", "again=1",
	        "again=x", "colour=3", "duties=clark copy", "duties=clerk fly", "attempts"};
	struct Desk *d = *state;
	struct ReviewParams other;
	char text[REVIEW_TEXT], back[REVIEW_TEXT];

	d->params.attempts = 9;
	memcpy(d->params.hours, "08:30-17:15", sizeof("08:30-17:15"));
	review_write(&d->params, text);
	assert_int_equal(review_read(text, &other), 0);
	review_write(&other, back);
	assert_string_equal(text, back);
	assert_int_equal(other.attempts, 9);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(review_read(bad[i], &other), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	        TEST(ordinary_days_give_no_hit),
	        TEST(a_copy_at_night_is_told_with_its_record),
	        TEST(office_hours_begin_and_end_at_their_minutes),
	        TEST(weekends_public_holidays_and_the_turn_of_the_year_are_closed),
	        TEST(another_terminal_is_told_until_it_is_a_usual_one),
	        TEST(nothing_is_unusual_for_who_is_new),
	        TEST(a_slip_is_told_when_it_is_repeated_and_a_grave_attempt_at_once),
	        TEST(devices_that_nobody_owns_are_the_terminals),
	        TEST(an_operation_never_done_before_is_told),
	        TEST(what_is_no_duty_of_the_role_is_told_of_who_is_new_too),
	        TEST(the_same_file_is_told_at_the_nth_time_within_its_days),
	        TEST(a_rise_is_told_once_and_of_the_person),
	        TEST(a_rise_that_many_share_is_the_terminals),
	        TEST(the_same_hits_come_whenever_it_is_begun),
	        TEST(parameters_travel_as_one_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
