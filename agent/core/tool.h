/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Programs that are not ours, on a medium: sfdisk, mkfs.*, fsck.*. They run as the jobs' user, without a
 * capability, in the tools' filter, in a /dev that holds the one disk alone, and end with who started them.
 */
#include "job.h"

#define TOOL_WORDS 7

/* This child's own namespaces and an empty /dev. 0 or -errno. */
int tool_dev(void);

/* The node of the disk or of its partition, the tools' own. 0 or -errno. */
int tool_node(const struct MountOrder *o, const char *name, uint32_t major, uint32_t minor);

struct Tool {
	const char *words[TOOL_WORDS];
	const char *input; /* its standard input; NULL: none */
	int output;        /* where what it says goes; 0: where ours goes */
	uint64_t memory;   /* the most it may take; 0: as it likes */
};

/* Runs one to its end: its exit status, or -errno; -EIO: it was ended by a signal. */
int tool_run(const struct MountOrder *o, const struct Tool *t);
