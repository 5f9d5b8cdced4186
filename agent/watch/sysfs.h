/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Names and directories of sysfs: what the kernel calls USB interfaces, and walking a directory. */
#include "limits.h"
#include "std.h"

#include <sys/types.h>

#define SYSFS_USB   "/sys/bus/usb/devices"
#define SYSFS_BLOCK "/sys/class/block"

/* 2-1.4:1.0, but not a root hub's own 2-0:1.0. */
bool sysfs_is_interface(const char *name);

/* The last part of a path. */
const char *sysfs_name(const char *path);

/* "2-1.4" of "2-1.4:1.0". 0 or -EINVAL. */
int sysfs_port(const char *interface, char ret[static LIMIT_PORT]);

/* The USB interface a device's path lies below: 0, or -ENOENT when there is none. */
int sysfs_interface_above(const char *path, char ret[static LIMIT_PORT]);

/* /…/2-1:1.0/host2/target2:0:0/2:0:0:1/block/sda, /…/nvme/nvme0/nvme0n1: true for whole disks, with the logical unit's
   number. */
bool sysfs_is_disk(const char *path, uint8_t *ret_lun);

/* An attribute of a directory. sysfs gives all of one in one read: half the calls of file.h's, which count
   between a device's event and its opening. At most size bytes: their number, -E2BIG when there are more. */
ssize_t sysfs_bytes(int dir, const char *name, void *ret, size_t size);
/* NUL added, one closing newline taken off. */
ssize_t sysfs_text(int dir, const char *name, char *ret, size_t size);
int sysfs_number(int dir, const char *name, uint64_t *ret);

/* The name a symbolic link of `dir` points to (driver, subsystem): 0 or -errno. */
int sysfs_link(int dir, const char *name, char *ret, size_t size);

/* Calls `each` for every entry but dot files, until it gives something else than 0: that, or -errno. */
int sysfs_each(int dir, int (*each)(void *owner, int dir, const char *name), void *owner);
