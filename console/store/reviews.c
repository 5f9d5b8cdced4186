/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules found with what people decided about it, the plans, and which review is due. */
#include "reviews.h"

#include "changes.h"
#include "rules.h"
#include "str.h"

/* ------------------------------------------------------------------ hits */

int hit_decision(struct Server *s, const char *id, struct Cell ret[static 4], struct Hit *texts)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, PSQL_DECISION);
	int r;

	if (!statement)
		return -EIO;
	bind_text(statement, 1, id);
	r = statement_step(statement);
	for (int i = 0; i < 4; i++)
		ret[i] = (struct Cell){.text = ""};
	if (r != 1)
		return r;
	cell_into(statement, 1, texts->words, sizeof(texts->words));
	cell_into(statement, 2, texts->login, sizeof(texts->login));
	ret[0] = CELL_OF_NUMBER(statement_number(statement, 0));
	ret[1] = cell_text(texts->words);
	ret[2] = cell_text(texts->login);
	ret[3] = CELL_OF_NUMBER(statement_number(statement, 3));
	return 1;
}

static int say_hit(struct Server *s, struct Statement *statement, struct AnswerWriter *w)
{
	struct Hit hit;
	int r;

	for (int i = 0; i < HITS_DECISION_C; i++)
		statement_cell(statement, i, &hit.cells[i]);
	r = hit_decision(s, hit.cells[HITS_ID_C].text, &hit.cells[HITS_DECISION_C], &hit);
	if (r < 0)
		return r;
	for (int i = 0; i < HITS_N_C; i++)
		answer_cell(w, &hit.cells[i]);
	return answer_row(w);
}

static int hits(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	bool one = ask->cells[HITS_ID_P].type != CELL_NONE;
	_cleanup_statement_ struct Statement *statement = db_statement(s->ledgers, one ? SQL_HIT : SQL_HITS);
	uint32_t rows = 0;
	int r;

	(void)session;
	if (!statement)
		return -EIO;
	for (int i = 0; i < (one ? HITS_N_P : HITS_ID_P); i++)
		bind_cell(statement, i + 1, &ask->cells[i]);
	if (!one)
		bind_number(statement, HITS_N_P, ask->limit + 1);
	while ((r = statement_step(statement)) == 1) {
		if (rows++ == ask->limit) {
			w->full = true;
			break;
		}
		r = say_hit(s, statement, w);
		if (r <= 0)
			break;
	}
	return r < 0 ? r : QUERY_DONE;
}

/* ------------------------------------------------------------------ plans */

void plan_take(struct Statement *statement, struct Plan *ret)
{
	*ret = (struct Plan){.id = statement_number(statement, 0),
	        .months = statement_number(statement, 2),
	        .from = statement_number(statement, 3),
	        .closed = statement_number(statement, 5)};
	cell_into(statement, 1, ret->what, sizeof(ret->what));
	cell_into(statement, 4, ret->subjects, sizeof(ret->subjects));
}

int plans_read(struct Server *s, struct Plan ret[static PLANS_MOST])
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, PSQL_PLANS);
	int n = 0, r;

	if (!statement)
		return -EIO;
	while ((r = statement_step(statement)) == 1 && n < PLANS_MOST)
		plan_take(statement, &ret[n++]);
	return r < 0 ? r : n;
}

static int plans(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	static struct Plan all[PLANS_MOST];
	int n = plans_read(s, all);

	(void)ask;
	(void)session;
	for (int i = 0; i < n; i++)
		SAY(w, CELL_OF_NUMBER(all[i].id), cell_text(all[i].what), CELL_OF_NUMBER(all[i].months),
		        CELL_OF_NUMBER(all[i].from), cell_text(all[i].subjects),
		        CELL_OF_NUMBER(all[i].closed));
	return n < 0 ? n : QUERY_DONE;
}

int64_t plan_period(const struct Plan *p, int64_t day)
{
	int64_t months = review_month(day) - review_month(p->from);

	return day < p->from ? -1 : months / p->months;
}

int64_t plan_period_day(const struct Plan *p, int64_t period)
{
	return review_month_day(review_month(p->from) + period * p->months);
}

void plan_subject(const struct Plan *p, int64_t period, char *ret, size_t size)
{
	char copy[WORDS_MOST], *at = copy, *item = copy;
	size_t n = 1;

	STR_CUT(copy, p->subjects);
	for (const char *c = copy; *c; c++)
		n += *c == ',';
	for (size_t i = (size_t)period % n + 1; i && at; i--)
		item = strsep(&at, ",");
	str_cut(ret, size, item + strspn(item, " "));
}

/* ------------------------------------------------------------------ where a review stands */

static int count(struct Server *s, struct PlanReview *v)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->ledgers, SQL_HIT_IDS);
	struct Cell id, decision[4];
	struct Hit texts;
	int r;

	if (!statement)
		return -EIO;
	bind_number(statement, 1, v->from);
	bind_number(statement, 2, v->until);
	while ((r = statement_step(statement)) == 1) {
		statement_cell(statement, 0, &id);
		r = hit_decision(s, id.text, decision, &texts);
		if (r < 0)
			return r;
		v->hits++;
		v->decided += r;
	}
	return r;
}

static int signatures(struct Server *s, const struct Plan *p, struct PlanReview *v)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, PSQL_REVIEW);
	int r;

	if (!statement)
		return -EIO;
	bind_number(statement, 1, p->id);
	bind_number(statement, 2, v->from);
	r = statement_step(statement);
	if (r != 1)
		return r;
	cell_into(statement, 0, v->words, sizeof(v->words));
	cell_into(statement, 1, v->login, sizeof(v->login));
	v->signed_t = statement_number(statement, 2);
	cell_into(statement, 3, v->remark, sizeof(v->remark));
	cell_into(statement, 4, v->second, sizeof(v->second));
	v->confirmed = statement_number(statement, 5);
	return 0;
}

/* What was found after it was signed off makes it due again. */
static enum ReviewState state_of(const struct PlanReview *v, int64_t day)
{
	if (day < v->until)
		return REVIEW_STATE_RUNNING;
	if (v->signed_t && v->decided == v->hits)
		return v->confirmed ? REVIEW_STATE_CONFIRMED : REVIEW_STATE_SIGNED;
	return day > v->due ? REVIEW_STATE_OVERDUE : REVIEW_STATE_DUE;
}

int plan_review(struct Server *s, const struct Plan *p, int64_t period, struct PlanReview *ret)
{
	int r;

	*ret = (struct PlanReview){
	        .from = plan_period_day(p, period), .until = plan_period_day(p, period + 1)};
	ret->due = ret->until + s->review.due_days;
	r = count(s, ret);
	if (r >= 0)
		r = signatures(s, p, ret);
	ret->state = state_of(ret, day_now());
	return MIN(r, 0);
}

static struct Cell time_cell(int64_t t)
{
	return t ? CELL_OF_NUMBER(t) : (struct Cell){.text = ""};
}

static void say_review(
        struct AnswerWriter *w, const struct Plan *p, const struct PlanReview *v, const char *subject)
{
	SAY(w, CELL_OF_NUMBER(p->id), cell_text(p->what), cell_text(subject), CELL_OF_NUMBER(v->from),
	        CELL_OF_NUMBER(v->until), CELL_OF_NUMBER(v->due), CELL_OF_NUMBER(v->state),
	        CELL_OF_NUMBER(v->hits), CELL_OF_NUMBER(v->decided), cell_text(v->words), cell_text(v->login),
	        time_cell(v->signed_t), cell_text(v->remark), cell_text(v->second), time_cell(v->confirmed));
}

static bool wanted(const struct Ask *ask, const struct Plan *p, const struct PlanReview *v)
{
	const struct Cell *due = &ask->cells[REVIEWS_DUE_P];

	if (due->type != CELL_NONE && due->number && v->state != REVIEW_STATE_DUE &&
	        v->state != REVIEW_STATE_OVERDUE)
		return false;
	/* a plan that was closed asks for nothing more */
	return !p->closed || v->signed_t;
}

static int say_plan(struct Server *s, const struct Ask *ask, const struct Plan *p, struct AnswerWriter *w)
{
	const struct Cell *day = &ask->cells[REVIEWS_FROM_DAY_P];
	int64_t last = plan_period(p, day_now()), least = MAX(0, last - PERIODS_MOST + 1);
	char subject[WORDS_MOST];
	struct PlanReview v;
	int r;

	for (int64_t k = last; k >= least; k--) {
		if (day->type != CELL_NONE && plan_period_day(p, k) != day->number)
			continue;
		r = plan_review(s, p, k, &v);
		if (r < 0)
			return r;
		plan_subject(p, k, subject, sizeof(subject));
		if (wanted(ask, p, &v))
			say_review(w, p, &v, subject);
	}
	return 0;
}

static int reviews(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	static struct Plan all[PLANS_MOST];
	const struct Cell *plan = &ask->cells[REVIEWS_PLAN_P];
	int n = plans_read(s, all), r = 0;

	(void)session;
	for (int i = 0; i < n && r >= 0; i++)
		if (plan->type == CELL_NONE || plan->number == all[i].id)
			r = say_plan(s, ask, &all[i], w);
	return n < 0 ? n : r < 0 ? r : QUERY_DONE;
}

static const struct QueryHandlerRow handlers[] = {
        {QUERY_HITS, hits},
        {QUERY_PLANS, plans},
        {QUERY_REVIEWS, reviews},
        {QUERY_PLAN_ADD, plan_add},
        {QUERY_PLAN_CLOSE, plan_close},
        {QUERY_DECIDE, review_decide},
        {QUERY_SIGN_OFF, review_sign_off},
        {QUERY_CONFIRM, review_confirm},
};

QueryHandler reviews_handler(enum Query query)
{
	return handler_in(handlers, ARRAY_SIZE(handlers), query);
}
