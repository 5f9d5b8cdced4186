/* SPDX-License-Identifier: Apache-2.0 */
/* A USB interface and its device, all of it read through one pair of directories. */
#include "grade.h"
#include "str.h"
#include "sysfs.h"
#include "watch.h"

#include <fcntl.h>
#include <stdio.h>

#define DIRECTORY (O_PATH | O_DIRECTORY | O_CLOEXEC)

void usb_found_done(struct UsbFound *f)
{
	f->device_dir = fd_close(f->device_dir);
	f->interface_dir = fd_close(f->interface_dir);
}

static bool read_number(int dir, const char *name, uint32_t *ret)
{
	uint64_t value;

	if (sysfs_number(dir, name, &value) < 0 || value > UINT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

static int read_identity(
        const struct Aliases *aliases, int device_dir, const char *port, struct Identity *ret)
{
	uint8_t descriptors[LIMIT_DESCRIPTORS] = {};
	char serial[LIMIT_SERIAL + 1] = {};
	struct GradeInput in = {.port = port, .descriptors = descriptors, .serial = (const uint8_t *)serial};
	ssize_t n;

	n = sysfs_bytes(device_dir, "descriptors", descriptors, sizeof(descriptors));
	in.descriptors_cut = n == -E2BIG;
	if (n < 0 && n != -E2BIG)
		return READ_GONE;
	in.descriptors_size = n < 0 ? sizeof(descriptors) : (size_t)n;
	/* a device without a serial number has no such attribute */
	n = sysfs_text(device_dir, "serial", serial, sizeof(serial));
	in.serial_cut = n == -E2BIG || n >= LIMIT_SERIAL;
	if (n < 0 && n != -ENOENT && n != -E2BIG)
		return READ_GONE;
	in.serial_size = n > 0 ? (size_t)n : 0;
	grade_device(aliases, &in, ret);
	return 0;
}

/* Phones that speak MTP under a class of their own say so in the interface's name. */
static bool speaks_mtp(int interface_dir)
{
	char name[LIMIT_SERIAL];

	return sysfs_text(interface_dir, "interface", name, sizeof(name)) > 0 && strstr(name, "MTP");
}

static bool is_storage(const struct Aliases *aliases, const struct UsbFound *f)
{
	unsigned int number;

	if (sscanf(f->add.interface, "%*[^:]:%*u.%u", &number) != 1)
		return false;
	return grade_is_storage(aliases, &f->add.identity, (uint8_t)number) || speaks_mtp(f->interface_dir);
}

int usb_read(const struct Aliases *aliases, const char *path, bool forced, struct UsbFound *ret)
{
	char port[LIMIT_PORT];
	uint32_t authorized = 0;
	int r;

	*ret = (struct UsbFound){.device_dir = -1, .interface_dir = -1};
	if (sysfs_port(sysfs_name(path), port) < 0)
		return READ_NOT_OURS;
	STR_CUT(ret->add.interface, sysfs_name(path));
	ret->interface_dir = open(path, DIRECTORY);
	if (ret->interface_dir < 0)
		return READ_GONE;
	ret->device_dir = openat(ret->interface_dir, "..", DIRECTORY);
	if (ret->device_dir < 0)
		return READ_GONE;
	r = read_identity(aliases, ret->device_dir, port, &ret->add.identity);
	if (r)
		return r;
	if (sysfs_link(ret->interface_dir, "driver", ret->driver, sizeof(ret->driver)) < 0)
		ret->driver[0] = '\0';
	if (!alias_is_storage_driver(ret->driver))
		ret->driver[0] = '\0';
	if (!is_storage(aliases, ret)) {
		if (!forced && !ret->driver[0])
			return READ_NOT_OURS;
		ret->add.identity.by_alias = 1;
	}
	/* the name of a function, or a driver that somebody forced on it, counts as much as its class */
	if (!ret->add.identity.storage_like)
		ret->add.identity.storage_like = ret->add.identity.by_alias = 1;
	if (!read_number(ret->device_dir, "busnum", &ret->add.busnum) ||
	        !read_number(ret->device_dir, "devnum", &ret->add.devnum) ||
	        !read_number(ret->interface_dir, "authorized", &authorized))
		return READ_GONE;
	ret->add.authorized = authorized != 0;
	return 0;
}
