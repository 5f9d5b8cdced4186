/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The ledger at work: one loop over core's channel.
 *
 * Group commit: all APPENDs that wait are written at once and made durable by one fdatasync, then each is
 * answered APPENDED. When nothing waits (or 100 ms after the oldest uncovered record) one checkpoint
 * covers everything and COVERED tells core. Nothing is answered before it is durable, and what cannot
 * be made durable ends the process: a failed fdatasync may have lost what it was asked for, and a second
 * one would say nothing about it.
 *
 * When nothing waits and everything is covered, the ledger is read in pieces if a start has not done so, and
 * its index is kept up.
 *
 * Core never waits when it sends, so this process may: its answers are sent even when core is slow.
 */
#include "audit.h"
#include "channel.h"
#include "copies.h"

#define BATCH_MOST    1024
#define SERVER_TURNED -1001

/* One APPEND on its way: its line stands in the batch. */
struct Waiting {
	uint64_t cookie;
	size_t size;   /* of the line with its newline */
	bool act;      /* widens what may be done: refused when the disk is full */
	uint8_t event; /* enum CopyEvent, once it is durable */
	char copy[LIMIT_ID];
};

struct Server {
	int channel; /* non-blocking */
	bool closed; /* core is gone */
	const char *terminal;
	struct Store *store;
	int terminal_dir; /* the folder of all years; not owned; -1: no year can be dropped */
	struct Copies copies;
	char *lines; /* of the waiting ones */
	size_t n_lines;
	struct Waiting waiting[BATCH_MOST];
	size_t n_waiting;
	struct Audit *audit; /* still to be read; NULL: nothing */
	/* the year's ledger in place of the one before, when its time has come and nothing is pending:
	   SERVER_TURNED; 0; FAULT_*; -errno. NULL: never */
	int (*year_turn)(void *owner, char subject[static LIMIT_SUBJECT]);
	void *year_owner;
	int64_t year_again;          /* clock_boot before which it is not tried again */
	struct Cache *cache;         /* not owned; NULL: none is kept */
	char subject[LIMIT_SUBJECT]; /* of a fault that serve ended with, or empty */
	int64_t oldest;              /* clock_boot of the oldest record that no checkpoint covers; 0: none */
};

/* Until core closes the channel: 0, everything covered. FAULT_* of a ledger that cannot go on, or -errno;
   then nothing that was not answered is promised. */
_must_check_ int serve(struct Server *s);
void server_done(struct Server *s);

/* One message, as the loop handles it: for the fuzzer. */
int server_message(struct Server *s, const struct Message *m);

/* Sends, waiting for a slow core. A core that is gone is not an error here. */
_must_check_ int server_send(
        struct Server *s, enum MessageType type, const void *body, const int *fds, size_t n_fds);
