/* SPDX-License-Identifier: Apache-2.0 */
#include "reminders.h"

#include "duties.h"
#include "hits.h"
#include "incidents.h"
#include "str.h"
#include "words.h"

/* A list with its title, which is begun with its first line. */
struct Reminder {
	const char *id, *shape, *title;
	bool alarm, any;
};

static void line_start(struct Html *h, struct Reminder *m)
{
	if (!m->any) {
		html(h, "<section class=\"");
		html_text(h, m->alarm ? "alarms" : "silent");
		html(h, "\" id=\"");
		html_text(h, m->id);
		html(h, "\"><h2><span aria-hidden=\"true\">");
		html_text(h, m->shape);
		html(h, "</span> ");
		html_say(h, m->title);
		html(h, "</h2><ul>");
	}
	m->any = true;
	html(h, "<li>");
}

static void reminder_end(struct Html *h, const struct Reminder *m)
{
	if (m->any)
		html(h, "</ul></section>");
}

/* To those who confirm reviews, so that none is forgotten. */
static int reviews_write(struct Page *p)
{
	struct Reminder m = {"reviews", "■", N_("Reviews of the records are due"), false, false};
	struct Ask ask = {.query = QUERY_REVIEWS, .n = REVIEWS_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;
	struct Answer answer;
	int r;

	if (!(p->visitor.role & WHO_CONFIRMS))
		return 0;
	ask.cells[REVIEWS_DUE_P] = CELL_OF_NUMBER(1);
	r = page_ask(p, &ask, &answer);
	while (r == 0 && answer_next(&answer, row)) {
		line_start(h, &m);
		html(h, "<a href=\"");
		show_period_path(h, row[REVIEWS_PLAN_C].number, row[REVIEWS_FROM_DAY_C].number);
		html(h, "\">");
		html_text(h, row[REVIEWS_WHAT_C].text);
		html(h, " ");
		show_period(h, row[REVIEWS_FROM_DAY_C].number, row[REVIEWS_UNTIL_DAY_C].number);
		html(h, "</a> ");
		show_review_state(h, row[REVIEWS_STATE_C].number);
		html(h, "</li>");
	}
	reminder_end(h, &m);
	return r;
}

/* <br><small>By when · who */
static void due_show(struct Html *h, const char *sentence, int64_t day, const char *who)
{
	html(h, "<br><small>");
	html_say(h, sentence);
	html(h, " ");
	show_day(h, day_from_number(day));
	html(h, " · ");
	html_text(h, who);
	html(h, "</small></li>");
}

/* To who is responsible, and to those who see to it that it is done. */
static int duties_write(struct Page *p)
{
	struct Reminder m = {"duties", "◇", N_("Duties of the year are due"), false, false};
	struct Rows duties = page_rows(p, QUERY_CALENDAR);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;

	duties.ask.cells[CALENDAR_DUE_P] = CELL_OF_NUMBER(1);
	duties.ask.cells[CALENDAR_REVIEWS_P] = CELL_OF_NUMBER(0); /* they stand above */
	while (!h->failed && rows_next(&duties, row)) {
		if (!(p->visitor.role & WHO_CONFIRMS) &&
		        !str_eq(row[CALENDAR_RESPONSIBLE_C].text, p->visitor.login))
			continue;
		line_start(h, &m);
		show_duty_link(h, row, p->now);
		html(h, " ");
		show_duty_state(h, row[CALENDAR_STATE_C].number);
		due_show(h, N_("Due by"), row[CALENDAR_DUE_DAY_C].number, row[CALENDAR_RESPONSIBLE_C].text);
	}
	reminder_end(h, &m);
	return duties.outcome;
}

/* By when the Commission is to be told, or that something waits to be written down. */
static void incident_waits(struct Page *p, const struct Cell *row)
{
	bool first = row[INCIDENTS_FIRST_DUE_C].type == CELL_NUMBER;
	const struct Cell *due = &row[first ? INCIDENTS_FIRST_DUE_C : INCIDENTS_FINAL_DUE_C];
	struct Html *h = &p->html;

	html(h, "<br><small>");
	if (due->type == CELL_NUMBER) {
		html_say(h, first ? N_("First report due by") : N_("Final report due by"));
		html(h, " ");
		show_due(h, due, p->now);
	} else {
		html_say(h, row[INCIDENTS_MISSING_C].number
		                    ? N_("Something is still to be written down")
		                    : N_("It waits to be concluded by another person"));
	}
	html(h, "</small></li>");
}

/* To everybody who deals with incidents, until each is concluded. */
static int incidents_write(struct Page *p)
{
	struct Reminder m = {"incidents", "▲", N_("Incidents that are not concluded"), true, false};
	struct Rows incidents = page_rows(p, QUERY_INCIDENTS);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;

	incidents.ask.cells[INCIDENTS_OPEN_P] = CELL_OF_NUMBER(1);
	while (!h->failed && rows_next(&incidents, row)) {
		line_start(h, &m);
		html(h, "<a href=\"/incident?id=");
		html_digits(h, row[INCIDENTS_ID_C].number);
		html(h, "\">");
		html_text_soft(h, row[INCIDENTS_WHAT_C].text);
		html(h, "</a> ");
		show_incident_state(h, row[INCIDENTS_STATE_C].number);
		incident_waits(p, row);
	}
	reminder_end(h, &m);
	return incidents.outcome;
}

/* What its owner has to do, what the auditor has to look at, what the chief has to see to. */
static bool finding_concerns(const struct Page *p, const struct Cell *row)
{
	int64_t state = row[FINDINGS_STATE_C].number;

	if (str_eq(row[FINDINGS_OWNER_C].text, p->visitor.login) && state != FINDING_STATE_PROVED)
		return true;
	if (p->visitor.role & ROLE_AUDITOR && state == FINDING_STATE_PROVED)
		return true;
	return p->visitor.role & WHO_CONFIRMS && state == FINDING_STATE_OVERDUE;
}

static int findings_write(struct Page *p)
{
	struct Reminder m = {"findings", "◆", N_("Findings of audits"), false, false};
	struct Rows findings = page_rows(p, QUERY_FINDINGS);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;

	findings.ask.cells[FINDINGS_OPEN_P] = CELL_OF_NUMBER(1);
	while (!h->failed && rows_next(&findings, row)) {
		if (!finding_concerns(p, row))
			continue;
		line_start(h, &m);
		html(h, "<a href=\"/finding?id=");
		html_digits(h, row[FINDINGS_ID_C].number);
		html(h, "\">");
		html_lines(h, row[FINDINGS_WHAT_C].text);
		html(h, "</a> ");
		show_finding_state(h, row[FINDINGS_STATE_C].number);
		due_show(h, N_("To be improved by"), row[FINDINGS_DUE_DAY_C].number,
		        row[FINDINGS_OWNER_C].text);
	}
	reminder_end(h, &m);
	return findings.outcome;
}

int reminders_write(struct Page *p)
{
	int r;

	if (!(p->visitor.role & WHO_REVIEWS))
		return 0;
	r = incidents_write(p);
	r = r ? r : findings_write(p);
	r = r ? r : reviews_write(p);
	return r ? r : duties_write(p);
}
