/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include "fault.h"
#include "record_detail.h"
#include "settings.h"
#include "str.h"

#include <time.h>

struct Day day_local(int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm = {};

	localtime_r(&seconds, &tm);
	return (struct Day){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
}

int64_t day_start(struct Day d)
{
	struct tm tm = {.tm_year = d.year - 1900, .tm_mon = d.month - 1, .tm_mday = d.day, .tm_isdst = -1};

	return (int64_t)mktime(&tm) * 1000;
}

int day_read(const char *text, struct Day *ret)
{
	static const char form[] = "0000-00-00";
	struct Day d;

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return -EINVAL;
	d = (struct Day){atoi(text), atoi(text + 5), atoi(text + 8)};
	if (d.year < 1970 || !day_is_valid(d))
		return -EINVAL;
	*ret = d;
	return 0;
}

void day_text(struct Day d, char ret[static 16])
{
	snprintf(ret, 16, "%04u-%02u-%02u", (unsigned int)d.year % 10000, (unsigned int)d.month % 100,
	        (unsigned int)d.day % 100);
}

static void show_time(struct Html *h, int64_t ms, bool seconds)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm = {};
	char text[40];

	localtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z", &tm);
	html(h, "<time datetime=\"");
	html_text(h, text);
	html(h, "\">");
	text[10] = ' ';
	text[seconds ? 19 : 16] = '\0';
	html_text(h, text);
	html(h, "</time>");
}

void show_moment(struct Html *h, int64_t ms)
{
	show_time(h, ms, false);
}

void show_moment_exact(struct Html *h, int64_t ms)
{
	show_time(h, ms, true);
}

void show_day(struct Html *h, struct Day d)
{
	static const char *const names[] = {
	        N_("Sun"), N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat")};
	char text[16];

	day_text(d, text);
	html_text(h, text);
	html(h, " (");
	html_say(h, names[day_weekday(d)]);
	html(h, ")");
}

void show_day_form(struct Html *h, struct Day d)
{
	int era = day_reiwa(d);
	char text[48];

	if (h->language != LANGUAGE_JAPANESE || !era) {
		show_day(h, d);
		return;
	}
	snprintf(text, sizeof(text), "令和%d年%d月%d日", era, d.month, d.day);
	html_text(h, era == 1 ? "令和元年" : text);
	if (era == 1)
		html_text(h, strstr(text, "年") + strlen("年"));
}

void show_fiscal_year(struct Html *h, int year)
{
	int era = day_reiwa((struct Day){year, 5, 1});
	char text[48];

	if (h->language == LANGUAGE_JAPANESE && era > 1)
		snprintf(text, sizeof(text), "令和%d年度", era);
	else
		snprintf(text, sizeof(text), h->language == LANGUAGE_JAPANESE ? "%d年度" : "%d/04–03", year);
	html_text(h, text);
}

static const struct {
	uint32_t role;
	const char *word, *name;
} roles[] = {
        {ROLE_CHIEF, "chief", N_("chief")},
        {ROLE_SUPERVISOR, "supervisor", N_("supervisor")},
        {ROLE_AUDITOR, "auditor", N_("auditor")},
        {ROLE_CLERK, "clerk", N_("clerk")},
        {ROLE_ADMINISTRATOR, "administrator", N_("administrator")},
};

uint32_t role_from_word(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (str_eq(roles[i].word, word))
			return roles[i].role;
	return 0;
}

const char *role_word(uint32_t role)
{
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (roles[i].role == role)
			return roles[i].word;
	return "";
}

void show_role(struct Html *h, uint32_t role)
{
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (roles[i].role & role)
			html_say(h, roles[i].name);
}

void show_role_word(struct Html *h, const char *word)
{
	uint32_t role = role_from_word(word);

	if (role)
		show_role(h, role);
	else
		html_text(h, word);
}

void show_kind(struct Html *h, const char *word)
{
	int kind = record_kind_from_word(word, strlen(word));

	if (kind < 0)
		html_text(h, word);
	else
		html_say(h, record_kind_people((enum RecordKind)kind));
}

void show_mark(struct Html *h, const struct Mark *m)
{
	switch (m->tone) {
	case MARK_GOOD:
		html(h, "<span class=\"mark good\"><span aria-hidden=\"true\">");
		break;
	case MARK_PLAIN:
		html(h, "<span class=\"mark plain\"><span aria-hidden=\"true\">");
		break;
	case MARK_WARN:
		html(h, "<span class=\"mark warn\"><span aria-hidden=\"true\">");
		break;
	case MARK_BAD:
		html(h, "<span class=\"mark bad\"><span aria-hidden=\"true\">");
		break;
	}
	html_text(h, m->shape);
	html(h, "</span>&nbsp;");
	html_say(h, m->sentence);
	html(h, "</span>");
}

void show_result(struct Html *h, const char *word)
{
	static const struct {
		const char *word;
		struct Mark mark;
	} rows[] = {
	        {"intent", {"…", N_("begun"), MARK_PLAIN}},
	        {"done", {"✓", N_("done"), MARK_PLAIN}},
	        {"refused", {"■", N_("refused"), MARK_WARN}},
	        {"observed", {"□", N_("refused and LET IN, observe mode"), MARK_BAD}},
	        {"failed", {"✕", N_("failed"), MARK_WARN}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(rows[i].word, word)) {
			show_mark(h, &rows[i].mark);
			return;
		}
	html_text(h, word);
}

void show_reason(struct Html *h, const char *code, const char *subject)
{
	int fault = *code ? fault_from_code(code) : -ENOENT;

	if (fault < 0)
		html_text(h, code);
	else
		html_fill1(h, fault_row(fault)->sentence, *subject ? subject : "–");
}

void show_verdict(struct Html *h, int64_t verdict)
{
	bool bad = verdict_is_alarm(verdict) || !*verdict_word(verdict);
	struct Mark m = {bad ? "▲" : "✓", verdict_sentence(verdict), bad ? MARK_BAD : MARK_GOOD};

	if (!*m.sentence)
		m.sentence = N_("not verified");
	show_mark(h, &m);
}

void show_state(struct Html *h, const struct Mark *looks, const char *const *sentences, int n, int64_t state)
{
	struct Mark m;

	if (state < 0 || state >= n)
		return;
	m = looks[state];
	m.sentence = sentences[state];
	show_mark(h, &m);
}

#define STATE_SENTENCE(name, word, sentence) sentence,
static const char *const medium_sentences[] = {MEDIUM_STATES(STATE_SENTENCE)};
static const char *const checkout_sentences[] = {CHECKOUT_STATES(STATE_SENTENCE)};

void show_medium_state(struct Html *h, int64_t state)
{
	static const struct Mark looks[] = {
	        [MEDIUM_IN] = {"●", "", MARK_GOOD},
	        [MEDIUM_OUT] = {"○", "", MARK_PLAIN},
	        [MEDIUM_OVERDUE] = {"▲", "", MARK_BAD},
	};

	show_state(h, looks, medium_sentences, _MEDIUM_N, state);
}

void show_checkout_state(struct Html *h, int64_t state)
{
	static const struct Mark looks[] = {
	        [CHECKOUT_STATE_OUT] = {"○", "", MARK_PLAIN},
	        [CHECKOUT_STATE_DUE] = {"◆", "", MARK_WARN},
	        [CHECKOUT_STATE_OVERDUE] = {"▲", "", MARK_BAD},
	        [CHECKOUT_STATE_RETURNED] = {"✓", "", MARK_GOOD},
	};

	show_state(h, looks, checkout_sentences, _CHECKOUT_STATE_N, state);
}

void show_bytes(struct Html *h, int64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	double value = (double)bytes;
	char text[32];
	size_t unit = 0;

	for (; value >= 1000 && unit + 1 < ARRAY_SIZE(units); unit++)
		value /= 1000;
	snprintf(text, sizeof(text), unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
	html_text(h, text);
}

void row_start(struct Html *h, int64_t verdict)
{
	if (verdict == VERDICT_VERIFIED)
		html(h, "<tr>");
	else
		html(h, "<tr class=\"unverified\">");
}

void cell_show(struct Html *h, const struct Cell *c)
{
	/* a short name is not broken at its hyphen; anything longer may be, so that no table is wider than
	 * its page */
	if (c->size <= 16 && !strchr(c->text, ' '))
		html(h, "<td class=\"id\">");
	else
		html(h, "<td>");
	html_text_soft(h, c->text);
	html(h, "</td>");
}

void cell_show_moment(struct Html *h, const struct Cell *c)
{
	html(h, "<td class=\"when\">");
	if (c->type == CELL_NUMBER && c->number)
		show_moment(h, c->number);
	html(h, "</td>");
}

void cell_show_number(struct Html *h, const struct Cell *c)
{
	html(h, "<td class=\"number\">");
	if (c->type == CELL_NUMBER)
		html_number(h, c->number);
	html(h, "</td>");
}

void cell_show_bytes(struct Html *h, const struct Cell *c)
{
	html(h, "<td class=\"number\">");
	if (c->type == CELL_NUMBER)
		show_bytes(h, c->number);
	html(h, "</td>");
}

void cell_show_device(struct Html *h, const struct Cell *vendor, const struct Cell *product)
{
	html(h, "<td><code>");
	html_text(h, vendor->text);
	html(h, ":");
	html_text(h, product->text);
	html(h, "</code></td>");
}

void row_end_verdict(struct Html *h, const struct Cell *verdict, int64_t record)
{
	html(h, "<td>");
	if (record) {
		html(h, "<a href=\"/record?id=");
		html_digits(h, record);
		html(h, "\">");
	}
	show_verdict(h, verdict->number);
	if (record)
		html(h, "</a>");
	html(h, "</td></tr>");
}

bool table_start(struct Html *h, const struct Table *t, bool any)
{
	if (!any && t->none) {
		html(h, "<p class=\"none\">");
		html_say(h, t->none);
		html(h, "</p>");
		return false;
	}
	html(h, "<table><caption class=\"aside\">");
	html_say(h, t->caption);
	html(h, "</caption><thead><tr>");
	for (const char *const *heading = t->headings; *heading; heading++) {
		bool numbers = **heading == *OF_NUMBERS;

		if (numbers)
			html(h, "<th scope=\"col\" class=\"number\">");
		else
			html(h, "<th scope=\"col\">");
		html_say(h, *heading + numbers);
		html(h, "</th>");
	}
	html(h, "</tr></thead><tbody>");
	return true;
}

void table_end(struct Html *h)
{
	html(h, "</tbody></table>");
}

void said_show(struct Html *h, const char *sentence)
{
	html(h, "<p class=\"said\" role=\"alert\">");
	html_say(h, sentence);
	html(h, "</p>");
}

void title_show(struct Html *h, const char *sentence)
{
	html(h, "<h1>");
	html_say(h, sentence);
	html(h, "</h1>");
}

void part_show(struct Html *h, const char *sentence)
{
	html(h, "<h2>");
	html_say(h, sentence);
	html(h, "</h2>");
}

void link_line_end(struct Html *h, const char *sentence)
{
	html(h, "\">");
	html_say(h, sentence);
	html(h, "</a></p>");
}

void pair_start(struct Html *h, const char *name)
{
	html(h, "<dt>");
	html_say(h, name);
	html(h, "</dt><dd>");
}

void pair_end(struct Html *h)
{
	html(h, "</dd>");
}

void pair_code(struct Html *h, const char *name, const char *value)
{
	pair_start(h, name);
	html(h, "<code>");
	html_text(h, value);
	html(h, "</code>");
	pair_end(h);
}

void pair_text(struct Html *h, const char *name, const char *value)
{
	pair_start(h, name);
	html_text(h, value);
	pair_end(h);
}
