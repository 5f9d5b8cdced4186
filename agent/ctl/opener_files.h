/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* In the opener: the list of files that the words stand for. */
#include "opener.h"

struct OpenerFile {
	char *path, *name;
};

struct OpenerFiles {
	struct OpenerShared *shared; /* told before every call that may hang */
	struct OpenerFile *rows;
	size_t n, room;
	uint64_t bytes;
	size_t names_size; /* with a NUL each */
	char *problem; /* the path that a fault is about */
};

void opener_busy(struct OpenerShared *s, const char *path);
void opener_idle(struct OpenerShared *s);

/* Adds a word: a file, or a folder with all below it, sorted. 0 or FAULT_* with f->problem. */
int opener_files_add(struct OpenerFiles *f, const char *word);

/* Opens a plain file for reading and nothing else; no wait for a FIFO's other end, no terminal taken.
   Descriptor, or -FAULT_*. */
int opener_file_open(struct OpenerShared *s, const char *path, uint64_t *ret_size);
