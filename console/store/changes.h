/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What changes the console's own tables: statements, transactions, and a row as an answer. */
#include "server.h"
#include "statements.h"

/* A statement that gives no rows. */
int people_change(struct Server *s, enum PeopleStatement which, const struct Cell *cells, size_t n);

#define CHANGE(s, which, ...)                                           \
	people_change((s), (which), (const struct Cell[]){__VA_ARGS__}, \
	        ARRAY_SIZE(((const struct Cell[]){__VA_ARGS__})))

int people_begin(struct Server *s);
/* Ends what begin began: all of it or nothing. */
int people_end(struct Server *s, int r);

/* The same with its record: who did what to what. What cannot be recorded does not happen. */
int people_finish(
        struct Server *s, const struct Session *session, int r, const char *verb, const char *subject);

/* The rows of a statement that takes the question's parameters, then the day and the number of rows. */
int people_rows(struct Server *s, const struct Ask *ask, enum PeopleStatement which, struct AnswerWriter *w);

/* Today's number by the console's own clock; that of a moment. */
int64_t day_now(void);
int64_t day_of(int64_t ms);

/* A column of the row under way, cut to fit. */
void cell_into(struct Statement *s, int i, char *ret, size_t size);

void say(struct AnswerWriter *w, const struct Cell *cells, size_t n);

#define SAY(w, ...) \
	say((w), (const struct Cell[]){__VA_ARGS__}, ARRAY_SIZE(((const struct Cell[]){__VA_ARGS__})))
