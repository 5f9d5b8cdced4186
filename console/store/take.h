/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Intake's half of the store: packets of feed.h become rows. */
#include "feed.h"
#include "sqlite.h"
#include "words.h"

#define DAYS_HELD    512
#define CLOCK_OFF_MS 300000 /* as SQL_LEDGERS_CLOCK has it */

/* Sums on their way: a ledger's records come day by day. */
struct Sum {
	int32_t day;
	uint8_t hour;
	bool used;
	int64_t records, copies, refused, numbers;
};

struct Take {
	struct Db *db;
	struct Words *words;
	int64_t ledger; /* under way; 0: none */
	bool changing;  /* a transaction is open */
	int64_t terminal;
	char terminal_text[FEED_TEXT];
	char vkey[FEED_ORIGIN]; /* of a ledger of which nothing is held; "" */
	uint64_t size;          /* records held before */
	uint64_t added;
	int64_t first_day;          /* of the records added; INT64_MAX: none */
	struct Sum days[DAYS_HELD]; /* of hours; flushed when another day's would fall on a used place */
};

int take_open(struct Take *t, const char *path);
void take_done(struct Take *t);

/* One packet: 0, or 1 with an answer of *ret_size bytes in `ret` (of sizeof(struct FeedHeld)); -EBADMSG:
   intake is not to be trusted any more; -errno. */
int take_packet(struct Take *t, const void *packet, size_t size, void *ret, size_t *ret_size);

/* Intake is gone: what was not closed is taken back. */
void take_lost(struct Take *t);
