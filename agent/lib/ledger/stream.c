/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include "limits.h"

/* Small enough for a core's own cache: what read(2) copies there is scanned and hashed from there. */
#define CHUNK (256 << 10)
#define FRONT 16 /* the byte before a line is the caller's */
#define BACK  32 /* and behind the last there is something to read */

/* All complete lines of the window; what is left moves to its front. */
static int window_lines(struct Stream *s, StreamEach each, void *owner)
{
	char *at = s->bytes + FRONT, *end = at + s->have;

	for (;;) {
		char *newline = memchr(at, '\n', (size_t)(end - at));
		int r;

		if (!newline)
			break;
		r = each(owner, at, (size_t)(newline - at), end + BACK);
		if (r)
			return r;
		at = newline + 1;
	}
	s->have = (size_t)(end - at);
	memmove(s->bytes + FRONT, at, s->have);
	return s->have > LIMIT_LINE ? STREAM_TOO_LONG : STREAM_MORE;
}

int stream_start(struct Stream *s, int fd, uint64_t from)
{
	/* FRONT, CHUNK, BACK */
	*s = (struct Stream){.fd = fd, .at = (off_t)from, .bytes = malloc(FRONT + CHUNK + BACK)};
	if (!s->bytes)
		return -ENOMEM;
	memset(s->bytes, 0, FRONT);
	return 0;
}

void stream_done(struct Stream *s)
{
	free(s->bytes);
	s->bytes = NULL;
}

int stream_step(struct Stream *s, StreamEach each, void *owner)
{
	ssize_t n;

	do
		n = pread(s->fd, s->bytes + FRONT + s->have, CHUNK - s->have, s->at);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : 0;
	s->at += n;
	s->have += (size_t)n;
	memset(s->bytes + FRONT + s->have, 0, BACK);
	return window_lines(s, each, owner);
}

int stream_lines(int fd, StreamEach each, void *owner, uint64_t *ret_torn)
{
	_cleanup_(stream_done) struct Stream s;
	int r = stream_start(&s, fd, 0);

	if (r < 0)
		return r;
	do
		r = stream_step(&s, each, owner);
	while (r == STREAM_MORE);
	if (!r)
		*ret_torn = s.have;
	return r;
}
