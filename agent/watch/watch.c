/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include "aliases.h"
#include "channel.h"
#include "str.h"
#include "udev.h"
#include "usb.h"

#include <poll.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int tell(struct Watch *w, enum MessageType type, const void *body, const int *fds, size_t n)
{
	int r = channel_send(w->channel, type, body, fds, n);

	return r > 0 ? -EPIPE : r; /* core is gone, and with it our reason to be */
}

static int tell_interface(struct Watch *w, const struct UdevEvent *e, bool coldplug)
{
	struct MsgUsbAdd m;
	int dirs[2], r = usb_interface_read(e->syspath, &w->aliases, &m, dirs);

	if (r)
		return r > 0 ? 0 : r;
	m.coldplug = coldplug;
	r = tell(w, MSG_USB_ADD, &m, dirs, 2);
	fd_close(dirs[0]);
	fd_close(dirs[1]);
	return r;
}

static int tell_disk(struct Watch *w, const char *syspath)
{
	struct MsgBlockAdd m;
	int dir, r = usb_disk_read(syspath, &m, &dir);

	if (r)
		return r > 0 ? 0 : r;
	r = tell(w, MSG_BLOCK_ADD, &m, &dir, 1);
	fd_close(dir);
	return r;
}

/* A partition is news of its disk. */
static int tell_partition(struct Watch *w, const struct UdevEvent *e)
{
	char disk[sizeof(e->syspath)], *slash;

	memcpy(disk, e->syspath, sizeof(disk));
	slash = strrchr(disk, '/');
	if (!slash)
		return 0;
	*slash = '\0';
	return tell_disk(w, disk);
}

static int interface_added(struct Watch *w, const struct UdevEvent *e)
{
	return tell_interface(w, e, false);
}

static int usb_removed(struct Watch *w, const struct UdevEvent *e)
{
	struct MsgUsbRemove m = {};

	if (str_set(m.name, sizeof(m.name), base_name(e->syspath)) < 0)
		return 0;
	return tell(w, MSG_USB_REMOVE, &m, NULL, 0);
}

static int interface_bound(struct Watch *w, const struct UdevEvent *e)
{
	struct MsgUsbBind m = {};

	if (strcmp(e->driver, "usb-storage") && strcmp(e->driver, "uas") && strncmp(e->driver, "ums-", 4))
		return 0;
	if (str_set(m.interface, sizeof(m.interface), base_name(e->syspath)) < 0 ||
		str_set(m.driver, sizeof(m.driver), e->driver) < 0)
		return 0;
	return tell(w, MSG_USB_BIND, &m, NULL, 0);
}

static int disk_added(struct Watch *w, const struct UdevEvent *e)
{
	return tell_disk(w, e->syspath);
}

static int disk_removed(struct Watch *w, const struct UdevEvent *e)
{
	struct MsgBlockRemove m = {};

	if (str_set(m.disk, sizeof(m.disk), base_name(e->syspath)) < 0)
		return 0;
	return tell(w, MSG_BLOCK_REMOVE, &m, NULL, 0);
}

struct EventRow {
	const char *type, *action;
	int (*run)(struct Watch *w, const struct UdevEvent *e);
};

static const struct EventRow rows[] = {
	{"usb_interface", "add", interface_added},
	{"usb_interface", "remove", usb_removed},
	{"usb_interface", "bind", interface_bound},
	{"usb_device", "remove", usb_removed},
	{"disk", "add", disk_added},
	{"disk", "change", disk_added},
	{"disk", "remove", disk_removed},
	{"partition", "add", tell_partition},
};

static int event(struct Watch *w, const struct UdevEvent *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(e->type, rows[i].type) && str_eq(e->action, rows[i].action))
			return rows[i].run(w, e);
	return 0;
}

static int found_usb(void *owner, const struct UdevEvent *e)
{
	return str_eq(e->type, "usb_interface") ? tell_interface(owner, e, true) : 0;
}

static int found_disk(void *owner, const struct UdevEvent *e)
{
	return str_eq(e->type, "disk") ? tell_disk(owner, e->syspath) : 0;
}

static int tell_all(struct Watch *w)
{
	struct MsgWatchReady ready = {.rescan = w->rescans};
	int r = udev_each(w->udev, "usb", found_usb, w);

	if (r >= 0)
		r = udev_each(w->udev, "block", found_disk, w);
	return r < 0 ? r : tell(w, MSG_WATCH_READY, &ready, NULL, 0);
}

static int drain(struct Watch *w)
{
	struct UdevEvent e;

	for (;;) {
		int r = udev_next(w->udev, &e);

		if (r == UDEV_AGAIN)
			return 0;
		if (r == UDEV_LOST) {
			w->rescans++;
			r = tell_all(w);
		} else if (!r)
			r = event(w, &e);
		if (r < 0)
			return r;
	}
}

int watch_run(struct Watch *w)
{
	struct pollfd fds[2] = {{.fd = udev_fd(w->udev), .events = POLLIN}, {.fd = w->channel, .events = POLLIN}};
	int r = tell_all(w);

	while (r >= 0) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[1].revents)
			return 0; /* core says nothing to watch but its end */
		r = drain(w);
	}
	return r == -EPIPE ? 0 : r;
}
