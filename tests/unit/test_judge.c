/* SPDX-License-Identifier: Apache-2.0 */
/* The judge, row by row: what it is given, what it must say, and that the first objection decides. */
#include "judge.h"
#include "str.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define NOW  1000000
#define SOON (NOW + 1000)

static struct Policy *policy;

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

static int make_policy(void **state)
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

static int free_policy(void **state)
{
	(void)state;
	policy = policy_free(policy);
	return 0;
}

/* A lent stick that meets no objection; each row spoils one thing. */
struct Case {
	struct Identity identity;
	struct MediumRow medium;
	struct CheckoutRow checkout;
	struct Facts facts;
	const struct Policy *policy;
};

static void good(struct Case *c)
{
	*c = (struct Case){
	        .identity = {.port = "2-1",
	                .vendor = 0x951,
	                .product = 0x1666,
	                .storage_like = 1,
	                .n_interfaces = 1,
	                .interfaces = {{1, 0, 0, 8, 6, 0x50}},
	                .serial_size = 8,
	                .serial = "AB12CD34"},
	        .medium = {.number = "USB-0001"},
	        .checkout = {.id = "T001-2026-0001", .medium = "USB-0001", .clerk = "clerk1", .until = SOON},
	        .facts = {.now = NOW},
	        .policy = policy,
	};
	c->facts.medium = &c->medium;
	c->facts.checkout = &c->checkout;
}

static void spoil_policy(struct Case *c)
{
	c->policy = NULL;
}
static void spoil_form(struct Case *c)
{
	c->identity.strength = IDENTITY_MALFORMED;
}
static void spoil_kind(struct Case *c)
{
	c->identity.interfaces[0].class = 6;
}
static void spoil_floppy(struct Case *c)
{
	c->identity.interfaces[0].subclass = 4;
}
static void spoil_alias(struct Case *c)
{
	c->identity.by_alias = 1;
}
static void spoil_composite(struct Case *c)
{
	c->identity.composite = 1;
}
static void spoil_second(struct Case *c)
{
	c->identity.n_interfaces = 2;
	c->identity.interfaces[1] = (struct InterfaceSetting){1, 1, 0, 8, 6, 0x50};
}
static void spoil_serial(struct Case *c)
{
	c->identity.serial_size = 0;
}
static void spoil_placeholder(struct Case *c)
{
	c->identity.strength = IDENTITY_PLACEHOLDER;
}
static void spoil_twin(struct Case *c)
{
	c->facts.twin = true;
}
static void spoil_register(struct Case *c)
{
	c->facts.medium = NULL;
}
static void spoil_revoked(struct Case *c)
{
	c->medium.revoked = 1;
}
static void spoil_time(struct Case *c)
{
	c->facts.time_unsure = true;
}
static void spoil_checkout(struct Case *c)
{
	c->facts.checkout = NULL;
}
static void spoil_until(struct Case *c)
{
	c->checkout.until = NOW;
}
static void spoil_state(struct Case *c)
{
	c->checkout.state = CHECKOUT_OVERDUE;
}
static void spoil_terminal(struct Case *c)
{
	STR_CUT(c->checkout.terminals, "T002,T003");
}

struct Row {
	void (*spoil)(struct Case *c);
	int reason;
};

/* In the order of the rules: an earlier row wins over a later one. */
static const struct Row rows[] = {
        {spoil_policy, FAULT_NO_POLICY},
        {spoil_form, FAULT_MALFORMED_DEVICE},
        {spoil_kind, FAULT_BUS_CLOSED},
        {spoil_floppy, FAULT_BUS_CLOSED},
        {spoil_alias, FAULT_BUS_CLOSED},
        {spoil_composite, FAULT_COMPOSITE},
        {spoil_second, FAULT_COMPOSITE},
        {spoil_serial, FAULT_NO_SERIAL},
        {spoil_placeholder, FAULT_PLACEHOLDER_SERIAL},
        {spoil_twin, FAULT_TWIN},
        {spoil_register, FAULT_NOT_REGISTERED},
        {spoil_revoked, FAULT_REVOKED},
        {spoil_time, FAULT_TIME_UNSURE},
        {spoil_checkout, FAULT_NOT_CHECKED_OUT},
        {spoil_until, FAULT_OVERDUE},
        {spoil_state, FAULT_OVERDUE},
        {spoil_terminal, FAULT_WRONG_TERMINAL},
};

static int judged(const struct Case *c, struct Verdict *ret)
{
	struct Walk walk;

	judge_device(c->policy, &c->identity, &c->facts, ret, &walk);
	if (ret->answer == VERDICT_REFUSE) {
		/* the walk ends with the rule that decided, and with no other */
		for (size_t i = 0; i < ret->n_steps; i++)
			assert_int_equal(walk.steps[i].decided, i + 1u == ret->n_steps);
		assert_int_equal(walk.steps[ret->n_steps - 1].reason, ret->reason);
	}
	return ret->answer;
}

static void test_a_lent_stick_is_opened(void **state)
{
	struct Verdict v;
	struct Case c;

	(void)state;
	good(&c);
	assert_int_equal(judged(&c, &v), VERDICT_OPEN);
	STR_CUT(c.checkout.terminals, "T002,T001");
	assert_int_equal(judged(&c, &v), VERDICT_OPEN);
	c.identity.interfaces[0].protocol = 0x62; /* UAS */
	assert_int_equal(judged(&c, &v), VERDICT_OPEN);
}

static void test_each_rule_refuses_with_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct Verdict v, again;
		struct Case c;

		good(&c);
		rows[i].spoil(&c);
		assert_int_equal(judged(&c, &v), VERDICT_REFUSE);
		assert_int_equal(v.reason, rows[i].reason);
		/* the same question has the same answer */
		judged(&c, &again);
		assert_memory_equal(&v, &again, sizeof(v));
	}
}

static void test_of_two_objections_the_earlier_rule_decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t k = i + 1; k < ARRAY_SIZE(rows); k++) {
			struct Verdict v;
			struct Case c;

			good(&c);
			rows[k].spoil(&c);
			rows[i].spoil(&c);
			assert_int_equal(judged(&c, &v), VERDICT_REFUSE);
			/* spoiling the register leaves a stick without its checkout's rules to ask */
			assert_int_equal(v.reason, rows[i].reason);
		}
}

static void test_what_is_no_storage_is_not_ours(void **state)
{
	struct Verdict v;
	struct Case c;

	(void)state;
	good(&c);
	c.identity.storage_like = 0;
	assert_int_equal(judged(&c, &v), VERDICT_NOT_OURS);
}

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

static void test_rows_beyond_the_caps_or_twice_are_not_taken(void **state)
{
	struct PersonRow p = {.uid = 3, .login = "other"};
	struct CodeRow code = {.table = CODE_PURPOSE, .code = "submission"};

	(void)state;
	assert_int_equal(policy_add(policy, MSG_LOAD_PERSON, &p), 1); /* the uid is clerk1's */
	assert_int_equal(policy_add(policy, MSG_LOAD_CODE, &code), 1);
	assert_int_equal(policy_add(policy, MSG_LOAD_END, &p), 1);
	for (uid_t i = 0; i < LIMIT_PEOPLE; i++) {
		p.uid = 1000 + i;
		snprintf(p.login, sizeof(p.login), "p%u", i);
		if (policy_add(policy, MSG_LOAD_PERSON, &p))
			return; /* the cap holds */
	}
	fail();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_lent_stick_is_opened),
	        cmocka_unit_test(test_each_rule_refuses_with_its_reason),
	        cmocka_unit_test(test_of_two_objections_the_earlier_rule_decides),
	        cmocka_unit_test(test_what_is_no_storage_is_not_ours),
	        cmocka_unit_test(test_authority_is_by_role_and_by_the_kernels_uid),
	        cmocka_unit_test(test_a_checkout_outside_the_rules_is_refused),
	        cmocka_unit_test(test_a_loan_is_its_holders),
	        cmocka_unit_test(test_rows_beyond_the_caps_or_twice_are_not_taken),
	};

	return cmocka_run_group_tests(tests, make_policy, free_policy);
}
