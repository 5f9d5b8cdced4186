/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The writes to sysfs. Identity is read again through the directory that is acted through, right
 * before the write; the result is read back.
 */
#include "device.h"
#include "push.h"

/* From the comparison to the write. */
struct Opening;

/* 0, FAULT_CHANGED_DEVICE, FAULT_MEDIUM_GONE, FAULT_MEDIUM_ERROR, FAULT_INTERNAL; or FAULT_BUSY: it was not done in
   time; should it be done after all, it is taken back at once. *late is that opening then, to be forgotten. */
int enforce_open(const struct Device *d, int usb_dir, struct Pusher **pusher, struct Opening **late);

/* Whether it has ended, and what it did is taken back as far as that could be. NULL has. */
bool enforce_is_through(const struct Opening *late);
struct Opening *enforce_forget(struct Opening *late);

/* 0 (closed, or gone), FAULT_MEDIUM_ERROR, or FAULT_BUSY: a driver holds the device, and the kernel closes it as
   soon as that has given up. */
int enforce_close(const struct Device *d);

/* Whether this is the directory of the device's interface, and not of one of the same name before or after it. */
bool enforce_is_same(const struct Device *d, int interface_dir);

/* As sysfs says now; what cannot be read is neither. */
bool enforce_is_authorized(const struct Device *d);
bool enforce_is_closed(const struct Device *d);

/* That the directory is the disk that watch told, and says of itself what watch said of it. */
bool enforce_is_disk(int disk_dir, const struct MsgBlockAdd *m);

/* The same, and that it is the disk below this device's interface. */
bool enforce_is_disk_of(const struct Device *d, int disk_dir, const struct MsgBlockAdd *m);
