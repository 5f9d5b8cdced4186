/* SPDX-License-Identifier: Apache-2.0 */
/* Registering a medium and checking it out. */
#include "clock.h"
#include "core.h"
#include "judge.h"
#include "log.h"
#include "str.h"

#include <stdio.h>

/* ------------------------------------------------------------------ register */

static void register_record(const struct Ask *ask, const struct Device *d, struct Record *r, enum RecordResult result)
{
	char word[8];

	ask_record(ask, r, result);
	device_describe(d, r);
	snprintf(word, sizeof(word), "%04x", d->identity.revision);
	record_text(r, KEY_REVISION, word);
	record_bytes(r, KEY_IDENTITY, d->digest, DIGEST_SIZE);
	record_text(r, KEY_SUPERVISOR, ask->medium.supervisor);
	record_text(r, KEY_REGISTRATION, ask->medium.registration);
	if (ask->request.prepare[0])
		record_text(r, KEY_FILE_SYSTEM, ask->request.prepare);
}

static int register_covered(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Ask *ask = ask_find(core, id);
	int r;

	if (!ask)
		return 0;
	if (a->fault)
		return ask_reply(core, ask, a->fault, NULL);
	r = loans_add_medium(&core->loans, &ask->medium);
	if (r < 0)
		return r;
	ask->reply.n = a->n;
	return ask_reply(core, ask, FAULT_OK, NULL);
}

/* The label is on it and on record: now it is a medium of this office. */
static int register_labelled(struct Core *core, uint64_t id, int fault, const struct MediumRow *m)
{
	struct Ask *ask = ask_find(core, id);
	struct Device *d = ask ? devices_by_id(&core->devices, ask->device) : NULL;
	struct Record r;

	if (!ask)
		return 0;
	if (!fault && (!d || !d->disk.name[0]))
		fault = FAULT_MEDIUM_GONE;
	if (fault)
		return ask_failed(core, ask, fault, NULL);
	ask->medium = *m;
	ask->medium.size = d->disk.size;
	register_record(ask, d, &r, RESULT_DONE);
	record_number(&r, KEY_SIZE, ask->medium.size);
	record_number(&r, KEY_COUNTER, ask->medium.counter);
	record_bytes(&r, KEY_LABEL, ask->medium.label, DIGEST_SIZE);
	record_number(&r, KEY_INTENT, ask->intent);
	return ledger_append(core, &r, WANT_COVERED, register_covered, ask->id);
}

static int register_label(struct Core *core, struct Ask *ask)
{
	struct Device *d = devices_by_id(&core->devices, ask->device);
	struct LabelOrder order = {.medium = ask->medium, .roles = ask->person.roles};
	int fault = device_absent(d);

	if (fault)
		return ask_failed(core, ask, fault, NULL);
	STR_CUT(order.actor, ask->person.login);
	return label_renew(core, d, &order, register_labelled, ask->id);
}

/* The disk as it is, or made anew; then its label. */
static int register_make(struct Core *core, struct Ask *ask)
{
	return ask->request.prepare[0] ? ask_prepare(core, ask, register_label) : register_label(core, ask);
}

/* Where labels of other terminals hold, ours is to be later than what such a one has written. */
static int register_counted(struct Core *core, uint64_t id, int fault, const struct MediumRow *m)
{
	struct Ask *ask = ask_find(core, id);

	if (!ask)
		return 0;
	if (fault)
		return ask_failed(core, ask, fault, NULL);
	ask->medium.counter = m->counter;
	return register_make(core, ask);
}

static int register_disk(struct Core *core, struct Ask *ask, int fault)
{
	struct Device *d = devices_by_id(&core->devices, ask->device);

	if (!fault && (!d || !d->disk.name[0]))
		fault = FAULT_MEDIUM_GONE;
	if (!fault && !d->disk.size)
		fault = FAULT_MEDIUM_ERROR;
	if (!fault && d->disk.read_only)
		fault = FAULT_READ_ONLY_MEDIUM;
	if (!fault && !ask->request.prepare[0] && d->disk.first_start < LABEL_END)
		fault = FAULT_NO_LABEL_ROOM;
	if (fault)
		return ask_failed(core, ask, fault, NULL);
	return policy_issuers(core->policy).n ? label_count(core, d, &ask->medium, register_counted, ask->id) :
						register_make(core, ask);
}

static int register_durable(struct Core *core, uint64_t id, const struct Answer *a)
{
	int r;
	struct Ask *ask = ask_recorded(core, id, a, &r);
	struct Device *d;

	if (!ask)
		return r;
	d = devices_by_id(&core->devices, ask->device);
	r = d ? device_flow_hold(core, d, ask->id) : FAULT_MEDIUM_GONE;
	if (r)
		return ask_failed(core, ask, r, NULL);
	return ask_await_disk(core, ask, d, register_disk);
}

/* What makes a device unfit for the register, whoever asks. */
static int register_unfit(struct Core *core, const struct Ask *ask, const struct Device *d)
{
	const struct MediumRow *known = loans_medium_of(&core->loans, d->digest);
	const struct MediumRow *number = loans_medium(&core->loans, ask->request.number);
	struct Verdict v;

	if (d->state == DEVICE_NEW || d->held || d->job || ask_is_second(core, ask))
		return FAULT_BUSY;
	if (known)
		return FAULT_ALREADY_REGISTERED;
	if (number)
		return FAULT_NUMBER_TAKEN;
	device_flow_explain(core, d, &v, NULL);
	return v.reason == FAULT_NOT_REGISTERED ? 0 : v.reason;
}

int request_register(struct Core *core, struct Ask *ask)
{
	struct Device *d = request_device(core, ask->request.device);
	struct Record r;
	int fault;

	STR_CUT(ask->medium.number, ask->request.number);
	STR_CUT(ask->medium.supervisor,
		ask->request.supervisor[0] ? ask->request.supervisor : ask->person.login);
	fault = judge_register(core->policy, &ask->person, &ask->request);
	if (fault)
		return ask_refuse(core, ask, fault, ask->request.supervisor);
	if (!d)
		return ask_reply(core, ask, FAULT_NO_SUCH_DEVICE, ask->request.device);
	fault = register_unfit(core, ask, d);
	if (fault == FAULT_ALREADY_REGISTERED)
		return ask_reply(core, ask, fault, ask->request.number);
	if (fault)
		return ask_refuse(core, ask, fault,
			fault == FAULT_NUMBER_TAKEN ? ask->request.number : d->identity.port);
	memcpy(ask->medium.identity, d->digest, DIGEST_SIZE);
	if (label_registration(core, ask->medium.registration) < 0)
		return ask_reply(core, ask, FAULT_INTERNAL, ask->request.number);
	ask->device = d->id;
	register_record(ask, d, &r, RESULT_INTENT);
	return ledger_append(core, &r, WANT_DURABLE, register_durable, ask->id);
}

/* ------------------------------------------------------------------ checkout */

static int checkout_covered(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Ask *ask = ask_find(core, id);
	struct CheckoutRow row;
	int r;

	if (!ask)
		return 0;
	if (a->fault)
		return ask_reply(core, ask, a->fault, NULL);
	row = ask->checkout;
	r = loans_add_checkout(&core->loans, &row);
	if (r < 0)
		return r;
	ask->reply.n = a->n;
	r = ask_reply(core, ask, FAULT_OK, NULL);
	if (r >= 0)
		r = device_flow_judge_medium(core, row.medium);
	return r < 0 ? r : overdue_arm(core);
}

static int checkout_fill(struct Core *core, struct Ask *ask)
{
	const struct Request *q = &ask->request;
	struct CheckoutRow *c = &ask->checkout;
	int64_t now = clock_now();

	*c = (struct CheckoutRow){
		.from = now,
		.until = q->until,
		.state = CHECKOUT_OPEN,
		.carry_out = q->carry_out,
		.locked_carrier = q->locked_carrier,
	};
	if (core->state.fiscal_year != clock_fiscal_year(now)) {
		core->state.fiscal_year = clock_fiscal_year(now);
		core->state.next_checkout = 1;
	}
	STR_CUT(c->medium, q->number);
	STR_CUT(c->clerk, q->clerk);
	STR_CUT(c->supervisor, ask->person.login);
	STR_CUT(c->purpose, q->purpose);
	STR_CUT(c->ground, q->ground);
	STR_CUT(c->destination, q->destination);
	STR_CUT(c->terminals, q->terminals);
	if (snprintf(c->id, sizeof(c->id), "%.24s-%u-%04u", core->state.terminal, core->state.fiscal_year % 10000,
		    core->state.next_checkout) >= (int)sizeof(c->id))
		return -E2BIG;
	core->state.next_checkout++;
	return 0;
}

static void checkout_record(const struct Ask *ask, struct Record *r)
{
	const struct CheckoutRow *c = &ask->checkout;

	ask_record(ask, r, RESULT_DONE);
	record_text(r, KEY_CLERK, c->clerk);
	record_text(r, KEY_SUPERVISOR, c->supervisor);
	record_text(r, KEY_PURPOSE, c->purpose);
	record_text(r, KEY_GROUND, c->ground);
	record_text(r, KEY_DESTINATION, c->destination);
	record_time(r, KEY_FROM, c->from);
	record_time(r, KEY_UNTIL, c->until);
	if (c->terminals[0])
		record_text(r, KEY_TERMINALS, c->terminals);
	record_flag(r, KEY_CARRY_OUT, c->carry_out);
	if (c->carry_out) {
		/* of the three safeguards one is stated now; two can only be demanded, and are facts of each copy's record */
		record_flag(r, KEY_LOCKED_CARRIER, c->locked_carrier);
		record_flag(r, KEY_DEMANDS_ENCRYPTION, true);
		record_flag(r, KEY_DEMANDS_SECRET, true);
	}
}

/* The same checkout asked for twice is one. */
static bool same_checkout(const struct CheckoutRow *c, const struct Ask *ask)
{
	const struct Request *q = &ask->request;

	return c->state == CHECKOUT_OPEN && str_eq(c->clerk, q->clerk) && c->until == q->until &&
		str_eq(c->supervisor, ask->person.login) && str_eq(c->purpose, q->purpose) &&
		str_eq(c->ground, q->ground) && str_eq(c->destination, q->destination) &&
		str_eq(c->terminals, q->terminals) && c->carry_out == q->carry_out;
}

int request_checkout(struct Core *core, struct Ask *ask)
{
	const struct MediumRow *m = loans_medium(&core->loans, ask->request.number);
	const struct CheckoutRow *c;
	const char *subject = ask->request.number;
	char until[CLOCK_TEXT];
	struct Record r;
	int fault;

	fault = judge_checkout(core->policy, &ask->person, &ask->request, clock_now(), &subject);
	if (!fault && core->time_unsure)
		fault = FAULT_TIME_UNSURE;
	if (!fault && !m)
		fault = FAULT_NO_SUCH_MEDIUM;
	if (!fault && m->revoked)
		fault = FAULT_REVOKED;
	if (fault == FAULT_UNTIL_PAST || fault == FAULT_UNTIL_FAR) {
		clock_format(ask->request.until, until);
		subject = until;
	}
	if (fault)
		return ask_refuse(core, ask, fault, subject);
	c = loans_checkout(&core->loans, ask->request.number);
	if (c && same_checkout(c, ask)) {
		ask->checkout = *c;
		return ask_reply(core, ask, FAULT_OK, NULL);
	}
	if (c)
		return ask_refuse(core, ask, FAULT_ALREADY_CHECKED_OUT, subject);
	if (ask_is_second(core, ask))
		return ask_reply(core, ask, FAULT_BUSY, subject);
	fault = checkout_fill(core, ask);
	if (fault < 0)
		return fault;
	checkout_record(ask, &r);
	return ledger_append(core, &r, WANT_COVERED, checkout_covered, ask->id);
}
