/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A second thread that reads a ledger's lines and hashes them while the first one reads what they say: where
 * nothing else may be done before all of a ledger is verified, both of a machine's processors can work on it.
 *
 * What it hashes is what the first thread then reads, the same bytes in the same memory. It decides nothing.
 *
 * Made before a process enters its sandbox, whose filter then holds for it, too: it needs no call for that
 * that the process does not need itself.
 */
#include "tree.h"

struct Ahead;

/* 0; -errno: there is none, and one thread does it all. */
int ahead_new(struct Ahead **ret);
/* The thread ends. Takes NULL, gives NULL. */
struct Ahead *ahead_free(struct Ahead *a);

/* From byte `from` of the file on, behind the leaves of `tree`; ends what was begun before. 0 or -ENOMEM. */
int ahead_begin(struct Ahead *a, int fd, uint64_t from, const struct Tree *tree);
void ahead_end(struct Ahead *a);

/* One line; bytes up to `readable` may be read, the one behind the line is a control character. */
struct AheadLine {
	char *line; /* line[-1] may be written */
	size_t size;
	const char *readable;
	const uint8_t
	        *put; /* what the tree's next leaf makes of its roots: tree_follow; NULL: it is not hashed */
	const uint8_t *block; /* root of the block that it ends, or NULL */
};
/* Not 0 stops. */
typedef int (*AheadEach)(void *owner, const struct AheadLine *line);

/* The lines of the next chunk: as stream_step, of stream.h; 0 with *ret_left, the bytes left without a
 * newline. */
int ahead_step(struct Ahead *a, AheadEach each, void *owner, size_t *ret_left);
