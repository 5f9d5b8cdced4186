/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The store at work: what it holds, and one handler for each query. */
#include "acts.h"
#include "frame.h"
#include "params.h"
#include "sqlite.h"
#include "take.h"

#define IDLE_MS      (15 * 60 * 1000LL) /* S2 item 32 */
#define LINK_MS      (24 * 3600 * 1000LL)
#define PASSWORD_MIN 12 /* characters */

/* The last answer to EVIDENCE, which reads a year of records: it is said again until somebody writes. */
struct Kept {
	int64_t version;
	struct Cell cells[QUERY_CELLS_MOST];
	struct AnswerWriter w; /* w.size 0: none is kept */
	uint8_t frame[16 << 10];
};

struct Server {
	struct Db *ledgers; /* read */
	struct Db *people;
	struct Take take; /* intake's half, with a connection of its own */
	struct Proofs *proofs;
	struct Kept kept;
	struct Acts acts;
	int data;          /* the data folder */
	int64_t silent_ms; /* a terminal that was not heard of for so long is silent */
	struct ReviewParams review;
	bool trusted; /* the asker is the command of who may read the files: no session is asked for */
};

/* Whose question it is. */
struct Session {
	char login[65], name[129], csrf[TOKEN_MOST], digest[65];
	uint32_t role;
	int64_t since, used;
};

/* Opens both databases below `path`: 0 or -errno. */
int server_open(struct Server *s, const char *path);
void server_done(struct Server *s);

/* A packet from the asker: its answer in `ret` of FRAME_MOST. *ret_size is never 0 unless the packet was no
   question: -EBADMSG. Other -errno are never returned: they are answered QUERY_FAILED. */
int server_ask(struct Server *s, const void *packet, size_t size, uint8_t *ret, size_t *ret_size);

/* When there is no account yet: a link for the first administrator. 0, 1: there is one. */
int people_first_link(struct Server *s, char ret[static TOKEN_MOST]);

/* 0 and *ret; QUERY_NO_SESSION; -errno. */
int people_session(struct Server *s, const char *token, struct Session *ret);

/* The role of an account that is not closed: 1, 0 there is none, -errno. */
int people_role(struct Server *s, const char *login, uint32_t *ret);

typedef int (*QueryHandler)(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w);

struct QueryHandlerRow {
	enum Query query;
	QueryHandler handler;
};
QueryHandler handler_in(const struct QueryHandlerRow *rows, size_t n, enum Query query);

/* NULL: not a query about people. A handler gives enum QueryOutcome or -errno. */
QueryHandler people_handler(enum Query query);

/* Tokens of programs; token_session as people_session for what ret->digest is of. */
QueryHandler tokens_handler(enum Query query);
int token_session(struct Server *s, struct Session *ret);
/* The same for what is about reviews. */
QueryHandler reviews_handler(enum Query query);
/* The year's duties. */
QueryHandler duties_handler(enum Query query);
/* The report route, incidents, findings of an audit. */
QueryHandler route_handler(enum Query query);
QueryHandler incidents_handler(enum Query query);
QueryHandler findings_handler(enum Query query);

/* The queries that are a statement and no more; with RECORD and PROOF. */
int reads_ask(struct Server *s, const struct Ask *ask, struct AnswerWriter *w, bool *ret_more);
