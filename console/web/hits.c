/* SPDX-License-Identifier: Apache-2.0 */
#include "hits.h"

#include "rules.h"
#include "str.h"
#include "words.h"

void show_rule(struct Html *h, int64_t rule)
{
	if (*review_rule_title(rule))
		html_say(h, review_rule_title(rule));
}

static const char *measure_people(const char *word)
{
#define MEASURE_ROW(name, number, word, people) {word, people},
	static const struct {
		const char *word, *people;
	} rows[] = {REVIEW_MEASURES(MEASURE_ROW)};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(rows[i].word, word))
			return rows[i].people;
	return "";
}

/* What the hit is of: an operation, a place, a measure. */
static void show_thing(struct Html *h, const struct Cell *row)
{
	char kind[64];

	if (row[HITS_RULE_C].number == RULE_UNUSUAL) {
		STR_CUT(kind, row[HITS_THING_C].text);
		kind[strcspn(kind, "+")] = '\0';
		show_kind(h, kind);
	} else if (row[HITS_RULE_C].number == RULE_RISE) {
		if (*measure_people(row[HITS_THING_C].text))
			html_say(h, measure_people(row[HITS_THING_C].text));
	} else if (row[HITS_RULE_C].number == RULE_TERMINAL) {
		html_text(h, row[HITS_THING_C].text);
	} else
		return;
	html(h, ": ");
}

void show_hit_reason(struct Html *h, const struct Cell *row)
{
	char count[24], usual[24];

	show_thing(h, row);
	snprintf(count, sizeof(count), "%jd", (intmax_t)row[HITS_COUNT_C].number);
	snprintf(usual, sizeof(usual), "%jd", (intmax_t)row[HITS_USUAL_C].number);
	if (*review_rule_sentence(row[HITS_RULE_C].number))
		html_fill2(h, review_rule_sentence(row[HITS_RULE_C].number), count, usual);
}

const char *decision_sentence(int64_t decision)
{
#define DECISION_ROW(name, number, word, sentence) [number] = sentence,
	static const char *const sentences[] = {HIT_DECISIONS(DECISION_ROW)};

	return decision > 0 && decision < _HIT_DECISION_END ? sentences[decision] : "";
}

static void mark(struct Html *h, bool bad, bool good, const char *sentence)
{
	if (bad)
		html(h, "<span class=\"mark warn\"><span aria-hidden=\"true\">■</span>&nbsp;");
	else if (good)
		html(h, "<span class=\"mark good\"><span aria-hidden=\"true\">✓</span>&nbsp;");
	else
		html(h, "<span class=\"mark plain\"><span aria-hidden=\"true\">○</span>&nbsp;");
	html_say(h, sentence);
	html(h, "</span>");
}

void show_decision(struct Html *h, int64_t decision)
{
	if (*decision_sentence(decision))
		mark(h, decision == HIT_FOLLOW, decision != HIT_FOLLOW, decision_sentence(decision));
	else
		mark(h, false, false, N_("not looked at yet"));
}

void show_review_state(struct Html *h, int64_t state)
{
#define STATE_ROW(name, word, sentence) sentence,
	static const char *const sentences[] = {REVIEW_STATES(STATE_ROW)};

	if (state >= 0 && state < _REVIEW_STATE_N)
		mark(h, state == REVIEW_STATE_OVERDUE, state == REVIEW_STATE_CONFIRMED, sentences[state]);
}

void show_period(struct Html *h, int64_t from, int64_t until)
{
	char first[16], last[16];

	day_text(day_from_number(from), first);
	day_text(day_from_number(until - 1), last);
	html_text(h, first);
	html(h, " – ");
	html_text(h, last);
}

void show_period_path(struct Html *h, int64_t plan, int64_t from)
{
	html_path(h, "/review/period");
	html_literal(h, "?plan=", strlen("?plan="));
	html_digits(h, plan);
	html(h, "&amp;from=");
	html_digits(h, from);
}

void hidden_text(struct Html *h, const char *name, const char *value)
{
	html(h, "<input type=\"hidden\" name=\"");
	html_text(h, name);
	html(h, "\" value=\"");
	html_text(h, value);
	html(h, "\">");
}

void hidden_number(struct Html *h, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%jd", (intmax_t)value);
	hidden_text(h, name, text);
}

void words_input(struct Html *h, const char *label, bool required)
{
	html(h, "<label>");
	html_say(h, label);
	html(h, "<input name=\"words\" maxlength=\"130\" autocomplete=\"off\" ");
	if (required)
		html(h, "required");
	html(h, "></label>");
}

bool review_key(const struct RequestFields *f, struct ReviewKeyOf *ret)
{
	return fields_number(f, "plan", &ret->plan) == 0 && fields_number(f, "from", &ret->from) == 0;
}

int review_row(struct Page *p, struct ReviewKeyOf key, struct Cell row[static QUERY_CELLS_MOST])
{
	struct Ask ask = {.query = QUERY_REVIEWS, .n = REVIEWS_N_P};
	struct Answer answer;
	int r;

	ask.cells[REVIEWS_PLAN_P] = CELL_OF_NUMBER(key.plan);
	ask.cells[REVIEWS_FROM_DAY_P] = CELL_OF_NUMBER(key.from);
	r = page_ask(p, &ask, &answer);
	if (r)
		return r;
	return answer_next(&answer, row) ? 0 : QUERY_REFUSED;
}

/* ------------------------------------------------------------------ the table */

struct Rows hits_of(struct Page *p, int64_t from, int64_t until)
{
	struct Rows hits = page_rows(p, QUERY_HITS);

	hits.ask.cells[HITS_FROM_DAY_P] = CELL_OF_NUMBER(from);
	hits.ask.cells[HITS_UNTIL_DAY_P] = CELL_OF_NUMBER(until);
	return hits;
}

static void rule_link(struct Html *h, const struct Cell *row, const struct ReviewKeyOf *key)
{
	html(h, "<a href=\"/review/hit?id=");
	html_url(h, row[HITS_ID_C].text);
	html(h, "&amp;plan=");
	html_digits(h, key->plan);
	html(h, "&amp;from=");
	html_digits(h, key->from);
	html(h, "\">");
	show_rule(h, row[HITS_RULE_C].number);
	html(h, "</a>");
}

static void hit_line(struct Html *h, const struct Cell *row, const struct ReviewKeyOf *key)
{
	row_start(h, row[HITS_VERDICT_C].number);
	html(h, "<td class=\"when\">");
	show_moment(h, row[HITS_T_C].number);
	html(h, "</td><td>");
	if (key)
		rule_link(h, row, key);
	else
		show_rule(h, row[HITS_RULE_C].number);
	html(h, "</td>");
	cell_show(h, &row[HITS_ACTOR_C]);
	cell_show(h, &row[HITS_TERMINAL_C]);
	html(h, "<td>");
	show_hit_reason(h, row);
	html(h, "</td><td>");
	show_decision(h, row[HITS_DECISION_C].number);
	html(h, "</td>");
	cell_show(h, &row[HITS_WORDS_C]);
	cell_show(h, &row[HITS_BY_C]);
	html(h, "</tr>");
}

enum { HITS_SHOWN = 200 };

/* Behind the hit that the address names. */
static void hits_begin(const struct Page *p, struct Rows *hits)
{
	const struct RequestFields *query = &p->request->query;
	int64_t day;

	if (fields_number(query, "after_day", &day) < 0)
		return;
	hits->ask.cells[HITS_AFTER_DAY_P] = CELL_OF_NUMBER(day);
	hits->ask.cells[HITS_AFTER_ID_P] = CELL_OF_TEXT(fields_text(query, "after_id"));
}

static void hits_link(struct Html *h, const struct Cell *row, const struct ReviewKeyOf *key)
{
	html(h, "<p class=\"more\"><a href=\"");
	show_period_path(h, key->plan, key->from);
	html(h, "&amp;after_day=");
	html_digits(h, row[HITS_DAY_C].number);
	html(h, "&amp;after_id=");
	html_url(h, row[HITS_ID_C].text);
	link_line_end(h, N_("More"));
}

int hits_write(struct Page *p, int64_t from, int64_t until, const struct ReviewKeyOf *key)
{
	static const struct Table table = {N_("Hits"), N_("The rules found nothing in this period."),
	        {N_("Time"), N_("Viewpoint"), N_("Person"), N_("Terminal"), N_("Why"), N_("Decision"),
	                N_("Words"), N_("By")}};
	struct Rows hits = hits_of(p, from, until);
	struct Cell row[QUERY_CELLS_MOST];
	size_t n = 0;
	bool any;

	if (key)
		hits_begin(p, &hits);
	any = rows_next(&hits, row);
	if (hits.outcome)
		return hits.outcome;
	part_show(&p->html, N_("Hits"));
	if (!table_start(&p->html, &table, any))
		return 0;
	while (any && !p->html.failed) {
		hit_line(&p->html, row, key);
		if (key && ++n == HITS_SHOWN)
			break;
		any = rows_next(&hits, row);
	}
	table_end(&p->html);
	if (any)
		hits_link(&p->html, row, key);
	return hits.outcome;
}
