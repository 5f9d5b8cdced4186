/* SPDX-License-Identifier: Apache-2.0 */
/* 月次のログ分析・確認報告: one review as a document. When, who, what, how, and with what result. */
#include "document.h"
#include "hits.h"
#include "pages.h"
#include "rules.h"
#include "words.h"

struct Sums {
	int64_t hits[_RULE_END], decisions[_RULE_END][_HIT_DECISION_END];
};

static void pair_person(struct Html *h, const char *name, const struct Cell *who, const struct Cell *when)
{
	pair_start(h, name);
	if (when->type == CELL_NUMBER) {
		html_text(h, who->text);
		html(h, " · ");
		show_moment(h, when->number);
	} else
		html_say(h, N_("not yet"));
	pair_end(h);
}

static void head_write(struct Html *h, const struct Cell *row)
{
	html(h, "<dl class=\"pairs\">");
	pair_start(h, N_("Period"));
	show_period(h, row[REVIEWS_FROM_DAY_C].number, row[REVIEWS_UNTIL_DAY_C].number);
	pair_end(h);
	pair_text(h, N_("What is reviewed"), row[REVIEWS_WHAT_C].text);
	pair_text(h, N_("Looked at closely"), row[REVIEWS_SUBJECT_C].text);
	pair_start(h, N_("How"));
	html_say(h, N_("All records of the terminals were searched by the rules below; each hit was looked "
	               "at by a person."));
	pair_end(h);
	pair_text(h, N_("Result"), row[REVIEWS_RESULT_C].text);
	pair_person(h, N_("Signed off by"), &row[REVIEWS_BY_C], &row[REVIEWS_SIGNED_C]);
	pair_person(h, N_("Confirmed by"), &row[REVIEWS_SECOND_C], &row[REVIEWS_CONFIRMED_C]);
	if (row[REVIEWS_REMARK_C].size)
		pair_text(h, N_("Remark of the second person"), row[REVIEWS_REMARK_C].text);
	pair_start(h, N_("State"));
	show_review_state(h, row[REVIEWS_STATE_C].number);
	pair_end(h);
	html(h, "</dl>");
}

static void sums_write(struct Html *h, const struct Sums *sums)
{
	static const struct Table table = {N_("Hits by viewpoint"), NULL,
	        {N_("Viewpoint"), OF_NUMBERS N_("Hits"), OF_NUMBERS N_("Ordinary work"),
	                OF_NUMBERS N_("Explained"), OF_NUMBERS N_("Followed up")}};

	part_show(h, N_("Hits by viewpoint"));
	table_start(h, &table, true);
	for (int64_t rule = 1; rule < _RULE_END; rule++) {
		html(h, "<tr><th scope=\"row\">");
		show_rule(h, rule);
		html(h, "</th>");
		cell_show_number(h, &CELL_OF_NUMBER(sums->hits[rule]));
		for (int d = 1; d < _HIT_DECISION_END; d++)
			cell_show_number(h, &CELL_OF_NUMBER(sums->decisions[rule][d]));
		html(h, "</tr>");
	}
	table_end(h);
}

static int sums_read(struct Page *p, int64_t from, int64_t until, struct Sums *ret)
{
	struct Rows hits = hits_of(p, from, until);
	struct Cell row[QUERY_CELLS_MOST];

	while (rows_next(&hits, row)) {
		int64_t rule = row[HITS_RULE_C].number, decision = row[HITS_DECISION_C].number;

		if (rule < 1 || rule >= _RULE_END)
			continue;
		ret->hits[rule]++;
		if (decision > 0 && decision < _HIT_DECISION_END)
			ret->decisions[rule][decision]++;
	}
	return hits.outcome;
}

/* The newest review whose period is over. */
static int newest(struct Page *p, struct ReviewKeyOf *ret)
{
	struct Ask ask = {.query = QUERY_REVIEWS, .n = REVIEWS_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	int r = page_ask(p, &ask, &answer);

	while (r == 0 && answer_next(&answer, row))
		if (row[REVIEWS_STATE_C].number != REVIEW_STATE_RUNNING) {
			ret->plan = row[REVIEWS_PLAN_C].number;
			ret->from = row[REVIEWS_FROM_DAY_C].number;
			return 0;
		}
	return r ? r : QUERY_REFUSED;
}

static int report_write(struct Page *p, struct ReviewKeyOf key)
{
	struct Cell row[QUERY_CELLS_MOST];
	struct Sums sums = {};
	int64_t until;
	int r = review_row(p, key, row);

	if (r)
		return r;
	until = row[REVIEWS_UNTIL_DAY_C].number;
	document_start(p, N_("Report on a review of the records"));
	head_write(&p->html, row);
	r = sums_read(p, key.from, until, &sums);
	if (r)
		return r;
	sums_write(&p->html, &sums);
	r = hits_write(p, key.from, until, NULL);
	return r ? r : document_end(p);
}

int report_review_show(struct Page *p)
{
	struct ReviewKeyOf key;
	int r = review_key(&p->request->query, &key) ? 0 : newest(p, &key);

	if (r == QUERY_REFUSED) {
		title_show(&p->html, N_("Report on a review of the records"));
		said_show(&p->html,
		        N_("There is no review whose period is over: a plan is made on the page Review."));
		return 0;
	}
	return r ? r : report_write(p, key);
}
