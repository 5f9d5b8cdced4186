/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents: which are being dealt with, all that is known of one, and what is written down about it next. */
#include "forms.h"
#include "hits.h"
#include "incidents.h"
#include "pages.h"
#include "str.h"
#include "words.h"

/* ------------------------------------------------------------------ all of them */

/* When the Commission was told, or by when it is to be. */
static void told_show(struct Page *p, const struct Cell *when, const struct Cell *due)
{
	struct Html *h = &p->html;

	if (when->type == CELL_NUMBER) {
		show_moment(h, when->number);
	} else if (due->type == CELL_NUMBER) {
		html_say(h, N_("due by"));
		html(h, " ");
		show_due(h, due, p->now);
	} else {
		html_say(h, N_("not required"));
	}
}

static void incident_line(struct Page *p, const struct Cell *row)
{
	struct Html *h = &p->html;

	html(h, "<tr>");
	incident_cells_show(h, "/incident?id=", row);
	html(h, "<td>");
	show_incident_state(h, row[INCIDENTS_STATE_C].number);
	html(h, "</td>");
	cell_show_moment(h, &row[INCIDENTS_REPORTED_C]);
	html(h, "<td>");
	told_show(p, &row[INCIDENTS_FIRST_C], &row[INCIDENTS_FIRST_DUE_C]);
	html(h, "</td><td>");
	told_show(p, &row[INCIDENTS_FINAL_C], &row[INCIDENTS_FINAL_DUE_C]);
	html(h, "</td>");
	cell_show(h, &row[INCIDENTS_BY_C]);
	cell_show(h, &row[INCIDENTS_CLOSED_BY_C]);
	html(h, "</tr>");
}

int incidents_show(struct Page *p)
{
	static const struct Table table = {N_("Incidents, the newest first"),
	        N_("No incident has been written down."),
	        {OF_NUMBERS N_("No."), N_("What happened"), N_("Noticed"), N_("State"), N_("Reported"),
	                N_("First report"), N_("Final report"),
	                N_("Written down by"), N_("Concluded by")}};
	struct Rows incidents = page_rows(p, QUERY_INCIDENTS);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;
	bool any = rows_next(&incidents, row);

	if (incidents.outcome)
		return incidents.outcome;
	title_show(h, N_("Incidents and findings"));
	matters_tabs(p);
	html(h, "<p><a class=\"button\" href=\"/incident/new");
	link_line_end(h, N_("Write down an incident"));
	if (!table_start(h, &table, any))
		return 0;
	for (; any && !h->failed; any = rows_next(&incidents, row))
		incident_line(p, row);
	table_end(h);
	return incidents.outcome;
}

/* ------------------------------------------------------------------ a new one */

static int new_write(struct Page *p)
{
	static const struct Input what = {.label = N_("What happened, in short"),
	                                  .name = "what",
	                                  .most = 130,
	                                  .wide = true,
	                                  .required = true},
	                          noticer = {.label = N_("Noticed by"), .name = "noticer", .most = 130};
	struct Html *h = &p->html;
	char now[24];
	int r;

	title_show(h, N_("Write down an incident"));
	said_show(h, N_("Tell the next person on the report route first, by telephone; write it down "
	                "afterwards."));
	r = route_write(p, false);
	part_show(h, N_("What is known so far"));
	html(h, "<form method=\"post\" action=\"/incident/open\" class=\"filters\" id=\"open\">");
	page_csrf(p);
	input_show(h, &what);
	moment_text(p->now, now);
	input_show(h, &(struct Input){.label = N_("Noticed at"),
	                      .name = "noticed",
	                      .value = now,
	                      .type = "datetime-local",
	                      .required = true});
	input_show(h, &noticer);
	area_show(
	        h, N_("Facts: where, when, which medium, what was on it (may follow later)"), "facts", false);
	html(h, "<p class=\"hint area\">");
	html_say(h, N_("No Individual Numbers and no names of persons concerned, please. Individual Numbers "
	               "are starred before anything is kept."));
	html(h, "</p>");
	form_end(h, N_("Write it down"));
	return r;
}

int incident_new_show(struct Page *p)
{
	return new_write(p);
}

/* Names the page of one, behind /incident?id= */
static void incident_path(int64_t id, char ret[static 48])
{
	snprintf(ret, 48, "/incident?id=%jd", (intmax_t)id);
}

int incident_open_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_INCIDENT_OPEN, .n = INCIDENT_OPEN_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	int64_t noticed;
	char to[48];
	int r = moment_read(fields_text(form, "noticed"), &noticed) < 0 ? QUERY_INVALID : 0;

	ask.cells[INCIDENT_OPEN_WHAT_P] = CELL_OF_TEXT(fields_text(form, "what"));
	ask.cells[INCIDENT_OPEN_NOTICER_P] = CELL_OF_TEXT(fields_text(form, "noticer"));
	ask.cells[INCIDENT_OPEN_FACTS_P] = CELL_OF_TEXT(fields_text(form, "facts"));
	if (!r) {
		ask.cells[INCIDENT_OPEN_NOTICED_P] = CELL_OF_NUMBER(noticed);
		r = page_ask(p, &ask, &answer);
	}
	if (r == QUERY_INVALID) {
		p->answer->status = 400;
		said_show(&p->html, N_("Please say what happened and when it was noticed (not later than "
		                       "now), in at most 480 characters a field."));
		return new_write(p);
	}
	if (r)
		return r;
	incident_path(answer_next(&answer, row) ? row[INCIDENT_OPEN_ID_C].number : 0, to);
	page_redirect(p, to);
	return 0;
}

/* ------------------------------------------------------------------ one of them */

static void pair_moment(struct Html *h, const char *name, const struct Cell *when, const struct Cell *who)
{
	if (when->type != CELL_NUMBER)
		return;
	pair_start(h, name);
	show_moment(h, when->number);
	if (who && who->size) {
		html(h, " · ");
		html_text(h, who->text);
	}
	pair_end(h);
}

static void pair_report(struct Page *p, const char *name, const struct Cell *when, const struct Cell *due)
{
	pair_start(&p->html, name);
	told_show(p, when, due);
	pair_end(&p->html);
}

/* What has to be written down before it can be concluded; of reports the one that is missing. */
static void missing_show(struct Html *h, const struct Cell *row)
{
	bool any = false;

	for (int64_t kind = 1; kind < _INCIDENT_END; kind++) {
		if (!(row[INCIDENTS_MISSING_C].number >> kind & 1))
			continue;
		if (any)
			html(h, " · ");
		any = true;
		if (kind == INCIDENT_REPORT && row[INCIDENTS_REPORTED_C].type == CELL_NUMBER)
			html_say(h, report_to_sentence(REPORT_TO_FINAL));
		else
			html_say(h, incident_entry_sentence(kind));
	}
}

static void head_write(struct Page *p, const struct Cell *row)
{
	struct Html *h = &p->html;

	html(h, "<dl class=\"pairs\">");
	pair_start(h, N_("State"));
	show_incident_state(h, row[INCIDENTS_STATE_C].number);
	pair_end(h);
	pair_moment(h, N_("Noticed"), &row[INCIDENTS_NOTICED_C], &row[INCIDENTS_NOTICER_C]);
	pair_moment(h, N_("Written down"), &row[INCIDENTS_OPENED_C], &row[INCIDENTS_BY_C]);
	pair_moment(h, N_("Reported for the first time"), &row[INCIDENTS_REPORTED_C], NULL);
	pair_report(p, N_("First report to the Commission"), &row[INCIDENTS_FIRST_C],
	        &row[INCIDENTS_FIRST_DUE_C]);
	pair_report(p, N_("Final report to the Commission"), &row[INCIDENTS_FINAL_C],
	        &row[INCIDENTS_FINAL_DUE_C]);
	pair_moment(h, N_("Concluded"), &row[INCIDENTS_CLOSED_C], &row[INCIDENTS_CLOSED_BY_C]);
	if (row[INCIDENTS_MISSING_C].number && row[INCIDENTS_STATE_C].number != INCIDENT_STATE_CLOSED) {
		pair_start(h, N_("Still missing"));
		missing_show(h, row);
		pair_end(h);
	}
	html(h, "</dl>");
}

/* What every form about an incident begins with. */
static void form_start(struct Page *p, int64_t id)
{
	page_csrf(p);
	hidden_number(&p->html, "id", id);
}

static void at_input(struct Page *p)
{
	char now[24];

	moment_text(p->now, now);
	input_show(&p->html,
	        &(struct Input){.label = N_("Time"), .name = "at", .value = now, .type = "datetime-local"});
}

static void words_form(struct Page *p, int64_t id)
{
	static const int64_t kinds[] = {INCIDENT_FACTS, INCIDENT_CAUSE, INCIDENT_EFFECT, INCIDENT_MEASURES,
	        INCIDENT_PREVENTION, INCIDENT_NOTE};
	struct Html *h = &p->html;

	part_show(h, N_("Write something down"));
	html(h, "<form method=\"post\" action=\"/incident/add\" class=\"filters\" id=\"words\">");
	form_start(p, id);
	select_start(h, N_("Kind"), "kind");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		select_number(h, kinds[i], incident_entry_sentence(kinds[i]));
	select_end(h);
	at_input(p);
	area_show(h, N_("Words (no Individual Numbers; longer texts in several entries)"), "words", true);
	form_end(h, N_("Write it down"));
}

static void report_form(struct Page *p, int64_t id)
{
	static const struct Input whom = {.label = N_("Who was told"), .name = "about", .most = 130},
	                          words = {.label = N_("How, and what was said"),
	                                  .wide = true,
	                                  .name = "words",
	                                  .most = 130};
	struct Html *h = &p->html;

	part_show(h, N_("A report was made"));
	html(h, "<form method=\"post\" action=\"/incident/add\" class=\"filters\" id=\"report\">");
	form_start(p, id);
	hidden_number(h, "kind", INCIDENT_REPORT);
	select_start_wide(h, N_("To"), "to");
	for (int64_t i = 1; i < _REPORT_TO_END; i++)
		select_number(h, i, report_to_sentence(i));
	select_end(h);
	input_show(h, &whom);
	at_input(p);
	input_show(h, &words);
	form_end(h, N_("Record the report"));
}

static void thing_form(struct Page *p, int64_t id)
{
	static const int64_t kinds[] = {INCIDENT_MEDIUM, INCIDENT_CHECKOUT};
	static const struct Input about = {
	        .label = N_("Its number"), .name = "about", .most = 60, .required = true};
	struct Html *h = &p->html;

	part_show(h, N_("What it concerns"));
	html(h, "<form method=\"post\" action=\"/incident/add\" class=\"filters\" id=\"thing\">");
	form_start(p, id);
	select_start(h, N_("Medium or checkout"), "kind");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		select_number(h, kinds[i], incident_entry_sentence(kinds[i]));
	select_end(h);
	input_show(h, &about);
	form_end(h, N_("Add it"));
	html(h, "<p class=\"hint\">");
	html_say(h, N_("A record is added from its own page, which History leads to."));
	html(h, "</p>");
}

/* Concluding it, or opening it again. */
static void close_form(struct Page *p, int64_t id, bool close)
{
	struct Html *h = &p->html;

	part_show(h, close ? N_("Conclude it") : N_("Open it again"));
	html(h, "<form method=\"post\" action=\"/incident/close\" class=\"filters\" id=\"close\">");
	form_start(p, id);
	hidden_number(h, "closed", close);
	area_show(h,
	        close ? N_("What was checked, and why it can be concluded") : N_("Why it is opened again"),
	        "words", true);
	form_end(h, close ? N_("Conclude the incident") : N_("Open the incident again"));
}

static void acts_write(struct Page *p, const struct Cell *row)
{
	bool closed = row[INCIDENTS_STATE_C].number == INCIDENT_STATE_CLOSED,
	     own = str_eq(row[INCIDENTS_BY_C].text, p->visitor.login),
	     confirms = p->visitor.role & WHO_CONFIRMS, whole = !row[INCIDENTS_MISSING_C].number;
	int64_t id = row[INCIDENTS_ID_C].number;

	if (!closed) {
		report_form(p, id);
		words_form(p, id);
		thing_form(p, id);
	}
	if (!closed && whole && own)
		said_show(&p->html, N_("You wrote this incident down: somebody else concludes it."));
	if (confirms && (closed || (whole && !own)))
		close_form(p, id, !closed);
}

static int incident_write(struct Page *p, int64_t id)
{
	struct Ask ask = {.query = QUERY_INCIDENTS, .n = INCIDENTS_N_P};
	struct Cell row[QUERY_CELLS_MOST], head[QUERY_CELLS_MOST];
	char by[LIMIT_LOGIN];
	struct Html *h = &p->html;
	struct Answer answer;
	int r;

	ask.cells[INCIDENTS_ID_P] = CELL_OF_NUMBER(id);
	r = page_ask(p, &ask, &answer);
	if (r || !answer_next(&answer, row))
		return r ? r : QUERY_REFUSED;
	html(h, "<h1>");
	html_text(h, row[INCIDENTS_WHAT_C].text);
	html(h, " <small>");
	html_say(h, N_("Incident no."));
	html(h, " ");
	html_digits(h, id);
	html(h, "</small></h1>");
	head_write(p, row);
	/* what the forms go by: the row's texts go with the next question */
	memcpy(head, row, sizeof(head));
	STR_CUT(by, row[INCIDENTS_BY_C].text);
	head[INCIDENTS_BY_C] = cell_text(by);
	r = entries_write(p, QUERY_INCIDENT_LIST, id);
	if (r)
		return r;
	html(h, "<p><a href=\"/report/incident?id=");
	html_digits(h, id);
	link_line_end(h, N_("Report on this incident, to print"));
	acts_write(p, head);
	html(h, "<p><a href=\"/incidents");
	link_line_end(h, N_("Back to the incidents"));
	return 0;
}

int incident_show(struct Page *p)
{
	int64_t id;

	return fields_number(&p->request->query, "id", &id) < 0 ? QUERY_INVALID : incident_write(p, id);
}

int incidents_select(struct Page *p, int64_t record)
{
	struct Rows incidents = page_rows(p, QUERY_INCIDENTS);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;
	bool any;

	if (!(p->visitor.role & WHO_REVIEWS))
		return 0;
	incidents.ask.cells[INCIDENTS_OPEN_P] = CELL_OF_NUMBER(1);
	any = rows_next(&incidents, row);
	if (!any)
		return incidents.outcome;
	part_show(h, N_("Concerns an incident"));
	html(h, "<form method=\"post\" action=\"/incident/add\" class=\"filters\" id=\"concerns\">");
	page_csrf(p);
	hidden_number(h, "kind", INCIDENT_RECORD);
	hidden_number(h, "record", record);
	select_start(h, N_("Incident"), "id");
	for (; any && !h->failed; any = rows_next(&incidents, row)) {
		html(h, "<option value=\"");
		html_digits(h, row[INCIDENTS_ID_C].number);
		html(h, "\">");
		html_text(h, row[INCIDENTS_WHAT_C].text);
		html(h, "</option>");
	}
	select_end(h);
	form_end(h, N_("Add this record to the incident"));
	return incidents.outcome;
}

/* ------------------------------------------------------------------ acts */

/* Asks; what the store refuses is said on the incident's own page. */
static int act(struct Page *p, struct Ask *ask, int64_t id, const char *otherwise)
{
	char to[48];
	int r;

	incident_path(id, to);
	r = form_ask(p, ask, to);
	if (r != QUERY_INVALID && r != QUERY_REFUSED)
		return r;
	p->answer->status = 400;
	said_show(&p->html, otherwise);
	return incident_write(p, id);
}

int incident_add_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_INCIDENT_ADD, .n = INCIDENT_ADD_N_P};
	int64_t id, kind, to, record, at;

	if (fields_number(form, "id", &id) < 0 || fields_number(form, "kind", &kind) < 0)
		return QUERY_INVALID;
	ask.cells[INCIDENT_ADD_INCIDENT_P] = CELL_OF_NUMBER(id);
	ask.cells[INCIDENT_ADD_KIND_P] = CELL_OF_NUMBER(kind);
	if (moment_read(fields_text(form, "at"), &at) == 0)
		ask.cells[INCIDENT_ADD_AT_P] = CELL_OF_NUMBER(at);
	if (fields_number(form, "to", &to) == 0)
		ask.cells[INCIDENT_ADD_TO_P] = CELL_OF_NUMBER(to);
	if (fields_number(form, "record", &record) == 0)
		ask.cells[INCIDENT_ADD_RECORD_P] = CELL_OF_NUMBER(record);
	ask.cells[INCIDENT_ADD_ABOUT_P] = CELL_OF_TEXT(fields_text(form, "about"));
	ask.cells[INCIDENT_ADD_WORDS_P] = CELL_OF_TEXT(fields_text(form, "words"));
	return act(p, &ask, id,
	        N_("It was not written down: please say what it is about, at a time that is not later than "
	           "now, in at most 480 characters. To nothing that is concluded anything is added."));
}

int incident_close_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_INCIDENT_CLOSE, .n = INCIDENT_CLOSE_N_P};
	int64_t id, closed;

	if (fields_number(form, "id", &id) < 0 || fields_number(form, "closed", &closed) < 0)
		return QUERY_INVALID;
	ask.cells[INCIDENT_CLOSE_INCIDENT_P] = CELL_OF_NUMBER(id);
	ask.cells[INCIDENT_CLOSE_CLOSED_P] = CELL_OF_NUMBER(closed);
	ask.cells[INCIDENT_CLOSE_WORDS_P] = CELL_OF_TEXT(fields_text(form, "words"));
	return act(p, &ask, id,
	        N_("It cannot be concluded yet: facts, effect, measures, prevention and reports must be "
	           "written down, and the reason said."));
}
