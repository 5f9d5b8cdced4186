/* SPDX-License-Identifier: Apache-2.0 */
#include "record_row.h"

void record_row(struct Html *h, const struct Cell *row)
{
	row_start(h, row[HISTORY_VERDICT_C].number);
	html(h, "<td class=\"when\"><a href=\"/record?id=");
	html_digits(h, row[HISTORY_ID_C].number);
	html(h, "\">");
	show_moment_exact(h, row[HISTORY_T_C].number);
	html(h, "</a></td>");
	cell_show(h, &row[HISTORY_TERMINAL_C]);
	cell_show(h, &row[HISTORY_ACTOR_C]);
	html(h, "<td>");
	show_kind(h, row[HISTORY_KIND_C].text);
	html(h, "</td>");
	cell_show(h, &row[HISTORY_MEDIUM_C]);
	html(h, "<td>");
	show_result(h, row[HISTORY_RESULT_C].text);
	if (row[HISTORY_REASON_C].size) {
		html(h, " <small>");
		show_reason(h, row[HISTORY_REASON_C].text,
		        row[HISTORY_MEDIUM_C].size ? row[HISTORY_MEDIUM_C].text : row[HISTORY_ACTOR_C].text);
		html(h, "</small>");
	}
	html(h, "</td>");
	cell_show_number(h, &row[HISTORY_NUMBERS_C]);
	row_end_verdict(h, &row[HISTORY_VERDICT_C], 0);
}
