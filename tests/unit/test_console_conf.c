/* SPDX-License-Identifier: Apache-2.0 */
#include "../lsan_libconfig.h"
#include "console_conf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void what_is_shipped_is_read(void **state)
{
	struct Settings s;
	char error[256] = "";

	(void)state;
	settings_default(&s);
	assert_int_equal(flat_read(&console_conf, "packaging/etc/console.conf", &s, error, sizeof(error)), 0);
	assert_int_equal(s.port, 8020);
	assert_int_equal(s.every, 15);
	assert_string_equal(s.data, "/var/lib/mediagate-console");
}

static void every_key_arrives(void **state)
{
	static const char text[] =
	        "office = \"城下町\"; language = \"ja\"; port = 9000; host = \"c.example\"; proxied = true;"
	        "data = \"/srv/c\"; ledgers = [ \"/a\", \"/b\" ]; every = 0; silent_days = 30;";
	struct Settings s;
	char error[400];

	(void)state;
	settings_default(&s);
	assert_int_equal(flat_parse(&console_conf, text, strlen(text), &s, error, sizeof(error)), 0);
	assert_string_equal(s.office, "城下町");
	assert_string_equal(s.language, "ja");
	assert_int_equal(s.port, 9000);
	assert_string_equal(s.host, "c.example");
	assert_true(s.proxied);
	assert_string_equal(s.data, "/srv/c");
	assert_int_equal(s.ledgers.n, 2);
	assert_string_equal(s.ledgers.path[1], "/b");
	assert_int_equal(s.every, 0);
	assert_int_equal(s.silent_days, 30);
}

static void a_mistake_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *said;
	} bad[] = {
	        {"port = 8020;\ncolour = \"red\";",
	                "2: unknown key \"colour\"; remove it or correct its spelling"},
	        {"port = 0;", "1: port: a number from 1 to 65535 is wanted"},
	        {"port = 70000;", "1: port: a number from 1 to 65535 is wanted"},
	        {"port = 4294968316;", "1: the number is too large; mend it"},
	        {"port = \"8020\";", "1: port: a number from 1 to 65535 is wanted"},
	        {"\nproxied = 1;", "2: proxied: true or false is wanted"},
	        {"port = 1;\nlanguage = \"fr\";\nevery = 1;",
	                "2: language: this value cannot be used, or it is missing"},
	        {"ledgers = [ \"relative\" ];",
	                "1: ledgers: a list of at most 16 paths that begin with / is wanted"},
	        {"ledgers = [ 1 ];", "1: ledgers: a list of at most 16 paths that begin with / is wanted"},
	        {"ledgers = \"/a\";", "1: ledgers: a list of at most 16 paths that begin with / is wanted"},
	        {"office = \"a\\nb\";",
	                "1: office: a text in quotes, on one line and not too long is wanted"},
	        {"silent_days = 0;", "1: silent_days: a number from 1 to 366 is wanted"},
	        {"port = ;", "1: syntax error; look for a missing ; , = quote or bracket here or before"},
	        {"@include \"/etc/shadow\"\n", "1: @include is not allowed; write it into this file"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct Settings s;
		char error[400] = "";

		settings_default(&s);
		assert_int_equal(flat_parse(&console_conf, bad[i].text, strlen(bad[i].text), &s, error,
		                         sizeof(error)),
		        1);
		assert_string_equal(error, bad[i].said);
	}
}

static void a_file_that_is_not_there_is_no_mistake_in_it(void **state)
{
	struct Settings s;
	char error[256];

	(void)state;
	assert_int_equal(flat_read(&console_conf, "/nonexistent/console.conf", &s, error, sizeof(error)), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_shipped_is_read),
	        cmocka_unit_test(every_key_arrives),
	        cmocka_unit_test(a_mistake_is_told_with_its_line),
	        cmocka_unit_test(a_file_that_is_not_there_is_no_mistake_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
