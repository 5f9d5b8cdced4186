/* SPDX-License-Identifier: Apache-2.0 */
/* One review: its hits, what is made of each, who signed it off, who confirmed it. */
#include "hits.h"
#include "pages.h"
#include "record_row.h"
#include "str.h"
#include "words.h"

/* ------------------------------------------------------------------ the review itself */

static void pair_moment(struct Html *h, const char *name, const struct Cell *who, const struct Cell *when)
{
	if (when->type != CELL_NUMBER)
		return;
	pair_start(h, name);
	html_text(h, who->text);
	html(h, " · ");
	show_moment(h, when->number);
	pair_end(h);
}

static void head_write(struct Html *h, const struct Cell *row)
{
	html(h, "<dl class=\"pairs\">");
	pair_text(h, N_("What is reviewed"), row[REVIEWS_WHAT_C].text);
	if (row[REVIEWS_SUBJECT_C].size)
		pair_text(h, N_("Looked at closely"), row[REVIEWS_SUBJECT_C].text);
	pair_start(h, N_("Period"));
	show_period(h, row[REVIEWS_FROM_DAY_C].number, row[REVIEWS_UNTIL_DAY_C].number);
	pair_end(h);
	pair_start(h, N_("State"));
	show_review_state(h, row[REVIEWS_STATE_C].number);
	pair_end(h);
	pair_start(h, N_("Due by"));
	show_day(h, day_from_number(row[REVIEWS_DUE_DAY_C].number));
	pair_end(h);
	pair_start(h, N_("Hits looked at"));
	html_number(h, row[REVIEWS_DECIDED_C].number);
	html(h, " / ");
	html_number(h, row[REVIEWS_HITS_C].number);
	pair_end(h);
	if (row[REVIEWS_RESULT_C].size)
		pair_text(h, N_("Result"), row[REVIEWS_RESULT_C].text);
	pair_moment(h, N_("Signed off by"), &row[REVIEWS_BY_C], &row[REVIEWS_SIGNED_C]);
	if (row[REVIEWS_REMARK_C].size)
		pair_text(h, N_("Remark of the second person"), row[REVIEWS_REMARK_C].text);
	pair_moment(h, N_("Confirmed by"), &row[REVIEWS_SECOND_C], &row[REVIEWS_CONFIRMED_C]);
	html(h, "</dl>");
}

static void form_start(struct Page *p, struct ReviewKeyOf key)
{
	page_csrf(p);
	hidden_number(&p->html, "plan", key.plan);
	hidden_number(&p->html, "from", key.from);
}

static void sign_form(struct Page *p, struct ReviewKeyOf key)
{
	struct Html *h = &p->html;

	part_show(h, N_("Sign off"));
	html(h, "<form method=\"post\" action=\"/review/sign\" class=\"filters\" id=\"sign\">");
	form_start(p, key);
	words_input(h, N_("Result of the review"), true);
	html(h, "<button>");
	html_say(h, N_("Sign off the review"));
	html(h, "</button></form>");
}

static void confirm_form(struct Page *p, struct ReviewKeyOf key)
{
	struct Html *h = &p->html;

	part_show(h, N_("Confirmation by a second person"));
	html(h, "<form method=\"post\" action=\"/review/confirm\" class=\"filters\" id=\"confirm\">");
	form_start(p, key);
	words_input(h, N_("Remark"), false);
	html(h, "<button name=\"good\" value=\"1\">");
	html_say(h, N_("The review is sound"));
	html(h, "</button><button class=\"quiet\" name=\"good\" value=\"0\">");
	html_say(h, N_("Give it back"));
	html(h, "</button></form>");
}

static void acts_write(struct Page *p, struct ReviewKeyOf key, enum ReviewState state, bool ready, bool own)
{
	struct Html *h = &p->html;

	if ((state == REVIEW_STATE_DUE || state == REVIEW_STATE_OVERDUE) && ready)
		sign_form(p, key);
	if (state == REVIEW_STATE_SIGNED && p->visitor.role & WHO_CONFIRMS && !own)
		confirm_form(p, key);
	if (state == REVIEW_STATE_SIGNED && own)
		said_show(h, N_("You signed this review off: somebody else confirms it."));
	html(h, "<p><a href=\"/report/review?plan=");
	html_digits(h, key.plan);
	html(h, "&amp;from=");
	html_digits(h, key.from);
	link_line_end(h, N_("Report on this review, to print"));
}

static int period_write(struct Page *p, struct ReviewKeyOf key)
{
	struct Cell row[QUERY_CELLS_MOST];
	enum ReviewState state;
	bool ready, own;
	int64_t until;
	int r = review_row(p, key, row);

	if (r)
		return r;
	title_show(&p->html, N_("Review of a period"));
	head_write(&p->html, row);
	until = row[REVIEWS_UNTIL_DAY_C].number;
	state = (enum ReviewState)row[REVIEWS_STATE_C].number;
	ready = row[REVIEWS_DECIDED_C].number == row[REVIEWS_HITS_C].number;
	own = str_eq(row[REVIEWS_BY_C].text, p->visitor.login);
	r = hits_write(p, key.from, until, &key);
	if (r == 0)
		acts_write(p, key, state, ready, own);
	return r;
}

int review_period_show(struct Page *p)
{
	struct ReviewKeyOf key;

	return review_key(&p->request->query, &key) ? period_write(p, key) : QUERY_INVALID;
}

/* ------------------------------------------------------------------ one hit */

static int records_write(struct Page *p, const char *id)
{
	static const struct Table table = {N_("Its records"), N_("There is no such record."),
	        RECORD_HEADS};
	struct Ask ask = {.query = QUERY_HIT_RECORDS, .n = HIT_RECORDS_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;
	struct Answer answer;
	int r;

	ask.cells[HIT_RECORDS_ID_P] = CELL_OF_TEXT(id);
	r = page_ask(p, &ask, &answer);
	if (r)
		return r;
	part_show(h, N_("Its records"));
	if (!table_start(h, &table, answer.rows))
		return 0;
	while (answer_next(&answer, row))
		record_row(h, row);
	table_end(h);
	return 0;
}

static void decide_form(struct Page *p, const char *id, const struct ReviewKeyOf *key)
{
	struct Html *h = &p->html;

	part_show(h, N_("Decision"));
	html(h, "<form method=\"post\" action=\"/review/decide\" class=\"filters\" id=\"decide\">");
	page_csrf(p);
	hidden_text(h, "hit", id);
	if (key) {
		hidden_number(h, "plan", key->plan);
		hidden_number(h, "from", key->from);
	}
	html(h, "<label>");
	html_say(h, N_("Decision"));
	html(h, "<select name=\"decision\">");
	for (int64_t i = 1; i < _HIT_DECISION_END; i++) {
		html(h, "<option value=\"");
		html_digits(h, i);
		html(h, "\">");
		html_say(h, decision_sentence(i));
		html(h, "</option>");
	}
	html(h, "</select></label>");
	words_input(h, N_("What was asked and found"), false);
	html(h, "<button>");
	html_say(h, N_("Record the decision"));
	html(h, "</button></form>");
}

static void hit_head(struct Html *h, const struct Cell *row)
{
	html(h, "<dl class=\"pairs\">");
	pair_start(h, N_("Viewpoint"));
	show_rule(h, row[HITS_RULE_C].number);
	pair_end(h);
	pair_start(h, N_("Why"));
	show_hit_reason(h, row);
	pair_end(h);
	pair_start(h, N_("Day"));
	show_day(h, day_from_number(row[HITS_DAY_C].number));
	pair_end(h);
	if (row[HITS_ACTOR_C].size)
		pair_text(h, N_("Person"), row[HITS_ACTOR_C].text);
	pair_text(h, N_("Terminal"), row[HITS_TERMINAL_C].text);
	pair_start(h, N_("Decision"));
	show_decision(h, row[HITS_DECISION_C].number);
	html(h, " ");
	html_text(h, row[HITS_WORDS_C].text);
	pair_end(h);
	pair_moment(h, N_("By"), &row[HITS_BY_C], &row[HITS_DECIDED_C]);
	html(h, "</dl>");
}

static int hit_write(struct Page *p, const char *id, const struct ReviewKeyOf *key)
{
	struct Ask ask = {.query = QUERY_HITS, .n = HITS_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	bool own;
	int r;

	ask.cells[HITS_ID_P] = CELL_OF_TEXT(id);
	r = page_ask(p, &ask, &answer);
	if (r || !answer_next(&answer, row))
		return r ? r : QUERY_REFUSED;
	title_show(&p->html, N_("Hit"));
	hit_head(&p->html, row);
	own = str_eq(row[HITS_ACTOR_C].text, p->visitor.login);
	r = records_write(p, id);
	if (r)
		return r;
	if (own)
		said_show(&p->html, N_("This hit is about yourself: somebody else decides."));
	else
		decide_form(p, id, key);
	if (key) {
		html(&p->html, "<p><a href=\"");
		show_period_path(&p->html, key->plan, key->from);
		link_line_end(&p->html, N_("Back to the review"));
	}
	return 0;
}

int review_hit_show(struct Page *p)
{
	struct ReviewKeyOf key;
	bool known = review_key(&p->request->query, &key);

	return hit_write(p, fields_text(&p->request->query, "id"), known ? &key : NULL);
}

/* ------------------------------------------------------------------ acts */

static void back(struct Page *p, struct ReviewKeyOf key)
{
	char to[96];

	snprintf(to, sizeof(to), "/review/period?plan=%jd&from=%jd", (intmax_t)key.plan, (intmax_t)key.from);
	page_redirect(p, to);
}

int review_decide_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_DECIDE, .n = DECIDE_N_P};
	struct ReviewKeyOf key;
	struct Answer answer;
	int64_t decision;
	int r;

	if (fields_number(form, "decision", &decision) < 0)
		return QUERY_INVALID;
	ask.cells[DECIDE_HIT_P] = CELL_OF_TEXT(fields_text(form, "hit"));
	ask.cells[DECIDE_DECISION_P] = CELL_OF_NUMBER(decision);
	ask.cells[DECIDE_WORDS_P] = CELL_OF_TEXT(fields_text(form, "words"));
	r = page_ask(p, &ask, &answer);
	if (r == QUERY_INVALID) {
		p->answer->status = 400;
		said_show(&p->html, N_("Please say in words what was asked and found."));
		return hit_write(p, fields_text(form, "hit"), review_key(form, &key) ? &key : NULL);
	}
	if (r)
		return r;
	if (review_key(form, &key))
		back(p, key);
	else
		page_redirect(p, "/review");
	return 0;
}

static int act(struct Page *p, struct Ask *ask, const char *otherwise)
{
	const struct RequestFields *form = &p->request->form;
	struct ReviewKeyOf key;
	struct Answer answer;
	int r;

	static_assert((int)SIGN_OFF_PLAN_P == (int)CONFIRM_PLAN_P &&
	                      (int)SIGN_OFF_FROM_DAY_P == (int)CONFIRM_FROM_DAY_P,
	        "both name a review alike");
	if (!review_key(form, &key))
		return QUERY_INVALID;
	ask->cells[SIGN_OFF_PLAN_P] = CELL_OF_NUMBER(key.plan);
	ask->cells[SIGN_OFF_FROM_DAY_P] = CELL_OF_NUMBER(key.from);
	r = page_ask(p, ask, &answer);
	if (r == QUERY_INVALID || r == QUERY_REFUSED) {
		p->answer->status = 400;
		said_show(&p->html, otherwise);
		return period_write(p, key);
	}
	if (r == 0)
		back(p, key);
	return r;
}

int review_sign_post(struct Page *p)
{
	struct Ask ask = {.query = QUERY_SIGN_OFF, .n = SIGN_OFF_N_P};

	ask.cells[SIGN_OFF_WORDS_P] = CELL_OF_TEXT(fields_text(&p->request->form, "words"));
	return act(p, &ask,
	        N_("It cannot be signed off yet: the period must be over, each hit looked at, the result "
	           "said."));
}

int review_confirm_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_CONFIRM, .n = CONFIRM_N_P};

	ask.cells[CONFIRM_GOOD_P] = CELL_OF_NUMBER(str_eq(fields_text(form, "good"), "1"));
	ask.cells[CONFIRM_WORDS_P] = CELL_OF_TEXT(fields_text(form, "words"));
	return act(p, &ask,
	        N_("It cannot be confirmed: it is not signed off, or it goes back without a remark."));
}
