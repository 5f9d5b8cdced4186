/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_fixture.h"
#include "str.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct Policy *policy;

static void add(uint32_t type, const void *row)
{
	assert_int_equal(policy_add(policy, type, row), 0);
}

static void add_person(const char *login, uid_t uid, uint32_t roles, int64_t valid_until)
{
	struct PersonRow p = {.uid = uid, .roles = roles, .valid_until = valid_until};

	STR_CUT(p.login, login);
	STR_CUT(p.name, login);
	add(MSG_LOAD_PERSON, &p);
}

int judge_policy(void **state)
{
	const struct TerminalRow terminal = {.domain = "example.lg.jp", .id = "T001"};
	const struct SettingsRow settings = {.checkout_days = 1};
	const struct CodeRow purpose = {.table = CODE_PURPOSE, .code = "submission", .name = "p"};
	const struct CodeRow ground = {.table = CODE_GROUND, .code = "law", .name = "g"};

	(void)state;
	assert_int_equal(policy_new(&policy), 0);
	add(MSG_LOAD_TERMINAL, &terminal);
	add(MSG_LOAD_SETTINGS, &settings);
	add(MSG_LOAD_CODE, &purpose);
	add(MSG_LOAD_CODE, &ground);
	add_person("supervisor1", 1, ROLE_SUPERVISOR, 0);
	add_person("supervisor2", 2, ROLE_SUPERVISOR, NOW);
	add_person("clerk1", 3, ROLE_CLERK, 0);
	add_person("clerk2", 4, ROLE_CLERK, NOW);
	add_person("both", 5, ROLE_CLERK | ROLE_SUPERVISOR, 0);
	add_person("auditor1", 6, ROLE_AUDITOR, 0);
	add_person("admin1", 7, ROLE_ADMINISTRATOR, 0);
	return 0;
}

int judge_policy_free(void **state)
{
	(void)state;
	policy = policy_free(policy);
	return 0;
}
