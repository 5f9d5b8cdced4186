/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include "channel.h"
#include "log.h"
#include "str.h"
#include "sysfs.h"

#include <fcntl.h>
#include <stdio.h>

static void expected_forget(struct Watch *w)
{
	while (w->n_expected)
		free(w->expected[--w->n_expected]);
}

void watch_done(struct Watch *w)
{
	expected_forget(w);
	free(w->told);
	free(w->disks);
	w->told = NULL;
	w->disks = NULL;
	w->n_told = w->told_room = w->n_disks = w->disks_room = 0;
}

/* ------------------------------------------------------------------ what core knows */

static struct Told *told_find(struct Watch *w, const char *interface)
{
	for (size_t i = 0; i < w->n_told; i++)
		if (str_eq(w->told[i].interface, interface))
			return &w->told[i];
	return NULL;
}

static int told_add(struct Watch *w, const char *interface)
{
	if (told_find(w, interface))
		return 0;
	if (w->n_told == w->told_room) {
		size_t room = w->told_room ? 2 * w->told_room : 16;
		struct Told *more = reallocarray(w->told, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		w->told = more;
		w->told_room = room;
	}
	STR_CUT(w->told[w->n_told++].interface, interface);
	return 0;
}

static struct ToldDisk *disk_find(struct Watch *w, const char *disk)
{
	for (size_t i = 0; i < w->n_disks; i++)
		if (str_eq(w->disks[i].add.disk, disk))
			return &w->disks[i];
	return NULL;
}

static int disk_add(struct Watch *w, const struct MsgBlockAdd *add)
{
	if (w->n_disks == w->disks_room) {
		size_t room = w->disks_room ? 2 * w->disks_room : 8;
		struct ToldDisk *more = reallocarray(w->disks, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		w->disks = more;
		w->disks_room = room;
	}
	w->disks[w->n_disks++].add = *add;
	return 0;
}

/* By interface, or by the port of its device. */
static struct Expected **expected_find(struct Watch *w, const char *name)
{
	for (size_t i = 0; i < w->n_expected; i++)
		if (str_eq(w->expected[i]->m.interface, name) || str_eq(w->expected[i]->m.identity.port, name))
			return &w->expected[i];
	return NULL;
}

static void expected_drop(struct Watch *w, struct Expected **e)
{
	free(*e);
	*e = w->expected[--w->n_expected];
}

static int tell_removed(struct Watch *w, struct Told *t)
{
	struct MsgUsbRemove m = {};

	STR_CUT(m.name, t->interface);
	*t = w->told[--w->n_told];
	return channel_send(w->channel, MSG_USB_REMOVE, &m, NULL, 0);
}

/* ------------------------------------------------------------------ telling */

static int tell_bound(struct Watch *w, const char *interface, const char *driver)
{
	struct MsgUsbBind m = {};

	STR_CUT(m.interface, interface);
	STR_CUT(m.driver, driver);
	return channel_send(w->channel, MSG_USB_BIND, &m, NULL, 0);
}

static int tell_interface(struct Watch *w, const char *path, bool coldplug, bool forced)
{
	_cleanup_(usb_found_done) struct UsbFound f;
	struct Expected **expected = expected_find(w, sysfs_name(path));
	int r = usb_read(w->aliases, path, forced, expected ? &(*expected)->m : NULL, &f);

	if (r)
		return r < 0 ? r : 0;
	if (expected)
		expected_drop(w, expected);
	f.add.coldplug = coldplug;
	r = told_add(w, f.add.interface);
	if (r < 0)
		return r;
	r = channel_send(w->channel, MSG_USB_ADD, &f.add, (int[]){f.device_dir, f.interface_dir}, 2);
	/* bound before we looked: an event that was lost, or came before us */
	if (!r && coldplug && f.driver[0])
		r = tell_bound(w, f.add.interface, f.driver);
	return r;
}

static int tell_disk_removed(struct Watch *w, struct ToldDisk *d)
{
	struct MsgBlockRemove m = {};

	STR_CUT(m.disk, d->add.disk);
	*d = w->disks[--w->n_disks];
	return channel_send(w->channel, MSG_BLOCK_REMOVE, &m, NULL, 0);
}

/* Without a size there is no medium: a reader without its card, a disk that is on its way out, a loop without a file.
   A drive of the machine's own is one with nothing in it, too. */
static bool is_empty(const struct MsgBlockAdd *add, const char *path)
{
	return !add->size && (add->interface[0] || strstr(path, "/devices/virtual/"));
}

/* Change events are many, and most of them change nothing that matters. */
static int tell_disk(struct Watch *w, const char *path, bool again)
{
	_cleanup_(block_found_done) struct BlockFound f;
	int r = block_read(path, &f);
	struct ToldDisk *known = disk_find(w, sysfs_name(path));

	if (r < 0)
		return r;
	if (r || is_empty(&f.add, path))
		return known && r != READ_GONE ? tell_disk_removed(w, known) : 0;
	if (known && !again && !memcmp(&known->add, &f.add, sizeof(f.add)))
		return 0;
	if (known)
		known->add = f.add;
	else {
		r = disk_add(w, &f.add);
		if (r < 0)
			return r;
	}
	return channel_send(w->channel, MSG_BLOCK_ADD, &f.add, &f.disk_dir, 1);
}

/* ------------------------------------------------------------------ all that is there */

static int scan_interface(void *owner, int dir _unused_, const char *name)
{
	char path[sizeof(SYSFS_USB) + LIMIT_PORT + 1];

	if (!sysfs_is_interface(name))
		return 0;
	snprintf(path, sizeof(path), SYSFS_USB "/%s", name);
	return tell_interface(owner, path, true, false);
}

/* The class' entries are links; only their targets say what is above a disk. */
static int scan_disk(void *owner, int dir, const char *name)
{
	char target[512], path[512];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);
	uint8_t lun;

	if (n <= 0)
		return 0;
	target[n] = '\0';
	n = (ssize_t)strspn(target, "./");
	if (snprintf(path, sizeof(path), "/sys/%s", target + n) >= (int)sizeof(path) ||
	        !sysfs_is_disk(path, &lun))
		return 0;
	return tell_disk(owner, path, true);
}

static int scan_folder(struct Watch *w, const char *path, int (*each)(void *owner, int dir, const char *name))
{
	_cleanup_fd_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* a kernel without such devices has no such folder */
	return dir < 0 ? (errno == ENOENT ? 0 : -errno) : sysfs_each(dir, each, w);
}

static int scan(struct Watch *w)
{
	struct MsgWatchReady ready = {.rescan = w->rescans};
	int r = scan_folder(w, SYSFS_USB, scan_interface);

	if (!r)
		r = scan_folder(w, SYSFS_BLOCK, scan_disk);
	return r ? r : channel_send(w->channel, MSG_WATCH_READY, &ready, NULL, 0);
}

int watch_start(struct Watch *w)
{
	return scan(w);
}

/* ------------------------------------------------------------------ events */

static int interface_event(struct Watch *w, const struct Uevent *e)
{
	const char *interface = sysfs_name(e->path);
	struct Told *t = told_find(w, interface);

	if (e->action == UEVENT_ADD)
		return tell_interface(w, e->path, false, false);
	if (e->action == UEVENT_REMOVE)
		return t ? tell_removed(w, t) : 0;
	if (e->action != UEVENT_BIND || !alias_is_storage_driver(e->driver))
		return 0;
	if (!t) {
		/* nothing said that it was storage, and yet it is: core gets the means to close it */
		int r = tell_interface(w, e->path, false, true);

		if (r)
			return r;
	}
	return tell_bound(w, interface, e->driver);
}

static bool is_of(const struct Told *t, const char *port)
{
	size_t n = strlen(port);

	return !strncmp(t->interface, port, n) && t->interface[n] == ':';
}

/* udev has yet to let the device have its interfaces. What core can do meanwhile it need not do after. */
static int device_added(struct Watch *w, const struct Uevent *e)
{
	_cleanup_fd_ int dir = -1;
	struct Expected *found;
	int r;

	if (w->n_expected == EXPECTED_MOST || expected_find(w, sysfs_name(e->path)))
		return 0;
	for (size_t i = 0; i < w->n_told; i++)
		if (is_of(&w->told[i], sysfs_name(e->path)))
			return 0; /* somebody said `add` once more */
	found = malloc(sizeof(*found));
	if (!found)
		return -ENOMEM;
	r = usb_expect(w->aliases, e->path, &found->m, &dir);
	if (!r && snprintf(found->path, sizeof(found->path), "%s/%s", e->path, found->m.interface) >=
	                  (int)sizeof(found->path))
		r = READ_NOT_OURS;
	if (r) {
		free(found);
		return r < 0 ? r : 0;
	}
	w->expected[w->n_expected++] = found;
	return channel_send(w->channel, MSG_USB_EXPECT, &found->m, &dir, 1);
}

static int tell_not_expected(struct Watch *w, struct Expected **e)
{
	struct MsgUsbRemove m = {};

	STR_CUT(m.name, (*e)->m.identity.port);
	expected_drop(w, e);
	return channel_send(w->channel, MSG_USB_REMOVE, &m, NULL, 0);
}

/* A device takes its interfaces along. The kernel tells of each; this is for what it did not. */
static int device_event(struct Watch *w, const struct Uevent *e)
{
	const char *port = sysfs_name(e->path);
	struct Expected **expected = expected_find(w, port);

	if (e->action == UEVENT_ADD)
		return device_added(w, e);
	if (e->action != UEVENT_REMOVE)
		return 0;
	for (size_t i = 0; i < w->n_told;) {
		struct Told *t = &w->told[i];
		int r;

		if (!is_of(t, port)) {
			i++;
			continue;
		}
		r = tell_removed(w, t);
		if (r)
			return r;
	}
	return expected ? tell_not_expected(w, expected) : 0;
}

static int disk_event(struct Watch *w, const struct Uevent *e)
{
	struct ToldDisk *known = disk_find(w, sysfs_name(e->path));

	if (e->action != UEVENT_REMOVE)
		return tell_disk(w, e->path, e->action == UEVENT_ADD);
	return known ? tell_disk_removed(w, known) : 0;
}

/* A partition is a fact about its disk. */
static int partition_event(struct Watch *w, const struct Uevent *e)
{
	char disk[sizeof(e->path)];
	char *slash;

	memcpy(disk, e->path, sizeof(disk));
	slash = strrchr(disk, '/');
	if (!slash)
		return 0;
	*slash = '\0';
	return tell_disk(w, disk, false);
}

int watch_event(struct Watch *w, const struct Uevent *e)
{
	static int (*const handlers[_UEVENT_SUBJECT_N])(struct Watch * w, const struct Uevent *e) = {
	        [UEVENT_INTERFACE] = interface_event,
	        [UEVENT_DEVICE] = device_event,
	        [UEVENT_DISK] = disk_event,
	        [UEVENT_PARTITION] = partition_event,
	};

	if (e->action == UEVENT_OTHER || !handlers[e->subject])
		return 0;
	return handlers[e->subject](w, e);
}

/* ------------------------------------------------------------------ lost events */

static bool is_present(const char *folder, const char *name)
{
	_cleanup_fd_ int fd = -1;
	char path[64 + LIMIT_PORT];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_PATH | O_CLOEXEC);
	return fd >= 0;
}

/* What went away unseen. */
static int tell_missing(struct Watch *w)
{
	int r = 0;

	for (size_t i = 0; !r && i < w->n_disks;)
		if (is_present(SYSFS_BLOCK, w->disks[i].add.disk))
			i++;
		else
			r = tell_disk_removed(w, &w->disks[i]);
	for (size_t i = 0; !r && i < w->n_told;)
		if (is_present(SYSFS_USB, w->told[i].interface))
			i++;
		else
			r = tell_removed(w, &w->told[i]);
	return r;
}

/* Events that are older than the scan would undo what it tells: they are read and thrown away first. */
static int forget_events(struct Watch *w)
{
	int r;

	do {
		struct Uevent e;

		r = monitor_receive(w->monitor, &e);
	} while (r == 0 || r == MONITOR_LOST);
	return r < 0 ? r : 0;
}

static int rescan(struct Watch *w)
{
	int r = forget_events(w);

	if (r < 0)
		return r;
	w->rescans++;
	expected_forget(w); /* core forgets what the scan does not tell */
	log_warning("kernel events were lost; looking at everything again");
	r = tell_missing(w);
	return r ? r : scan(w);
}

/* An interface that is awaited is told before its event is taken apart and read after: core has all that is
   needed, and a person is waiting. */
static int tell_came(struct Watch *w)
{
	char next[sizeof(w->expected[0]->path)];
	struct MsgUsbCame m = {};
	int r;

	if (!w->n_expected || !monitor_next_added(w->monitor, next, sizeof(next)))
		return 0;
	for (size_t i = 0; i < w->n_expected; i++)
		if (str_eq(w->expected[i]->path, next)) {
			STR_CUT(m.interface, w->expected[i]->m.interface);
			/* it may be gone before it is read; that has to be told, too */
			r = told_add(w, m.interface);
			return r < 0 ? r : channel_send(w->channel, MSG_USB_CAME, &m, NULL, 0);
		}
	return 0;
}

int watch_drain(struct Watch *w)
{
	for (;;) {
		struct Uevent e;
		int r = tell_came(w);

		if (r)
			return r;
		r = monitor_receive(w->monitor, &e);
		if (r == MONITOR_AGAIN)
			return 0;
		if (!r)
			r = watch_event(w, &e);
		else if (r == MONITOR_LOST)
			r = rescan(w);
		if (r)
			return r;
	}
}
