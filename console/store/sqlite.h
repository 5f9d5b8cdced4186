/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * SQLite's door: one connection and its prepared statements, which are named by their place in a table of
 * ours. No text that came from outside is ever part of a statement.
 */
#include "frame.h"

struct Db;
struct Statement;

/* What a database consists of: `script` makes what is not there yet; steps[i] makes what was of version i + 1
   one of version i + 2. Versions stand in the file (user_version); a file without one that holds tables is of
   version 1. A new table is added to the script alone, a new column or index of a table that was there to
   both. */
struct DbForm {
	const char *script;
	const char *const *steps;
	size_t n_steps;
};

/* Write-ahead log, foreign keys on, full synchronisation. `form` NULL: another connection has seen to it.
   `sql` are the statements that db_statement finds by number. An earlier version's file is made ours in one
   transaction or left as it is. -ENOTSUP: a later version's, or none that we know; -errno. Said in the log.
 */
int db_open(const char *path, const struct DbForm *form, const char *const *sql, size_t n, struct Db **ret);
void db_freep(struct Db **d);

/* A statement without parameters and rows: BEGIN and the like. */
int db_run(struct Db *d, const char *sql);

/* Prepared at its first use, ready to be bound; NULL: it cannot be, and the log says why. */
struct Statement *db_statement(struct Db *d, size_t i);

/* Parameters count from 1. */
void bind_number(struct Statement *s, int i, int64_t number);
/* NULL: none. The text must stay until the statement is reset. */
void bind_text(struct Statement *s, int i, const char *text);
void bind_cell(struct Statement *s, int i, const struct Cell *c);

/* 1 a row, 0 the end; -EAGAIN: another process writes; -EEXIST: a row of that key is there; -EIO and the log.
 */
int statement_step(struct Statement *s);
/* Column i from 0; a text stays until the next step. */
void statement_cell(struct Statement *s, int i, struct Cell *ret);
int64_t statement_number(struct Statement *s, int i);
void statement_reset(struct Statement *s);
/* Step and reset: 0 or 1 as statement_step. */
int statement_run(struct Statement *s);

static inline void statement_resetp(struct Statement **s)
{
	if (*s)
		statement_reset(*s);
}
#define _cleanup_statement_ _cleanup_(statement_resetp)

/* Another one as soon as anybody else has changed the database. */
int db_version(struct Db *d, int64_t *ret);

int64_t db_last_id(struct Db *d);
/* Rows that the last statement changed. */
int db_changed(struct Db *d);
