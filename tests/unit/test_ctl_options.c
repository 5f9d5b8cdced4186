/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct Args {
	bool loud;
	const char *to;
	struct OptionList file;
};

static const struct Option rows[] = {
        {OPTION(struct Args, loud, "loud", OPTION_FLAG), NULL, "loud"},
        {OPTION(struct Args, to, "to", OPTION_TEXT), "WHOM", "whom"},
        {OPTION(struct Args, file, "file", OPTION_LIST), "FILE", "what"},
        OPTIONS_END,
};

static int parse(struct Args *ret, char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	*ret = (struct Args){};
	return options_parse(argc, argv, &(struct OptionTarget){rows, ret}, 1);
}

#define ARGV(...)                                \
	(char *[])                               \
	{                                        \
		(char[]){"x"}, __VA_ARGS__, NULL \
	}
#define W(text)      \
	(char[])     \
	{            \
		text \
	}

static void test_options_stand_before_or_after_the_words(void **state _unused_)
{
	char **argv = ARGV(W("--to=a"), W("one"), W("--loud"), W("two"), W("--file"), W("f"), W("--file=g"));
	struct Args a;

	assert_int_equal(parse(&a, argv), 2);
	assert_string_equal(argv[1], "one");
	assert_string_equal(argv[2], "two");
	assert_true(a.loud);
	assert_string_equal(a.to, "a");
	assert_int_equal(a.file.n, 2);
	assert_string_equal(a.file.items[1], "g");
}

static void test_after_two_dashes_all_are_words(void **state _unused_)
{
	char **argv = ARGV(W("--"), W("--loud"), W("-x"));
	struct Args a;

	assert_int_equal(parse(&a, argv), 2);
	assert_string_equal(argv[1], "--loud");
	assert_string_equal(argv[2], "-x");
	assert_false(a.loud);
}

static void test_what_is_not_in_the_table_is_refused(void **state _unused_)
{
	struct Args a;

	assert_int_equal(parse(&a, ARGV(W("--quiet"))), -EINVAL);
	assert_int_equal(parse(&a, ARGV(W("-l"))), -EINVAL);
	assert_int_equal(parse(&a, ARGV(W("--to"))), -EINVAL);
	assert_int_equal(parse(&a, ARGV(W("--loud=1"))), -EINVAL);
	assert_int_equal(parse(&a, ARGV(W("--to=a"), W("--to=b"))), -EINVAL);
}

static void test_a_list_has_an_end(void **state _unused_)
{
	char name[] = "x", file[] = "--file=f";
	char *argv[OPTION_LIST_MOST + 3] = {name};
	struct Args a;

	for (size_t i = 1; i <= OPTION_LIST_MOST; i++)
		argv[i] = file;
	assert_int_equal(parse(&a, argv), 0);
	assert_int_equal(a.file.n, OPTION_LIST_MOST);
	argv[OPTION_LIST_MOST + 1] = file;
	assert_int_equal(parse(&a, argv), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_options_stand_before_or_after_the_words),
	        cmocka_unit_test(test_after_two_dashes_all_are_words),
	        cmocka_unit_test(test_what_is_not_in_the_table_is_refused),
	        cmocka_unit_test(test_a_list_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
