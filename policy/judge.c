/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules as rows, asked in order. A rule says whether it objects and with what it compared; the first
 * objection decides, and a device that meets none is opened.
 */
#include "judge.h"

#include "clock.h"
#include "str.h"

#include <stdio.h>

struct Question {
	const struct Policy *policy;
	const struct Identity *identity;
	const struct Facts *facts;
};

struct Rule {
	const char *name;
	enum Fault reason;
	bool (*objects)(const struct Question *q, char *compared, size_t size);
};

#define SAY(...) snprintf(compared, size, __VA_ARGS__)

static bool no_policy(const struct Question *q, char *compared, size_t size)
{
	SAY("configuration %s", q->policy ? "in force" : "missing");
	return !q->policy;
}

static bool malformed(const struct Question *q, char *compared, size_t size)
{
	const struct Identity *i = q->identity;

	SAY("%u bytes of descriptors, interface settings: %u", i->descriptors_size, i->n_interfaces);
	return i->strength == IDENTITY_MALFORMED || i->n_interfaces == 0 ||
	       i->n_interfaces > LIMIT_INTERFACES || i->descriptors_size > LIMIT_DESCRIPTORS ||
	       i->serial_size > LIMIT_SERIAL;
}

/* BOT or UAS with SCSI commands: what usb_storage and uas bind to by class. */
static bool is_plain_disk(const struct InterfaceSetting *s)
{
	return s->class == 0x08 && s->subclass == 0x06 && (s->protocol == 0x50 || s->protocol == 0x62);
}

/* Anything storage-like that is not a plain USB disk: phones, cameras, disks hidden behind another class. */
static bool closed_kind(const struct Question *q, char *compared, size_t size)
{
	const struct Identity *i = q->identity;
	bool disk = false;

	if (i->by_alias) {
		SAY("%04x:%04x is a disk by its vendor and product only", i->vendor, i->product);
		return true;
	}
	for (size_t k = 0; k < i->n_interfaces; k++) {
		const struct InterfaceSetting *s = &i->interfaces[k];

		SAY("interface %u is %02x:%02x:%02x", s->number, s->class, s->subclass, s->protocol);
		if (!is_plain_disk(s) && (s->class == 0x08 || s->class == 0x06))
			return true;
		disk |= is_plain_disk(s);
	}
	return !disk;
}

static bool composite(const struct Question *q, char *compared, size_t size)
{
	const struct Identity *i = q->identity;
	bool several = i->composite;

	for (size_t k = 0; k < i->n_interfaces; k++)
		several |= i->interfaces[k].number != i->interfaces[0].number ||
		           !is_plain_disk(&i->interfaces[k]);
	SAY("interface settings: %u, %s", i->n_interfaces,
	        several ? "more than one function" : "one function");
	return several;
}

static bool no_serial(const struct Question *q, char *compared, size_t size)
{
	SAY("serial number of %u bytes", q->identity->serial_size);
	return q->identity->strength == IDENTITY_NO_SERIAL || q->identity->serial_size == 0;
}

static bool placeholder(const struct Question *q, char *compared, size_t size)
{
	str_escape(compared, size, q->identity->serial, q->identity->serial_size);
	return q->identity->strength != IDENTITY_STRONG;
}

static bool twin(const struct Question *q, char *compared, size_t size)
{
	SAY("%s", q->facts->twin ? "another device of this identity is present"
	                         : "the only one of its identity");
	return q->facts->twin;
}

static bool not_registered(const struct Question *q, char *compared, size_t size)
{
	SAY("%s", q->facts->medium ? q->facts->medium->number : "not on the register");
	return !q->facts->medium;
}

static bool revoked(const struct Question *q, char *compared, size_t size)
{
	SAY("%s", q->facts->medium->revoked ? "revoked" : "not revoked");
	return q->facts->medium->revoked;
}

static bool time_unsure(const struct Question *q, char *compared, size_t size)
{
	SAY("%s",
	        q->facts->time_unsure ? "earlier than it has been" : "not earlier than it has been");
	return q->facts->time_unsure;
}

static bool not_checked_out(const struct Question *q, char *compared, size_t size)
{
	const struct CheckoutRow *c = q->facts->checkout;

	SAY("%s", c ? c->id : "no checkout");
	return !c || !str_eq(c->medium, q->facts->medium->number);
}

static bool overdue(const struct Question *q, char *compared, size_t size)
{
	char until[CLOCK_TEXT];

	clock_format(q->facts->checkout->until, until);
	SAY("until %s", until);
	return q->facts->checkout->state != CHECKOUT_OPEN || q->facts->checkout->until <= q->facts->now;
}

static bool wrong_terminal(const struct Question *q, char *compared, size_t size)
{
	const char *list = q->facts->checkout->terminals;
	const struct TerminalRow *here = policy_terminal(q->policy);

	SAY("for %s%s", list[0] ? "terminals " : "the terminal that lent it", list);
	return list[0] && !(here && str_in_list(list, here->id));
}

/* The label is read when all before has let the medium in as far as that: stage 2. */
static void say_label(const struct Question *q, char *compared, size_t size)
{
	const struct Facts *f = q->facts;

	if (!f->medium->counter)
		SAY("none on record");
	else if (f->label_found)
		SAY("counter %ju, on record %ju", (uintmax_t)f->label_found, (uintmax_t)f->medium->counter);
	else
		SAY("%s", f->label ? "no whole label found" : f->label_read ? "the one on record" : "not read yet");
}

static bool unlabelled(const struct Question *q, char *compared, size_t size)
{
	say_label(q, compared, size);
	return !q->facts->medium->counter || q->facts->label == FAULT_LABEL_MISSING;
}

static bool label_altered(const struct Question *q, char *compared, size_t size)
{
	say_label(q, compared, size);
	return q->facts->label == FAULT_LABEL_ALTERED;
}

static bool label_other(const struct Question *q, char *compared, size_t size)
{
	say_label(q, compared, size);
	return q->facts->label == FAULT_LABEL_OTHER;
}

static bool label_older(const struct Question *q, char *compared, size_t size)
{
	say_label(q, compared, size);
	return q->facts->label == FAULT_LABEL_OLDER;
}

static bool label_ahead(const struct Question *q, char *compared, size_t size)
{
	say_label(q, compared, size);
	return q->facts->label == FAULT_LABEL_AHEAD;
}

static const struct Rule rules[] = {
        {"policy-in-force", FAULT_NO_POLICY, no_policy},
        {"well-formed", FAULT_MALFORMED_DEVICE, malformed},
        {"kind-let-in", FAULT_BUS_CLOSED, closed_kind},
        {"one-function", FAULT_COMPOSITE, composite},
        {"has-serial", FAULT_NO_SERIAL, no_serial},
        {"own-serial", FAULT_PLACEHOLDER_SERIAL, placeholder},
        {"no-twin", FAULT_TWIN, twin},
        {"registered", FAULT_NOT_REGISTERED, not_registered},
        {"not-revoked", FAULT_REVOKED, revoked},
        {"time-sure", FAULT_TIME_UNSURE, time_unsure},
        {"checked-out", FAULT_NOT_CHECKED_OUT, not_checked_out},
        {"not-overdue", FAULT_OVERDUE, overdue},
        {"right-terminal", FAULT_WRONG_TERMINAL, wrong_terminal},
        {"labelled", FAULT_LABEL_MISSING, unlabelled},
        {"label-whole", FAULT_LABEL_ALTERED, label_altered},
        {"label-its-own", FAULT_LABEL_OTHER, label_other},
        {"label-not-older", FAULT_LABEL_OLDER, label_older},
        {"label-not-newer", FAULT_LABEL_AHEAD, label_ahead},
};

static_assert(ARRAY_SIZE(rules) <= WALK_STEPS, "a step for each rule");

const char *judge_rule_name(unsigned int rule)
{
	return rule < ARRAY_SIZE(rules) ? rules[rule].name : "unknown";
}

void judge_device(const struct Policy *p, const struct Identity *i, const struct Facts *f,
        struct Verdict *ret, struct Walk *ret_walk)
{
	const struct Question q = {p, i, f};

	*ret = (struct Verdict){.answer = VERDICT_OPEN};
	if (ret_walk)
		*ret_walk = (struct Walk){};
	if (!i->storage_like) {
		ret->answer = VERDICT_NOT_OURS;
		return;
	}
	for (size_t k = 0; k < ARRAY_SIZE(rules); k++) {
		struct WalkStep step = {.rule = (uint8_t)k, .reason = (uint16_t)rules[k].reason};

		step.decided = rules[k].objects(&q, step.compared, sizeof(step.compared));
		if (ret_walk)
			ret_walk->steps[ret->n_steps] = step;
		ret->n_steps++;
		if (step.decided) {
			ret->answer = VERDICT_REFUSE;
			ret->reason = step.reason;
			return;
		}
	}
}

/* ------------------------------------------------------------------ people */

#define EVERYBODY (ROLE_CHIEF | ROLE_SUPERVISOR | ROLE_AUDITOR | ROLE_CLERK | ROLE_ADMINISTRATOR)

static const uint32_t authority[_VERB_N] = {
        [VERB_STATUS] = EVERYBODY,
        [VERB_DEVICES] = EVERYBODY,
        [VERB_EXPLAIN] = EVERYBODY,
        [VERB_REGISTER] = ROLE_SUPERVISOR,
        [VERB_CHECKOUT] = ROLE_SUPERVISOR,
        [VERB_RETURN] = ROLE_SUPERVISOR | ROLE_CLERK, /* a clerk: their own, see judge_return */
        [VERB_COPY] = ROLE_CLERK,
        [VERB_LIST] = ROLE_CLERK,
        [VERB_GET] = ROLE_CLERK,
        [VERB_RECORDS] = EVERYBODY, /* a clerk: their own lines */
        [VERB_CLOCK] = ROLE_SUPERVISOR,
        [VERB_WATCH] = EVERYBODY,   /* the same */
        [VERB_RELABEL] = ROLE_SUPERVISOR,
        [VERB_DROP] = ROLE_SUPERVISOR | ROLE_CHIEF,
        [VERB_RECEIPT] = 0, /* no person: core knows who brings it */
};

int judge_authority(const struct Policy *p, uid_t uid, enum Verb verb, const struct PersonRow **ret)
{
	const struct PersonRow *who = p ? policy_person_by_uid(p, uid) : NULL;

	if (!p)
		return FAULT_NO_POLICY;
	if (!who)
		return FAULT_NOT_ON_ROSTER;
	*ret = who;
	return verb < _VERB_N && authority[verb] & who->roles ? 0 : FAULT_NOT_ALLOWED;
}

/* What a person may do whose right has run out: look, and bring back. */
static const bool unexpired[_VERB_N] = {
        [VERB_STATUS] = true,
        [VERB_DEVICES] = true,
        [VERB_EXPLAIN] = true,
        [VERB_RETURN] = true,
        [VERB_WATCH] = true,
};

static bool expired(const struct PersonRow *who, int64_t now)
{
	return who->valid_until && who->valid_until <= now;
}

int judge_right(const struct PersonRow *who, enum Verb verb, int64_t now)
{
	return expired(who, now) && !(verb < _VERB_N && unexpired[verb]) ? FAULT_RIGHT_EXPIRED : 0;
}

/* A loan no longer than the policy's; a policy that names no length lends nothing. */
static bool too_far(const struct Policy *p, int64_t until, int64_t now)
{
	return until > now + (int64_t)policy_settings(p)->checkout_days * 86400000;
}

int judge_register(const struct Policy *p, const struct PersonRow *actor, const struct Request *q)
{
	const struct PersonRow *supervisor =
	        policy_person_by_login(p, q->supervisor[0] ? q->supervisor : actor->login);

	return supervisor && supervisor->roles & ROLE_SUPERVISOR ? 0 : FAULT_NOT_A_SUPERVISOR;
}

int judge_checkout(const struct Policy *p, const struct PersonRow *actor, const struct Request *q,
        int64_t now, const char **ret_subject)
{
	const struct PersonRow *clerk = policy_person_by_login(p, q->clerk);
	const struct {
		bool wrong;
		enum Fault fault;
		const char *subject;
	} rows[] = {
	        {expired(actor, now), FAULT_RIGHT_EXPIRED, actor->login},
	        {str_eq(actor->login, q->clerk), FAULT_SELF_LENDING, q->clerk},
	        {!clerk || !(clerk->roles & ROLE_CLERK), FAULT_NOT_A_CLERK, q->clerk},
	        {clerk && expired(clerk, now), FAULT_RIGHT_EXPIRED, q->clerk},
	        {!policy_code(p, CODE_PURPOSE, q->purpose), FAULT_UNKNOWN_PURPOSE, q->purpose},
	        {!policy_code(p, CODE_GROUND, q->ground), FAULT_UNKNOWN_GROUND, q->ground},
	        {q->until <= now, FAULT_UNTIL_PAST, ""},
	        {too_far(p, q->until, now), FAULT_UNTIL_FAR, ""},
	        {q->carry_out && !q->locked_carrier, FAULT_SAFEGUARDS_MISSING, q->number},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].wrong) {
			*ret_subject = rows[i].subject;
			return (int)rows[i].fault;
		}
	return 0;
}

int judge_copy(
        const struct Policy *p, const struct PersonRow *actor, const struct CheckoutRow *c, int64_t now)
{
	const struct TerminalRow *here = policy_terminal(p);

	if (expired(actor, now))
		return FAULT_RIGHT_EXPIRED;
	if (!c)
		return FAULT_NOT_CHECKED_OUT;
	if (!str_eq(c->clerk, actor->login))
		return FAULT_OTHER_LOAN;
	if (c->state != CHECKOUT_OPEN || c->until <= now)
		return FAULT_OVERDUE;
	if (c->terminals[0] && !(here && str_in_list(c->terminals, here->id)))
		return FAULT_WRONG_TERMINAL;
	return 0;
}

int judge_return(const struct Policy *p, const struct PersonRow *actor, const struct CheckoutRow *c)
{
	(void)p;
	if (!c)
		return FAULT_NO_CHECKOUT;
	if (!(actor->roles & ROLE_SUPERVISOR) && !str_eq(c->clerk, actor->login))
		return FAULT_OTHER_LOAN;
	return 0;
}

/* Whether who asked then may still ask now. */
static bool may_ask(const struct Policy *p, const char *login, int64_t now)
{
	const struct PersonRow *who = policy_person_by_login(p, login);

	return who && authority[VERB_DROP] & who->roles && !expired(who, now);
}

int judge_drop(const struct Policy *p, const struct PersonRow *actor, const struct DropFacts *f, int64_t now)
{
	const struct SettingsRow *s = policy_settings(p);
	const int64_t latest = f->asked_at + (int64_t)LIMIT_ASKED_DAYS * 86400000;

	if (!s->retention_years)
		return FAULT_NO_RETENTION;
	/* the year ends when the next one begins, and is kept so many years after that */
	if (f->running < (uint64_t)f->year + 1 + s->retention_years)
		return FAULT_RETENTION;
	if (!f->confirm)
		return 0;
	if (!*f->asked_by || now < f->asked_at || now > latest)
		return FAULT_NOT_ASKED;
	if (str_eq(f->asked_by, actor->login))
		return FAULT_SAME_PERSON;
	return may_ask(p, f->asked_by, now) ? 0 : FAULT_NOT_ASKED;
}
