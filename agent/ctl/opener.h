/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The child that touches the files to be copied: it walks, opens, hands descriptors to the job, closes.
 * Any of these may hang for ever on a network or FUSE mount; the command then says which name, kills
 * the child and ends. It runs as the person: what they may not read, it cannot.
 */
#include "channel.h"

#include <stdatomic.h>
#include <sys/types.h>

#define OPENER_STALL 30000 /* milliseconds for one call */

/* From the child: once after the walk, once after each order. */
struct OpenerSays {
	uint16_t fault;
	bool end;              /* this order's answer ended with ENTRIES_END */
	uint64_t files, bytes; /* all that it found */
	char subject[LIMIT_SUBJECT];
};

struct OpenerShared {
	_Atomic int64_t busy_since; /* clock_boot; 0: in no call */
	_Atomic uint64_t index;     /* of the entry that is sent next */
	char name[LIMIT_FILE_NAME]; /* the member it would be */
	char path[4096];
};

struct Opener {
	pid_t pid;
	int talk;
	struct OpenerShared *shared;
	uint64_t files, bytes;
};

#define OPENER_NULL        \
	(struct Opener)    \
	{                  \
		.talk = -1 \
	}

struct OpenerWords {
	char **words;
	int n;
};

/* Forks it and has it walk; `channel` is what it hands descriptors over (-1: it only looks). Then poll
   o->talk, and call opener_walked. 0 or FAULT_INTERNAL. */
_must_check_ int opener_start(struct Opener *o, int channel, const struct OpenerWords *words);
/* Waits for the walk's end: 0 and o->files, o->bytes; FAULT_* with *ret_subject, to be freed. `signals`
   ends it with FAULT_CANCELLED. */
_must_check_ int opener_walked(struct Opener *o, int signals, char **ret_subject);
/* Has it send entries `first` to `first + n`, then ENTRIES_END if that is where they end. Orders queue: the job
   may ask again before we heard that the last one was done. */
void opener_send(struct Opener *o, uint64_t first, uint32_t n);
/* o->talk is readable: the oldest order is done; *ret_end: the job now has all entries. */
_must_check_ int opener_sent(struct Opener *o, bool *ret_end);
/* When to look whether it hangs, INT64_MAX: it is in no call. */
int64_t opener_deadline(const struct Opener *o);
bool opener_hangs(const struct Opener *o);
void opener_done(struct Opener *o);
#define _cleanup_opener_ _cleanup_(opener_done)
