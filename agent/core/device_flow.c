/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event → identity → verdict → intent on record → enforce, verify → outcome on record.
 *
 * A refusal waits for nothing: the port is closed already. Only opening waits for the ledger. Every
 * device is judged again whenever something it depends on changes; judging is free of effects, so it
 * may be done at any time and as often as one likes.
 */
#include "clock.h"
#include "core.h"
#include "enforce.h"
#include "judge.h"
#include "log.h"
#include "str.h"

#include <stdio.h>

static int open_outcome(struct Core *core, struct Device *d, int fault);

void device_describe(const struct Device *d, struct Record *r)
{
	char word[8];

	record_text(r, KEY_DEVICE, d->identity.port);
	snprintf(word, sizeof(word), "%04x", d->identity.vendor);
	record_text(r, KEY_VENDOR, word);
	snprintf(word, sizeof(word), "%04x", d->identity.product);
	record_text(r, KEY_PRODUCT, word);
	record_bytes(r, KEY_SERIAL, d->identity.serial, d->identity.serial_size);
}

void device_record(struct Core *core, const struct Device *d, struct Record *r)
{
	const struct MediumRow *m = loans_medium_of(&core->loans, d->digest);
	const struct CheckoutRow *c = m ? loans_checkout(&core->loans, m->number) : NULL;

	if (m)
		STR_CUT(r->medium, m->number);
	if (c)
		STR_CUT(r->checkout, c->id);
	if (c)
		STR_CUT(r->actor, c->clerk);
	device_describe(d, r);
}

/* Another device says it is the same one. */
static bool has_twin(const struct Core *core, const struct Device *d)
{
	for (const struct Device *o = core->devices.first; o; o = o->next)
		if (o != d && o->state != DEVICE_NEW && !memcmp(o->digest, d->digest, DIGEST_SIZE) &&
			!str_eq(o->identity.port, d->identity.port))
			return true;
	return false;
}

int device_flow_explain(struct Core *core, const struct Device *d, struct Verdict *ret, struct Walk *ret_walk)
{
	const struct MediumRow *m = loans_medium_of(&core->loans, d->digest);
	struct Facts facts = {
		.medium = m,
		.checkout = m ? loans_checkout(&core->loans, m->number) : NULL,
		.twin = has_twin(core, d),
		.time_unsure = core->time_unsure,
		.now = clock_now(),
		.label = d->label.fault,
		.label_read = d->label.read,
		.label_found = d->label.found,
	};

	judge_device(core->policy, &d->identity, &facts, ret, ret_walk);
	if (ret->answer == VERDICT_OPEN && (d->pinned || core->shut)) {
		ret->answer = VERDICT_REFUSE;
		ret->reason = (uint16_t)(d->pinned ? d->pinned : core->shut);
	}
	return 0;
}

/* ------------------------------------------------------------------ closing */

static int closed_now(struct Core *core, struct Device *d)
{
	struct Record r;
	int fault = enforce_close(d);

	if (fault)
		log_error("device %s: cannot be closed", d->interface);
	d->unclosed = fault != FAULT_OK;
	if (fault && device_flow_look_again(core) < 0)
		return -ENOMEM;
	record_start(&r, RECORD_CLOSE, fault ? RESULT_FAILED : RESULT_DONE);
	r.reason = (uint16_t)d->reason;
	device_record(core, d, &r);
	device_move(d, DEVICE_CLOSED);
	d->disk = (struct Disk){};
	d->label.read = false;
	d->held = 0;
	log_info("device %s: closed (%s)", d->interface, fault_row(d->reason)->code);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

int device_flow_close(struct Core *core, struct Device *d, int fault)
{
	struct Job *job = job_find(core, d->job);

	d->reason = fault;
	if (d->state == DEVICE_INTENT) {
		device_move(d, DEVICE_CLOSED); /* the answer finds it so and opens nothing */
		return d->promised ? open_outcome(core, d, fault) : 0;
	}
	if (d->state == DEVICE_OPEN && (job || d->label.task)) {
		device_move(d, DEVICE_CLOSING); /* a label's one write ends by itself */
		return job ? job_stop(core, job, fault) : 0;
	}
	if (d->state == DEVICE_OPEN)
		return closed_now(core, d);
	return 0;
}

int device_flow_close_all(struct Core *core, int fault)
{
	for (struct Device *d = core->devices.first; d; d = d->next) {
		int r = device_flow_close(core, d, fault);

		if (r < 0)
			return r;
	}
	return 0;
}

int device_flow_closing_ended(struct Core *core, struct Device *d)
{
	return d->state == DEVICE_CLOSING && !d->job && !d->label.task ? closed_now(core, d) : 0;
}

/* The job of a device is gone: what waited for it may go on. */
int device_flow_job_ended(struct Core *core, struct Device *d)
{
	int r;

	d->job = 0;
	r = device_flow_closing_ended(core, d);
	return r < 0 || d->held ? r : device_flow_settle(core, d);
}

/* ------------------------------------------------------------------ opening */

static int open_outcome(struct Core *core, struct Device *d, int fault)
{
	struct Record r;

	d->promised = false;
	record_start(&r, RECORD_OPEN, fault ? RESULT_FAILED : RESULT_DONE);
	r.reason = (uint16_t)fault;
	device_record(core, d, &r);
	record_text(&r, KEY_INTERFACE, d->interface);
	record_number(&r, KEY_INTENT, d->intent);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

/* Unplugged while its intent was written. */
static int open_gone(struct Core *core, uint64_t intent)
{
	struct Record r;

	record_start(&r, RECORD_OPEN, RESULT_FAILED);
	r.reason = FAULT_MEDIUM_GONE;
	record_number(&r, KEY_INTENT, intent);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

/* The intent is durable and the interface is there. */
static int open_now(struct Core *core, struct Device *d)
{
	struct Verdict v;
	int fault, r;

	/* the verdict may have changed while the intent was written */
	device_flow_explain(core, d, &v, NULL);
	fault = v.answer == VERDICT_OPEN ? device_flow_enforce(core, d) : v.reason;
	d->reason = fault;
	device_move(d, fault ? DEVICE_CLOSED : DEVICE_OPEN);
	if (!fault)
		log_info("device %s: open", d->interface);
	r = open_outcome(core, d, fault);
	/* it has not answered once too often: now that is a refusal */
	return r < 0 || !fault || d->pinned != FAULT_MEDIUM_ERROR ? r : device_flow_settle(core, d);
}

static int open_durable(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Device *d = devices_by_id(&core->devices, id);

	if (!d)
		return a->fault ? 0 : open_gone(core, a->n);
	if (a->fault) {
		d->reason = a->fault;
		if (d->state == DEVICE_INTENT)
			device_move(d, DEVICE_CLOSED);
		return 0;
	}
	d->intent = a->n;
	if (d->state != DEVICE_INTENT)
		return open_outcome(core, d, d->reason ? d->reason : FAULT_CANCELLED);
	d->promised = d->interface_dir < 0;
	return d->promised ? 0 : open_now(core, d);
}

static int device_open(struct Core *core, struct Device *d)
{
	struct Record r;

	if (d->let != LET_NO || d->letting) {
		int fault = observe_take(core, d, FAULT_OK);

		if (fault)
			return MIN(fault, 0); /* it is looked at again until it has closed */
	}
	device_move(d, DEVICE_INTENT);
	record_start(&r, RECORD_OPEN, RESULT_INTENT);
	device_record(core, d, &r);
	record_text(&r, KEY_INTERFACE, d->interface);
	return ledger_append(core, &r, WANT_DURABLE, open_durable, d->id);
}

/* ------------------------------------------------------------------ judging */

static int refused(struct Core *core, struct Device *d, int reason)
{
	struct MsgEvent event;
	struct Record r;
	int e;

	d->reason = reason;
	if (d->told == reason)
		return 0;
	d->told = reason;
	log_info("device %s: refused (%s)", d->interface, fault_row(reason)->code);
	record_start(&r, RECORD_DEVICE, RESULT_REFUSED);
	r.reason = (uint16_t)reason;
	device_record(core, d, &r);
	if (observe_meant(core))
		record_flag(&r, KEY_OBSERVED, true);
	event_of(&r, &event);
	e = event_tell(core, &event);
	return e < 0 ? e : refusal_record(core, &r);
}

/* Nothing opens it: that is on record, and all there is to do but in observe mode. */
static int stays_closed(struct Core *core, struct Device *d, int reason)
{
	int r = refused(core, d, reason);

	return r < 0 ? r : observe_let(core, d);
}

/* What was let in by observing is not pulled from under somebody who has it mounted. */
static int open_when_free(struct Core *core, struct Device *d)
{
	if (d->state != DEVICE_CLOSED || d->unclosed || d->again)
		return 0;
	return observe_is_mounted(d) ? refused(core, d, FAULT_FOREIGN_MOUNT) : device_open(core, d);
}

int device_flow_settle(struct Core *core, struct Device *d)
{
	struct Verdict v;

	if (d->state == DEVICE_NEW || core->stage == STAGE_STOP)
		return 0;
	device_flow_explain(core, d, &v, NULL);
	/* held for registration or return: no loan is asked for, but a twin ends that too */
	if (d->held && v.reason != FAULT_TWIN && !core->shut)
		return 0;
	if (v.answer == VERDICT_OPEN)
		return open_when_free(core, d);
	if (d->state == DEVICE_OPEN || d->state == DEVICE_INTENT) {
		int r = device_flow_close(core, d, v.reason);

		if (r < 0)
			return r;
	}
	if (core->shut || d->interface_dir < 0) {
		d->reason = v.reason;
		return 0;
	}
	return d->state == DEVICE_CLOSED ? stays_closed(core, d, v.reason) : 0;
}

int device_flow_judge_all(struct Core *core)
{
	for (struct Device *d = core->devices.first; d; d = d->next) {
		int r = device_flow_settle(core, d);

		if (r < 0)
			return r;
	}
	return 0;
}

int device_flow_judge_medium(struct Core *core, const char *number)
{
	for (struct Device *d = core->devices.first; d; d = d->next) {
		const struct MediumRow *m = loans_medium_of(&core->loans, d->digest);
		int r = m && str_eq(m->number, number) ? device_flow_settle(core, d) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

int device_flow_hold(struct Core *core, struct Device *d, uint64_t ask)
{
	int fault;

	if (core->shut)
		return core->shut; /* closed as a whole while the intent was written */
	if (d->interface_dir < 0 || d->unclosed || device_flow_opens_late(d) || d->held || d->job || d->session ||
		(d->state != DEVICE_CLOSED && d->state != DEVICE_OPEN))
		return FAULT_BUSY;
	if (d->pinned || has_twin(core, d))
		return d->pinned ? d->pinned : FAULT_TWIN;
	if (observe_is_mounted(d))
		return FAULT_FOREIGN_MOUNT;
	if (d->state == DEVICE_CLOSED) {
		fault = observe_take(core, d, FAULT_OK);
		if (fault < 0)
			fault = FAULT_INTERNAL;
		if (!fault)
			fault = device_flow_enforce(core, d);
		if (fault)
			return fault;
		device_move(d, DEVICE_OPEN);
		d->reason = FAULT_OK;
	}
	d->held = ask;
	return 0;
}

int device_flow_release(struct Core *core, struct Device *d)
{
	struct Verdict v;

	d->held = 0;
	if (d->job)
		return 0; /* its end settles the rest */
	device_flow_explain(core, d, &v, NULL);
	d->told = v.reason; /* the person knows: they have just asked */
	return device_flow_settle(core, d);
}

/* ------------------------------------------------------------------ from watch */

static int device_digested(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Device *d = devices_by_id(&core->devices, id);

	if (!d || d->state != DEVICE_NEW)
		return 0;
	if (a->fault) {
		d->reason = a->fault;
		return 0; /* ledger's successor hears the question again */
	}
	memcpy(d->digest, a->m->body.DIGESTED.digest, DIGEST_SIZE);
	device_move(d, DEVICE_CLOSED);
	/* a second device of the same identity takes the gate from the first, too */
	return device_flow_judge_all(core);
}

int device_flow_ask_digest(struct Core *core, struct Device *d)
{
	struct MsgDigest ask = {.identity = d->identity};
	struct Question q = {MSG_DIGEST, &ask, NULL, 0};

	return ledger_ask(core, &q, device_digested, d->id);
}

/* It was open before we looked: an agent before us was ended in the middle. */
static int close_found_open(struct Core *core, struct Device *d)
{
	struct Record r;
	int fault;

	if (observe_meant(core)) {
		observe_found(d);
		return 0;
	}
	fault = enforce_close(d);
	record_start(&r, RECORD_CLOSE, fault ? RESULT_FAILED : RESULT_DONE);
	r.reason = FAULT_INTERRUPTED;
	device_describe(d, &r);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

int device_flow_arrived(struct Core *core, struct Device *d)
{
	if (d->promised)
		return open_now(core, d);
	return device_flow_settle(core, d);
}

static int usb_add(struct Core *core, struct Message *m)
{
	const struct MsgUsbAdd *add = &m->body.USB_ADD;
	struct Device *d = devices_by_interface(&core->devices, add->interface);
	bool expected = device_is_plug(d, add->busnum, add->devnum) && d->interface_dir < 0 &&
		!memcmp(&d->identity, &add->identity, sizeof(d->identity));
	int r = 0;

	if (!device_is_sane(add->interface, &add->identity))
		return CHANNEL_BROKEN;
	/* a rescan tells what we know; an interface that was made anew is another */
	if (device_is_plug(d, add->busnum, add->devnum) && enforce_is_same(d, m->fds[1])) {
		d->seen = true;
		return 0;
	}
	if (expected) {
		fd_close(d->device_dir);
		d->device_dir = m->fds[0];
		d->interface_dir = m->fds[1];
	} else {
		if (d)
			r = device_flow_unplugged(core, d);
		if (r >= 0)
			r = device_flow_new(core, add, m->fds[0], m->fds[1], &d);
		if (r < 0 || !d)
			return r;
	}
	m->n_fds = 0;
	d->seen = true;
	if (add->authorized)
		r = close_found_open(core, d);
	if (r < 0)
		return r;
	return expected ? device_flow_arrived(core, d) : device_flow_ask_digest(core, d);
}

int device_flow_unplugged(struct Core *core, struct Device *d)
{
	struct Job *job = job_find(core, d->job);
	int r = 0;

	log_info("device %s: unplugged", d->interface);
	if (d->promised)
		r = open_outcome(core, d, FAULT_MEDIUM_GONE);
	else if (d->state == DEVICE_INTENT || d->state == DEVICE_OPEN || d->state == DEVICE_CLOSING) {
		struct Record record;

		record_start(&record, RECORD_CLOSE, RESULT_DONE);
		record.reason = FAULT_MEDIUM_GONE;
		device_record(core, d, &record);
		r = ledger_append(core, &record, WANT_DURABLE, NULL, 0);
	}
	if (r >= 0)
		r = observe_gone(core, d);
	if (r >= 0 && job)
		r = job_stop(core, job, FAULT_MEDIUM_GONE);
	if (r >= 0)
		r = ask_disk_came(core, d, FAULT_MEDIUM_GONE);
	devices_remove(&core->devices, d);
	return r < 0 ? r : 0;
}

static int usb_remove(struct Core *core, const struct MsgUsbRemove *m)
{
	size_t n = strlen(m->name);

	for (struct Device *d = core->devices.first, *next; d; d = next) {
		int r;

		next = d->next;
		/* the interface itself, or its whole device */
		if (!str_eq(d->interface, m->name) && !(str_eq(d->identity.port, m->name) && d->interface[n] == ':'))
			continue;
		r = device_flow_unplugged(core, d);
		if (r < 0)
			return r;
		next = core->devices.first; /* the reply of a waiting request may change the list */
	}
	return device_flow_judge_all(core); /* a twin that is gone frees the other */
}

/* A storage driver on an interface that we did not open. */
int device_flow_tampered(struct Core *core, struct Device *d, const char *interface, const char *driver)
{
	bool observed = d && observe_meant(core);
	struct Record r;
	int fault = observed ? FAULT_OK : d ? enforce_close(d) : FAULT_MEDIUM_ERROR;

	if (observed)
		observe_found(d);
	log_warning("device %s: bound to %s without leave", interface, driver);
	record_start(&r, RECORD_TAMPER, fault ? RESULT_FAILED : RESULT_DONE);
	record_text(&r, KEY_INTERFACE, interface);
	record_text(&r, KEY_DRIVER, driver);
	if (observed)
		record_flag(&r, KEY_OBSERVED, true);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

static int usb_bind(struct Core *core, const struct MsgUsbBind *m)
{
	struct Device *d = devices_by_interface(&core->devices, m->interface);

	if (d && d->interface_dir < 0)
		d = NULL; /* watch could not read what is bound there */
	if (d && (d->state == DEVICE_OPEN || d->state == DEVICE_CLOSING || d->let != LET_NO || device_flow_opens_late(d)))
		return 0;
	/* an event may be older than our closing: only what is bound now counts */
	if (d && !enforce_is_authorized(d))
		return 0;
	return device_flow_tampered(core, d, m->interface, m->driver);
}

/* What watch no longer tells was unplugged while nobody looked. */
static int sweep_unseen(struct Core *core)
{
	for (struct Device *d = core->devices.first, *next; d; d = next) {
		int r = 0;

		next = d->next;
		if (!d->seen) {
			r = device_flow_unplugged(core, d);
			next = core->devices.first;
		}
		if (r < 0)
			return r;
	}
	for (struct Device *d = core->devices.first; d; d = d->next)
		d->seen = false;
	return 0;
}

static int watch_ready(struct Core *core, const struct MsgWatchReady *m)
{
	struct Record r;
	int e = sweep_unseen(core);

	if (e < 0)
		return e;
	if (!m->rescan) {
		core->watch_up = true;
		return boot_ready(core);
	}
	record_start(&r, RECORD_GAP, RESULT_DONE);
	record_number(&r, KEY_COUNT, m->rescan);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

int device_flow_message(void *owner, struct Peer *p, struct Message *m)
{
	struct Core *core = owner;
	int r;

	switch (m->type) {
	case MSG_USB_ADD:
		return usb_add(core, m);
	case MSG_USB_EXPECT:
		r = device_flow_expect(core, &m->body.USB_EXPECT, &m->fds[0]);
		m->n_fds = m->fds[0] < 0 ? 0 : 1;
		return r;
	case MSG_USB_CAME:
		return device_flow_came(core, &m->body.USB_CAME);
	case MSG_USB_REMOVE:
		return usb_remove(core, &m->body.USB_REMOVE);
	case MSG_USB_BIND:
		return usb_bind(core, &m->body.USB_BIND);
	case MSG_BLOCK_ADD:
		return device_flow_disk_add(core, &m->body.BLOCK_ADD, m->fds[0]);
	case MSG_BLOCK_REMOVE:
		return device_flow_disk_remove(core, &m->body.BLOCK_REMOVE);
	case MSG_WATCH_READY:
		return watch_ready(core, &m->body.WATCH_READY);
	default:
		log_error("%s: unexpected message %s", p->name, channel_name(m->type));
		return CHANNEL_BROKEN;
	}
}
