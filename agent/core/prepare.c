/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --prepare of `register` and `relabel`: first whether the disk holds as much as it says (probe.h), then one
 * partition from 1 MiB on and a file system in it, made by sfdisk and mkfs (tool.h).
 */
#include "clock.h"
#include "fault.h"
#include "label.h"
#include "log.h"
#include "privs.h"
#include "probe.h"
#include "str.h"
#include "tool.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define PROBE_TIME 20000 /* milliseconds */

struct PrepareRow {
	const char *type;
	const char *table; /* sfdisk's script */
	const char *tool[6];
};

static const struct PrepareRow rows[] = {
	{"vfat", "label: dos\nstart=2048, type=c\n", {"/usr/sbin/mkfs.vfat", "-F", "32", "-n", "MEDIAGATE"}},
	{"exfat", "label: dos\nstart=2048, type=7\n", {"/usr/sbin/mkfs.exfat", "-L", "MEDIAGATE"}},
};

static const struct PrepareRow *prepare_row(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(rows[i].type, type))
			return &rows[i];
	return NULL;
}

/* A tool that ends with any other status has not done its work. */
static int run(const struct MountOrder *o, const struct Tool *t)
{
	int r = tool_run(o, t);

	return r > 0 ? -EIO : r;
}

/* The kernel reads the new table; the first partition's number comes back. */
static int reread_table(const struct MountOrder *o, uint32_t *ret_major, uint32_t *ret_minor)
{
	char path[128], text[32];
	_cleanup_fd_ int fd = -1, dev = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/dev/%s", o->disk.name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	/* udev may hold the disk for a moment after the table was written */
	for (int i = 0; fd >= 0 && ioctl(fd, BLKRRPART); i++) {
		if (errno != EBUSY || i == 300) /* 30 s: on a machine under load */
			return -errno;
		usleep(100000);
	}
	snprintf(path, sizeof(path), "/sys/class/block/%.31s1/dev", o->disk.name);
	dev = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || dev < 0)
		return -errno;
	n = read(dev, text, sizeof(text) - 1);
	if (n <= 0)
		return -EIO;
	text[n] = '\0';
	return sscanf(text, "%u:%u", ret_major, ret_minor) == 2 ? 0 : -EIO;
}

static int probe(const struct MountOrder *o)
{
	_cleanup_fd_ int fd = -1;
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s", o->disk.name);
	fd = open(path, O_RDWR | O_EXCL | O_DIRECT | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (disk_is_same(fd, &o->disk))
		return -ENODEV;
	return probe_disk(fd, o->disk.size, clock_boot() + PROBE_TIME);
}

static int prepare(const struct MountOrder *o, const struct PrepareRow *row)
{
	char disk[64], partition[64], name[64];
	struct Tool sfdisk = {
		.words = {"/usr/sbin/sfdisk", "--quiet", "--wipe", "always", "--no-reread", "--no-tell-kernel", disk},
		.input = row->table};
	struct Tool mkfs = {};
	uint32_t major, minor;
	size_t n = 0;
	int r;

	snprintf(disk, sizeof(disk), "/dev/%s", o->disk.name);
	snprintf(name, sizeof(name), "%.31s1", o->disk.name);
	snprintf(partition, sizeof(partition), "/dev/%.40s", name);
	r = probe(o);
	if (!r)
		r = tool_dev();
	if (!r)
		r = tool_node(o, o->disk.name, o->disk.major, o->disk.minor);
	if (!r)
		r = run(o, &sfdisk);
	if (!r)
		r = reread_table(o, &major, &minor);
	if (!r)
		r = tool_node(o, name, major, minor);
	if (r)
		return r;
	for (; row->tool[n]; n++)
		mkfs.words[n] = row->tool[n];
	mkfs.words[n] = partition;
	return run(o, &mkfs);
}

void prepare_and_exit(const struct MountOrder *o, const char *type)
{
	const struct PrepareRow *row = prepare_row(type);
	sigset_t none;
	int r;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!row || privs_no_haste() < 0)
		_exit(2);
	r = prepare(o, row);
	if (r < 0)
		log_error("%s cannot be prepared: %s", o->disk.name, strerror(-r));
	if (r > 0)
		log_error("%s does not hold what is written to it", o->disk.name);
	_exit(r < 0 ? 1 : r > 0 ? PREPARE_LIES : 0);
}
