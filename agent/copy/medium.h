/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a copy does to the medium, and nothing else: a folder `.MEDIAGATE-<id>.tmp/` is filled, every file
 * in it synced, and renamed to `MEDIAGATE-<id>/`. The rename, synced, is the commit.
 *
 * Writing streams: what was written is pushed to the disk at once and waited for two windows later, so
 * the disk never rests, memory holds little, and a stop does not have to wait for a long tail. A part's
 * fsync comes when the next part is well under way, for the same reason.
 */
#include "limits.h"
#include "std.h"

#include <sys/types.h>

#define MEDIUM_NAME   (LIMIT_ID + 24)
#define MEDIUM_WINDOW (4u << 20)

struct Medium {
	int root;   /* the caller's */
	int folder; /* the temporary folder */
	char temporary[MEDIUM_NAME], final[MEDIUM_NAME];
	bool made, renamed;
	int file;        /* being written */
	int before;      /* written, not yet synced */
	uint64_t offset; /* written to the file */
};

#define MEDIUM_NULL                                                \
	(struct Medium)                                            \
	{                                                          \
		.root = -1, .folder = -1, .file = -1, .before = -1 \
	}

/* The outcome that an errno of the medium stands for. */
int medium_fault(int error);

/* Everything below `dir` by one name, without links and without leaving it: descriptor or -errno. */
int medium_open(int dir, const char *name, int flags, mode_t mode);

/* Bytes that can still be written, and what a file's size is rounded up to. 0 or FAULT_*. */
int medium_room(int root, uint64_t *ret_bytes, uint64_t *ret_unit);

/* All give 0 or FAULT_*. */
/* The mount's mark that the medium is in use is on the disk, and not in its cache alone, before anything else is
   changed: what a power cut leaves half done is found by it, and mended (agent/core/mend.h). */
int medium_mark(int root);
/* Everything that was changed is on the disk. */
int medium_sync(int root);
int medium_begin(struct Medium *m, int root, const char *copy);
int medium_file_begin(struct Medium *m, const char *name);
int medium_file_write(struct Medium *m, const void *bytes, size_t n);
int medium_file_end(struct Medium *m);
/* Everything synced, the folder in force. */
int medium_commit(struct Medium *m);
/* Closes; what is not in force is removed, as far as the medium is still there. */
void medium_done(struct Medium *m);
#define _cleanup_medium_ _cleanup_(medium_done)

/* What a name in the root is. */
enum MediumEntry {
	MEDIUM_FOREIGN,
	MEDIUM_COPY,     /* MEDIAGATE-<id> */
	MEDIUM_LEFTOVER, /* .MEDIAGATE-<id>.tmp */
};
enum MediumEntry medium_entry(const char *name, char ret_copy[static LIMIT_ID]);

/* Whether a name in a copy's folder is one that its session gives. */
bool medium_is_ours(const char *name, const char *copy);

/* Whether the copy's folder stands there under its final name. */
bool medium_has_copy(int root, const char *copy);

/* Removes what a session cut short left. *ret_gone is false when it holds something that is not ours: that
   stays, and the folder with it. *ret_size: bytes of what was removed. 0 or FAULT_*. */
int medium_remove(int root, const char *name, const char *copy, uint64_t *ret_size, bool *ret_gone);
