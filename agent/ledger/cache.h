/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The year's index (docs/cache.md) as ledger keeps it: read at the start, brought up when nothing else waits.
 * A start that believes it opens at once and then reads all of the ledger all the same: audit.h.
 *
 * Losing it loses nothing: no error of its file ends anything.
 */
#include "fold.h"
#include "index.h"
#include "store.h"

#define CACHE_LEAST (UINT64_C(16) << 20) /* bytes of records that are read whole before anything opens */
#define CACHE_EVERY 1024                 /* records from one index to the next, about */

struct Cache {
	uint64_t least;     /* CACHE_LEAST but for tests */
	struct Index index; /* blocks.records is 0: none */
	bool unwritten;     /* the file is not this one */
	bool failed;        /* it cannot be brought up; until the next start nobody tries */
};

#define CACHE_NULL                   \
	{                            \
		.least = CACHE_LEAST \
	}
void cache_done(struct Cache *c);

/* Reads the folder's index: false when there is none to begin from. */
bool cache_load(struct Cache *c, const struct Store *s);

/* Adds up the state behind the index's records: 0; -EBADMSG: the lines are not there; -ENOMEM, -errno. */
int cache_fold(const struct Cache *c, const struct Store *s, struct Fold *ret);

/* An index in the making, from the lines that a verification reads. */
struct CacheWork {
	struct Index next;
	uint64_t upto;            /* its records: 0: none is made */
	struct LedgerReport mark; /* the verification's, after those */
	struct FoldSource *sources;
	size_t n_sources;
};
void cache_work_done(struct CacheWork *w);
/* Over the whole blocks of the first `covered` records, the lines behind c->index being read; from the first
   line on where it has none. */
int cache_work_start(struct CacheWork *w, const struct Cache *c, uint64_t covered);
/* A line, after it was added to the tree and to the fold. 0 or -ENOMEM. */
int cache_work_line(struct CacheWork *w, const struct View *v, const struct Tree *tree, const struct Fold *f);
/* After the verification found nothing wrong: c->index is the new one. 0; -errno: it is the old one still. */
int cache_work_finish(struct CacheWork *w, struct Cache *c, const struct Store *s, const char *year_vkey);

/* Whether there is something to do. */
bool cache_is_due(const struct Cache *c, const struct Store *s);
/* Brings the index up and writes it: 0, or FAULT_LEDGER_ALTERED with its subject. */
_must_check_ int cache_refresh(
        struct Cache *c, struct Store *s, const char *terminal, char subject[static LIMIT_SUBJECT]);
/* All of the state, everything being covered: 0, FAULT_LEDGER_ALTERED with its subject, or -errno. */
_must_check_ int cache_state(
        struct Cache *c, const struct Store *s, struct Fold *ret, char subject[static LIMIT_SUBJECT]);
/* The file goes: the next start reads everything. */
void cache_drop(struct Cache *c, const struct Store *s);
