/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that answers nothing holds its driver, and with it the kernel's writes.
 *
 * One that closes it: core has recorded that the closing failed; when it is through after all that is
 * recorded too. One that opens it: what was late is taken back, and that it failed is on record. It is tried
 * again by itself, a few times with growing waits, each with its own intent; then the device is refused until
 * it is unplugged. Meanwhile it is not opened: not before what is under way is through, which would close it
 * again.
 */
#include "clock.h"
#include "core.h"
#include "enforce.h"
#include "log.h"

#define PAUSE 1000 /* milliseconds; only while there is such a device */
#define TRIES 3

static const int64_t waits[TRIES - 1] = {PAUSE, 4 * PAUSE};

static int look(void *owner);

int device_flow_look_again(struct Core *core)
{
	return dispatch_at(core->dispatch, clock_boot() + PAUSE, look, core);
}

/* ------------------------------------------------------------------ opening */

bool device_flow_opens_late(const struct Device *d)
{
	return !enforce_is_through(d->late);
}

int device_flow_enforce(struct Core *core, struct Device *d)
{
	int fault;

	d->late = enforce_forget(d->late);
	d->again = 0;
	fault = enforce_open(d, core->usb_dir, &core->pusher, &d->late);
	if (fault == FAULT_CHANGED_DEVICE)
		d->pinned = fault;
	if (!fault)
		d->n_late = 0;
	if (fault != FAULT_BUSY)
		return fault;
	log_warning("device %s: did not answer in time", d->interface);
	if (++d->n_late < TRIES && device_flow_look_again(core) >= 0)
		d->again = clock_boot() + waits[d->n_late - 1];
	else
		d->pinned = FAULT_MEDIUM_ERROR;
	return FAULT_MEDIUM_ERROR;
}

static int try_again(struct Core *core, struct Device *d)
{
	d->late = enforce_forget(d->late);
	d->again = 0;
	/* it takes itself back; should that have failed, it is not forgotten */
	d->unclosed = enforce_is_authorized(d) && enforce_close(d) != FAULT_OK;
	return d->unclosed ? 0 : device_flow_settle(core, d);
}

/* ------------------------------------------------------------------ closing */

static int closed_after_all(struct Core *core, struct Device *d)
{
	struct Record r;
	int e;

	d->unclosed = false;
	log_info("device %s: closed after all", d->interface);
	record_start(&r, RECORD_CLOSE, RESULT_DONE);
	r.reason = (uint16_t)d->reason;
	device_record(core, d, &r);
	e = ledger_append(core, &r, WANT_DURABLE, NULL, 0);
	return e < 0 ? e : device_flow_settle(core, d);
}

static int look(void *owner)
{
	struct Core *core = owner;
	bool again = false;

	for (struct Device *d = core->devices.first; d; d = d->next) {
		int r = 0;

		if (d->again && clock_boot() >= d->again && !device_flow_opens_late(d))
			r = try_again(core, d);
		else if (d->unclosed && !enforce_is_authorized(d))
			r = closed_after_all(core, d);
		if (r < 0)
			return r;
		again |= d->again || d->unclosed;
	}
	return again ? device_flow_look_again(core) : 0;
}
