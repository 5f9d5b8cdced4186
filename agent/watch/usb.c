/* SPDX-License-Identifier: Apache-2.0 */
#include "usb.h"

#include "descriptors.h"
#include "file.h"
#include "str.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

static int gone_or(int r)
{
	return r == -ENOENT || r == -ENODEV || r == -ENOTDIR ? USB_GONE : r;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int number32(int dir, const char *name, uint32_t *ret)
{
	uint64_t value;
	int r = file_read_number_at(dir, name, &value);

	if (r < 0)
		return gone_or(r);
	*ret = (uint32_t)value;
	return 0;
}

static int identity_read(int device, struct Identity *ret)
{
	uint8_t descriptors[LIMIT_DESCRIPTORS];
	char serial[LIMIT_SERIAL + 1];
	ssize_t n = file_read_at(device, "descriptors", descriptors, sizeof(descriptors));

	if (n == -E2BIG)
		ret->strength = IDENTITY_MALFORMED;
	else if (n < 0)
		return gone_or((int)n);
	else
		descriptors_read(descriptors, (size_t)n, ret);
	n = file_read_text_at(device, "serial", serial, sizeof(serial));
	if (n == -ENOENT)
		n = 0;
	if (n == -E2BIG) {
		ret->strength = IDENTITY_MALFORMED;
		return 0;
	}
	if (n < 0)
		return gone_or((int)n);
	serial_read((const uint8_t *)serial, (size_t)n, ret);
	return 0;
}

int usb_interface_read(const char *syspath, const struct Aliases *aliases, struct MsgUsbAdd *ret, int ret_dirs[2])
{
	_cleanup_fd_ int interface = open(syspath, O_RDONLY | O_DIRECTORY | O_CLOEXEC), device = -1;
	char modalias[256], authorized[8], *colon;
	int r;

	*ret = (struct MsgUsbAdd){};
	if (interface < 0)
		return gone_or(-errno);
	device = openat(interface, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (device < 0 || file_read_text_at(interface, "modalias", modalias, sizeof(modalias)) < 0)
		return USB_GONE;
	r = str_set(ret->interface, sizeof(ret->interface), last_part(syspath));
	if (r < 0)
		return r;
	memcpy(ret->identity.port, ret->interface, sizeof(ret->identity.port));
	colon = strchr(ret->identity.port, ':');
	if (!colon)
		return USB_NOT_OURS;
	memset(colon, 0, sizeof(ret->identity.port) - (size_t)(colon - ret->identity.port));
	r = identity_read(device, &ret->identity);
	if (!r)
		r = number32(device, "busnum", &ret->busnum);
	if (!r)
		r = number32(device, "devnum", &ret->devnum);
	if (r)
		return r;
	identity_classify(&ret->identity, aliases_match(aliases, modalias));
	if (!ret->identity.storage_like)
		return USB_NOT_OURS;
	ret->authorized = file_read_text_at(interface, "authorized", authorized, sizeof(authorized)) > 0 &&
		authorized[0] == '1';
	ret_dirs[0] = fd_steal(&device);
	ret_dirs[1] = fd_steal(&interface);
	return 0;
}

/* …/2-1:1.0/host0/target0:0:0/0:0:0:0/block/sda → 2-1:1.0 and the LUN. */
static bool find_interface(const char *syspath, char *ret, size_t size, uint8_t *ret_lun)
{
	const char *end = strstr(syspath, "/host"), *start, *block;
	unsigned int host, channel, target, lun;

	if (!end || !strstr(syspath, "/usb"))
		return false;
	for (start = end; start > syspath && start[-1] != '/'; start--)
		;
	if (!memchr(start, ':', (size_t)(end - start)) || str_set_n(ret, size, start, (size_t)(end - start)) < 0)
		return false;
	block = strstr(end, "/block/");
	if (!block)
		return false;
	for (start = block; start > end && start[-1] != '/'; start--)
		;
	if (sscanf(start, "%u:%u:%u:%u/", &host, &channel, &target, &lun) != 4)
		return false;
	*ret_lun = (uint8_t)MIN(lun, 255u);
	return true;
}

static void dir_closep(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* The first partition's name and minor; none is no error. */
static int read_partition(int disk, struct MsgBlockAdd *ret)
{
	_cleanup_(dir_closep) DIR *d = NULL;
	_cleanup_fd_ int copy = openat(disk, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (copy < 0)
		return gone_or(-errno);
	d = fdopendir(copy);
	if (!d)
		return -errno;
	copy = -1;
	for (struct dirent *e; (e = readdir(d));) {
		char name[LIMIT_PORT + 16], text[32];
		unsigned int major, minor;
		uint64_t number;

		if (strncmp(e->d_name, ret->disk, strlen(ret->disk)) || strlen(e->d_name) >= LIMIT_PORT)
			continue;
		snprintf(name, sizeof(name), "%s/partition", e->d_name);
		if (file_read_number_at(disk, name, &number) < 0 || number != 1)
			continue;
		snprintf(name, sizeof(name), "%s/dev", e->d_name);
		if (file_read_text_at(disk, name, text, sizeof(text)) < 0 || sscanf(text, "%u:%u", &major, &minor) != 2)
			return USB_GONE;
		ret->partition_minor = minor;
		return str_set(ret->partition, sizeof(ret->partition), e->d_name);
	}
	return 0;
}

int usb_disk_read(const char *syspath, struct MsgBlockAdd *ret, int *ret_dir)
{
	_cleanup_fd_ int disk = -1;
	uint64_t sectors, read_only;
	char text[32];
	int r;

	*ret = (struct MsgBlockAdd){};
	if (!find_interface(syspath, ret->interface, sizeof(ret->interface), &ret->lun))
		return USB_NOT_OURS;
	disk = open(syspath, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (disk < 0)
		return gone_or(-errno);
	r = str_set(ret->disk, sizeof(ret->disk), last_part(syspath));
	if (r < 0)
		return r;
	if (file_read_text_at(disk, "dev", text, sizeof(text)) < 0 ||
		sscanf(text, "%u:%u", &ret->major, &ret->minor) != 2 ||
		file_read_number_at(disk, "size", &sectors) < 0 || file_read_number_at(disk, "ro", &read_only) < 0 ||
		file_read_number_at(disk, "diskseq", &ret->diskseq) < 0)
		return USB_GONE;
	ret->size = sectors * 512;
	ret->read_only = read_only != 0;
	r = read_partition(disk, ret);
	if (r)
		return r;
	*ret_dir = fd_steal(&disk);
	return 0;
}
