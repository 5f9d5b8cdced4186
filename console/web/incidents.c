/* SPDX-License-Identifier: Apache-2.0 */
#include "incidents.h"

#include "hits.h"
#include "str.h"
#include "words.h"

#define SENTENCE(name, number, word, sentence) [number] = sentence,
static const char *const incident_entries[] = {INCIDENT_ENTRIES_OF(SENTENCE)};
static const char *const finding_entries[] = {FINDING_ENTRIES_OF(SENTENCE)};
static const char *const reports_to[] = {REPORTS_TO(SENTENCE)};

static const char *sentence_of(const char *const *rows, size_t n, int64_t i)
{
	return i > 0 && i < (int64_t)n ? rows[i] : "";
}

const char *incident_entry_sentence(int64_t kind)
{
	return sentence_of(incident_entries, ARRAY_SIZE(incident_entries), kind);
}

const char *finding_entry_sentence(int64_t kind)
{
	return sentence_of(finding_entries, ARRAY_SIZE(finding_entries), kind);
}

const char *report_to_sentence(int64_t to)
{
	return sentence_of(reports_to, ARRAY_SIZE(reports_to), to);
}

#define STATE_SENTENCE(name, word, sentence) sentence,

void incident_cells_show(struct Html *h, const char *address, const struct Cell *row)
{
	cell_show_number(h, &row[INCIDENTS_ID_C]);
	html(h, "<th scope=\"row\"><a href=\"");
	html_literal(h, address, strlen(address));
	html_digits(h, row[INCIDENTS_ID_C].number);
	html(h, "\">");
	html_text_soft(h, row[INCIDENTS_WHAT_C].text);
	html(h, "</a></th>");
	cell_show_moment(h, &row[INCIDENTS_NOTICED_C]);
}

void show_incident_state(struct Html *h, int64_t state)
{
	static const char *const sentences[] = {INCIDENT_STATES(STATE_SENTENCE)};
	static const struct Mark looks[] = {
	        [INCIDENT_STATE_OPEN] = {"▲", "", MARK_BAD},
	        [INCIDENT_STATE_REPORTED] = {"◆", "", MARK_WARN},
	        [INCIDENT_STATE_CLOSED] = {"✓", "", MARK_GOOD},
	};

	show_state(h, looks, sentences, _INCIDENT_STATE_N, state);
}

void show_finding_state(struct Html *h, int64_t state)
{
	static const char *const sentences[] = {FINDING_STATES(STATE_SENTENCE)};
	static const struct Mark looks[] = {
	        [FINDING_STATE_OPEN] = {"○", "", MARK_PLAIN},
	        [FINDING_STATE_OVERDUE] = {"▲", "", MARK_BAD},
	        [FINDING_STATE_PROVED] = {"◆", "", MARK_WARN},
	        [FINDING_STATE_CONFIRMED] = {"✓", "", MARK_GOOD},
	};

	show_state(h, looks, sentences, _FINDING_STATE_N, state);
}

void show_due(struct Html *h, const struct Cell *due, int64_t now)
{
	static const struct Mark passed = {"▲", N_("the time for it has passed"), MARK_BAD};

	if (due->type != CELL_NUMBER)
		return;
	show_day(h, day_from_number(due->number));
	if (due->number < day_number(day_local(now))) {
		html(h, " ");
		show_mark(h, &passed);
	}
}

/* ------------------------------------------------------------------ entries */

/* What the entry is about, leading there. */
static void about_show(struct Html *h, const struct Cell *row)
{
	const char *about = row[INCIDENT_LIST_ABOUT_C].text;

	switch (row[INCIDENT_LIST_KIND_C].number) {
	case INCIDENT_RECORD:
		if (row[INCIDENT_LIST_RECORD_C].type != CELL_NUMBER)
			break;
		html(h, "<a href=\"/record?id=");
		html_digits(h, row[INCIDENT_LIST_RECORD_C].number);
		html(h, "\">");
		html_text_soft(h, about);
		html(h, "</a>");
		return;
	case INCIDENT_MEDIUM:
		html(h, "<a href=\"/history?medium=");
		html_url(h, about);
		html(h, "\">");
		html_text_soft(h, about);
		html(h, "</a>");
		return;
	case INCIDENT_CHECKOUT:
		html(h, "<a href=\"/history?checkout=");
		html_url(h, about);
		html(h, "\">");
		html_text_soft(h, about);
		html(h, "</a>");
		return;
	default:
		break;
	}
	html_text_soft(h, about);
}

static void entry_line(struct Html *h, const struct Cell *row, bool incident)
{
	int64_t kind = row[INCIDENT_LIST_KIND_C].number;

	html(h, "<tr>");
	cell_show_moment(h, &row[INCIDENT_LIST_AT_C]);
	html(h, "<th scope=\"row\">");
	html_say(h, incident ? incident_entry_sentence(kind) : finding_entry_sentence(kind));
	html(h, "</th><td>");
	if (row[INCIDENT_LIST_TO_C].type == CELL_NUMBER)
		html_say(h, report_to_sentence(row[INCIDENT_LIST_TO_C].number));
	if (row[INCIDENT_LIST_TO_C].type == CELL_NUMBER && row[INCIDENT_LIST_ABOUT_C].size)
		html(h, ": ");
	if (incident)
		about_show(h, row);
	if (row[INCIDENT_LIST_ABOUT_C].size && row[INCIDENT_LIST_WORDS_C].size)
		html(h, "<br>");
	html_lines(h, row[INCIDENT_LIST_WORDS_C].text);
	html(h, "</td>");
	cell_show(h, &row[INCIDENT_LIST_BY_C]);
	cell_show_moment(h, &row[INCIDENT_LIST_T_C]);
	html(h, "</tr>");
}

int entries_write(struct Page *p, enum Query list, int64_t id)
{
	static const struct Table table = {N_("What was written down"), N_("Nothing is written down."),
	        {N_("Time"), N_("Kind"), N_("Words"), N_("Written down by"), N_("Written down")}};
	struct Rows entries = page_rows(p, list);
	struct Cell row[QUERY_CELLS_MOST];
	bool any;

	entries.ask.cells[INCIDENT_LIST_INCIDENT_P] = CELL_OF_NUMBER(id);
	any = rows_next(&entries, row);
	if (entries.outcome)
		return entries.outcome;
	part_show(&p->html, N_("What was written down"));
	if (!table_start(&p->html, &table, any))
		return 0;
	for (; any && !p->html.failed; any = rows_next(&entries, row))
		entry_line(&p->html, row, list == QUERY_INCIDENT_LIST);
	table_end(&p->html);
	return entries.outcome;
}

/* ------------------------------------------------------------------ the report route */

static void route_line(struct Page *p, const struct Cell *row, bool change)
{
	struct Html *h = &p->html;

	html(h, "<tr>");
	cell_show_number(h, &row[ROUTE_STEP_C]);
	for (int i = ROUTE_POST_C; i <= ROUTE_DEPUTY_CONTACT_C; i++)
		cell_show(h, &row[i]);
	if (change) {
		html(h, "<td><form method=\"post\" action=\"/incidents/route-end\" class=\"line\">");
		page_csrf(p);
		hidden_number(h, "id", row[ROUTE_ID_C].number);
		html(h, "<button class=\"quiet\">");
		html_say(h, N_("End"));
		html(h, "</button></form></td>");
	}
	html(h, "</tr>");
}

int route_write(struct Page *p, bool change)
{
	struct Table table = {N_("Report route"), NULL,
	        {OF_NUMBERS N_("Step"), N_("Post"), N_("Name"), N_("Contact"), N_("Deputy"),
	                N_("Deputy's contact"), change ? N_("Change") : NULL}};
	struct Rows rows = page_rows(p, QUERY_ROUTE);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;
	bool any = false;

	table_start(h, &table, true);
	for (; !h->failed && rows_next(&rows, row); any = true)
		route_line(p, row, change);
	if (!any) {
		html(h, "<tr><td colspan=\"6\">");
		html_say(h, N_("No report route is in force: please enter one first."));
		html(h, "</td></tr>");
	}
	table_end(h);
	return rows.outcome;
}

void matters_tabs(struct Page *p)
{
	static const struct {
		const char *path, *name;
	} tabs[] = {{"/incidents", N_("Incidents")}, {"/findings", N_("Findings of audits")},
	        {"/incidents/route", N_("Report route")}};
	struct Html *h = &p->html;

	html(h, "<ul class=\"tabs\">");
	for (size_t i = 0; i < ARRAY_SIZE(tabs); i++) {
		html(h, "<li><a href=\"");
		html_path(h, tabs[i].path);
		if (str_eq(tabs[i].path, p->route->path))
			html(h, "\" aria-current=\"page");
		html(h, "\">");
		html_say(h, tabs[i].name);
		html(h, "</a></li>");
	}
	html(h, "</ul>");
}
