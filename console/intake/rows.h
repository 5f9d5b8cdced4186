/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* One line of a ledger as what the store keeps of it. Pure. A stranger's texts: unescaped, control characters
 * made visible, cut. */
#include "feed.h"
#include "mediagate/ledger.h"

struct Rows {
	union {
		struct FeedRows head;
		uint8_t bytes[FEED_MOST];
	};
	size_t size;
};

#define ROW_MOST (sizeof(struct FeedRow) + _FEED_TEXT_N * FEED_TEXT)

void rows_start(struct Rows *r);
/* False: it is full, send it first. */
bool rows_room(const struct Rows *r);
void rows_add(struct Rows *r, const struct LedgerEntry *e, uint64_t place);

/* Whether the line changes a medium or a checkout. */
bool event_read(const struct LedgerEntry *e, struct FeedEvent *ret);

/* Of a `receipt`: how many ms its terminal's clock was behind the console's when it was written; -1: it is
   none. */
int64_t receipt_behind(const struct LedgerEntry *e);

/* A text as the tables hold it. */
void text_read(struct LedgerSlice slice, char *ret, size_t size);
