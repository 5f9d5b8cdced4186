/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What goes back to the browser. The door adds the headers that every answer has. */
#include "std.h"

struct HttpAnswer {
	unsigned int status;
	const char *type; /* of the body, a literal */
	char *body;       /* owned */
	size_t size;
	const char *fixed;    /* instead of body: bytes of the program */
	char location[512];   /* of a redirection; made by html_url's rules */
	char cookies[3][256]; /* whole Set-Cookie values */
	char file_name[64];   /* not empty: to be saved under this name (ASCII) */
	const char *allow;    /* of a 405 */
	unsigned int again;   /* seconds, of a 429 */
	bool lasting;         /* the browser may keep it for an hour */
};

static inline void http_answer_done(struct HttpAnswer *a)
{
	free(a->body);
	*a = (struct HttpAnswer){};
}
#define _cleanup_http_answer_ _cleanup_(http_answer_done)
