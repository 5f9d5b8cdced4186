/* SPDX-License-Identifier: Apache-2.0 */
#include "lines.h"

#define CHUNK 131072 /* many lines a read; a line's length at least */
static_assert(CHUNK > LIMIT_LINE + 1, "a whole line fits");

/* Calls seen for the whole lines of a chunk: how many bytes they took. */
static int chunk_walk(const char *bytes, size_t n, LineSeen seen, void *owner, size_t *ret_taken)
{
	size_t at = 0;

	for (;;) {
		const char *newline = memchr(bytes + at, '\n', n - at);
		size_t size = newline ? (size_t)(newline - bytes) - at : 0;
		int r;

		*ret_taken = at;
		if (!newline || size > LIMIT_LINE)
			return 0;
		r = seen(owner, bytes + at, size);
		if (r)
			return r;
		at += size + 1;
	}
}

int lines_walk(int fd, uint64_t size, LineSeen seen, void *owner, uint64_t *ret_end)
{
	_cleanup_free_ char *chunk = malloc(CHUNK);
	uint64_t at = 0;

	*ret_end = 0;
	if (!chunk)
		return -ENOMEM;
	while (at < size) {
		ssize_t n = pread(fd, chunk, (size_t)MIN((uint64_t)CHUNK, size - at), (off_t)at);
		size_t taken;
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		r = chunk_walk(chunk, (size_t)n, seen, owner, &taken);
		at += taken;
		*ret_end = at;
		if (r)
			return r;
		if (!taken)
			break; /* the end, a torn line, or one too long */
	}
	return 0;
}
