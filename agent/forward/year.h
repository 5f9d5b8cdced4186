/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* One year's ledger as it lies there just now: what its checkpoint covers. */
#include "mediagate/ledger.h"
#include "push_text.h"

struct Year {
	char terminal[64], name[8];
	int records;
	char vkey[PUSH_VKEY], checkpoint[PUSH_CHECKPOINT];
	size_t n_checkpoint;
	struct LedgerSeen seen; /* what the checkpoint says */
	uint64_t bytes;         /* of the lines that it covers, or of all there are when they are fewer */
};

#define YEAR_NULL              \
	{                      \
		.records = -1, \
	}
void year_done(struct Year *y);

/* <terminal>/<name> below `ledgers`. 0, or -errno; -EBADMSG: its checkpoint or vkey is none. */
int year_open(struct Year *y, int ledgers, const char *terminal, const char *name);

/* How many bytes the first `size` lines have: all of them when there are fewer. */
int year_bytes(const struct Year *y, uint64_t size, uint64_t *ret);

/* Every year of every terminal, in the order of their names. Not 0 stops and is returned. */
typedef int (*YearEach)(void *owner, const char *terminal, const char *name, bool last);
int years_each(int ledgers, YearEach each, void *owner);
