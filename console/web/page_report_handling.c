/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 特定個人情報管理簿: every handling of a fiscal year, with what was given out under it, with which
 * safeguards, and what was left on the medium when it came back.
 */
#include "document.h"
#include "handling.h"
#include "mediagate/ledger.h"
#include "pages.h"
#include "words.h"

/* Safeguards of a carry-out: what the loan states, and what it demands of every copy. Records of before those
   two keys say `encryption` and `password` (docs/ledger.md). */
static const struct {
	const char *key, *sentence;
} safeguards[] = {
        {"demands_encryption", N_("encryption")},
        {"encryption", N_("encryption")},
        {"demands_password_or_key", N_("password or key")},
        {"password", N_("password or key")},
        {"locked_carrier", N_("locked case")},
};

static void safeguards_show(struct Html *h, const struct Cell *line)
{
	struct LedgerEntry e;
	bool any = false;

	if (ledger_entry_read(line->text, line->size, &e))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(safeguards); i++) {
		if (!detail_is(&e, safeguards[i].key))
			continue;
		if (any)
			html(h, ", ");
		html_say(h, safeguards[i].sentence);
		any = true;
	}
}

void handling_found(struct Html *h, const struct Cell *return_line)
{
	static const struct {
		const char *key, *sentence;
	} rows[] = {
	        {"known", N_("copies still there: %s")},
	        {"missing", N_("copies deleted since: %s")},
	        {"foreign", N_("other files: %s")},
	        {"damaged", N_("damaged: %s")},
	};
	struct LedgerEntry e;

	if (ledger_entry_read(return_line->text, return_line->size, &e))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t n = detail_count(&e, rows[i].key);
		char text[24];

		/* how many are there is always said, the rest where there is any */
		if (n < 0 || (i && !n))
			continue;
		snprintf(text, sizeof(text), "%jd", (intmax_t)n);
		html(h, "<br><small>");
		html_fill1(h, rows[i].sentence, text);
		html(h, "</small>");
	}
}

static void handling_row(struct Html *h, const struct Cell *row)
{
	bool out = row[HANDLINGS_CARRY_OUT_C].number;

	row_start(h, row[HANDLINGS_VERDICT_C].number);
	cell_show_moment(h, &row[HANDLINGS_FROM_C]);
	cell_show(h, &row[HANDLINGS_MEDIUM_C]);
	cell_show(h, &row[HANDLINGS_CLERK_C]);
	cell_show(h, &row[HANDLINGS_SUPERVISOR_C]);
	html(h, "<td>");
	html_text_soft(h, row[HANDLINGS_PURPOSE_C].text);
	html(h, "<br><small>");
	html_text_soft(h, row[HANDLINGS_GROUND_C].text);
	html(h, "</small></td><td>");
	html_text_soft(h, row[HANDLINGS_DESTINATION_C].text);
	html(h, "</td><td>");
	if (out)
		safeguards_show(h, &row[HANDLINGS_LINE_C]);
	else
		html_say(h, N_("not carried out"));
	html(h, "</td>");
	cell_show_number(h, &row[HANDLINGS_COPIES_C]);
	cell_show_number(h, &row[HANDLINGS_NUMBERS_C]);
	html(h, "<td>");
	if (row[HANDLINGS_RETURNED_C].type == CELL_NUMBER) {
		show_moment(h, row[HANDLINGS_RETURNED_C].number);
		handling_found(h, &row[HANDLINGS_RETURN_LINE_C]);
	} else
		show_checkout_state(h, row[HANDLINGS_STATE_C].number);
	html(h, "</td><td>");
	show_verdict(h, row[HANDLINGS_VERDICT_C].number);
	html(h, "</td></tr>");
}

struct Rows handlings_before(struct Page *p, int64_t until)
{
	struct Rows rows = page_rows(p, QUERY_HANDLINGS);

	/* no id stands before the empty one: the list begins with what is older than `until` */
	rows.ask.cells[HANDLINGS_BEFORE_FROM_P] = CELL_OF_NUMBER(until);
	rows.ask.cells[HANDLINGS_BEFORE_ID_P] = CELL_OF_TEXT("");
	return rows;
}

int report_handling_show(struct Page *p)
{
	static const struct Table table = {N_("Management register of specific personal information"), NULL,
	        {N_("From"), N_("Medium"), N_("Handled by"), N_("Approved by"),
	                N_("Purpose and legal ground"), N_("Destination"), N_("Safeguards"),
	                OF_NUMBERS N_("Copies"), OF_NUMBERS N_("Individual Numbers"),
	                N_("Returned, and what was on it"), N_("Verification")}};
	struct Cell row[QUERY_CELLS_MOST];
	struct DocumentYear year;
	struct Rows rows;
	size_t n = 0;
	int r = document_year(p, &year);

	if (r)
		return r;
	document_start_wide(p, N_("Management register of specific personal information"));
	html(&p->html, "<p>");
	show_fiscal_year(&p->html, year.year);
	html(&p->html, "</p>");
	rows = handlings_before(p, year.until);
	sheet_begin(p, year.until, &rows);
	table_start(&p->html, &table, true);
	for (; !p->html.failed && !sheet_is_full(p, n) && rows_next(&rows, row) &&
	        row[HANDLINGS_FROM_C].number >= year.from;
	        n++)
		handling_row(&p->html, row);
	if (!n) {
		html(&p->html, "<tr><td colspan=\"11\">");
		html_say(&p->html, N_("Nothing was handled."));
		html(&p->html, "</td></tr>");
	}
	table_end(&p->html);
	if (sheet_is_full(p, n))
		sheet_link(p, &year, row);
	return rows.outcome ? rows.outcome : document_end(p);
}
