/* SPDX-License-Identifier: Apache-2.0 */
/* One record: in words, as its line stands in the ledger, and its proof for others. */
#include "mediagate/ledger.h"
#include "pages.h"
#include "str.h"
#include "words.h"

#define VALUE_MOST 4097

static int record_ask(struct Page *p, enum Query query, struct Cell *row)
{
	struct Ask ask = {.query = query, .n = 1};
	struct Answer answer;
	int64_t id;
	int r;

	if (fields_number(&p->request->query, "id", &id))
		return QUERY_INVALID;
	ask.cells[RECORD_ID_P] = CELL_OF_NUMBER(id);
	r = page_ask(p, &ask, &answer);
	if (r)
		return r;
	return answer_next(&answer, row) ? 0 : QUERY_REFUSED;
}

/* A member's value: escapes taken out, whatever it holds shown. */
static void write_value(struct Html *h, struct LedgerSlice value, bool text)
{
	char plain[VALUE_MOST];

	if (!value.text)
		return;
	if (text && ledger_unescape(value, plain, sizeof(plain)) == 0)
		html_text(h, plain);
	else
		html_text_n(h, value.text, value.size);
}

static void write_pair(struct Html *h, const char *name, struct LedgerSlice value)
{
	if (!value.text || !value.size)
		return;
	html(h, "<dt>");
	html_say(h, name);
	html(h, "</dt><dd>");
	write_value(h, value, true);
	html(h, "</dd>");
}

static void write_detail(struct Html *h, const struct LedgerEntry *e)
{
	struct LedgerMember m;
	size_t at = 0;

	while (e->detail.text && ledger_member_next(e->detail, &at, &m)) {
		html(h, "<dt><code>");
		html_text_n(h, m.name.text, m.name.size);
		html(h, "</code></dt><dd>");
		write_value(h, m.value, m.type == LEDGER_TEXT);
		html(h, "</dd>");
	}
}

static void write_entry(struct Html *h, const struct LedgerEntry *e)
{
	char kind[64] = "", result[32] = "", reason[64] = "", medium[64] = "";

	(void)ledger_unescape(e->kind, kind, sizeof(kind));
	html(h, "<dl class=\"pairs\"><dt>");
	html_say(h, N_("Operation"));
	html(h, "</dt><dd>");
	show_kind(h, kind);
	html(h, "</dd>");
	if (e->result.text && ledger_unescape(e->result, result, sizeof(result)) == 0) {
		html(h, "<dt>");
		html_say(h, N_("Result"));
		html(h, "</dt><dd>");
		show_result(h, result);
		if (e->reason.text && ledger_unescape(e->reason, reason, sizeof(reason)) == 0) {
			if (e->medium.text)
				(void)ledger_unescape(e->medium, medium, sizeof(medium));
			html(h, " ");
			show_reason(h, reason, medium);
		}
		html(h, "</dd>");
	}
	write_pair(h, N_("Time"), e->t);
	write_pair(h, N_("Terminal"), e->terminal);
	write_pair(h, N_("Person"), e->actor);
	write_pair(h, N_("Role"), e->role);
	write_pair(h, N_("On behalf of"), e->deputy_for);
	write_pair(h, N_("Medium"), e->medium);
	write_pair(h, N_("Checkout"), e->checkout);
	write_pair(h, N_("Individual Numbers"), e->numbers);
	write_detail(h, e);
	html(h, "</dl>");
}

static void write_links(struct Html *h, int64_t id)
{
	html(h, "<p class=\"actions\"><a class=\"button\" href=\"/record/proof?id=");
	html_digits(h, id);
	html(h, "\">");
	html_say(h, N_("Proof of this record"));
	html(h, "</a> <a class=\"button quiet\" href=\"/record/line?id=");
	html_digits(h, id);
	html(h, "\">");
	html_say(h, N_("Line as a file"));
	html(h, "</a></p>");
}

static void write_verification(struct Html *h, const struct Cell *row)
{
	html(h, "<h2>");
	html_say(h, N_("Verification"));
	html(h, "</h2><dl class=\"pairs\"><dt>");
	html_say(h, N_("Ledger"));
	html(h, "</dt><dd>");
	html_text(h, row[RECORD_ORIGIN_C].text);
	html(h, " ");
	show_verdict(h, row[RECORD_VERDICT_C].number);
	html(h, "</dd><dt>");
	html_say(h, N_("Signed records"));
	html(h, "</dt><dd>");
	html_number(h, row[RECORD_SIZE_C].number);
	html(h, "</dd><dt>");
	html_say(h, N_("Root"));
	html(h, "</dt><dd><code>");
	html_text(h, row[RECORD_ROOT_C].text);
	html(h, "</code></dd><dt>");
	html_say(h, N_("Verifier key"));
	html(h, "</dt><dd><code>");
	html_text(h, row[RECORD_VKEY_C].text);
	html(h, "</code></dd></dl><p class=\"hint\">");
	html_say(h, N_("The proof opens anywhere, without this console: mediagate verify --proof FILE --key "
	               "KEY"));
	html(h, "</p>");
}

int record_show(struct Page *p)
{
	struct Cell row[QUERY_CELLS_MOST];
	struct Html *h = &p->html;
	struct LedgerEntry entry;
	const char *error;
	int64_t id;
	int r = record_ask(p, QUERY_RECORD, row);

	if (r)
		return r;
	id = row[RECORD_ID_C].number;
	html(h, "<h1>");
	html_say(h, N_("Record"));
	html(h, " ");
	html_digits(h, RECORD_NUMBER(id));
	html(h, " <small>");
	html_text(h, row[RECORD_ORIGIN_C].text);
	html(h, "</small></h1>");
	if (row[RECORD_VERDICT_C].number == VERDICT_VERIFIED)
		html(h, "<section>");
	else
		html(h, "<section class=\"unverified\">");
	html(h, "<p>");
	show_verdict(h, row[RECORD_VERDICT_C].number);
	html(h, "</p>");
	error = ledger_entry_read(row[RECORD_LINE_C].text, row[RECORD_LINE_C].size, &entry);
	if (error) {
		html(h, "<p class=\"said\">");
		html_say(h, error);
		html(h, "</p>");
	} else {
		write_entry(h, &entry);
	}
	html(h, "<h2>");
	html_say(h, N_("As it stands in the ledger"));
	html(h, "</h2><pre>");
	html_text(h, row[RECORD_LINE_C].text);
	html(h, "</pre>");
	if (!row[RECORD_HELD_C].number) {
		html(h, "<p class=\"said\">");
		html_say(h, N_("The console's copy of the ledger no longer holds this line."));
		html(h, "</p>");
	}
	html(h, "</section>");
	write_links(h, id);
	write_verification(h, row);
	return 0;
}

static int file_send(struct Page *p, const char *text, size_t size, const char *name)
{
	p->answer->body = strndup(text, size);
	if (!p->answer->body)
		return QUERY_FAILED;
	p->answer->size = size;
	p->answer->type = "text/plain; charset=utf-8";
	p->answer->fixed = NULL;
	p->bare = true;
	STR_CUT(p->answer->file_name, name);
	return 0;
}

int record_line_show(struct Page *p)
{
	struct Cell row[QUERY_CELLS_MOST];
	int r = record_ask(p, QUERY_RECORD, row);

	return r ? r : file_send(p, row[RECORD_LINE_C].text, row[RECORD_LINE_C].size, "record.jsonl");
}

int record_proof_show(struct Page *p)
{
	struct Cell row[QUERY_CELLS_MOST];
	int r = record_ask(p, QUERY_PROOF, row);

	return r ? r : file_send(p, row[PROOF_PROOF_C].text, row[PROOF_PROOF_C].size, "record.tlog-proof");
}
