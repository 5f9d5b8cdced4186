/* SPDX-License-Identifier: Apache-2.0 */
#include "forms.h"

#include "str.h"
#include "words.h"

#include <time.h>

static void label_start(struct Html *h, const char *label, bool wide)
{
	if (wide)
		html(h, "<label class=\"two\">");
	else
		html(h, "<label>");
	html_say(h, label);
}

void input_show(struct Html *h, const struct Input *i)
{
	label_start(h, i->label, i->wide);
	html(h, "<input name=\"");
	html_text(h, i->name);
	html(h, "\" type=\"");
	html_text(h, i->type ? i->type : "text");
	html(h, "\" value=\"");
	html_text(h, i->value ? i->value : "");
	if (i->most) {
		html(h, "\" maxlength=\"");
		html_digits(h, (int64_t)i->most);
	}
	html(h, "\" autocomplete=\"off\" ");
	if (i->required)
		html(h, "required");
	html(h, "></label>");
}

void area_show(struct Html *h, const char *label, const char *name, bool required)
{
	html(h, "<label class=\"area\">");
	html_say(h, label);
	html(h, "<textarea rows=\"4\" maxlength=\"480\" name=\"");
	html_text(h, name);
	html(h, "\" ");
	if (required)
		html(h, "required");
	html(h, "></textarea></label>");
}

static void select_open(struct Html *h, const char *label, const char *name, bool wide)
{
	label_start(h, label, wide);
	html(h, "<select name=\"");
	html_text(h, name);
	html(h, "\">");
}

void select_start(struct Html *h, const char *label, const char *name)
{
	select_open(h, label, name, false);
}

void select_start_wide(struct Html *h, const char *label, const char *name)
{
	select_open(h, label, name, true);
}

void select_number(struct Html *h, int64_t value, const char *sentence)
{
	html(h, "<option value=\"");
	html_digits(h, value);
	html(h, "\">");
	html_say(h, sentence);
	html(h, "</option>");
}

void select_end(struct Html *h)
{
	html(h, "</select></label>");
}

int select_people(struct Page *p, const char *label, const char *name)
{
	struct Rows people = page_rows(p, QUERY_ACCOUNTS);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;

	select_start(h, label, name);
	while (!h->failed && rows_next(&people, row)) {
		if (row[ACCOUNTS_CLOSED_C].number || !(row[ACCOUNTS_ROLE_C].number & WHO_REVIEWS))
			continue;
		html(h, "<option value=\"");
		html_text(h, row[ACCOUNTS_LOGIN_C].text);
		html(h, "\">");
		html_text(h, row[ACCOUNTS_NAME_C].text);
		html(h, " (");
		html_text(h, row[ACCOUNTS_LOGIN_C].text);
		html(h, ")</option>");
	}
	select_end(h);
	return people.outcome;
}

void form_end(struct Html *h, const char *sentence)
{
	html(h, "<button>");
	html_say(h, sentence);
	html(h, "</button></form>");
}

int form_ask(struct Page *p, struct Ask *ask, const char *to)
{
	struct Answer answer;
	int r = page_ask(p, ask, &answer);

	if (r == 0)
		page_redirect(p, to);
	return r;
}

/* Two digits of a time. */
static int pair_read(const char *text, int most)
{
	int n;

	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return -EINVAL;
	n = (text[0] - '0') * 10 + text[1] - '0';
	return n <= most ? n : -EINVAL;
}

int moment_read(const char *text, int64_t *ret)
{
	static const char form[] = "2026-11-21T10:30";
	char day[16];
	struct Day d;
	struct tm tm;
	int hour, minute;

	if (strlen(text) != strlen(form) || text[10] != 'T' || text[13] != ':' ||
	        str_set_n(day, sizeof(day), text, 10) < 0 || day_read(day, &d) < 0)
		return -EINVAL;
	hour = pair_read(text + 11, 23);
	minute = pair_read(text + 14, 59);
	if (hour < 0 || minute < 0)
		return -EINVAL;
	tm = (struct tm){.tm_year = d.year - 1900,
	        .tm_mon = d.month - 1,
	        .tm_mday = d.day,
	        .tm_hour = hour,
	        .tm_min = minute,
	        .tm_isdst = -1};
	*ret = (int64_t)mktime(&tm) * 1000;
	return 0;
}

void moment_text(int64_t ms, char ret[static 24])
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm = {};

	localtime_r(&t, &tm);
	strftime(ret, 24, "%Y-%m-%dT%H:%M", &tm);
}

int month_read(const char *text, struct Day *ret)
{
	char day[32];

	snprintf(day, sizeof(day), "%.7s-01", text);
	return strlen(text) == strlen("2026-11") ? day_read(day, ret) : -EINVAL;
}
