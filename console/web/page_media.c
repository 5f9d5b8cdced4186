/* SPDX-License-Identifier: Apache-2.0 */
/* The media register: the cabinet's slots, where a gap is seen at a glance, and the list below it. */
#include "pages.h"
#include "str.h"
#include "words.h"

enum { PAGE_MEDIA = 200, GAP_SHOWN = 12 };

/* Its texts stand in the store's answer: a stranger's number may be longer than one of ours. */
struct Slot {
	const char *series, *number, *holder;
	int64_t slot; /* -1: its number has none */
	int64_t state, verdict;
};

static int slot_compare(const void *a, const void *b)
{
	const struct Slot *x = a, *y = b;
	int order = strcmp(x->series, y->series);

	if (order)
		return order;
	return (x->slot > y->slot) - (x->slot < y->slot);
}

/* The media that the address asks for; the list below the cabinet has the same. */
static int page_load(struct Page *p, struct Answer *ret)
{
	const char *after = fields_text(&p->request->query, "after_number");
	struct Ask ask = {.query = QUERY_MEDIA, .n = MEDIA_N_P, .limit = PAGE_MEDIA};

	if (*after)
		ask.cells[MEDIA_AFTER_NUMBER_P] = CELL_OF_TEXT(after);
	return page_ask(p, &ask, ret);
}

static size_t slots_read(struct Answer answer, struct Slot slots[static PAGE_MEDIA])
{
	struct Cell row[QUERY_CELLS_MOST];
	size_t n = 0;

	while (n < PAGE_MEDIA && answer_next(&answer, row)) {
		struct Slot *s = &slots[n++];

		s->series = row[MEDIA_SERIES_C].text;
		s->number = row[MEDIA_NUMBER_C].text;
		s->holder = row[MEDIA_HOLDER_C].text;
		s->slot = row[MEDIA_SLOT_C].type == CELL_NUMBER ? row[MEDIA_SLOT_C].number : -1;
		s->state = row[MEDIA_STATE_C].number;
		s->verdict = row[MEDIA_VERDICT_C].number;
	}
	qsort(slots, n, sizeof(*slots), slot_compare);
	return n;
}

static void write_slot(struct Html *h, const struct Slot *s)
{
	if (s->verdict != VERDICT_VERIFIED)
		html(h, "<li class=\"slot unverified\"><a href=\"#m-");
	else if (s->state == MEDIUM_IN)
		html(h, "<li class=\"slot in\"><a href=\"#m-");
	else if (s->state == MEDIUM_OUT)
		html(h, "<li class=\"slot out\"><a href=\"#m-");
	else
		html(h, "<li class=\"slot overdue\"><a href=\"#m-");
	html_url(h, s->number);
	html(h, "\"><b>");
	html_text(h, s->number);
	html(h, "</b>");
	show_medium_state(h, s->state);
	if (s->verdict != VERDICT_VERIFIED)
		show_verdict(h, s->verdict);
	html(h, "<small>");
	html_text(h, s->state == MEDIUM_IN ? "" : s->holder);
	html(h, "</small></a></li>");
}

/* The places between two numbers; many of them are one place with a sum. */
static void write_gap(struct Html *h, int64_t from, int64_t to)
{
	if (to - from > GAP_SHOWN) {
		html(h, "<li class=\"slot gap\"><b>");
		html_digits(h, from);
		html(h, "–");
		html_digits(h, to - 1);
		html(h, "</b><span>");
		html_say(h, N_("not registered"));
		html(h, "</span></li>");
		return;
	}
	for (; from < to; from++) {
		html(h, "<li class=\"slot gap\"><b>");
		html_digits(h, from);
		html(h, "</b><span>");
		html_say(h, N_("not registered"));
		html(h, "</span></li>");
	}
}

/* `more`: behind other media; what is before the first slot is not empty then. */
static void write_cabinet(struct Html *h, const struct Slot *slots, size_t n, bool more)
{
	const char *series = NULL;
	int64_t next = 1;

	for (size_t i = 0; i < n; i++) {
		if (!series || !str_eq(series, slots[i].series)) {
			if (series)
				html(h, "</ol>");
			series = slots[i].series;
			next = i || !more ? 1 : MAX(slots[i].slot, 1);
			html(h, "<h3>");
			html_text(h, series);
			html(h, "</h3><ol class=\"cabinet\">");
		}
		if (slots[i].slot >= next) {
			write_gap(h, next, slots[i].slot);
			next = slots[i].slot + 1;
		}
		write_slot(h, &slots[i]);
	}
	if (series)
		html(h, "</ol>");
}

static const struct Table table = {N_("Media register"), N_("No medium has been registered yet."),
        {N_("Number"), N_("State"), N_("Holder"), N_("Due back"), N_("Supervisor"), N_("Device"),
                OF_NUMBERS N_("Size"), N_("Registered"), N_("at terminal"), N_("Record")}};

static void medium_row(struct Html *h, const struct Cell *row)
{
	row_start(h, row[MEDIA_VERDICT_C].number);
	html(h, "<th scope=\"row\" id=\"m-");
	html_text(h, row[MEDIA_NUMBER_C].text);
	html(h, "\"><a href=\"/history?medium=");
	html_url(h, row[MEDIA_NUMBER_C].text);
	html(h, "\">");
	html_text(h, row[MEDIA_NUMBER_C].text);
	html(h, "</a></th><td>");
	show_medium_state(h, row[MEDIA_STATE_C].number);
	html(h, "</td>");
	cell_show(h, &row[MEDIA_HOLDER_C]);
	cell_show_moment(h, &row[MEDIA_UNTIL_C]);
	cell_show(h, &row[MEDIA_SUPERVISOR_C]);
	cell_show_device(h, &row[MEDIA_VENDOR_C], &row[MEDIA_PRODUCT_C]);
	cell_show_bytes(h, &row[MEDIA_SIZE_C]);
	cell_show_moment(h, &row[MEDIA_REGISTERED_C]);
	cell_show(h, &row[MEDIA_TERMINAL_C]);
	row_end_verdict(h, &row[MEDIA_VERDICT_C], row[MEDIA_RECORD_C].number);
}

static void list_write(struct Html *h, struct Answer answer)
{
	struct Cell row[QUERY_CELLS_MOST] = {};

	part_show(h, N_("List"));
	table_start(h, &table, true);
	while (answer_next(&answer, row))
		medium_row(h, row);
	table_end(h);
	if (answer.more) {
		html(h, "<p class=\"more\"><a href=\"/media?after_number=");
		html_url(h, row[MEDIA_NUMBER_C].text);
		link_line_end(h, N_("More"));
	}
}

int media_show(struct Page *p)
{
	_cleanup_free_ struct Slot *slots = calloc(PAGE_MEDIA, sizeof(*slots));
	struct Html *h = &p->html;
	struct Answer answer;
	size_t n;
	int r = slots ? page_load(p, &answer) : QUERY_FAILED;

	if (r)
		return r;
	title_show(h, N_("Media register"));
	n = slots_read(answer, slots);
	if (!n) {
		table_start(h, &table, false);
		return 0;
	}
	part_show(h, N_("The cabinet"));
	write_cabinet(h, slots, n, *fields_text(&p->request->query, "after_number"));
	list_write(h, answer);
	return 0;
}
