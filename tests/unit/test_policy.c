/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration in force: what it takes, what it refuses whoever sends it, what it finds again. */
#include "policy.h"
#include "str.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct Policy *policy;

static int begin(void **state _unused_)
{
	return policy_new(&policy);
}

static int end(void **state _unused_)
{
	policy = policy_free(policy);
	return 0;
}

static int add(uint32_t type, const void *row)
{
	return policy_add(policy, type, row);
}

static int add_person(const char *login, const char *name, uid_t uid, uint32_t roles)
{
	struct PersonRow p = {.uid = uid, .roles = roles};

	STR_CUT(p.login, login);
	STR_CUT(p.name, name);
	return add(MSG_LOAD_PERSON, &p);
}

static int add_code(unsigned int table, const char *code)
{
	struct CodeRow row = {.table = (uint8_t)table};

	STR_CUT(row.code, code);
	return add(MSG_LOAD_CODE, &row);
}

static int add_file_system(const char *type)
{
	struct FileSystemRow row = {};

	STR_CUT(row.type, type);
	return add(MSG_LOAD_FILE_SYSTEM, &row);
}

static void test_people_are_found_by_uid_and_by_login(void **state _unused_)
{
	assert_int_equal(add_person("root", "R", 0, ROLE_ADMINISTRATOR), 0);
	assert_int_equal(add_person("a", "A", 1000, ROLE_CLERK), 0);
	assert_string_equal(policy_person_by_uid(policy, 1000)->login, "a");
	assert_string_equal(policy_person_by_uid(policy, 0)->login, "root");
	assert_int_equal(policy_person_by_login(policy, "a")->uid, 1000);
	assert_null(policy_person_by_uid(policy, 1001));
	assert_null(policy_person_by_login(policy, "aa"));
	assert_null(policy_person_by_login(policy, ""));
}

static void test_a_person_who_cannot_be_is_not_taken(void **state _unused_)
{
	assert_int_equal(add_person("a", "A", 1000, ROLE_CLERK), 0);
	assert_int_equal(add_person("a", "B", 1001, ROLE_CLERK), 1);      /* login twice */
	assert_int_equal(add_person("b", "B", 1000, ROLE_CLERK), 1);      /* uid twice */
	assert_int_equal(add_person("b", "B", (uid_t)-1, ROLE_CLERK), 1); /* the kernel's word for nobody */
	assert_int_equal(add_person("b", "B", 1001, 0), 1);
	assert_int_equal(add_person("b", "B", 1001, 1u << 5), 1);
	assert_int_equal(add_person("b", "B", 1001, ROLE_ADMINISTRATOR | ROLE_SUPERVISOR), 1);
	assert_int_equal(add_person("", "B", 1001, ROLE_CLERK), 1);
	assert_null(policy_person_by_uid(policy, 1001));
}

static void test_the_roster_ends_at_its_cap(void **state _unused_)
{
	char login[LIMIT_LOGIN];

	for (uid_t i = 0; i < LIMIT_PEOPLE; i++) {
		snprintf(login, sizeof(login), "u%u", i);
		assert_int_equal(add_person(login, "N", i, ROLE_CLERK), 0);
	}
	assert_int_equal(add_person("more", "N", LIMIT_PEOPLE, ROLE_CLERK), 1);
	assert_non_null(policy_person_by_uid(policy, LIMIT_PEOPLE - 1));
}

static void test_each_table_of_codes_ends_at_its_own_cap(void **state _unused_)
{
	char code[LIMIT_CODE];

	for (unsigned int table = 0; table < _CODE_TABLE_N; table++)
		for (unsigned int i = 0; i < LIMIT_ROWS; i++) {
			snprintf(code, sizeof(code), "c%u", i);
			assert_int_equal(add_code(table, code), 0);
		}
	assert_int_equal(add_code(CODE_PURPOSE, "more"), 1);
	assert_int_equal(add_code(CODE_GROUND, "more"), 1);
}

static void test_a_code_belongs_to_its_table(void **state _unused_)
{
	assert_int_equal(add_code(CODE_PURPOSE, "submission"), 0);
	assert_int_equal(add_code(CODE_PURPOSE, "submission"), 1);
	assert_int_equal(add_code(CODE_GROUND, "submission"), 0);
	assert_int_equal(add_code(_CODE_TABLE_N, "x"), 1);
	assert_int_equal(add_code(CODE_GROUND, ""), 1);
	assert_int_equal(add_code(CODE_GROUND, "law"), 0);
	assert_non_null(policy_code(policy, CODE_GROUND, "law"));
	assert_null(policy_code(policy, CODE_PURPOSE, "law"));
}

static void test_only_known_file_systems_are_taken_in_their_order(void **state _unused_)
{
	const char *types[4] = {"", "", "", ""};

	policy_file_systems(policy, types, 3);
	assert_null(types[0]);
	assert_int_equal(add_file_system("exfat"), 0);
	assert_int_equal(add_file_system("ext4"), 1);
	assert_int_equal(add_file_system("ntfs3"), 1);
	assert_int_equal(add_file_system(""), 1);
	assert_int_equal(add_file_system("exfat"), 1);
	assert_int_equal(add_file_system("vfat"), 0);
	policy_file_systems(policy, types, 3);
	assert_string_equal(types[0], "exfat");
	assert_string_equal(types[1], "vfat");
	assert_null(types[2]);
	policy_file_systems(policy, types, 1);
	assert_null(types[1]);
}

static void test_terminal_and_settings_come_once_and_whole(void **state _unused_)
{
	struct TerminalRow terminal = {};
	struct SettingsRow settings = {.own_password = 1};

	assert_null(policy_terminal(policy));
	assert_int_equal(policy_settings(policy)->checkout_days, 0); /* lends nothing: see judge_checkout */
	assert_int_equal(add(MSG_LOAD_TERMINAL, &terminal), 1);
	assert_int_equal(add(MSG_LOAD_SETTINGS, &settings), 1);
	STR_CUT(terminal.id, "T001");
	settings.checkout_days = 3;
	assert_int_equal(add(MSG_LOAD_TERMINAL, &terminal), 0);
	assert_int_equal(add(MSG_LOAD_SETTINGS, &settings), 0);
	assert_int_equal(add(MSG_LOAD_TERMINAL, &terminal), 1);
	assert_int_equal(add(MSG_LOAD_SETTINGS, &settings), 1);
	assert_string_equal(policy_terminal(policy)->id, "T001");
	assert_int_equal(policy_settings(policy)->checkout_days, 3);
}

static void test_what_is_no_row_is_not_taken(void **state _unused_)
{
	static const struct MsgLoadEnd row = {};

	assert_int_equal(add(MSG_LOAD_END, &row), 1);
	assert_int_equal(add(0, &row), 1);
	assert_int_equal(add(MSG_APPEND, &row), 1);
}

static void test_issuers_keep_their_order(void **state _unused_)
{
	const struct IssuerRow a = {.vkey = "a+1+x"}, b = {.vkey = "b+1+x"};

	assert_int_equal(policy_issuers(policy).n, 0);
	assert_int_equal(add(MSG_LOAD_ISSUER, &a), 0);
	assert_int_equal(add(MSG_LOAD_ISSUER, &b), 0);
	assert_int_equal(policy_issuers(policy).n, 2);
	assert_string_equal(policy_issuers(policy).rows[1].vkey, "b+1+x");
}

static void test_people_are_told_whom_to_ask(void **state _unused_)
{
	struct PersonRow gone = {
	        .login = "s3", .name = "伊藤", .uid = 3, .roles = ROLE_SUPERVISOR, .valid_until = 100};
	char text[LIMIT_SUBJECT];

	policy_contact(policy, NULL, text, sizeof(text));
	assert_string_equal(text, "");
	assert_int_equal(add_person("s1", "佐藤 花子", 1, ROLE_SUPERVISOR), 0);
	assert_int_equal(add_person("c1", "田中", 9, ROLE_CLERK), 0);
	assert_int_equal(add_person("s2", "鈴木 一郎", 2, ROLE_SUPERVISOR | ROLE_CLERK), 0);
	assert_int_equal(add(MSG_LOAD_PERSON, &gone), 0);
	policy_contact(policy, NULL, text, sizeof(text));
	assert_string_equal(text, "佐藤 花子 (s1), 鈴木 一郎 (s2), 伊藤 (s3)");
	policy_contact_at(policy, 99, NULL, text, sizeof(text));
	assert_string_equal(text, "佐藤 花子 (s1), 鈴木 一郎 (s2), 伊藤 (s3)");
	policy_contact_at(policy, 100, "s1", text, sizeof(text));
	assert_string_equal(text, "鈴木 一郎 (s2)");
}

static void test_a_name_that_does_not_fit_is_left_out_whole(void **state _unused_)
{
	char text[32];

	assert_int_equal(add_person("s1", "佐藤 花子", 1, ROLE_SUPERVISOR), 0);
	assert_int_equal(add_person("s2", "鈴木 一郎", 2, ROLE_SUPERVISOR), 0);
	policy_contact(policy, NULL, text, sizeof(text));
	assert_string_equal(text, "佐藤 花子 (s1)");
	policy_contact(policy, NULL, text, 5);
	assert_string_equal(text, "");
}

#define UNIT(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        UNIT(test_people_are_found_by_uid_and_by_login),
	        UNIT(test_a_person_who_cannot_be_is_not_taken),
	        UNIT(test_the_roster_ends_at_its_cap),
	        UNIT(test_each_table_of_codes_ends_at_its_own_cap),
	        UNIT(test_a_code_belongs_to_its_table),
	        UNIT(test_only_known_file_systems_are_taken_in_their_order),
	        UNIT(test_terminal_and_settings_come_once_and_whole),
	        UNIT(test_what_is_no_row_is_not_taken),
	        UNIT(test_issuers_keep_their_order),
	        UNIT(test_people_are_told_whom_to_ask),
	        UNIT(test_a_name_that_does_not_fit_is_left_out_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
