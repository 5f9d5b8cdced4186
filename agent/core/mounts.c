/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody with the right to mounts a medium by hand. Jobs mount in namespaces that nobody sees, so any mount of a medium
 * that is seen is foreign: its port is closed, which takes the disk away, and stays so until it is unplugged.
 */
#include "core.h"
#include "file.h"
#include "log.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>

#define MOUNTS	   "/proc/self/mountinfo"
#define DEPTH_MOST 8 /* dm over loop over dm … */

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

static int link_judge(struct Core *core, int dir, const char *name, unsigned int depth);

/* dm and md say what they lie on. */
static int slaves_judge(struct Core *core, int device, unsigned int depth)
{
	int fd = openat(device, "slaves", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	if (!dir) {
		fd_close(fd);
		return 0;
	}
	while (r >= 0 && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			r = link_judge(core, fd, entry->d_name, depth + 1);
	closedir(dir);
	return r;
}

/* A loop over a disk's node; over a file of a medium there is that medium's own mount. */
static int backing_judge(struct Core *core, int device, unsigned int depth)
{
	_cleanup_fd_ int names = -1;
	char file[LIMIT_PORT + 8];

	if (file_read_text_at(device, "loop/backing_file", file, sizeof(file)) < 0 || strncmp(file, "/dev/", 5) ||
		strchr(file + 5, '/'))
		return 0;
	names = open("/sys/class/block", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return names < 0 ? 0 : link_judge(core, names, file + 5, depth + 1);
}

/* A link to a block device's folder in sysfs. What is gone already is no mount of ours. */
static int link_judge(struct Core *core, int dir, const char *name, unsigned int depth)
{
	_cleanup_fd_ int device = -1;
	char path[PATH_MAX];
	ssize_t n = readlinkat(dir, name, path, sizeof(path) - 1);
	int r;

	if (n <= 0 || depth > DEPTH_MOST)
		return 0;
	path[n] = '\0';
	r = mounts_judge(core, path);
	if (r < 0)
		return r;
	device = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (device < 0)
		return 0;
	r = slaves_judge(core, device, depth);
	return r < 0 ? r : backing_judge(core, device, depth);
}

int mounts_look(struct Core *core)
{
	_cleanup_fd_ int numbers = open("/sys/dev/block", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *line = NULL;
	FILE *mounts = fopen(MOUNTS, "re");
	size_t size = 0;
	int r = mounts && numbers >= 0 ? 0 : -errno;

	/* the third field; what follows is written by whoever mounts, and is not read */
	while (r >= 0 && getline(&line, &size, mounts) > 0) {
		unsigned int major, minor;
		char name[32];

		if (sscanf(line, "%*u %*u %u:%u ", &major, &minor) != 2 || !major)
			continue;
		snprintf(name, sizeof(name), "%u:%u", major, minor);
		r = link_judge(core, numbers, name, 0);
	}
	if (mounts)
		fclose(mounts);
	return r;
}

static int mounts_changed(void *owner, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	return mounts_look(owner);
}

int mounts_open(struct Core *core)
{
	core->mounts_fd = open(MOUNTS, O_RDONLY | O_CLOEXEC);
	if (core->mounts_fd < 0)
		return -errno;
	return dispatch_add(core->dispatch, core->mounts_fd, EPOLLPRI, mounts_changed, core);
}
