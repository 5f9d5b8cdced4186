/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The complete lines of a file, one after another, in bounded memory and without copies. */
#include "std.h"

/* `line` has no newline. line[-1] may be written; bytes up to `readable` may be read, the one behind the
   line is a newline. Not 0 stops. */
typedef int (*StreamEach)(void *owner, char *line, size_t size, const char *readable);

/* 0 at the end of the file, *ret_torn bytes without a newline being left there; STREAM_TOO_LONG when that
   is more than a line can have; -errno; what `each` returned. */
#define STREAM_TOO_LONG 1
int stream_lines(int fd, StreamEach each, void *owner, uint64_t *ret_torn);
