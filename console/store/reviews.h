/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Plans, their periods, and where the review of each stands. */
#include "server.h"
#include "typed.h"

enum { PLANS_MOST = 64, PERIODS_MOST = 24 };

struct Plan {
	int64_t id, months, from;
	char what[WORDS_MOST], subjects[WORDS_MOST];
	bool closed;
};

/* One period of a plan. Times 0: not yet. */
struct PlanReview {
	int64_t from, until, due; /* days; until: the first one behind it */
	enum ReviewState state;
	int64_t hits, decided, signed_t, confirmed;
	char words[WORDS_MOST], login[65], remark[WORDS_MOST], second[65];
};

struct Hit {
	struct Cell cells[HITS_N_C]; /* their texts stay until the statement is reset */
	char words[WORDS_MOST], login[65];
};

/* A row whose first columns are a plan's. */
void plan_take(struct Statement *statement, struct Plan *ret);
/* How many there are, or -errno. */
int plans_read(struct Server *s, struct Plan ret[static PLANS_MOST]);
/* The number of the period a day is in; -1: before the plan. */
int64_t plan_period(const struct Plan *p, int64_t day);
int64_t plan_period_day(const struct Plan *p, int64_t period);
/* Whether a plan may go on so: months of 1 2 3 4 6 12, from the first of a month. */
bool plan_goes(int64_t months, int64_t from);
/* What is looked at closely in a period: one of the subjects after the other. */
void plan_subject(const struct Plan *p, int64_t period, char *ret, size_t size);
/* 0 or -errno. */
int plan_review(struct Server *s, const struct Plan *p, int64_t period, struct PlanReview *ret);
/* Decision, words, who, when: 1; 0: not decided; -errno. Their texts are in `texts`. */
int hit_decision(struct Server *s, const char *id, struct Cell ret[static 4], struct Hit *texts);

/* QueryHandlers of review_acts.c */
int plan_add(struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w);
int plan_close(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w);
int review_decide(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w);
int review_sign_off(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w);
int review_confirm(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w);
