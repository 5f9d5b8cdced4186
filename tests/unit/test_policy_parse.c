/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration files with one mistake each: the error names file, line and what to do. */
#include "fault.h"
#include "parse.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct Seen {
	size_t rows, people;
	struct PersonRow last;
};

static int take_row(void *owner, enum MessageType type, const void *row)
{
	struct Seen *s = owner;

	s->rows++;
	if (type == MSG_LOAD_PERSON) {
		s->people++;
		memcpy(&s->last, row, sizeof(s->last));
	}
	return 0;
}

static int find_uid(void *owner, const char *login, uid_t *ret)
{
	(void)owner;
	*ret = 77;
	return strcmp(login, "absent") ? 0 : -ENOENT;
}

static int read_text(enum ConfigFile file, const char *text, size_t n, struct ConfigReader *r)
{
	FILE *f = fmemopen((void *)(uintptr_t)text, n, "r");
	int result;

	assert_non_null(f);
	result = config_file_read(r, file, f);
	fclose(f);
	return result;
}

struct BadRow {
	enum ConfigFile file;
	const char *text, *error;
};

static const struct BadRow bad[] = {
        {CONFIG_TERMINAL, "domain = \"d\";\n", "terminal.conf:1: id is missing; add it"},
        {CONFIG_TERMINAL, "domain = \"d\";\nid = 7;\n", "terminal.conf:2: id must be text in quotes"},
        {CONFIG_TERMINAL, "domain = \"d\";\nid = \"T 1\";\n",
                "terminal.conf:2: id may have letters, digits and . _ - only"},
        {CONFIG_TERMINAL, "domain = \"d\";\nid = \"T\";\ncolour = \"red\";\n",
                "terminal.conf:3: unknown key \"colour\"; remove it or correct its spelling"},
        {CONFIG_TERMINAL, "domain = \"d\"\nid == \"T\";\n", "terminal.conf:2: syntax error"},
        {CONFIG_TERMINAL, "domain = \"d\";\n\n@include \"/etc/shadow\"\n",
                "terminal.conf:3: @include is not allowed here; write it into this file"},
        {CONFIG_TERMINAL, "domain = \"d\";\nid = \"T\";\nid = \"U\";\n",
                "terminal.conf:3: duplicate setting name"},
        {CONFIG_ROSTER, "people = ( { login = \"a\"; name = \"A\"; roles = [ \"king\" ]; } );\n",
                "roster.conf:1: unknown role \"king\"; roles are chief, supervisor, auditor, clerk, "
                "administrator"},
        {CONFIG_ROSTER,
                "people = (\n { login = \"a\"; name = \"A\"; roles = [ \"clerk\" ]; },\n { login = \"a\"; "
                "name = \"B\"; roles = [ "
                "\"clerk\" ]; } );\n",
                "roster.conf:3: login \"a\" is there twice; remove one"},
        {CONFIG_ROSTER,
                "people = ( { login = \"a\"; name = \"A\"; roles = [ \"clerk\" ]; valid_until = "
                "\"2026-02-30\"; } );\n",
                "roster.conf:1: valid_until is not a day of the calendar"},
        {CONFIG_ROSTER,
                "people = ( { login = \"a\"; name = \"A\"; roles = [ \"administrator\", \"clerk\" ]; } );\n",
                "roster.conf:1: a: an administrator has no other role"},
        {CONFIG_ROSTER, "people = ( { login = \"a\"; name = \"A\nB\"; roles = [ \"clerk\" ]; } );\n",
                "roster.conf:1: name must be one line of UTF-8 text"},
        {CONFIG_RECIPIENTS, "recipients = \"none\";\n",
                "recipients.conf:1: recipients must be a list of groups: ( { … }, { … } )"},
};

static void test_each_mistake_is_named_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct Seen seen = {};
		struct ConfigReader r = {.row = take_row, .uid = find_uid, .owner = &seen};

		assert_int_equal(
		        read_text(bad[i].file, bad[i].text, strlen(bad[i].text), &r), FAULT_BAD_CONFIG);
		assert_string_equal(r.error, bad[i].error);
	}
}

static void test_a_nul_byte_is_no_text(void **state)
{
	static const char text[] = "id = \"T\";\0domain = \"d\";";
	struct ConfigReader r = {};

	(void)state;
	assert_int_equal(read_text(CONFIG_TERMINAL, text, sizeof(text) - 1, &r), FAULT_BAD_CONFIG);
	assert_string_equal(r.error, "terminal.conf:1: the file has a NUL byte; it is not text");
}

static void test_who_has_no_account_here_is_left_out(void **state)
{
	static const char text[] = "people = ( { login = \"a\"; name = \"甲\"; roles = [ \"clerk\" ]; },\n"
	                           "{ login = \"absent\"; name = \"乙\"; roles = [ \"clerk\" ]; } );\n";
	struct Seen seen = {};
	struct ConfigReader r = {.row = take_row, .uid = find_uid, .owner = &seen};

	(void)state;
	assert_int_equal(read_text(CONFIG_ROSTER, text, sizeof(text) - 1, &r), 0);
	assert_int_equal(seen.people, 1);
	assert_string_equal(seen.last.name, "甲");
	assert_int_equal(seen.last.uid, 77);
	assert_int_equal(seen.last.roles, ROLE_CLERK);
}

static void test_the_shipped_files_are_good(void **state)
{
	static const char *const folders[] = {"packaging/etc", "tests/vm/etc"};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(folders); k++)
		for (int i = 0; i < _CONFIG_FILE_N; i++) {
			struct ConfigReader r = {};
			char path[256];
			FILE *f;

			snprintf(path, sizeof(path), "%s/%s", folders[k], config_name((enum ConfigFile)i));
			f = fopen(path, "re");
			assert_non_null(f);
			assert_int_equal(config_file_read(&r, (enum ConfigFile)i, f), 0);
			fclose(f);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_each_mistake_is_named_with_its_line),
	        cmocka_unit_test(test_a_nul_byte_is_no_text),
	        cmocka_unit_test(test_who_has_no_account_here_is_left_out),
	        cmocka_unit_test(test_the_shipped_files_are_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
