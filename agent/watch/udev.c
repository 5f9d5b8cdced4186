/* SPDX-License-Identifier: Apache-2.0 */
#include "udev.h"

#include "str.h"

#include <libudev.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <sys/socket.h>

/* Some ten thousand events: the kernel counts to twice this. Memory only while they wait. */
#define RECEIVE_BUFFER (4 * 1024 * 1024)

struct Monitor {
	struct udev *udev;
	struct udev_monitor *monitor;
};

struct Word {
	const char *word;
	int value;
};

static const struct Word actions[] = {
        {"add", UEVENT_ADD},
        {"remove", UEVENT_REMOVE},
        {"change", UEVENT_CHANGE},
        {"bind", UEVENT_BIND},
};

static const struct Word subjects[] = {
        {"usb_interface", UEVENT_INTERFACE},
        {"usb_device", UEVENT_DEVICE},
        {"disk", UEVENT_DISK},
        {"partition", UEVENT_PARTITION},
};

static int word_find(const struct Word *words, size_t n, const char *word, int none)
{
	for (size_t i = 0; word && i < n; i++)
		if (str_eq(words[i].word, word))
			return words[i].value;
	return none;
}

struct Monitor *monitor_free(struct Monitor *m)
{
	if (!m)
		return NULL;
	udev_monitor_unref(m->monitor);
	udev_unref(m->udev);
	free(m);
	return NULL;
}

void monitor_freep(struct Monitor **m)
{
	*m = monitor_free(*m);
}

int monitor_new(struct Monitor **ret)
{
	_cleanup_(monitor_freep) struct Monitor *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->udev = udev_new();
	if (m->udev)
		m->monitor = udev_monitor_new_from_netlink(m->udev, "kernel");
	if (!m->monitor)
		return errno ? -errno : -EIO;
	if (udev_monitor_filter_add_match_subsystem_devtype(m->monitor, "usb", NULL) < 0 ||
	        udev_monitor_filter_add_match_subsystem_devtype(m->monitor, "block", NULL) < 0)
		return -ENOMEM;
	/* beyond rmem_max by CAP_NET_ADMIN, which this process still has; less only means a rescan sooner */
	(void)udev_monitor_set_receive_buffer_size(m->monitor, RECEIVE_BUFFER);
	if (udev_monitor_enable_receiving(m->monitor) < 0)
		return -EIO;
	*ret = ptr_steal(&m);
	return 0;
}

int monitor_fd(const struct Monitor *m)
{
	return udev_monitor_get_fd(m->monitor);
}

static void uevent_from(struct udev_device *device, struct Uevent *ret)
{
	const char *path = udev_device_get_syspath(device);
	const char *driver = udev_device_get_property_value(device, "DRIVER");
	/* somebody wrote to `uevent`: nothing has happened */
	bool synthetic = udev_device_get_property_value(device, "SYNTH_UUID") != NULL;

	*ret = (struct Uevent){
	        .action = (enum UeventAction)word_find(
	                actions, ARRAY_SIZE(actions), udev_device_get_action(device), UEVENT_OTHER),
	        .subject = (enum UeventSubject)word_find(
	                subjects, ARRAY_SIZE(subjects), udev_device_get_devtype(device), UEVENT_NOTHING),
	};
	if (!path || STR_SET(ret->path, path) < 0)
		ret->subject = UEVENT_NOTHING;
	if (driver)
		STR_CUT(ret->driver, driver);
	if (synthetic && ret->action == UEVENT_REMOVE)
		ret->action = UEVENT_OTHER;
}

bool monitor_next_added(struct Monitor *m, char *ret, size_t size)
{
	struct sockaddr_nl from = {};
	char start[sizeof("add@") + UEVENT_PATH];
	struct iovec iov = {start, sizeof(start) - 1};
	struct msghdr h = {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n = recvmsg(udev_monitor_get_fd(m->monitor), &h, MSG_PEEK | MSG_DONTWAIT);

	/* by the kernel's own hand, or not at all: anybody may send to a netlink socket */
	if (n <= 0 || h.msg_namelen != sizeof(from) || from.nl_family != AF_NETLINK || from.nl_pid != 0)
		return false;
	start[n] = '\0';
	return !strncmp(start, "add@/", 5) && snprintf(ret, size, "/sys%s", start + 4) < (int)size;
}

int monitor_receive(struct Monitor *m, struct Uevent *ret)
{
	struct udev_device *device;

	errno = 0;
	device = udev_monitor_receive_device(m->monitor);
	if (device) {
		uevent_from(device, ret);
		udev_device_unref(device);
		return 0;
	}
	switch (errno) {
	case 0:
	case EAGAIN:
	case EINTR:
		return MONITOR_AGAIN;
	case ENOBUFS:
		return MONITOR_LOST;
	case EBADMSG: /* a packet that was not the kernel's: look again */
	case ENODEV:
		*ret = (struct Uevent){.action = UEVENT_OTHER, .subject = UEVENT_NOTHING};
		return 0;
	default:
		return -errno;
	}
}
