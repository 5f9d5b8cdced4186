/* SPDX-License-Identifier: Apache-2.0 */
#include "udev.h"

#include "str.h"

#include <libudev.h>

#define RECEIVE_BYTES (4 << 20)

struct Udev {
	struct udev *context;
	struct udev_monitor *monitor;
};

static void device_unrefp(struct udev_device **d)
{
	udev_device_unref(*d);
}

static void enumerate_unrefp(struct udev_enumerate **e)
{
	udev_enumerate_unref(*e);
}

void udev_closep(struct Udev **u)
{
	if (!*u)
		return;
	udev_monitor_unref((*u)->monitor);
	udev_unref((*u)->context);
	free(*u);
	*u = NULL;
}

int udev_open(struct Udev **ret)
{
	_cleanup_(udev_closep) struct Udev *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->context = udev_new();
	if (!u->context)
		return -ENOMEM;
	/* the kernel's own events: what udev makes of them comes too late to be first */
	u->monitor = udev_monitor_new_from_netlink(u->context, "kernel");
	if (!u->monitor)
		return -ENOMEM;
	if (udev_monitor_filter_add_match_subsystem_devtype(u->monitor, "usb", NULL) < 0 ||
		udev_monitor_filter_add_match_subsystem_devtype(u->monitor, "block", NULL) < 0)
		return -EIO;
	/* more than root may ask is refused to others; the default then has to do */
	(void)udev_monitor_set_receive_buffer_size(u->monitor, RECEIVE_BYTES);
	if (udev_monitor_enable_receiving(u->monitor) < 0)
		return -EIO;
	*ret = u;
	u = NULL;
	return 0;
}

int udev_fd(const struct Udev *u)
{
	return udev_monitor_get_fd(u->monitor);
}

static void set(char *ret, size_t size, const char *text)
{
	/* what does not fit is nothing of ours: empty matches no row */
	(void)str_set(ret, size, text ? text : "");
}

static void event_fill(struct udev_device *d, const char *action, struct UdevEvent *ret)
{
	set(ret->action, sizeof(ret->action), action);
	set(ret->subsystem, sizeof(ret->subsystem), udev_device_get_subsystem(d));
	set(ret->type, sizeof(ret->type), udev_device_get_devtype(d));
	set(ret->syspath, sizeof(ret->syspath), udev_device_get_syspath(d));
	set(ret->driver, sizeof(ret->driver), udev_device_get_property_value(d, "DRIVER"));
}

int udev_next(struct Udev *u, struct UdevEvent *ret)
{
	_cleanup_(device_unrefp) struct udev_device *d = NULL;

	errno = 0;
	d = udev_monitor_receive_device(u->monitor);
	if (d) {
		event_fill(d, udev_device_get_action(d), ret);
		return 0;
	}
	if (errno == ENOBUFS)
		return UDEV_LOST;
	return UDEV_AGAIN; /* EAGAIN, or a message that is not the kernel's */
}

int udev_each(struct Udev *u, const char *subsystem, int (*each)(void *owner, const struct UdevEvent *e), void *owner)
{
	_cleanup_(enumerate_unrefp) struct udev_enumerate *all = udev_enumerate_new(u->context);
	struct udev_list_entry *entry;

	if (!all || udev_enumerate_add_match_subsystem(all, subsystem) < 0 || udev_enumerate_scan_devices(all) < 0)
		return -ENOMEM;
	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(all))
	{
		const char *path = udev_list_entry_get_name(entry);
		_cleanup_(device_unrefp) struct udev_device *d = udev_device_new_from_syspath(u->context, path);
		struct UdevEvent e;
		int r;

		if (!d)
			continue; /* gone since the list was made */
		event_fill(d, "add", &e);
		r = each(owner, &e);
		if (r < 0)
			return r;
	}
	return 0;
}
