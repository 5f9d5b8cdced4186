/* SPDX-License-Identifier: Apache-2.0 */
/* 重大事案等報告書 of one incident, and the card that people carry: what to do, and whom to call. */
#include "document.h"
#include "incidents.h"
#include "pages.h"
#include "words.h"

/* ------------------------------------------------------------------ the card */

int report_card_show(struct Page *p)
{
	static const char *const steps[] = {
	        N_("Call the first person below at once, at any hour; if nobody answers, the deputy, then "
	           "the "
	           "next. Do not search alone first."),
	        N_("Say: the number of the medium, where and when you last had it, what happened, and what "
	           "may "
	           "be on it."),
	        N_("In a train, a taxi or a shop: tell its office. If it was stolen: tell the police."),
	        N_("Change, delete and tidy nothing on the terminal. Touch no medium that you find; keep it "
	           "as "
	           "it is."),
	        N_("Write down what you did, and when. Wait for instructions."),
	};
	struct Html *h = &p->html;
	int r;

	html(h, "<article class=\"document\"><section class=\"pocket\"><h1>");
	html_say(h, N_("When a medium is lost or stolen"));
	html(h, "</h1><p class=\"dated\">");
	html_text(h, p->site->settings.office);
	html(h, " · ");
	html_say(h, N_("as of"));
	html(h, " ");
	show_day_form(h, day_local(p->now));
	html(h, "</p><ol>");
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		html(h, "<li>");
		html_say(h, steps[i]);
		html(h, "</li>");
	}
	html(h, "</ol><h2>");
	html_say(h, N_("Whom to call"));
	html(h, "</h2>");
	r = route_write(p, false);
	if (r)
		return r;
	html(h, "<p class=\"carried\">");
	html_say(h, N_("Number of the medium that I carry:"));
	html(h, "</p></section>");
	return document_end(p);
}

/* ------------------------------------------------------------------ one incident */

static void pair_when(struct Html *h, const char *name, const struct Cell *when, const struct Cell *who)
{
	pair_start(h, name);
	if (when->type == CELL_NUMBER)
		show_moment(h, when->number);
	else
		html_say(h, N_("not yet"));
	if (who && who->size) {
		html(h, " · ");
		html_text(h, who->text);
	}
	pair_end(h);
}

static void head_write(struct Html *h, const struct Cell *row)
{
	html(h, "<dl class=\"pairs\">");
	pair_text(h, N_("What happened"), row[INCIDENTS_WHAT_C].text);
	pair_when(h, N_("Noticed"), &row[INCIDENTS_NOTICED_C], &row[INCIDENTS_NOTICER_C]);
	pair_when(h, N_("Written down"), &row[INCIDENTS_OPENED_C], &row[INCIDENTS_BY_C]);
	pair_when(h, N_("Reported for the first time"), &row[INCIDENTS_REPORTED_C], NULL);
	pair_when(h, N_("First report to the Commission"), &row[INCIDENTS_FIRST_C], NULL);
	pair_when(h, N_("Final report to the Commission"), &row[INCIDENTS_FINAL_C], NULL);
	pair_start(h, N_("State"));
	show_incident_state(h, row[INCIDENTS_STATE_C].number);
	pair_end(h);
	pair_when(h, N_("Closed"), &row[INCIDENTS_CLOSED_C], &row[INCIDENTS_CLOSED_BY_C]);
	html(h, "</dl>");
}

static void entry_write(struct Html *h, const struct Cell *row)
{
	html(h, "<li>");
	if (row[INCIDENT_LIST_AT_C].type == CELL_NUMBER) {
		show_moment(h, row[INCIDENT_LIST_AT_C].number);
		html(h, " ");
	}
	if (row[INCIDENT_LIST_TO_C].number) {
		html_say(h, report_to_sentence(row[INCIDENT_LIST_TO_C].number));
		html(h, " ");
	}
	if (row[INCIDENT_LIST_ABOUT_C].size) {
		html(h, "<b>");
		html_text_soft(h, row[INCIDENT_LIST_ABOUT_C].text);
		html(h, "</b> ");
	}
	html_lines(h, row[INCIDENT_LIST_WORDS_C].text);
	html(h, " <small>");
	html_text(h, row[INCIDENT_LIST_BY_C].text);
	html(h, ", ");
	show_moment(h, row[INCIDENT_LIST_T_C].number);
	html(h, "</small></li>");
}

/* The parts of the form in its order; entries of a kind without a part of its own stand at the end. */
static const struct Part {
	const char *name;
	uint32_t kinds;
} parts[] = {
        {N_("Facts"), 1 << INCIDENT_FACTS},
        {N_("Media, checkouts and records concerned"),
                1 << INCIDENT_RECORD | 1 << INCIDENT_MEDIUM | 1 << INCIDENT_CHECKOUT},
        {N_("Cause"), 1 << INCIDENT_CAUSE},
        {N_("Effect"), 1 << INCIDENT_EFFECT},
        {N_("Measures taken"), 1 << INCIDENT_MEASURES},
        {N_("Prevention of recurrence"), 1 << INCIDENT_PREVENTION},
        {N_("Reports made"), 1 << INCIDENT_REPORT},
        {N_("Further notes"), 1 << INCIDENT_NOTE | 1 << INCIDENT_CLOSED | 1 << INCIDENT_REOPENED},
};

static int part_write(struct Page *p, int64_t incident, const struct Part *part)
{
	struct Rows rows = page_rows(p, QUERY_INCIDENT_LIST);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;
	bool any = false;

	rows.ask.cells[INCIDENT_LIST_INCIDENT_P] = CELL_OF_NUMBER(incident);
	part_show(h, part->name);
	html(h, "<ul class=\"entries\">");
	while (!h->failed && rows_next(&rows, row)) {
		int64_t kind = row[INCIDENT_LIST_KIND_C].number;

		if (kind <= 0 || kind >= _INCIDENT_END || !(part->kinds & 1U << kind))
			continue;
		entry_write(h, row);
		any = true;
	}
	if (!any) {
		html(h, "<li class=\"hint\">");
		html_say(h, N_("Nothing is written down."));
		html(h, "</li>");
	}
	html(h, "</ul>");
	return rows.outcome;
}

static int incident_write(struct Page *p, int64_t id)
{
	static const char *const seals[] = {N_("Supervisor (seal)"), N_("Chief (seal)"), NULL};
	struct Ask ask = {.query = QUERY_INCIDENTS, .n = INCIDENTS_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	int r;

	ask.cells[INCIDENTS_ID_P] = CELL_OF_NUMBER(id);
	r = page_ask(p, &ask, &answer);
	if (r || !answer_next(&answer, row))
		return r ? r : QUERY_REFUSED;
	document_start(p, N_("Report on an incident"));
	head_write(&p->html, row);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		r = part_write(p, id, &parts[i]);
		if (r)
			return r;
	}
	part_show(&p->html, N_("Report route in force"));
	r = route_write(p, false);
	if (r)
		return r;
	document_seals(&p->html, seals);
	return document_end(p);
}

static int choice_write(struct Page *p)
{
	static const struct Table table = {N_("Incidents"), NULL,
	        {OF_NUMBERS N_("No."), N_("What happened"), N_("Noticed"), N_("Closed")}};
	struct Rows rows = page_rows(p, QUERY_INCIDENTS);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;

	title_show(h, N_("Report on an incident"));
	table_start(h, &table, true);
	while (!h->failed && rows_next(&rows, row)) {
		html(h, "<tr>");
		incident_cells_show(h, "/report/incident?id=", row);
		cell_show_moment(h, &row[INCIDENTS_CLOSED_C]);
		html(h, "</tr>");
	}
	table_end(h);
	return rows.outcome;
}

int report_incident_show(struct Page *p)
{
	int64_t id;
	int r = fields_number(&p->request->query, "id", &id);

	return r == 0 ? incident_write(p, id) : r == -ENOENT ? choice_write(p) : QUERY_INVALID;
}
