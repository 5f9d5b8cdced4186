/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The door of libudev: kernel events and enumeration, as plain structs. */
#include "std.h"

struct Udev;

struct UdevEvent {
	char action[16];    /* add, remove, change, bind, unbind */
	char subsystem[16]; /* usb, block */
	char type[24];	    /* usb_device, usb_interface, disk, partition */
	char syspath[512];
	char driver[64];
};

enum UdevOutcome {
	UDEV_AGAIN = 1, /* nothing there now */
	UDEV_LOST,	/* events were lost: enumerate anew */
};

int udev_open(struct Udev **ret);
void udev_closep(struct Udev **u);
int udev_fd(const struct Udev *u);

/* The next kernel event of usb and block. */
int udev_next(struct Udev *u, struct UdevEvent *ret);

/* Calls each(owner, event) with action "add" for everything of a subsystem that is there. */
int udev_each(struct Udev *u, const char *subsystem, int (*each)(void *owner, const struct UdevEvent *e), void *owner);
