/* SPDX-License-Identifier: Apache-2.0 */
/* A disk below a USB interface, and its first partition. */
#include "str.h"
#include "sysfs.h"
#include "watch.h"

#include <fcntl.h>
#include <stdio.h>

#define SECTOR 512

static int read_device_number(int dir, const char *name, uint32_t *ret_major, uint32_t *ret_minor)
{
	char text[32];
	unsigned int major, minor;

	if (sysfs_text(dir, name, text, sizeof(text)) <= 0 || sscanf(text, "%u:%u", &major, &minor) != 2)
		return -ENODEV;
	*ret_major = major;
	*ret_minor = minor;
	return 0;
}

struct FirstPartition {
	uint64_t number, start;
	char name[LIMIT_PORT];
};

static int look_at_partition(void *owner, int dir, const char *name)
{
	struct FirstPartition *first = owner;
	char path[LIMIT_PORT + 16];
	uint64_t number, start;

	if (strlen(name) >= LIMIT_PORT)
		return 0;
	snprintf(path, sizeof(path), "%s/partition", name);
	if (sysfs_number(dir, path, &number) < 0)
		return 0;
	snprintf(path, sizeof(path), "%s/start", name);
	if (sysfs_number(dir, path, &start) < 0)
		start = 0;
	first->start = MIN(first->start, start);
	if (number >= first->number)
		return 0;
	first->number = number;
	return str_set(first->name, sizeof(first->name), name);
}

/* The one of the lowest number; none is no failure. */
static void read_partition(int disk_dir, struct MsgBlockAdd *add)
{
	struct FirstPartition first = {.number = UINT64_MAX, .start = UINT64_MAX};
	char path[LIMIT_PORT + 8];
	uint32_t major, minor;

	if (sysfs_each(disk_dir, look_at_partition, &first) < 0 || first.number == UINT64_MAX)
		return;
	snprintf(path, sizeof(path), "%s/dev", first.name);
	if (read_device_number(disk_dir, path, &major, &minor) < 0 || major != add->major)
		return;
	/* sysfs counts in 512 bytes, whatever the disk's blocks are */
	add->first_start = first.start * SECTOR;
	STR_CUT(add->partition, first.name);
	add->partition_minor = minor;
}

void block_found_done(struct BlockFound *f)
{
	f->disk_dir = fd_close(f->disk_dir);
}

int block_read(const char *path, struct BlockFound *ret)
{
	uint64_t sectors, served, read_only = 0;

	*ret = (struct BlockFound){.disk_dir = -1};
	if (!sysfs_is_disk(path, &ret->add.lun) || STR_SET(ret->add.disk, sysfs_name(path)) < 0)
		return READ_NOT_OURS;
	/* a disk that no USB device brought has no interface, and is core's to judge all the same */
	if (sysfs_interface_above(path, ret->add.interface) < 0)
		ret->add.interface[0] = '\0';
	ret->disk_dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret->disk_dir < 0)
		return READ_GONE;
	if (read_device_number(ret->disk_dir, "dev", &ret->add.major, &ret->add.minor) < 0 ||
	        sysfs_number(ret->disk_dir, "size", &sectors) < 0)
		return READ_GONE;
	/* kernels before 5.15 have no diskseq: 0, as for a disk that was never changed */
	if (sysfs_number(ret->disk_dir, "diskseq", &ret->add.diskseq) < 0)
		ret->add.diskseq = 0;
	/* a network block device keeps its size when nobody serves it any more */
	if (strstr(path, "/virtual/block/nbd") && sysfs_number(ret->disk_dir, "pid", &served) < 0)
		sectors = 0;
	(void)sysfs_number(ret->disk_dir, "ro", &read_only);
	ret->add.size = sectors * SECTOR;
	ret->add.read_only = read_only != 0;
	read_partition(ret->disk_dir, &ret->add);
	return 0;
}
