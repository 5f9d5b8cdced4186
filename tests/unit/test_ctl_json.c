/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char *text;
static size_t size;

static struct Json start(void)
{
	return (struct Json){.out = open_memstream(&text, &size)};
}

static void assert_written(struct Json *j, const char *expected)
{
	fclose(j->out);
	assert_string_equal(text, expected);
	free(text);
}

static void test_objects_and_arrays_nest(void **state _unused_)
{
	struct Json j = start();

	json_object(&j, NULL);
	json_array(&j, "a");
	json_number(&j, NULL, 1);
	json_object(&j, NULL);
	json_end_object(&j);
	json_number(&j, NULL, UINT64_MAX);
	json_end_array(&j);
	json_flag(&j, "b", true);
	json_null(&j, "c");
	json_end_object(&j);
	json_object(&j, NULL);
	json_end_object(&j);
	assert_written(&j, "{\"a\":[1,{},18446744073709551615],\"b\":true,\"c\":null}\n{}\n");
}

static void test_what_could_break_out_of_a_string_is_escaped(void **state _unused_)
{
	struct Json j = start();

	json_array(&j, NULL);
	json_text(&j, NULL, "\"\\\n\x1b\x7f");
	json_text(&j, NULL,
	        "税額 \xc2\x9b"
	        "31m");
	json_text_n(&j, NULL, "a\0b", 3);
	json_text(&j, NULL, "\xff\xc3(\xed\xa0\x80\xf5");
	json_end_array(&j);
	assert_written(&j, "[\"\\\"\\\\\\u000a\\u001b\\u007f\",\"税額 \\u009b31m\",\"a\\u0000b\","
	                   "\"\\ufffd\\ufffd(\\ufffd\\ufffd\\ufffd\\ufffd\"]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_objects_and_arrays_nest),
	        cmocka_unit_test(test_what_could_break_out_of_a_string_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
