/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No Individual Number comes into a line, whatever stands around it: random texts with numbers in every
 * written form and encoding, and a detector of its own that reads the finished line.
 */
#include "line.h"
#include "mask.h"
#include "mediagate/ledger.h"
#include "names.h"

#include "clock.h"
#include "hex.h"
#include "str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define ROUNDS 20000

static uint64_t seed = 20261121;

static unsigned int draw(unsigned int below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (unsigned int)((seed * UINT64_C(2685821657736338717)) >> 33) % below;
}

/* ------------------------------------------------------------------ texts with numbers */

enum Form {
	ASCII,
	UTF8_WIDE,
	CP932_WIDE,
	EUC_WIDE,
	_FORM_N,
};

static const char *const gaps_utf8[] = {
        "", "-", " ", "\u3000", "\u2010", "\u2013", "\u2212", "\uff0d", "\u30fc"};
static const char *const gaps_cp932[] = {"", "-", " ", "\x81\x40", "\x81\x7c"};
static const char *const gaps_euc[] = {"", "-", " ", "\xa1\xa1", "\xa1\xdd"};
static const char *const around_utf8[] = {
        "給付", "申請書 ", "_", "(", ")", ".csv", "\"", "\\", "\x01", "ｱ", "é", "#", "x"};
static const char *const around_cp932[] = {"\x8b\x8b\x95\x74", "_", "(", ".csv", "\x83\x5c", "\"", "\xb1"};
static const char *const around_euc[] = {"\xb5\xeb\xc9\xd5", "_", "(", ".csv", "\"", "\x8e\xb1"};

struct Style {
	const char *const *gaps, *const *around;
	size_t n_gaps, n_around;
};
static const struct Style styles[_FORM_N] = {
        [ASCII] = {gaps_utf8, around_utf8, ARRAY_SIZE(gaps_utf8), ARRAY_SIZE(around_utf8)},
        [UTF8_WIDE] = {gaps_utf8, around_utf8, ARRAY_SIZE(gaps_utf8), ARRAY_SIZE(around_utf8)},
        [CP932_WIDE] = {gaps_cp932, around_cp932, ARRAY_SIZE(gaps_cp932), ARRAY_SIZE(around_cp932)},
        [EUC_WIDE] = {gaps_euc, around_euc, ARRAY_SIZE(gaps_euc), ARRAY_SIZE(around_euc)},
};

static void number_draw(uint8_t ret[static 12])
{
	do {
		unsigned int sum = 0;

		for (int i = 0; i < 11; i++) {
			static const uint8_t weights[] = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};

			ret[i] = (uint8_t)draw(10);
			sum += (unsigned int)ret[i] * weights[i];
		}
		ret[11] = (uint8_t)(sum % 11 <= 1 ? 0 : 11 - sum % 11);
	} while (!memcmp(ret, ret + 1, 11)); /* twelve of one digit are none */
}

static size_t put_digit(enum Form form, uint8_t value, char *ret)
{
	static const struct {
		const char *prefix;
		uint8_t zero;
	} digits[_FORM_N] = {{"", '0'}, {"\xef\xbc", 0x90}, {"\x82", 0x4f}, {"\xa3", 0xb0}};
	size_t n = strlen(digits[form].prefix);

	memcpy(ret, digits[form].prefix, n);
	ret[n] = (char)(digits[form].zero + value);
	return n + 1;
}

/* Its pieces are drawn; no digit stands beside the number. */
static size_t text_draw(enum Form form, size_t most, char *ret)
{
	const struct Style *s = &styles[form];
	size_t n = 0;

	while (n + 200 < most) {
		const char *gap = s->gaps[draw((unsigned int)s->n_gaps)];
		uint8_t number[12];

		for (unsigned int i = 1 + draw(4); i; i--)
			n += (size_t)sprintf(ret + n, "%s", s->around[draw((unsigned int)s->n_around)]);
		number_draw(number);
		for (int i = 0; i < 12; i++) {
			if (i && i % 4 == 0)
				n += (size_t)sprintf(ret + n, "%s", gap);
			n += put_digit(form, number[i], ret + n);
		}
		n += (size_t)sprintf(ret + n, "%s", s->around[0]);
		if (!draw(3))
			break;
	}
	return n;
}

/* ------------------------------------------------------------------ the detector */

/* The digit that begins here in any of the encodings; *ret_size its bytes. */
static int digit_read(const uint8_t *p, size_t n, size_t *ret_size)
{
	*ret_size = 1;
	if (*p >= '0' && *p <= '9')
		return *p - '0';
	*ret_size = 3;
	if (n >= 3 && p[0] == 0xef && p[1] == 0xbc && p[2] >= 0x90 && p[2] <= 0x99)
		return p[2] - 0x90;
	*ret_size = 2;
	if (n >= 2 && p[0] == 0x82 && p[1] >= 0x4f && p[1] <= 0x58)
		return p[1] - 0x4f;
	if (n >= 2 && p[0] == 0xa3 && p[1] >= 0xb0 && p[1] <= 0xb9)
		return p[1] - 0xb0;
	return -1;
}

/* Twelve digits from here on, with up to three other bytes after each fourth, that are a number. */
static bool number_begins(const uint8_t *p, size_t n)
{
	uint8_t values[12];
	size_t at = 0;

	for (int i = 0; i < 12; i++) {
		size_t size, skipped = 0;
		int value = -1;

		while (at < n && (value = digit_read(p + at, n - at, &size)) < 0 && i && i % 4 == 0 &&
		        skipped < 3)
			at++, skipped++;
		if (at >= n || value < 0)
			return false;
		values[i] = (uint8_t)value;
		at += size;
	}
	return mask_is_number(values);
}

static bool has_number(const uint8_t *bytes, size_t n)
{
	for (size_t at = 0; at < n; at++)
		if (number_begins(bytes + at, n - at))
			return true;
	return false;
}

/* Every text of the detail as it was before it was escaped or written as hex. */
static void check_line(const char *line, size_t n)
{
	struct LedgerEntry e;
	struct LedgerMember m;
	size_t at = 0;

	assert_null(ledger_entry_read(line, n, &e));
	while (ledger_member_next(e.detail, &at, &m)) {
		static char text[LIMIT_LINE + 1];
		static uint8_t bytes[LIMIT_LINE];

		if (m.type != LEDGER_TEXT)
			continue;
		assert_int_equal(ledger_unescape(m.value, text, sizeof(text)), 0);
		/* hex itself has runs of digits that mean nothing */
		if (m.name.size > 4 && !memcmp(m.name.text + m.name.size - 4, "_hex", 4)) {
			assert_int_equal(hex_decode(text, strlen(text), bytes, strlen(text) / 2), 0);
			assert_false(has_number(bytes, strlen(text) / 2));
		} else {
			assert_false(has_number((const uint8_t *)text, strlen(text)));
		}
	}
}

/* ------------------------------------------------------------------ properties */

static void test_no_number_reaches_a_line_in_any_form_or_encoding(void **state _unused_)
{
	static const enum RecordKey keys[] = {KEY_NAME, KEY_DESTINATION, KEY_SUBJECT, KEY_RECIPIENT};
	size_t masked = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct LineHead head = {.n = 7, .time = INT64_C(1795000000000), .terminal = "T-01"};
		static char text[4096], line[LIMIT_LINE];
		struct Record r;
		size_t n;

		record_start(&r, RECORD_FILE, RESULT_DONE);
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
			size_t size = text_draw((enum Form)draw(_FORM_N), 220 + draw(500), text);

			assert_true(has_number((const uint8_t *)text, size)); /* the detector sees them */
			record_bytes(&r, keys[k], text, size);
			masked++;
		}
		assert_int_equal(line_build(&r, &head, line, &n), 0);
		check_line(line, n);
	}
	assert_int_equal(masked, ROUNDS * ARRAY_SIZE(keys));
}

/* The longest texts are cut to fit: never so that something behind the mask comes back. */
static void test_no_number_reaches_a_line_that_had_to_be_cut(void **state _unused_)
{
	size_t cut = 0;

	for (int i = 0; i < ROUNDS / 10; i++) {
		struct LineHead head = {.n = 7, .time = INT64_C(1795000000000), .terminal = "T-01"};
		static char text[4096], line[LIMIT_LINE];
		struct Record r;
		size_t n;

		record_start(&r, RECORD_FILE, RESULT_DONE);
		for (int k = 0; k < 3; k++) {
			size_t size = 0;

			while (size < 900)
				size += text_draw((enum Form)draw(_FORM_N), 300, text + size);
			record_bytes(&r, KEY_NAME, text, MIN(size, 1024u));
		}
		assert_int_equal(line_build(&r, &head, line, &n), 0);
		cut += memmem(line, n, "_cut\":true", 10) != NULL;
		check_line(line, n);
	}
	assert_true(cut > 0);
}

static void test_a_mask_keeps_the_size_and_finds_nothing_again(void **state _unused_)
{
	for (int i = 0; i < ROUNDS; i++) {
		static char text[4096], before[4096];
		size_t size = text_draw((enum Form)draw(_FORM_N), 600, text);

		memcpy(before, text, size);
		assert_true(mask_numbers((uint8_t *)text, size) > 0);
		assert_int_equal(mask_numbers((uint8_t *)text, size), 0);
		assert_false(has_number((const uint8_t *)text, size));
		assert_memory_not_equal(before, text, size);
	}
}

/* Digits that are no number stay: dates, sizes, other check digits. */
static void test_a_wrong_check_digit_is_left_as_it_is(void **state _unused_)
{
	for (int i = 0; i < ROUNDS; i++) {
		char text[16], before[16];
		uint8_t number[12];

		number_draw(number);
		number[11] = (uint8_t)((number[11] + 1 + draw(9)) % 10);
		for (int k = 0; k < 12; k++)
			text[k] = (char)('0' + number[k]);
		memcpy(before, text, 12);
		assert_int_equal(mask_numbers((uint8_t *)text, 12), 0);
		assert_memory_equal(before, text, 12);
	}
}

/* ------------------------------------------------------------------ names by policy */

static struct Crypto *crypto;

static void line_of(struct Record *r, enum RecordNames names, char line[static LIMIT_LINE], size_t *ret)
{
	struct LineHead head = {.n = 7, .time = INT64_C(1795000000000), .terminal = "T-01"};
	struct Record made;

	r->names = (uint8_t)names;
	assert_int_equal(names_apply(crypto, r, &made), 0);
	assert_int_equal(line_build(&made, &head, line, ret), 0);
	line[*ret] = '\0';
}

static void detail_text(const char *line, size_t n, const char *key, char *ret, size_t size)
{
	struct LedgerEntry e;
	struct LedgerSlice s;

	assert_null(ledger_entry_read(line, n, &e));
	assert_int_equal(ledger_detail(&e, key, &s), 0);
	assert_int_equal(ledger_unescape(s, ret, size), 0);
}

static void name_record(struct Record *r, const void *name, size_t n)
{
	record_start(r, RECORD_FILE, RESULT_DONE);
	record_bytes(r, KEY_NAME, name, n);
	record_number(r, KEY_SIZE, 2048);
}

static void test_no_number_reaches_a_line_whatever_the_policy_says_of_names(void **state _unused_)
{
	for (int i = 0; i < ROUNDS; i++) {
		static char text[4096], line[LIMIT_LINE + 1];
		enum RecordNames names = (enum RecordNames)(i % _NAMES_N);
		size_t size = text_draw((enum Form)draw(_FORM_N), 220 + draw(500), text), n;
		struct Record r;

		assert_true(has_number((const uint8_t *)text, size));
		name_record(&r, text, size);
		record_bytes(&r, KEY_SUBJECT, text, size);
		r.reason = draw(2) ? FAULT_FILE_CHANGED : FAULT_BUSY;
		line_of(&r, names, line, &n);
		if (names != NAMES_HASH) /* its digits mean nothing */
			check_line(line, n);
		assert_int_equal(strstr(line, "\"name_hash\":") != NULL, names == NAMES_HASH);
		assert_int_equal(strstr(line, "\"name\":") || strstr(line, "\"name_hex\":"), names != NAMES_HASH);
	}
}

/* Nothing but stars, folders and a short word behind the last dot. */
static void test_a_masked_name_says_nothing_of_the_name(void **state _unused_)
{
	for (int i = 0; i < ROUNDS; i++) {
		static char text[4096], line[LIMIT_LINE + 1], name[LIMIT_LINE];
		size_t size = text_draw(draw(2) ? ASCII : UTF8_WIDE, 220 + draw(500), text), n;
		struct Record r;
		const char *kind;

		name_record(&r, text, size);
		line_of(&r, NAMES_MASKED, line, &n);
		detail_text(line, n, "name", name, sizeof(name));
		kind = name + strspn(name, "*/");
		assert_true(!*kind || (*kind == '.' && strlen(kind) <= 9 && !strpbrk(kind + 1, ".*/")));
		assert_true(!*kind || strlen(kind) > 1);
	}
}

static void test_masks_keep_folders_characters_and_the_kind_of_file(void **state _unused_)
{
	static const char *const rows[][2] = {
	        {"税/税額.xlsx", "*/**.xlsx"},
	        {"a.tar.gz", "*****.gz"},
	        {".bashrc", "*******"},
	        {"x/.conf", "*/*****"},
	        {"2026.12345678", "*************"},
	        {"名簿.エクセル", "*******"},
	        {"note.", "*****"},
	        {"a.verylongword", "**************"},
	        {"123456789018.pdf", "************.pdf"},
	        {"", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char line[LIMIT_LINE + 1], name[256];
		struct Record r;
		size_t n;

		name_record(&r, rows[i][0], strlen(rows[i][0]));
		line_of(&r, NAMES_MASKED, line, &n);
		detail_text(line, n, "name", name, sizeof(name));
		assert_string_equal(name, rows[i][1]);
		/* what a failure is about, too, where that is a file */
		record_start(&r, RECORD_COPY, RESULT_FAILED);
		r.reason = FAULT_FILE_CHANGED;
		record_text(&r, KEY_SUBJECT, rows[i][0]);
		line_of(&r, NAMES_HASH, line, &n);
		detail_text(line, n, "subject", name, sizeof(name));
		assert_string_equal(name, rows[i][1]);
	}
}

/* docs/ledger.md, section 4: who has the name can find it; of an Individual Number the hash knows stars only. */
static void test_a_hashed_name_is_found_by_who_has_it(void **state _unused_)
{
	static const char *const names[] = {"給与/田中.xlsx", "123456789018.pdf"};
	static const char *const hashed[] = {"給与/田中.xlsx", "************.pdf"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char line[LIMIT_LINE + 1], salt[64], hash[2 * HASH_SIZE + 1], made[2 * HASH_SIZE + 1], other[64];
		uint8_t bytes[NAMES_SALT], digest[HASH_SIZE];
		const struct Bytes pieces[] = {{bytes, sizeof(bytes)}, {hashed[i], strlen(hashed[i])}};
		struct Record r;
		size_t n;

		name_record(&r, names[i], strlen(names[i]));
		line_of(&r, NAMES_HASH, line, &n);
		detail_text(line, n, "name_salt", salt, sizeof(salt));
		detail_text(line, n, "name_hash", hash, sizeof(hash));
		assert_int_equal(hex_decode(salt, strlen(salt), bytes, sizeof(bytes)), 0);
		assert_int_equal(crypto_hash(crypto, pieces, ARRAY_SIZE(pieces), digest), 0);
		hex_encode(digest, sizeof(digest), made);
		assert_string_equal(hash, made);
		/* the same name has another salt, and another hash, each time */
		line_of(&r, NAMES_HASH, line, &n);
		detail_text(line, n, "name_salt", other, sizeof(other));
		assert_string_not_equal(salt, other);
	}
}

static void test_names_of_a_policy_that_is_none_are_not_written(void **state _unused_)
{
	struct Record r, made;

	name_record(&r, "a", 1);
	r.names = _NAMES_N;
	assert_int_equal(names_apply(crypto, &r, &made), -EBADMSG);
	r.names = NAMES_MASKED;
	r.detail_size--;
	assert_int_equal(names_apply(crypto, &r, &made), -EBADMSG);
}

static int start(void **state _unused_)
{
	return crypto_new(&crypto);
}

static int end(void **state _unused_)
{
	crypto_freep(&crypto);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_no_number_reaches_a_line_in_any_form_or_encoding),
	        cmocka_unit_test(test_no_number_reaches_a_line_that_had_to_be_cut),
	        cmocka_unit_test(test_a_mask_keeps_the_size_and_finds_nothing_again),
	        cmocka_unit_test(test_a_wrong_check_digit_is_left_as_it_is),
	        cmocka_unit_test(test_no_number_reaches_a_line_whatever_the_policy_says_of_names),
	        cmocka_unit_test(test_a_masked_name_says_nothing_of_the_name),
	        cmocka_unit_test(test_masks_keep_folders_characters_and_the_kind_of_file),
	        cmocka_unit_test(test_a_hashed_name_is_found_by_who_has_it),
	        cmocka_unit_test(test_names_of_a_policy_that_is_none_are_not_written),
	};

	setenv("TZ", "JST-9", 1);
	return cmocka_run_group_tests(tests, start, end);
}
