/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody with the right to mounts a medium by hand. Jobs mount in namespaces that nobody sees, so any mount of a medium
 * that is seen is foreign: its port is closed, which takes the disk away, and stays so until it is unplugged.
 *
 * What cannot be read just now is looked at again a second later, until it can.
 */
#include "clock.h"
#include "core.h"
#include "file.h"
#include "log.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>

#define AGAIN	   1000
#define DEPTH_MOST 8 /* dm over loop over dm … */

struct Look {
	struct Core *core;
	bool again;
};

static int foreign_mount(struct Core *core, struct Device *d)
{
	struct Record r;
	int e;

	log_warning("device %s: mounted by hand", d->interface);
	d->pinned = FAULT_FOREIGN_MOUNT;
	record_start(&r, RECORD_TAMPER, RESULT_DONE);
	r.reason = FAULT_FOREIGN_MOUNT;
	device_describe(d, &r);
	record_text(&r, KEY_INTERFACE, d->interface);
	e = ledger_append(core, &r, WANT_DURABLE, NULL, 0);
	return e < 0 ? e : device_flow_close(core, d, FAULT_FOREIGN_MOUNT);
}

/* …/block/sda, …/block/sda/sda2 */
static bool is_on_disk(const char *path, const char *disk)
{
	const char *at = strstr(path, "/block/");
	size_t n = strlen(disk);

	return at && n && !strncmp(at + 7, disk, n) && (at[7 + n] == '\0' || at[7 + n] == '/');
}

int mounts_judge(struct Core *core, const char *path)
{
	for (struct Device *d = core->devices.first; d; d = d->next)
		if (d->pinned != FAULT_FOREIGN_MOUNT && is_on_disk(path, d->disk.name))
			return foreign_mount(core, d);
	return 0;
}

/* -1: gone, which is no mount of ours, or to be looked at again. */
static int folder_open(struct Look *l, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno != ENOENT && errno != ENODEV && errno != ENXIO)
		l->again = true;
	return fd;
}

static int link_judge(struct Look *l, int dir, const char *name, unsigned int depth);

/* dm and md say what they lie on. */
static int slaves_judge(struct Look *l, int device, unsigned int depth)
{
	int fd = folder_open(l, device, "slaves"), r = 0;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	if (!dir) {
		l->again = l->again || fd >= 0;
		fd_close(fd);
		return 0;
	}
	while (r >= 0 && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			r = link_judge(l, fd, entry->d_name, depth + 1);
	closedir(dir);
	return r;
}

/* A loop over a disk's node; over a file of a medium there is that medium's own mount. */
static int backing_judge(struct Look *l, int device, unsigned int depth)
{
	_cleanup_fd_ int names = -1;
	char file[LIMIT_PORT + 8];
	ssize_t n = file_read_text_at(device, "loop/backing_file", file, sizeof(file));

	if (n == -EMFILE || n == -ENFILE || n == -ENOMEM || n == -EIO)
		l->again = true;
	if (n < 0 || strncmp(file, "/dev/", 5) || strchr(file + 5, '/'))
		return 0;
	names = folder_open(l, AT_FDCWD, "/sys/class/block");
	return names < 0 ? 0 : link_judge(l, names, file + 5, depth + 1);
}

/* A link to a block device's folder in sysfs. */
static int link_judge(struct Look *l, int dir, const char *name, unsigned int depth)
{
	_cleanup_fd_ int device = -1;
	char path[PATH_MAX];
	ssize_t n = readlinkat(dir, name, path, sizeof(path) - 1);
	int r;

	if (n <= 0 || depth > DEPTH_MOST)
		return 0;
	path[n] = '\0';
	r = mounts_judge(l->core, path);
	if (r < 0)
		return r;
	device = folder_open(l, dir, name);
	if (device < 0)
		return 0;
	r = slaves_judge(l, device, depth);
	return r < 0 ? r : backing_judge(l, device, depth);
}

/* Reads the third field of each line; what follows is written by whoever mounts, and is not read. */
static int lines_judge(struct Look *l, FILE *mounts, int numbers)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	int r = 0;

	while (r >= 0 && getline(&line, &size, mounts) > 0) {
		unsigned int major, minor;
		char name[32];

		if (sscanf(line, "%*u %*u %u:%u ", &major, &minor) != 2 || !major)
			continue;
		snprintf(name, sizeof(name), "%u:%u", major, minor);
		r = link_judge(l, numbers, name, 0);
	}
	if (ferror(mounts))
		l->again = true;
	return r;
}

static int mounts_due(void *owner)
{
	return mounts_look(owner);
}

int mounts_look(struct Core *core)
{
	struct Look l = {.core = core};
	_cleanup_fd_ int numbers = folder_open(&l, AT_FDCWD, "/sys/dev/block");
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	int r = 0;

	if (mounts && numbers >= 0)
		r = lines_judge(&l, mounts, numbers);
	else
		l.again = true;
	if (mounts)
		fclose(mounts);
	return r < 0 ? r : dispatch_at(core->dispatch, l.again ? clock_boot() + AGAIN : INT64_MAX, mounts_due, core);
}

static int mounts_changed(void *owner, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	return mounts_look(owner);
}

int mounts_open(struct Core *core)
{
	core->mounts_fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (core->mounts_fd < 0)
		return -errno;
	return dispatch_add(core->dispatch, core->mounts_fd, EPOLLPRI, mounts_changed, core);
}
