/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A request as the pages see it: checked before any page runs. Pure; what does not keep to the form is
 * refused as a whole, nothing is repaired. Paths are compared with the routes byte for byte, so no path is
 * ever decoded and none can lead anywhere else; a path is printable ASCII.
 */
#include "language.h"
#include "std.h"

enum RequestLimit {
	REQUEST_FIELDS = 48,       /* in the query, in the form, in the cookies: each */
	REQUEST_URI_MOST = 4096,   /* bytes of path and query */
	REQUEST_BODY_MOST = 65536, /* bytes of a form */
	REQUEST_COOKIE_MOST = 4096,
};

enum RequestMethod { REQUEST_GET, REQUEST_POST };

/* What is wrong with it: outcomes of request_read. */
enum RequestOutcome {
	REQUEST_MALFORMED = 1,
	REQUEST_TOO_LARGE,
	REQUEST_METHOD,
	REQUEST_MEDIA_TYPE, /* a body that is no form */
};

struct RequestField {
	const char *name, *value;
};

struct RequestFields {
	size_t n;
	struct RequestField rows[REQUEST_FIELDS];
};

/* As it came, before any of it is believed. NULL: there was none. */
struct RequestRaw {
	const char *method, *uri, *cookie, *content_type, *accept_language;
	const char *host, *origin, *authorization;
	const char *address; /* the peer's, or what the proxy says it is */
	const char *body;
	size_t body_size;
};

struct Request {
	enum RequestMethod method;
	const char *path; /* as written */
	struct RequestFields query, form, cookies;
	const char *accept_language; /* of the raw request, NULL: none */
	char *store;                 /* where the texts lie */
};

#define REQUEST_NULL     \
	(struct Request) \
	{                \
	}

/* 0, an outcome, or -ENOMEM. */
_must_check_ int request_read(const struct RequestRaw *raw, struct Request *ret);
void request_done(struct Request *r);
#define _cleanup_request_ _cleanup_(request_done)

/* The value; NULL: no such field. A name that comes twice is refused when it is read. */
const char *fields_get(const struct RequestFields *f, const char *name);
/* "" when there is none. */
const char *fields_text(const struct RequestFields *f, const char *name);
/* 0; -ENOENT: none or empty; -EINVAL: not a decimal number of at most 18 digits. */
int fields_number(const struct RequestFields *f, const char *name, int64_t *ret);

/* a=1&b=2 in place: percent-decoded UTF-8 without control characters but newline in a value. */
_must_check_ int fields_read_form(char *text, size_t size, struct RequestFields *ret);
/* a=1; b=2: RFC 6265 cookies; names and values as they are. */
_must_check_ int fields_read_cookies(char *text, struct RequestFields *ret);
