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
