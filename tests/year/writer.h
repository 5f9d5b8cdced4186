/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One terminal's ledger, written by the agent's own code: its enrolment, its lines, its store, its changes of
 * key, its turn of the year. Only three things are put in their place (world.c): the time, the random bytes,
 * and fsync.
 *
 * THE KEYS COME FROM THE SEED. Whoever knows the seed can sign in the terminal's name: this is data for tests
 * and demonstrations, and for nothing else.
 */
#include "draw.h"
#include "enrolment.h"
#include "fold.h"
#include "record_detail.h"
#include "store.h"

struct Writer {
	struct Enrolment enrolment;
	struct Draw keys;
	struct Seal seal;
	struct Store store;
	struct Fold fold; /* what the lines add up to */
	int out, state_dir, terminal_dir;
	uint32_t year;
	char *lines; /* not yet in the file */
	size_t n_lines;
	uint64_t next;    /* n of the next record */
	uint64_t records; /* of the years before */
	int64_t time;     /* of the last one */
};

/* Enrols below the folder `out`; the first record has this time. Whatever fails ends the program. */
void writer_open(struct Writer *w, int out, const char *terminal, uint64_t seed, int64_t time);

/* Its n. A record that ledger would refuse ends the program. */
uint64_t writer_add(struct Writer *w, const struct Record *r, int64_t time);
/* A line whose head up to `terminal` is made and whose rest, behind a comma, is the caller's; what a reader
   would refuse ends the program. For a terminal that lies: kind and rest can be what line.c would never
   write. */
uint64_t writer_add_raw(struct Writer *w, const char *kind, const char *rest, int64_t time);

/* As ledger does at a start: a new year if it is time for one, a new key. */
void writer_start(struct Writer *w, int64_t time);
/* Between two acts: a new key after many records. */
void writer_settle(struct Writer *w);

/* A checkpoint over all of it. The keys are gone then. */
void writer_close(struct Writer *w);

/* For errors nobody can do anything about. */
void must(bool good, const char *what);
