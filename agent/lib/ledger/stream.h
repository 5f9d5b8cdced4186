/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The complete lines of a file, one after another, in bounded memory and without copies. */
#include "std.h"

/* `line` has no newline. line[-1] may be written; bytes up to `readable` may be read, the one behind the
   line is a newline. Not 0 stops. */
typedef int (*StreamEach)(void *owner, char *line, size_t size, const char *readable);

/* From an offset on, chunk by chunk: for who has other things to do in between. */
struct Stream {
	int fd; /* not owned */
	off_t at;
	char *bytes;
	size_t have; /* at the end: bytes without a newline */
};

/* 0 or -ENOMEM. */
int stream_start(struct Stream *s, int fd, uint64_t from);
void stream_done(struct Stream *s);

/* The lines of the next chunk, about 256 KiB: STREAM_MORE; 0 at the end of the file; STREAM_TOO_LONG when more is left
   without a newline than a line can have; -errno; what `each` returned, which must be none of these. */
#define STREAM_TOO_LONG 1
#define STREAM_MORE     3
int stream_step(struct Stream *s, StreamEach each, void *owner);

/* All of them: as above, *ret_torn bytes without a newline being left there. */
int stream_lines(int fd, StreamEach each, void *owner, uint64_t *ret_torn);
