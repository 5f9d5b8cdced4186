/* SPDX-License-Identifier: Apache-2.0 */
/* What people do in a review. Each act is on record in the console's own ledger before it is in a table. */
#include "changes.h"
#include "clock.h"
#include "holiday.h"
#include "reviews.h"
#include "rules.h"
#include "str.h"

/* 1 and the plan; 0; -errno. */
static int plan_find(struct Server *s, int64_t id, struct Plan *ret)
{
	static struct Plan all[PLANS_MOST];
	int n = plans_read(s, all);

	for (int i = 0; i < n; i++)
		if (all[i].id == id) {
			*ret = all[i];
			return 1;
		}
	return MIN(n, 0);
}

/* ------------------------------------------------------------------ plans */

bool plan_goes(int64_t months, int64_t from)
{
	return months > 0 && months <= 12 && 12 % months == 0 && from > 0 && from <= 100000 &&
	       review_month_day(review_month(from)) == from;
}

int plan_add(struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	static struct Plan all[PLANS_MOST];
	char what[WORDS_MOST], subjects[WORDS_MOST];
	int64_t from = ask->cells[PLAN_ADD_FROM_DAY_P].number, months = ask->cells[PLAN_ADD_MONTHS_P].number;
	char subject[2 * WORDS_MOST + 64];
	int r = plans_read(s, all);

	(void)w;
	if (r < 0)
		return r;
	if (!typed_line(&ask->cells[PLAN_ADD_WHAT_P], what) || !*what ||
	        !typed_line(&ask->cells[PLAN_ADD_SUBJECTS_P], subjects) || !plan_goes(months, from) ||
	        r == PLANS_MOST)
		return QUERY_INVALID;
	snprintf(subject, sizeof(subject), "%s; %jd; %s", what, (intmax_t)months, subjects);
	r = people_begin(s);
	if (r < 0)
		return r;
	r = CHANGE(s, PSQL_PLAN_ADD, cell_text(what), CELL_OF_NUMBER(months), CELL_OF_NUMBER(from),
	        cell_text(subjects));
	return people_finish(s, session, r, "plan", subject);
}

int plan_close(struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	char subject[WORDS_MOST + 32];
	struct Plan p;
	int r = plan_find(s, ask->cells[PLAN_CLOSE_ID_P].number, &p);

	(void)w;
	if (r <= 0)
		return r < 0 ? r : QUERY_REFUSED;
	snprintf(subject, sizeof(subject), "%jd %s", (intmax_t)p.id, p.what);
	r = people_begin(s);
	if (r < 0)
		return r;
	r = CHANGE(s, PSQL_PLAN_CLOSE, CELL_OF_NUMBER(p.id));
	return people_finish(s, session, r, "plan-close", subject);
}

/* ------------------------------------------------------------------ a hit */

struct About {
	int64_t day;
	char actor[257];
};

/* 1, 0: no such hit, -errno. */
static int hit_find(struct Server *s, const char *id, struct About *ret)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->ledgers, SQL_HIT);
	int r;

	if (!statement)
		return -EIO;
	bind_text(statement, HITS_ID_P + 1, id);
	r = statement_step(statement);
	if (r != 1)
		return r;
	ret->day = statement_number(statement, HITS_DAY_C);
	cell_into(statement, HITS_ACTOR_C, ret->actor, sizeof(ret->actor));
	return 1;
}

/* Whether a review that covers the day is signed off: 1, 0, -errno. */
static int is_signed(struct Server *s, int64_t day)
{
	static struct Plan all[PLANS_MOST];
	struct PlanReview v;
	int n = plans_read(s, all), r;

	for (int i = 0; i < n; i++) {
		int64_t period = plan_period(&all[i], day);

		if (period < 0)
			continue;
		r = plan_review(s, &all[i], period, &v);
		if (r < 0 || v.signed_t)
			return r < 0 ? r : 1;
	}
	return MIN(n, 0);
}

/* 0: it may be decided; an outcome; -errno. */
static int may_decide(struct Server *s, const char *id, const struct Session *session)
{
	struct Cell decision[4];
	struct About about;
	struct Hit texts;
	int r = hit_find(s, id, &about);

	if (r <= 0)
		return r < 0 ? r : QUERY_REFUSED;
	if (str_eq(about.actor, session->login))
		return QUERY_FORBIDDEN;
	r = hit_decision(s, id, decision, &texts);
	if (r <= 0)
		return r;
	/* what was signed for stays as it was signed */
	r = is_signed(s, about.day);
	return r == 1 ? QUERY_REFUSED : r;
}

static const char *decision_word(int64_t decision)
{
#define DECISION_WORD(name, number, word, sentence) [number] = word,
	static const char *const decisions[] = {HIT_DECISIONS(DECISION_WORD)};

	return decision > 0 && decision < _HIT_DECISION_END ? decisions[decision] : NULL;
}

int review_decide(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	const char *id = ask->cells[DECIDE_HIT_P].text;
	char words[WORDS_MOST];
	int64_t decision = ask->cells[DECIDE_DECISION_P].number;
	char subject[WORDS_MOST + 64];
	int r;

	(void)w;
	if (!decision_word(decision) || !typed_line(&ask->cells[DECIDE_WORDS_P], words) ||
	        (decision != HIT_ORDINARY && !*words))
		return QUERY_INVALID;
	r = may_decide(s, id, session);
	if (r)
		return r;
	snprintf(subject, sizeof(subject), "%.16s %s %s", id, decision_word(decision), words);
	r = people_begin(s);
	if (r < 0)
		return r;
	r = CHANGE(s, PSQL_DECISION_SET, cell_text(id), CELL_OF_NUMBER(decision), cell_text(words),
	        cell_text(session->login), CELL_OF_NUMBER(clock_now()));
	return people_finish(s, session, r, "hit", subject);
}

/* ------------------------------------------------------------------ a review */

/* 1: the plan's review of the period that begins with the day; 0: there is none; -errno. */
static int review_find(
        struct Server *s, int64_t plan, int64_t from, struct Plan *ret, struct PlanReview *ret_review)
{
	int r = plan_find(s, plan, ret);
	int64_t period;

	if (r <= 0)
		return r;
	period = plan_period(ret, from);
	if (from > 100000 || period < 0 || plan_period_day(ret, period) != from)
		return 0;
	r = plan_review(s, ret, period, ret_review);
	return r < 0 ? r : 1;
}

static void subject_write(
        char *ret, size_t size, const struct Plan *p, const struct PlanReview *v, const char *words)
{
	struct Day from = day_from_number(v->from), last = day_from_number(v->until - 1);

	snprintf(ret, size, "%jd %04d-%02d-%02d/%04d-%02d-%02d %jd %s", (intmax_t)p->id, from.year,
	        from.month, from.day, last.year, last.month, last.day, (intmax_t)v->hits, words);
}

int review_sign_off(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	char words[WORDS_MOST];
	char subject[WORDS_MOST + 96];
	struct PlanReview v;
	struct Plan p;
	int r;

	(void)w;
	if (!typed_line(&ask->cells[SIGN_OFF_WORDS_P], words) || !*words)
		return QUERY_INVALID;
	r = review_find(
	        s, ask->cells[SIGN_OFF_PLAN_P].number, ask->cells[SIGN_OFF_FROM_DAY_P].number, &p, &v);
	if (r < 0)
		return r;
	if (r == 0 || v.decided < v.hits || (v.state != REVIEW_STATE_DUE && v.state != REVIEW_STATE_OVERDUE))
		return QUERY_REFUSED;
	subject_write(subject, sizeof(subject), &p, &v, words);
	r = people_begin(s);
	if (r < 0)
		return r;
	r = CHANGE(s, PSQL_REVIEW_SIGN, CELL_OF_NUMBER(p.id), CELL_OF_NUMBER(v.from), cell_text(words),
	        cell_text(session->login), CELL_OF_NUMBER(clock_now()));
	return people_finish(s, session, r, "review", subject);
}

int review_confirm(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	char words[WORDS_MOST];
	bool good = ask->cells[CONFIRM_GOOD_P].number == 1;
	char subject[WORDS_MOST + 96];
	struct PlanReview v;
	struct Plan p;
	int r;

	(void)w;
	if (!typed_line(&ask->cells[CONFIRM_WORDS_P], words) || (!good && !*words))
		return QUERY_INVALID;
	r = review_find(s, ask->cells[CONFIRM_PLAN_P].number, ask->cells[CONFIRM_FROM_DAY_P].number, &p, &v);
	if (r < 0)
		return r;
	if (r == 0 || v.state != REVIEW_STATE_SIGNED)
		return QUERY_REFUSED;
	if (str_eq(v.login, session->login))
		return QUERY_FORBIDDEN;
	subject_write(subject, sizeof(subject), &p, &v, words);
	r = people_begin(s);
	if (r < 0)
		return r;
	r = good ? CHANGE(s, PSQL_REVIEW_CONFIRM, CELL_OF_NUMBER(p.id), CELL_OF_NUMBER(v.from),
	                   cell_text(words), cell_text(session->login), CELL_OF_NUMBER(clock_now()))
	         : CHANGE(s, PSQL_REVIEW_BACK, CELL_OF_NUMBER(p.id), CELL_OF_NUMBER(v.from), cell_text(words),
	                   cell_text(session->login));
	return people_finish(s, session, r, good ? "review-confirmed" : "review-back", subject);
}
