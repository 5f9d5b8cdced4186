/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Walks the lines of a file in bounded memory, whatever its length. */
#include "limits.h"
#include "std.h"

/* 0: go on; anything else ends the walk with it. The line has no newline and at most LIMIT_LINE bytes. */
typedef int (*LineSeen)(void *owner, const char *line, size_t n);

/* Lines within the first `size` bytes. *ret_end is where the last line that `seen` took with 0 ends: less
   than `size` when the rest is no whole line (or one too long). 0, `seen`'s result, or -errno. */
int lines_walk(int fd, uint64_t size, LineSeen seen, void *owner, uint64_t *ret_end);
