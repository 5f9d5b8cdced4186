/* SPDX-License-Identifier: Apache-2.0 */
/* Read-only tokens of programs, a part of the page People. */
#include "hits.h"
#include "pages.h"
#include "tokens.h"
#include "words.h"

static bool in_force(const struct Page *p, const struct Cell *row)
{
	return row[TOKENS_ENDED_C].type == CELL_NONE && row[TOKENS_UNTIL_C].number > p->now;
}

static void state_write(struct Page *p, const struct Cell *row)
{
	struct Html *h = &p->html;

	html(h, "<td>");
	if (in_force(p, row))
		html_say(h, N_("in force"));
	else if (row[TOKENS_ENDED_C].type == CELL_NONE)
		html_say(h, N_("run out"));
	else {
		html_say(h, N_("revoked:"));
		html(h, " <small>");
		show_moment(h, row[TOKENS_ENDED_C].number);
		html(h, " ");
		html_text_soft(h, row[TOKENS_ENDED_BY_C].text);
		html(h, "</small>");
	}
	html(h, "</td>");
}

static void end_write(struct Page *p, int64_t id)
{
	struct Html *h = &p->html;

	html(h, "<form method=\"post\" action=\"/people/token-end\">");
	page_csrf(p);
	hidden_number(h, "id", id);
	html(h, "<button class=\"quiet\">");
	html_say(h, N_("Revoke"));
	html(h, "</button></form>");
}

static void token_row(struct Page *p, const struct Cell *row)
{
	struct Html *h = &p->html;

	html(h, "<tr><th scope=\"row\">");
	html_text_soft(h, row[TOKENS_NAME_C].text);
	html(h, "</th>");
	cell_show(h, &row[TOKENS_BY_C]);
	cell_show_moment(h, &row[TOKENS_MADE_C]);
	cell_show_moment(h, &row[TOKENS_UNTIL_C]);
	cell_show_moment(h, &row[TOKENS_USED_C]);
	state_write(p, row);
	if (p->visitor.role & QUERY_ADMIN) {
		html(h, "<td>");
		if (in_force(p, row))
			end_write(p, row[TOKENS_ID_C].number);
		html(h, "</td>");
	}
	html(h, "</tr>");
}

static void add_write(struct Page *p)
{
	static const int64_t days[] = {30, 90, 180, 366};
	struct Html *h = &p->html;

	part_show(h, N_("New token"));
	html(h, "<form method=\"post\" action=\"/people/token\" class=\"filters\">");
	page_csrf(p);
	html(h, "<label>");
	html_say(h, N_("For which program"));
	html(h, "<input name=\"name\" required maxlength=\"40\" autocomplete=\"off\"></label><label>");
	html_say(h, N_("Days until it runs out"));
	html(h, "<select name=\"days\">");
	for (size_t i = 0; i < ARRAY_SIZE(days); i++) {
		html(h, "<option>");
		html_digits(h, days[i]);
		html(h, "</option>");
	}
	html(h, "</select></label><button>");
	html_say(h, N_("Make the token"));
	html(h, "</button></form>");
}

int tokens_write(struct Page *p)
{
	static const struct Table read = {N_("Tokens for programs"), N_("There is no token."),
	        {N_("Program"), N_("Made by"), N_("Made"), N_("Valid until"), N_("Last used"), N_("State")}};
	static const struct Table change = {N_("Tokens for programs"), N_("There is no token."),
	        {N_("Program"), N_("Made by"), N_("Made"), N_("Valid until"), N_("Last used"), N_("State"),
	                N_("Change")}};
	const struct Table *table = p->visitor.role & QUERY_ADMIN ? &change : &read;
	struct Rows rows = page_rows(p, QUERY_TOKENS);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;
	bool any = rows_next(&rows, row);

	part_show(h, N_("Tokens for programs"));
	html(h, "<p class=\"hint\">");
	html_say(h, N_("With a token a program reads /api/v1/ and can do nothing else: no accounts, no "
	               "reviews, no incidents."));
	html(h, "</p>");
	if (table_start(h, table, any)) {
		for (; any && !h->failed; any = rows_next(&rows, row))
			token_row(p, row);
		table_end(h);
	}
	if (p->visitor.role & QUERY_ADMIN)
		add_write(p);
	return rows.outcome;
}

/* It is shown this once; the store knows only its digest. */
static void token_show(struct Page *p, const struct Cell *row, const char *name)
{
	struct Html *h = &p->html;

	html(h, "<section class=\"said\" role=\"alert\"><p>");
	html_fill1(h,
	        N_("The token for %s. It is shown once; please keep it where that program alone can read "
	           "it:"),
	        name);
	html(h, "</p><p><code>");
	html_text(h, row[TOKEN_ADD_TOKEN_C].text);
	html(h, "</code></p><p>");
	html_say(h, N_("Valid until:"));
	html(h, " ");
	show_moment(h, row[TOKEN_ADD_UNTIL_C].number);
	html(h, "</p></section>");
}

int token_add_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_TOKEN_ADD, .n = TOKEN_ADD_N_P};
	const char *name = fields_text(form, "name");
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	int64_t days;
	int r;

	if (fields_number(form, "days", &days))
		return QUERY_INVALID;
	ask.cells[TOKEN_ADD_NAME_P] = CELL_OF_TEXT(name);
	ask.cells[TOKEN_ADD_DAYS_P] = CELL_OF_NUMBER(days);
	r = page_ask(p, &ask, &answer);
	if (r == QUERY_INVALID) {
		p->answer->status = 400;
		said_show(&p->html, N_("The token needs a name and 1 to 366 days."));
		return people_show(p);
	}
	if (r || !answer_next(&answer, row))
		return r ? r : QUERY_FAILED;
	token_show(p, row, name);
	return people_show(p);
}

int token_end_post(struct Page *p)
{
	struct Ask ask = {.query = QUERY_TOKEN_END, .n = TOKEN_END_N_P};
	struct Answer answer;
	int64_t id;
	int r;

	if (fields_number(&p->request->form, "id", &id))
		return QUERY_INVALID;
	ask.cells[TOKEN_END_ID_P] = CELL_OF_NUMBER(id);
	r = page_ask(p, &ask, &answer);
	if (r)
		return r;
	page_redirect(p, "/people");
	return 0;
}
