/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The start: verifies what the folder holds, adds up its state, and repairs what a crash left.
 *
 * A crash leaves up to three things: whole lines that no checkpoint covers yet (they are adopted as they
 * are, and a `recovered` record names them); a torn last line (its bytes are kept in hex in `recovered`
 * records); and a recovery of this kind that was itself cut short. Before the torn bytes are cut they
 * go to the file `torn`, which stays until the records that hold them are under a checkpoint. So each
 * step can be repeated: what of `torn` is on record already is seen in the lines.
 */
#include "ahead.h"
#include "audit.h"

struct Replay {
	struct Store *store; /* opened */
	struct Fold *fold;   /* with its terminal and year */
	const char *boot;    /* id of this boot */
	char *torn;          /* bytes that are not on record yet */
	size_t n_torn;
	uint64_t torn_from;  /* the record before which they stood */
	bool torn_saved;     /* the file is there */
	struct Cache *cache; /* to begin from, and made anew; NULL: all is read */
	struct CacheWork work;
	struct Ahead *ahead; /* to hash with; NULL: nobody */
	struct Audit *audit; /* what is still to be read, after an index was believed: the caller's */
	char last_time[32];  /* of the last line there was; empty: none */
	bool rotating;       /* a change of key is to be finished: rotate.h */
};

/* 0; FAULT_LEDGER_ALTERED, FAULT_LEDGER_FULL, with what is wrong in subject; or -errno. After 0 every line
   is verified, folded and covered. */
_must_check_ int replay_run(struct Replay *p, char subject[static LIMIT_SUBJECT]);
void replay_done(struct Replay *p);
