/* SPDX-License-Identifier: Apache-2.0 */
#include "label.h"

#include "clock.h"
#include "core.h"
#include "log.h"
#include "random_id.h"
#include "str.h"

#include <signal.h>
#include <stdio.h>

#define LABEL_TIME 10000 /* milliseconds for one child; a medium that hangs ends here */
#define LABEL_LOST 3     /* children that may go without a word before the task is given up */

static int task_end(struct LabelTask *t, int fault);
static int task_late(void *owner);
static int renewal_begin(struct LabelTask *t);

static struct LabelTask *task_find(struct Core *core, uint64_t id)
{
	for (struct LabelTask *t = core->labels; t; t = t->next)
		if (t->id == id)
			return t;
	return NULL;
}

/* The medium's row as it is now; NULL: not registered, or anew meanwhile. */
static struct MediumRow *task_row(struct LabelTask *t)
{
	struct MediumRow *m = loans_medium_row(&t->core->loans, t->order.medium.number);

	return m && !memcmp(m->identity, t->order.medium.identity, DIGEST_SIZE) ? m : NULL;
}

int label_registration(const struct Core *core, char ret[static LIMIT_ID])
{
	char tail[RANDOM_ID];
	int r = random_id(tail);

	if (r < 0)
		return r;
	snprintf(ret, LIMIT_ID, LABEL_REGISTRATION, core->state.terminal, tail);
	return 0;
}

/* What the task's row says of the label is now on record: the medium's row says it too. */
static void intent_settled(struct LabelTask *t)
{
	struct MediumRow *m = task_row(t), *order = &t->order.medium;

	order->intent = order->intent_counter = 0;
	if (!m)
		return;
	m->counter = order->counter;
	memcpy(m->label, order->label, DIGEST_SIZE);
	STR_CUT(m->registration, order->registration);
	m->intent = m->intent_counter = 0;
}

/* ------------------------------------------------------------------ records */

static void task_record(const struct LabelTask *t, enum RecordResult result, struct Record *r)
{
	record_start(r, RECORD_LABEL, result);
	STR_CUT(r->actor, t->order.actor);
	r->roles = t->order.roles;
	STR_CUT(r->medium, t->order.medium.number);
	STR_CUT(r->checkout, t->order.checkout.id);
}

static void label_on_record(const struct LabelTask *t, uint64_t counter, const uint8_t *sha256, struct Record *r)
{
	record_number(r, KEY_COUNTER, counter);
	record_bytes(r, KEY_LABEL, sha256, DIGEST_SIZE);
	record_text(r, KEY_REGISTRATION, t->order.medium.registration);
}

/* ------------------------------------------------------------------ the child */

static int child_settle(struct LabelTask *t);

int label_reaped(struct Core *core, pid_t pid)
{
	for (struct LabelTask *t = core->labels; t; t = t->next)
		if (t->pid == pid) {
			int r;

			t->pid = 0;
			r = child_settle(t);
			return r < 0 ? r : 1;
		}
	return 0;
}

static int child_ended(void *owner, struct Peer *p _unused_)
{
	return child_settle(owner);
}

static int child_message(void *owner, struct Peer *p _unused_, struct Message *m)
{
	struct LabelTask *t = owner;

	if (t->done)
		return CHANNEL_BROKEN;
	if (m->type == MSG_LABEL_SLOT && !t->bytes->write && m->body.LABEL_SLOT.slot == t->n_seen &&
		t->n_seen < LABEL_SLOTS) {
		memcpy(t->slots + t->n_seen++ * LABEL_SIZE, m->body.LABEL_SLOT.bytes, LABEL_SIZE);
		return 0;
	}
	if (m->type != MSG_LABEL_DONE || m->body.LABEL_DONE.fault >= _FAULT_N)
		return CHANNEL_BROKEN;
	t->done = true;
	t->fault = m->body.LABEL_DONE.fault;
	return 0;
}

static int task_late(void *owner)
{
	struct LabelTask *t = owner;

	if (t->pid > 0) {
		log_warning("label of %s: the medium does not answer", t->order.medium.number);
		t->late = true;
		kill(t->pid, SIGKILL);
	}
	return 0;
}

static int child_start(struct LabelTask *t)
{
	struct Core *core = t->core;
	const struct LabelChild child = {
		.disk = t->disk, .write = t->bytes->write, .uid = core->label_uid, .gid = core->label_gid};
	_cleanup_fd_ int theirs = -1;
	int pair[2], r;

	if (channel_pair(pair) < 0)
		return task_end(t, FAULT_INTERNAL); /* no child, no session; nothing else suffers */
	theirs = pair[1];
	t->done = false;
	t->n_seen = 0;
	t->pid = fork();
	if (t->pid == 0)
		label_become(&child, theirs);
	if (t->pid < 0) {
		t->pid = 0;
		fd_close(pair[0]);
		return task_end(t, FAULT_INTERNAL);
	}
	r = peer_adopt(&t->peer, pair[0], -1);
	if (r < 0) {
		kill(t->pid, SIGKILL);
		fd_close(pair[0]);
		return r;
	}
	r = peer_send(&t->peer, MSG_LABEL_ORDER, t->bytes, NULL, 0);
	return r < 0 ? r : dispatch_at(core->dispatch, clock_boot() + LABEL_TIME, task_late, t);
}

/* ------------------------------------------------------------------ renewal */

static int outcome_durable(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct LabelTask *t = task_find(core, id);

	if (!t)
		return 0;
	t->order.medium.counter = t->counter;
	memcpy(t->order.medium.label, t->sha256, DIGEST_SIZE);
	if (!a->fault)
		intent_settled(t);
	return task_end(t, a->fault);
}

static int written(struct LabelTask *t)
{
	struct Record r;

	if (t->fault) /* which label it carries now, the next look says */
		return task_end(t, t->fault);
	task_record(t, RESULT_DONE, &r);
	r.reason = t->order.reason;
	label_on_record(t, t->counter, t->sha256, &r);
	record_number(&r, KEY_INTENT, t->intent);
	return ledger_append(t->core, &r, WANT_DURABLE, outcome_durable, t->id);
}

static int intent_durable(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct LabelTask *t = task_find(core, id);
	struct Device *d = t ? devices_by_id(&core->devices, t->device) : NULL;
	struct MediumRow *m = t ? task_row(t) : NULL;

	if (!t)
		return 0;
	if (a->fault)
		return task_end(t, a->fault);
	t->intent = a->n;
	if (m) {
		m->intent = a->n;
		m->intent_counter = t->counter;
		memcpy(m->intent_label, t->sha256, DIGEST_SIZE);
	}
	if (!d || d->state != DEVICE_OPEN)
		return task_end(t, d && d->reason ? d->reason : FAULT_MEDIUM_GONE);
	return child_start(t);
}

static int label_made(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct LabelTask *t = task_find(core, id);
	const struct MsgLabelMade *made;
	struct Record r;

	if (!t)
		return 0;
	if (a->fault || a->m->body.LABEL_MADE.fault)
		return task_end(t, a->fault ? a->fault : FAULT_INTERNAL);
	made = &a->m->body.LABEL_MADE;
	memcpy(t->sha256, made->sha256, DIGEST_SIZE);
	t->bytes->write = 1;
	t->bytes->slot = (uint8_t)label_slot(t->counter);
	memcpy(t->bytes->bytes, made->bytes, LABEL_SIZE);
	task_record(t, RESULT_INTENT, &r);
	label_on_record(t, t->counter, t->sha256, &r);
	return ledger_append(core, &r, WANT_DURABLE, intent_durable, t->id);
}

/* An intent that no look has settled is given up: its label is not acceptable any more. */
static int intent_superseded(struct LabelTask *t)
{
	struct Record r;

	if (!t->order.medium.intent)
		return 0;
	task_record(t, RESULT_FAILED, &r);
	r.reason = FAULT_INTERRUPTED;
	record_number(&r, KEY_INTENT, t->order.medium.intent);
	t->counter = MAX(t->counter, t->order.medium.intent_counter + 1);
	t->order.medium.intent = 0;
	return ledger_append(t->core, &r, WANT_DURABLE, NULL, 0);
}

static int renewal_begin(struct LabelTask *t)
{
	struct MsgLabelMake make = {.checkout = t->order.checkout};
	struct Question q = {MSG_LABEL_MAKE, &make, NULL, 0};
	int r;

	t->counter = t->order.medium.counter + 1;
	r = intent_superseded(t);
	if (r < 0)
		return r;
	make.counter = t->counter;
	STR_CUT(make.number, t->order.medium.number);
	STR_CUT(make.registration, t->order.medium.registration);
	memcpy(make.identity, t->order.medium.identity, DIGEST_SIZE);
	return ledger_ask(t->core, &q, label_made, t->id);
}

/* ------------------------------------------------------------------ look */

static const int outcome_faults[_LABEL_OUTCOME_N] = {
	[LABEL_MISSING] = FAULT_LABEL_MISSING,
	[LABEL_ALTERED] = FAULT_LABEL_ALTERED,
	[LABEL_OLDER] = FAULT_LABEL_OLDER,
	[LABEL_AHEAD] = FAULT_LABEL_AHEAD,
	[LABEL_OTHER] = FAULT_LABEL_OTHER,
};

/* None is acceptable: an incident, on record with what was found. */
static int look_refused(struct LabelTask *t, const struct LabelChoice *c)
{
	struct Device *d = devices_by_id(&t->core->devices, t->device);
	int fault = outcome_faults[c->outcome], e;
	struct Record r;

	task_record(t, RESULT_REFUSED, &r);
	r.reason = (uint16_t)fault;
	if (d) {
		d->label.fault = fault;
		d->label.found = c->found;
		device_describe(d, &r);
	}
	if (c->found)
		record_number(&r, KEY_COUNTER, c->found);
	record_number(&r, KEY_EXPECTED, t->order.medium.counter);
	log_warning("label of %s: %s", t->order.medium.number, fault_row(fault)->code);
	e = refusal_record(t->core, &r);
	return e < 0 ? e : task_end(t, fault);
}

/* The intent's label is there or not: either settles it. */
static int look_settles(struct LabelTask *t, const struct LabelChoice *c)
{
	struct MediumRow *order = &t->order.medium;
	bool written = c->intent;
	struct Record r;

	if (!order->intent)
		return 0;
	task_record(t, written ? RESULT_DONE : RESULT_FAILED, &r);
	if (written)
		label_on_record(t, order->intent_counter, order->intent_label, &r);
	else
		r.reason = FAULT_INTERRUPTED;
	record_number(&r, KEY_INTENT, order->intent);
	if (written) {
		order->counter = order->intent_counter;
		memcpy(order->label, order->intent_label, DIGEST_SIZE);
	}
	intent_settled(t);
	return ledger_append(t->core, &r, WANT_DURABLE, NULL, 0);
}

/* Another terminal has had the medium meanwhile, one that the policy names: its label is the last one now. */
static int look_takes(struct LabelTask *t, const struct LabelChoice *c)
{
	const struct LabelSeen *seen = &t->seen[c->slot];
	struct MediumRow *order = &t->order.medium;
	struct Record r;

	if (c->outcome != LABEL_TAKEN)
		return 0;
	order->counter = seen->counter;
	memcpy(order->label, seen->sha256, DIGEST_SIZE);
	STR_CUT(order->registration, seen->registration);
	task_record(t, RESULT_DONE, &r);
	r.reason = FAULT_LABEL_ISSUED;
	label_on_record(t, order->counter, order->label, &r);
	record_text(&r, KEY_ISSUER, seen->terminal);
	intent_settled(t);
	return ledger_append(t->core, &r, WANT_DURABLE, NULL, 0);
}

/* Whatever it is registered as: what the next label has to be later than. */
static int look_counted(struct LabelTask *t)
{
	struct MediumRow *m = &t->order.medium;

	for (unsigned int i = 0; i < LABEL_SLOTS; i++)
		if (!memcmp(t->seen[i].identity, m->identity, DIGEST_SIZE))
			m->counter = MAX(m->counter, t->seen[i].counter);
	return task_end(t, 0);
}

static int look_chosen(struct LabelTask *t)
{
	const struct MediumRow *m = &t->order.medium;
	const struct LabelExpected e = {.number = m->number, .registration = m->registration, .identity = m->identity,
		.counter = m->counter, .sha256 = m->label, .intent_counter = m->intent ? m->intent_counter : 0,
		.intent_sha256 = m->intent_label};
	struct Device *d = devices_by_id(&t->core->devices, t->device);
	struct LabelChoice c;
	bool other_loan;
	int r;

	label_choose(t->seen, &e, &c);
	if (c.outcome > LABEL_TAKEN)
		return look_refused(t, &c);
	r = look_settles(t, &c);
	if (r >= 0)
		r = look_takes(t, &c);
	if (r < 0)
		return r;
	/* a session renews it anyway, and a disk that cannot be written stays as it is */
	other_loan = d && !d->held && !str_eq(t->seen[c.slot].checkout, t->order.checkout.id);
	if (!d || d->state != DEVICE_OPEN || d->disk.read_only || !(c.torn || other_loan))
		return task_end(t, 0);
	d->label.read = true; /* should the renewal fail, this one still holds */
	t->order.reason = c.torn ? FAULT_LABEL_TORN : FAULT_OK;
	return renewal_begin(t);
}

static int slot_seen(struct Core *core, uint64_t id, const struct Answer *a);

static struct PolicyIssuers label_issuers(const struct Core *core)
{
	return core->policy ? policy_issuers(core->policy) : (struct PolicyIssuers){};
}

static int slot_ask(struct LabelTask *t)
{
	struct MsgLabelLook look = {};
	struct Question q = {MSG_LABEL_LOOK, &look, NULL, 0};

	memcpy(look.bytes, t->slots + t->n_seen * LABEL_SIZE, LABEL_SIZE);
	if (t->n_asked)
		STR_CUT(look.vkey, label_issuers(t->core).rows[t->n_asked - 1].vkey);
	return ledger_ask(t->core, &q, slot_seen, t->id);
}

static int slot_seen(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct LabelTask *t = task_find(core, id);

	if (!t)
		return 0;
	if (a->fault)
		return task_end(t, a->fault);
	t->seen[t->n_seen] = a->m->body.LABEL_SEEN.seen;
	if (t->seen[t->n_seen].state == LABEL_STATE_STRANGER && t->n_asked < label_issuers(core).n) {
		t->n_asked++; /* it is no stranger to somebody, perhaps */
		return slot_ask(t);
	}
	t->n_asked = 0;
	if (++t->n_seen < LABEL_SLOTS)
		return slot_ask(t);
	return t->counts ? look_counted(t) : look_chosen(t);
}

/* A child that was killed, or crashed, is nothing the person at the stick could mend: another does the same. */
static bool child_again(struct LabelTask *t)
{
	const struct Device *d = devices_by_id(&t->core->devices, t->device);

	t->fault = FAULT_HELPER_LOST;
	return ++t->n_lost < LABEL_LOST && d && d->state == DEVICE_OPEN && t->core->stage != STAGE_STOP;
}

/* The child is gone, its channel read to the end: only then may the disk be used otherwise. */
static int child_settle(struct LabelTask *t)
{
	bool lost = !t->done && !t->late;
	int r;

	if (t->pid > 0 || t->peer.fd >= 0)
		return 0;
	r = dispatch_at(t->core->dispatch, INT64_MAX, task_late, t);
	if (r >= 0 && lost)
		r = helper_lost_record(t->core, t->peer.name);
	if (r < 0)
		return r;
	if (lost && child_again(t))
		return child_start(t);
	if (!t->done && t->late)
		t->fault = FAULT_MEDIUM_ERROR;
	if (t->bytes->write)
		return written(t);
	if (!t->fault && t->n_seen != LABEL_SLOTS)
		t->fault = FAULT_MEDIUM_ERROR;
	if (t->fault)
		return task_end(t, t->fault);
	t->n_seen = 0;
	return slot_ask(t);
}

/* ------------------------------------------------------------------ beginning and end */

static void task_free(struct LabelTask *t)
{
	struct Core *core = t->core;

	for (struct LabelTask **p = &core->labels; *p; p = &(*p)->next)
		if (*p == t) {
			*p = t->next;
			break;
		}
	peer_stop(&t->peer, false);
	free(t->bytes);
	free(t->slots);
	free(t);
}

void label_tasks_free(struct Core *core)
{
	while (core->labels)
		task_free(core->labels);
}

static int task_end(struct LabelTask *t, int fault)
{
	struct Core *core = t->core;
	struct Device *d = devices_by_id(&core->devices, t->device);
	const struct MediumRow medium = t->order.medium;
	LabelWritten done = t->written;
	uint64_t ask = t->ask;
	int r = dispatch_at(core->dispatch, INT64_MAX, task_late, t);

	if (d && !fault)
		STR_CUT(d->label.checkout, t->order.checkout.id);
	task_free(t);
	if (d && r >= 0)
		r = device_flow_labelled(core, d, fault);
	if (r >= 0 && done)
		r = done(core, ask, fault, &medium);
	if (r >= 0 && core->stage == STAGE_STOP)
		r = boot_stop_next(core);
	return r;
}

static int task_new(struct Core *core, struct Device *d, struct LabelTask **ret)
{
	struct LabelTask *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	*t = (struct LabelTask){
		.core = core, .id = ++core->next_id, .device = d->id, .disk = d->disk,
		.peer = {.name = "label", .fd = -1, .pid = -1, .dispatch = core->dispatch, .message = child_message,
			.end = child_ended},
		.bytes = calloc(1, sizeof(*t->bytes)),
		.slots = calloc(LABEL_SLOTS, LABEL_SIZE),
		.next = core->labels,
	};
	t->peer.owner = t;
	core->labels = t;
	if (!t->bytes || !t->slots)
		return -ENOMEM;
	d->label.task = t->id;
	*ret = t;
	return 0;
}

int label_look(struct Core *core, struct Device *d)
{
	const struct MediumRow *m = loans_medium_of(&core->loans, d->digest);
	const struct CheckoutRow *c = m ? loans_checkout(&core->loans, m->number) : NULL;
	struct LabelTask *t;
	int r = task_new(core, d, &t);

	if (r < 0)
		return r;
	if (m)
		t->order.medium = *m;
	if (c) {
		t->order.checkout = *c;
		STR_CUT(t->order.actor, c->clerk);
	}
	return child_start(t);
}

int label_count(struct Core *core, struct Device *d, const struct MediumRow *m, LabelWritten found, uint64_t ask)
{
	struct LabelTask *t;
	int r = task_new(core, d, &t);

	if (r < 0)
		return r;
	t->order.medium = *m;
	t->counts = true;
	t->written = found;
	t->ask = ask;
	return child_start(t);
}

int label_renew(struct Core *core, struct Device *d, const struct LabelOrder *order, LabelWritten done, uint64_t ask)
{
	struct LabelTask *t;
	int r = task_new(core, d, &t);

	if (r < 0)
		return r;
	t->order = *order;
	t->written = done;
	t->ask = ask;
	return renewal_begin(t);
}
