/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Refusals cost a clerk nothing and the ledger a line: equal ones (actor, kind, object, reason) within
 * 60 s are one record with a count; beyond 30 a minute for one person a `flood` record counts the rest.
 */
#include "record.h"
#include "std.h"

struct Core;

#define REFUSAL_WINDOW 60000 /* milliseconds */
#define REFUSAL_MANY   30
#define REFUSAL_ROWS   64

struct RefusalRow {
	bool used;
	int64_t since; /* boot milliseconds */
	uint64_t more; /* after the one on record */
	struct Record record;
};

struct FloodRow {
	char actor[LIMIT_LOGIN];
	bool used;
	int64_t since;
	uint32_t n;    /* records written in this window */
	uint64_t more; /* not written one by one */
};

struct Refusals {
	struct RefusalRow *rows; /* REFUSAL_ROWS, allocated at the first refusal */
	struct FloodRow people[16];
};

/* Puts a refusal on record, now or folded. `object` is in the record's medium or its KEY_DEVICE. */
int refusal_record(struct Core *core, const struct Record *r);

/* Writes what the windows hold: at their end, and before a clean stop. */
int refusal_flush(struct Core *core, bool all);
