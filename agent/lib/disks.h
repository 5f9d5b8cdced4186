/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a disk of the machine is known by: one line, its identity and the place it is plugged into. `enrol` writes the
 * lines of the fixed disks down; whatever disk has another line is not one of them.
 */
#include "std.h"

#define DISK_LINE  192   /* with its NUL; what is longer is cut */
#define DISKS_FILE "disks" /* the list, in the state folder */
#define DISKS_SIZE 8192   /* of its text */

/* The line of the disk whose folder in sysfs this is. 0, or -errno when it cannot be told. Bus numbers that depend on the
   order of finding things (host2, ata3, nvme0) are left out of it, a port's own number on its controller stays. */
int disk_line(int dir, char ret[static DISK_LINE]);

/* The path of an open folder in sysfs. 0 or -errno. */
int disk_path(int dir, char *ret, size_t size);

/* Made by the kernel of other things (loop, dm, md, nbd, ram…); a disk of several NVMe controllers is none. */
bool disk_is_virtual(const char *path);

/* True when one line of the list is this one. */
bool disk_is_listed(const char *list, const char *line);
