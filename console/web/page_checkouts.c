/* SPDX-License-Identifier: Apache-2.0 */
/* Checkouts: out, due, overdue, returned; the newest first. */
#include "pages.h"
#include "str.h"
#include "words.h"

static const struct Table table = {N_("Checkouts"), N_("There is none."),
        {N_("Medium"), N_("State"), N_("Holder"), N_("Lent by"), N_("Purpose"), N_("Destination"), N_("From"),
                N_("Due back"), N_("Returned"), N_("Record")}};

/* What the choice above the table offers; the word stands in the address. */
static const struct {
	const char *word, *name;
	int state; /* -1: all */
} filters[] = {
        {"out", N_("not returned"), CHECKOUT_STATE_OUT},
        {"due", N_("due today"), CHECKOUT_STATE_DUE},
        {"overdue", N_("overdue"), CHECKOUT_STATE_OVERDUE},
        {"returned", N_("returned"), CHECKOUT_STATE_RETURNED},
        {"all", N_("all"), -1},
};

static size_t filter_find(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		if (str_eq(filters[i].word, word))
			return i;
	return 0;
}

static void write_filters(struct Html *h, size_t here)
{
	html(h, "<ul class=\"tabs\">");
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		html(h, "<li><a href=\"/checkouts?state=");
		html_url(h, filters[i].word);
		if (i == here)
			html(h, "\" aria-current=\"true");
		html(h, "\">");
		html_say(h, filters[i].name);
		html(h, "</a></li>");
	}
	html(h, "</ul>");
}

static void checkout_row(struct Html *h, const struct Cell *row)
{
	row_start(h, row[CHECKOUTS_VERDICT_C].number);
	html(h, "<th scope=\"row\">");
	html_text(h, row[CHECKOUTS_MEDIUM_C].text);
	html(h, "</th><td>");
	show_checkout_state(h, row[CHECKOUTS_STATE_C].number);
	html(h, "</td>");
	cell_show(h, &row[CHECKOUTS_CLERK_C]);
	cell_show(h, &row[CHECKOUTS_SUPERVISOR_C]);
	cell_show(h, &row[CHECKOUTS_PURPOSE_C]);
	html(h, "<td>");
	html_text_soft(h, row[CHECKOUTS_DESTINATION_C].text);
	if (row[CHECKOUTS_CARRY_OUT_C].number) {
		html(h, " <span class=\"mark plain\"><span aria-hidden=\"true\">→</span> ");
		html_say(h, N_("carried out"));
		html(h, "</span>");
	}
	html(h, "</td>");
	cell_show_moment(h, &row[CHECKOUTS_FROM_C]);
	cell_show_moment(h, &row[CHECKOUTS_UNTIL_C]);
	cell_show_moment(h, &row[CHECKOUTS_RETURNED_C]);
	row_end_verdict(h, &row[CHECKOUTS_VERDICT_C], row[CHECKOUTS_RECORD_C].number);
}

int checkouts_show(struct Page *p)
{
	const struct RequestFields *query = &p->request->query;
	struct Ask ask = {.query = QUERY_CHECKOUTS, .n = CHECKOUTS_N_P, .limit = 100};
	size_t filter = filter_find(fields_text(query, "state"));
	struct Cell row[QUERY_CELLS_MOST] = {};
	struct Html *h = &p->html;
	struct Answer answer;
	int64_t before;
	int r;

	if (filters[filter].state >= 0)
		ask.cells[CHECKOUTS_STATE_P] = CELL_OF_NUMBER(filters[filter].state);
	if (*fields_text(query, "medium"))
		ask.cells[CHECKOUTS_MEDIUM_P] = CELL_OF_TEXT(fields_text(query, "medium"));
	if (fields_number(query, "before_from", &before) == 0) {
		ask.cells[CHECKOUTS_BEFORE_FROM_P] = CELL_OF_NUMBER(before);
		ask.cells[CHECKOUTS_BEFORE_ID_P] = CELL_OF_TEXT(fields_text(query, "before_id"));
	}
	r = page_ask(p, &ask, &answer);
	if (r)
		return r;
	title_show(h, N_("Checkouts"));
	write_filters(h, filter);
	if (!table_start(h, &table, answer.rows))
		return 0;
	while (answer_next(&answer, row))
		checkout_row(h, row);
	table_end(h);
	if (answer.more) {
		html(h, "<p class=\"more\"><a href=\"/checkouts?state=");
		html_url(h, filters[filter].word);
		html(h, "&amp;medium=");
		html_url(h, fields_text(query, "medium"));
		html(h, "&amp;before_from=");
		html_digits(h, row[CHECKOUTS_FROM_C].number);
		html(h, "&amp;before_id=");
		html_url(h, row[CHECKOUTS_ID_C].text);
		link_line_end(h, N_("More"));
	}
	return 0;
}
