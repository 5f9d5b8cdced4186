/* SPDX-License-Identifier: Apache-2.0 */
#include "sqlite.h"

#include "log.h"
#include "str.h"

#include <sqlite3.h>

struct Db {
	sqlite3 *handle;
	const char *const *sql;
	size_t n;
	struct Statement *statements; /* as many */
};

struct Statement {
	sqlite3_stmt *handle;
	struct Db *db;
};

/* Waiting for another process' transaction, at most so long. */
#define BUSY_MS 2000

static int failed(struct Db *d, const char *what)
{
	log_error("database: %s: %s", what, d->handle ? sqlite3_errmsg(d->handle) : "no memory");
	return -EIO;
}

void db_freep(struct Db **d)
{
	if (!*d)
		return;
	for (size_t i = 0; (*d)->statements && i < (*d)->n; i++)
		sqlite3_finalize((*d)->statements[i].handle);
	free((*d)->statements);
	sqlite3_close((*d)->handle);
	free(*d);
	*d = NULL;
}

int db_run(struct Db *d, const char *sql)
{
	return sqlite3_exec(d->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(d, "statement");
}

/* What a database handed to us must not be able to do: the file is only ever ours, yet nothing is lost. */
static int harden(struct Db *d)
{
	static const char pragmas[] =
	        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
	        "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000; PRAGMA "
	        "wal_autocheckpoint=4000;";

	sqlite3_busy_timeout(d->handle, BUSY_MS);
	sqlite3_db_config(d->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(d->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	return db_run(d, pragmas);
}

static int number_of(struct Db *d, const char *sql, int64_t *ret)
{
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(d->handle, sql, -1, &s, NULL);

	if (r == SQLITE_OK)
		r = sqlite3_step(s);
	*ret = r == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_finalize(s);
	return r == SQLITE_ROW ? 0 : failed(d, sql);
}

/* Whether every statement of ours finds its tables and columns. */
static bool fits(struct Db *d)
{
	for (size_t i = 0; i < d->n; i++) {
		sqlite3_stmt *s = NULL;
		int r = sqlite3_prepare_v2(d->handle, d->sql[i], -1, &s, NULL);

		sqlite3_finalize(s);
		if (r != SQLITE_OK) {
			failed(d, d->sql[i]);
			return false;
		}
	}
	return true;
}

/* 0: it is ours and says so, but for the end of the transaction. */
static int become(struct Db *d, const char *path, const struct DbForm *form, int64_t version)
{
	char sql[64];
	int64_t tables;
	int r = number_of(d, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table'", &tables);

	if (r < 0)
		return r;
	if (!version && tables)
		version = 1;
	for (size_t i = version ? (size_t)version - 1 : form->n_steps; i < form->n_steps && r >= 0; i++)
		r = db_run(d, form->steps[i]);
	if (r >= 0)
		r = db_run(d, form->script);
	if (r < 0 || !fits(d)) {
		log_error("%s is of no version that this program knows", path);
		return -ENOTSUP;
	}
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %zu", form->n_steps + 1);
	return db_run(d, sql);
}

static int form_see_to(struct Db *d, const char *path, const struct DbForm *form)
{
	const int64_t ours = (int64_t)form->n_steps + 1;
	int64_t version;
	int r = number_of(d, "PRAGMA user_version", &version);

	if (r < 0)
		return r;
	if (version > ours) {
		log_error("%s is of a later version (%jd; this program knows %jd)", path, (intmax_t)version,
		        (intmax_t)ours);
		return -ENOTSUP;
	}
	if (version == ours)
		return db_run(d, form->script);
	r = db_run(d, "BEGIN EXCLUSIVE");
	if (r < 0)
		return r;
	/* another process may have done it since */
	r = number_of(d, "PRAGMA user_version", &version);
	if (r >= 0 && version < ours)
		r = become(d, path, form, version);
	if (r >= 0)
		return db_run(d, "COMMIT");
	db_run(d, "ROLLBACK");
	return r;
}

int db_open(const char *path, const struct DbForm *form, const char *const *sql, size_t n, struct Db **ret)
{
	_cleanup_(db_freep) struct Db *d = calloc(1, sizeof(*d));
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int r;

	if (!d)
		return -ENOMEM;
	d->sql = sql;
	d->n = n;
	d->statements = calloc(n, sizeof(*d->statements));
	if (!d->statements)
		return -ENOMEM;
	if (sqlite3_open_v2(path, &d->handle, flags, NULL) != SQLITE_OK)
		return failed(d, path);
	r = harden(d);
	if (r >= 0 && form)
		r = form_see_to(d, path, form);
	if (r < 0)
		return r;
	*ret = ptr_steal(&d);
	return 0;
}

struct Statement *db_statement(struct Db *d, size_t i)
{
	struct Statement *s = &d->statements[i];

	if (!s->handle && sqlite3_prepare_v3(d->handle, d->sql[i], -1, SQLITE_PREPARE_PERSISTENT, &s->handle,
	                          NULL) != SQLITE_OK) {
		failed(d, d->sql[i]);
		return NULL;
	}
	s->db = d;
	return s;
}

void bind_number(struct Statement *s, int i, int64_t number)
{
	sqlite3_bind_int64(s->handle, i, number);
}

void bind_text(struct Statement *s, int i, const char *text)
{
	if (text)
		sqlite3_bind_text(s->handle, i, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(s->handle, i);
}

void bind_cell(struct Statement *s, int i, const struct Cell *c)
{
	if (c->type == CELL_NUMBER)
		bind_number(s, i, c->number);
	else
		bind_text(s, i, c->type == CELL_TEXT ? c->text : NULL);
}

int statement_step(struct Statement *s)
{
	switch (sqlite3_step(s->handle)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	case SQLITE_BUSY:
		return -EAGAIN;
	case SQLITE_CONSTRAINT:
		return -EEXIST;
	default:
		return failed(s->db, sqlite3_sql(s->handle));
	}
}

void statement_cell(struct Statement *s, int i, struct Cell *ret)
{
	*ret = (struct Cell){.text = ""};
	switch (sqlite3_column_type(s->handle, i)) {
	case SQLITE_INTEGER:
		ret->type = CELL_NUMBER;
		ret->number = sqlite3_column_int64(s->handle, i);
		return;
	case SQLITE_TEXT:
		ret->type = CELL_TEXT;
		ret->text = (const char *)sqlite3_column_text(s->handle, i);
		ret->size = (size_t)sqlite3_column_bytes(s->handle, i);
		return;
	default:
		return;
	}
}

int64_t statement_number(struct Statement *s, int i)
{
	return sqlite3_column_int64(s->handle, i);
}

void statement_reset(struct Statement *s)
{
	sqlite3_reset(s->handle);
	sqlite3_clear_bindings(s->handle);
}

int statement_run(struct Statement *s)
{
	int r = statement_step(s);

	statement_reset(s);
	return r;
}

int db_version(struct Db *d, int64_t *ret)
{
	return number_of(d, "PRAGMA data_version", ret);
}

int64_t db_last_id(struct Db *d)
{
	return sqlite3_last_insert_rowid(d->handle);
}

int db_changed(struct Db *d)
{
	return sqlite3_changes(d->handle);
}
