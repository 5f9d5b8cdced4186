/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include "enforce.h"
#include "fault.h"
#include "log.h"
#include "str.h"

/* Row: from; bit: to. A return to CLOSED is possible from everywhere: closing needs no leave. */
static const uint8_t transitions[_DEVICE_STATE_N] = {
	[DEVICE_NEW] = 1 << DEVICE_CLOSED,
	[DEVICE_CLOSED] = 1 << DEVICE_CLOSED | 1 << DEVICE_INTENT | 1 << DEVICE_OPEN,
	[DEVICE_INTENT] = 1 << DEVICE_CLOSED | 1 << DEVICE_OPEN,
	[DEVICE_OPEN] = 1 << DEVICE_CLOSED | 1 << DEVICE_CLOSING,
	[DEVICE_CLOSING] = 1 << DEVICE_CLOSED,
};

void device_move(struct Device *d, enum DeviceState to)
{
	if (!(transitions[d->state] & 1 << to)) {
		log_error("device %s: no way from state %d to %d", d->interface, (int)d->state, (int)to);
		abort(); /* the closer closes every port */
	}
	d->state = to;
}

int devices_add(struct Devices *all, const struct MsgUsbAdd *m, int device_dir, int interface_dir,
	struct Device **ret)
{
	struct Device *d;

	if (all->n >= LIMIT_DEVICES)
		return -ENOSPC;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	memcpy(d->interface, m->interface, sizeof(d->interface));
	d->busnum = m->busnum;
	d->devnum = m->devnum;
	d->identity = m->identity;
	d->device_dir = device_dir;
	d->interface_dir = interface_dir;
	d->told = -1;
	d->next = all->first;
	all->first = d;
	all->n++;
	*ret = d;
	return 0;
}

void devices_remove(struct Devices *all, struct Device *d)
{
	for (struct Device **p = &all->first; *p; p = &(*p)->next)
		if (*p == d) {
			*p = d->next;
			all->n--;
			fd_close(d->device_dir);
			fd_close(d->interface_dir);
			enforce_forget(d->late);
			free(d);
			return;
		}
}

void devices_clear(struct Devices *all)
{
	while (all->first)
		devices_remove(all, all->first);
}

struct Device *devices_by_id(const struct Devices *all, uint64_t id)
{
	for (struct Device *d = all->first; d; d = d->next)
		if (d->id == id)
			return d;
	return NULL;
}

struct Device *devices_by_interface(const struct Devices *all, const char *interface)
{
	for (struct Device *d = all->first; d; d = d->next)
		if (str_eq(d->interface, interface))
			return d;
	return NULL;
}

struct Device *devices_by_digest(const struct Devices *all, const uint8_t digest[static DIGEST_SIZE])
{
	for (struct Device *d = all->first; d; d = d->next)
		if (d->interface_dir >= 0 && d->state != DEVICE_NEW && !memcmp(d->digest, digest, DIGEST_SIZE))
			return d;
	return NULL;
}

int device_absent(const struct Device *d)
{
	if (d && d->state == DEVICE_OPEN && d->disk.name[0])
		return FAULT_OK;
	return d && d->reason ? d->reason : FAULT_MEDIUM_GONE;
}

bool device_is_sane(const char *interface, const struct Identity *i)
{
	return i->n_interfaces <= LIMIT_INTERFACES && i->serial_size < LIMIT_SERIAL &&
		i->descriptors_size <= LIMIT_DESCRIPTORS && i->strength < _IDENTITY_STRENGTH_N &&
		!strpbrk(interface, "/ \n") && !strpbrk(i->port, "/ \n") &&
		!strncmp(interface, i->port, strlen(i->port)) && interface[strlen(i->port)] == ':';
}

bool device_is_plug(const struct Device *d, uint32_t busnum, uint32_t devnum)
{
	return d && d->busnum == busnum && d->devnum == devnum;
}
