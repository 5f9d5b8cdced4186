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

#include <endian.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SCAN_DEPTH   4   /* of objects and arrays in one another, detail itself included */
#define SCAN_MEMBERS 128 /* of all objects in one line's detail */

/* What is read is passed on as a pointer of its own, so that it stays in a register: every function takes
   where it begins and gives back where it ended, or NULL with the error. */
struct Scan {
	const char *end, *readable;
	enum LedgerError error;
	unsigned int escapes; /* so far */
	unsigned int members; /* so far */
	size_t n_names;       /* of the objects that are open, for duplicates */
	struct LedgerSlice names[SCAN_MEMBERS + 1]; /* each is read where it is kept */
};

/* Everything but the names, which are written before they are read: two kilobytes of zeros a line would cost
   a fifth of all. Declare the Scan with SCAN_BARE. */
#define SCAN_BARE __attribute__((uninitialized))
static inline void scan_start(struct Scan *s, const char *end, const char *readable)
{
	s->end = end;
	s->readable = readable;
	s->error = LEDGER_E_SYNTAX;
	s->escapes = s->members = 0;
	s->n_names = 0;
}

static inline const char *scan_fail(struct Scan *s, enum LedgerError error)
{
	s->error = error;
	return NULL;
}

/* Past what stands at *p, if it does: with a literal this compiles to one or two comparisons. */
__attribute__((always_inline)) static inline bool scan_take(
        const struct Scan *s, const char **p, const char *text, size_t n)
{
	if ((size_t)(s->end - *p) < n || memcmp(*p, text, n))
		return false;
	*p += n;
	return true;
}
#define SCAN_TAKE(s, p, literal) scan_take((s), &(p), (literal), sizeof(literal) - 1)

#ifdef __SSE2__
/* A bit for each of 16 bytes that ends plain text: quote, backslash, control character. */
static inline unsigned int scan_stops(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i stop = _mm_or_si128(
	        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))),
	        _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v));

	return (unsigned int)_mm_movemask_epi8(stop);
}
#endif

/* The next such byte, or `end`. */
static inline const char *scan_skip(const struct Scan *s, const char *p)
{
#ifdef __SSE2__
	for (; s->readable - p >= 16; p += 16) {
		unsigned int stops = scan_stops(p);

		if (stops)
			return p + __builtin_ctz(stops);
	}
#endif
	while (p < s->end && *p != '"' && *p != '\\' && (uint8_t)*p >= 0x20)
		p++;
	return p;
}

/* The rest of a string that began at `start`, from `p` on: one with escapes, or at the end of what can be
   read. In entry.c. */
const char *scan_string_on(struct Scan *s, const char *start, const char *p, struct LedgerSlice *ret);

/* A string whose opening quote is right before p. */
__attribute__((always_inline)) static inline const char *scan_string(
        struct Scan *s, const char *p, struct LedgerSlice *ret)
{
	const char *start = p;

#ifdef __SSE2__
	p = scan_skip(s, p);
	if (p < s->end && *p == '"') {
		ret->text = start;
		ret->size = (size_t)(p - start);
		return p + 1;
	}
#endif
	return scan_string_on(s, start, p, ret);
}

/* As many digits as there are, 8 at most, and what they amount to. Eight bytes may be read. */
static inline size_t scan_digits(const char *p, uint64_t *ret)
{
	const uint64_t zeros = UINT64_C(0x3030303030303030);
	uint64_t v, others;
	size_t n;

	memcpy(&v, p, sizeof(v));
	v = le64toh(v) ^ zeros; /* of a digit: 0 to 9; the lowest byte that is more ends them */
	others = (v | (v + UINT64_C(0x7676767676767676))) & UINT64_C(0x8080808080808080);
	n = others ? (size_t)__builtin_ctzll(others) / 8 : 8;
	if (!n)
		return 0;
	/* as if as many zeros stood before them; then pairs, pairs of pairs, and both halves */
	v <<= 64 - 8 * n;
	v = (v * 10 + (v >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	v = (v * 100 + (v >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*ret = (uint32_t)(v * 10000 + (v >> 32));
	return n;
}

/* -?(0|[1-9][0-9]*), no minus zero, -2^63 to 2^64-1; *ret_value without its sign. */
static inline const char *scan_integer(
        struct Scan *s, const char *p, struct LedgerSlice *ret, uint64_t *ret_value)
{
	const char *start = p, *digits;
	bool minus = SCAN_TAKE(s, p, "-");
	uint64_t value = 0;
	size_t n;

	digits = p;
	if (s->end - p >= 8)
		p += scan_digits(p, &value);
	for (; p < s->end && (uint8_t)(*p - '0') <= 9; p++)
		value = value * 10 + (uint64_t)(*p - '0');
	n = (size_t)(p - digits);
	if (!n || (*digits == '0' && (n > 1 || minus)) || n > 20)
		return scan_fail(s, n ? LEDGER_E_NUMBER : LEDGER_E_SYNTAX);
	/* 20 digits that fit begin with 1 and do not wrap below 10^19 */
	if (n == 20 && (*digits != '1' || value < UINT64_C(10000000000000000000)))
		return scan_fail(s, LEDGER_E_NUMBER);
	if (minus && (n == 20 || value > (uint64_t)INT64_MAX + 1))
		return scan_fail(s, LEDGER_E_NUMBER);
	ret->text = start;
	ret->size = (size_t)(p - start);
	*ret_value = value;
	return p;
}

/* Any value; *ret without a string's quotes. In entry.c. */
const char *scan_value(struct Scan *s, const char *p, unsigned int depth, struct LedgerSlice *ret);
