/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the system's mounts and swap lie on, followed down through device-mapper, md, loop and btrfs to disks. */
#include "std.h"

struct MountsWalk {
	bool (*place)(const char *where); /* only what is mounted at such places; NULL: everything */
	const char *below;               /* only what is mounted there or below it; NULL: anywhere */
	/* Each block device, by its link in sysfs, and whatever that lies on. Positive: enough; negative ends the walk. */
	int (*device)(void *owner, const char *path);
	void *owner;
	const char *root; /* the folder of another system; NULL: this one */
	bool again; /* something could not be read just now */
};

/* 0, or what `device` ended it with. */
int mounts_walk(struct MountsWalk *w);
int mounts_walk_swap(struct MountsWalk *w);
/* One block device, by its name. */
int mounts_walk_device(struct MountsWalk *w, const char *name);

/* …/block/sda, …/block/sda/sda2 */
bool mounts_is_on(const char *path, const char *disk);

/* Where a system keeps itself. What is mounted below /media, /mnt or /run is nobody's system. */
bool mounts_is_system_place(const char *where);
/* 1: the system that runs, or its swap, lies on this disk. 0: it does not. -EAGAIN: that cannot be told just now. */
int mounts_carry_system(const char *root, const char *disk);
