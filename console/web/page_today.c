/* SPDX-License-Identifier: Apache-2.0 */
/* The first page: what must not be overlooked, what is out, and how the last weeks went. */
#include "pages.h"
#include "plot.h"
#include "reminders.h"
#include "str.h"
#include "words.h"

static void alarm_words(struct Html *h, const struct Cell *row)
{
	int64_t from = row[LEDGERS_FROM_C].number, to = row[LEDGERS_TO_C].number;

	if (row[LEDGERS_ERROR_C].size) {
		html(h, "<p>");
		html_say(h, row[LEDGERS_ERROR_C].text);
		html(h, "</p>");
	}
	if (row[LEDGERS_BAD_C].type == CELL_NUMBER && row[LEDGERS_BAD_C].number >= 0) {
		html(h, "<p>");
		html_say(h, N_("First bad record:"));
		html(h, " ");
		html_digits(h, row[LEDGERS_BAD_C].number);
		html(h, "</p>");
	}
	if (to > from) {
		html(h, "<p>");
		html_say(h, N_("The first record that differs is one of:"));
		html(h, " ");
		html_digits(h, from);
		html(h, "–");
		html_digits(h, to - 1);
		html(h, "</p>");
	}
	html(h, "<p>");
	html_say(h, N_("Seen since:"));
	html(h, " ");
	show_moment(h, row[LEDGERS_SINCE_C].number);
	html(h, "</p>");
}

static void terminal_link(struct Html *h, const char *terminal)
{
	html(h, "<a href=\"/terminal?id=");
	html_url(h, terminal);
	html(h, "\">");
	html_text(h, terminal);
	html(h, "</a>");
}

static int alarms_write(struct Page *p)
{
	struct Rows alarms = page_rows(p, QUERY_LEDGERS);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;

	alarms.ask.cells[LEDGERS_ALARM_P] = CELL_OF_NUMBER(1);
	if (!rows_next(&alarms, row))
		return alarms.outcome;
	html(h, "<section class=\"alarms\" id=\"alarms\"><h2><span aria-hidden=\"true\">▲</span> ");
	html_say(h, N_("These ledgers do not verify: their records are not to be relied on"));
	html(h, "</h2><ul>");
	do {
		html(h, "<li><h3>");
		terminal_link(h, row[LEDGERS_TERMINAL_C].text);
		html(h, " <small>");
		html_digits(h, row[LEDGERS_YEAR_C].number);
		html(h, "</small> ");
		show_verdict(h, row[LEDGERS_VERDICT_C].number);
		html(h, "</h3>");
		alarm_words(h, row);
		html(h, "</li>");
	} while (!h->failed && rows_next(&alarms, row));
	html(h, "</ul></section>");
	return alarms.outcome;
}

static int silent_write(struct Page *p)
{
	struct Rows silent = page_rows(p, QUERY_LEDGERS);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;

	silent.ask.cells[LEDGERS_SILENT_P] = CELL_OF_NUMBER(1);
	if (!rows_next(&silent, row))
		return silent.outcome;
	html(h, "<section class=\"silent\" id=\"silent\"><h2><span aria-hidden=\"true\">◆</span> ");
	html_say(h, N_("Nothing has been heard of these terminals"));
	html(h, "</h2><ul>");
	do {
		html(h, "<li>");
		terminal_link(h, row[LEDGERS_TERMINAL_C].text);
		html(h, " – ");
		html_say(h, N_("last heard of:"));
		html(h, " ");
		if (row[LEDGERS_HEARD_C].type == CELL_NUMBER)
			show_moment(h, row[LEDGERS_HEARD_C].number);
		else
			html_say(h, N_("never"));
		html(h, "</li>");
	} while (!h->failed && rows_next(&silent, row));
	html(h, "</ul></section>");
	return silent.outcome;
}

/* By how many minutes; less than one: it was set. */
static void clock_words(struct Html *h, int64_t off)
{
	char minutes[24];

	snprintf(minutes, sizeof(minutes), "%jd", (intmax_t)(off < 0 ? -off : off) / 60000);
	if (str_eq(minutes, "0"))
		return;
	html(h, " – ");
	html_fill1(h, off < 0 ? N_("%s minutes behind") : N_("%s minutes ahead"), minutes);
}

static int clocks_write(struct Page *p)
{
	struct Rows clocks = page_rows(p, QUERY_LEDGERS);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;

	clocks.ask.cells[LEDGERS_CLOCK_P] = CELL_OF_NUMBER(1);
	if (!rows_next(&clocks, row))
		return clocks.outcome;
	html(h, "<section class=\"silent\" id=\"clocks\"><h2><span aria-hidden=\"true\">◷</span> ");
	html_say(h, N_("The clocks of these terminals were set, or are wrong: times in their records may be "
	               "wrong"));
	html(h, "</h2><ul>");
	do {
		html(h, "<li>");
		terminal_link(h, row[LEDGERS_TERMINAL_C].text);
		html(h, " – ");
		html_say(h, N_("its last record:"));
		html(h, " ");
		show_moment(h, row[LEDGERS_LAST_T_C].number);
		clock_words(h, row[LEDGERS_CLOCK_OFF_C].number);
		html(h, "</li>");
	} while (!h->failed && rows_next(&clocks, row));
	html(h, "</ul></section>");
	return clocks.outcome;
}

static void tile(struct Html *h, const char *label, int64_t number, const char *path)
{
	html(h, "<li><a href=\"");
	html_path(h, path);
	html(h, "\"><b>");
	html_number(h, number);
	html(h, "</b> <span>");
	html_say(h, label);
	html(h, "</span></a></li>");
}

static int tiles_write(struct Page *p)
{
	struct Ask ask = {.query = QUERY_COUNTS};
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;
	struct Answer answer;
	int r = page_ask(p, &ask, &answer);

	if (r)
		return r;
	if (!answer_next(&answer, row))
		return QUERY_FAILED;
	html(h, "<ul class=\"tiles\">");
	tile(h, N_("media out"), row[COUNTS_OUT_C].number, "/checkouts");
	tile(h, N_("due today"), row[COUNTS_DUE_C].number, "/checkouts");
	tile(h, N_("overdue"), row[COUNTS_OVERDUE_C].number, "/checkouts");
	tile(h, N_("copies today"), row[COUNTS_COPIES_TODAY_C].number, "/history");
	tile(h, N_("Individual Numbers copied today"), row[COUNTS_NUMBERS_TODAY_C].number, "/history");
	tile(h, N_("refused today"), row[COUNTS_REFUSED_TODAY_C].number, "/history");
	html(h, "</ul>");
	return 0;
}

static int out_write(struct Page *p)
{
	static const struct Table table = {N_("Media that are out"), N_("No medium is out."),
	        {N_("Medium"), N_("State"), N_("Holder"), N_("Destination"), N_("Due back"), N_("Lent by"),
	                N_("Record")}};
	struct Ask ask = {.query = QUERY_CHECKOUTS, .n = CHECKOUTS_N_P, .limit = 50};
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;
	struct Answer answer;
	int r;

	ask.cells[CHECKOUTS_STATE_P] = CELL_OF_NUMBER(CHECKOUT_STATE_OUT);
	r = page_ask(p, &ask, &answer);
	if (r)
		return r;
	part_show(h, N_("Out now"));
	if (!table_start(h, &table, answer.rows))
		return 0;
	while (answer_next(&answer, row)) {
		row_start(h, row[CHECKOUTS_VERDICT_C].number);
		cell_show(h, &row[CHECKOUTS_MEDIUM_C]);
		html(h, "<td>");
		show_checkout_state(h, row[CHECKOUTS_STATE_C].number);
		html(h, "</td>");
		cell_show(h, &row[CHECKOUTS_CLERK_C]);
		cell_show(h, &row[CHECKOUTS_DESTINATION_C]);
		cell_show_moment(h, &row[CHECKOUTS_UNTIL_C]);
		cell_show(h, &row[CHECKOUTS_SUPERVISOR_C]);
		row_end_verdict(h, &row[CHECKOUTS_VERDICT_C], row[CHECKOUTS_RECORD_C].number);
	}
	table_end(h);
	if (answer.more) {
		html(h, "<p class=\"more\"><a href=\"/checkouts?state=out\">");
		html_say(h, N_("More"));
		html(h, "</a></p>");
	}
	return 0;
}

static int heat_write(struct Page *p, struct Day today)
{
	static const struct PlotText text = {"heat", N_("Copies by hour and weekday, last 12 weeks"),
	        N_("Each field is one hour of one weekday; the darker, the more copies. Copies at night and "
	           "on "
	           "closed days stand out.")};
	struct Ask ask = {.query = QUERY_HEAT, .n = HEAT_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct PlotHeat heat = {};
	struct Answer answer;
	int r;

	ask.cells[HEAT_FROM_DAY_P] = CELL_OF_NUMBER(day_number(today) - 83);
	ask.cells[HEAT_UNTIL_DAY_P] = CELL_OF_NUMBER(day_number(today));
	r = page_ask(p, &ask, &answer);
	if (r)
		return r;
	while (answer_next(&answer, row)) {
		int64_t weekday = row[HEAT_WEEKDAY_C].number, hour = row[HEAT_HOUR_C].number;

		if (weekday >= 0 && weekday < PLOT_WEEKDAYS && hour >= 0 && hour < PLOT_HOURS)
			heat.count[weekday][hour] += row[HEAT_COPIES_C].number;
	}
	plot_heat(&p->html, &text, &heat);
	return 0;
}

static int days_write(struct Page *p, struct Day today)
{
	static const struct PlotText
	        copies_text = {"copies", N_("Copies a day, last 6 weeks"),
	                N_("One bar a day; days on which offices are closed are hatched and underlined.")},
	        numbers_text = {"numbers", N_("Individual Numbers copied a day, last 6 weeks"),
	                N_("One bar a day; days on which offices are closed are hatched and underlined.")};
	struct PlotDays copies = {.first = day_from_number(day_number(today) - 41), .n = 42},
	                numbers = copies;
	struct Ask ask = {.query = QUERY_DAYS, .n = DAYS_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	int r;

	ask.cells[DAYS_FROM_DAY_P] = CELL_OF_NUMBER(day_number(copies.first));
	ask.cells[DAYS_UNTIL_DAY_P] = CELL_OF_NUMBER(day_number(today));
	r = page_ask(p, &ask, &answer);
	if (r)
		return r;
	while (answer_next(&answer, row)) {
		int64_t i = row[DAYS_DAY_C].number - day_number(copies.first);

		if (i < 0 || i >= (int64_t)copies.n)
			continue;
		copies.count[i] += row[DAYS_COPIES_C].number;
		numbers.count[i] += row[DAYS_NUMBERS_C].number;
	}
	plot_days(&p->html, &copies_text, &copies);
	plot_days(&p->html, &numbers_text, &numbers);
	return 0;
}

#define PART_ROW(name, word, sentence) {sentence, 0},

static int states_write(struct Page *p)
{
	static const struct PlotText text = {
	        "states", N_("Media by state"), N_("One bar of all registered media.")};
	struct PlotPart parts[] = {MEDIUM_STATES(PART_ROW)};
	struct Ask ask = {.query = QUERY_MEDIA_STATES};
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	int r = page_ask(p, &ask, &answer);

	if (r)
		return r;
	while (answer_next(&answer, row)) {
		int64_t state = row[MEDIA_STATES_STATE_C].number;

		if (state >= 0 && state < _MEDIUM_N)
			parts[state].count = row[MEDIA_STATES_COUNT_C].number;
	}
	plot_parts(&p->html, &text, parts, ARRAY_SIZE(parts));
	return 0;
}

int today_show(struct Page *p)
{
	struct Day today = day_local(p->now);
	struct Html *h = &p->html;
	const char *holiday = holiday_name(today);
	int r;

	html(h, "<h1>");
	show_day(h, today);
	if (holiday) {
		html(h, " <small>");
		html_text(h, holiday);
		html(h, "</small>");
	}
	html(h, "</h1>");
	r = alarms_write(p);
	r = r ? r : silent_write(p);
	r = r ? r : clocks_write(p);
	r = r ? r : reminders_write(p);
	r = r ? r : tiles_write(p);
	r = r ? r : out_write(p);
	html(h, "<div class=\"plots\">");
	r = r ? r : heat_write(p, today);
	r = r ? r : days_write(p, today);
	r = r ? r : states_write(p);
	html(h, "</div>");
	return r;
}
