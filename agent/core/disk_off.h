/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Taking a disk away from the system, whatever its bus, through its folder in sysfs. */
#include "std.h"

/* By the first way there is: SCSI and ATA `delete`, nbd's end of its connection, the driver taken from the card, the NVMe
   controller or whatever else it is. 0: asked for, look whether it is gone; -errno: there is no way, or not now. */
int disk_off(int dir, const char *name, const char *path);

/* Nothing can be read from it any more: it is gone, or empty. */
bool disk_is_off(int dir, const char *path);

/* Held for ourselves alone: nobody mounts it or puts another device on it. The descriptor, or a negative number. */
int disk_hold(const char *name);
