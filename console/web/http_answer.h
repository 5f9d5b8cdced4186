/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What goes back to the browser. The door adds the headers that every answer has. */
#include "std.h"

/* A body that comes in pieces, of which one is held at a time. */
struct HttpStream {
	char *piece; /* owned: what is sent just now */
	size_t size, at;
	/* Puts the next piece in the place of this one: 1; 0: that was all; -errno: it breaks off, which the
	 * browser sees. */
	int (*next)(struct HttpStream *s);
	void (*done)(struct HttpStream *s); /* frees all of it */
};

struct HttpAnswer {
	unsigned int status;
	const char *type; /* of the body, a literal */
	char *body;       /* owned */
	size_t size;
	const char *fixed;         /* instead of body: bytes of the program */
	struct HttpStream *stream; /* instead of body: owned */
	char location[512];        /* of a redirection; made by html_url's rules */
	char cookies[3][256];      /* whole Set-Cookie values */
	char file_name[64];        /* not empty: to be saved under this name (ASCII) */
	const char *allow;         /* of a 405 */
	unsigned int again;        /* seconds, of a 429 */
	bool lasting;              /* the browser may keep it for an hour */
};

static inline void http_answer_done(struct HttpAnswer *a)
{
	free(a->body);
	if (a->stream)
		a->stream->done(a->stream);
	*a = (struct HttpAnswer){};
}
#define _cleanup_http_answer_ _cleanup_(http_answer_done)

/* Up to `most` bytes of what is left: their number, 0 at the end, -errno. */
static inline ssize_t http_stream_read(struct HttpStream *s, char *ret, size_t most)
{
	size_t n;

	while (s->at == s->size) {
		int r = s->next(s);

		if (r <= 0)
			return r;
	}
	n = MIN(most, s->size - s->at);
	memcpy(ret, s->piece + s->at, n);
	s->at += n;
	return (ssize_t)n;
}
