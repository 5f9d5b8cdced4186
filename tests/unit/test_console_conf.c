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
	assert_int_equal(settings_read("packaging/etc/console.conf", &s, error, sizeof(error)), 0);
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
	const char *what;
	int line;

	(void)state;
	settings_default(&s);
	assert_int_equal(settings_parse(text, &s, &line, &what), 0);
	assert_string_equal(s.office, "城下町");
	assert_string_equal(s.language, "ja");
	assert_int_equal(s.port, 9000);
	assert_string_equal(s.host, "c.example");
	assert_true(s.proxied);
	assert_string_equal(s.data, "/srv/c");
	assert_int_equal(s.n_ledgers, 2);
	assert_string_equal(s.ledgers[1], "/b");
	assert_int_equal(s.every, 0);
	assert_int_equal(s.silent_days, 30);
}

static void a_mistake_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *what;
		int line;
	} bad[] = {
	        {"port = 8020;\ncolour = \"red\";", "unknown key", 2},
	        {"port = 0;", "port", 1},
	        {"port = 70000;", "port", 1},
	        {"port = \"8020\";", "port", 1},
	        {"\nproxied = 1;", "proxied", 2},
	        {"language = \"fr\";", "language", 1},
	        {"ledgers = [ \"relative\" ];", "ledgers", 1},
	        {"ledgers = [ 1 ];", "ledgers", 1},
	        {"ledgers = \"/a\";", "ledgers", 1},
	        {"office = \"a\\nb\";", "office", 1},
	        {"silent_days = 0;", "silent_days", 1},
	        {"port = ;", "syntax error", 1},
	        {"@include \"/etc/shadow\"\n", "@include", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct Settings s;
		const char *what;
		int line;

		settings_default(&s);
		assert_int_equal(settings_parse(bad[i].text, &s, &line, &what), 1);
		assert_string_equal(what, bad[i].what);
		assert_int_equal(line, bad[i].line);
	}
}

static void a_file_that_is_not_there_is_no_mistake_in_it(void **state)
{
	struct Settings s;
	char error[256];

	(void)state;
	assert_int_equal(settings_read("/nonexistent/console.conf", &s, error, sizeof(error)), -ENOENT);
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
