/* SPDX-License-Identifier: Apache-2.0 */
#include "disk_off.h"

#include "dir.h"
#include "disks.h"
#include "file.h"
#include "limits.h"
#include "push.h"
#include "str.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <linux/nbd.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define NBD	 "/virtual/block/nbd"
#define PATIENCE 400 /* milliseconds that core gives a driver */

static bool is_there(int dir, const char *name)
{
	return !faccessat(dir, name, F_OK, 0);
}

/* Takes the driver from the device at `at`, a link below the disk. */
static int unbind(int dir, const char *at)
{
	_cleanup_fd_ int device = openat(dir, at, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char path[PATH_MAX];
	const char *name;
	int r;

	if (device < 0)
		return -errno;
	r = disk_path(device, path, sizeof(path));
	if (r < 0)
		return r;
	/* its own name is the last part of where it lies */
	name = strrchr(path, '/');
	return name ? push_at(device, "driver/unbind", name + 1, PATIENCE) : -ENODEV;
}

/* A disk that several controllers show: each loses its driver. */
static int unbind_controllers(int dir)
{
	_cleanup_dir_ DIR *controllers = dir_open_at(dir, "device");
	const struct dirent *entry;
	int r = -ENODEV;

	while (controllers && (entry = readdir(controllers))) {
		char at[NAME_MAX + 32];

		snprintf(at, sizeof(at), "%s/device/driver", entry->d_name);
		if (strncmp(entry->d_name, "nvme", 4) || !is_there(dirfd(controllers), at))
			continue;
		snprintf(at, sizeof(at), "%s/device", entry->d_name);
		r = unbind(dirfd(controllers), at);
	}
	return r;
}

static int node_open(const char *name, int flags)
{
	char node[LIMIT_PORT + 8];

	if (strchr(name, '/') || snprintf(node, sizeof(node), "/dev/%s", name) >= (int)sizeof(node))
		return -EINVAL;
	return open(node, flags | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
}

static int nbd_end(const char *name)
{
	_cleanup_fd_ int fd = node_open(name, O_RDWR);
	int r;

	if (fd < 0)
		return -errno;
	r = ioctl(fd, NBD_DISCONNECT);
	return ioctl(fd, NBD_CLEAR_SOCK) && r ? -errno : 0;
}

int disk_off(int dir, const char *name, const char *path)
{
	if (strstr(path, NBD))
		return nbd_end(name);
	if (is_there(dir, "device/delete"))
		return push_at(dir, "device/delete", "1", PATIENCE);
	if (is_there(dir, "device/driver/unbind"))
		return unbind(dir, "device");
	if (is_there(dir, "device/device/driver/unbind"))
		return unbind(dir, "device/device");
	return unbind_controllers(dir);
}

bool disk_is_off(int dir, const char *path)
{
	uint64_t sectors;
	int r;

	/* nbd keeps its size as long as somebody has it open; whoever serves it is gone */
	if (strstr(path, NBD) && !is_there(dir, "pid") && errno == ENOENT)
		return true;
	r = file_read_number_at(dir, "size", &sectors);
	/* what could not be read is there still */
	return r == -ENOENT || r == -ENODEV || (r >= 0 && !sectors);
}

int disk_hold(const char *name)
{
	/* whoever has an nbd open keeps its connection from ending */
	int fd = strncmp(name, "nbd", 3) ? node_open(name, O_RDONLY | O_EXCL) : -1;

	return fd;
}
