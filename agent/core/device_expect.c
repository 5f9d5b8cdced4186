/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device whose interface is still to come. The kernel tells of the device first; udev then authorises it,
 * and only that makes the interface. What waits for the ledger, digest and intent, is done in between: when
 * the interface comes only the check and the write are left. Until then nobody is told of it.
 */
#include "core.h"
#include "enforce.h"
#include "log.h"

#include <fcntl.h>

int device_flow_new(
	struct Core *core, const struct MsgUsbAdd *add, int device_dir, int interface_dir, struct Device **ret)
{
	int r = devices_add(&core->devices, add, device_dir, interface_dir, ret);

	if (r == -ENOSPC) {
		log_warning("device %s: too many devices; it stays closed", add->interface);
		*ret = NULL;
		return 0;
	}
	if (r < 0)
		return r;
	(*ret)->id = ++core->next_id;
	return 0;
}

int device_flow_expect(struct Core *core, const struct MsgUsbExpect *m, int *device_dir)
{
	struct Device *d = devices_by_interface(&core->devices, m->interface);
	struct MsgUsbAdd add = {.busnum = m->busnum, .devnum = m->devnum, .identity = m->identity};
	int r = 0;

	if (!device_is_sane(m->interface, &m->identity))
		return CHANNEL_BROKEN;
	if (device_is_plug(d, m->busnum, m->devnum))
		return 0;
	memcpy(add.interface, m->interface, sizeof(add.interface));
	if (d)
		r = device_flow_unplugged(core, d);
	if (r >= 0)
		r = device_flow_new(core, &add, *device_dir, -1, &d);
	if (r < 0 || !d)
		return r;
	*device_dir = -1;
	/* without it the opening starts one itself */
	if (!core->pusher)
		(void)pusher_new(&core->pusher);
	return device_flow_ask_digest(core, d);
}

/* Whatever is not as it should be waits for USB_ADD, which says all of it. */
int device_flow_came(struct Core *core, const struct MsgUsbCame *m)
{
	struct Device *d = devices_by_interface(&core->devices, m->interface);

	if (!d || d->interface_dir >= 0)
		return 0;
	d->interface_dir = openat(d->device_dir, d->interface, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (d->interface_dir < 0)
		return 0;
	if (!enforce_is_closed(d)) {
		d->interface_dir = fd_close(d->interface_dir);
		return 0;
	}
	d->seen = true;
	return device_flow_arrived(core, d);
}
