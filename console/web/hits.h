/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Hits of the rules and reviews, in words. */
#include "site.h"

/* Which review. */
struct ReviewKeyOf {
	int64_t plan, from;
};

/* What the rule is called; why it told this one. Rows of HITS. */
void show_rule(struct Html *h, int64_t rule);
void show_hit_reason(struct Html *h, const struct Cell *row);
/* What a person made of it; nothing when nobody did. */
void show_decision(struct Html *h, int64_t decision);
void show_review_state(struct Html *h, int64_t state);
/* 2026-05-01 – 2026-05-31 of a row of REVIEWS. */
void show_period(struct Html *h, int64_t from, int64_t until);
/* /review/period?plan=1&from=…, within an address. */
void show_period_path(struct Html *h, int64_t plan, int64_t from);
/* <input type="hidden"> with a number or a text. */
void hidden_number(struct Html *h, const char *name, int64_t value);
void hidden_text(struct Html *h, const char *name, const char *value);
/* Hits of the days from … until before `until`; with a key each leads to its page, and from there back. */
struct Rows hits_of(struct Page *p, int64_t from, int64_t until);
_must_check_ int hits_write(struct Page *p, int64_t from, int64_t until, const struct ReviewKeyOf *key);
/* The sentence of HIT_*; "" for a number that is none. */
const char *decision_sentence(int64_t decision);
/* One line of words, with its label. */
void words_input(struct Html *h, const char *label, bool required);

/* False: a form or an address does not say which review it is about. */
bool review_key(const struct RequestFields *f, struct ReviewKeyOf *ret);
/* That review's row: 0, QUERY_REFUSED, an outcome. The row stays until the next question. */
int review_row(struct Page *p, struct ReviewKeyOf key, struct Cell row[static QUERY_CELLS_MOST]);
