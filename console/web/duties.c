/* SPDX-License-Identifier: Apache-2.0 */
#include "duties.h"

#include "hits.h"
#include "words.h"

const char *duty_kind_sentence(int64_t kind)
{
#define KIND_ROW(name, number, word, sentence) [number] = sentence,
	static const char *const sentences[] = {DUTY_KINDS(KIND_ROW)};

	return kind > 0 && kind < _DUTY_KIND_END ? sentences[kind] : "";
}

void show_duty_state(struct Html *h, int64_t state)
{
#define STATE_ROW(name, word, sentence) sentence,
	static const char *const sentences[] = {DUTY_STATES(STATE_ROW)};
	static const struct Mark looks[] = {
	        [DUTY_STATE_COMING] = {"○", "", MARK_PLAIN},
	        [DUTY_STATE_DUE] = {"◆", "", MARK_WARN},
	        [DUTY_STATE_OVERDUE] = {"▲", "", MARK_BAD},
	        [DUTY_STATE_DONE] = {"✓", "", MARK_GOOD},
	};

	show_state(h, looks, sentences, _DUTY_STATE_N, state);
}

void show_duty_link(struct Html *h, const struct Cell *row, int64_t now)
{
	/* of a review that has not begun there is no page yet */
	if (!row[CALENDAR_DUTY_C].number && row[CALENDAR_FROM_DAY_C].number > day_number(day_local(now))) {
		html_text(h, row[CALENDAR_WHAT_C].text);
		return;
	}
	html(h, "<a href=\"");
	if (row[CALENDAR_DUTY_C].number) {
		html(h, "/calendar/duty?duty=");
		html_digits(h, row[CALENDAR_DUTY_C].number);
		html(h, "&amp;from=");
		html_digits(h, row[CALENDAR_FROM_DAY_C].number);
	} else {
		show_period_path(h, row[CALENDAR_PLAN_C].number, row[CALENDAR_FROM_DAY_C].number);
	}
	html(h, "\">");
	html_text(h, row[CALENDAR_WHAT_C].text);
	html(h, "</a>");
}
