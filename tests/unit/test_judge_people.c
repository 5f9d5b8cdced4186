/* SPDX-License-Identifier: Apache-2.0 */
/* What people may ask for: by role, by the rules of lending, by whose loan it is. */
#include "judge_fixture.h"
#include "str.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void test_authority_is_by_role_and_by_the_kernels_uid(void **state)
{
	static const struct {
		uid_t uid;
		enum Verb verb;
		int fault;
	} asked[] = {
	        {1, VERB_REGISTER, 0},
	        {3, VERB_REGISTER, FAULT_NOT_ALLOWED},
	        {7, VERB_REGISTER, FAULT_NOT_ALLOWED},
	        {1, VERB_CHECKOUT, 0},
	        {3, VERB_CHECKOUT, FAULT_NOT_ALLOWED},
	        {6, VERB_CHECKOUT, FAULT_NOT_ALLOWED},
	        {3, VERB_COPY, 0},
	        {1, VERB_COPY, FAULT_NOT_ALLOWED},
	        {7, VERB_COPY, FAULT_NOT_ALLOWED},
	        {3, VERB_RETURN, 0},
	        {1, VERB_RETURN, 0},
	        {6, VERB_RETURN, FAULT_NOT_ALLOWED},
	        {6, VERB_RECORDS, 0},
	        {3, VERB_RECORDS, 0},
	        {99, VERB_STATUS, FAULT_NOT_ON_ROSTER},
	        {99, VERB_COPY, FAULT_NOT_ON_ROSTER},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		const struct PersonRow *who = NULL;

		assert_int_equal(judge_authority(policy, asked[i].uid, asked[i].verb, &who), asked[i].fault);
		assert_int_equal(who != NULL, asked[i].uid != 99);
	}
}

/* All verbs, all roles; `s` supervisor, `h` chief, `u` auditor, `c` clerk, `a` administrator. */
static void test_authority_of_every_role_for_every_verb(void **state)
{
	static const char *const allowed[_VERB_N] = {
	        [VERB_STATUS] = "hsuca",
	        [VERB_DEVICES] = "hsuca",
	        [VERB_EXPLAIN] = "hsuca",
	        [VERB_REGISTER] = "s",
	        [VERB_CHECKOUT] = "s",
	        [VERB_RETURN] = "sc",
	        [VERB_COPY] = "c",
	        [VERB_LIST] = "c",
	        [VERB_GET] = "c",
	        [VERB_RECORDS] = "hsuca",
	        [VERB_CLOCK] = "s",
	        [VERB_WATCH] = "hsuca",
	        [VERB_RELABEL] = "s",
	        [VERB_DROP] = "hs",
	        [VERB_RECEIPT] = "",
	};
	static const char letters[] = "hsuca"; /* in the order of enum Role */

	(void)state;
	for (uint32_t roles = 1; roles < 32; roles++) {
		struct PersonRow p = {.login = "p", .uid = 4000, .roles = roles};
		struct Policy *one;
		int added;

		assert_int_equal(policy_new(&one), 0);
		added = policy_add(one, MSG_LOAD_PERSON, &p);
		/* an administrator has no other role */
		assert_int_equal(added, roles > ROLE_ADMINISTRATOR);
		for (enum Verb verb = 0; !added && verb <= _VERB_N; verb++) {
			const struct PersonRow *who = NULL;
			bool may = false;

			for (size_t i = 0; verb < _VERB_N && letters[i]; i++)
				may |= roles & 1u << i && strchr(allowed[verb], letters[i]);
			assert_int_equal(judge_authority(one, 4000, verb, &who), may ? 0 : FAULT_NOT_ALLOWED);
			assert_int_equal(judge_authority(one, 4001, verb, &who), FAULT_NOT_ON_ROSTER);
			assert_int_equal(judge_authority(NULL, 4000, verb, &who), FAULT_NO_POLICY);
		}
		policy_free(one);
	}
}

static void test_an_expired_right_looks_and_brings_back(void **state)
{
	const struct PersonRow *gone = policy_person_by_login(policy, "clerk2");
	const struct PersonRow *there = policy_person_by_login(policy, "clerk1");

	(void)state;
	for (enum Verb verb = 0; verb <= _VERB_N; verb++) {
		bool may = verb == VERB_STATUS || verb == VERB_DEVICES || verb == VERB_EXPLAIN ||
		           verb == VERB_RETURN || verb == VERB_WATCH;

		assert_int_equal(judge_right(gone, verb, NOW), may ? 0 : FAULT_RIGHT_EXPIRED);
		assert_int_equal(judge_right(gone, verb, NOW - 1), 0); /* its last moment */
		assert_int_equal(judge_right(there, verb, NOW), 0);
	}
}

static void test_a_year_is_dropped_by_two_people_after_its_retention(void **state)
{
	static const struct {
		struct DropFacts facts;
		int fault;
	} drops[] = {
	        /* ended in the spring of 2021: seven years after it is the spring of 2028 */
	        {{.year = 2020, .running = 2027}, FAULT_RETENTION},
	        {{.year = 2020, .running = 2028}, 0},
	        {{.year = 2020, .running = 2060}, 0},
	        {{.year = UINT32_MAX, .running = 2060}, FAULT_RETENTION},
	        {{.year = 2020, .running = 2027, .confirm = true, .asked_by = "both", .asked_at = NOW}, FAULT_RETENTION},
	        {{.year = 2020, .running = 2028, .confirm = true, .asked_by = ""}, FAULT_NOT_ASKED},
	        {{.year = 2020, .running = 2028, .confirm = true, .asked_by = "both", .asked_at = NOW}, 0},
	        {{.year = 2020, .running = 2028, .confirm = true, .asked_by = "both", .asked_at = NOW - 7 * 86400000ll}, 0},
	        {{.year = 2020, .running = 2028, .confirm = true, .asked_by = "both", .asked_at = NOW - 7 * 86400000ll - 1},
	                FAULT_NOT_ASKED},
	        {{.year = 2020, .running = 2028, .confirm = true, .asked_by = "both", .asked_at = NOW + 1}, FAULT_NOT_ASKED},
	        {{.year = 2020, .running = 2028, .confirm = true, .asked_by = "supervisor1", .asked_at = NOW},
	                FAULT_SAME_PERSON},
	        /* whose right has run out since, who is no supervisor, who has gone */
	        {{.year = 2020, .running = 2028, .confirm = true, .asked_by = "supervisor2", .asked_at = NOW},
	                FAULT_NOT_ASKED},
	        {{.year = 2020, .running = 2028, .confirm = true, .asked_by = "clerk1", .asked_at = NOW}, FAULT_NOT_ASKED},
	        {{.year = 2020, .running = 2028, .confirm = true, .asked_by = "nobody", .asked_at = NOW}, FAULT_NOT_ASKED},
	};
	const struct SettingsRow settings = {.checkout_days = 1, .retention_years = 7};
	const struct PersonRow *who = policy_person_by_login(policy, "supervisor1");
	struct PersonRow others[] = {
	        {.login = "both", .uid = 5, .roles = ROLE_CLERK | ROLE_SUPERVISOR},
	        {.login = "supervisor2", .uid = 2, .roles = ROLE_SUPERVISOR, .valid_until = NOW},
	        {.login = "clerk1", .uid = 3, .roles = ROLE_CLERK},
	};
	struct DropFacts kept = {.year = 2000, .running = 2060, .asked_by = ""};
	struct Policy *other;

	(void)state;
	assert_int_equal(judge_drop(policy, who, &kept, NOW), FAULT_NO_RETENTION);
	assert_int_equal(policy_new(&other), 0);
	assert_int_equal(policy_add(other, MSG_LOAD_SETTINGS, &settings), 0);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_int_equal(policy_add(other, MSG_LOAD_PERSON, &others[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(drops); i++) {
		int fault = judge_drop(other, who, &drops[i].facts, NOW);

		if (fault != drops[i].fault)
			fail_msg("row %zu: %s", i, fault_row(fault)->code);
	}
	policy_free(other);
}

static void test_a_medium_is_registered_under_a_supervisor(void **state)
{
	const struct PersonRow *actor = policy_person_by_login(policy, "supervisor1");
	struct Request q = {};

	(void)state;
	assert_int_equal(judge_register(policy, actor, &q), 0); /* under their own name */
	STR_CUT(q.supervisor, "both");
	assert_int_equal(judge_register(policy, actor, &q), 0);
	STR_CUT(q.supervisor, "clerk1");
	assert_int_equal(judge_register(policy, actor, &q), FAULT_NOT_A_SUPERVISOR);
	STR_CUT(q.supervisor, "nobody");
	assert_int_equal(judge_register(policy, actor, &q), FAULT_NOT_A_SUPERVISOR);
}

static void good_request(struct Request *q)
{
	*q = (struct Request){.until = SOON};
	STR_CUT(q->number, "USB-0001");
	STR_CUT(q->clerk, "clerk1");
	STR_CUT(q->purpose, "submission");
	STR_CUT(q->ground, "law");
	STR_CUT(q->destination, "office");
}

static int checkout(const char *actor, const struct Request *q)
{
	const char *subject = "";

	return judge_checkout(policy, policy_person_by_login(policy, actor), q, NOW, &subject);
}

static void test_a_checkout_outside_the_rules_is_refused(void **state)
{
	struct Request q;

	(void)state;
	good_request(&q);
	assert_int_equal(checkout("supervisor1", &q), 0);
	assert_int_equal(checkout("supervisor2", &q), FAULT_RIGHT_EXPIRED);
	STR_CUT(q.clerk, "both");
	assert_int_equal(checkout("both", &q), FAULT_SELF_LENDING);
	STR_CUT(q.clerk, "supervisor1");
	assert_int_equal(checkout("both", &q), FAULT_NOT_A_CLERK);
	STR_CUT(q.clerk, "nobody");
	assert_int_equal(checkout("both", &q), FAULT_NOT_A_CLERK);
	STR_CUT(q.clerk, "clerk2");
	assert_int_equal(checkout("both", &q), FAULT_RIGHT_EXPIRED);
	good_request(&q);
	STR_CUT(q.purpose, "fun");
	assert_int_equal(checkout("supervisor1", &q), FAULT_UNKNOWN_PURPOSE);
	good_request(&q);
	STR_CUT(q.ground, "submission"); /* a purpose is no ground */
	assert_int_equal(checkout("supervisor1", &q), FAULT_UNKNOWN_GROUND);
	good_request(&q);
	q.until = NOW;
	assert_int_equal(checkout("supervisor1", &q), FAULT_UNTIL_PAST);
	q.until = NOW + 86400001;
	assert_int_equal(checkout("supervisor1", &q), FAULT_UNTIL_FAR);
	good_request(&q);
	q.carry_out = 1;
	assert_int_equal(checkout("supervisor1", &q), FAULT_SAFEGUARDS_MISSING);
	q.locked_carrier = 1;
	assert_int_equal(checkout("supervisor1", &q), 0);
}

static void test_a_policy_that_names_no_length_lends_nothing(void **state)
{
	struct PersonRow clerk = {.login = "c", .uid = 2, .roles = ROLE_CLERK};
	struct PersonRow actor = {.login = "s", .uid = 1, .roles = ROLE_SUPERVISOR};
	const struct CodeRow purpose = {.table = CODE_PURPOSE, .code = "submission"};
	const struct CodeRow ground = {.table = CODE_GROUND, .code = "law"};
	const char *subject;
	struct Policy *one;
	struct Request q;

	(void)state;
	assert_int_equal(policy_new(&one), 0);
	assert_int_equal(policy_add(one, MSG_LOAD_PERSON, &clerk), 0);
	assert_int_equal(policy_add(one, MSG_LOAD_CODE, &purpose), 0);
	assert_int_equal(policy_add(one, MSG_LOAD_CODE, &ground), 0);
	good_request(&q);
	STR_CUT(q.clerk, "c");
	assert_int_equal(judge_checkout(one, &actor, &q, NOW, &subject), FAULT_UNTIL_FAR);
	policy_free(one);
}

/* The sentence of a refused checkout is about the right thing. */
static void test_a_refused_checkout_names_what_was_wrong(void **state)
{
	const struct PersonRow *actor = policy_person_by_login(policy, "supervisor1");
	const char *subject = NULL;
	struct Request q;

	(void)state;
	good_request(&q);
	STR_CUT(q.clerk, "clerk2");
	assert_int_equal(judge_checkout(policy, actor, &q, NOW, &subject), FAULT_RIGHT_EXPIRED);
	assert_string_equal(subject, "clerk2");
	good_request(&q);
	STR_CUT(q.ground, "fun");
	assert_int_equal(judge_checkout(policy, actor, &q, NOW, &subject), FAULT_UNKNOWN_GROUND);
	assert_string_equal(subject, "fun");
	good_request(&q);
	q.carry_out = 1;
	assert_int_equal(judge_checkout(policy, actor, &q, NOW, &subject), FAULT_SAFEGUARDS_MISSING);
	assert_string_equal(subject, "USB-0001");
}

static void test_a_loan_is_its_holders(void **state)
{
	const struct PersonRow *clerk = policy_person_by_login(policy, "clerk1");
	const struct PersonRow *other = policy_person_by_login(policy, "both");
	const struct PersonRow *supervisor = policy_person_by_login(policy, "supervisor1");
	struct CheckoutRow c = {.clerk = "clerk1", .until = SOON};

	(void)state;
	assert_int_equal(judge_copy(policy, clerk, &c, NOW), 0);
	assert_int_equal(judge_copy(policy, other, &c, NOW), FAULT_OTHER_LOAN);
	assert_int_equal(judge_copy(policy, clerk, NULL, NOW), FAULT_NOT_CHECKED_OUT);
	assert_int_equal(judge_copy(policy, clerk, &c, SOON), FAULT_OVERDUE);
	assert_int_equal(judge_return(policy, clerk, &c), 0);
	assert_int_equal(judge_return(policy, supervisor, &c), 0);
	assert_int_equal(
	        judge_return(policy, policy_person_by_login(policy, "clerk2"), &c), FAULT_OTHER_LOAN);
	assert_int_equal(judge_return(policy, clerk, NULL), FAULT_NO_CHECKOUT);
	STR_CUT(c.terminals, "T009");
	assert_int_equal(judge_copy(policy, clerk, &c, NOW), FAULT_WRONG_TERMINAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_authority_of_every_role_for_every_verb),
	        cmocka_unit_test(test_an_expired_right_looks_and_brings_back),
	        cmocka_unit_test(test_a_year_is_dropped_by_two_people_after_its_retention),
	        cmocka_unit_test(test_a_medium_is_registered_under_a_supervisor),
	        cmocka_unit_test(test_authority_is_by_role_and_by_the_kernels_uid),
	        cmocka_unit_test(test_a_checkout_outside_the_rules_is_refused),
	        cmocka_unit_test(test_a_policy_that_names_no_length_lends_nothing),
	        cmocka_unit_test(test_a_refused_checkout_names_what_was_wrong),
	        cmocka_unit_test(test_a_loan_is_its_holders),
	};

	return cmocka_run_group_tests(tests, judge_policy, judge_policy_free);
}
