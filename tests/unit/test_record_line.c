/* SPDX-License-Identifier: Apache-2.0 */
/* What a record looks like in records.jsonl, and what never gets there. */
#include "line.h"
#include "mask.h"
#include "settings.h"
#include "str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#define AT INT64_C(1795507200123) /* 2026-11-24T17:00:00.123+09:00 */

static const struct LineHead head = {.n = 7, .time = AT, .terminal = "T-01"};

static const char *line(const struct Record *r)
{
	static char text[LIMIT_LINE + 1];
	size_t n = 0;

	assert_int_equal(line_build(r, &head, text, &n), 0);
	text[n] = '\0';
	assert_true(str_is_utf8(text, n));
	assert_null(strchr(text, '\n'));
	return text;
}

static int outcome(const struct Record *r)
{
	char text[LIMIT_LINE];
	size_t n;

	return line_build(r, &head, text, &n);
}

static const char *masked(const char *text)
{
	static char bytes[256];

	STR_SET(bytes, text);
	mask_numbers((uint8_t *)bytes, strlen(bytes));
	return bytes;
}

static void test_keys_stand_in_the_order_of_the_format(void **state)
{
	struct Record r;

	(void)state;
	record_start(&r, RECORD_COPY, RESULT_FAILED);
	STR_SET(r.actor, "clerk1");
	r.roles = ROLE_CLERK;
	STR_SET(r.deputy_for, "clerk2");
	STR_SET(r.medium, "USB-0007");
	STR_SET(r.checkout, "T-01-2026-0001");
	r.reason = FAULT_MEDIUM_FULL;
	r.numbers = 3;
	record_text(&r, KEY_COPY, "T-01-C-1");
	record_number(&r, KEY_INTENT, UINT64_MAX);
	record_time(&r, KEY_UNTIL, AT);
	record_flag(&r, KEY_CARRY_OUT, true);
	record_flag(&r, KEY_PASSWORD, false);
	record_bytes(&r, KEY_SERIAL, "\x00\xff", 2);
	assert_string_equal(line(&r), "{\"n\":7,\"t\":\"2026-11-24T17:00:00.123+09:00\",\"kind\":\"copy\","
	                              "\"terminal\":\"T-01\",\"actor\":\"clerk1\",\"role\":\"clerk\","
	                              "\"for\":\"clerk2\",\"medium\":\"USB-0007\","
	                              "\"checkout\":\"T-01-2026-0001\",\"result\":\"failed\","
	                              "\"reason\":\"medium-full\",\"numbers\":3,\"detail\":{"
	                              "\"copy\":\"T-01-C-1\",\"intent\":18446744073709551615,"
	                              "\"until\":\"2026-11-24T17:00:00.123+09:00\",\"carry_out\":true,"
	                              "\"password\":false,\"serial\":\"00ff\"}}");
}

static void test_what_does_not_apply_is_left_out(void **state)
{
	struct Record r;

	(void)state;
	record_start(&r, RECORD_STOP, RESULT_NONE);
	assert_string_equal(line(&r),
	        "{\"n\":7,\"t\":\"2026-11-24T17:00:00.123+09:00\",\"kind\":\"stop\",\"terminal\":\"T-01\"}");
	r.numbers = 0;
	assert_non_null(strstr(line(&r), ",\"numbers\":0}"));
}

static void test_text_is_escaped_masked_and_utf8_or_hex(void **state)
{
	struct Record r;

	(void)state;
	record_start(&r, RECORD_FILE, RESULT_DONE);
	record_text(&r, KEY_NAME, "名前\n\"\\\x7f\xc2\x85 123456789018.txt");
	assert_non_null(
	        strstr(line(&r), "{\"name\":\"名前\\u000a\\\"\\\\\\u007f\\u0085 ************.txt\"}"));

	record_start(&r, RECORD_FILE, RESULT_DONE);
	record_text(&r, KEY_NAME, "\xff 123456789018");
	assert_non_null(strstr(line(&r), "{\"name_hex\":\"ff202a2a2a2a2a2a2a2a2a2a2a2a\"}"));

	record_start(&r, RECORD_FILE, RESULT_DONE);
	record_bytes(&r, KEY_NAME, "a\0b", 3);
	assert_non_null(strstr(line(&r), "{\"name_hex\":\"610062\"}"));
}

static void test_ids_and_device_strings_are_never_masked(void **state)
{
	struct Record r;

	(void)state;
	record_start(&r, RECORD_DEVICE, RESULT_REFUSED);
	record_bytes(&r, KEY_SERIAL, "123456789018", 12);
	record_text(&r, KEY_VERSION, "123456789018");
	assert_non_null(strstr(line(&r), "\"serial\":\"313233343536373839303138\""));
	assert_non_null(strstr(line(&r), "\"version\":\"123456789018\""));
}

static void test_a_repeated_key_is_numbered(void **state)
{
	struct Record r;

	(void)state;
	record_start(&r, RECORD_ENROL, RESULT_DONE);
	record_text(&r, KEY_DISK, "a");
	record_text(&r, KEY_VERSION, "1");
	record_text(&r, KEY_DISK, "\xff");
	record_text(&r, KEY_DISK, "c");
	assert_non_null(strstr(
	        line(&r), "{\"disk\":\"a\",\"version\":\"1\",\"disk_2_hex\":\"ff\",\"disk_3\":\"c\"}"));
}

static void test_a_long_name_is_cut_and_marked(void **state)
{
	char name[LIMIT_FILE_NAME];
	struct Record r;

	(void)state;
	memset(name, 1, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	record_start(&r, RECORD_FILE, RESULT_DONE);
	record_text(&r, KEY_COPY, "T-01-C-1");
	record_text(&r, KEY_NAME, name);
	record_number(&r, KEY_SIZE, 5);
	assert_true(strlen(line(&r)) > LIMIT_LINE - 80);
	assert_true(strlen(line(&r)) <= LIMIT_LINE);
	assert_non_null(strstr(line(&r), "\\u0001\",\"name_cut\":true,\"size\":5}}"));

	/* cut at whole characters: line() checks that */
	for (size_t i = 0; i + 3 < sizeof(name); i += 3)
		memcpy(name + i, "あ", 3);
	record_start(&r, RECORD_FILE, RESULT_DONE);
	record_text(&r, KEY_NAME, name);
	record_text(&r, KEY_SUBJECT, name);
	record_text(&r, KEY_DESTINATION, name);
	assert_null(strstr(line(&r), "_cut"));
	for (size_t lead = 0; lead < 3; lead++) {
		size_t at = 90 + lead;

		memset(name, 2, at);
		for (; at + 3 < sizeof(name); at += 3)
			memcpy(name + at, "あ", 3);
		name[at] = '\0';
		record_start(&r, RECORD_FILE, RESULT_DONE);
		record_text(&r, KEY_NAME, name);
		record_text(&r, KEY_SUBJECT, name);
		record_text(&r, KEY_DESTINATION, name);
		assert_int_not_equal(r.detail_size, RECORD_OVERFULL);
		assert_true(strlen(line(&r)) <= LIMIT_LINE);
		assert_non_null(strstr(line(&r), "_cut\":true"));
	}
}

static void test_many_medium_texts_still_fit(void **state)
{
	struct Record r;

	(void)state;
	record_start(&r, RECORD_ENROL, RESULT_DONE);
	for (int i = 0; i < 32; i++)
		record_text(&r, KEY_DISK,
		        "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
		        "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01");
	assert_int_not_equal(r.detail_size, RECORD_OVERFULL);
	assert_true(strlen(line(&r)) <= LIMIT_LINE);
	record_text(&r, KEY_DISK, "x");
	assert_int_equal(outcome(&r), LINE_MALFORMED);
}

static void test_what_cannot_be_cut_is_refused_when_too_long(void **state)
{
	uint8_t bytes[2100] = {};
	struct Record r;

	(void)state;
	record_start(&r, RECORD_POLICY, RESULT_DONE);
	record_bytes(&r, KEY_CONFIG, bytes, sizeof(bytes));
	assert_int_equal(outcome(&r), LINE_TOO_LONG);
}

static void test_a_record_that_breaks_the_tables_is_refused(void **state)
{
	static const uint8_t unknown_key[] = {250, 1, 0, 'x'}, runs_over[] = {KEY_NAME, 200, 0, 'x'},
	                     wrong_width[] = {KEY_SIZE, 1, 0, 1}, bad_flag[] = {KEY_PASSWORD, 1, 0, 2};
	static const struct {
		const uint8_t *bytes;
		size_t n;
	} details[] = {{unknown_key, 4}, {runs_over, 4}, {wrong_width, 4}, {bad_flag, 4}, {unknown_key, 2}};
	struct Record r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(details); i++) {
		record_start(&r, RECORD_START, RESULT_NONE);
		memcpy(r.detail, details[i].bytes, details[i].n);
		r.detail_size = (uint16_t)details[i].n;
		assert_int_equal(outcome(&r), LINE_MALFORMED);
	}
	record_start(&r, RECORD_START, RESULT_NONE);
	r.detail_size = RECORD_OVERFULL;
	assert_int_equal(outcome(&r), LINE_MALFORMED);

	record_start(&r, _RECORD_KIND_N, RESULT_NONE);
	assert_int_equal(outcome(&r), LINE_MALFORMED);
	record_start(&r, RECORD_START, _RESULT_N);
	assert_int_equal(outcome(&r), LINE_MALFORMED);
	record_start(&r, RECORD_START, RESULT_NONE);
	r.reason = _FAULT_N;
	assert_int_equal(outcome(&r), LINE_MALFORMED);
	r.reason = FAULT_OK;
	r.roles = ROLE_CLERK | ROLE_SUPERVISOR;
	assert_int_equal(outcome(&r), LINE_MALFORMED);
	r.roles = 0;
	STR_SET(r.actor, "a\"b");
	assert_int_equal(outcome(&r), LINE_MALFORMED);
	STR_SET(r.actor, "");
	STR_SET(r.medium, "媒体");
	assert_int_equal(outcome(&r), LINE_MALFORMED);
	memset(r.medium, 'x', sizeof(r.medium));
	assert_int_equal(outcome(&r), LINE_MALFORMED);
	record_start(&r, RECORD_START, RESULT_NONE);
	record_text(&r, KEY_BOOT, "a\nb");
	assert_int_equal(outcome(&r), LINE_MALFORMED);
	record_start(&r, RECORD_START, RESULT_NONE);
	record_time(&r, KEY_BEFORE, -1);
	assert_int_equal(outcome(&r), LINE_MALFORMED);
}

static void test_numbers_are_masked_in_every_written_form(void **state)
{
	(void)state;
	assert_string_equal(masked("123456789018"), "************");
	assert_string_equal(masked("a983205673214b"), "a************b");
	assert_string_equal(
	        masked("100000000080 100000000030 111111111118"), "************ ************ ************");
	assert_string_equal(masked("1234-5678-9018"), "****-****-****");
	assert_string_equal(masked("1234 5678 9018"), "**** **** ****");
	assert_string_equal(masked("1234‐5678‐9018"), "****‐****‐****");
	assert_string_equal(masked("1234－5678－9018"), "****－****－****");
	assert_string_equal(masked("1234ー5678ー9018"), "****ー****ー****");
	assert_string_equal(masked("1234−5678−9018"), "****−****−****");
	assert_string_equal(masked("１２３４５６７８９０１８"), "＊＊＊＊＊＊＊＊＊＊＊＊");
	assert_string_equal(masked("番１２３４　５６７８　９０１８号"), "番＊＊＊＊　＊＊＊＊　＊＊＊＊号");
	assert_string_equal(masked("12３４5678９018"), "**＊＊****＊***");
	/* names as other systems wrote them */
	assert_string_equal(masked("\x94\xd4\x82\x50\x82\x51\x82\x52\x82\x53\x82\x54\x82\x55\x82\x56\x82\x57"
	                           "\x82\x58\x82\x4f\x82\x50\x82\x57"),
	        "\x94\xd4\x81\x96\x81\x96\x81\x96\x81\x96\x81\x96\x81\x96\x81\x96\x81\x96\x81\x96\x81\x96"
	        "\x81\x96\x81\x96");
	assert_string_equal(masked("\xa3\xb1\xa3\xb2\xa3\xb3\xa3\xb4\xa3\xb5\xa3\xb6\xa3\xb7\xa3\xb8\xa3\xb9"
	                           "\xa3\xb0\xa3\xb1\xa3\xb8"),
	        "\xa1\xf6\xa1\xf6\xa1\xf6\xa1\xf6\xa1\xf6\xa1\xf6\xa1\xf6\xa1\xf6\xa1\xf6\xa1\xf6\xa1\xf6"
	        "\xa1\xf6");
}

static void test_other_digits_are_left_alone(void **state)
{
	static const char *const texts[] = {"123456789012", "000000000000", "1123456789018", "1234567890180",
	        "1234-5678-9018-3456", "3456-1234-5678-9018", "1234-5678 9018", "123-4567-89018",
	        "12345678901", "１123456789018", "123456789018１", "1234-56789018", "1234--5678-9018", ""};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_string_equal(masked(texts[i]), texts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_keys_stand_in_the_order_of_the_format),
	        cmocka_unit_test(test_what_does_not_apply_is_left_out),
	        cmocka_unit_test(test_text_is_escaped_masked_and_utf8_or_hex),
	        cmocka_unit_test(test_ids_and_device_strings_are_never_masked),
	        cmocka_unit_test(test_a_repeated_key_is_numbered),
	        cmocka_unit_test(test_a_long_name_is_cut_and_marked),
	        cmocka_unit_test(test_many_medium_texts_still_fit),
	        cmocka_unit_test(test_what_cannot_be_cut_is_refused_when_too_long),
	        cmocka_unit_test(test_a_record_that_breaks_the_tables_is_refused),
	        cmocka_unit_test(test_numbers_are_masked_in_every_written_form),
	        cmocka_unit_test(test_other_digits_are_left_alone),
	};

	setenv("TZ", "JST-9", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
