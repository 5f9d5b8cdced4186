/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What intake hands the store, over an AF_UNIX SOCK_SEQPACKET socket. One ledger at a time:
 *
 *	OPEN (origin, vkey)         -> HELD: what is known of it
 *	ROWS (records), EVENT …        no answer; the transaction is open since the first of them
 *	CLOSE (where it stands now) -> CLOSED: all of it is durable
 *
 *	RELEASE                        no answer: it was only asked what is held
 *
 * Another OPEN, or the end of the channel, before CLOSE takes everything back; so does a CLOSE that does not
 *say `keep`. Intake reads what strangers wrote: the store checks every packet, and one that is not of this
 *form ends intake.
 */
#include "query.h"

#define FEED_MOST   (64 << 10) /* of one packet */
#define FEED_ORIGIN 400
#define FEED_TEXT   256

enum FeedType {
	FEED_OPEN = 1,
	FEED_HELD,
	FEED_ROWS,
	FEED_EVENT,
	FEED_CLOSE,
	FEED_CLOSED,
	FEED_RELEASE,
};

struct FeedOpen {
	uint32_t type, year;
	char origin[FEED_ORIGIN], terminal[FEED_TEXT], vkey[FEED_ORIGIN];
};

struct FeedHeld {
	uint32_t type, verdict;
	int64_t ledger;
	uint64_t size, bytes;   /* of the console's own copy */
	char root[65];          /* hex; "" for a ledger that is new */
	char vkey[FEED_ORIGIN]; /* the first one seen */
	char state[FEED_TEXT];  /* as CLOSE said it */
};

/* The texts of a record, in their order behind the row, each closed by NUL. An empty one: it is not there. */
enum FeedTexts {
	FEED_KIND,
	FEED_ACTOR,
	FEED_ROLE,
	FEED_MEDIUM,
	FEED_CHECKOUT,
	FEED_RESULT,
	FEED_REASON,
	_FEED_TEXT_N,
};

#define FEED_COPY    1 /* counts as a copy */
#define FEED_REFUSED 2

struct FeedRow {
	uint64_t n, place;  /* place: offset of the line in the console's copy */
	int64_t t, numbers; /* numbers -1: not counted; at most INT32_MAX, so that sums of a stranger's stay
	                       sums */
	uint32_t size;      /* of the line */
	int32_t day;
	uint8_t hour, counts;
	uint8_t texts[_FEED_TEXT_N]; /* sizes without NUL */
	uint8_t minute;              /* with day and hour: what the terminal's own clock showed */
	uint64_t data; /* of a file, a policy: the first 60 bits of its SHA-256, to tell the same again; 0:
	                  none */
};

/* Behind it: n times FeedRow and its texts. */
struct FeedRows {
	uint32_t type, n;
};

enum FeedEventType {
	FEED_REGISTER = 1,
	FEED_CARRIED, /* a medium out of the year before */
	FEED_LEND,
	FEED_RETURN,
};

/* What changes a medium or a checkout. */
struct FeedEvent {
	uint32_t type, event; /* FEED_EVENT, enum FeedEventType */
	uint64_t n, size;
	int64_t t, from, until;
	int64_t slot; /* -1: none; at most INT32_MAX */
	uint8_t carry_out, zero[7];
	char medium[FEED_TEXT], checkout[FEED_TEXT], supervisor[FEED_TEXT], clerk[FEED_TEXT],
	        purpose[FEED_TEXT], ground[FEED_TEXT], destination[FEED_TEXT], terminals[FEED_TEXT],
	        vendor[FEED_TEXT], product[FEED_TEXT], series[FEED_TEXT];
};

struct FeedClose {
	uint32_t type, outcome, verdict; /* enum IntakeOutcome, enum Verdicts */
	uint32_t keep;                   /* 1: the rows stay */
	uint64_t size, bytes, uncovered, earlier, keys, from, to;
	int64_t bad, first_t, last_t;
	int64_t behind; /* ms that the clock was behind a console's at the last receipt among the new records;
	                   -1: there was none */
	char root[65], error[192], source[FEED_TEXT], state[FEED_TEXT];
	uint8_t unheard; /* 1: this is no word of the terminal's: it may be silent all the same */
	uint8_t live; /* 1: it came from the terminal itself; otherwise its records say when it was heard of
	               */
};

struct FeedClosed {
	uint32_t type;
	int32_t error; /* 0, or -errno: nothing was taken over */
};

struct FeedRelease {
	uint32_t type, zero;
};

/* What all packets must be: 0 or -EBADMSG. Checks sizes, numbers in their ranges and that every text is
   closed, UTF-8 and without control characters; rows are checked by feed_row. */
int feed_check(const void *packet, size_t size);

/* The next row of a checked packet from *at (0 at first): 1, 0 at the end, -EBADMSG. */
struct FeedRecord {
	struct FeedRow row;
	const char *texts[_FEED_TEXT_N];
};
int feed_row(const void *packet, size_t size, size_t *at, struct FeedRecord *ret);
