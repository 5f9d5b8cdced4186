/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reader of the ledger's own lines: one pass, no copies. A general JSON reader would accept
 * more than docs/ledger.md allows and take several times as long.
 */
#include "mediagate/ledger.h"

#include "limits.h"
#include "std.h"
#include "str.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define DEPTH 4 /* of detail */

struct Scan {
	const char *at, *end;
	bool plain; /* no byte above 0x7f so far */
	const char *error;
};

static bool fail(struct Scan *s, const char *error)
{
	if (!s->error)
		s->error = error;
	return false;
}

/* Past bytes that need no look: printable ASCII but quote and backslash. */
static const char *skip_plain(const char *p, const char *end)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);

	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* signed: bytes from 0x80 on are below the space, too */
		__m128i odd = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)),
			_mm_cmplt_epi8(v, space));
		int mask = _mm_movemask_epi8(odd);

		if (mask)
			return p + __builtin_ctz((unsigned int)mask);
	}
#endif
	while (p < end && *p != '"' && *p != '\\' && (signed char)*p >= 0x20)
		p++;
	return p;
}

static bool escape(struct Scan *s)
{
	if (s->end - s->at < 2)
		return fail(s, "an escape is cut");
	if (s->at[1] != 'u') {
		if (!memchr("\"\\/bfnrt", s->at[1], 8))
			return fail(s, "an unknown escape");
		s->at += 2;
		return true;
	}
	if (s->end - s->at < 6)
		return fail(s, "an escape is cut");
	for (int i = 2; i < 6; i++)
		if (!memchr("0123456789abcdefABCDEF", s->at[i], 22))
			return fail(s, "an escape is not hexadecimal");
	s->at += 6;
	return true;
}

static bool string(struct Scan *s, struct LedgerSlice *ret)
{
	const char *start;

	if (s->at == s->end || *s->at != '"')
		return fail(s, "a string is missing");
	start = ++s->at;
	for (;;) {
		s->at = skip_plain(s->at, s->end);
		if (s->at == s->end)
			return fail(s, "a string does not end");
		if (*s->at == '"')
			break;
		if (*s->at == '\\') {
			if (!escape(s))
				return false;
		} else if ((uint8_t)*s->at < 0x20)
			return fail(s, "a control character in a string");
		else {
			s->plain = false;
			s->at++;
		}
	}
	*ret = (struct LedgerSlice){start, (size_t)(s->at - start)};
	s->at++;
	return true;
}

static bool integer(struct Scan *s, struct LedgerSlice *ret)
{
	const char *start = s->at;

	if (s->at < s->end && *s->at == '-')
		s->at++;
	if (s->at == s->end || *s->at < '0' || *s->at > '9')
		return fail(s, "a number is missing");
	if (*s->at == '0' && s->at + 1 < s->end && s->at[1] >= '0' && s->at[1] <= '9')
		return fail(s, "a number begins with 0");
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	*ret = (struct LedgerSlice){start, (size_t)(s->at - start)};
	return true;
}

static bool byte(struct Scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return fail(s, "not the JSON this ledger writes");
	s->at++;
	return true;
}

static bool word(struct Scan *s, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(s->end - s->at) < n || memcmp(s->at, text, n))
		return fail(s, "an unknown value");
	s->at += n;
	return true;
}

static bool value(struct Scan *s, unsigned int depth);

#define KEYS_MOST 64

static bool object(struct Scan *s, unsigned int depth)
{
	struct LedgerSlice keys[KEYS_MOST];
	size_t n = 0;

	if (!byte(s, '{'))
		return false;
	if (s->at < s->end && *s->at == '}')
		return byte(s, '}');
	for (;; n++) {
		if (n == KEYS_MOST)
			return fail(s, "too many members");
		if (!string(s, &keys[n]))
			return false;
		for (size_t i = 0; i < n; i++)
			if (keys[i].size == keys[n].size && !memcmp(keys[i].text, keys[n].text, keys[n].size))
				return fail(s, "a member is there twice");
		if (!byte(s, ':') || !value(s, depth))
			return false;
		if (s->at == s->end || *s->at != ',')
			return byte(s, '}');
		s->at++;
	}
}

static bool array(struct Scan *s, unsigned int depth)
{
	if (!byte(s, '['))
		return false;
	if (s->at < s->end && *s->at == ']')
		return byte(s, ']');
	for (;;) {
		if (!value(s, depth))
			return false;
		if (s->at == s->end || *s->at != ',')
			return byte(s, ']');
		s->at++;
	}
}

static bool value(struct Scan *s, unsigned int depth)
{
	struct LedgerSlice unused;

	if (depth == 0)
		return fail(s, "nested too deeply");
	switch (s->at < s->end ? *s->at : 0) {
	case '"':
		return string(s, &unused);
	case '{':
		return object(s, depth - 1);
	case '[':
		return array(s, depth - 1);
	case 't':
		return word(s, "true");
	case 'f':
		return word(s, "false");
	default:
		return integer(s, &unused);
	}
}

enum MemberType { MEMBER_STRING, MEMBER_NUMBER, MEMBER_OBJECT };

struct MemberRow {
	const char *key; /* with quotes and colon, as it stands in the line */
	size_t size, offset;
	enum MemberType type;
	bool required;
};

#define MEMBER(key, member, type, required) \
	{"\"" key "\":", sizeof(key) + 2, offsetof(struct LedgerEntry, member), type, required}

/* In the order in which they must stand. */
static const struct MemberRow members[] = {
	MEMBER("t", t, MEMBER_STRING, true),
	MEMBER("kind", kind, MEMBER_STRING, true),
	MEMBER("terminal", terminal, MEMBER_STRING, true),
	MEMBER("actor", actor, MEMBER_STRING, false),
	MEMBER("role", role, MEMBER_STRING, false),
	MEMBER("for", deputy_for, MEMBER_STRING, false),
	MEMBER("medium", medium, MEMBER_STRING, false),
	MEMBER("checkout", checkout, MEMBER_STRING, false),
	MEMBER("result", result, MEMBER_STRING, false),
	MEMBER("reason", reason, MEMBER_STRING, false),
	MEMBER("numbers", numbers, MEMBER_NUMBER, false),
	MEMBER("detail", detail, MEMBER_OBJECT, false),
};

static bool member(struct Scan *s, const struct MemberRow *row, struct LedgerEntry *ret)
{
	struct LedgerSlice *slot = (struct LedgerSlice *)(void *)((char *)ret + row->offset);
	const char *start;

	if ((size_t)(s->end - s->at) <= row->size || *s->at != ',' || memcmp(s->at + 1, row->key, row->size))
		return !row->required || fail(s, "a member is missing or out of order");
	s->at += 1 + row->size;
	start = s->at;
	switch (row->type) {
	case MEMBER_STRING:
		return string(s, slot);
	case MEMBER_NUMBER:
		return integer(s, slot) && (slot->text[0] != '-' || fail(s, "a count is negative"));
	case MEMBER_OBJECT:
		if (!object(s, DEPTH))
			return false;
		*slot = (struct LedgerSlice){start, (size_t)(s->at - start)};
		return true;
	}
	return false;
}

/* dddd-dd-ddTdd:dd:dd.ddd+dd:dd */
static bool time_form(struct LedgerSlice t)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddsdd:dd";

	if (t.size != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < t.size; i++) {
		bool digit = t.text[i] >= '0' && t.text[i] <= '9';

		if (form[i] == 'd' ? !digit : form[i] == 's' ? t.text[i] != '+' && t.text[i] != '-' : t.text[i] != form[i])
			return false;
	}
	return true;
}

const char *ledger_entry_read(const char *line, size_t size, struct LedgerEntry *ret)
{
	struct Scan s = {line, line + size, true, NULL};
	struct LedgerSlice n;

	memset(ret, 0, sizeof(*ret));
	if (size > LIMIT_LINE)
		return "the line is too long";
	if (size < 5 || memcmp(line, "{\"n\":", 5))
		return "the line does not begin with its number";
	s.at += 5;
	if (!integer(&s, &n) || ledger_number(n, &ret->n) < 0)
		return s.error ? s.error : "the line's number is out of range";
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (!member(&s, &members[i], ret))
			return s.error;
	if (!byte(&s, '}') || s.at != s.end)
		return s.error ? s.error : "something follows the record";
	if (!s.plain && !str_is_utf8(line, size))
		return "the line is not UTF-8";
	if (!time_form(ret->t))
		return "the time is not in the ledger's form";
	ret->line = (struct LedgerSlice){line, size};
	return NULL;
}

int ledger_number(struct LedgerSlice text, uint64_t *ret)
{
	uint64_t v = 0;

	if (!text.size)
		return -EINVAL;
	for (size_t i = 0; i < text.size; i++) {
		unsigned int d = (unsigned int)(text.text[i] - '0');

		if (d > 9 || __builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, d, &v))
			return -EINVAL;
	}
	*ret = v;
	return 0;
}

int ledger_detail(const struct LedgerEntry *e, const char *key, struct LedgerSlice *ret)
{
	struct Scan s = {e->detail.text, e->detail.text + e->detail.size, true, NULL};
	size_t n = strlen(key);

	if (!e->detail.text || e->detail.size <= 2)
		return -ENOENT;
	for (s.at++; s.at < s.end;) {
		struct LedgerSlice name, text = {};
		const char *start;

		if (!string(&s, &name) || !byte(&s, ':'))
			return -ENOENT;
		start = s.at;
		if (*s.at == '"' ? !string(&s, &text) : !value(&s, DEPTH))
			return -ENOENT;
		if (name.size == n && !memcmp(name.text, key, n)) {
			*ret = text.text ? text : (struct LedgerSlice){start, (size_t)(s.at - start)};
			return 0;
		}
		s.at++; /* the comma or the brace */
	}
	return -ENOENT;
}

static uint32_t hex4(const char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		v = v << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return v;
}

static size_t put_utf8(uint32_t c, char *ret)
{
	if (c < 0x80) {
		ret[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		ret[0] = (char)(0xc0 | c >> 6);
		ret[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		ret[0] = (char)(0xe0 | c >> 12);
		ret[1] = (char)(0x80 | (c >> 6 & 0x3f));
		ret[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	ret[0] = (char)(0xf0 | c >> 18);
	ret[1] = (char)(0x80 | (c >> 12 & 0x3f));
	ret[2] = (char)(0x80 | (c >> 6 & 0x3f));
	ret[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* One escape at p (a backslash); its length, the character in *ret. */
static size_t unescape_one(const char *p, const char *end, uint32_t *ret)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	uint32_t c;

	if (end - p >= 6 && p[1] == 'u') {
		c = hex4(p + 2);
		if (c >= 0xd800 && c < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
			uint32_t low = hex4(p + 8);

			if (low >= 0xdc00 && low < 0xe000) {
				*ret = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				return 12;
			}
		}
		*ret = c >= 0xd800 && c < 0xe000 ? 0xfffd : c;
		return 6;
	}
	at = end - p >= 2 ? memchr(from, p[1], sizeof(from) - 1) : NULL;
	*ret = at ? (uint32_t)to[at - from] : '\\';
	return at ? 2 : 1;
}

int ledger_unescape(struct LedgerSlice text, char *ret, size_t size)
{
	const char *end = text.text + text.size;
	size_t at = 0;

	for (const char *p = text.text; p < end;) {
		char piece[4] = {*p};
		size_t n = 1;

		if (*p == '\\') {
			uint32_t c;

			p += unescape_one(p, end, &c);
			n = put_utf8(c ? c : 0xfffd, piece);
		} else
			p++;
		if (at + n >= size)
			return -E2BIG;
		memcpy(ret + at, piece, n);
		at += n;
	}
	if (!size)
		return -E2BIG;
	ret[at] = '\0';
	return 0;
}
