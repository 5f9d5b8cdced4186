/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * All rows of a question, page after page by its keys (query.h). The answer's texts go with the next
 * question, so what the page behind it is asked for by is kept here; between two rows of a page nothing else
 * may be asked.
 */
#include "client.h"

enum RowsLimit {
	ROWS_KEYS = 2, /* texts among a query's keys */
	ROWS_KEY_MOST = 256,
};

struct Rows {
	struct Client *client;
	struct Ask ask;       /* its session and texts must last as long as this */
	struct Answer answer; /* the page under way */
	int outcome;          /* of rows_next's false: 0: all rows were given; else an enum QueryOutcome */
	bool asked, follows;  /* follows: ask is for the next page */
	char keys[ROWS_KEYS][ROWS_KEY_MOST];
};

struct Rows rows_of(struct Client *c, const char *session, enum Query query);

/* The next row: ret[QUERY_CELLS_MOST], which stays as it was at the end. What cannot be followed to its end
 * is a failure and never a shorter list. */
bool rows_next(struct Rows *r, struct Cell *ret);

/* Asks once: an outcome; a store that is gone has failed. */
_must_check_ int store_ask(struct Client *c, const struct Ask *ask, struct Answer *ret);
