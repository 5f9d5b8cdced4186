/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 2 of a device: its disk is there and nobody can open it yet. The disk is pinned (number, sequence, size),
 * and the label of a registered medium is looked at before anything is done with it.
 */
#include "core.h"
#include "enforce.h"
#include "log.h"
#include "str.h"

/* The disk is there and so is its label, or there will be none. */
static int label_settled(struct Core *core, struct Device *d, int fault)
{
	uint64_t id = d->id;
	int r = ask_disk_came(core, d, fault);

	d = devices_by_id(&core->devices, id);
	return r < 0 || !d || d->held ? r : device_flow_settle(core, d);
}

/* Whose helper died while the stick was being closed: nobody has seen anything of the stick, the next opening looks. */
static bool was_cut(const struct Device *d, int fault)
{
	return fault == FAULT_HELPER_LOST && d->state != DEVICE_OPEN;
}

/* What keeps a medium closed until it is plugged in again, for it will be no other by itself. */
static bool is_of_medium(const struct Device *d, int fault)
{
	return fault != FAULT_NO_LEDGER && fault != FAULT_LEDGER_FULL && !was_cut(d, fault);
}

int device_flow_labelled(struct Core *core, struct Device *d, int fault)
{
	const struct MediumRow *m = loans_medium_of(&core->loans, d->digest);
	bool stands = d->label.read && !(m && m->intent);
	int r;

	d->label.task = 0;
	if (!fault) {
		d->label.read = true;
		d->label.fault = FAULT_OK;
		d->label.found = m ? m->counter : 0;
	} else if (!stands) {
		/* nobody knows which label it carries until it is looked at again */
		d->label.read = false;
		if (!d->label.fault && is_of_medium(d, fault) && m)
			d->pinned = fault;
	}
	r = device_flow_closing_ended(core, d);
	return r < 0 ? r : label_settled(core, d, fault);
}

/* Another disk than a moment ago behind the same interface: whatever goes on there ends. */
static bool disk_changed(const struct Device *d, const struct MsgBlockAdd *m)
{
	return d->disk.name[0] && (d->disk.diskseq != m->diskseq || d->disk.size != m->size ||
		d->disk.major != m->major || d->disk.minor != m->minor);
}

/* Stage 2: before anything is done with a registered medium its label is looked at. */
static int disk_came(struct Core *core, struct Device *d)
{
	const struct MediumRow *m = loans_medium_of(&core->loans, d->digest);

	if (d->label.task)
		return 0; /* whoever waits hears of its end */
	if (d->label.read || !m || !m->counter || ask_makes_label(core, d->held))
		return ask_disk_came(core, d, 0);
	return label_look(core, d);
}

/* Until it is unplugged. */
static int disk_refused(struct Core *core, struct Device *d, int fault)
{
	int r;

	d->pinned = fault;
	r = device_flow_close(core, d, fault);
	if (r >= 0)
		r = ask_disk_came(core, d, fault);
	return r < 0 || !observe_meant(core) ? r : device_flow_settle(core, d);
}

int device_flow_disk_add(struct Core *core, const struct MsgBlockAdd *m, int disk_dir)
{
	struct Device *d = devices_by_interface(&core->devices, m->interface);
	const struct MediumRow *medium;
	int r;

	if (!d)
		return backstop_disk(core, m, disk_dir);
	if (!enforce_is_disk_of(d, disk_dir, m)) {
		log_warning("device %s: %s is not its disk, or no longer", m->interface, m->disk);
		return 0;
	}
	if (d->state != DEVICE_OPEN)
		observe_disk(d, m->disk);
	if (d->state != DEVICE_OPEN && d->let != LET_NO)
		return 0;
	if (d->state != DEVICE_OPEN)
		return d->state == DEVICE_CLOSED && !device_flow_opens_late(d) && enforce_is_authorized(d) ?
			device_flow_tampered(core, d, m->interface, m->disk) : 0;
	if ((d->disk.name[0] && !str_eq(d->disk.name, m->disk)) || m->lun != 0)
		return disk_refused(core, d, FAULT_COMPOSITE); /* a second disk behind one interface */
	if (disk_changed(d, m))
		return disk_refused(core, d, FAULT_CHANGED_DEVICE);
	memcpy(d->disk.name, m->disk, sizeof(d->disk.name));
	memcpy(d->disk.partition, m->partition, sizeof(d->disk.partition));
	d->disk.major = m->major;
	d->disk.minor = m->minor;
	d->disk.partition_minor = m->partition_minor;
	d->disk.size = m->size;
	d->disk.diskseq = m->diskseq;
	d->disk.read_only = m->read_only;
	d->disk.first_start = m->first_start;
	medium = loans_medium_of(&core->loans, d->digest);
	if (medium && medium->size && medium->size != m->size)
		return disk_refused(core, d, FAULT_SIZE_DIFFERS);
	/* somebody may have been faster with it than watch with its word */
	r = mounts_look(core);
	return r < 0 || d->pinned ? r : disk_came(core, d);
}

int device_flow_disk_remove(struct Core *core, const struct MsgBlockRemove *m)
{
	for (struct Device *d = core->devices.first; d; d = d->next)
		if (str_eq(d->disk.name, m->disk)) {
			struct Job *job = job_find(core, d->job);

			d->disk = (struct Disk){};
			d->label.read = false;
			return job ? job_stop(core, job, FAULT_MEDIUM_GONE) : 0;
		}
	return backstop_gone(core, m->disk);
}
