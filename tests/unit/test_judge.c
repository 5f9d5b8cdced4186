/* SPDX-License-Identifier: Apache-2.0 */
/* The judge, row by row: what it is given, what it must say, and that the first objection decides. */
#include "judge_fixture.h"
#include "str.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

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
	        .medium = {.number = "USB-0001", .counter = 1},
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
static void spoil_count(struct Case *c)
{
	c->identity.n_interfaces = 0;
}
static void spoil_room(struct Case *c)
{
	c->identity.n_interfaces = LIMIT_INTERFACES + 1;
}
static void spoil_descriptors(struct Case *c)
{
	c->identity.descriptors_size = LIMIT_DESCRIPTORS + 1;
}
static void spoil_serial_room(struct Case *c)
{
	c->identity.serial_size = LIMIT_SERIAL + 1;
}
static void spoil_kind(struct Case *c)
{
	c->identity.interfaces[0].class = 6;
}
static void spoil_no_disk(struct Case *c)
{
	for (size_t k = 0; k < LIMIT_INTERFACES; k++)
		c->identity.interfaces[k].class = 3;
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
static void spoil_setting(struct Case *c)
{
	c->identity.n_interfaces = 2;
	c->identity.interfaces[1] = (struct InterfaceSetting){1, 0, 1, 3, 1, 1};
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
static void spoil_other_medium(struct Case *c)
{
	STR_CUT(c->checkout.medium, "USB-0002");
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

static void spoil_no_label(struct Case *c)
{
	c->medium.counter = 0;
}
static void spoil_label_missing(struct Case *c)
{
	c->facts.label = FAULT_LABEL_MISSING;
}
static void spoil_label_altered(struct Case *c)
{
	c->facts.label = FAULT_LABEL_ALTERED;
}
static void spoil_label_other(struct Case *c)
{
	c->facts.label = FAULT_LABEL_OTHER;
}
static void spoil_label_older(struct Case *c)
{
	c->facts.label = FAULT_LABEL_OLDER;
}
static void spoil_label_ahead(struct Case *c)
{
	c->facts.label = FAULT_LABEL_AHEAD;
}

struct Row {
	void (*spoil)(struct Case *c);
	int reason;
};

/* In the order of the rules: an earlier row wins over a later one. */
static const struct Row rows[] = {
        {spoil_policy, FAULT_NO_POLICY},
        {spoil_form, FAULT_MALFORMED_DEVICE},
        {spoil_count, FAULT_MALFORMED_DEVICE},
        {spoil_room, FAULT_MALFORMED_DEVICE},
        {spoil_descriptors, FAULT_MALFORMED_DEVICE},
        {spoil_serial_room, FAULT_MALFORMED_DEVICE},
        {spoil_kind, FAULT_BUS_CLOSED},
        {spoil_no_disk, FAULT_BUS_CLOSED},
        {spoil_floppy, FAULT_BUS_CLOSED},
        {spoil_alias, FAULT_BUS_CLOSED},
        {spoil_composite, FAULT_COMPOSITE},
        {spoil_second, FAULT_COMPOSITE},
        {spoil_setting, FAULT_COMPOSITE},
        {spoil_serial, FAULT_NO_SERIAL},
        {spoil_placeholder, FAULT_PLACEHOLDER_SERIAL},
        {spoil_twin, FAULT_TWIN},
        {spoil_register, FAULT_NOT_REGISTERED},
        {spoil_revoked, FAULT_REVOKED},
        {spoil_time, FAULT_TIME_UNSURE},
        {spoil_checkout, FAULT_NOT_CHECKED_OUT},
        {spoil_other_medium, FAULT_NOT_CHECKED_OUT},
        {spoil_until, FAULT_OVERDUE},
        {spoil_state, FAULT_OVERDUE},
        {spoil_terminal, FAULT_WRONG_TERMINAL},
        {spoil_no_label, FAULT_LABEL_MISSING},
        {spoil_label_missing, FAULT_LABEL_MISSING},
        {spoil_label_altered, FAULT_LABEL_ALTERED},
        {spoil_label_other, FAULT_LABEL_OTHER},
        {spoil_label_older, FAULT_LABEL_OLDER},
        {spoil_label_ahead, FAULT_LABEL_AHEAD},
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
			assert_int_equal(v.reason, rows[i].reason);
		}
}

/* Every set of objections at once, one row a reason. */
static void test_of_any_set_of_objections_the_first_decides(void **state)
{
	const struct Row *firsts[24];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (i == 0 || rows[i].reason != rows[i - 1].reason)
			firsts[n++] = &rows[i];
	assert_int_equal(n, 18);
	for (uint32_t set = 0; set < 1u << n; set++) {
		struct Verdict v;
		struct Case c;
		int first = FAULT_OK;

		good(&c);
		for (size_t i = n; i-- > 0;)
			if (set & 1u << i) {
				firsts[i]->spoil(&c);
				first = firsts[i]->reason;
			}
		judged(&c, &v);
		assert_int_equal(v.reason, first);
		assert_int_equal(v.answer, set ? VERDICT_REFUSE : VERDICT_OPEN);
	}
}

static void fill(char *ret, size_t size, const char *sentence, const char *value)
{
	const char *hole = strstr(sentence, "%s");

	if (hole)
		snprintf(ret, size, "%.*s%s%s", (int)(hole - sentence), sentence, value, hole + 2);
	else
		snprintf(ret, size, "%s", sentence);
}

/* What people read, rule by rule. */
static void test_every_refusal_says_what_and_why_and_whom_to_ask(void **state)
{
	static const struct {
		const char *rule, *sentence, *hint;
	} texts[] = {
	        {"policy-in-force", "no valid configuration is in force",
	                "tell Sato: mediagate policy check names the error"},
	        {"well-formed", "USB-0001 describes itself wrongly", "do not use it; hand it to Sato"},
	        {"kind-let-in", "USB-0001 is a kind of storage that is not let in here",
	                "use a registered USB stick; ask Sato"},
	        {"one-function", "USB-0001 is storage and something else at once",
	                "use a plain storage medium; ask Sato"},
	        {"has-serial", "USB-0001 has no serial number, so it cannot be told from others",
	                "use a medium that has a serial number of its own; ask Sato"},
	        {"own-serial", "the serial number of USB-0001 is a placeholder shared by many devices",
	                "use a medium that has a serial number of its own; ask Sato"},
	        {"no-twin", "a second device with the same identity as USB-0001 is plugged in",
	                "unplug both and tell Sato: one of them is a copy"},
	        {"registered", "USB-0001 is not a registered medium",
	                "hand it to a supervisor (Sato); only registered media may be used here"},
	        {"not-revoked", "USB-0001 has been revoked", "hand it to Sato"},
	        {"time-sure", "the clock is earlier than it has been",
	                "ask Sato to have the clock set right"},
	        {"checked-out", "USB-0001 is registered but not checked out",
	                "ask Sato to check it out to you"},
	        {"not-overdue", "the checkout of USB-0001 has run out", "return it to Sato"},
	        {"right-terminal", "USB-0001 is not checked out for this terminal",
	                "use the terminal named in the checkout, or ask Sato"},
	        {"labelled", "USB-0001 carries no label of this office",
	                "hand it to Sato; after a look at it: mediagate relabel"},
	        {"label-whole", "the label on USB-0001 was altered or is damaged",
	                "hand it to Sato; after a look at it: mediagate relabel"},
	        {"label-its-own", "USB-0001 carries the label of another medium or terminal",
	                "do not use it; hand it to Sato"},
	        {"label-not-older",
	                "the label on USB-0001 is an older one: it is a copy of the medium, or an old image "
	                "was put back",
	                "do not use it; hand it to Sato: another medium may carry a copy of it"},
	        {"label-not-newer", "the label on USB-0001 is newer than this terminal's records",
	                "hand it to Sato: an older state of this terminal may have been put back"},
	};
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct FaultRow *fault = fault_row(rows[i].reason);
		char text[256];
		struct Verdict v;
		struct Case c;

		if (i > 0 && rows[i].reason == rows[i - 1].reason)
			continue;
		assert_true(n < ARRAY_SIZE(texts));
		good(&c);
		rows[i].spoil(&c);
		judged(&c, &v);
		assert_string_equal(judge_rule_name(v.n_steps - 1u), texts[n].rule);
		fill(text, sizeof(text), fault->sentence, "USB-0001");
		assert_string_equal(text, texts[n].sentence);
		fill(text, sizeof(text), fault->hint, "Sato");
		assert_string_equal(text, texts[n].hint);
		n++;
	}
	assert_int_equal(n, ARRAY_SIZE(texts));
	assert_string_equal(judge_rule_name((unsigned int)n), "unknown");
}

/* Each step says with what it compared: the walk of a stick that is opened. */
static void test_the_walk_says_what_was_compared(void **state)
{
	static const char *const compared[] = {"configuration in force",
	        "0 bytes of descriptors, interface settings: 1", "interface 0 is 08:06:50",
	        "interface settings: 1, one function", "serial number of 8 bytes", "AB12CD34",
	        "the only one of its identity", "USB-0001", "not revoked", "not earlier than it has been",
	        "T001-2026-0001", "until 1970-01-01T09:16:41.000+09:00", "for the terminal that lent it", "not read yet", "not read yet",
	        "not read yet", "not read yet", "not read yet"};
	struct Walk walk;
	struct Verdict v;
	struct Case c;

	(void)state;
	setenv("TZ", "JST-9", 1);
	tzset();
	good(&c);
	judge_device(c.policy, &c.identity, &c.facts, &v, &walk);
	assert_int_equal(v.n_steps, ARRAY_SIZE(compared));
	for (size_t i = 0; i < ARRAY_SIZE(compared); i++) {
		assert_string_equal(walk.steps[i].compared, compared[i]);
		assert_int_equal(walk.steps[i].decided, 0);
		assert_int_equal(walk.steps[i].rule, i);
	}
}

static uint32_t draw(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* The rules again, as one sentence, written from docs/flow.md and not from the table. */
static bool may_open(const struct Case *c)
{
	const struct Identity *i = &c->identity;
	bool plain = i->n_interfaces >= 1 && i->n_interfaces <= 3;

	for (size_t k = 0; k < i->n_interfaces && k < 3; k++) {
		const struct InterfaceSetting *s = &i->interfaces[k];

		plain = plain && s->number == i->interfaces[0].number && s->class == 8 && s->subclass == 6 &&
		        (s->protocol == 0x50 || s->protocol == 0x62);
	}
	return c->policy && plain && i->strength == IDENTITY_STRONG && !i->by_alias && !i->composite &&
	       i->serial_size && !c->facts.twin && c->facts.medium && !c->medium.revoked &&
	       !c->facts.time_unsure && c->facts.checkout && str_eq(c->checkout.medium, c->medium.number) &&
	       c->checkout.state == CHECKOUT_OPEN && c->checkout.until > NOW &&
	       (!c->checkout.terminals[0] || strstr(c->checkout.terminals, "T001"));
}

static void some(struct Case *c, uint32_t *seed)
{
	static const uint8_t protocols[] = {0x50, 0x62, 0x50, 0x01};
	uint32_t dice = draw(seed);

	good(c);
#define ONE_IN(n) (draw(seed) % (n) == 0)
	if (ONE_IN(32))
		c->policy = NULL;
	c->identity.strength = (uint8_t)(ONE_IN(8) ? dice % _IDENTITY_STRENGTH_N : IDENTITY_STRONG);
	c->identity.n_interfaces = (uint16_t)(draw(seed) % 4);
	for (size_t k = 0; k < 3; k++)
		c->identity.interfaces[k] = (struct InterfaceSetting){1, (uint8_t)ONE_IN(8), (uint8_t)k,
		        ONE_IN(16) ? 3 : 8, ONE_IN(16) ? 4 : 6, protocols[draw(seed) % 4]};
	c->identity.by_alias = ONE_IN(16);
	c->identity.composite = ONE_IN(16);
	c->identity.serial_size = ONE_IN(16) ? 0 : 8;
	c->facts.twin = ONE_IN(16);
	c->facts.time_unsure = ONE_IN(16);
	c->medium.revoked = ONE_IN(16);
	c->checkout.state = (uint8_t)ONE_IN(16);
	c->checkout.until = NOW + (int64_t)(draw(seed) % 9) - 1;
	if (ONE_IN(8))
		STR_CUT(c->checkout.terminals, ONE_IN(2) ? "T003,T001" : "T0011,T002");
	if (ONE_IN(16))
		STR_CUT(c->checkout.medium, "USB-0002");
	if (ONE_IN(16))
		c->facts.checkout = NULL;
	if (ONE_IN(16))
		c->facts.medium = NULL;
}

static void test_the_verdict_follows_from_the_question_alone(void **state)
{
	uint32_t seed = 20261121;
	size_t opened = 0;

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		struct Verdict v, again;
		struct Case c, before;
		bool open;

		some(&c, &seed);
		memcpy(&before, &c, sizeof(c));
		open = judged(&c, &v) == VERDICT_OPEN;
		judge_device(c.policy, &c.identity, &c.facts, &again, NULL); /* with or without a walk */
		assert_memory_equal(&v, &again, sizeof(v));
		assert_memory_equal(&before, &c, sizeof(c));
		if (strstr(c.checkout.terminals, "T0011")) /* not ours, though it begins like it */
			STR_CUT(c.checkout.terminals, "T002");
		assert_int_equal(open, may_open(&c));
		opened += open;
	}
	assert_true(opened > 500);
	assert_true(opened < 10000);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_lent_stick_is_opened),
	        cmocka_unit_test(test_each_rule_refuses_with_its_reason),
	        cmocka_unit_test(test_of_two_objections_the_earlier_rule_decides),
	        cmocka_unit_test(test_of_any_set_of_objections_the_first_decides),
	        cmocka_unit_test(test_every_refusal_says_what_and_why_and_whom_to_ask),
	        cmocka_unit_test(test_the_walk_says_what_was_compared),
	        cmocka_unit_test(test_the_verdict_follows_from_the_question_alone),
	        cmocka_unit_test(test_what_is_no_storage_is_not_ours),
	};

	return cmocka_run_group_tests(tests, judge_policy, judge_policy_free);
}
