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

struct Fold {
	const char *terminal; /* whose checkout ids are counted */
	uint32_t fiscal_year; /* the running one */
	struct MediumRow *media;
	size_t n_media, media_room;
	struct CheckoutRow *checkouts;
	size_t n_checkouts, checkouts_room;
	struct PendingRow *pending;
	size_t n_pending, pending_room;
	int64_t last_time; /* the latest of core's records, or what a supervisor confirmed since: `recovered`
	                      and `key` tell no time */
	uint32_t next_checkout;
};

void fold_done(struct Fold *f);

/* 0 or -ENOMEM. What lacks the fields that its kind must have adds up to nothing: that never opens. */
int fold_record(struct Fold *f, const struct View *v);
