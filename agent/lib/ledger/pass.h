/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* ledger_verify in pieces, and what only mediagate itself asks of it. */
#include "ahead.h"
#include "index.h"
#include "ledger_state.h"

struct Pass; /* one verification under way */

struct PassExtra {
	/* not from the first line on: what the index says of its own is taken for true until the checkpoint's
	   root and signature say so, too. No index of these records: a fault like any other. */
	const struct Index *from;
	/* the same of what its keeper vouches for: the records behind `state` alone are read, from its
	 * `bytes` on */
	const struct LedgerState *state;
	struct Ahead *ahead;           /* NULL, or a second thread to hash with */
	struct LedgerState *ret_state; /* NULL, or where the checkpoint's records end, once it has verified */
	bool covered_only;             /* nothing is asked about lines behind the checkpoint */
	/* the report as it stood after that many records; its `records` is 0 when they were not reached */
	struct LedgerReport *mark;
	uint64_t mark_at;
};

/* `in`, what it points to, and `extra` stay. 0, or -errno. */
int pass_start(const struct LedgerInput *in, const struct PassExtra *extra, struct LedgerReport *report,
        struct Pass **ret);
/* About 256 KiB: PASS_MORE; 0: the report is complete; -errno, or what each returned. */
#define PASS_MORE 1
int pass_step(struct Pass *p);
void pass_freep(struct Pass **p);

/* All of it at once. */
int pass_run(const struct LedgerInput *in, const struct PassExtra *extra, struct LedgerReport *report);
