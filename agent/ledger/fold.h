/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the records add up to: registered media, open and overdue checkouts, intents without an outcome.
 * Lines are folded in, one by one, in their order; the rows are core's state after a start.
 *
 *	register done	a medium, or the same number anew
 *	checkout done	an open checkout of its medium
 *	overdue done	that checkout is overdue
 *	return done	its checkout is gone
 *	carry		what its `carried` says, from the year before
 *	label intent	the label that its medium may carry, beside the last one
 *	label done	the label that it carries; label failed: the last one still
 *	intent		pending, until a record of done or failed has detail.intent = its n
 *
 * Records that the format allows and that add up to nothing (a return without a checkout) are passed
 * over: the ledger tells what happened, it does not judge.
 */
#include "state.h"
#include "view.h"

/* Which records a row was made of: FOLD_NONE, or their n. */
#define FOLD_NONE UINT64_MAX
struct FoldMedium {
	uint64_t registered, label, named; /* named: the last label that said its registration */
};
struct FoldCheckout {
	uint64_t made, overdue;
};
/* The highest checkout of a fiscal year. */
struct FoldCount {
	uint64_t n;
	uint32_t year, number;
};

struct Fold {
	const char *terminal; /* whose checkout ids are counted */
	uint32_t fiscal_year; /* the running one */
	struct MediumRow *media;
	struct FoldMedium *media_from;
	size_t n_media, media_room, n_media_from, media_from_room;
	struct CheckoutRow *checkouts;
	struct FoldCheckout *checkouts_from;
	size_t n_checkouts, checkouts_room, n_checkouts_from, checkouts_from_room;
	struct PendingRow *pending;
	size_t n_pending, pending_room;
	struct FoldCount *counts;
	size_t n_counts, counts_room;
	int64_t last_time; /* the latest of core's records, or what a supervisor confirmed since: `recovered`
	                      and `key` tell no time */
	uint64_t time_from; /* its record + 1; 0: none */
	uint32_t next_checkout;
};

void fold_done(struct Fold *f);

/* 0 or -ENOMEM. What lacks the fields that its kind must have adds up to nothing: that never opens. */
int fold_record(struct Fold *f, const struct View *v);

/*
 * The same state from the few records that it was made of: fold_sources names them, in the order in which
 * fold_part makes the same rows of them in an empty fold. Numbers of the parts are written to disk: new ones at the end.
 */
enum FoldPart {
	PART_MEDIUM,
	PART_LABEL,
	PART_LABEL_INTENT,
	PART_CHECKOUT,
	PART_OVERDUE,
	PART_PENDING,
	PART_TIME,
	PART_COUNT,
	_FOLD_PART_N,
};
struct FoldSource {
	uint64_t n;
	enum FoldPart part;
};
/* To be freed. 0 or -ENOMEM. */
int fold_sources(const struct Fold *f, struct FoldSource **ret, size_t *ret_n);
/* 0; -EBADMSG: the record makes no such part; -ENOMEM. */
int fold_part(struct Fold *f, enum FoldPart part, const struct View *v);
