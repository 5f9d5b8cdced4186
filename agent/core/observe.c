/* SPDX-License-Identifier: Apache-2.0 */
#include "observe.h"

#include "clock.h"
#include "core.h"
#include "dir.h"
#include "enforce.h"
#include "file.h"
#include "log.h"
#include "mounts_walk.h"
#include "push.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define PATIENCE 400 /* milliseconds that core gives the kernel */

bool observe_meant(const struct Core *core)
{
	return core->policy && policy_settings(core->policy)->observe;
}

bool observe_holds(const struct Core *core)
{
	return observe_meant(core) && core->config_on_record;
}

/* ------------------------------------------------------------------ what udev's rules are told by */

int observe_open(struct Core *core)
{
	if (mkdirat(AT_FDCWD, OBSERVE_PATH, 0755) && errno != EEXIST)
		return -errno;
	core->observe_dir = openat(AT_FDCWD, OBSERVE_PATH, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return core->observe_dir < 0 ? -errno : dir_empty(core->observe_dir);
}

/* `usb-1-2:1.0`: never a name that stands for nothing. */
static void mark_name(const char *name, char ret[static LIMIT_PORT + 8])
{
	snprintf(ret, LIMIT_PORT + 8, "usb-%s", name);
}

static int mark_make(const struct Core *core, const char *name)
{
	char mark[LIMIT_PORT + 8];
	_cleanup_fd_ int fd = -1;

	mark_name(name, mark);
	fd = openat(core->observe_dir, mark, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : 0;
}

static int mark_remove(const struct Core *core, const char *name)
{
	char mark[LIMIT_PORT + 8];

	mark_name(name, mark);
	return unlinkat(core->observe_dir, mark, 0) && errno != ENOENT ? -errno : 0;
}

/* One function of the device is no longer let in: its node stays as it is while another one is. */
static bool port_is_let(const struct Core *core, const struct Device *d)
{
	for (const struct Device *o = core->devices.first; o; o = o->next)
		if (o != d && o->let == LET_IN && str_eq(o->identity.port, d->identity.port))
			return true;
	return false;
}

static int marks_make(const struct Core *core, const struct Device *d)
{
	int r = mark_make(core, d->interface);

	if (r >= 0)
		r = mark_make(core, d->identity.port);
	/* the node of the device itself is there already: udev looks at it again. Its own rules set modes at `add` alone */
	if (r >= 0)
		(void)push_at(d->device_dir, "uevent", "add", PATIENCE);
	return r;
}

static void marks_remove(const struct Core *core, const struct Device *d)
{
	int r = mark_remove(core, d->interface);

	if (r >= 0 && !port_is_let(core, d))
		r = mark_remove(core, d->identity.port);
	if (r < 0)
		log_error("device %s: its marks in " OBSERVE_PATH " stay: %s", d->interface, strerror(-r));
	(void)push_at(d->device_dir, "uevent", "change", PATIENCE);
}

/* ------------------------------------------------------------------ letting in */

static int let_outcome(struct Core *core, const struct Device *d, uint64_t intent, int fault)
{
	struct Record r;

	record_start(&r, RECORD_OBSERVE, fault ? RESULT_FAILED : RESULT_DONE);
	r.reason = (uint16_t)(fault ? fault : d ? d->reason : 0);
	if (d)
		device_record(core, d, &r);
	record_number(&r, KEY_INTENT, intent);
	record_flag(&r, KEY_OBSERVED, true);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

/* 0 or FAULT_*. */
static int let_now(struct Core *core, struct Device *d)
{
	int fault, r = marks_make(core, d);

	if (r < 0) {
		log_error(OBSERVE_PATH ": %s", strerror(-r));
		fault = FAULT_INTERNAL;
	} else
		fault = device_flow_enforce(core, d);
	if (fault)
		marks_remove(core, d);
	/* what was found open may be so still */
	d->let = !fault ? LET_IN : enforce_is_authorized(d) ? LET_FOUND : LET_NO;
	if (!fault)
		log_warning("device %s: refused (%s), and LET IN: observe mode", d->interface,
		        fault_row(d->reason)->code);
	return fault;
}

static int let_durable(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Device *d = devices_by_id(&core->devices, id);
	bool wanted = d && d->letting && d->let != LET_IN && d->state == DEVICE_CLOSED && observe_holds(core);

	if (d)
		d->letting = false;
	if (a->fault)
		return 0;
	if (!wanted)
		return let_outcome(core, d, a->n, d ? FAULT_CANCELLED : FAULT_MEDIUM_GONE);
	return let_outcome(core, d, a->n, let_now(core, d));
}

int observe_let(struct Core *core, struct Device *d)
{
	struct Record r;

	if (!observe_holds(core) || core->shut || d->state != DEVICE_CLOSED || d->interface_dir < 0 ||
	        d->unclosed || d->again || d->held || d->letting || d->let == LET_IN)
		return 0;
	d->letting = true;
	record_start(&r, RECORD_OBSERVE, RESULT_INTENT);
	r.reason = (uint16_t)d->reason;
	device_record(core, d, &r);
	record_text(&r, KEY_INTERFACE, d->interface);
	record_flag(&r, KEY_OBSERVED, true);
	return ledger_append(core, &r, WANT_DURABLE, let_durable, d->id);
}

void observe_found(struct Device *d)
{
	if (d->let == LET_NO)
		d->let = LET_FOUND;
}

void observe_disk(struct Device *d, const char *disk)
{
	STR_CUT(d->let_disk, disk);
}

/* ------------------------------------------------------------------ taking back */

static int taken_record(struct Core *core, const struct Device *d, enum RecordResult result, int fault)
{
	struct Record r;

	record_start(&r, RECORD_CLOSE, result);
	r.reason = (uint16_t)fault;
	device_record(core, d, &r);
	record_flag(&r, KEY_OBSERVED, true); /* what is closed here was let in by observing */
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

int observe_take(struct Core *core, struct Device *d, int fault)
{
	enum DeviceLet was = d->let;
	int closing, r;

	d->let = LET_NO;
	d->letting = false; /* the answer to its intent finds it so, and opens nothing */
	if (was == LET_NO)
		return FAULT_OK;
	closing = enforce_close(d);
	marks_remove(core, d);
	d->let_disk[0] = '\0';
	d->unclosed = closing != FAULT_OK;
	if (closing)
		log_error("device %s: cannot be closed", d->interface);
	r = taken_record(core, d, closing ? RESULT_FAILED : RESULT_DONE, fault);
	if (r >= 0 && closing)
		r = device_flow_look_again(core);
	return r < 0 ? r : closing ? FAULT_BUSY : FAULT_OK;
}

int observe_take_all(struct Core *core, int fault)
{
	for (struct Device *d = core->devices.first; d; d = d->next) {
		int r = observe_take(core, d, fault ? fault : d->reason);

		if (r < 0)
			return r;
	}
	return 0;
}

int observe_gone(struct Core *core, struct Device *d)
{
	enum DeviceLet was = d->let;

	d->let = LET_NO;
	if (was != LET_IN)
		return 0;
	marks_remove(core, d);
	return taken_record(core, d, RESULT_DONE, FAULT_MEDIUM_GONE);
}

/* ------------------------------------------------------------------ mounts */

static int is_this(void *owner, const char *path)
{
	return mounts_is_on(path, owner);
}

bool observe_is_mounted(const struct Device *d)
{
	char name[LIMIT_PORT];
	struct MountsWalk w = {.device = is_this, .owner = name};

	STR_CUT(name, d->let_disk);
	/* what cannot be told just now counts as mounted: waiting harms nobody */
	return d->let != LET_NO && name[0] && (mounts_walk(&w) > 0 || w.again);
}

int observe_mounts_changed(struct Core *core)
{
	for (struct Device *d = core->devices.first; d; d = d->next) {
		int r = d->let == LET_IN && d->reason == FAULT_FOREIGN_MOUNT ? device_flow_settle(core, d)
		                                                             : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

/* ------------------------------------------------------------------ the mode */

int observe_changed(struct Core *core, bool before)
{
	bool now = observe_meant(core);
	int r = 0;

	if (now)
		log_warning("OBSERVE MODE: what is refused is recorded as refused and let in all the same");
	if (now == before)
		return 0;
	for (struct Device *d = core->devices.first; d; d = d->next) {
		d->mounted = false;
		d->told = -1; /* the same refusal is another one now */
	}
	if (!now) {
		log_warning("observe mode has ended: what is not allowed is closed now");
		r = observe_take_all(core, FAULT_OK);
	}
	if (r >= 0)
		r = backstop_look(core);
	if (r >= 0 && !now)
		r = mounts_look(core);
	return r;
}
