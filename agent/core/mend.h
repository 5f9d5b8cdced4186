/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A medium that was not taken out cleanly is mended before its job, by the system's own fsck.
 *
 *	the job's child sees it before the mount, says so and ends → intent durable → a child runs the tool →
 *	outcome durable → the job's child again, which mounts now
 *
 * Of a medium that cannot be mended nothing is changed any more: it is mounted for reading only.
 */
#include "job.h"

enum MendState {
	MEND_NONE,   /* not asked for */
	MEND_WANTED, /* the child has said so */
	MEND_INTENT, /* is being recorded */
	MEND_RUNS,
	MEND_OUTCOME, /* is being recorded */
	MEND_OVER,    /* done or not: never twice in one job */
};

/* The job's child has said that it is needed. 0, CHANNEL_BROKEN or -errno. */
int mend_wanted(struct Core *core, struct Job *job, struct Message *m);

/* The job's process is gone and nothing of it waits. 1: something goes on; 0: the job is over; -errno. */
int mend_next(struct Core *core, struct Job *job);

/* What the person hears of a job that ended with this, when its medium could not be mended. */
int mend_fault(const struct Job *job, int fault);
