/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One ledger after another: opened, verified by the public reader, compared with what is held, handed over.
 * Nothing of a ledger stays unless all of it verified.
 */
#include "copy.h"
#include "rows.h"

struct Intake {
	int store; /* the channel; feed.h */
	int data;  /* the console's folder */
	struct Copy copy;
	struct Rows rows;
};

/* How one went: for the person who started it. */
struct IntakeResult {
	enum IntakeOutcome outcome;
	enum Verdicts verdict;
	uint64_t size, added, bad; /* bad: line, from 1; 0: not of a line */
	char origin[FEED_ORIGIN], error[192];
	bool again; /* nothing was judged: all of its records are wanted (intake_pushed) */
};

#define INTAKE_NULL                                        \
	{                                                  \
		.store = -1, .data = -1, .copy = {-1, -1}, \
	}
void intake_done(struct Intake *in);

/* The folder `dir`, which people call `source`. `live`: the terminal itself sends it, so that fewer records
   than before are a rollback and not an older copy. 0 and *ret, or -errno: nothing of it was taken over. */
_must_check_ int intake_folder(
        struct Intake *in, int dir, const char *source, bool live, struct IntakeResult *ret);

/* What is held of the ledger whose first key this is; ret->root "" when there is none. 0; -EBADMSG: no key of
   a ledger; -errno: the store is gone. */
_must_check_ int intake_held(struct Intake *in, const char *vkey, struct FeedHeld *ret);

/* What is under way is given up: the store waits for nothing. */
_must_check_ int intake_release(struct Intake *in);

/* What a terminal sent itself. `records` is a file of ours that holds the bytes of its records.jsonl at their
   places from `base` on: 0, or behind what is held. */
struct IntakePushed {
	const char *vkey, *checkpoint;
	size_t n_checkpoint;
	uint64_t base;
	int records; /* stays the caller's */
};
/* As intake_folder, and -EBADMSG: nothing that belongs to a ledger. */
_must_check_ int intake_pushed(struct Intake *in, const struct IntakePushed *p, struct IntakeResult *ret);
