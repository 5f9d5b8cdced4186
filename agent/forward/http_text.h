/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The little of HTTP/1.1 that one POST and its answer need. Pure: the answer is a stranger's. */
#include "std.h"

#define HTTP_HEAD   1024       /* of what we send */
#define HTTP_ANSWER (96 << 10) /* all of what is read, head and body */

struct HttpPost {
	const char *host, *port, *path, *type;
	bool usual_port;
	size_t size; /* of the body, which follows */
};

/* The length without NUL, or -E2BIG. */
ssize_t http_head(const struct HttpPost *p, char *ret, size_t size);

struct HttpReply {
	unsigned int status;
	const char *body;
	size_t size;
};

/* An answer as it came, the connection being closed behind it: 0 or -EBADMSG. A body is as long as its
   Content-Length says, or without one goes to the end; one in another encoding is none. */
int http_reply_read(const char *bytes, size_t n, struct HttpReply *ret);
