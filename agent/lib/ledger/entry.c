/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of records.jsonl. Strict: first keys in their order, integers only, no space outside strings,
 * no name twice or with an escape, valid UTF-8 and escapes, nothing behind the closing brace. A general
 * JSON reader would let more pass than docs/ledger.md allows, and take several times as long.
 */
#include "entry.h"

#include "clock.h"
#include "scan.h"

#define LINE_MOST 4096

typedef uint8_t Sixteen __attribute__((vector_size(16)));

/* ------------------------------------------------------------------ parts of JSON */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \uXXXX at p; -1: it is none. */
static int unit(const char *p, const char *end)
{
	int value = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int d = hex_digit(p[i]);

		if (d < 0)
			return -1;
		value = value << 4 | d;
	}
	return value;
}

/* No NUL, no half of a surrogate pair: texts that every reader can hold. */
static const char *escape(struct Scan *s, const char *p)
{
	int c, low;

	if (s->end - p < 2)
		return scan_fail(s, LEDGER_E_ESCAPE);
	if (p[1] != 'u')
		return memchr("\"\\/bfnrt", p[1], 8) ? p + 2 : scan_fail(s, LEDGER_E_ESCAPE);
	c = unit(p, s->end);
	if (c <= 0 || (c >= 0xdc00 && c < 0xe000))
		return scan_fail(s, LEDGER_E_ESCAPE);
	p += 6;
	if (c < 0xd800 || c >= 0xe000)
		return p;
	low = unit(p, s->end);
	return low >= 0xdc00 && low < 0xe000 ? p + 6 : scan_fail(s, LEDGER_E_ESCAPE);
}

const char *scan_string_on(struct Scan *s, const char *start, const char *p, struct LedgerSlice *ret)
{
	for (p = scan_skip(s, p); p < s->end && *p == '\\'; p = scan_skip(s, p)) {
		s->escapes++;
		p = escape(s, p);
		if (!p)
			return NULL;
	}
	if (p >= s->end || *p != '"')
		return scan_fail(s, LEDGER_E_SYNTAX);
	*ret = (struct LedgerSlice){start, (size_t)(p - start)};
	return p + 1;
}

static bool same(struct LedgerSlice a, struct LedgerSlice b)
{
	return a.size == b.size && !memcmp(a.text, b.text, a.size);
}

/* A name, from its quote to its colon. `first`: where the names of its object begin. `seen` has a bit for
   each of them: only where two fall on one bit are they compared. */
static inline const char *object_name(struct Scan *s, const char *p, size_t first, uint64_t *seen)
{
	/* read where it is kept: a copy of two halves that were just written waits for both */
	struct LedgerSlice *name = &s->names[s->n_names];
	unsigned int escapes = s->escapes;
	uint64_t bit;

	if (!SCAN_TAKE(s, p, "\""))
		return scan_fail(s, LEDGER_E_SYNTAX);
	p = scan_string(s, p, name);
	if (!p)
		return NULL;
	if (s->escapes != escapes)
		return scan_fail(s, LEDGER_E_ESCAPE);
	if (!SCAN_TAKE(s, p, ":"))
		return scan_fail(s, LEDGER_E_SYNTAX);
	bit = name->size;
	if (name->size)
		bit = bit * 5 + (uint8_t)name->text[0] + 11u * (uint8_t)name->text[name->size - 1];
	bit = UINT64_C(1) << (bit & 63);
	if (*seen & bit)
		for (size_t i = first; i < s->n_names; i++)
			if (same(s->names[i], *name))
				return scan_fail(s, LEDGER_E_TWICE);
	*seen |= bit;
	if (s->members++ == SCAN_MEMBERS)
		return scan_fail(s, LEDGER_E_DEPTH);
	s->n_names++;
	return p;
}

static const char *object(struct Scan *s, const char *p, unsigned int depth, struct LedgerSlice *ret)
{
	const char *start = p;
	struct LedgerSlice unused;
	size_t first = s->n_names;
	uint64_t seen = 0;

	if (!depth)
		return scan_fail(s, LEDGER_E_DEPTH);
	if (!SCAN_TAKE(s, p, "{"))
		return scan_fail(s, LEDGER_E_SYNTAX);
	if (!SCAN_TAKE(s, p, "}")) {
		do {
			p = object_name(s, p, first, &seen);
			/* most values are texts: one call less */
			if (p && SCAN_TAKE(s, p, "\""))
				p = scan_string(s, p, &unused);
			else if (p)
				p = scan_value(s, p, depth - 1, &unused);
			if (!p)
				return NULL;
		} while (SCAN_TAKE(s, p, ","));
		if (!SCAN_TAKE(s, p, "}"))
			return scan_fail(s, LEDGER_E_SYNTAX);
	}
	s->n_names = first;
	*ret = (struct LedgerSlice){start, (size_t)(p - start)};
	return p;
}

static const char *array(struct Scan *s, const char *p, unsigned int depth, struct LedgerSlice *ret)
{
	const char *start = p++;
	struct LedgerSlice unused;

	if (!depth)
		return scan_fail(s, LEDGER_E_DEPTH);
	if (!SCAN_TAKE(s, p, "]")) {
		do {
			p = scan_value(s, p, depth - 1, &unused);
			if (!p)
				return NULL;
		} while (SCAN_TAKE(s, p, ","));
		if (!SCAN_TAKE(s, p, "]"))
			return scan_fail(s, LEDGER_E_SYNTAX);
	}
	*ret = (struct LedgerSlice){start, (size_t)(p - start)};
	return p;
}

const char *scan_value(struct Scan *s, const char *p, unsigned int depth, struct LedgerSlice *ret)
{
	const char *start = p;
	uint64_t unused;

	if (p < s->end && (uint8_t)(*p - '0') <= 9)
		return scan_integer(s, p, ret, &unused);
	if (SCAN_TAKE(s, p, "\""))
		return scan_string(s, p, ret);
	if (p < s->end && *p == '{')
		return object(s, p, depth, ret);
	if (p < s->end && *p == '[')
		return array(s, p, depth, ret);
	if (SCAN_TAKE(s, p, "true") || SCAN_TAKE(s, p, "false") || SCAN_TAKE(s, p, "null")) {
		*ret = (struct LedgerSlice){start, (size_t)(p - start)};
		return p;
	}
	return scan_integer(s, p, ret, &unused);
}

/* ------------------------------------------------------------------ UTF-8 */

/* Length of the character at p, which is above 0x7f; 0: it is none (RFC 3629). */
static size_t utf8_character(const uint8_t *p, size_t n)
{
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	if (p[0] < 0xe0)
		return n >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
	if (p[0] < 0xf0) {
		if (n < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80)
			return 0;
		return (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0) ? 0 : 3;
	}
	if (n < 4 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80 || (p[3] & 0xc0) != 0x80)
		return 0;
	return (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] >= 0x90) ? 0 : 4;
}

static bool utf8(const char *text, size_t n)
{
	const uint8_t *p = (const uint8_t *)text, *end = p + n;

	while (p < end) {
		uint64_t eight;
		size_t k;

		if (end - p >= 8) {
			memcpy(&eight, p, 8);
			if (!(eight & UINT64_C(0x8080808080808080))) {
				p += 8;
				continue;
			}
		}
		if (*p < 0x80) {
			p++;
			continue;
		}
		k = utf8_character(p, (size_t)(end - p));
		if (!k)
			return false;
		p += k;
	}
	return true;
}

/* Most lines have no byte above 0x7f: looked for 16 at a time. */
static bool is_high(const char *text, size_t n)
{
	Sixteen v, all = {0};
	uint64_t halves[2];

	if (n < sizeof(v))
		return true;
	for (size_t at = 0; at + sizeof(v) < n; at += sizeof(v)) {
		memcpy(&v, text + at, sizeof(v));
		all |= v;
	}
	memcpy(&v, text + n - sizeof(v), sizeof(v));
	all |= v;
	memcpy(halves, &all, sizeof(halves));
	return ((halves[0] | halves[1]) & UINT64_C(0x8080808080808080)) != 0;
}

/* ------------------------------------------------------------------ the first keys */

static bool is_result(struct LedgerSlice s)
{
	switch (s.size) {
	case 4:
		return !memcmp(s.text, "done", 4);
	case 6:
		return !memcmp(s.text, "intent", 6) || !memcmp(s.text, "failed", 6);
	case 7:
		return !memcmp(s.text, "refused", 7);
	default:
		return false;
	}
}

/* n, t, kind and terminal: always there. */
static inline const char *head(struct Scan *s, const char *p, struct LedgerEntry *e)
{
	struct LedgerSlice n;

	if (!SCAN_TAKE(s, p, "{\"n\":"))
		return scan_fail(s, LEDGER_E_KEYS);
	p = scan_integer(s, p, &n, &e->n);
	if (!p)
		return NULL;
	if (n.text[0] == '-')
		return scan_fail(s, LEDGER_E_NUMBER);
	if (!SCAN_TAKE(s, p, ",\"t\":\""))
		return scan_fail(s, LEDGER_E_KEYS);
	if (s->end - p < CLOCK_SIZE || !clock_is_exact(p))
		return scan_fail(s, LEDGER_E_TIME);
	e->t = (struct LedgerSlice){p, CLOCK_SIZE};
	p += CLOCK_SIZE;
	if (!SCAN_TAKE(s, p, "\",\"kind\":\""))
		return scan_fail(s, LEDGER_E_KEYS);
	p = scan_string(s, p, &e->kind);
	if (!p)
		return NULL;
	if (!e->kind.size || !SCAN_TAKE(s, p, ",\"terminal\":\""))
		return scan_fail(s, LEDGER_E_KEYS);
	p = scan_string(s, p, &e->terminal);
	if (!p)
		return NULL;
	return e->terminal.size && !s->escapes ? p : scan_fail(s, LEDGER_E_KEYS);
}

/* Those that may be missing, in the order in which they stand. */
static inline const char *rest(struct Scan *s, const char *p, struct LedgerEntry *e)
{
#define TEXT_MEMBER(key, slot)                    \
	if (SCAN_TAKE(s, p, ",\"" key "\":\"")) { \
		p = scan_string(s, p, &e->slot);  \
		if (!p)                           \
			return NULL;              \
	} else                                    \
		e->slot = (struct LedgerSlice){};
	TEXT_MEMBER("actor", actor)
	TEXT_MEMBER("role", role)
	TEXT_MEMBER("for", deputy_for)
	TEXT_MEMBER("medium", medium)
	TEXT_MEMBER("checkout", checkout)
	TEXT_MEMBER("result", result)
	TEXT_MEMBER("reason", reason)
#undef TEXT_MEMBER
	if (e->result.text && !is_result(e->result))
		return scan_fail(s, LEDGER_E_RESULT);
	if (SCAN_TAKE(s, p, ",\"numbers\":")) {
		uint64_t unused;

		p = scan_integer(s, p, &e->numbers, &unused);
		if (!p)
			return NULL;
		if (e->numbers.text[0] == '-')
			return scan_fail(s, LEDGER_E_NUMBER);
	} else
		e->numbers = (struct LedgerSlice){};
	e->detail = (struct LedgerSlice){};
	return SCAN_TAKE(s, p, ",\"detail\":") ? object(s, p, SCAN_DEPTH, &e->detail) : p;
}

static enum LedgerError line_read(
        const char *line, size_t size, const char *readable, struct LedgerEntry *ret)
{
	SCAN_BARE struct Scan s;
	const char *p;

	if (size > LINE_MOST)
		return LEDGER_E_TOO_LONG;
	scan_start(&s, line + size, readable);
	p = head(&s, line, ret);
	if (p)
		p = rest(&s, p, ret);
	if (!p)
		return s.error;
	if (!SCAN_TAKE(&s, p, "}"))
		return p < s.end && *p == ',' ? LEDGER_E_KEYS : LEDGER_E_SYNTAX;
	if (p != s.end)
		return LEDGER_E_SYNTAX;
	return is_high(line, size) && !utf8(line, size) ? LEDGER_E_UTF8 : LEDGER_E_NONE;
}

enum LedgerError entry_read(const char *line, size_t size, const char *readable, struct LedgerEntry *ret)
{
	enum LedgerError error = line_read(line, size, readable, ret);

	/* what a good line does not have is set where it is missed: that is quicker */
	if (error != LEDGER_E_NONE)
		memset(ret, 0, sizeof(*ret));
	ret->line.text = line;
	ret->line.size = size;
	return error;
}

static const char *const sentences[] = {
#define SENTENCE(name, sentence) [LEDGER_E_##name] = (sentence),
        LEDGER_ERRORS(SENTENCE)
#undef SENTENCE
};
static_assert(ARRAY_SIZE(sentences) == _LEDGER_E_N, "a sentence for each error");

const char *ledger_error_sentence(enum LedgerError error)
{
	return sentences[error];
}

const char *ledger_entry_read(const char *line, size_t size, struct LedgerEntry *ret)
{
	enum LedgerError error = entry_read(line, size, line + size, ret);

	return error == LEDGER_E_NONE ? NULL : ledger_error_sentence(error);
}
