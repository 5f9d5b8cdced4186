/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run: 12 digits together, or 4-4-4 with one kind of separator; no digit right before or after it,
 * and for a grouped one no separator with a digit beyond it either (1234-5678-9012-3456 is a card).
 * Digits are ASCII or full-width. File names are bytes: text that is not UTF-8 is read as CP932 and
 * EUC-JP at once, which can only star too much, never too little.
 */
#include "mask.h"

#include "str.h"

#define DIGITS 12
#define GROUP  4

enum Encoding {
	IN_UTF8 = 1,
	IN_LEGACY = 2, /* CP932, EUC-JP */
};

/* One written form of the digits: `prefix`, then one byte from `zero` on. */
struct DigitForm {
	const char *prefix;
	uint8_t prefix_size, zero;
	unsigned int in;
	const char *star; /* as long as the digit */
};
static const struct DigitForm forms[] = {
        {"", 0, '0', IN_UTF8 | IN_LEGACY, "*"}, {"\xEF\xBC", 2, 0x90, IN_UTF8, "\xEF\xBC\x8A"}, /* U+FF10 */
        {"\x82", 1, 0x4F, IN_LEGACY, "\x81\x96"},                                               /* CP932 */
        {"\xA3", 1, 0xB0, IN_LEGACY, "\xA1\xF6"},                                               /* EUC-JP */
};

struct Separator {
	const char *bytes;
	unsigned int in;
};
static const struct Separator separators[] = {
        {" ", IN_UTF8 | IN_LEGACY},
        {"-", IN_UTF8 | IN_LEGACY},
        {"\xE3\x80\x80", IN_UTF8}, /* U+3000 */
        {"\xE2\x80\x90", IN_UTF8}, /* U+2010 to U+2013: hyphens and dashes */
        {"\xE2\x80\x91", IN_UTF8},
        {"\xE2\x80\x92", IN_UTF8},
        {"\xE2\x80\x93", IN_UTF8},
        {"\xE2\x88\x92", IN_UTF8}, /* U+2212 */
        {"\xEF\xBC\x8D", IN_UTF8}, /* U+FF0D */
        {"\xE3\x83\xBC", IN_UTF8}, /* U+30FC, as people type it */
        {"\x81\x40", IN_LEGACY},   /* the same in CP932 */
        {"\x81\x5B", IN_LEGACY},
        {"\x81\x5D", IN_LEGACY},
        {"\x81\x7C", IN_LEGACY},
        {"\xA1\xA1", IN_LEGACY}, /* and EUC-JP */
        {"\xA1\xBC", IN_LEGACY},
        {"\xA1\xBE", IN_LEGACY},
        {"\xA1\xDD", IN_LEGACY},
};

struct Text {
	uint8_t *bytes;
	size_t n;
	unsigned int in;
};

struct Digit {
	size_t at, size;
	uint8_t value;
	const struct DigitForm *form;
};

static bool digit_at(const struct Text *t, size_t at, struct Digit *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		const struct DigitForm *f = &forms[i];
		size_t last = at + f->prefix_size;

		if (!(f->in & t->in) || last >= t->n || memcmp(t->bytes + at, f->prefix, f->prefix_size))
			continue;
		if (t->bytes[last] < f->zero || t->bytes[last] > f->zero + 9)
			continue;
		*ret = (struct Digit){at, f->prefix_size + 1u, (uint8_t)(t->bytes[last] - f->zero), f};
		return true;
	}
	return false;
}

static const struct Separator *separator_at(const struct Text *t, size_t at)
{
	for (size_t i = 0; i < ARRAY_SIZE(separators); i++) {
		const struct Separator *s = &separators[i];
		size_t size = strlen(s->bytes);

		if (s->in & t->in && at + size <= t->n && !memcmp(t->bytes + at, s->bytes, size))
			return s;
	}
	return NULL;
}

static bool digit_before(const struct Text *t, size_t at)
{
	struct Digit d;

	for (size_t size = 1; size <= 3 && size <= at; size++)
		if (digit_at(t, at - size, &d) && d.size == size)
			return true;
	return false;
}

static bool separated_digit_before(const struct Text *t, size_t at)
{
	for (size_t size = 1; size <= 3 && size <= at; size++) {
		const struct Separator *s = separator_at(t, at - size);

		if (s && strlen(s->bytes) == size && digit_before(t, at - size))
			return true;
	}
	return false;
}

/* Twelve digits from `at` on, with `s` (or nothing) after each fourth: where they end, or 0. */
static size_t run_at(
        const struct Text *t, size_t at, const struct Separator *s, struct Digit ret[static DIGITS])
{
	for (size_t i = 0; i < DIGITS; i++) {
		if (s && i && i % GROUP == 0) {
			if (separator_at(t, at) != s)
				return 0;
			at += strlen(s->bytes);
		}
		if (!digit_at(t, at, &ret[i]))
			return 0;
		at += ret[i].size;
	}
	return at;
}

bool mask_is_number(const uint8_t digits[static DIGITS])
{
	static const uint8_t weights[DIGITS - 1] = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
	unsigned int sum = 0;
	bool same = true;

	for (size_t i = 0; i < ARRAY_SIZE(weights); i++) {
		sum += (unsigned int)weights[i] * digits[i];
		same = same && digits[i] == digits[DIGITS - 1];
	}
	return !same && digits[DIGITS - 1] == (sum % 11 <= 1 ? 0 : 11 - sum % 11);
}

/* The run that starts at `at`: its end and digits, or 0. */
static size_t number_at(const struct Text *t, size_t at, struct Digit ret[static DIGITS])
{
	const struct Separator *s = NULL;
	uint8_t values[DIGITS];
	struct Digit d;
	size_t end;

	if (!digit_at(t, at, &d) || digit_before(t, at))
		return 0;
	end = run_at(t, at, NULL, ret);
	if (!end) {
		size_t middle = at;

		for (size_t i = 0; i < GROUP; i++, middle += d.size)
			if (!digit_at(t, middle, &d))
				return 0;
		s = separator_at(t, middle);
		end = s ? run_at(t, at, s, ret) : 0;
	}
	if (!end || digit_at(t, end, &d))
		return 0;
	if (s) {
		const struct Separator *after = separator_at(t, end);

		if (separated_digit_before(t, at) || (after && digit_at(t, end + strlen(after->bytes), &d)))
			return 0;
	}
	for (size_t i = 0; i < DIGITS; i++)
		values[i] = ret[i].value;
	return mask_is_number(values) ? end : 0;
}

size_t mask_numbers(uint8_t *bytes, size_t n)
{
	struct Text t = {bytes, n, str_is_utf8((const char *)bytes, n) ? IN_UTF8 : IN_LEGACY};
	size_t count = 0;

	/* bytes that are half one encoding, half another: full-width UTF-8 digits count there too */
	if (t.in == IN_LEGACY)
		t.in |= IN_UTF8;
	for (size_t at = 0; at < n;) {
		struct Digit digits[DIGITS];
		size_t end = number_at(&t, at, digits);

		if (!end) {
			at++;
			continue;
		}
		for (size_t i = 0; i < DIGITS; i++)
			memcpy(bytes + digits[i].at, digits[i].form->star, digits[i].size);
		count++;
		at = end;
	}
	return count;
}
