/* SPDX-License-Identifier: Apache-2.0 */
#include "mounts_walk.h"

#include "dir.h"
#include "file.h"
#include "limits.h"
#include "str.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#define DEPTH_MOST 8 /* dm over loop over dm … */
#define BLOCK	   "/sys/class/block"
#define NUMBERS	   "/sys/dev/block"
#define BTRFS	   "/sys/fs/btrfs"

static int link_walk(struct MountsWalk *w, int dir, const char *name, unsigned int depth);

bool mounts_is_on(const char *path, const char *disk)
{
	size_t n = strlen(disk);

	/* a namespace of an NVMe disk has no folder `block` above it */
	for (const char *at = n ? strstr(path, disk) : NULL; at; at = strstr(at + 1, disk))
		if (at > path && at[-1] == '/' && (at[n] == '\0' || at[n] == '/'))
			return true;
	return false;
}

/* -1: not there, which nothing is mounted from, or to be looked at again. */
static int folder_open(struct MountsWalk *w, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno != ENOENT)
		w->again = true;
	return fd;
}

static const char *top_path(const struct MountsWalk *w, const char *path, char whole[static PATH_MAX])
{
	if (!w->root)
		return path;
	snprintf(whole, PATH_MAX, "%s%s", w->root, path);
	return whole;
}

/* The kernel's own, which are always there. */
static int top_open(struct MountsWalk *w, const char *path)
{
	char whole[PATH_MAX];
	int fd = folder_open(w, AT_FDCWD, top_path(w, path, whole));

	w->again = w->again || fd < 0;
	return fd;
}

/* The next one, or NULL at the end; what cannot be told is looked at again. */
static const struct dirent *entry_next(struct MountsWalk *w, DIR *dir)
{
	const struct dirent *entry;

	errno = 0;
	entry = readdir(dir);
	if (!entry && errno)
		w->again = true;
	return entry;
}

/* NULL as above. */
static DIR *names_open(struct MountsWalk *w, int above, const char *name)
{
	int fd = folder_open(w, above, name);
	DIR *dir = dir_take(fd);

	if (!dir && fd >= 0)
		w->again = true;
	return dir;
}

/* Every link in a folder: what dm and md lie on, the devices of a btrfs. */
static int links_walk(struct MountsWalk *w, int above, const char *name, unsigned int depth)
{
	_cleanup_dir_ DIR *dir = names_open(w, above, name);
	const struct dirent *entry;
	int r = 0;

	while (dir && !r && (entry = entry_next(w, dir)))
		if (entry->d_name[0] != '.')
			r = link_walk(w, dirfd(dir), entry->d_name, depth + 1);
	return r;
}

static int number_walk(struct MountsWalk *w, unsigned int major, unsigned int minor, unsigned int depth)
{
	_cleanup_fd_ int numbers = top_open(w, NUMBERS);
	char name[32];

	snprintf(name, sizeof(name), "%u:%u", major, minor);
	return numbers < 0 ? 0 : link_walk(w, numbers, name, depth);
}

/* Whose file it is the loop says itself: its name may be one of another namespace. */
static int loop_walk(struct MountsWalk *w, const char *name, unsigned int depth)
{
	char node[LIMIT_PORT + 8];
	struct loop_info64 info;
	_cleanup_fd_ int fd = -1;
	uint64_t on;

	if (snprintf(node, sizeof(node), "/dev/%s", name) >= (int)sizeof(node)) {
		w->again = true;
		return 0;
	}
	fd = open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || ioctl(fd, LOOP_GET_STATUS64, &info)) {
		/* no file, so nothing is mounted from it */
		w->again = w->again || (errno != ENXIO && errno != ENOENT);
		return 0;
	}
	on = info.lo_rdevice ? info.lo_rdevice : info.lo_device;
	return major(on) ? number_walk(w, major(on), minor(on), depth + 1) : 0;
}

static int backing_walk(struct MountsWalk *w, int device, const char *name, unsigned int depth)
{
	_cleanup_fd_ int loop = openat(device, "loop", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (loop < 0) {
		w->again = w->again || errno != ENOENT;
		return 0;
	}
	return loop_walk(w, name, depth);
}

/* A link to a block device's folder in sysfs. */
static int link_walk(struct MountsWalk *w, int dir, const char *name, unsigned int depth)
{
	_cleanup_fd_ int device = -1;
	const char *last;
	char path[PATH_MAX];
	ssize_t n = readlinkat(dir, name, path, sizeof(path) - 1);
	int r;

	if (n < 0 || depth > DEPTH_MOST) {
		w->again = w->again || n >= 0 || errno != ENOENT;
		return 0;
	}
	path[n] = '\0';
	r = w->device(w->owner, path);
	if (r)
		return r;
	device = folder_open(w, dir, name);
	if (device < 0)
		return 0;
	last = strrchr(path, '/');
	r = links_walk(w, device, "slaves", depth);
	return r ? r : backing_walk(w, device, last ? last + 1 : path, depth);
}

int mounts_walk_device(struct MountsWalk *w, const char *name)
{
	_cleanup_fd_ int names = top_open(w, BLOCK);

	return names < 0 ? 0 : link_walk(w, names, name, 0);
}

/* A btrfs has a number that is no device's; the kernel names the devices of those that are mounted. */
static int btrfs_walk(struct MountsWalk *w)
{
	char whole[PATH_MAX];
	_cleanup_dir_ DIR *dir = names_open(w, AT_FDCWD, top_path(w, BTRFS, whole));
	const struct dirent *entry;
	int r = 0;

	if (!dir)
		w->again = true; /* it is mounted: its folder is there */
	while (dir && !r && (entry = entry_next(w, dir))) {
		char devices[NAME_MAX + 16];

		snprintf(devices, sizeof(devices), "%s/devices", entry->d_name);
		if (strchr(entry->d_name, '-'))
			r = links_walk(w, dirfd(dir), devices, 0);
	}
	return r;
}

/* A blank, a tab, a newline and a backslash of a place are written as three octal digits. */
static void place_decode(char *where)
{
	char *to = where;

	for (const char *from = where; *from; to++) {
		unsigned int c;

		if (*from == '\\' && sscanf(from, "\\%3o", &c) == 1) {
			*to = (char)c;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static bool is_wanted(const struct MountsWalk *w, const char *where)
{
	size_t n = w->below ? strlen(w->below) : 0;

	if (n && (strncmp(where, w->below, n) != 0 || (where[n] != '\0' && where[n] != '/')))
		return false;
	return !w->place || w->place(where);
}

/* Number, place and type; the rest is written by whoever mounts, and is not read. */
static int line_walk(struct MountsWalk *w, const char *line)
{
	unsigned int major, minor;
	char where[PATH_MAX];
	const char *type;

	if (sscanf(line, "%*u %*u %u:%u %*s %4095s", &major, &minor, where) != 3)
		return 0;
	place_decode(where);
	if (!is_wanted(w, where))
		return 0;
	if (major)
		return number_walk(w, major, minor, 0);
	type = strstr(line, " - ");
	return type && !strncmp(type, " - btrfs ", 9) ? btrfs_walk(w) : 0;
}

int mounts_walk(struct MountsWalk *w)
{
	char whole[PATH_MAX];
	FILE *mounts = fopen(top_path(w, "/proc/self/mountinfo", whole), "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	int r = 0;

	if (!mounts) {
		w->again = true;
		return 0;
	}
	while (!r && getline(&line, &size, mounts) > 0)
		r = line_walk(w, line);
	/* whatever ended it but the end */
	if (!r && !feof(mounts))
		w->again = true;
	fclose(mounts);
	return r;
}

int mounts_walk_swap(struct MountsWalk *w)
{
	char whole[PATH_MAX];
	FILE *swaps = fopen(top_path(w, "/proc/swaps", whole), "re");
	char line[512], name[LIMIT_PORT];
	int r = 0;

	if (!swaps) {
		w->again = w->again || errno != ENOENT; /* a kernel without swap */
		return 0;
	}
	/* a file lies on what is mounted */
	while (!r && fgets(line, sizeof(line), swaps))
		if (sscanf(line, "/dev/%31[^/ \t] partition", name) == 1)
			r = mounts_walk_device(w, name);
	if (!r && !feof(swaps))
		w->again = true;
	fclose(swaps);
	return r;
}

/* ------------------------------------------------------------------ the system */

bool mounts_is_system_place(const char *where)
{
	static const char *const places[] = {
	        "/boot", "/efi", "/etc", "/home", "/opt", "/root", "/srv", "/usr", "/var"};

	if (str_eq(where, "/"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		size_t n = strlen(places[i]);

		if (!strncmp(where, places[i], n) && (where[n] == '\0' || where[n] == '/'))
			return true;
	}
	return false;
}

static int is_this(void *owner, const char *path)
{
	return mounts_is_on(path, owner);
}

int mounts_carry_system(const char *root, const char *disk)
{
	char name[NAME_MAX + 1];
	struct MountsWalk w = {.place = mounts_is_system_place, .device = is_this, .owner = name, .root = root};
	int r;

	str_cut(name, sizeof(name), disk);
	r = mounts_walk(&w);
	if (!r)
		r = mounts_walk_swap(&w);
	return r ? r : w.again ? -EAGAIN : 0;
}
