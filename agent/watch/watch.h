/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is plugged in, told to core as it happens. Knows nothing of verdicts. An object that vanishes while
 * it is read is dropped: its removal is on its way, or a rescan finds it missing.
 */
#include "alias.h"
#include "udev.h"
#include "wire.h"

/* An interface that core has been told of. */
struct Told {
	char interface[LIMIT_PORT];
};

/* A disk that core has been told of, and what it was told last. */
struct ToldDisk {
	struct MsgBlockAdd add;
};

/* Devices whose interface is awaited; one more is only told later. */
#define EXPECTED_MOST 8

struct Expected {
	struct MsgUsbExpect m;
	char path[UEVENT_PATH]; /* of the interface, as its event will name it */
};

struct Watch {
	int channel; /* to core; borrowed, as are the two below */
	const struct Aliases *aliases;
	struct Monitor *monitor;
	uint32_t rescans;
	size_t n_told, told_room;
	struct Told *told;
	size_t n_disks, disks_room;
	struct ToldDisk *disks;
	size_t n_expected;
	struct Expected *expected[EXPECTED_MOST];
};

void watch_done(struct Watch *w);

/* Everything that is there, then WATCH_READY{0}. What happened since the monitor was opened comes after. */
int watch_start(struct Watch *w);

/* Handles what the monitor holds. 0, CHANNEL_CLOSED when core is gone, or -errno. */
int watch_drain(struct Watch *w);

/* One event: for watch_drain, and for tests. */
int watch_event(struct Watch *w, const struct Uevent *e);

/* ------------------------------------------------------------------ usb.c, block.c: reading sysfs */

struct UsbFound {
	int device_dir, interface_dir; /* O_PATH; -1: none */
	struct MsgUsbAdd add;
	char driver[LIMIT_CODE]; /* bound to it, empty: none */
};

void usb_found_done(struct UsbFound *f);

enum ReadOutcome {
	READ_GONE = 1, /* it vanished, or is not what its path says */
	READ_NOT_OURS, /* nothing storage-like */
};

/* Reads the interface whose sysfs path this is. `forced`: a storage driver has bound itself to it, whatever
   it says. `known`: what its device said when it appeared, so that it is not read twice; NULL: nothing. 0, an
   outcome, or -errno. The caller calls usb_found_done in any case. */
int usb_read(const struct Aliases *aliases, const char *path, bool forced, const struct MsgUsbExpect *known,
        struct UsbFound *ret);

/* Reads the device whose sysfs path this is, before it has interfaces. READ_NOT_OURS also where the name of
   the interface to come cannot be told. *ret_dir, its directory, is the caller's to close in any case. */
int usb_expect(const struct Aliases *aliases, const char *path, struct MsgUsbExpect *ret, int *ret_dir);

struct BlockFound {
	int disk_dir;
	struct MsgBlockAdd add;
};

void block_found_done(struct BlockFound *f);

/* The whole disk at this path. `interface` stays empty where none is above it. */
int block_read(const char *path, struct BlockFound *ret);
