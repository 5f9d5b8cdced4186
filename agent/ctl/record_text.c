/* SPDX-License-Identifier: Apache-2.0 */
#include "record_text.h"

#include "clock.h"
#include "hex.h"
#include "record_detail.h"
#include "say.h"
#include "show.h"
#include "str.h"

/* One particular of a record: the key in `detail`, how it reads (%s: the value), and what the value is. */
enum PartForm {
	PART_TEXT,
	PART_TIME,
	PART_BYTES,
	PART_HEX,   /* bytes of a device's text */
	PART_COUNT, /* left out when 0 */
	PART_FLAG,  /* left out when false */
	PART_PERSON,
	PART_PURPOSE,
	PART_GROUND,
};
struct PartRow {
	enum RecordKey key;
	enum PartForm form;
	const char *words;
};

static const struct PartRow parts[] = {
        {KEY_NAME, PART_TEXT, N_("\"%s\"")},
        {KEY_NAME_HASH, PART_TEXT, N_("name as a hash %s")},
        {KEY_DEVICE, PART_TEXT, N_("device %s")},
        {KEY_INTERFACE, PART_TEXT, N_("interface %s")},
        {KEY_SERIAL, PART_HEX, N_("serial number %s")},
        {KEY_FILE_SYSTEM, PART_TEXT, N_("erased and prepared as %s")},
        {KEY_CLERK, PART_PERSON, N_("to %s")},
        {KEY_PURPOSE, PART_PURPOSE, N_("purpose %s")},
        {KEY_GROUND, PART_GROUND, N_("ground %s")},
        {KEY_DESTINATION, PART_TEXT, N_("destination %s")},
        {KEY_UNTIL, PART_TIME, N_("until %s")},
        {KEY_TERMINALS, PART_TEXT, N_("terminals %s")},
        {KEY_CARRY_OUT, PART_FLAG, N_("carried out")},
        {KEY_DEMANDS_ENCRYPTION, PART_FLAG, N_("copies to be encrypted")},
        {KEY_DEMANDS_SECRET, PART_FLAG, N_("by password or key")},
        {KEY_LOCKED_CARRIER, PART_FLAG, N_("in a locked carrier")},
        {KEY_COPY, PART_TEXT, N_("copy %s")},
        {KEY_RECIPIENT, PART_TEXT, N_("for recipient %s")},
        {KEY_FILES, PART_COUNT, N_("files: %s")},
        {KEY_BYTES, PART_BYTES, "%s"},
        {KEY_SIZE, PART_BYTES, "%s"},
        {KEY_KNOWN, PART_COUNT, N_("copies found whole: %s")},
        {KEY_FOREIGN, PART_COUNT, N_("not written by mediagate: %s")},
        {KEY_DAMAGED, PART_COUNT, N_("damaged: %s")},
        {KEY_MISSING, PART_COUNT, N_("copies not there any more: %s")},
        {KEY_VERB, PART_TEXT, N_("request %s")},
        {KEY_PROCESS, PART_TEXT, N_("part %s")},
        {KEY_DRIVER, PART_TEXT, N_("driver %s")},
        {KEY_COUNT, PART_COUNT, N_("times: %s")},
        {KEY_BEFORE, PART_TIME, N_("last record of %s")},
        {KEY_ZONE_BEFORE, PART_TEXT, N_("time zone from %s")},
        {KEY_ZONE, PART_TEXT, N_("to %s")},
        {KEY_FIRST, PART_TEXT, N_("from record %s")},
        {KEY_LAST, PART_TEXT, N_("to record %s")},
        {KEY_VERSION, PART_TEXT, N_("version %s")},
        {KEY_SUBJECT, PART_TEXT, N_("about %s")},
        {KEY_MODE, PART_TEXT, N_("mode %s")},
        {KEY_OBSERVED, PART_FLAG, N_("OBSERVE MODE: not enforced")},
};

char *record_text_member(struct LedgerSlice member)
{
	_cleanup_free_ char *plain = NULL;

	if (!member.text)
		return say_escape("");
	plain = malloc(member.size + 1);
	if (!plain)
		abort();
	if (ledger_unescape(member, plain, member.size + 1) < 0)
		return say_escape_n(member.text, member.size);
	return say_escape(plain);
}

static char *hex_text(struct LedgerSlice s)
{
	_cleanup_free_ uint8_t *bytes = malloc(s.size / 2 + 1);

	if (!bytes)
		abort();
	if (s.size % 2 || hex_decode(s.text, s.size, bytes, s.size / 2) < 0)
		return say_escape_n(s.text, s.size);
	return say_escape_n(bytes, s.size / 2);
}

static char *name_text(const struct Names *names, enum NameKind kind, struct LedgerSlice s)
{
	_cleanup_free_ char *code = record_text_member(s);

	return names_text(names, kind, code);
}

char *record_text_actor(const struct LedgerEntry *e, const struct Names *names)
{
	return name_text(names, NAME_PERSON, e->actor);
}

/* The value in words; NULL: not worth a word. */
static char *part_value(const struct PartRow *row, const struct Names *names, struct LedgerSlice s)
{
	uint64_t number;
	int64_t ms;

	switch (row->form) {
	case PART_HEX:
		return s.size ? hex_text(s) : NULL;
	case PART_FLAG:
		return s.size == 4 && !memcmp(s.text, "true", 4) ? say_escape("") : NULL;
	case PART_TIME:
		if (clock_parse(s.text, s.size, &ms) == 0)
			return show_time(ms, false);
		break;
	case PART_BYTES:
		if (ledger_number(s, &number) == 0)
			return show_bytes(number);
		break;
	case PART_COUNT:
		if (ledger_number(s, &number) == 0 && !number)
			return NULL;
		break;
	case PART_PERSON:
		return name_text(names, NAME_PERSON, s);
	case PART_PURPOSE:
		return name_text(names, NAME_PURPOSE, s);
	case PART_GROUND:
		return name_text(names, NAME_GROUND, s);
	case PART_TEXT:
		break;
	}
	return record_text_member(s);
}

struct Parts {
	FILE *out;
	const struct Names *names;
	bool begun;
};

static void part_add(struct Parts *into, const struct PartRow *row, struct LedgerSlice s)
{
	_cleanup_free_ char *value = part_value(row, into->names, s), *text = NULL;

	if (!value)
		return;
	text = say_fill(_(row->words), value);
	fprintf(into->out, "%s%s", into->begun ? ", " : ": ", text);
	into->begun = true;
}

/* What a `size` is where a ledger's origin stands beside it. */
static const struct PartRow ledger_size = {KEY_SIZE, PART_COUNT, N_("records: %s")};

/* A text that is not UTF-8 stands in the line as <key>_hex. */
static int part_find(
        const struct LedgerEntry *e, const struct PartRow *row, struct PartRow *ret, struct LedgerSlice *s)
{
	char key[64];

	*ret = row->key == KEY_SIZE && !ledger_detail(e, record_key_word(KEY_ORIGIN), s) ? ledger_size : *row;
	if (ledger_detail(e, record_key_word(row->key), s) == 0)
		return 0;
	if (record_key_type(row->key) != TYPE_TEXT)
		return -ENOENT;
	snprintf(key, sizeof(key), "%s_hex", record_key_word(row->key));
	ret->form = PART_HEX;
	return ledger_detail(e, key, s);
}

char *record_text_act(const struct LedgerEntry *e, const struct Names *names)
{
	int kind = record_kind_from_word(e->kind.text, e->kind.size);
	_cleanup_free_ char *word = record_text_member(e->kind), *medium = record_text_member(e->medium);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct Parts all = {.out = out, .names = names};

	if (!out)
		abort();
	fputs(kind < 0 ? word : _(record_kind_people((enum RecordKind)kind)), out);
	if (*medium)
		fprintf(out, " %s", medium);
	for (size_t i = 0; e->detail.text && i < ARRAY_SIZE(parts); i++) {
		struct LedgerSlice s;
		struct PartRow row;

		if (parts[i].key == KEY_SUBJECT && e->reason.text)
			continue; /* stands in the reason's sentence */
		if (part_find(e, &parts[i], &row, &s) == 0)
			part_add(&all, &row, s);
	}
	fclose(out);
	return text;
}

char *record_text_result(const struct LedgerEntry *e, const struct Names *names)
{
	static const struct {
		const char *word, *people;
	} words[] = {
	        {"intent", N_("begun")},
	        {"done", N_("done")},
	        {"refused", N_("refused")},
	        {"failed", N_("failed")},
	};
	_cleanup_free_ char *result = record_text_member(e->result), *reason = record_text_member(e->reason);
	_cleanup_free_ char *subject = NULL, *sentence = NULL;
	const char *people = result;
	struct LedgerSlice s = {};
	char *text;
	int fault;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(result, words[i].word))
			people = _(words[i].people);
	/* nobody shall take it for one that was enforced */
	if (str_eq(result, "refused") && ledger_detail(e, "observed", &s) == 0)
		people = _("refused and LET IN, observe mode");
	s = (struct LedgerSlice){};
	if (!*reason)
		return say_escape(people);
	fault = fault_from_code(reason);
	if (ledger_detail(e, "subject", &s) < 0)
		s = e->medium;
	if (!s.text && ledger_detail(e, "device", &s) < 0)
		subject = record_text_actor(e, names);
	else
		subject = record_text_member(s);
	sentence = fault < 0 ? say_escape(reason) : say_fill(_(fault_row(fault)->sentence), subject);
	if (asprintf(&text, "%s: %s", people, sentence) < 0)
		abort();
	return text;
}

char *record_text_time(const struct LedgerEntry *e, int64_t *ret_ms)
{
	int64_t ms;

	if (clock_parse(e->t.text, e->t.size, &ms) < 0) {
		*ret_ms = 0;
		return record_text_member(e->t);
	}
	*ret_ms = ms;
	return show_time(ms, true);
}
