/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Names on the medium: those in the root, and those below a folder that is not ours. */
#include "job.h"
#include "medium.h"

#define WALK_DEPTH 32

struct WalkItem {
	enum MediumEntry entry;
	char copy[LIMIT_ID]; /* of MEDIUM_COPY, MEDIUM_LEFTOVER */
	const char *name;    /* from the root on */
	bool folder;
	uint64_t size;
	int64_t time; /* milliseconds since 1970 */
};

/* 0: go on; anything else ends the walk and is its result. */
typedef int (*WalkVisit)(void *owner, const struct WalkItem *item);

/* Everything in the root, folders not entered. 0, FAULT_*, -errno. */
int walk_root(struct Job *j, WalkVisit visit, void *owner);

/* All files below a folder, and folders that are empty, too deep or named too long. */
int walk_below(struct Job *j, const char *name, WalkVisit visit, void *owner);
