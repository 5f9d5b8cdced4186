/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The things a closer does, apart from each other for tests. */
#include "std.h"

#include <sys/types.h>

/* Waits until no process of this user is left, at most `milliseconds`; then kills what is. The number of
   those that had to be killed, or -errno. */
int closer_wait(uid_t user, int milliseconds);

/* Writes 0 to `authorized` of every interface below `usb` (a folder like /sys/bus/usb/devices) that is of a
   storage class or has a storage driver. Calls said(owner, interface, r) for each that was open: r is 0 or
   -errno. The number of failures, or -errno. */
int closer_close(int usb, void (*said)(void *owner, const char *interface, int r), void *owner);

/* Removes the marks by which udev's rules leave alone what the agent let in while observing. 0 or -errno. */
int closer_unmark(int marks);
