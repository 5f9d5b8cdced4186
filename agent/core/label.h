/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The label of an open medium (docs/label.md): read when its disk comes (stage 2), renewed before each
 * session. A task is one look or one renewal; a device has at most one. The disk is touched by a child that
 * becomes agent/label; the bytes are made and looked at by ledger.
 *
 *	look:     child reads both slots → ledger looks at each, with this terminal's eyes and then with each
 *	          issuer's → choose → settle an intent → take over another terminal's → renew if torn, or if the
 *	          loan on it is not the one in force
 *	renewal:  ledger makes the label → intent durable → child writes → outcome durable
 */
#include "device.h"
#include "label_choose.h"
#include "peer.h"
#include "record.h"

struct Core;

/* What a renewal writes and records. */
struct LabelOrder {
	struct MediumRow medium;     /* its counter and intent are those on record; the label gets the next */
	struct CheckoutRow checkout; /* the loan in force; id empty: none */
	char actor[LIMIT_LOGIN];
	uint32_t roles;
	uint16_t reason; /* of the outcome: FAULT_LABEL_TORN, or FAULT_OK */
};

/* Called once, when all is on record, with the row as it is now; or with why not. The device may be gone. */
typedef int (*LabelWritten)(struct Core *core, uint64_t ask, int fault, const struct MediumRow *m);

struct LabelTask {
	struct LabelTask *next;
	struct Core *core;
	uint64_t id, device;
	struct LabelOrder order;
	struct Disk disk;
	struct Peer peer;
	pid_t pid;
	struct MsgLabelOrder *bytes; /* what the child is told */
	bool done;		     /* the child has said its last word */
	bool late;		     /* it took too long and was killed */
	unsigned int n_lost;	     /* children that ended without a word */
	int fault;		     /* of the child */
	uint8_t *slots;		     /* as read, LABEL_SLOTS of them */
	struct LabelSeen seen[LABEL_SLOTS];
	unsigned int n_seen;
	size_t n_asked; /* issuers that the slot under way was shown to */
	bool counts;	/* only the latest counter on it is asked for */
	uint64_t counter, intent;
	uint8_t sha256[DIGEST_SIZE];
	LabelWritten written;
	uint64_t ask;
};

/* Reads the label of a device whose disk has come; tells device_flow_labelled. 0 or -errno. */
int label_look(struct Core *core, struct Device *d);

/* Writes the next label; `written` may be NULL. 0 or -errno. */
int label_renew(struct Core *core, struct Device *d, const struct LabelOrder *order, LabelWritten written, uint64_t ask);

/* Before a medium is registered: `found` is told the row with the counter that it carries, by any terminal whose
   labels hold here; 0: none. So that the new label is later than it. 0 or -errno. */
int label_count(struct Core *core, struct Device *d, const struct MediumRow *m, LabelWritten found, uint64_t ask);

/* A child was reaped. 1: it was a label's. */
int label_reaped(struct Core *core, pid_t pid);

void label_tasks_free(struct Core *core);

/* A new registration id. 0 or -errno. */
int label_registration(const struct Core *core, char ret[static LIMIT_ID]);

/* label_child.c: in the forked child; does not return. */
struct LabelChild {
	struct Disk disk;
	bool write;
	uid_t uid;
	gid_t gid;
};
_noreturn_ void label_become(const struct LabelChild *c, int channel);

/* mount.c's check, for every child that opens the disk: number, size and sequence. 0 or FAULT_*. */
int disk_is_same(int fd, const struct Disk *disk);
