/* SPDX-License-Identifier: Apache-2.0 */
/* Documents to print and file: the media register and the register of what was carried out of the office. */
#include "document.h"
#include "pages.h"
#include "words.h"

static void report_item(struct Html *h, const char *path, const char *name, const char *what)
{
	html(h, "<li><a href=\"");
	html_path(h, path);
	html(h, "\">");
	html_say(h, name);
	html(h, "</a><br><small>");
	html_say(h, what);
	html(h, "</small></li>");
}

/* In the order of the page; who: whose role they are for. */
static const struct {
	const char *path, *name, *what;
	uint32_t who;
} reports[] = {
        {"/report/handling", N_("Management register of specific personal information"),
                N_("Every handling of a fiscal year: by whom, what for, to whom, with which safeguards, and "
                   "what "
                   "was left on the medium."),
                QUERY_READ},
        {"/report/media", N_("Register of electronic media"),
                N_("Every registered medium, where it is, who answers for it."), QUERY_READ},
        {"/report/carry-out", N_("Register of carrying out"),
                N_("Every checkout of a fiscal year that left the office: what for, where to, by whom, "
                   "returned when."),
                QUERY_READ},
        {"/report/review", N_("Report on a review of the records"),
                N_("When, by whom, what and how was looked through, and with what result."), WHO_REVIEWS},
        {"/report/incident", N_("Report on an incident"),
                N_("What happened, to whom it was reported, its effect, the measures, and how it is "
                   "prevented."),
                WHO_REVIEWS},
        {"/report/card", N_("Emergency card"),
                N_("To carry: what to do when a medium is lost, and whom to call, from the report route in "
                   "force."),
                WHO_REVIEWS},
        {"/report/survey", N_("Survey of the safety measures (items 11 and 20 to 29)"),
                N_("Answers to the survey sheet, with the evidence that the ledgers hold."), WHO_REVIEWS},
        {"/report/disposal", N_("Certificate of disposal or deletion"),
                N_("For one medium: what the ledgers say of it, to be completed and signed."), QUERY_READ},
};

int reports_show(struct Page *p)
{
	struct Html *h = &p->html;

	title_show(h, N_("Reports"));
	html(h, "<ul class=\"reports\">");
	for (size_t i = 0; i < ARRAY_SIZE(reports); i++)
		if (p->visitor.role & reports[i].who)
			report_item(h, reports[i].path, reports[i].name, reports[i].what);
	html(h, "</ul>");
	return 0;
}

static void media_row(struct Html *h, const struct Cell *row)
{
	row_start(h, row[MEDIA_VERDICT_C].number);
	html(h, "<th scope=\"row\">");
	html_text(h, row[MEDIA_NUMBER_C].text);
	html(h, "</th>");
	cell_show_device(h, &row[MEDIA_VENDOR_C], &row[MEDIA_PRODUCT_C]);
	cell_show_bytes(h, &row[MEDIA_SIZE_C]);
	cell_show_moment(h, &row[MEDIA_REGISTERED_C]);
	cell_show(h, &row[MEDIA_SUPERVISOR_C]);
	html(h, "<td>");
	show_medium_state(h, row[MEDIA_STATE_C].number);
	html(h, "</td>");
	cell_show(h, &row[MEDIA_HOLDER_C]);
	cell_show_moment(h, &row[MEDIA_UNTIL_C]);
	row_end_verdict(h, &row[MEDIA_VERDICT_C], 0);
}

int report_media_show(struct Page *p)
{
	static const struct Table table = {N_("Register of electronic media"), NULL,
	        {N_("Number"), N_("Device"), OF_NUMBERS N_("Size"), N_("Registered"), N_("Supervisor"),
	                N_("State"), N_("Holder"), N_("Due back"), N_("Verification")}};
	struct Rows media = page_rows(p, QUERY_MEDIA);
	struct Cell row[QUERY_CELLS_MOST];

	document_start_wide(p, N_("Register of electronic media"));
	table_start(&p->html, &table, true);
	while (!p->html.failed && rows_next(&media, row))
		media_row(&p->html, row);
	table_end(&p->html);
	return media.outcome ? media.outcome : document_end(p);
}

static void carry_row(struct Html *h, const struct Cell *row)
{
	row_start(h, row[CHECKOUTS_VERDICT_C].number);
	cell_show_moment(h, &row[CHECKOUTS_FROM_C]);
	cell_show(h, &row[CHECKOUTS_MEDIUM_C]);
	cell_show(h, &row[CHECKOUTS_CLERK_C]);
	cell_show(h, &row[CHECKOUTS_SUPERVISOR_C]);
	cell_show(h, &row[CHECKOUTS_PURPOSE_C]);
	cell_show(h, &row[CHECKOUTS_GROUND_C]);
	cell_show(h, &row[CHECKOUTS_DESTINATION_C]);
	cell_show_moment(h, &row[CHECKOUTS_UNTIL_C]);
	cell_show_moment(h, &row[CHECKOUTS_RETURNED_C]);
	row_end_verdict(h, &row[CHECKOUTS_VERDICT_C], 0);
}

/* The newest of the year first, to the table's end. *ret_n: rows written. */
static int carry_rows(struct Page *p, const struct DocumentYear *year, size_t *ret_n)
{
	struct Rows checkouts = page_rows(p, QUERY_CHECKOUTS);
	struct Cell row[QUERY_CELLS_MOST];

	/* no id stands before the empty one: the list begins with what is older than `until` */
	checkouts.ask.cells[CHECKOUTS_BEFORE_FROM_P] = CELL_OF_NUMBER(year->until);
	checkouts.ask.cells[CHECKOUTS_BEFORE_ID_P] = CELL_OF_TEXT("");
	sheet_begin(p, year->until, &checkouts);
	*ret_n = 0;
	while (!p->html.failed && !sheet_is_full(p, *ret_n) && rows_next(&checkouts, row) &&
	        row[CHECKOUTS_FROM_C].number >= year->from) {
		if (!row[CHECKOUTS_CARRY_OUT_C].number)
			continue;
		carry_row(&p->html, row);
		++*ret_n;
	}
	if (!*ret_n && !checkouts.outcome) {
		html(&p->html, "<tr><td colspan=\"10\">");
		html_say(&p->html, N_("Nothing was carried out."));
		html(&p->html, "</td></tr>");
	}
	table_end(&p->html);
	if (sheet_is_full(p, *ret_n))
		sheet_link(p, year, row);
	return checkouts.outcome;
}

int report_carry_show(struct Page *p)
{
	static const struct Table table = {N_("Register of carrying out"), NULL,
	        {N_("From"), N_("Medium"), N_("Holder"), N_("Lent by"), N_("Purpose"), N_("Legal ground"),
	                N_("Destination"), N_("Due back"), N_("Returned"), N_("Verification")}};
	struct DocumentYear year;
	size_t n = 0;
	int r = document_year(p, &year);

	if (r)
		return r;
	document_start_wide(p, N_("Register of carrying out"));
	html(&p->html, "<p>");
	show_fiscal_year(&p->html, year.year);
	html(&p->html, "</p>");
	table_start(&p->html, &table, true);
	r = carry_rows(p, &year, &n);
	return r ? r : document_end(p);
}
