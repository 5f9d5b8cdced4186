/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include "limits.h"

/* Small enough for a core's own cache: what read(2) copies there is scanned and hashed from there. */
#define CHUNK (256 << 10)
#define FRONT 16 /* the byte before a line is the caller's */
#define BACK  32 /* and behind the last there is something to read */

struct Window {
	StreamEach each;
	void *owner;
	char *bytes; /* FRONT, CHUNK, BACK */
	size_t have;
};

/* All complete lines of the window; what is left moves to its front. */
static int window_lines(struct Window *w)
{
	char *at = w->bytes + FRONT, *end = at + w->have;

	for (;;) {
		char *newline = memchr(at, '\n', (size_t)(end - at));
		int r;

		if (!newline)
			break;
		r = w->each(w->owner, at, (size_t)(newline - at), end + BACK);
		if (r)
			return r;
		at = newline + 1;
	}
	w->have = (size_t)(end - at);
	memmove(w->bytes + FRONT, at, w->have);
	return w->have > LIMIT_LINE ? STREAM_TOO_LONG : 0;
}

int stream_lines(int fd, StreamEach each, void *owner, uint64_t *ret_torn)
{
	_cleanup_free_ char *bytes = malloc(FRONT + CHUNK + BACK);
	struct Window w = {each, owner, bytes, 0};
	off_t at = 0;

	if (!bytes)
		return -ENOMEM;
	memset(bytes, 0, FRONT);
	for (;;) {
		ssize_t n = pread(fd, bytes + FRONT + w.have, CHUNK - w.have, at);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		at += n;
		w.have += (size_t)n;
		memset(bytes + FRONT + w.have, 0, BACK);
		r = window_lines(&w);
		if (r)
			return r;
	}
	*ret_torn = w.have;
	return 0;
}
