/* SPDX-License-Identifier: Apache-2.0 */
/* Into a record's detail, and texts out of it. What comes in has been read by entry.c already; what has
   not is answered with the end or with something harmless, never with a read beyond it. */
#include "scan.h"

bool ledger_member_next(struct LedgerSlice container, size_t *at, struct LedgerMember *ret)
{
	static const enum LedgerType types[UINT8_MAX + 1] = {['"'] = LEDGER_TEXT,
	        ['{'] = LEDGER_OBJECT,
	        ['['] = LEDGER_ARRAY,
	        ['t'] = LEDGER_WORD,
	        ['f'] = LEDGER_WORD,
	        ['n'] = LEDGER_WORD,
	        ['-'] = LEDGER_NUMBER,
	        ['0' ... '9'] = LEDGER_NUMBER};
	SCAN_BARE struct Scan s;
	const char *p;

	if (container.size <= 2 || *at >= container.size - 1)
		return false;
	scan_start(&s, container.text + container.size, container.text + container.size);
	p = container.text + *at + 1; /* past the brace, or the comma */
	ret->name = (struct LedgerSlice){};
	if (container.text[0] == '{') {
		if (!SCAN_TAKE(&s, p, "\""))
			return false;
		p = scan_string(&s, p, &ret->name);
		if (!p || !SCAN_TAKE(&s, p, ":"))
			return false;
	}
	if (p == s.end)
		return false;
	ret->type = types[(uint8_t)*p];
	p = scan_value(&s, p, SCAN_DEPTH, &ret->value);
	if (!p)
		return false;
	*at = (size_t)(p - container.text);
	return true;
}

int ledger_detail(const struct LedgerEntry *e, const char *key, struct LedgerSlice *ret)
{
	size_t n = strlen(key), at = 0;
	struct LedgerMember m;

	while (ledger_member_next(e->detail, &at, &m))
		if (m.name.size == n && !memcmp(m.name.text, key, n)) {
			*ret = m.value;
			return 0;
		}
	return -ENOENT;
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

	/* most have none */
	if (text.size < size && !memchr(text.text, '\\', text.size)) {
		memcpy(ret, text.text, text.size);
		ret[text.size] = '\0';
		return 0;
	}
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
