/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* From a sysfs directory to the message that core gets. Reads attributes through the directory alone. */
#include "aliases.h"
#include "channel.h"

enum UsbOutcome {
	USB_NOT_OURS = 1, /* nothing storage-like */
	USB_GONE,         /* the device went while it was read */
};

/* An interface's directory; on 0 the message and the two descriptors (device, interface) are the caller's. */
int usb_interface_read(
        const char *syspath, const struct Aliases *aliases, struct MsgUsbAdd *ret, int ret_dirs[2]);

/* A disk below a USB interface; on 0 the message and the descriptor of its directory. USB_NOT_OURS for
   every other disk. */
int usb_disk_read(const char *syspath, struct MsgBlockAdd *ret, int *ret_dir);
