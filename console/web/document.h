/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What every printed document has: date, office and name at its head, the ledgers it rests on below. */
#include "site.h"

void document_start(struct Page *p, const char *name);
/* The same for a table of many columns: it prints across the sheet. */
void document_start_wide(struct Page *p, const char *name);
/* An empty frame for each, to be signed or sealed by hand: names as sentences, NULL ends them. */
void document_seals(struct Html *h, const char *const *names);
_must_check_ int document_end(struct Page *p);

/* A fiscal year that a document is about. */
struct DocumentYear {
	int year;
	int64_t from, until; /* milliseconds, local midnight */
	int64_t first, end;  /* the same as days since 1970 */
};

/* What ?year= asks for, by default the running one; links to its neighbours are written. 0, QUERY_INVALID. */
_must_check_ int document_year(struct Page *p, struct DocumentYear *ret);

/* A browser gets a register in sheets of so many rows; who prints it by the command gets all of it. Rows are
   those of CHECKOUTS or HANDLINGS, the newest first. */
enum { SHEET_ROWS = 500 };
/* Behind what the address names, when that is not behind `until`. */
void sheet_begin(const struct Page *p, int64_t until, struct Rows *rows);
bool sheet_is_full(const struct Page *p, size_t n);
/* To what stands behind the row. */
void sheet_link(struct Page *p, const struct DocumentYear *year, const struct Cell *row);

/* A member of a record's line: whether it is true, how many; -1: the line does not say. */
struct LedgerEntry;
bool detail_is(const struct LedgerEntry *e, const char *key);
int64_t detail_count(const struct LedgerEntry *e, const char *key);
