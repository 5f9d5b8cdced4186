/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 廃棄・削除証明書 of one medium. How and when it was deleted or destroyed is no act of this program and
 * stands in no ledger: what the ledgers say of the medium is printed, the rest is written and signed by two
 * people.
 */
#include "document.h"
#include "handling.h"
#include "mediagate/ledger.h"
#include "pages.h"
#include "str.h"
#include "words.h"

/* What all loans of a medium come to; the newest first. */
struct Past {
	int64_t loans, copies, numbers, last, verdict;
	bool out;
	char found[4097]; /* the line of the last return */
};

static int past_read(struct Page *p, const char *medium, struct Past *ret)
{
	struct Rows rows = page_rows(p, QUERY_HANDLINGS);
	struct Cell row[QUERY_CELLS_MOST];

	*ret = (struct Past){};
	rows.ask.cells[HANDLINGS_MEDIUM_P] = CELL_OF_TEXT(medium);
	for (; rows_next(&rows, row); ret->loans++) {
		bool back = row[HANDLINGS_RETURNED_C].type == CELL_NUMBER;

		ret->copies += row[HANDLINGS_COPIES_C].number;
		ret->numbers += row[HANDLINGS_NUMBERS_C].number;
		ret->verdict = MAX(ret->verdict, row[HANDLINGS_VERDICT_C].number);
		ret->out |= !back;
		if (!back || row[HANDLINGS_RETURNED_C].number <= ret->last)
			continue;
		ret->last = row[HANDLINGS_RETURNED_C].number;
		STR_CUT(ret->found, row[HANDLINGS_RETURN_LINE_C].text);
	}
	return rows.outcome;
}

/* Whether a file system was made when it was registered last: what had been on it is not reached any more. */
static int prepared_read(struct Page *p, int64_t record, bool *ret)
{
	struct Ask ask = {.query = QUERY_RECORD, .n = RECORD_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct LedgerSlice made;
	struct LedgerEntry e;
	struct Answer answer;
	int r;

	ask.cells[RECORD_ID_P] = CELL_OF_NUMBER(record);
	r = page_ask(p, &ask, &answer);
	*ret = false;
	if (r || !answer_next(&answer, row))
		return r == QUERY_REFUSED ? 0 : r;
	if (!ledger_entry_read(row[RECORD_LINE_C].text, row[RECORD_LINE_C].size, &e))
		*ret = ledger_detail(&e, "file_system", &made) == 0 && made.size;
	return 0;
}

static void pair_number(struct Html *h, const char *name, int64_t n)
{
	pair_start(h, name);
	html_number(h, n);
	pair_end(h);
}

static void pair_moment(struct Html *h, const char *name, int64_t ms)
{
	pair_start(h, name);
	show_moment(h, ms);
	pair_end(h);
}

struct Medium {
	char number[257], supervisor[257], device[64]; /* as long as a stranger may write them */
	int64_t registered, record, verdict, state;
};

/* 0, QUERY_REFUSED: there is none. */
static int medium_read(struct Page *p, const char *number, struct Medium *ret)
{
	struct Ask ask = {.query = QUERY_MEDIA, .n = MEDIA_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	int r;

	ask.cells[MEDIA_NUMBER_P] = CELL_OF_TEXT(number);
	r = page_ask(p, &ask, &answer);
	while (!r && answer_next(&answer, row)) {
		if (!str_eq(row[MEDIA_NUMBER_C].text, number))
			continue;
		*ret = (struct Medium){.registered = row[MEDIA_REGISTERED_C].number,
		        .record = row[MEDIA_RECORD_C].number,
		        .verdict = row[MEDIA_VERDICT_C].number,
		        .state = row[MEDIA_STATE_C].number};
		STR_CUT(ret->number, row[MEDIA_NUMBER_C].text);
		STR_CUT(ret->supervisor, row[MEDIA_SUPERVISOR_C].text);
		snprintf(ret->device, sizeof(ret->device), "%.16s:%.16s", row[MEDIA_VENDOR_C].text,
		        row[MEDIA_PRODUCT_C].text);
		return 0;
	}
	return r ? r : QUERY_REFUSED;
}

static void facts_write(struct Html *h, const struct Medium *m, const struct Past *past, bool prepared)
{
	const struct Cell found = cell_text(past->found);

	part_show(h, N_("What the ledgers say"));
	html(h, "<dl class=\"pairs\">");
	pair_text(h, N_("Number"), m->number);
	pair_code(h, N_("Device"), m->device);
	pair_text(h, N_("Supervisor"), m->supervisor);
	pair_moment(h, N_("Registered"), m->registered);
	if (prepared) {
		pair_start(h, N_("When it was registered"));
		html_say(h,
		        N_("a new file system was made: what had been on it before is not on it as files."));
		pair_end(h);
	}
	pair_number(h, N_("Times it was lent"), past->loans);
	pair_number(h, N_("Encrypted copies made on it"), past->copies);
	pair_number(h, N_("Individual Numbers in them"), past->numbers);
	if (past->last) {
		pair_start(h, N_("Returned last, and what was on it"));
		show_moment(h, past->last);
		handling_found(h, &found);
		pair_end(h);
	}
	pair_start(h, N_("Verification"));
	show_verdict(h, MAX(m->verdict, past->verdict));
	pair_end(h);
	html(h, "</dl>");
}

static void blank_row(struct Html *h, const char *name, const char *hint)
{
	html(h, "<tr><th scope=\"row\">");
	html_say(h, name);
	html(h, "</th><td class=\"blank\">");
	if (hint)
		html_say(h, hint);
	html(h, "</td></tr>");
}

/* As the form of S2's appendix 4 has it. */
static void statement_write(struct Html *h)
{
	static const char *const seals[] = {
	        N_("Done by (name, seal)"), N_("Confirmed by a responsible person (name, seal)"), NULL};

	part_show(h, N_("Statement"));
	html(h, "<table class=\"form\"><tbody>");
	blank_row(h, N_("What was done (mark one)"), N_("disposal / deletion"));
	blank_row(h, N_("Method of disposal or deletion"), NULL);
	blank_row(h, N_("Date"), NULL);
	blank_row(h, N_("Remarks (of a contractor: a copy of their certificate is attached)"), NULL);
	html(h, "</tbody></table><p>");
	html_say(h, N_("We certify that the specific personal information on this medium was disposed of or "
	               "deleted as stated above, so that it cannot be restored."));
	html(h, "</p>");
	document_seals(h, seals);
	html(h, "<p class=\"hint\">");
	html_say(h, N_("Method and date are stated by the undersigned: the ledgers record no act of deletion "
	               "or destruction. Two different people sign."));
	html(h, "</p>");
}

static int certificate_write(struct Page *p, const char *number)
{
	static struct Past past; /* its line is long */
	struct Medium medium;
	bool prepared;
	int r = medium_read(p, number, &medium);

	if (r == 0)
		r = past_read(p, number, &past);
	if (r == 0)
		r = prepared_read(p, medium.record, &prepared);
	if (r)
		return r;
	if (past.out || medium.state != MEDIUM_IN) {
		title_show(&p->html, N_("Certificate of disposal or deletion"));
		said_show(&p->html,
		        N_("This medium is lent out: nothing can be certified about it before it is back."));
		return 0;
	}
	document_start(p, N_("Certificate of disposal or deletion"));
	facts_write(&p->html, &medium, &past, prepared);
	statement_write(&p->html);
	return document_end(p);
}

static int choice_write(struct Page *p)
{
	static const struct Table table = {N_("Media in the cabinet"), NULL,
	        {N_("Number"), N_("Supervisor"), N_("Registered"), N_("Verification")}};
	struct Rows media = page_rows(p, QUERY_MEDIA);
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;

	media.ask.cells[MEDIA_STATE_P] = CELL_OF_NUMBER(MEDIUM_IN);
	title_show(h, N_("Certificate of disposal or deletion"));
	html(h, "<p>");
	html_say(h, N_("Please choose the medium. Only media that are back in the cabinet are listed."));
	html(h, "</p>");
	table_start(h, &table, true);
	while (!h->failed && rows_next(&media, row)) {
		row_start(h, row[MEDIA_VERDICT_C].number);
		html(h, "<th scope=\"row\"><a href=\"/report/disposal?medium=");
		html_url(h, row[MEDIA_NUMBER_C].text);
		html(h, "\">");
		html_text(h, row[MEDIA_NUMBER_C].text);
		html(h, "</a></th>");
		cell_show(h, &row[MEDIA_SUPERVISOR_C]);
		cell_show_moment(h, &row[MEDIA_REGISTERED_C]);
		html(h, "<td>");
		show_verdict(h, row[MEDIA_VERDICT_C].number);
		html(h, "</td></tr>");
	}
	table_end(h);
	return media.outcome;
}

int report_disposal_show(struct Page *p)
{
	const char *number = fields_text(&p->request->query, "medium");

	return *number ? certificate_write(p, number) : choice_write(p);
}
