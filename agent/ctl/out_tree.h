/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A destination that appears whole or not at all: files are written into a hidden folder beside it, and
 * that folder, or the one file in it, is given the destination's name at the end. An existing name is
 * never replaced. Names of members cannot lead out of it.
 */
#include "limits.h"
#include "std.h"

struct OutTree {
	int parent; /* folder of the destination */
	int folder; /* the hidden one */
	char temporary[48];
	char name[256]; /* the destination's last part */
	bool one;       /* the destination is a file */
	int file;       /* being written */
};

#define OUT_TREE_NULL                                  \
	(struct OutTree)                               \
	{                                              \
		.parent = -1, .folder = -1, .file = -1 \
	}

/* All give 0, FAULT_DEST_EXISTS, FAULT_DEST_FAILED, or FAULT_DAMAGED for a name that leads away. */
_must_check_ int out_tree_begin(struct OutTree *o, const char *destination);
/* `member` empty: the destination is this file. */
_must_check_ int out_tree_file(struct OutTree *o, const char *member);
_must_check_ int out_tree_write(struct OutTree *o, const void *bytes, size_t n);
_must_check_ int out_tree_file_end(struct OutTree *o);
_must_check_ int out_tree_publish(struct OutTree *o);
/* Removes what was not published. */
void out_tree_done(struct OutTree *o);
#define _cleanup_out_tree_ _cleanup_(out_tree_done)
