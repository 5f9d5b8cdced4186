/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that answers nothing holds its driver, and with it the kernel's write that closes it. Core has
 * recorded that the closing failed; when it is through after all that is recorded too. Until then the device
 * is not opened again.
 */
#include "clock.h"
#include "core.h"
#include "enforce.h"
#include "log.h"

#define PAUSE 1000 /* milliseconds; only while there is such a device */

static int look(void *owner);

int device_flow_look_again(struct Core *core)
{
	return dispatch_at(core->dispatch, clock_boot() + PAUSE, look, core);
}

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

		if (!d->unclosed)
			continue;
		if (enforce_is_authorized(d))
			again = true;
		else
			r = closed_after_all(core, d);
		if (r < 0)
			return r;
	}
	return again ? device_flow_look_again(core) : 0;
}
