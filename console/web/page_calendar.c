/* SPDX-License-Identifier: Apache-2.0 */
/* The year's duties at a glance: what is due in which month of the fiscal year, and what was done by whom. */
#include "document.h"
#include "duties.h"
#include "forms.h"
#include "hits.h"
#include "pages.h"
#include "str.h"
#include "words.h"

enum { MONTHS = 12, GRID_ROWS = 160 };

struct GridMark {
	int64_t key, due;
	enum DutyState state;
	bool any;
};

/* A duty, or a plan of reviews, over the twelve months. Two reviews in one month: the later one is shown. */
struct GridRow {
	int64_t duty, plan, kind;
	char what[408], responsible[65];
	struct GridMark marks[MONTHS];
};

struct Calendar {
	int64_t year, first, last; /* first and last day */
	size_t n;
	struct GridRow rows[GRID_ROWS];
	struct Html list; /* the same, one line each */
};

/* ------------------------------------------------------------------ the year */

static struct GridRow *grid_row(struct Calendar *c, const struct Cell *row)
{
	int64_t duty = row[CALENDAR_DUTY_C].number, plan = row[CALENDAR_PLAN_C].number;
	struct GridRow *g;

	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].duty == duty && c->rows[i].plan == plan)
			return &c->rows[i];
	if (c->n == GRID_ROWS)
		return NULL;
	g = &c->rows[c->n++];
	*g = (struct GridRow){.duty = duty, .plan = plan, .kind = row[CALENDAR_KIND_C].number};
	STR_CUT(g->what, row[CALENDAR_WHAT_C].text);
	STR_CUT(g->responsible, row[CALENDAR_RESPONSIBLE_C].text);
	return g;
}

static void grid_add(struct Calendar *c, const struct Cell *row)
{
	int month = day_from_number(row[CALENDAR_DUE_DAY_C].number).month;
	struct GridRow *g = grid_row(c, row);

	if (g)
		g->marks[(month + MONTHS - 4) % MONTHS] = (struct GridMark){row[CALENDAR_KEY_C].number,
		        row[CALENDAR_DUE_DAY_C].number, (enum DutyState)row[CALENDAR_STATE_C].number, true};
}

static void mark_show(struct Html *h, const struct GridMark *m)
{
	static const char *const shapes[] = {[DUTY_STATE_COMING] = "○",
	        [DUTY_STATE_DUE] = "◆",
	        [DUTY_STATE_OVERDUE] = "▲",
	        [DUTY_STATE_DONE] = "✓"},
	                         *const classes[] = {[DUTY_STATE_COMING] = "plain",
	                                 [DUTY_STATE_DUE] = "warn",
	                                 [DUTY_STATE_OVERDUE] = "bad",
	                                 [DUTY_STATE_DONE] = "good"};

	if (m->state >= _DUTY_STATE_N)
		return;
	html(h, "<a class=\"mark ");
	html_text(h, classes[m->state]);
	html(h, "\" href=\"#i");
	html_digits(h, m->key);
	html(h, "\"><span aria-hidden=\"true\">");
	html_text(h, shapes[m->state]);
	html(h, "</span>&nbsp;");
	html_digits(h, day_from_number(m->due).day);
	html(h, "</a>");
}

static void grid_line(struct Html *h, const struct GridRow *g, int now)
{
	html(h, "<tr><th scope=\"row\">");
	html_text(h, g->what);
	html(h, "<br><small>");
	html_say(h, duty_kind_sentence(g->kind));
	if (*g->responsible)
		html(h, " · ");
	html_text(h, g->responsible);
	html(h, "</small></th>");
	for (int i = 0; i < MONTHS; i++) {
		if (i == now)
			html(h, "<td class=\"now\">");
		else
			html(h, "<td>");
		if (g->marks[i].any)
			mark_show(h, &g->marks[i]);
		html(h, "</td>");
	}
	html(h, "</tr>");
}

static void grid_write(struct Page *p, const struct Calendar *c)
{
	static const char *const months[] = {N_("Apr"), N_("May"), N_("Jun"), N_("Jul"), N_("Aug"), N_("Sep"),
	        N_("Oct"), N_("Nov"), N_("Dec"), N_("Jan"), N_("Feb"), N_("Mar")};
	struct Day today = day_local(p->now);
	int now = day_fiscal_year(today) == c->year ? (today.month + MONTHS - 4) % MONTHS : -1;
	struct Html *h = &p->html;

	if (!c->n)
		return;
	html(h, "<table class=\"year\"><caption class=\"aside\">");
	html_say(h, N_("Duties by month"));
	html(h, "</caption><thead><tr><th scope=\"col\">");
	html_say(h, N_("Duty"));
	html(h, "</th>");
	for (int i = 0; i < MONTHS; i++) {
		if (i == now)
			html(h, "<th scope=\"col\" class=\"now\">");
		else
			html(h, "<th scope=\"col\">");
		html_say(h, months[i]);
		html(h, "</th>");
	}
	html(h, "</tr></thead><tbody>");
	for (size_t i = 0; i < c->n; i++)
		grid_line(h, &c->rows[i], now);
	table_end(h);
	html(h, "<p class=\"hint\">");
	for (int i = 0; i < _DUTY_STATE_N; i++) {
		show_duty_state(h, i);
		html(h, " ");
	}
	html_say(h, N_("The figure is the day of the month by which it is due."));
	html(h, "</p>");
}

/* ------------------------------------------------------------------ line by line */

static void item_line(struct Html *h, const struct Cell *row, int64_t now)
{
	html(h, "<tr id=\"i");
	html_digits(h, row[CALENDAR_KEY_C].number);
	html(h, "\"><td class=\"when\">");
	show_day(h, day_from_number(row[CALENDAR_DUE_DAY_C].number));
	html(h, "</td><td>");
	show_duty_link(h, row, now);
	html(h, "<br><small>");
	html_say(h, duty_kind_sentence(row[CALENDAR_KIND_C].number));
	html(h, "</small></td>");
	cell_show(h, &row[CALENDAR_SUBJECT_C]);
	cell_show(h, &row[CALENDAR_RESPONSIBLE_C]);
	html(h, "<td>");
	show_duty_state(h, row[CALENDAR_STATE_C].number);
	html(h, "</td>");
	cell_show(h, &row[CALENDAR_BY_C]);
	cell_show_moment(h, &row[CALENDAR_DONE_C]);
	html(h, "<td>");
	html_lines(h, row[CALENDAR_WORDS_C].text);
	html(h, "</td></tr>");
}

static int calendar_read(struct Page *p, struct Calendar *c)
{
	struct Rows items = page_rows(p, QUERY_CALENDAR);
	struct Cell row[QUERY_CELLS_MOST];

	items.ask.cells[CALENDAR_FROM_DAY_P] = CELL_OF_NUMBER(c->first);
	items.ask.cells[CALENDAR_UNTIL_DAY_P] = CELL_OF_NUMBER(c->last);
	c->list.language = p->html.language;
	while (!c->list.failed && rows_next(&items, row)) {
		grid_add(c, row);
		item_line(&c->list, row, p->now);
	}
	return items.outcome;
}

static void list_write(struct Html *h, const struct Calendar *c)
{
	static const struct Table table = {N_("Duties by the day by which they are due"),
	        N_("Nothing is planned for this year."),
	        {N_("Due by"), N_("Duty"), N_("Looked at closely"), N_("Responsible"), N_("State"),
	                N_("Done by"), N_("Done on"), N_("Words")}};

	if (!table_start(h, &table, c->n))
		return;
	html_append(h, &c->list);
	table_end(h);
}

/* ------------------------------------------------------------------ what is planned */

static void duty_line(struct Page *p, const struct Cell *row)
{
	struct Html *h = &p->html;
	struct Day month = day_from_number(row[DUTIES_DUE_MONTH_C].number);
	char text[16];

	html(h, "<tr>");
	cell_show(h, &row[DUTIES_WHAT_C]);
	html(h, "<td>");
	html_say(h, duty_kind_sentence(row[DUTIES_KIND_C].number));
	html(h, "</td>");
	cell_show_number(h, &row[DUTIES_MONTHS_C]);
	day_text(month, text);
	text[7] = '\0';
	html(h, "<td class=\"when\">");
	html_text(h, text);
	html(h, "</td>");
	cell_show_number(h, &row[DUTIES_LEAD_C]);
	cell_show(h, &row[DUTIES_RESPONSIBLE_C]);
	cell_show(h, &row[DUTIES_SUBJECTS_C]);
	html(h, "<td>");
	if (row[DUTIES_CLOSED_C].number)
		html_say(h, N_("closed"));
	else if (p->visitor.role & WHO_CONFIRMS) {
		html(h, "<form method=\"post\" action=\"/calendar/close\" class=\"line\">");
		page_csrf(p);
		hidden_number(h, "id", row[DUTIES_ID_C].number);
		html(h, "<button class=\"quiet\">");
		html_say(h, N_("Close"));
		html(h, "</button></form>");
	}
	html(h, "</td></tr>");
}

static int duties_write(struct Page *p)
{
	static const struct Table table = {N_("What is planned"), N_("No duty is planned yet."),
	        {N_("Duty"), N_("Kind"), OF_NUMBERS N_("Every … months"), N_("First due by the end of"),
	                OF_NUMBERS N_("Days of notice"), N_("Responsible"), N_("Looked at closely, in turn"),
	                N_("Change")}};
	struct Rows duties = page_rows(p, QUERY_DUTIES);
	struct Cell row[QUERY_CELLS_MOST];
	bool any = rows_next(&duties, row);

	if (duties.outcome)
		return duties.outcome;
	part_show(&p->html, N_("What is planned"));
	html(&p->html, "<p class=\"hint\">");
	html_say(&p->html,
	        N_("Reviews of the records are planned on the page Review, and stand here by themselves."));
	html(&p->html, "</p>");
	if (!table_start(&p->html, &table, any))
		return 0;
	for (; any && !p->html.failed; any = rows_next(&duties, row))
		duty_line(p, row);
	table_end(&p->html);
	return duties.outcome;
}

static int duty_form(struct Page *p)
{
	static const int64_t months[] = {12, 6, 4, 3, 2, 1};
	static const struct Input what = {.label = N_("What is to be done"),
	                                  .name = "what",
	                                  .wide = true,
	                                  .most = 130,
	                                  .required = true},
	                          month = {.label = N_("First due by the end of (2026-06)"),
	                                  .name = "month",
	                                  .type = "month",
	                                  .required = true},
	                          lead = {.label = N_("Days of notice"),
	                                  .name = "lead",
	                                  .value = "30",
	                                  .type = "number",
	                                  .required = true},
	                          subjects = {
	                                  .label = N_("Looked at closely: one after the other, by commas"),
	                                  .name = "subjects",
	                                  .wide = true,
	                                  .most = 130};
	struct Html *h = &p->html;
	int r;

	part_show(h, N_("New duty"));
	html(h, "<form method=\"post\" action=\"/calendar/add\" class=\"filters\" id=\"new\">");
	page_csrf(p);
	select_start(h, N_("Kind"), "kind");
	for (int64_t i = DUTY_REVIEW + 1; i < _DUTY_KIND_END; i++)
		select_number(h, i, duty_kind_sentence(i));
	select_end(h);
	input_show(h, &what);
	select_start(h, N_("Every … months"), "months");
	for (size_t i = 0; i < ARRAY_SIZE(months); i++) {
		html(h, "<option>");
		html_digits(h, months[i]);
		html(h, "</option>");
	}
	select_end(h);
	input_show(h, &month);
	input_show(h, &lead);
	r = select_people(p, N_("Responsible"), "responsible");
	input_show(h, &subjects);
	form_end(h, N_("Plan it"));
	return r;
}

/* ------------------------------------------------------------------ the page */

static void years_write(struct Html *h, int64_t year)
{
	html(h, "<ul class=\"tabs\">");
	for (int64_t y = year - 1; y <= year + 1; y++) {
		html(h, "<li><a href=\"/calendar?year=");
		html_digits(h, y);
		if (y == year)
			html(h, "\" aria-current=\"page");
		html(h, "\">");
		show_fiscal_year(h, (int)y);
		html(h, "</a></li>");
	}
	html(h, "</ul>");
}

static int calendar_write(struct Page *p, struct Calendar *c)
{
	struct Html *h = &p->html;
	int r = calendar_read(p, c);

	if (r)
		return r;
	html(h, "<h1>");
	html_say(h, N_("Calendar of the year's duties"));
	html(h, " <small>");
	show_fiscal_year(h, (int)c->year);
	html(h, "</small></h1>");
	years_write(h, c->year);
	grid_write(p, c);
	part_show(h, N_("What is due, and what was done"));
	list_write(h, c);
	html(h, "<p><a href=\"/calendar/notice");
	link_line_end(h, N_("Notice to the staff that the records are reviewed, to print"));
	r = duties_write(p);
	return r == 0 && p->visitor.role & WHO_CONFIRMS ? duty_form(p) : r;
}

int calendar_show(struct Page *p)
{
	struct Calendar *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return QUERY_FAILED;
	c->year = day_fiscal_year(day_local(p->now));
	r = fields_number(&p->request->query, "year", &c->year);
	if (r == -EINVAL || c->year < HOLIDAY_FIRST_YEAR || c->year >= HOLIDAY_LAST_YEAR) {
		free(c);
		return QUERY_INVALID;
	}
	c->first = day_number((struct Day){(int)c->year, 4, 1});
	c->last = day_number((struct Day){(int)c->year + 1, 3, 31});
	r = calendar_write(p, c);
	html_done(&c->list);
	free(c);
	return r;
}

/* ------------------------------------------------------------------ one duty in one period */

/* 0 and its row, which stays until the next question; QUERY_REFUSED: there is none. */
static int item_find(struct Page *p, int64_t duty, int64_t from, struct Cell row[static QUERY_CELLS_MOST])
{
	struct Rows items = page_rows(p, QUERY_CALENDAR);

	items.ask.cells[CALENDAR_REVIEWS_P] = CELL_OF_NUMBER(0);
	items.ask.cells[CALENDAR_FROM_DAY_P] = CELL_OF_NUMBER(from);
	items.ask.cells[CALENDAR_UNTIL_DAY_P] = CELL_OF_NUMBER(from + 366);
	while (rows_next(&items, row))
		if (row[CALENDAR_DUTY_C].number == duty && row[CALENDAR_FROM_DAY_C].number == from)
			return 0;
	return items.outcome ? items.outcome : QUERY_REFUSED;
}

static void item_head(struct Html *h, const struct Cell *row)
{
	html(h, "<dl class=\"pairs\">");
	pair_text(h, N_("Duty"), row[CALENDAR_WHAT_C].text);
	pair_start(h, N_("Kind"));
	html_say(h, duty_kind_sentence(row[CALENDAR_KIND_C].number));
	pair_end(h);
	if (row[CALENDAR_SUBJECT_C].size)
		pair_text(h, N_("Looked at closely"), row[CALENDAR_SUBJECT_C].text);
	pair_start(h, N_("Period"));
	show_period(h, row[CALENDAR_FROM_DAY_C].number, row[CALENDAR_UNTIL_DAY_C].number);
	pair_end(h);
	pair_start(h, N_("Due by"));
	show_day(h, day_from_number(row[CALENDAR_DUE_DAY_C].number));
	pair_end(h);
	pair_text(h, N_("Responsible"), row[CALENDAR_RESPONSIBLE_C].text);
	pair_start(h, N_("State"));
	show_duty_state(h, row[CALENDAR_STATE_C].number);
	pair_end(h);
	if (row[CALENDAR_DONE_C].type == CELL_NUMBER) {
		pair_start(h, N_("Done by"));
		html_text(h, row[CALENDAR_BY_C].text);
		html(h, " · ");
		show_moment(h, row[CALENDAR_DONE_C].number);
		pair_end(h);
		pair_start(h, N_("What was done, and with what result"));
		html_lines(h, row[CALENDAR_WORDS_C].text);
		pair_end(h);
	}
	html(h, "</dl>");
}

static void done_form(struct Page *p, const struct Cell *row)
{
	struct Html *h = &p->html;

	part_show(h, N_("Mark as done"));
	html(h, "<form method=\"post\" action=\"/calendar/done\" class=\"filters\" id=\"done\">");
	page_csrf(p);
	hidden_number(h, "duty", row[CALENDAR_DUTY_C].number);
	hidden_number(h, "from", row[CALENDAR_FROM_DAY_C].number);
	area_show(h, N_("What was done, and with what result"), "words", true);
	form_end(h, N_("It is done"));
}

static int item_write(struct Page *p, int64_t duty, int64_t from)
{
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;
	int r = item_find(p, duty, from, row);
	bool mine;

	if (r)
		return r;
	mine = str_eq(row[CALENDAR_RESPONSIBLE_C].text, p->visitor.login) || p->visitor.role & ROLE_CHIEF;
	title_show(h, N_("Duty"));
	item_head(h, row);
	if (row[CALENDAR_STATE_C].number != DUTY_STATE_DONE && mine && from <= day_number(day_local(p->now)))
		done_form(p, row);
	html(h, "<p><a href=\"/calendar?year=");
	html_digits(h, day_fiscal_year(day_from_number(row[CALENDAR_DUE_DAY_C].number)));
	link_line_end(h, N_("Back to the calendar"));
	return 0;
}

/* Which duty, in which period. */
static bool item_key(const struct RequestFields *f, int64_t *ret_duty, int64_t *ret_from)
{
	return fields_number(f, "duty", ret_duty) == 0 && fields_number(f, "from", ret_from) == 0 &&
	       *ret_from > 0 && *ret_from <= 100000;
}

int calendar_item_show(struct Page *p)
{
	int64_t duty, from;

	return item_key(&p->request->query, &duty, &from) ? item_write(p, duty, from) : QUERY_INVALID;
}

/* ------------------------------------------------------------------ acts */

int calendar_done_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_DUTY_DONE, .n = DUTY_DONE_N_P};
	struct Answer answer;
	int64_t duty, from;
	char to[96];
	int r;

	if (!item_key(form, &duty, &from))
		return QUERY_INVALID;
	ask.cells[DUTY_DONE_DUTY_P] = CELL_OF_NUMBER(duty);
	ask.cells[DUTY_DONE_FROM_DAY_P] = CELL_OF_NUMBER(from);
	ask.cells[DUTY_DONE_WORDS_P] = CELL_OF_TEXT(fields_text(form, "words"));
	r = page_ask(p, &ask, &answer);
	if (r == QUERY_INVALID) {
		p->answer->status = 400;
		said_show(&p->html, N_("Please say in words what was done, in at most 480 characters."));
		return item_write(p, duty, from);
	}
	snprintf(to, sizeof(to), "/calendar/duty?duty=%jd&from=%jd", (intmax_t)duty, (intmax_t)from);
	if (r == 0)
		page_redirect(p, to);
	return r;
}

int duty_add_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_DUTY_ADD, .n = DUTY_ADD_N_P};
	int64_t kind, months, lead;
	struct Day month;

	if (month_read(fields_text(form, "month"), &month) < 0 || fields_number(form, "kind", &kind) < 0 ||
	        fields_number(form, "months", &months) < 0 || fields_number(form, "lead", &lead) < 0)
		return QUERY_INVALID;
	ask.cells[DUTY_ADD_KIND_P] = CELL_OF_NUMBER(kind);
	ask.cells[DUTY_ADD_WHAT_P] = CELL_OF_TEXT(fields_text(form, "what"));
	ask.cells[DUTY_ADD_MONTHS_P] = CELL_OF_NUMBER(months);
	ask.cells[DUTY_ADD_DUE_MONTH_P] = CELL_OF_NUMBER(day_number(month));
	ask.cells[DUTY_ADD_LEAD_P] = CELL_OF_NUMBER(lead);
	ask.cells[DUTY_ADD_RESPONSIBLE_P] = CELL_OF_TEXT(fields_text(form, "responsible"));
	ask.cells[DUTY_ADD_SUBJECTS_P] = CELL_OF_TEXT(fields_text(form, "subjects"));
	return form_ask(p, &ask, "/calendar");
}

int duty_close_post(struct Page *p)
{
	struct Ask ask = {.query = QUERY_DUTY_CLOSE, .n = DUTY_CLOSE_N_P};
	int64_t id;

	if (fields_number(&p->request->form, "id", &id) < 0)
		return QUERY_INVALID;
	ask.cells[DUTY_CLOSE_ID_P] = CELL_OF_NUMBER(id);
	return form_ask(p, &ask, "/calendar");
}

/* ------------------------------------------------------------------ the notice */

int calendar_notice_show(struct Page *p)
{
	static const char *const sentences[] = {
	        N_("Each use of a USB stick in this office is recorded: who, when, at which terminal, which "
	           "data, "
	           "and each attempt that was refused."),
	        N_("The records are protected against alteration. They are reviewed regularly and without "
	           "notice; what "
	           "is looked at closely changes each time."),
	        N_("A review looks at days and hours that are out of the ordinary, other terminals than "
	           "usual, "
	           "operations without the right or not usually needed, the same data again and again, and "
	           "sudden rises in number."),
	        N_("Who finds a stick missing, or sees anything unusual, tells their supervisor or the "
	           "supervisor's "
	           "deputy at once: told early, harm stays small."),
	};
	struct Html *h = &p->html;

	document_start(p, N_("Notice on the review of records"));
	for (size_t i = 0; i < ARRAY_SIZE(sentences); i++) {
		html(h, "<p>");
		html_say(h, sentences[i]);
		html(h, "</p>");
	}
	html(h, "</article>");
	return 0;
}
