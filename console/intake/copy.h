/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The console's own copy of a ledger: what was verified and taken over, and nothing else. It is the memory
   that answers "is anything missing?", and from it proofs are made. */
#include "ledger_state.h"
#include "std.h"

#define COPY_BUFFER (256 << 10)

struct Copy {
	int folder; /* of this ledger; -1: none is open */
	int records;
	uint64_t start, size; /* bytes held before, and now with those in the buffer */
	size_t n;
	char buffer[COPY_BUFFER];
};

/* ledgers/<ledger> below `data`, made when it is not there. What a break left behind `held` bytes is cut off.
   -EINVAL: `source`, which is to be taken in, is this copy itself. */
int copy_open(struct Copy *c, int data, int64_t ledger, uint64_t held, int source);
/* A line without its newline. */
int copy_add(struct Copy *c, const char *line, size_t size);
/* Lines and checkpoint durable; of a new ledger its vkey, too. `state`: what they come to. */
int copy_keep(struct Copy *c, const char *checkpoint, size_t size, const char *vkey,
        const struct LedgerState *state);
/* That state: 0, or -errno: there is none, and all must be read. */
int copy_state(const struct Copy *c, struct LedgerState *ret);
/* Whether `records` begins with what is held. */
bool copy_begins(const struct Copy *c, int records);
/* What was added is taken back. */
void copy_drop(struct Copy *c);
void copy_close(struct Copy *c);
