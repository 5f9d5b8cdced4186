/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relabel: a supervisor has looked at a medium whose label is missing, altered, torn beyond use or out of
 * step, and takes it as the one on the register. It gets a registration of its own: labels from before, on it
 * or on a twin, are not its any more. Both slots are written, one after the other, in the order of any renewal.
 * With --prepare the disk is made anew before: a medium that has no room for a label gets it.
 */
#include "core.h"
#include "str.h"

static void relabel_record(const struct Ask *ask, struct Record *r, enum RecordResult result)
{
	ask_record(ask, r, result);
	if (ask->request.prepare[0])
		record_text(r, KEY_FILE_SYSTEM, ask->request.prepare);
}

static int relabel_covered(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Ask *ask = ask_find(core, id);

	if (!ask)
		return 0;
	ask->reply.n = a->n;
	return ask_reply(core, ask, a->fault, a->fault ? NULL : ask->request.number);
}

static int relabel_write(struct Core *core, struct Ask *ask);

static int relabel_written(struct Core *core, uint64_t id, int fault, const struct MediumRow *m _unused_)
{
	struct Ask *ask = ask_find(core, id);
	struct Record r;

	if (!ask)
		return 0;
	if (fault)
		return ask_failed(core, ask, fault, NULL);
	if (!ask->second) {
		ask->second = true;
		return relabel_write(core, ask);
	}
	relabel_record(ask, &r, RESULT_DONE);
	record_text(&r, KEY_REGISTRATION, ask->medium.registration);
	record_number(&r, KEY_INTENT, ask->intent);
	return ledger_append(core, &r, WANT_COVERED, relabel_covered, ask->id);
}

static int relabel_write(struct Core *core, struct Ask *ask)
{
	const struct MediumRow *m = loans_medium(&core->loans, ask->request.number);
	struct Device *d = devices_by_id(&core->devices, ask->device);
	struct LabelOrder order = {.checkout = ask->checkout, .roles = ask->person.roles};
	int fault = device_absent(d);

	if (!fault && !m)
		fault = FAULT_MEDIUM_GONE;
	if (fault)
		return ask_failed(core, ask, fault, NULL);
	order.medium = *m;
	/* another terminal that honours our labels may have seen that one: ours is to be later */
	order.medium.counter = MAX(m->counter, d->label.found);
	STR_CUT(order.medium.registration, ask->medium.registration);
	STR_CUT(order.actor, ask->person.login);
	return label_renew(core, d, &order, relabel_written, ask->id);
}

static int relabel_disk(struct Core *core, struct Ask *ask, int fault)
{
	struct Device *d = devices_by_id(&core->devices, ask->device);

	if (!fault && (!d || !d->disk.name[0]))
		fault = FAULT_MEDIUM_GONE;
	if (!fault && d->label.task)
		fault = FAULT_BUSY;
	if (!fault && d->disk.read_only)
		fault = FAULT_READ_ONLY_MEDIUM;
	if (!fault && !ask->request.prepare[0] && d->disk.first_start < LABEL_END)
		fault = FAULT_NO_LABEL_ROOM;
	if (fault)
		return ask_failed(core, ask, fault, NULL);
	return ask->request.prepare[0] ? ask_prepare(core, ask, relabel_write) : relabel_write(core, ask);
}

static int relabel_durable(struct Core *core, uint64_t id, const struct Answer *a)
{
	int r;
	struct Ask *ask = ask_recorded(core, id, a, &r);
	struct Device *d;

	if (!ask)
		return r;
	d = devices_by_id(&core->devices, ask->device);
	r = !d ? FAULT_MEDIUM_GONE : d->label.task ? FAULT_BUSY : device_flow_hold(core, d, ask->id);
	return r ? ask_failed(core, ask, r, NULL) : ask_await_disk(core, ask, d, relabel_disk);
}

int request_relabel(struct Core *core, struct Ask *ask)
{
	const struct MediumRow *m = loans_medium(&core->loans, ask->request.number);
	const struct CheckoutRow *c = loans_checkout(&core->loans, ask->request.number);
	struct Device *d = m ? request_medium_device(core, m) : NULL;
	struct Record r;

	if (!m)
		return ask_refuse(core, ask, FAULT_NO_SUCH_MEDIUM, ask->request.number);
	if (!d)
		return ask_reply(core, ask, FAULT_NOT_PLUGGED_IN, ask->request.number);
	if (d->pinned)
		return ask_refuse(core, ask, d->pinned, ask->request.number);
	if (d->label.task || d->job || d->held || d->session)
		return ask_reply(core, ask, FAULT_BUSY, ask->request.number);
	ask->device = d->id;
	ask->medium = *m;
	if (c)
		ask->checkout = *c;
	if (label_registration(core, ask->medium.registration) < 0)
		return ask_reply(core, ask, FAULT_INTERNAL, ask->request.number);
	relabel_record(ask, &r, RESULT_INTENT);
	return ledger_append(core, &r, WANT_DURABLE, relabel_durable, ask->id);
}
