/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What printed documents share. Each states the ledgers it rests on, with their sizes and roots, so that a
 * reader of the paper can ask for them.
 */
#include "document.h"

#include "mediagate/ledger.h"
#include "words.h"

static void start(struct Page *p, const char *name)
{
	struct Html *h = &p->html;

	html(h, "<p class=\"dated\">");
	show_day_form(h, day_local(p->now));
	html(h, "<br>");
	html_text(h, p->site->settings.office);
	html(h, "</p><h1>");
	html_say(h, name);
	html(h, "</h1>");
}

void document_start(struct Page *p, const char *name)
{
	html(&p->html, "<article class=\"document\">");
	start(p, name);
}

void document_start_wide(struct Page *p, const char *name)
{
	html(&p->html, "<article class=\"document wide\">");
	start(p, name);
}

void document_seals(struct Html *h, const char *const *names)
{
	html(h, "<ul class=\"seals\">");
	for (; *names; names++) {
		html(h, "<li>");
		html_say(h, *names);
		html(h, "</li>");
	}
	html(h, "</ul>");
}

int document_end(struct Page *p)
{
	static const struct Table table = {N_("Ledgers"), NULL,
	        {N_("Ledger"), OF_NUMBERS N_("Signed records"), N_("Root"), N_("Verification")}};
	struct Rows ledgers = page_rows(p, QUERY_LEDGERS);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;

	part_show(h, N_("This document rests on these ledgers"));
	table_start(h, &table, true);
	while (!h->failed && rows_next(&ledgers, row)) {
		row_start(h, row[LEDGERS_VERDICT_C].number);
		cell_show(h, &row[LEDGERS_ORIGIN_C]);
		cell_show_number(h, &row[LEDGERS_SIZE_C]);
		html(h, "<td><code>");
		html_text_soft(h, row[LEDGERS_ROOT_C].text);
		html(h, "</code></td><td>");
		show_verdict(h, row[LEDGERS_VERDICT_C].number);
		html(h, "</td></tr>");
	}
	table_end(h);
	html(h, "</article>");
	return ledgers.outcome;
}

static void year_links(struct Page *p, int64_t year)
{
	struct Html *h = &p->html;
	int64_t now = day_fiscal_year(day_local(p->now));

	html(h, "<p class=\"actions\">");
	for (int64_t y = MAX(year - 1, (int64_t)HOLIDAY_FIRST_YEAR); y <= MIN(year + 1, now); y++) {
		html(h, "<a class=\"button quiet\" href=\"");
		html_path(h, p->route->path);
		html(h, "?year=");
		html_digits(h, y);
		if (y == year)
			html(h, "\" aria-current=\"true");
		html(h, "\">");
		show_fiscal_year(h, (int)y);
		html(h, "</a> ");
	}
	html(h, "</p>");
}

int document_year(struct Page *p, struct DocumentYear *ret)
{
	int64_t year = day_fiscal_year(day_local(p->now));
	struct Day first, end;

	if (fields_number(&p->request->query, "year", &year) == -EINVAL || year < HOLIDAY_FIRST_YEAR ||
	        year > HOLIDAY_LAST_YEAR)
		return QUERY_INVALID;
	first = (struct Day){(int)year, 4, 1};
	end = (struct Day){(int)year + 1, 4, 1};
	*ret = (struct DocumentYear){
	        (int)year, day_start(first), day_start(end), day_number(first), day_number(end)};
	year_links(p, year);
	return 0;
}

bool detail_is(const struct LedgerEntry *e, const char *key)
{
	struct LedgerSlice value;

	return ledger_detail(e, key, &value) == 0 && ledger_slice_is(value, "true");
}

int64_t detail_count(const struct LedgerEntry *e, const char *key)
{
	struct LedgerSlice value;
	uint64_t number;

	if (ledger_detail(e, key, &value) || ledger_number(value, &number) || number > INT32_MAX)
		return -1;
	return (int64_t)number;
}

/* ------------------------------------------------------------------ sheets */

static_assert((int)CHECKOUTS_BEFORE_FROM_P == (int)HANDLINGS_BEFORE_FROM_P &&
                      (int)CHECKOUTS_BEFORE_ID_P == (int)HANDLINGS_BEFORE_ID_P &&
                      (int)CHECKOUTS_FROM_C == (int)HANDLINGS_FROM_C &&
                      (int)CHECKOUTS_ID_C == (int)HANDLINGS_ID_C,
        "both are paged alike");

void sheet_begin(const struct Page *p, int64_t until, struct Rows *rows)
{
	const struct RequestFields *query = &p->request->query;
	int64_t before;

	if (fields_number(query, "before_from", &before) < 0 || before >= until)
		return;
	rows->ask.cells[CHECKOUTS_BEFORE_FROM_P] = CELL_OF_NUMBER(before);
	rows->ask.cells[CHECKOUTS_BEFORE_ID_P] = CELL_OF_TEXT(fields_text(query, "before_id"));
}

bool sheet_is_full(const struct Page *p, size_t n)
{
	return n >= SHEET_ROWS && !p->site->printing;
}

void sheet_link(struct Page *p, const struct DocumentYear *year, const struct Cell *row)
{
	struct Html *h = &p->html;

	html(h, "<p class=\"more\"><a href=\"");
	html_path(h, p->request->path);
	html(h, "?year=");
	html_digits(h, year->year);
	html(h, "&amp;before_from=");
	html_digits(h, row[CHECKOUTS_FROM_C].number);
	html(h, "&amp;before_id=");
	html_url(h, row[CHECKOUTS_ID_C].text);
	link_line_end(h, N_("More"));
}
