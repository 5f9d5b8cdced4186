/* SPDX-License-Identifier: Apache-2.0 */
/* The terminals: each ledger, whether it verifies, how far it was received. */
#include "pages.h"
#include "words.h"

static const struct Table table = {N_("Terminals"), N_("No ledger has been received yet."),
        {N_("Terminal"), N_("Year"), N_("Verification"), OF_NUMBERS N_("Records"), N_("Last record"),
                N_("Last received"), OF_NUMBERS N_("Time went back"), OF_NUMBERS N_("Keys")}};

static void ledger_row(struct Html *h, const struct Cell *row)
{
	row_start(h, row[LEDGERS_VERDICT_C].number);
	html(h, "<th scope=\"row\"><a href=\"/terminal?id=");
	html_url(h, row[LEDGERS_TERMINAL_C].text);
	html(h, "\">");
	html_text_soft(h, row[LEDGERS_TERMINAL_C].text);
	html(h, "</a></th><td>");
	html_digits(h, row[LEDGERS_YEAR_C].number);
	html(h, "</td><td>");
	show_verdict(h, row[LEDGERS_VERDICT_C].number);
	html(h, "</td>");
	cell_show_number(h, &row[LEDGERS_SIZE_C]);
	cell_show_moment(h, &row[LEDGERS_LAST_T_C]);
	cell_show_moment(h, &row[LEDGERS_HEARD_C]);
	html(h, "<td class=\"number\">");
	if (row[LEDGERS_EARLIER_C].number > 0) {
		html(h, "<span class=\"mark warn\"><span aria-hidden=\"true\">◆</span> ");
		html_number(h, row[LEDGERS_EARLIER_C].number);
		html(h, "</span>");
	}
	html(h, "</td>");
	cell_show_number(h, &row[LEDGERS_KEYS_C]);
	html(h, "</tr>");
}

int terminals_show(struct Page *p)
{
	const struct RequestFields *query = &p->request->query;
	struct Ask ask = {.query = QUERY_LEDGERS, .n = LEDGERS_N_P, .limit = 100};
	struct Cell row[QUERY_CELLS_MOST] = {};
	struct Html *h = &p->html;
	struct Answer answer;
	int64_t after;
	int r;

	if (fields_number(query, "after_id", &after) == 0) {
		ask.cells[LEDGERS_AFTER_TERMINAL_P] = CELL_OF_TEXT(fields_text(query, "after_terminal"));
		ask.cells[LEDGERS_AFTER_ID_P] = CELL_OF_NUMBER(after);
	}
	r = page_ask(p, &ask, &answer);
	if (r)
		return r;
	title_show(h, N_("Terminals"));
	if (!table_start(h, &table, answer.rows))
		return 0;
	while (answer_next(&answer, row))
		ledger_row(h, row);
	table_end(h);
	if (answer.more) {
		html(h, "<p class=\"more\"><a href=\"/terminals?after_terminal=");
		html_url(h, row[LEDGERS_TERMINAL_C].text);
		html(h, "&amp;after_id=");
		html_digits(h, row[LEDGERS_ID_C].number);
		link_line_end(h, N_("More"));
	}
	return 0;
}

static void ledger_details(struct Html *h, const struct Cell *row)
{
	html(h, "<section><h2>");
	html_text(h, row[LEDGERS_ORIGIN_C].text);
	html(h, "</h2><dl class=\"pairs\">");
	pair_start(h, N_("Verification"));
	show_verdict(h, row[LEDGERS_VERDICT_C].number);
	if (row[LEDGERS_ERROR_C].size) {
		html(h, " ");
		html_say(h, row[LEDGERS_ERROR_C].text);
	}
	pair_end(h);
	pair_start(h, N_("Signed records"));
	html_number(h, row[LEDGERS_SIZE_C].number);
	pair_end(h);
	if (row[LEDGERS_UNCOVERED_C].number > 0) {
		pair_start(h, N_("Not signed yet"));
		html_number(h, row[LEDGERS_UNCOVERED_C].number);
		pair_end(h);
	}
	pair_code(h, N_("Root"), row[LEDGERS_ROOT_C].text);
	pair_code(h, N_("Verifier key"), row[LEDGERS_VKEY_C].text);
	pair_start(h, N_("Records from"));
	show_moment(h, row[LEDGERS_FIRST_T_C].number);
	html(h, " – ");
	show_moment(h, row[LEDGERS_LAST_T_C].number);
	pair_end(h);
	pair_start(h, N_("Last received"));
	if (row[LEDGERS_HEARD_C].type == CELL_NUMBER)
		show_moment(h, row[LEDGERS_HEARD_C].number);
	else
		html_say(h, N_("never"));
	pair_end(h);
	html(h, "</dl></section>");
}

int terminal_show(struct Page *p)
{
	const char *id = fields_text(&p->request->query, "id");
	struct Ask ask = {.query = QUERY_LEDGERS, .n = LEDGERS_N_P, .limit = 50};
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;
	struct Answer answer;
	int r;

	if (!*id)
		return QUERY_INVALID;
	ask.cells[LEDGERS_TERMINAL_P] = CELL_OF_TEXT(id);
	r = page_ask(p, &ask, &answer);
	if (r)
		return r;
	if (!answer.rows)
		return QUERY_REFUSED;
	html(h, "<h1>");
	html_text(h, id);
	html(h, "</h1><p><a href=\"/history?terminal=");
	html_url(h, id);
	link_line_end(h, N_("History of this terminal"));
	while (answer_next(&answer, row))
		ledger_details(h, row);
	return 0;
}
