/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The strict JSON of a ledger's line, one pass, no copies: what entry.c and detail.c are made of.
 * Everything is inline, for a line is a dozen strings of a dozen bytes and a call costs as much as one.
 *
 * A byte beyond `end` may be looked at up to `readable` (16 at a time); the byte at `end`, where it is
 * readable, must be a control character (the newline), so that no string runs on behind it.
 */
#include "mediagate/ledger.h"
#include "std.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SCAN_DEPTH   4   /* of objects and arrays in one another, detail itself included */
#define SCAN_MEMBERS 128 /* of the objects that are open at once */

struct Scan {
	const char *at, *end, *readable;
	enum LedgerError error;
	bool high;      /* a byte above 0x7f was seen */
	bool escaped;   /* the last string had an escape */
	size_t n_names; /* of open objects, for duplicates */
	struct LedgerSlice names[SCAN_MEMBERS];
};

/* Everything but the names, which are written before they are read: two kilobytes of zeros a line would cost
   a fifth of all. Declare the Scan with SCAN_BARE. */
#define SCAN_BARE __attribute__((uninitialized))
static inline void scan_start(struct Scan *s, const char *text, size_t n, const char *readable)
{
	s->at = text;
	s->end = text + n;
	s->readable = readable;
	s->error = LEDGER_E_SYNTAX;
	s->high = s->escaped = false;
	s->n_names = 0;
}

static inline bool scan_fail(struct Scan *s, enum LedgerError error)
{
	s->error = error;
	return false;
}

/* Past what stands there, if it does: with a literal this compiles to one or two comparisons. */
__attribute__((always_inline)) static inline bool scan_take(struct Scan *s, const char *text, size_t n)
{
	if ((size_t)(s->end - s->at) < n || memcmp(s->at, text, n))
		return false;
	s->at += n;
	return true;
}
#define SCAN_TAKE(s, literal) scan_take((s), (literal), sizeof(literal) - 1)

/* The next quote, backslash or control character, or `end`. */
static inline const char *scan_skip(struct Scan *s, const char *p)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'),
	              control = _mm_set1_epi8(0x1f);

	for (; s->readable - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i stop =
		        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)),
		                _mm_cmpeq_epi8(_mm_min_epu8(v, control), v));
		unsigned int mask = (unsigned int)_mm_movemask_epi8(stop);

		/* may see bytes behind the string: then UTF-8 is checked in vain, no more */
		s->high |= _mm_movemask_epi8(v) != 0;
		if (mask)
			return p + __builtin_ctz(mask);
	}
#endif
	for (; p < s->end && *p != '"' && *p != '\\' && (uint8_t)*p >= 0x20; p++)
		s->high |= (uint8_t)*p >= 0x80;
	return p;
}

/* Past an escape at s->at; defined in entry.c. */
bool scan_escape(struct Scan *s);

/* A string whose opening quote is behind us. */
static inline bool scan_string_rest(struct Scan *s, struct LedgerSlice *ret)
{
	const char *start = s->at, *p = scan_skip(s, start);

	s->escaped = false;
	while (p < s->end && *p == '\\') {
		s->escaped = true;
		s->at = p;
		if (!scan_escape(s))
			return false;
		p = scan_skip(s, s->at);
	}
	if (p >= s->end || *p != '"')
		return scan_fail(s, LEDGER_E_SYNTAX);
	*ret = (struct LedgerSlice){start, (size_t)(p - start)};
	s->at = p + 1;
	return true;
}

static inline bool scan_digit(const struct Scan *s)
{
	return s->at < s->end && (uint8_t)(*s->at - '0') <= 9;
}

/* -?(0|[1-9][0-9]*), no minus zero, -2^63 to 2^64-1. */
static inline bool scan_integer(struct Scan *s, struct LedgerSlice *ret)
{
	const char *start = s->at, *digits;
	bool minus = SCAN_TAKE(s, "-");
	uint64_t value = 0;
	size_t n;

	digits = s->at;
	for (; scan_digit(s); s->at++)
		value = value * 10 + (uint64_t)(*s->at - '0');
	n = (size_t)(s->at - digits);
	if (!n || (*digits == '0' && (n > 1 || minus)) || n > 20)
		return scan_fail(s, n ? LEDGER_E_NUMBER : LEDGER_E_SYNTAX);
	/* 20 digits that fit begin with 1 and do not wrap below 10^19 */
	if (n == 20 && (*digits != '1' || value < UINT64_C(10000000000000000000)))
		return scan_fail(s, LEDGER_E_NUMBER);
	if (minus && (n == 20 || value > (uint64_t)INT64_MAX + 1))
		return scan_fail(s, LEDGER_E_NUMBER);
	*ret = (struct LedgerSlice){start, (size_t)(s->at - start)};
	return true;
}

/* Any value; *ret without a string's quotes. Defined in entry.c. */
bool scan_value(struct Scan *s, unsigned int depth, struct LedgerSlice *ret);
bool scan_object(struct Scan *s, unsigned int depth, struct LedgerSlice *ret);
