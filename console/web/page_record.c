/* SPDX-License-Identifier: Apache-2.0 */
/* One record: in words, as its line stands in the ledger, and its proof for others. */
#include "clock.h"
#include "incidents.h"
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
	pair_start(h, name);
	write_value(h, value, true);
	pair_end(h);
}

/* What a key of the detail is called, and how its value is read. Keys without a row stand as they are. */
enum DetailForm { DETAIL_TEXT, DETAIL_NUMBER, DETAIL_BYTES, DETAIL_TIME, DETAIL_FLAG };
static const struct DetailRow {
	const char *key, *name;
	enum DetailForm form;
} details[] = {
        {"device", N_("Device"), DETAIL_TEXT},
        {"vendor", N_("Vendor id"), DETAIL_TEXT},
        {"product", N_("Product id"), DETAIL_TEXT},
        {"serial", N_("Serial number (hex)"), DETAIL_TEXT},
        {"size", N_("Size"), DETAIL_BYTES},
        {"file_system", N_("File system"), DETAIL_TEXT},
        {"supervisor", N_("Supervisor"), DETAIL_TEXT},
        {"clerk", N_("Holder"), DETAIL_TEXT},
        {"purpose", N_("Purpose"), DETAIL_TEXT},
        {"ground", N_("Legal ground"), DETAIL_TEXT},
        {"destination", N_("Destination"), DETAIL_TEXT},
        {"from", N_("Valid from"), DETAIL_TIME},
        {"until", N_("Due back"), DETAIL_TIME},
        {"terminals", N_("Terminals"), DETAIL_TEXT},
        {"carry_out", N_("Carried out of the office"), DETAIL_FLAG},
        {"encryption", N_("Encrypted"), DETAIL_FLAG},
        {"password", N_("Password set"), DETAIL_FLAG},
        {"locked_carrier", N_("Carried in a locked case"), DETAIL_FLAG},
        {"demands_encryption", N_("Copies must be encrypted"), DETAIL_FLAG},
        {"demands_password_or_key", N_("Copies must have a password or key"), DETAIL_FLAG},
        {"copy", N_("Copy"), DETAIL_TEXT},
        {"recipient", N_("Recipient"), DETAIL_TEXT},
        {"certificate", N_("Recipient's certificate (SHA-256)"), DETAIL_TEXT},
        {"name", N_("File"), DETAIL_TEXT},
        {"name_hex", N_("File (hex)"), DETAIL_TEXT},
        {"name_hash", N_("File (hash of its name)"), DETAIL_TEXT},
        {"name_salt", N_("Salt of that hash"), DETAIL_TEXT},
        {"sha256", N_("SHA-256"), DETAIL_TEXT},
        {"parts", N_("Parts"), DETAIL_NUMBER},
        {"files", N_("Files"), DETAIL_NUMBER},
        {"bytes", N_("Amount of data"), DETAIL_BYTES},
        {"known", N_("Copies found whole"), DETAIL_NUMBER},
        {"foreign", N_("Files not written by mediagate"), DETAIL_NUMBER},
        {"damaged", N_("Damaged files"), DETAIL_NUMBER},
        {"missing", N_("Copies not there any more"), DETAIL_NUMBER},
        {"intent", N_("Belongs to record"), DETAIL_NUMBER},
        {"count", N_("Times"), DETAIL_NUMBER},
        {"first", N_("First record"), DETAIL_NUMBER},
        {"last", N_("Last record"), DETAIL_NUMBER},
        {"verb", N_("Request"), DETAIL_TEXT},
        {"process", N_("Part of the agent"), DETAIL_TEXT},
        {"version", N_("Version"), DETAIL_TEXT},
        {"before", N_("Time before"), DETAIL_TIME},
        {"vkey", N_("Verifier key"), DETAIL_TEXT},
        {"subject", N_("About"), DETAIL_TEXT},
        {"origin", N_("Ledger"), DETAIL_TEXT},
        {"root", N_("Root"), DETAIL_TEXT},
};

static const struct DetailRow *detail_find(struct LedgerSlice key)
{
	for (size_t i = 0; i < ARRAY_SIZE(details); i++)
		if (strlen(details[i].key) == key.size && !memcmp(details[i].key, key.text, key.size))
			return &details[i];
	return NULL;
}

/* True when it was written in its form; a value of another type stands as it is. */
static bool write_form(struct Html *h, enum DetailForm form, const struct LedgerMember *m)
{
	uint64_t number;
	int64_t ms;

	switch (form) {
	case DETAIL_NUMBER:
	case DETAIL_BYTES:
		if (m->type != LEDGER_NUMBER || ledger_number(m->value, &number) || number > INT64_MAX)
			return false;
		if (form == DETAIL_BYTES)
			show_bytes(h, (int64_t)number);
		else
			html_number(h, (int64_t)number);
		return true;
	case DETAIL_TIME:
		if (clock_parse(m->value.text, m->value.size, &ms))
			return false;
		show_moment(h, ms);
		return true;
	case DETAIL_FLAG:
		if (m->type != LEDGER_WORD)
			return false;
		html_say(h, m->value.size == 4 && !memcmp(m->value.text, "true", 4) ? N_("yes") : N_("no"));
		return true;
	case DETAIL_TEXT:
		break;
	}
	return false;
}

static void write_detail(struct Html *h, const struct LedgerEntry *e)
{
	struct LedgerMember m;
	size_t at = 0;

	while (e->detail.text && ledger_member_next(e->detail, &at, &m)) {
		const struct DetailRow *row = detail_find(m.name);

		html(h, "<dt>");
		if (row)
			html_say(h, row->name);
		else
			html_text_n(h, m.name.text, m.name.size);
		html(h, "</dt><dd>");
		if (!row || !write_form(h, row->form, &m))
			write_value(h, m.value, m.type == LEDGER_TEXT);
		pair_end(h);
	}
}

/* A verdict alone: observe mode let the medium in. */
static bool is_observed(const struct LedgerEntry *e)
{
	struct LedgerSlice flag;

	return ledger_detail(e, "observed", &flag) == 0 && flag.size == 4 && !memcmp(flag.text, "true", 4);
}

static void write_entry(struct Html *h, const struct LedgerEntry *e)
{
	char kind[64] = "", result[32] = "", reason[64] = "", subject[600] = "";
	struct LedgerSlice about = e->medium;
	int64_t ms;

	(void)ledger_unescape(e->kind, kind, sizeof(kind));
	html(h, "<dl class=\"pairs\">");
	pair_start(h, N_("Operation"));
	show_kind(h, kind);
	pair_end(h);
	if (e->result.text && ledger_unescape(e->result, result, sizeof(result)) == 0) {
		pair_start(h, N_("Result"));
		show_result(h, str_eq(result, "refused") && is_observed(e) ? "observed" : result);
		if (e->reason.text && ledger_unescape(e->reason, reason, sizeof(reason)) == 0) {
			if (ledger_detail(e, "subject", &about) < 0 && !about.text &&
			        ledger_detail(e, "device", &about) < 0)
				about = e->actor;
			if (about.text)
				(void)ledger_unescape(about, subject, sizeof(subject));
			html(h, " ");
			show_reason(h, reason, subject);
		}
		pair_end(h);
	}
	if (e->t.text && clock_parse(e->t.text, e->t.size, &ms) == 0) {
		pair_start(h, N_("Time"));
		show_moment_exact(h, ms);
		pair_end(h);
	}
	write_pair(h, N_("Terminal"), e->terminal);
	write_pair(h, N_("Person"), e->actor);
	if (e->role.text && ledger_unescape(e->role, kind, sizeof(kind)) == 0 && *kind) {
		pair_start(h, N_("Role"));
		show_role_word(h, kind);
		pair_end(h);
	}
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
	link_line_end(h, N_("Line as a file"));
}

static void write_verification(struct Html *h, const struct Cell *row)
{
	part_show(h, N_("Verification"));
	html(h, "<dl class=\"pairs\">");
	pair_start(h, N_("Ledger"));
	html_text(h, row[RECORD_ORIGIN_C].text);
	html(h, " ");
	show_verdict(h, row[RECORD_VERDICT_C].number);
	pair_end(h);
	pair_start(h, N_("Signed records"));
	html_number(h, row[RECORD_SIZE_C].number);
	pair_end(h);
	pair_code(h, N_("Root"), row[RECORD_ROOT_C].text);
	pair_code(h, N_("Verifier key"), row[RECORD_VKEY_C].text);
	html(h, "</dl><p class=\"hint\">");
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
	part_show(h, N_("As it stands in the ledger"));
	html(h, "<pre>");
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
	return incidents_select(p, id);
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
