/* SPDX-License-Identifier: Apache-2.0 */
#include "enforce.h"

#include "fault.h"
#include "file.h"
#include "str.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define DEPTH_MOST 16 /* folders between an interface and its disk */
#define SECTOR	   512
#define PATIENCE   400 /* milliseconds that core gives a driver whose device does not answer */

static bool is_sysfs(int dir)
{
	struct statfs fs;

	return !fstatfs(dir, &fs) && fs.f_type == SYSFS_MAGIC;
}

/* The attribute's bytes are what they were when the verdict was made. */
static bool same_bytes(int dir, const char *name, const uint8_t *bytes, size_t size)
{
	uint8_t now[LIMIT_DESCRIPTORS + 1];
	ssize_t n = file_read_at(dir, name, now, sizeof(now));

	return n == (ssize_t)size && !memcmp(now, bytes, size);
}

static bool same_serial(const struct Device *d)
{
	char now[LIMIT_SERIAL + 1];
	ssize_t n = file_read_text_at(d->device_dir, "serial", now, sizeof(now));

	if (n == -ENOENT)
		n = 0;
	return n == d->identity.serial_size && !memcmp(now, d->identity.serial, (size_t)n);
}

static bool same_number(int dir, const char *name, uint32_t then)
{
	uint64_t now;

	return !file_read_number_at(dir, name, &now) && now == then;
}

static bool same_folder(int one, int other)
{
	struct stat a, b;

	return !fstat(one, &a) && !fstat(other, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The interface's directory must be a child of the device's, not just claim its name. */
static bool is_child(const struct Device *d)
{
	_cleanup_fd_ int parent = openat(d->interface_dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return parent >= 0 && same_folder(parent, d->device_dir);
}

static int identity_still_holds(const struct Device *d)
{
	if (!is_sysfs(d->device_dir) || !is_sysfs(d->interface_dir) || !is_child(d))
		return FAULT_CHANGED_DEVICE;
	if (!same_number(d->device_dir, "busnum", d->busnum) || !same_number(d->device_dir, "devnum", d->devnum))
		return FAULT_MEDIUM_GONE;
	if (!same_bytes(d->device_dir, "descriptors", d->identity.descriptors, d->identity.descriptors_size) ||
		!same_serial(d))
		return FAULT_CHANGED_DEVICE;
	return 0;
}

/* What a write of `authorized` came to: what counts is what is read back. */
static int authorized_is(const struct Device *d, const char *value, int r)
{
	char now[8];

	if (r == -ENOENT || r == -ENODEV)
		return FAULT_MEDIUM_GONE;
	if (r < 0 && r != -ETIMEDOUT)
		return FAULT_MEDIUM_ERROR;
	if (file_read_text_at(d->interface_dir, "authorized", now, sizeof(now)) < 0)
		return FAULT_MEDIUM_GONE;
	if (str_eq(now, value))
		return 0;
	return r ? FAULT_BUSY : FAULT_MEDIUM_ERROR;
}

/* From the comparison to the write: whoever holds the device's lock holds both up. */
struct Opening {
	struct PushWork work;
	struct Device d; /* the directories are its own */
	bool written;
	atomic_bool through;
	atomic_int holders; /* who runs it and who asked for it: the last one frees it */
};

static int opening_run(struct PushWork *w)
{
	struct Opening *o = (struct Opening *)w;
	int r = identity_still_holds(&o->d);

	if (r || atomic_load(&w->left))
		return r;
	o->written = true;
	r = file_write_at(o->d.interface_dir, "authorized", "1");
	if (atomic_load(&w->left))
		return r;
	r = authorized_is(&o->d, "1", r);
	if (r)
		(void)enforce_close(&o->d); /* it may have been written and not read back */
	return r;
}

static void opening_late(struct PushWork *w)
{
	struct Opening *o = (struct Opening *)w;

	if (o->written)
		(void)enforce_close(&o->d);
}

struct Opening *enforce_forget(struct Opening *o)
{
	if (o && atomic_fetch_sub(&o->holders, 1) == 1)
		free(o);
	return NULL;
}

bool enforce_is_through(const struct Opening *o)
{
	return !o || atomic_load(&o->through);
}

static void opening_done(struct PushWork *w)
{
	struct Opening *o = (struct Opening *)w;

	fd_close(o->d.device_dir);
	fd_close(o->d.interface_dir);
	atomic_store(&o->through, true);
	enforce_forget(o);
}

static struct Opening *opening_new(const struct Device *d)
{
	struct Opening *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->work = (struct PushWork){.run = opening_run, .late = opening_late, .done = opening_done};
	atomic_init(&o->holders, 2);
	o->d = *d;
	o->d.device_dir = fcntl(d->device_dir, F_DUPFD_CLOEXEC, 0);
	o->d.interface_dir = fcntl(d->interface_dir, F_DUPFD_CLOEXEC, 0);
	if (o->d.device_dir >= 0 && o->d.interface_dir >= 0)
		return o;
	opening_done(&o->work);
	return enforce_forget(o);
}

int enforce_open(const struct Device *d, int usb_dir, struct Pusher **pusher, struct Opening **late)
{
	struct Opening *o = opening_new(d);
	int r = o ? pusher_run(pusher, &o->work, PATIENCE) : FAULT_INTERNAL;

	if (r == -ETIMEDOUT) {
		*late = o;
		return FAULT_BUSY;
	}
	enforce_forget(o);
	if (r)
		return r;
	/* an interface that is authorised later than its device is not probed by itself */
	r = push_at(usb_dir, "drivers_probe", d->interface, PATIENCE);
	if (r < 0 && r != -ETIMEDOUT && r != -ENODEV && r != -EBUSY && r != -EINVAL) {
		(void)enforce_close(d);
		return FAULT_MEDIUM_ERROR;
	}
	return 0;
}

/* The kernel takes the leave away before it waits for the driver to end. */
static int close_once(const struct Device *d)
{
	return authorized_is(d, "0", push_at(d->interface_dir, "authorized", "0", PATIENCE));
}

int enforce_close(const struct Device *d)
{
	int r = close_once(d);

	/* nothing is left open for one call that failed: what is gone is gone the second time, too */
	if (r && r != FAULT_BUSY)
		r = close_once(d);
	return r == FAULT_MEDIUM_GONE ? 0 : r;
}

bool enforce_is_same(const struct Device *d, int interface_dir)
{
	return d->interface_dir >= 0 && same_folder(d->interface_dir, interface_dir);
}

static bool authorized_reads(const struct Device *d, const char *value)
{
	char now[8];

	return file_read_text_at(d->interface_dir, "authorized", now, sizeof(now)) > 0 && str_eq(now, value);
}

bool enforce_is_authorized(const struct Device *d)
{
	return authorized_reads(d, "1");
}

bool enforce_is_closed(const struct Device *d)
{
	return authorized_reads(d, "0");
}

static bool is_below(int dir, const struct Device *d)
{
	_cleanup_fd_ int at = openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat top, here;

	if (at < 0 || fstat(d->interface_dir, &top))
		return false;
	for (int i = 0; i < DEPTH_MOST; i++) {
		int above = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		fd_close(at);
		at = above;
		if (at < 0 || fstat(at, &here))
			return false;
		if (here.st_dev == top.st_dev && here.st_ino == top.st_ino)
			return true;
	}
	return false;
}

static bool same_device(int dir, const char *name, uint32_t major, uint32_t minor)
{
	char now[32], then[32];

	snprintf(then, sizeof(then), "%u:%u", major, minor);
	return file_read_text_at(dir, name, now, sizeof(now)) > 0 && str_eq(now, then);
}

static bool is_name(const char *name)
{
	return name[0] && name[0] != '.' && !strchr(name, '/');
}

bool enforce_is_disk(int disk_dir, const struct MsgBlockAdd *m)
{
	char dev[LIMIT_PORT + 8];
	uint64_t sectors, sequence;

	if (!is_sysfs(disk_dir) || !is_name(m->disk) || !same_device(disk_dir, "dev", m->major, m->minor))
		return false;
	if (file_read_number_at(disk_dir, "size", &sectors) < 0 || sectors != m->size / SECTOR)
		return false;
	if (file_read_number_at(disk_dir, "diskseq", &sequence) >= 0 && sequence != m->diskseq)
		return false;
	if (!m->partition[0])
		return true;
	snprintf(dev, sizeof(dev), "%s/dev", m->partition);
	return is_name(m->partition) && same_device(disk_dir, dev, m->major, m->partition_minor);
}

bool enforce_is_disk_of(const struct Device *d, int disk_dir, const struct MsgBlockAdd *m)
{
	return is_below(disk_dir, d) && enforce_is_disk(disk_dir, m);
}
