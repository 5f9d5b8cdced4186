/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One session with a medium: a child that mounts, drops everything and becomes agent/copy.
 */
#include "device.h"
#include "peer.h"
#include "settings.h"

struct Core;
struct Ask;

struct Job {
	struct Job *next;
	struct Core *core;
	uint64_t id, ask, device;
	enum JobKind kind;
	struct Peer peer;
	pid_t pid;		/* until it is reaped */
	char copy[LIMIT_ID];
	uint32_t n_lines;	/* of the note, sent to ledger */
	uint64_t waiting;	/* questions to ledger without answer */
	bool ready;		/* it has asked to proceed */
	bool proceeds;		/* it has been told to: all is on record, a copy's note is signed */
	bool stopping;
	bool done;		/* it has said its last word */
	bool heard;		/* it has said something */
	bool late;		/* it did not end in time, and was killed */
	int fault;		/* the first thing that went wrong on our side */
	struct MsgJobReady report;
	struct MsgJobDone last;
	uint8_t note[DIGEST_SIZE];
	uint64_t known, foreign, damaged, missing;
	/* mend.h */
	int mend; /* enum MendState */
	const char *volume; /* what is to be mended */
	int status; /* of the child that mends, as waited for */
	int mended; /* FAULT_OK, or why not */
	uint64_t mend_intent;
	/* found copies whose records are being looked up, in order */
	struct MsgJobFound *found;
	size_t n_found, n_asked, n_told;
};

/* Starts one for an ask whose device is open and has its disk. 0 or FAULT_*. */
int job_start(struct Core *core, struct Ask *ask, struct Device *d, enum JobKind kind);

/* Asks it to clean up and end with this fault; ends it by force after 10 s. */
int job_stop(struct Core *core, struct Job *job, int fault);

struct Job *job_find(struct Core *core, uint64_t id);

/* Forgets them: their channels end, and they with them. */
void jobs_clear(struct Core *core);

/* Forks its child: for the first time, or again when its medium has been mended. 0 or FAULT_*. */
int job_launch(struct Core *core, struct Job *job);

/* Goes on, or is over, when its process is gone and nothing of it waits; the job may be freed by that. */
int job_settle(struct Core *core, struct Job *job);

/* dispatch_at's: ends its process by force. */
int job_late(void *owner);

/* A child was reaped. 1: it was a job's. */
int job_reaped(struct Core *core, pid_t pid, int status);

/* What the child does before it mounts. */
enum VolumeLook {
	LOOK_NOT,     /* it has been mended, or cannot be */
	LOOK_FOR_MARK, /* is it to be mended by its own word */
	LOOK_SUSPECT, /* it is, whatever it says: the last job could not read or write it */
};

/* mount.c: in the forked child; does not return. */
struct MountOrder {
	struct Disk disk;
	uint8_t look; /* enum VolumeLook */
	bool writable;
	uid_t uid;
	gid_t gid;
	const char *file_systems[8]; /* tried in order, NULL at the end */
};
_noreturn_ void mount_and_become(const struct MountOrder *o, int channel, int person);

/* prepare.c: in the forked child; partitions and makes the file system. Exit status 0, or: */
#define PREPARE_LIES 3 /* the disk does not hold what is written to it; any other: it could not be made */
_noreturn_ void prepare_and_exit(const struct MountOrder *o, const char *type);

/* mend_child.c: the file system that core can have mended under this name; NULL: none. */
const char *mend_type(const char *type);

/* mend_child.c: in the forked child; has it mended; its exit status is 0 when it is in order now. */
_noreturn_ void mend_and_exit(const struct MountOrder *o, const char *type);
