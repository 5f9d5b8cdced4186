/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The plaintext of a copy: one POSIX (pax) tar of regular files, the last of which is SHA256SUMS.
 *
 * Written and read here, not by a library: there is one form of each header, so the reader takes a
 * header apart, makes it anew and demands the same bytes; nothing depends on a locale, no character set
 * is loaded inside the sandbox. GNU tar and bsdtar are the peers.
 *
 * Names are bytes: UTF-8 or not, newlines too; relative, without empty, `.` or `..` components.
 */
#include "limits.h"
#include "std.h"

#include <sys/types.h>

#define TAR_BLOCK  512
#define TAR_HEADER 4096 /* the largest run of header blocks of one member */
#define TAR_END    1024 /* two zero blocks */

struct TarMember {
	const char *name;
	uint64_t size;
	int64_t mtime; /* seconds since 1970; kept between 0 and 2^33 - 1 */
	mode_t mode;   /* only 0600 and 0044 count; zero: 0600 */
};

/* 0, FAULT_NAME_TOO_LONG, FAULT_NAME_TWICE (SHA256SUMS is taken) or FAULT_BAD_REQUEST. */
int tar_name_check(const char *name);

/* The header blocks of one member: their size, or -errno. Owner 0:0, no user name. */
ssize_t tar_header(const struct TarMember *m, uint8_t *ret, size_t size);

/* Zero bytes that follow `size` bytes of data. */
static inline size_t tar_padding(uint64_t size)
{
	return (size_t)(-size % TAR_BLOCK);
}

/* ---- reading */

struct TarSource {
	void *owner;
	/* The next bytes: *ret and their number, 0 at the end; negative -errno or positive FAULT_* stop. */
	int (*read)(void *owner, const void **ret, size_t *ret_size);
};

/* What becomes of the members. Everything is provisional until tar_read returns 0. A result that is not 0
   stops and is passed on. */
struct TarSink {
	void *owner;
	int (*begin)(void *owner, const struct TarMember *m);
	int (*data)(void *owner, const void *bytes, size_t n);
	int (*end)(void *owner, const uint8_t sha256[static 32]);
};

struct TarTally {
	uint64_t files, bytes;
};

/*
 * Reads a whole stream, checks it against its SHA256SUMS. `copy`: the id its first line must name.
 * 0, FAULT_DAMAGED, FAULT_INCOMPLETE (it ends too early), what source or sink answered, or -errno.
 * SHA256SUMS itself is not handed to the sink; the sink may be NULL.
 */
int tar_read(
        const struct TarSource *source, const char *copy, const struct TarSink *sink, struct TarTally *ret);
