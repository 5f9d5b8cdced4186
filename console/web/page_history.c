/* SPDX-License-Identifier: Apache-2.0 */
/* The history: every record of every terminal, found by what one knows of it; the newest first. */
#include "forms.h"
#include "pages.h"
#include "record_detail.h"
#include "record_row.h"
#include "str.h"
#include "words.h"

/* The texts of the form, which the links to further pages carry on. */
static const struct {
	const char *field;
	int parameter;
	const char *label;
} texts[] = {
        {"actor", HISTORY_ACTOR_P, N_("Person")},
        {"medium", HISTORY_MEDIUM_P, N_("Medium")},
        {"terminal", HISTORY_TERMINAL_P, N_("Terminal")},
        {"kind", HISTORY_KIND_P, N_("Operation")},
        {"result", HISTORY_RESULT_P, N_("Result")},
        {"checkout", HISTORY_CHECKOUT_P, N_("Checkout")},
};

/* Fills the question from the form; a date that is none is left aside and said so. */
static bool filters_read(const struct RequestFields *query, struct Ask *ask)
{
	const char *from = fields_text(query, "from"), *until = fields_text(query, "until");
	bool sound = true;
	struct Day day;
	int64_t n;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (*fields_text(query, texts[i].field))
			ask->cells[texts[i].parameter] = CELL_OF_TEXT(fields_text(query, texts[i].field));
	if (day_read(from, &day) == 0)
		ask->cells[HISTORY_FROM_P] = CELL_OF_NUMBER(day_start(day));
	else
		sound = !*from;
	if (day_read(until, &day) == 0)
		ask->cells[HISTORY_UNTIL_P] = CELL_OF_NUMBER(day_start(day_from_number(day_number(day) + 1)));
	else
		sound = sound && !*until;
	if (fields_number(query, "numbers", &n) == 0)
		ask->cells[HISTORY_NUMBERS_P] = CELL_OF_NUMBER(n);
	if (fields_number(query, "before_t", &n) == 0) {
		ask->cells[HISTORY_BEFORE_T_P] = CELL_OF_NUMBER(n);
		if (fields_number(query, "before_id", &n) == 0)
			ask->cells[HISTORY_BEFORE_ID_P] = CELL_OF_NUMBER(n);
	}
	return sound;
}

static void option(struct Html *h, const char *value, bool chosen)
{
	html(h, "<option value=\"");
	html_text(h, value);
	if (chosen)
		html(h, "\" selected=\"selected");
	html(h, "\">");
}

static void write_kinds(struct Html *h, const char *chosen)
{
	html(h, "<label>");
	html_say(h, N_("Operation"));
	html(h, "<select name=\"kind\"><option value=\"\"></option>");
	for (int kind = 0; kind < _RECORD_KIND_N; kind++) {
		const char *word = record_kind_word((enum RecordKind)kind);

		option(h, word, str_eq(word, chosen));
		html_say(h, record_kind_people((enum RecordKind)kind));
		html(h, "</option>");
	}
	html(h, "</select></label>");
}

static void write_results(struct Html *h, const char *chosen)
{
	static const struct {
		const char *word, *name;
	} rows[] = {{"done", N_("done")}, {"refused", N_("refused")},
	        {"observed", N_("refused and LET IN, observe mode")}, {"failed", N_("failed")},
	        {"intent", N_("begun")}};

	html(h, "<label>");
	html_say(h, N_("Result"));
	html(h, "<select name=\"result\"><option value=\"\"></option>");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		option(h, rows[i].word, str_eq(rows[i].word, chosen));
		html_say(h, rows[i].name);
		html(h, "</option>");
	}
	html(h, "</select></label>");
}

static void write_form(struct Html *h, const struct RequestFields *query)
{
	static const struct Input inputs[] = {{.label = N_("From day"), .name = "from", .type = "date"},
	        {.label = N_("Until day"), .name = "until", .type = "date"},
	        {.label = N_("Person"), .name = "actor"}, {.label = N_("Medium"), .name = "medium"},
	        {.label = N_("Terminal"), .name = "terminal"}};

	html(h, "<form method=\"get\" action=\"/history\" class=\"filters\" role=\"search\">");
	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++)
		input_show(h, &(struct Input){.label = inputs[i].label,
		                      .name = inputs[i].name,
		                      .value = fields_text(query, inputs[i].name),
		                      .type = inputs[i].type});
	write_kinds(h, fields_text(query, "kind"));
	write_results(h, fields_text(query, "result"));
	input_show(h, &(struct Input){.label = N_("Individual Numbers, at least"),
	                      .name = "numbers",
	                      .value = fields_text(query, "numbers"),
	                      .type = "number"});
	html(h, "<button>");
	html_say(h, N_("Search"));
	html(h, "</button> <a class=\"button quiet\" href=\"/history\">");
	html_say(h, N_("All records"));
	html(h, "</a></form>");
}

static void carry_on(struct Html *h, const char *name, const char *value)
{
	if (!*value)
		return;
	html(h, "&amp;");
	html_url(h, name);
	html(h, "=");
	html_url(h, value);
}

static void write_more(struct Html *h, const struct RequestFields *query, const struct Cell *row)
{
	html(h, "<p class=\"more\"><a rel=\"next\" href=\"/history?before_t=");
	html_digits(h, row[HISTORY_T_C].number);
	html(h, "&amp;before_id=");
	html_digits(h, row[HISTORY_ID_C].number);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		carry_on(h, texts[i].field, fields_text(query, texts[i].field));
	carry_on(h, "from", fields_text(query, "from"));
	carry_on(h, "until", fields_text(query, "until"));
	carry_on(h, "numbers", fields_text(query, "numbers"));
	link_line_end(h, N_("Older records"));
}

int history_show(struct Page *p)
{
	static const struct Table table = {
	        N_("Records, the newest first"), N_("There is no such record."), RECORD_HEADS};
	const struct RequestFields *query = &p->request->query;
	struct Ask ask = {.query = QUERY_HISTORY, .n = HISTORY_N_P, .limit = 100};
	bool sound = filters_read(query, &ask);
	struct Cell row[QUERY_CELLS_MOST] = {};
	struct Html *h = &p->html;
	struct Answer answer;
	int r = page_ask(p, &ask, &answer);

	if (r)
		return r;
	title_show(h, N_("History"));
	write_form(h, query);
	if (!sound)
		said_show(h, N_("A date is written 2026-11-21; the one above was left aside."));
	if (!table_start(h, &table, answer.rows))
		return 0;
	while (answer_next(&answer, row))
		record_row(h, row);
	table_end(h);
	if (answer.more)
		write_more(h, query, row);
	return 0;
}
