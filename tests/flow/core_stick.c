/* SPDX-License-Identifier: Apache-2.0 */
/* The rig's folder: configuration, state, and the sysfs of its sticks. */
#include "core_rig.h"

#include "file.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

void rig_folder(const struct Rig *r, const char *name)
{
	RIG_MUST(mkdirat(r->at, name, 0700) == 0 || errno == EEXIST);
}

static void file_put(const struct Rig *r, const char *name, const void *bytes, size_t n)
{
	_cleanup_fd_ int fd = openat(r->at, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	RIG_MUST(fd >= 0 && file_write_all(fd, bytes, n) == 0);
}

void rig_text(const struct Rig *r, const char *name, const char *bytes)
{
	file_put(r, name, bytes, strlen(bytes));
}

void rig_put(const struct Rig *r, const char *path, const char *text)
{
	char folder[300];

	STR_CUT(folder, path);
	for (char *p = folder; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		rig_folder(r, folder);
	}
	rig_text(r, path, text);
}

int rig_under(const struct Rig *r, const char *name)
{
	int fd = openat(r->at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	RIG_MUST(fd >= 0);
	return fd;
}

/* ------------------------------------------------------------------ sticks */

bool rig_is_open(const struct Rig *r, const struct RigDevice *d)
{
	char path[240], now[4] = "";
	_cleanup_fd_ int dir = -1;

	snprintf(path, sizeof(path), "%s/%s", d->port, d->interface);
	dir = rig_under(r, path);
	return file_read_text_at(dir, "authorized", now, sizeof(now)) == 1 && now[0] == '1';
}

static void tell_plug(struct Rig *r, struct RigDevice *d)
{
	char path[160];
	int fds[2] = {rig_under(r, d->port), -1};

	snprintf(path, sizeof(path), "%s/%s", d->port, d->interface);
	fds[1] = rig_under(r, path);
	d->add.authorized = rig_is_open(r, d);
	rig_say(r, rig_end(r, RIG_WATCH), MSG_USB_ADD, &d->add, fds, 2);
	fd_close(fds[0]);
	fd_close(fds[1]);
}

static void disk_files(struct Rig *r, const char *at, const struct MsgBlockAdd *add)
{
	char name[240], word[32];

	snprintf(name, sizeof(name), "%s/%s", at, add->partition);
	rig_folder(r, name);
	snprintf(name, sizeof(name), "%s/%s/dev", at, add->partition);
	rig_text(r, name, "8:1\n");
	snprintf(name, sizeof(name), "%s/dev", r->disk_elsewhere ? "etc" : at);
	rig_text(r, name, "8:0\n");
	snprintf(name, sizeof(name), "%s/size", at);
	snprintf(word, sizeof(word), "%llu\n", (unsigned long long)add->size / 512);
	rig_text(r, name, word);
	snprintf(name, sizeof(name), "%s/diskseq", at);
	snprintf(word, sizeof(word), "%llu\n", (unsigned long long)add->diskseq);
	rig_text(r, name, word);
}

bool rig_tell_disk(struct Rig *r, struct RigDevice *d)
{
	struct MsgUsbBind bind = {.driver = "usb-storage"};
	struct MsgBlockAdd add = {
		.major = 8, .minor = 0, .size = 1 << 20, .diskseq = d->diskseq, .partition_minor = 1,
		.first_start = d->full ? 512 : 1 << 20, .read_only = d->read_only};
	struct MsgBlockRemove gone = {};
	struct RigEnd *watch = rig_end(r, RIG_WATCH);
	bool open = d->plugged && rig_is_open(r, d);
	char path[200];
	int fd;

	if (!watch || (d->disk == open && !(open && d->cut)) || r->no_disks)
		return false;
	if (open && d->cut && d->disk) { /* in one go: what went is told, and then what came */
		snprintf(gone.disk, sizeof(gone.disk), "sd%c", (char)('a' + (d - r->devices)));
		rig_say(r, watch, MSG_BLOCK_REMOVE, &gone, NULL, 0);
		add.diskseq = ++d->diskseq;
	}
	d->cut = false;
	d->disk = open;
	STR_CUT(bind.interface, d->interface);
	STR_CUT(add.interface, d->interface);
	snprintf(add.disk, sizeof(add.disk), "sd%c", (char)('a' + (d - r->devices)));
	snprintf(add.partition, sizeof(add.partition), "sd%c1", (char)('a' + (d - r->devices)));
	memcpy(gone.disk, add.disk, sizeof(gone.disk));
	if (!open) {
		rig_say(r, watch, MSG_BLOCK_REMOVE, &gone, NULL, 0);
		return true;
	}
	rig_say(r, watch, MSG_USB_BIND, &bind, NULL, 0);
	snprintf(path, sizeof(path), "%s/%s/disk", d->port, d->interface);
	disk_files(r, path, &add);
	fd = rig_under(r, r->disk_elsewhere ? "etc" : path);
	rig_say(r, watch, MSG_BLOCK_ADD, &add, &fd, 1);
	fd_close(fd);
	return true;
}

static struct RigDevice *device_make(struct Rig *r, const char *port, const char *serial)
{
	static const char descriptors[] = "a plain disk";
	struct RigDevice *d = &r->devices[r->n_devices++];
	struct Identity *i = &d->add.identity;
	char name[200], word[32];

	RIG_MUST(r->n_devices <= RIG_DEVICES);
	STR_CUT(d->port, port);
	snprintf(d->interface, sizeof(d->interface), "%.20s:1.0", port);
	STR_CUT(d->add.interface, d->interface);
	STR_CUT(i->port, port);
	d->add.busnum = 2;
	i->vendor = 0x46f4;
	i->product = 1;
	i->strength = serial[0] ? IDENTITY_STRONG : IDENTITY_NO_SERIAL;
	i->storage_like = 1;
	i->n_interfaces = 1;
	i->interfaces[0] = (struct InterfaceSetting){.configuration = 1, .class = 8, .subclass = 6, .protocol = 0x50};
	i->serial_size = (uint16_t)strlen(serial);
	memcpy(i->serial, serial, i->serial_size);
	i->descriptors_size = sizeof(descriptors);
	memcpy(i->descriptors, descriptors, sizeof(descriptors));
	rig_folder(r, port);
	snprintf(name, sizeof(name), "%s/%s", port, d->interface);
	rig_folder(r, name);
	snprintf(name, sizeof(name), "%s/%s/disk", port, d->interface);
	rig_folder(r, name);
	snprintf(name, sizeof(name), "%s/descriptors", port);
	file_put(r, name, descriptors, sizeof(descriptors));
	snprintf(name, sizeof(name), "%s/serial", port);
	snprintf(word, sizeof(word), "%.30s\n", serial);
	rig_text(r, name, word);
	snprintf(name, sizeof(name), "%s/busnum", port);
	rig_text(r, name, "2\n");
	return d;
}

/* In its port; nothing is told yet. */
static struct RigDevice *put_in(struct Rig *r, const char *port, const char *serial)
{
	static uint32_t devnum;
	struct RigDevice *d = NULL;
	char name[200], word[16];

	for (size_t i = 0; i < r->n_devices; i++)
		if (str_eq(r->devices[i].port, port))
			d = &r->devices[i];
	if (!d)
		d = device_make(r, port, serial);
	if (serial) { /* otherwise it is only told again */
		d->plugged = true;
		d->disk = d->leave = d->let_leave = false;
		d->diskseq++;
		d->add.devnum = ++devnum;
		snprintf(name, sizeof(name), "%s/devnum", port);
		snprintf(word, sizeof(word), "%u\n", d->add.devnum);
		rig_text(r, name, word);
		snprintf(name, sizeof(name), "%s/%s/authorized", port, d->interface);
		rig_text(r, name, "0");
	}
	return d;
}

struct RigDevice *rig_plug(struct Rig *r, const char *port, const char *serial)
{
	struct RigDevice *d = put_in(r, port, serial);

	tell_plug(r, d);
	return d;
}

struct RigDevice *rig_expect(struct Rig *r, const char *port, const char *serial)
{
	struct RigDevice *d = put_in(r, port, serial);
	struct MsgUsbExpect m = {.busnum = d->add.busnum, .devnum = d->add.devnum, .identity = d->add.identity};
	int dir = rig_under(r, d->port);

	STR_CUT(m.interface, d->add.interface);
	rig_say(r, rig_end(r, RIG_WATCH), MSG_USB_EXPECT, &m, &dir, 1);
	fd_close(dir);
	return d;
}

void rig_came(struct Rig *r, const struct RigDevice *d)
{
	struct MsgUsbCame m = {};

	STR_CUT(m.interface, d->interface);
	rig_say(r, rig_end(r, RIG_WATCH), MSG_USB_CAME, &m, NULL, 0);
}

void rig_attribute(struct Rig *r, const struct RigDevice *d, const char *name, const char *value)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", d->port, name);
	rig_text(r, path, value);
}

void rig_unplug(struct Rig *r, struct RigDevice *d)
{
	struct MsgUsbRemove gone = {};
	char name[160];

	STR_CUT(gone.name, d->port);
	snprintf(name, sizeof(name), "%s/devnum", d->port);
	rig_text(r, name, "0\n");
	snprintf(name, sizeof(name), "%s/%s/authorized", d->port, d->interface);
	rig_text(r, name, "0");
	d->plugged = d->disk = d->leave = d->let_leave = false;
	rig_say(r, rig_end(r, RIG_WATCH), MSG_USB_REMOVE, &gone, NULL, 0);
}
