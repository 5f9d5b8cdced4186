/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The list of a copy's members as the first pass saw them. Kept small: 10,000 files are about a megabyte.
 */
#include "ring.h"

struct Entry {
	struct FileFacts facts;
	uint32_t name; /* where it begins among the names */
};

struct Entries {
	struct Entry *rows;
	size_t n, room;
	char *names;
	size_t names_size, names_room;
	uint32_t *places; /* by hash of the name: index + 1; 0: free */
	size_t n_places;  /* a power of two */
};

void entries_free(struct Entries *e);
#define _cleanup_entries_ _cleanup_(entries_free)

/* 0, FAULT_NAME_TWICE, FAULT_TOO_MANY_FILES, -ENOMEM. */
int entries_add(struct Entries *e, const char *name, const struct FileFacts *facts);
const char *entries_name(const struct Entries *e, size_t i);
/* That it is the same file under the same name as in the first pass. */
bool entries_same(const struct Entries *e, size_t i, const char *name, const struct FileFacts *facts);
