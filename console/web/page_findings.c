/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of an audit: who improves what by when, the proof of it, and the auditor's confirmation. */
#include "forms.h"
#include "hits.h"
#include "incidents.h"
#include "pages.h"
#include "str.h"
#include "words.h"

/* ------------------------------------------------------------------ all of them */

static void finding_line(struct Html *h, const struct Cell *row)
{
	html(h, "<tr>");
	cell_show_number(h, &row[FINDINGS_ID_C]);
	html(h, "<td><a href=\"/finding?id=");
	html_digits(h, row[FINDINGS_ID_C].number);
	html(h, "\">");
	html_lines(h, row[FINDINGS_WHAT_C].text);
	html(h, "</a></td>");
	cell_show(h, &row[FINDINGS_AUDIT_C]);
	cell_show(h, &row[FINDINGS_OWNER_C]);
	html(h, "<td class=\"when\">");
	show_day(h, day_from_number(row[FINDINGS_DUE_DAY_C].number));
	html(h, "</td><td>");
	show_finding_state(h, row[FINDINGS_STATE_C].number);
	html(h, "</td>");
	cell_show(h, &row[FINDINGS_PROVED_BY_C]);
	cell_show(h, &row[FINDINGS_CONFIRMED_BY_C]);
	html(h, "</tr>");
}

static int list_write(struct Page *p)
{
	static const struct Table table = {N_("Findings, the newest first"), N_("There is no finding."),
	        {OF_NUMBERS N_("No."), N_("Finding"), N_("Audit"), N_("Owner"), N_("To be improved by"),
	                N_("State"), N_("Proof by"), N_("Improvement confirmed by")}};
	struct Rows findings = page_rows(p, QUERY_FINDINGS);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;
	bool any = rows_next(&findings, row);

	if (findings.outcome || !table_start(h, &table, any))
		return findings.outcome;
	for (; any && !h->failed; any = rows_next(&findings, row))
		finding_line(h, row);
	table_end(h);
	return findings.outcome;
}

static int new_form(struct Page *p)
{
	static const struct Input
	        audit = {.label = N_("Audit"), .name = "audit", .wide = true, .most = 130, .required = true},
	        due = {.label = N_("To be improved by"), .name = "due", .type = "date", .required = true};
	struct Html *h = &p->html;
	int r;

	part_show(h, N_("New finding"));
	html(h, "<form method=\"post\" action=\"/finding/open\" class=\"filters\" id=\"open\">");
	page_csrf(p);
	input_show(h, &audit);
	r = select_people(p, N_("Owner"), "owner");
	input_show(h, &due);
	area_show(h, N_("What was found, and what is asked for"), "what", true);
	form_end(h, N_("Put the finding on record"));
	return r;
}

static int page_write(struct Page *p)
{
	int r;

	title_show(&p->html, N_("Incidents and findings"));
	matters_tabs(p);
	r = list_write(p);
	return r == 0 && p->visitor.role & ROLE_AUDITOR ? new_form(p) : r;
}

int findings_show(struct Page *p)
{
	return page_write(p);
}

/* ------------------------------------------------------------------ one of them */

struct FindingOf {
	int64_t id, state;
	bool owned, proved; /* by who looks at it */
};

static void head_write(struct Html *h, const struct Cell *row)
{
	html(h, "<dl class=\"pairs\">");
	pair_start(h, N_("State"));
	show_finding_state(h, row[FINDINGS_STATE_C].number);
	pair_end(h);
	pair_start(h, N_("Finding"));
	html_lines(h, row[FINDINGS_WHAT_C].text);
	pair_end(h);
	pair_text(h, N_("Audit"), row[FINDINGS_AUDIT_C].text);
	pair_text(h, N_("Owner"), row[FINDINGS_OWNER_C].text);
	pair_start(h, N_("To be improved by"));
	show_day(h, day_from_number(row[FINDINGS_DUE_DAY_C].number));
	pair_end(h);
	pair_start(h, N_("Found by"));
	html_text(h, row[FINDINGS_BY_C].text);
	html(h, " · ");
	show_moment(h, row[FINDINGS_OPENED_C].number);
	pair_end(h);
	html(h, "</dl>");
}

static void form_start(struct Page *p, int64_t id)
{
	page_csrf(p);
	hidden_number(&p->html, "id", id);
}

static void add_form(struct Page *p, const struct FindingOf *f)
{
	struct Html *h = &p->html;
	bool improves = f->owned || p->visitor.role & ROLE_CHIEF;

	part_show(h, N_("Write something down"));
	html(h, "<form method=\"post\" action=\"/finding/add\" class=\"filters\" id=\"words\">");
	form_start(p, f->id);
	select_start(h, N_("Kind"), "kind");
	if (improves) {
		select_number(h, FINDING_MEASURES, finding_entry_sentence(FINDING_MEASURES));
		select_number(h, FINDING_PROOF, finding_entry_sentence(FINDING_PROOF));
	}
	select_number(h, FINDING_NOTE, finding_entry_sentence(FINDING_NOTE));
	select_end(h);
	area_show(h, N_("Words (no Individual Numbers; longer texts in several entries)"), "words", true);
	form_end(h, N_("Write it down"));
}

static void confirm_form(struct Page *p, const struct FindingOf *f)
{
	struct Html *h = &p->html;

	part_show(h, N_("Confirmation by the auditor"));
	html(h, "<form method=\"post\" action=\"/finding/confirm\" class=\"filters\" id=\"confirm\">");
	form_start(p, f->id);
	area_show(h, N_("What was looked at, and what came out"), "words", true);
	html(h, "<button name=\"good\" value=\"1\">");
	html_say(h, N_("It is improved"));
	html(h, "</button><button class=\"quiet\" name=\"good\" value=\"0\">");
	html_say(h, N_("Give it back"));
	html(h, "</button></form>");
}

static int finding_write(struct Page *p, int64_t id)
{
	struct Ask ask = {.query = QUERY_FINDINGS, .n = FINDINGS_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct FindingOf f = {.id = id};
	struct Html *h = &p->html;
	struct Answer answer;
	int r;

	ask.cells[FINDINGS_ID_P] = CELL_OF_NUMBER(id);
	r = page_ask(p, &ask, &answer);
	if (r || !answer_next(&answer, row))
		return r ? r : QUERY_REFUSED;
	f.state = row[FINDINGS_STATE_C].number;
	f.owned = str_eq(row[FINDINGS_OWNER_C].text, p->visitor.login);
	f.proved = str_eq(row[FINDINGS_PROVED_BY_C].text, p->visitor.login);
	html(h, "<h1>");
	html_say(h, N_("Finding of an audit"));
	html(h, " <small>");
	html_say(h, N_("No."));
	html(h, " ");
	html_digits(h, id);
	html(h, "</small></h1>");
	head_write(h, row);
	r = entries_write(p, QUERY_FINDING_LIST, id);
	if (r)
		return r;
	if (f.state == FINDING_STATE_PROVED && p->visitor.role & ROLE_AUDITOR && !f.owned && !f.proved)
		confirm_form(p, &f);
	if (f.state != FINDING_STATE_CONFIRMED)
		add_form(p, &f);
	html(h, "<p><a href=\"/findings");
	link_line_end(h, N_("Back to the findings"));
	return 0;
}

int finding_show(struct Page *p)
{
	int64_t id;

	return fields_number(&p->request->query, "id", &id) < 0 ? QUERY_INVALID : finding_write(p, id);
}

/* ------------------------------------------------------------------ acts */

int finding_open_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_FINDING_OPEN, .n = FINDING_OPEN_N_P};
	struct Day due;
	int r = QUERY_INVALID;

	ask.cells[FINDING_OPEN_AUDIT_P] = CELL_OF_TEXT(fields_text(form, "audit"));
	ask.cells[FINDING_OPEN_WHAT_P] = CELL_OF_TEXT(fields_text(form, "what"));
	ask.cells[FINDING_OPEN_OWNER_P] = CELL_OF_TEXT(fields_text(form, "owner"));
	if (day_read(fields_text(form, "due"), &due) == 0) {
		ask.cells[FINDING_OPEN_DUE_DAY_P] = CELL_OF_NUMBER(day_number(due));
		r = form_ask(p, &ask, "/findings");
	}
	if (r != QUERY_INVALID)
		return r;
	p->answer->status = 400;
	said_show(&p->html, N_("Please say which audit, what was found, who improves it and by when, in at "
	                       "most 480 characters a field."));
	return page_write(p);
}

/* Asks; what the store refuses is said on the finding's own page. */
static int act(struct Page *p, struct Ask *ask, int64_t id)
{
	char to[48];
	int r;

	snprintf(to, sizeof(to), "/finding?id=%jd", (intmax_t)id);
	r = form_ask(p, ask, to);
	if (r != QUERY_INVALID && r != QUERY_REFUSED)
		return r;
	p->answer->status = 400;
	said_show(&p->html, N_("It was not written down: words are missing or longer than 480 characters, or "
	                       "the finding stands elsewhere by now."));
	return finding_write(p, id);
}

int finding_add_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_FINDING_ADD, .n = FINDING_ADD_N_P};
	int64_t id, kind;

	if (fields_number(form, "id", &id) < 0 || fields_number(form, "kind", &kind) < 0)
		return QUERY_INVALID;
	ask.cells[FINDING_ADD_FINDING_P] = CELL_OF_NUMBER(id);
	ask.cells[FINDING_ADD_KIND_P] = CELL_OF_NUMBER(kind);
	ask.cells[FINDING_ADD_WORDS_P] = CELL_OF_TEXT(fields_text(form, "words"));
	return act(p, &ask, id);
}

int finding_confirm_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_FINDING_CONFIRM, .n = FINDING_CONFIRM_N_P};
	int64_t id;

	if (fields_number(form, "id", &id) < 0)
		return QUERY_INVALID;
	ask.cells[FINDING_CONFIRM_FINDING_P] = CELL_OF_NUMBER(id);
	ask.cells[FINDING_CONFIRM_GOOD_P] = CELL_OF_NUMBER(str_eq(fields_text(form, "good"), "1"));
	ask.cells[FINDING_CONFIRM_WORDS_P] = CELL_OF_TEXT(fields_text(form, "words"));
	return act(p, &ask, id);
}
