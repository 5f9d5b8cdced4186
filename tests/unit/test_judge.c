/* SPDX-License-Identifier: Apache-2.0 */
/* The judge, row by row: what it is given, what it must say, and that the first objection decides. */
#include "judge.h"
#include "str.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

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
	                "do not use it; hand it to Sato and look for its twin"},
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
	        cmocka_unit_test(test_a_lent_stick_is_opened),
	        cmocka_unit_test(test_each_rule_refuses_with_its_reason),
	        cmocka_unit_test(test_of_two_objections_the_earlier_rule_decides),
	        cmocka_unit_test(test_of_any_set_of_objections_the_first_decides),
	        cmocka_unit_test(test_every_refusal_says_what_and_why_and_whom_to_ask),
	        cmocka_unit_test(test_the_walk_says_what_was_compared),
	        cmocka_unit_test(test_the_verdict_follows_from_the_question_alone),
	        cmocka_unit_test(test_what_is_no_storage_is_not_ours),
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

	return cmocka_run_group_tests(tests, make_policy, free_policy);
}
