/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody with the right to mounts a medium by hand. Jobs mount in namespaces that nobody sees, so any mount of a medium
 * that is seen is foreign: its port is closed, which takes the disk away, and stays so until it is unplugged.
 *
 * What cannot be read just now is looked at again a second later, until it can.
 */
#include "mounts_walk.h"

#include "clock.h"
#include "core.h"
#include "log.h"

#include <fcntl.h>

#define AGAIN 1000

static int foreign_mount(struct Core *core, struct Device *d)
{
	bool observed = observe_meant(core);
	struct Record r;
	int e;

	log_warning("device %s: mounted by hand", d->interface);
	d->mounted = observed;
	if (!observed)
		d->pinned = FAULT_FOREIGN_MOUNT;
	record_start(&r, RECORD_TAMPER, RESULT_DONE);
	r.reason = FAULT_FOREIGN_MOUNT;
	device_describe(d, &r);
	record_text(&r, KEY_INTERFACE, d->interface);
	if (observed)
		record_flag(&r, KEY_OBSERVED, true);
	e = ledger_append(core, &r, WANT_DURABLE, NULL, 0);
	return e < 0 || observed ? e : device_flow_close(core, d, FAULT_FOREIGN_MOUNT);
}

int mounts_judge(struct Core *core, const char *path)
{
	for (struct Device *d = core->devices.first; d; d = d->next)
		if (d->pinned != FAULT_FOREIGN_MOUNT && !d->mounted && mounts_is_on(path, d->disk.name))
			return foreign_mount(core, d);
	return 0;
}

static int device_judge(void *owner, const char *path)
{
	int r = mounts_judge(owner, path);

	return MIN(r, 0); /* there may be more */
}

static int mounts_due(void *owner)
{
	return mounts_look(owner);
}

static int looked(struct Core *core, const struct MountsWalk *w, int r)
{
	return r < 0 ? r : dispatch_at(core->dispatch, w->again ? clock_boot() + AGAIN : INT64_MAX, mounts_due, core);
}

int mounts_look(struct Core *core)
{
	struct MountsWalk w = {.device = device_judge, .owner = core};
	int r = mounts_walk(&w);

	return looked(core, &w, r);
}

int mounts_look_under(struct Core *core, const char *name)
{
	struct MountsWalk w = {.device = device_judge, .owner = core};

	return mounts_walk_device(&w, name);
}

static int mounts_changed(void *owner, int fd, uint32_t events)
{
	int r = mounts_look(owner);

	(void)fd;
	(void)events;
	return r < 0 ? r : observe_mounts_changed(owner);
}

int mounts_open(struct Core *core)
{
	core->mounts_fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (core->mounts_fd < 0)
		return -errno;
	return dispatch_add(core->dispatch, core->mounts_fd, EPOLLPRI, mounts_changed, core);
}
