/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The pages: a table of routes, and what each page is given. A page writes what stands between the frame's
 * head and foot; who may see it, the session, the form's token and the language are decided before it runs.
 */
#include "html.h"
#include "http_answer.h"
#include "http_request.h"
#include "rows.h"

struct SiteSettings {
	const char *office;     /* its name in the head of each page */
	bool language_set;      /* false: what the browser prefers */
	enum Language language; /* that, or when it prefers none we have */
	bool proxied;           /* TLS ends at a proxy: cookies are for TLS only */
};

struct Site {
	struct SiteSettings settings;
	struct Client client;
	bool printing; /* for the command of who may read the store's files: nobody signs in, the page stands alone */
};

struct Visitor {
	bool known;
	char session[SESSION_MOST];
	char login[LIMIT_LOGIN];
	char name[LIMIT_NAME];
	char csrf[SESSION_MOST];
	uint32_t role;
};

struct Page {
	struct Site *site;
	const struct RequestRaw *raw;
	const struct Request *request;
	const struct Route *route;
	struct HttpAnswer *answer;
	struct Html html; /* what the page writes */
	struct Visitor visitor;
	bool language_chosen; /* by ?lang=, to be kept */
	bool bare;            /* sent as it is, without the frame */
	const char *title;    /* instead of the route's */
	int64_t now;
};

/* Writes the page, or sets another status. 0, or an enum QueryOutcome that a question came back with. */
typedef int (*PageShow)(struct Page *p);

struct Route {
	const char *path;
	enum RequestMethod method;
	uint32_t who;      /* roles; 0: everybody */
	const char *title; /* a sentence; NULL: not a page of its own */
	bool menu;         /* stands in the navigation */
	PageShow show;
};

const struct Route *route_at(size_t i); /* NULL at the end */
const struct Route *route_find(const char *path, enum RequestMethod method);

/* DoorServe: owner is the Site. */
void site_serve(void *owner, const struct RequestRaw *raw, struct HttpAnswer *ret);

/* Asks in the visitor's name. 0: `ret` holds rows; an outcome: hand it back from the page. */
_must_check_ int page_ask(struct Page *p, struct Ask *ask, struct Answer *ret);
/* The same for all of its rows. */
struct Rows page_rows(struct Page *p, enum Query query);

/* After a form: the browser goes on there. A path of ours with what is already escaped behind it. */
void page_redirect(struct Page *p, const char *to);
/* Another status than 200 with a sentence; what was written is dropped. */
void page_fail(struct Page *p, unsigned int status, const char *sentence);
/* A session cookie; "" takes it back. */
void page_session(struct Page *p, const char *token);
/* The hidden field that every form of ours carries. */
void page_csrf(struct Page *p);

/* The frame around what the page wrote, into `out` (layout.c); for a file of its own without menu and links. */
void layout_write(struct Page *p, struct Html *out);
void layout_print(struct Page *p, struct Html *out);

/* The page of an address, as who prints it sees it, to `out`: 0; 1: there is none such, or the question is
   malformed; -errno. */
_must_check_ int site_print(struct Site *site, const char *uri, FILE *out);
