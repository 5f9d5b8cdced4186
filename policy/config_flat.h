/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A configuration file without groups: a table of keys, and the members of a struct that they fill. */
#include "std.h"

enum FlatType {
	FLAT_TEXT,  /* char [size]: one line */
	FLAT_FLAG,  /* bool */
	FLAT_COUNT, /* uint32_t, from least to most */
	FLAT_PORT,  /* uint16_t, likewise */
	FLAT_PATHS, /* struct FlatPaths: of files and folders, from the root */
};

struct FlatPaths {
	size_t n;
	char path[16][512];
};

struct FlatKey {
	const char *name;
	enum FlatType type;
	size_t offset, size;
	int64_t least, most;
};

#define FLAT_TEXT_ROW(type, member)                                                           \
	{                                                                                     \
#member, FLAT_TEXT, offsetof(type, member), sizeof(((type *)NULL)->member), 0, 0 \
	}

struct FlatFile {
	const struct FlatKey *keys;
	size_t n_keys;
	/* Of all of it, when each key alone is right: NULL, or the key that is not. */
	const char *(*check)(void *values);
};

/* Into *values, which holds the defaults. 0; 1 and a sentence "LINE: …"; -ENOMEM. */
int flat_parse(
        const struct FlatFile *f, const char *text, size_t n, void *values, char *ret_error, size_t size);
/* The same of a file; the sentence is "FILE:LINE: …". -ENOENT; -E2BIG: longer than LIMIT_CONFIG; -errno. */
int flat_read(const struct FlatFile *f, const char *path, void *values, char *ret_error, size_t size);
