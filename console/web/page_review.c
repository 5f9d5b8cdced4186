/* SPDX-License-Identifier: Apache-2.0 */
/* Reviews: which are due, the plans that they follow, and what the rules look for. */
#include "forms.h"
#include "hits.h"
#include "pages.h"
#include "rules.h"
#include "str.h"
#include "words.h"

static void review_line(struct Html *h, const struct Cell *row)
{
	html(h, "<tr><th scope=\"row\"><a href=\"");
	show_period_path(h, row[REVIEWS_PLAN_C].number, row[REVIEWS_FROM_DAY_C].number);
	html(h, "\">");
	show_period(h, row[REVIEWS_FROM_DAY_C].number, row[REVIEWS_UNTIL_DAY_C].number);
	html(h, "</a></th>");
	cell_show(h, &row[REVIEWS_WHAT_C]);
	cell_show(h, &row[REVIEWS_SUBJECT_C]);
	html(h, "<td>");
	show_review_state(h, row[REVIEWS_STATE_C].number);
	html(h, "</td><td class=\"when\">");
	show_day(h, day_from_number(row[REVIEWS_DUE_DAY_C].number));
	html(h, "</td>");
	cell_show_number(h, &row[REVIEWS_HITS_C]);
	cell_show_number(h, &row[REVIEWS_DECIDED_C]);
	cell_show(h, &row[REVIEWS_BY_C]);
	cell_show(h, &row[REVIEWS_SECOND_C]);
	html(h, "</tr>");
}

static int reviews_write(struct Page *p)
{
	static const struct Table table = {N_("Reviews, the newest first"), N_("There is no plan yet."),
	        {N_("Period"), N_("What is reviewed"), N_("Looked at closely"), N_("State"), N_("Due by"),
	                OF_NUMBERS N_("Hits"), OF_NUMBERS N_("Looked at"), N_("Signed off by"),
	                N_("Confirmed by")}};
	struct Ask ask = {.query = QUERY_REVIEWS, .n = REVIEWS_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	int r = page_ask(p, &ask, &answer);

	if (r)
		return r;
	if (!table_start(&p->html, &table, answer.rows))
		return 0;
	while (answer_next(&answer, row))
		review_line(&p->html, row);
	table_end(&p->html);
	return 0;
}

static void plan_line(struct Page *p, const struct Cell *row)
{
	struct Html *h = &p->html;

	html(h, "<tr>");
	cell_show(h, &row[PLANS_WHAT_C]);
	cell_show_number(h, &row[PLANS_MONTHS_C]);
	html(h, "<td class=\"when\">");
	show_day(h, day_from_number(row[PLANS_FROM_DAY_C].number));
	html(h, "</td>");
	cell_show(h, &row[PLANS_SUBJECTS_C]);
	html(h, "<td>");
	if (row[PLANS_CLOSED_C].number)
		html_say(h, N_("closed"));
	else if (p->visitor.role & WHO_CONFIRMS) {
		html(h, "<form method=\"post\" action=\"/review/plan-close\" class=\"line\">");
		page_csrf(p);
		hidden_number(h, "id", row[PLANS_ID_C].number);
		html(h, "<button class=\"quiet\">");
		html_say(h, N_("Close the plan"));
		html(h, "</button></form>");
	}
	html(h, "</td></tr>");
}

static int plans_write(struct Page *p)
{
	static const struct Table table = {N_("Plans"), N_("There is no plan yet."),
	        {N_("What is reviewed"), OF_NUMBERS N_("Every … months"), N_("Begins on"),
	                N_("Looked at closely, in turn"), N_("Change")}};
	struct Ask ask = {.query = QUERY_PLANS};
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	int r = page_ask(p, &ask, &answer);

	if (r)
		return r;
	part_show(&p->html, N_("Plans"));
	if (!table_start(&p->html, &table, answer.rows))
		return 0;
	while (answer_next(&answer, row))
		plan_line(p, row);
	table_end(&p->html);
	return 0;
}

static void plan_form(struct Page *p)
{
	static const char *const months[] = {"1", "2", "3", "4", "6", "12"};
	struct Html *h = &p->html;

	part_show(h, N_("New plan"));
	html(h, "<form method=\"post\" action=\"/review/plan\" class=\"filters\">");
	page_csrf(p);
	html(h, "<label>");
	html_say(h, N_("What is reviewed"));
	html(h, "<input name=\"what\" required maxlength=\"130\" autocomplete=\"off\"></label><label>");
	html_say(h, N_("Every … months"));
	html(h, "<select name=\"months\">");
	for (size_t i = 0; i < ARRAY_SIZE(months); i++) {
		html(h, "<option>");
		html_text(h, months[i]);
		html(h, "</option>");
	}
	html(h, "</select></label><label>");
	html_say(h, N_("From the first of which month on (2026-04)"));
	html(h, "<input name=\"from\" type=\"month\" required pattern=\"[0-9]{4}-[0-9]{2}\"></label><label>");
	html_say(h, N_("Looked at closely: one after the other, by commas"));
	html(h, "<input name=\"subjects\" maxlength=\"130\" autocomplete=\"off\"></label><button>");
	html_say(h, N_("Make the plan"));
	html(h, "</button></form>");
}

static void rules_write(struct Html *h)
{
	html(h, "<p class=\"hint\">");
	html_say(h, N_("The rules look for:"));
	html(h, " ");
	for (int64_t rule = 1; rule < _RULE_END; rule++) {
		if (rule > 1)
			html(h, " · ");
		show_rule(h, rule);
	}
	html(h, "</p>");
}

int review_show(struct Page *p)
{
	int r;

	title_show(&p->html, N_("Review"));
	rules_write(&p->html);
	r = reviews_write(p);
	if (r == 0)
		r = plans_write(p);
	if (r == 0 && p->visitor.role & WHO_CONFIRMS)
		plan_form(p);
	return r;
}

int review_plan_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_PLAN_ADD, .n = PLAN_ADD_N_P};
	struct Day day;
	int64_t months;

	if (month_read(fields_text(form, "from"), &day) < 0 || fields_number(form, "months", &months) < 0)
		return QUERY_INVALID;
	ask.cells[PLAN_ADD_WHAT_P] = CELL_OF_TEXT(fields_text(form, "what"));
	ask.cells[PLAN_ADD_MONTHS_P] = CELL_OF_NUMBER(months);
	ask.cells[PLAN_ADD_FROM_DAY_P] = CELL_OF_NUMBER(day_number(day));
	ask.cells[PLAN_ADD_SUBJECTS_P] = CELL_OF_TEXT(fields_text(form, "subjects"));
	return form_ask(p, &ask, "/review");
}

int review_plan_close_post(struct Page *p)
{
	struct Ask ask = {.query = QUERY_PLAN_CLOSE, .n = PLAN_CLOSE_N_P};
	int64_t id;

	if (fields_number(&p->request->form, "id", &id) < 0)
		return QUERY_INVALID;
	ask.cells[PLAN_CLOSE_ID_P] = CELL_OF_NUMBER(id);
	return form_ask(p, &ask, "/review");
}
