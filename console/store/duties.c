/* SPDX-License-Identifier: Apache-2.0 */
/* The year's duties: what is due when, who does it, what was done. Reviews of the records are among them, by
 * their plans. */
#include "changes.h"
#include "clock.h"
#include "holiday.h"
#include "reviews.h"
#include "rules.h"
#include "str.h"

enum DutyLimit {
	DUTIES_MOST = 64,
	YEARS_MOST = 2,  /* that a question without days looks back */
	ITEMS_MOST = 36, /* periods of one duty in an answer */
	LEAD_MOST = 366,
};

struct Duty {
	struct Plan plan;
	int64_t kind, lead;
	char responsible[65];
};

static int duties_read(struct Server *s, struct Duty ret[static DUTIES_MOST])
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, PSQL_DUTIES);
	int n = 0, r;

	if (!statement)
		return -EIO;
	while ((r = statement_step(statement)) == 1 && n < DUTIES_MOST) {
		struct Duty *d = &ret[n++];

		plan_take(statement, &d->plan);
		d->kind = statement_number(statement, 6);
		d->lead = statement_number(statement, 7);
		cell_into(statement, 8, d->responsible, sizeof(d->responsible));
	}
	return r < 0 ? r : n;
}

/* 1 and the duty; 0; -errno. */
static int duty_find(struct Server *s, int64_t id, struct Duty *ret)
{
	static struct Duty all[DUTIES_MOST];
	int n = duties_read(s, all);

	for (int i = 0; i < n; i++)
		if (all[i].plan.id == id) {
			*ret = all[i];
			return 1;
		}
	return MIN(n, 0);
}

/* The first day of the month by whose end it is due for the first time: the last one of its first period. */
static int64_t due_month(const struct Duty *d)
{
	return review_month_day(review_month(d->plan.from) + d->plan.months - 1);
}

static int duties(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	static struct Duty all[DUTIES_MOST];
	int n = duties_read(s, all);

	(void)ask;
	(void)session;
	for (int i = 0; i < n; i++)
		SAY(w, CELL_OF_NUMBER(all[i].plan.id), CELL_OF_NUMBER(all[i].kind),
		        cell_text(all[i].plan.what), CELL_OF_NUMBER(all[i].plan.months),
		        CELL_OF_NUMBER(due_month(&all[i])), CELL_OF_NUMBER(all[i].lead),
		        cell_text(all[i].responsible), cell_text(all[i].plan.subjects),
		        CELL_OF_NUMBER(all[i].plan.closed));
	return n < 0 ? n : QUERY_DONE;
}

/* ------------------------------------------------------------------ where each stands */

struct Done {
	char words[TEXT_MOST], by[65];
	int64_t t; /* 0: not yet */
};

static int done_read(struct Server *s, int64_t duty, int64_t from, struct Done *ret)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, PSQL_DUTY_DONE);
	int r;

	*ret = (struct Done){};
	if (!statement)
		return -EIO;
	bind_number(statement, 1, duty);
	bind_number(statement, 2, from);
	r = statement_step(statement);
	if (r != 1)
		return r;
	cell_into(statement, 0, ret->words, sizeof(ret->words));
	cell_into(statement, 1, ret->by, sizeof(ret->by));
	ret->t = statement_number(statement, 2);
	return 0;
}

static enum DutyState state_of(int64_t due, int64_t lead, bool done)
{
	int64_t today = day_now();

	if (done)
		return DUTY_STATE_DONE;
	if (today > due)
		return DUTY_STATE_OVERDUE;
	return today > due - lead ? DUTY_STATE_DUE : DUTY_STATE_COMING;
}

/* One period of a duty, or of a plan of reviews: what can be said without asking the tables. */
struct Item {
	const struct Plan *plan;
	const struct Duty *duty; /* NULL: a review */
	int64_t period, due, key;
};

/* The rest. */
struct ItemState {
	int64_t until;
	enum DutyState state;
	struct Done done;
};

struct Wanted {
	int64_t from, until, after;
	bool due, reviews;
};

static struct Wanted wanted_of(const struct Ask *ask)
{
	const struct Cell *from = &ask->cells[CALENDAR_FROM_DAY_P],
	                  *until = &ask->cells[CALENDAR_UNTIL_DAY_P],
	                  *reviews = &ask->cells[CALENDAR_REVIEWS_P];
	int64_t today = day_now();

	return (struct Wanted){
	        .from = from->type != CELL_NONE ? MAX(0, from->number) : today - YEARS_MOST * 366,
	        .until = until->type != CELL_NONE ? MIN(until->number, today + 20 * 366) : today + 366,
	        .after = ask->cells[CALENDAR_AFTER_KEY_P].number,
	        .due = ask->cells[CALENDAR_DUE_P].number,
	        .reviews = reviews->type == CELL_NONE || reviews->number,
	};
}

struct Items {
	struct Item rows[(PLANS_MOST + DUTIES_MOST) * ITEMS_MOST];
	size_t n;
};

/* d NULL: a plan of reviews, which are due some days behind their period. */
static void items_add(struct Items *items, const struct Wanted *wanted, int64_t late, const struct Plan *p,
        const struct Duty *d)
{
	int64_t last = plan_period(p, wanted->until),
	        first = plan_period(p, MAX(wanted->from - late - 1, p->from));

	for (int64_t k = MAX(first, last - ITEMS_MOST + 1); k <= last; k++) {
		int64_t due = plan_period_day(p, k + 1) + (d ? -1 : late),
		        key = due << 36 | (int64_t)(d != NULL) << 35 | p->id;

		if (due >= wanted->from && due <= wanted->until && key > wanted->after)
			items->rows[items->n++] = (struct Item){p, d, k, due, key};
	}
}

static int item_compare(const void *a, const void *b)
{
	const struct Item *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static int review_state(struct Server *s, const struct Item *i, struct ItemState *ret)
{
	static const enum DutyState states[] = {
	        [REVIEW_STATE_RUNNING] = DUTY_STATE_COMING,
	        [REVIEW_STATE_DUE] = DUTY_STATE_DUE,
	        [REVIEW_STATE_OVERDUE] = DUTY_STATE_OVERDUE,
	        [REVIEW_STATE_SIGNED] = DUTY_STATE_DUE, /* the second person's turn */
	        [REVIEW_STATE_CONFIRMED] = DUTY_STATE_DONE,
	};
	struct PlanReview v;
	int r = plan_review(s, i->plan, i->period, &v);

	if (r < 0)
		return r;
	ret->state = states[v.state];
	if (v.state != REVIEW_STATE_SIGNED && v.state != REVIEW_STATE_CONFIRMED)
		return 0;
	STR_CUT(ret->done.words, v.words);
	STR_CUT(ret->done.by, v.login);
	ret->done.t = v.signed_t;
	return 0;
}

static int item_state(struct Server *s, const struct Item *i, struct ItemState *ret)
{
	int r;

	*ret = (struct ItemState){.until = plan_period_day(i->plan, i->period + 1)};
	if (!i->duty)
		return review_state(s, i, ret);
	r = done_read(s, i->plan->id, plan_period_day(i->plan, i->period), &ret->done);
	ret->state = state_of(i->due, i->duty->lead, ret->done.t);
	return r;
}

static bool item_wanted(const struct Wanted *w, const struct Item *i, const struct ItemState *state)
{
	if (w->due && state->state != DUTY_STATE_DUE && state->state != DUTY_STATE_OVERDUE)
		return false;
	/* what is closed asks for nothing more */
	return !i->plan->closed || state->done.t;
}

static void item_say(struct AnswerWriter *w, const struct Item *i, const struct ItemState *state)
{
	char subject[WORDS_MOST];

	plan_subject(i->plan, i->period, subject, sizeof(subject));
	SAY(w, CELL_OF_NUMBER(i->key), CELL_OF_NUMBER(i->duty ? i->plan->id : 0),
	        CELL_OF_NUMBER(i->duty ? 0 : i->plan->id),
	        CELL_OF_NUMBER(i->duty ? i->duty->kind : DUTY_REVIEW), cell_text(i->plan->what),
	        cell_text(subject), cell_text(i->duty ? i->duty->responsible : ""),
	        CELL_OF_NUMBER(plan_period_day(i->plan, i->period)), CELL_OF_NUMBER(state->until),
	        CELL_OF_NUMBER(i->due), CELL_OF_NUMBER(state->state), cell_text(state->done.by),
	        state->done.t ? CELL_OF_NUMBER(state->done.t) : (struct Cell){.text = ""},
	        cell_text(state->done.words));
}

static int items_say(
        struct Server *s, const struct Ask *ask, const struct Items *items, struct AnswerWriter *w)
{
	struct Wanted wanted = wanted_of(ask);
	struct ItemState state;
	uint32_t rows = 0;
	int r = 0;

	for (size_t i = 0; i < items->n && r >= 0 && !w->full; i++) {
		r = item_state(s, &items->rows[i], &state);
		if (r < 0 || !item_wanted(&wanted, &items->rows[i], &state))
			continue;
		if (rows++ == ask->limit)
			w->full = true;
		else
			item_say(w, &items->rows[i], &state);
	}
	return r < 0 ? r : QUERY_DONE;
}

static int calendar(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	static struct Plan plans[PLANS_MOST];
	static struct Duty all[DUTIES_MOST];
	static struct Items items;
	struct Wanted wanted = wanted_of(ask);
	int n_plans = wanted.reviews ? plans_read(s, plans) : 0, n = duties_read(s, all);

	(void)session;
	if (n_plans < 0 || n < 0)
		return MIN(n_plans, n);
	items.n = 0;
	for (int i = 0; i < n_plans; i++)
		items_add(&items, &wanted, s->review.due_days, &plans[i], NULL);
	for (int i = 0; i < n; i++)
		items_add(&items, &wanted, 0, &all[i].plan, &all[i]);
	qsort(items.rows, items.n, sizeof(items.rows[0]), item_compare);
	return items_say(s, ask, &items, w);
}

/* ------------------------------------------------------------------ acts */

static const char *kind_word(int64_t kind)
{
#define KIND_WORD(name, number, word, sentence) [number] = word,
	static const char *const words[] = {DUTY_KINDS(KIND_WORD)};

	return kind > DUTY_REVIEW && kind < _DUTY_KIND_END ? words[kind] : NULL;
}

/* Somebody who signs in here, and for whom duties are: 1, 0, -errno. */
static int responsible_good(struct Server *s, const char *login)
{
	uint32_t role;
	int r = people_role(s, login, &role);

	return r == 1 ? (role & WHO_REVIEWS) != 0 : r;
}

/* 0; an outcome; -errno. */
static int duty_typed(struct Server *s, const struct Ask *ask, struct Duty *ret)
{
	const struct Cell *cells = ask->cells;
	int64_t months = cells[DUTY_ADD_MONTHS_P].number, month = cells[DUTY_ADD_DUE_MONTH_P].number;
	int r;

	*ret = (struct Duty){.kind = cells[DUTY_ADD_KIND_P].number,
	        .lead = cells[DUTY_ADD_LEAD_P].number,
	        .plan = {.months = months}};
	if (!typed_line(&cells[DUTY_ADD_WHAT_P], ret->plan.what) || !*ret->plan.what ||
	        !typed_line(&cells[DUTY_ADD_SUBJECTS_P], ret->plan.subjects) || !kind_word(ret->kind) ||
	        ret->lead < 0 || ret->lead > LEAD_MOST || !plan_goes(months, month) || month < 366 ||
	        STR_SET(ret->responsible, cells[DUTY_ADD_RESPONSIBLE_P].text) < 0)
		return QUERY_INVALID;
	ret->plan.from = review_month_day(review_month(month) - months + 1);
	r = responsible_good(s, ret->responsible);
	return r < 0 ? r : r ? 0 : QUERY_INVALID;
}

static int duty_add(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	static struct Duty all[DUTIES_MOST];
	char subject[3 * WORDS_MOST];
	struct Day first;
	struct Duty d;
	int r = duties_read(s, all);

	(void)w;
	if (r < 0 || r == DUTIES_MOST)
		return r < 0 ? r : QUERY_INVALID;
	r = duty_typed(s, ask, &d);
	if (r)
		return r;
	first = day_from_number(due_month(&d));
	snprintf(subject, sizeof(subject), "%s %s; %04d-%02d %jd %jd; %s; %s", kind_word(d.kind), d.plan.what,
	        first.year, first.month, (intmax_t)d.plan.months, (intmax_t)d.lead, d.responsible,
	        d.plan.subjects);
	r = people_begin(s);
	if (r < 0)
		return r;
	r = CHANGE(s, PSQL_DUTY_ADD, cell_text(d.plan.what), CELL_OF_NUMBER(d.plan.months),
	        CELL_OF_NUMBER(d.plan.from), cell_text(d.plan.subjects), CELL_OF_NUMBER(d.kind),
	        CELL_OF_NUMBER(d.lead), cell_text(d.responsible));
	return people_finish(s, session, r, "duty", subject);
}

static int duty_close(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	char subject[WORDS_MOST + 32];
	struct Duty d;
	int r = duty_find(s, ask->cells[DUTY_CLOSE_ID_P].number, &d);

	(void)w;
	if (r <= 0 || d.plan.closed)
		return r < 0 ? r : QUERY_REFUSED;
	snprintf(subject, sizeof(subject), "%jd %s", (intmax_t)d.plan.id, d.plan.what);
	r = people_begin(s);
	if (r < 0)
		return r;
	r = CHANGE(s, PSQL_DUTY_CLOSE, CELL_OF_NUMBER(d.plan.id));
	return people_finish(s, session, r, "duty-close", subject);
}

/* 0: that period of it may be marked as done; an outcome; -errno. */
static int may_be_done(struct Server *s, const struct Session *session, int64_t from, const struct Duty *d)
{
	int64_t period = from > 0 && from <= 100000 ? plan_period(&d->plan, from) : -1;
	struct Done done;
	int r;

	if (!str_eq(d->responsible, session->login) && !(session->role & ROLE_CHIEF))
		return QUERY_FORBIDDEN;
	if (period < 0 || plan_period_day(&d->plan, period) != from || from > day_now() || d->plan.closed)
		return QUERY_REFUSED;
	r = done_read(s, d->plan.id, from, &done);
	return r < 0 ? r : done.t ? QUERY_REFUSED : 0;
}

static int duty_done(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	int64_t from = ask->cells[DUTY_DONE_FROM_DAY_P].number;
	char words[TEXT_MOST], subject[TEXT_MOST + WORDS_MOST + 64];
	struct Day day;
	struct Duty d;
	int r = duty_find(s, ask->cells[DUTY_DONE_DUTY_P].number, &d);

	(void)w;
	if (r <= 0)
		return r < 0 ? r : QUERY_REFUSED;
	if (!typed_text(&ask->cells[DUTY_DONE_WORDS_P], words) || !*words)
		return QUERY_INVALID;
	r = may_be_done(s, session, from, &d);
	if (r)
		return r;
	day = day_from_number(from);
	snprintf(subject, sizeof(subject), "%jd %s %04d-%02d-%02d; %s", (intmax_t)d.plan.id, d.plan.what,
	        day.year, day.month, day.day, words);
	r = people_begin(s);
	if (r < 0)
		return r;
	r = CHANGE(s, PSQL_DUTY_DONE_ADD, CELL_OF_NUMBER(d.plan.id), CELL_OF_NUMBER(from), cell_text(words),
	        cell_text(session->login), CELL_OF_NUMBER(clock_now()));
	return people_finish(s, session, r, "duty-done", subject);
}

static const struct QueryHandlerRow handlers[] = {
        {QUERY_DUTIES, duties},
        {QUERY_DUTY_ADD, duty_add},
        {QUERY_DUTY_CLOSE, duty_close},
        {QUERY_CALENDAR, calendar},
        {QUERY_DUTY_DONE, duty_done},
};

QueryHandler duties_handler(enum Query query)
{
	return handler_in(handlers, ARRAY_SIZE(handlers), query);
}
