/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A line as ledger reads it back: the head in our own terms, detail by the keys of include/record.h. */
#include "mediagate/ledger.h"
#include "record.h"
#include "std.h"

struct View {
	const struct LedgerEntry *entry;
	int64_t time;
	int kind;   /* enum RecordKind; -1: one that this version does not know */
	int result; /* enum RecordResult */
	char actor[LIMIT_LOGIN], medium[LIMIT_NUMBER], checkout[LIMIT_ID]; /* empty: none, or not ours */
};

void view_make(const struct LedgerEntry *e, struct View *ret);

/* A value of detail: true when it is there and fits. */
bool view_text(const struct View *v, enum RecordKey key, char *ret, size_t size);
bool view_number(const struct View *v, enum RecordKey key, uint64_t *ret);
bool view_time(const struct View *v, enum RecordKey key, int64_t *ret);
bool view_flag(const struct View *v, enum RecordKey key, uint8_t *ret);
/* From hex; as many bytes as are there, at most size. */
bool view_bytes(const struct View *v, enum RecordKey key, uint8_t *ret, size_t size, size_t *ret_n);
