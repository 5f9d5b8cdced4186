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

static bool read_numbers(int device_dir, uint32_t *ret_busnum, uint32_t *ret_devnum)
{
	return read_number(device_dir, "busnum", ret_busnum) && read_number(device_dir, "devnum", ret_devnum);
}

int usb_read(const struct Aliases *aliases, const char *path, bool forced, const struct MsgUsbExpect *known,
        struct UsbFound *ret)
{
	char port[LIMIT_PORT];
	uint32_t authorized = 0;
	int r = 0;

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
	if (!read_numbers(ret->device_dir, &ret->add.busnum, &ret->add.devnum))
		return READ_GONE;
	/* `serial` waits for the device's lock, which whoever authorises the device holds just now */
	if (known && known->busnum == ret->add.busnum && known->devnum == ret->add.devnum)
		ret->add.identity = known->identity;
	else
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
	if (!read_number(ret->interface_dir, "authorized", &authorized))
		return READ_GONE;
	ret->add.authorized = authorized != 0;
	return 0;
}

/* The first setting that is storage; NULL also where the kernel has a configuration to choose. */
static const struct InterfaceSetting *setting_to_come(
        const struct Aliases *aliases, const struct Identity *id)
{
	const struct InterfaceSetting *first = NULL;

	for (size_t i = 0; i < id->n_interfaces; i++) {
		const struct InterfaceSetting *s = &id->interfaces[i];

		if (s->configuration != id->interfaces[0].configuration)
			return NULL;
		if (!first && grade_is_storage(aliases, id, s->number))
			first = s;
	}
	return first;
}

int usb_expect(const struct Aliases *aliases, const char *path, struct MsgUsbExpect *ret, int *ret_dir)
{
	const char *port = sysfs_name(path);
	const struct InterfaceSetting *s;
	int dir, r;

	*ret = (struct MsgUsbExpect){};
	*ret_dir = dir = open(path, DIRECTORY);
	if (dir < 0 || !read_numbers(dir, &ret->busnum, &ret->devnum))
		return READ_GONE;
	r = read_identity(aliases, dir, port, &ret->identity);
	if (r)
		return r;
	s = setting_to_come(aliases, &ret->identity);
	if (!s || snprintf(ret->interface, sizeof(ret->interface), "%s:%u.%u", port, s->configuration,
	                  s->number) >= (int)sizeof(ret->interface))
		return READ_NOT_OURS;
	/* a name that is no interface's: a root hub, or not USB's at all */
	return sysfs_is_interface(ret->interface) ? 0 : READ_NOT_OURS;
}
