/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The storage devices that are plugged in, and the state each is in. */
#include "channel.h"

enum DeviceState {
	DEVICE_NEW,	/* its identity digest is asked for */
	DEVICE_CLOSED,	/* judged and refused: what the port is anyway */
	DEVICE_INTENT,	/* the intent is on its way to the ledger */
	DEVICE_OPEN,	/* authorised */
	DEVICE_CLOSING, /* its job is ending; then it is deauthorised */
	_DEVICE_STATE_N,
};

/* What is refused and open all the same: observe mode (observe.h). */
enum DeviceLet {
	LET_NO,
	LET_FOUND,  /* it was open when it was found */
	LET_IN,
};

struct Disk {
	char name[LIMIT_PORT], partition[LIMIT_PORT]; /* empty: none */
	uint32_t major, minor, partition_minor;
	uint64_t size, diskseq;
	uint64_t first_start; /* bytes before the first partition; 0: none */
	bool read_only;
};

/* What a look at the label gave. A fault stays until the medium is unplugged or labelled anew. */
struct DeviceLabel {
	bool read;     /* and acceptable */
	uint64_t task; /* under way, 0: none */
	int fault;     /* enum Fault */
	uint64_t found;
	char checkout[LIMIT_ID]; /* the loan on it */
};

struct Device {
	struct Device *next;
	uint64_t id;
	enum DeviceState state;
	char interface[LIMIT_PORT];
	uint32_t busnum, devnum;
	int device_dir;
	int interface_dir; /* -1 while the interface is only expected: nobody is told of it */
	struct Identity identity;
	uint8_t digest[DIGEST_SIZE];
	int reason;  /* enum Fault while closed */
	int pinned;  /* enum Fault that keeps it closed until it is unplugged; FAULT_OK: none */
	bool seen;   /* told since watch last began to tell */
	int told;    /* the reason that is on record for this plug, -1: none */
	uint64_t held; /* the ask it is open for, 0: a loan or nothing */
	uint64_t job;
	uint64_t session; /* the ask whose label is being written before its job, 0: none */
	uint64_t intent; /* of OPEN */
	bool unclosed;	 /* the kernel had not closed it yet when core looked; it is not opened before that */
	struct Opening *late; /* an opening that was given up and may still be under way; NULL: none */
	unsigned int n_late;  /* of its openings that were, one after the other */
	int64_t again;	      /* boot milliseconds: it is tried again then; 0: it is not */
	bool promised;	 /* of INTENT: durable, and only the interface is awaited */
	bool suspect;	 /* the last job could not read or write it: the next has it mended first */
	enum DeviceLet let; /* of CLOSED alone */
	bool letting; /* the intent is on its way to the ledger */
	char let_disk[LIMIT_PORT];
	bool mounted; /* by hand, while observing: on record */
	struct Disk disk;
	struct DeviceLabel label;
};

struct Devices {
	struct Device *first;
	size_t n;
};

/* Takes the two descriptors over on success. -ENOSPC beyond LIMIT_DEVICES. */
int devices_add(struct Devices *all, const struct MsgUsbAdd *m, int device_dir, int interface_dir,
	struct Device **ret);
void devices_remove(struct Devices *all, struct Device *d);
void devices_clear(struct Devices *all);

struct Device *devices_by_id(const struct Devices *all, uint64_t id);
struct Device *devices_by_interface(const struct Devices *all, const char *interface);
/* Of those that are there. */
struct Device *devices_by_digest(const struct Devices *all, const uint8_t digest[static DIGEST_SIZE]);

/* FAULT_OK: open, with its disk; else why it is not. NULL: it is gone. */
int device_absent(const struct Device *d);

/* Moves to a state; asserts that the table of transitions has it. */
void device_move(struct Device *d, enum DeviceState to);

/* What watch says of it agrees with itself: it becomes names and numbers here. */
bool device_is_sane(const char *interface, const struct Identity *i);
/* Whether the row is this very device, plugged in this very time. */
bool device_is_plug(const struct Device *d, uint32_t busnum, uint32_t devnum);
