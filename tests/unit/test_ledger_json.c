/* SPDX-License-Identifier: Apache-2.0 */
#include "mediagate/ledger.h"
#include "std.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define T    "\"t\":\"2026-11-21T09:00:00.000+09:00\""
#define HEAD "{\"n\":0," T ",\"kind\":\"start\",\"terminal\":\"t1\""

static const char *sentence(enum LedgerError error)
{
	return error == LEDGER_E_NONE ? NULL : ledger_error_sentence(error);
}

/* In memory of exactly its size, so that a sanitizer sees a read beyond it. */
static const char *read_line(const char *line, size_t n, struct LedgerEntry *ret)
{
	static char *copy;
	const char *error;

	free(copy);
	copy = malloc(n ? n : 1);
	assert_non_null(copy);
	memcpy(copy, line, n);
	error = ledger_entry_read(copy, n, ret);
	return error;
}

static void expect(const char *line, enum LedgerError error)
{
	struct LedgerEntry e;
	const char *said = read_line(line, strlen(line), &e), *want = sentence(error);

	if (said != want)
		fail_msg("%s: %s instead of %s", line, said ? said : "accepted", want ? want : "accepted");
}

static void test_all_first_keys_are_told(void **state _unused_)
{
	static const char line[] =
	        "{\"n\":12," T ",\"kind\":\"file\",\"terminal\":\"t1\",\"actor\":\"a\",\"role\":"
	        "\"clerk\",\"for\":\"b\",\"medium\":\"USB-1\",\"checkout\":\"c\",\"result\":\"done\","
	        "\"reason\":\"ok\",\"numbers\":3,\"detail\":{\"size\":5}}";
	struct LedgerEntry e;

	assert_null(read_line(line, sizeof(line) - 1, &e));
	assert_int_equal(e.n, 12);
	assert_true(ledger_slice_is(e.t, "2026-11-21T09:00:00.000+09:00") && ledger_slice_is(e.kind, "file"));
	assert_true(ledger_slice_is(e.terminal, "t1") && ledger_slice_is(e.actor, "a") &&
	            ledger_slice_is(e.role, "clerk"));
	assert_true(ledger_slice_is(e.deputy_for, "b") && ledger_slice_is(e.medium, "USB-1") &&
	            ledger_slice_is(e.checkout, "c"));
	assert_true(ledger_slice_is(e.result, "done") && ledger_slice_is(e.reason, "ok") &&
	            ledger_slice_is(e.numbers, "3"));
	assert_true(ledger_slice_is(e.detail, "{\"size\":5}") && ledger_slice_is(e.line, line));
	assert_null(read_line(HEAD "}", sizeof(HEAD), &e));
	assert_null(e.actor.text);
	assert_null(e.detail.text);
}

static void test_only_the_one_order_of_keys_is_read(void **state _unused_)
{
	static const struct {
		const char *line;
		enum LedgerError error;
	} rows[] = {
	        {HEAD "}", LEDGER_E_NONE},
	        {HEAD ",\"actor\":\"a\",\"result\":\"done\"}", LEDGER_E_NONE},
	        {HEAD ",\"result\":\"done\",\"actor\":\"a\"}", LEDGER_E_KEYS},
	        {HEAD ",\"actor\":\"a\",\"actor\":\"a\"}", LEDGER_E_KEYS},
	        {HEAD ",\"colour\":\"a\"}", LEDGER_E_KEYS},
	        {HEAD ",\"detail\":{},\"numbers\":1}", LEDGER_E_KEYS},
	        {HEAD ",\"\\u0061ctor\":\"a\"}", LEDGER_E_KEYS},
	        {"{" T ",\"n\":0,\"kind\":\"start\",\"terminal\":\"t1\"}", LEDGER_E_KEYS},
	        {"{\"n\":0,\"kind\":\"start\"," T ",\"terminal\":\"t1\"}", LEDGER_E_KEYS},
	        {"{\"n\":0," T ",\"terminal\":\"t1\",\"kind\":\"start\"}", LEDGER_E_KEYS},
	        {"{\"n\":0," T ",\"kind\":\"\",\"terminal\":\"t1\"}", LEDGER_E_KEYS},
	        {"{\"n\":0," T ",\"kind\":\"start\",\"terminal\":\"\"}", LEDGER_E_KEYS},
	        {"{\"n\":0," T ",\"kind\":\"st\\u0061rt\",\"terminal\":\"t1\"}", LEDGER_E_KEYS},
	        {"{}", LEDGER_E_KEYS},
	        {"", LEDGER_E_KEYS},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(rows[i].line, rows[i].error);
}

static void test_nothing_stands_between_or_around_the_tokens(void **state _unused_)
{
	static const char *const lines[] = {HEAD "} ", " " HEAD "}", HEAD " }", HEAD ",\"actor\" :\"a\"}",
	        HEAD ",\"actor\": \"a\"}", HEAD ", \"actor\":\"a\"}", HEAD ",\"detail\":{ }}",
	        HEAD ",\"detail\":{\"a\": 1}}", HEAD ",\"detail\":{\"a\":1 }}", HEAD ",\"detail\":[1, 2]}",
	        HEAD "}\r", "\xEF\xBB\xBF" HEAD "}", HEAD "}}", HEAD, HEAD ",}",
	        HEAD ",\"detail\":{\"a\":1,}}", HEAD ",\"detail\":{,}}", HEAD ",\"detail\":{\"a\"}}",
	        HEAD ",\"detail\":{\"a\":}}", HEAD ",\"detail\":{\"a\":[1,]}}",
	        HEAD ",\"detail\":{\"a\":[1}}", HEAD ",\"detail\":{\"a\":tru}}",
	        HEAD ",\"detail\":{\"a\":True}}", HEAD ",\"detail\":{\"a\":'b'}}", HEAD ",\"detail\":{a:1}}",
	        HEAD ",\"detail\":\"a\"}", HEAD ",\"detail\":1}", HEAD ",\"actor\":1}",
	        HEAD ",\"actor\":\"a}", HEAD ",\"actor\":\"a\tb\"}", HEAD ",\"detail\":{\"a\":\"\x01\"}}"};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct LedgerEntry e;

		if (!read_line(lines[i], strlen(lines[i]), &e))
			fail_msg("%s: accepted", lines[i]);
	}
}

static void test_every_beginning_of_a_line_is_refused(void **state _unused_)
{
	static const char line[] =
	        HEAD ",\"actor\":\"a\",\"result\":\"done\",\"reason\":\"x\",\"numbers\":12,"
	             "\"detail\":{\"a\":{\"b\":[1,true,null]},\"c\":\"long enough for two looks\"}}";
	struct LedgerEntry e;

	assert_null(read_line(line, sizeof(line) - 1, &e));
	for (size_t n = 0; n < sizeof(line) - 1; n++)
		assert_non_null(read_line(line, n, &e));
}

static void test_numbers_are_integers_in_range(void **state _unused_)
{
	static const struct {
		const char *number;
		enum LedgerError error;
	} rows[] = {{"0", LEDGER_E_NONE}, {"7", LEDGER_E_NONE}, {"-7", LEDGER_E_NONE},
	        {"18446744073709551615", LEDGER_E_NONE}, {"18446744073709551616", LEDGER_E_NUMBER},
	        {"19999999999999999999", LEDGER_E_NUMBER}, {"20000000000000000000", LEDGER_E_NUMBER},
	        {"99999999999999999999", LEDGER_E_NUMBER}, {"100000000000000000000", LEDGER_E_NUMBER},
	        {"9999999999999999999", LEDGER_E_NONE}, {"-9223372036854775808", LEDGER_E_NONE},
	        {"-9223372036854775809", LEDGER_E_NUMBER}, {"-9999999999999999999", LEDGER_E_NUMBER},
	        {"-18446744073709551615", LEDGER_E_NUMBER}, {"-0", LEDGER_E_NUMBER}, {"00", LEDGER_E_NUMBER},
	        {"01", LEDGER_E_NUMBER}, {"1.0", LEDGER_E_SYNTAX}, {"1e3", LEDGER_E_SYNTAX},
	        {"+1", LEDGER_E_SYNTAX}, {"-", LEDGER_E_SYNTAX}, {"0x1", LEDGER_E_SYNTAX},
	        {"NaN", LEDGER_E_SYNTAX}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char line[256];

		snprintf(line, sizeof(line), HEAD ",\"detail\":{\"a\":%s}}", rows[i].number);
		expect(line, rows[i].error);
	}
	expect("{\"n\":-1," T ",\"kind\":\"start\",\"terminal\":\"t1\"}", LEDGER_E_NUMBER);
	expect("{\"n\":00," T ",\"kind\":\"start\",\"terminal\":\"t1\"}", LEDGER_E_NUMBER);
	expect(HEAD ",\"numbers\":-1}", LEDGER_E_NUMBER);
}

static void test_a_number_of_any_length_is_what_its_digits_say(void **state _unused_)
{
	static const char behind[] = "," T ",\"kind\":\"start\",\"terminal\":\"t1\"}";
	uint64_t n = 0;

	for (int digits = 1; digits <= 19; digits++) {
		char line[200];
		struct LedgerEntry e;
		int size;

		n = n * 10 + (uint64_t)(digits * 7 % 10);
		size = snprintf(line, sizeof(line), "{\"n\":%llu%s", (unsigned long long)n, behind);
		assert_null(read_line(line, (size_t)size, &e));
		assert_int_equal(e.n, n);
		/* what is no digit is none between them and the comma either, neighbours of '0' and '9' least of all */
		for (unsigned int c = 1; c < 256; c++) {
			if (c >= '0' && c <= '9')
				continue;
			size = snprintf(line, sizeof(line), "{\"n\":%llu%c%s", (unsigned long long)n, (int)c, behind);
			assert_non_null(read_line(line, (size_t)size, &e));
		}
	}
}

/* A line that is refused tells nothing of what it said before its fault. */
static void test_of_a_line_that_is_refused_nothing_is_told(void **state _unused_)
{
	static const char line[] = HEAD ",\"actor\":\"a\",\"medium\":\"USB-1\",\"result\":\"maybe\"}";
	struct LedgerEntry e;

	memset(&e, 0x55, sizeof(e));
	assert_non_null(read_line(line, sizeof(line) - 1, &e));
	assert_true(!e.n && !e.t.text && !e.kind.text && !e.actor.text && !e.medium.text && !e.detail.text);
	assert_int_equal(e.line.size, sizeof(line) - 1);
}

static void test_only_times_that_exist_in_the_one_form_are_read(void **state _unused_)
{
	static const struct {
		const char *t;
		enum LedgerError error;
	} rows[] = {
	        {"2026-11-21T09:00:00.000+09:00", LEDGER_E_NONE},
	        {"2028-02-29T23:59:59.999-23:59", LEDGER_E_NONE},
	        {"2026-02-29T09:00:00.000+09:00", LEDGER_E_TIME},
	        {"2100-02-29T09:00:00.000+09:00", LEDGER_E_TIME},
	        {"2026-04-31T09:00:00.000+09:00", LEDGER_E_TIME},
	        {"2026-00-21T09:00:00.000+09:00", LEDGER_E_TIME},
	        {"2026-13-21T09:00:00.000+09:00", LEDGER_E_TIME},
	        {"2026-11-00T09:00:00.000+09:00", LEDGER_E_TIME},
	        {"2026-11-21T24:00:00.000+09:00", LEDGER_E_TIME},
	        {"2026-11-21T09:60:00.000+09:00", LEDGER_E_TIME},
	        {"2026-11-21T09:00:60.000+09:00", LEDGER_E_TIME},
	        {"2026-11-21T09:00:00.000+24:00", LEDGER_E_TIME},
	        {"2026-11-21T09:00:00.000+09:60", LEDGER_E_TIME},
	        {"2026-11-21T09:00:00.000,09:00", LEDGER_E_TIME},
	        {"2026-11-21T09:00:00.000Z09:00", LEDGER_E_TIME},
	        {"2026-11-21 09:00:00.000+09:00", LEDGER_E_TIME},
	        {"2026-11-21t09:00:00.000+09:00", LEDGER_E_TIME},
	        {"2026-11-21T09:00:00,000+09:00", LEDGER_E_TIME},
	        {"202a-11-21T09:00:00.000+09:00", LEDGER_E_TIME},
	        {"2026-11-21T09:00:00.000+09:0", LEDGER_E_TIME},
	        {"2026-11-21T09:00:00.000+09:000", LEDGER_E_KEYS},
	        {"2026-11-21T09:00:00Z", LEDGER_E_TIME},
	        {"", LEDGER_E_TIME},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char line[256];

		snprintf(line, sizeof(line), "{\"n\":0,\"t\":\"%s\",\"kind\":\"a\",\"terminal\":\"t1\"}",
		        rows[i].t);
		expect(line, rows[i].error);
	}
}

static void test_results_are_four_words(void **state _unused_)
{
	static const char *const good[] = {"intent", "done", "refused", "failed"};
	static const char *const bad[] = {
	        "", "Done", "done ", "ok", "intend", "refuse", "faileds", "d\\u006fne"};
	char line[256];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		snprintf(line, sizeof(line), HEAD ",\"result\":\"%s\"}", good[i]);
		expect(line, LEDGER_E_NONE);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(line, sizeof(line), HEAD ",\"result\":\"%s\"}", bad[i]);
		expect(line, LEDGER_E_RESULT);
	}
}

static void expect_text(const char *text, enum LedgerError error)
{
	char line[512];

	snprintf(line, sizeof(line), HEAD ",\"detail\":{\"a\":\"%s\"}}", text);
	expect(line, error);
	/* the same far from the beginning of a look of 16 bytes */
	snprintf(line, sizeof(line), HEAD ",\"detail\":{\"a\":\"0123456789abcdefghijklmnopqrs%s\"}}", text);
	expect(line, error);
}

static void test_escapes_are_whole_and_give_characters(void **state _unused_)
{
	static const char *const good[] = {"\\\"", "\\\\", "\\/", "\\b\\f\\n\\r\\t", "\\u0001", "\\u30a2",
	        "\\u30A2", "\\ud83d\\ude00", "\\uD83D\\uDE00", "\\ue000", "\\ud7ff"};
	static const char *const bad[] = {"\\a", "\\u", "\\u12", "\\u123g", "\\u0000", "\\ud83d", "\\ud83dx",
	        "\\ud83d\\n", "\\ud83d\\ud83d", "\\ude00", "\\U0041", "\\'", "\\x41", "\\0"};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		expect_text(good[i], LEDGER_E_NONE);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		expect_text(bad[i], LEDGER_E_ESCAPE);
}

static void test_only_utf8_is_read(void **state _unused_)
{
	static const char *const good[] = {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
	        "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\x7f", "○○市"};
	static const char *const bad[] = {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\302A",
	        "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xe3\x81",
	        "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
	        "\xfe", "\x83\x65\x83\x58"};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		expect_text(good[i], LEDGER_E_NONE);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		expect_text(bad[i], LEDGER_E_UTF8);
}

static void test_a_name_twice_is_refused_at_every_depth(void **state _unused_)
{
	char line[4096];
	size_t n;

	expect(HEAD ",\"detail\":{\"a\":1,\"b\":2,\"a\":3}}", LEDGER_E_TWICE);
	expect(HEAD ",\"detail\":{\"b\":{\"a\":1,\"a\":3}}}", LEDGER_E_TWICE);
	expect(HEAD ",\"detail\":{\"b\":[{\"a\":1,\"a\":3}]}}", LEDGER_E_TWICE);
	expect(HEAD ",\"detail\":{\"\":1,\"\":3}}", LEDGER_E_TWICE);
	expect(HEAD ",\"detail\":{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":1}]}}", LEDGER_E_NONE);
	expect(HEAD ",\"detail\":{\"\\u0061\":1}}", LEDGER_E_ESCAPE);
	/* more names than there are bits */
	n = (size_t)snprintf(line, sizeof(line), HEAD ",\"detail\":{");
	for (int i = 0; i < 100; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "\"name%d\":1,", i);
	snprintf(line + n, sizeof(line) - n, "\"name100\":1}}");
	expect(line, LEDGER_E_NONE);
	snprintf(line + n, sizeof(line) - n, "\"name57\":1}}");
	expect(line, LEDGER_E_TWICE);
}

static void test_depth_and_members_have_an_end(void **state _unused_)
{
	char line[4096];
	size_t n;

	expect(HEAD ",\"detail\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}", LEDGER_E_NONE);
	expect(HEAD ",\"detail\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}", LEDGER_E_DEPTH);
	expect(HEAD ",\"detail\":{\"a\":[[[1]]]}}", LEDGER_E_NONE);
	expect(HEAD ",\"detail\":{\"a\":[[[[]]]]}}", LEDGER_E_DEPTH);
	for (int most = 128; most <= 129; most++) {
		n = (size_t)snprintf(line, sizeof(line), HEAD ",\"detail\":{\"inner\":{");
		for (int i = 0; i < most - 1; i++)
			n += (size_t)snprintf(line + n, sizeof(line) - n, "%s\"k%d\":1", i ? "," : "", i);
		snprintf(line + n, sizeof(line) - n, "}}}");
		expect(line, most == 128 ? LEDGER_E_NONE : LEDGER_E_DEPTH);
	}
}

static void test_a_line_has_at_most_4096_bytes(void **state _unused_)
{
	for (size_t size = 4096; size <= 4097; size++) {
		char line[4200];
		size_t n = (size_t)snprintf(line, sizeof(line), HEAD ",\"detail\":{\"a\":\"");

		memset(line + n, 'x', size - n - 3);
		strcpy(line + size - 3, "\"}}");
		expect(line, size == 4096 ? LEDGER_E_NONE : LEDGER_E_TOO_LONG);
	}
}

static void test_detail_is_walked_and_found(void **state _unused_)
{
	static const char line[] =
	        HEAD ",\"detail\":{\"text\":\"a\\\"b\",\"number\":-5,\"flag\":true,\"none\":null,"
	             "\"object\":{\"text\":\"x\"},\"array\":[1,\"two\",{}],\"empty\":{}}}";
	static const enum LedgerType types[] = {LEDGER_TEXT, LEDGER_NUMBER, LEDGER_WORD, LEDGER_WORD,
	        LEDGER_OBJECT, LEDGER_ARRAY, LEDGER_OBJECT};
	struct LedgerSlice s, array;
	struct LedgerMember m;
	struct LedgerEntry e;
	size_t at = 0, n = 0;

	assert_null(read_line(line, sizeof(line) - 1, &e));
	for (; ledger_member_next(e.detail, &at, &m); n++)
		assert_int_equal(m.type, types[n]);
	assert_int_equal(n, ARRAY_SIZE(types));
	assert_int_equal(ledger_detail(&e, "text", &s), 0);
	assert_true(ledger_slice_is(s, "a\\\"b"));
	assert_int_equal(ledger_detail(&e, "object", &s), 0);
	assert_true(ledger_slice_is(s, "{\"text\":\"x\"}"));
	assert_int_equal(ledger_detail(&e, "empty", &s), 0);
	assert_true(ledger_slice_is(s, "{}"));
	assert_int_equal(ledger_detail(&e, "tex", &s), -ENOENT);
	assert_int_equal(ledger_detail(&e, "array", &array), 0);
	for (at = n = 0; ledger_member_next(array, &at, &m); n++)
		assert_int_equal(m.name.size, 0);
	assert_int_equal(n, 3);
	assert_null(read_line(HEAD "}", sizeof(HEAD), &e));
	assert_int_equal(ledger_detail(&e, "text", &s), -ENOENT);
}

static void test_escapes_come_out_as_characters(void **state _unused_)
{
	static const char text[] = "\\\"\\\\\\/\\b\\f\\n\\r\\t\\u3042\\ud83d\\ude00\xe5\xb8\x82\\u007f";
	static const char expected[] = "\"\\/\b\f\n\r\t\xe3\x81\x82\xf0\x9f\x98\x80\xe5\xb8\x82\x7f";
	const struct LedgerSlice slice = {text, sizeof(text) - 1}, empty = {text, 0};
	char out[64];

	assert_int_equal(ledger_unescape(slice, out, sizeof(out)), 0);
	assert_string_equal(out, expected);
	assert_int_equal(ledger_unescape(slice, out, sizeof(expected)), 0);
	assert_int_equal(ledger_unescape(slice, out, sizeof(expected) - 1), -E2BIG);
	assert_int_equal(ledger_unescape(empty, out, 0), -E2BIG);
	assert_int_equal(ledger_unescape(empty, out, 1), 0);
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_all_first_keys_are_told),
	        cmocka_unit_test(test_only_the_one_order_of_keys_is_read),
	        cmocka_unit_test(test_nothing_stands_between_or_around_the_tokens),
	        cmocka_unit_test(test_every_beginning_of_a_line_is_refused),
	        cmocka_unit_test(test_numbers_are_integers_in_range),
	        cmocka_unit_test(test_a_number_of_any_length_is_what_its_digits_say),
	        cmocka_unit_test(test_of_a_line_that_is_refused_nothing_is_told),
	        cmocka_unit_test(test_only_times_that_exist_in_the_one_form_are_read),
	        cmocka_unit_test(test_results_are_four_words),
	        cmocka_unit_test(test_escapes_are_whole_and_give_characters),
	        cmocka_unit_test(test_only_utf8_is_read),
	        cmocka_unit_test(test_a_name_twice_is_refused_at_every_depth),
	        cmocka_unit_test(test_depth_and_members_have_an_end),
	        cmocka_unit_test(test_a_line_has_at_most_4096_bytes),
	        cmocka_unit_test(test_detail_is_walked_and_found),
	        cmocka_unit_test(test_escapes_come_out_as_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
