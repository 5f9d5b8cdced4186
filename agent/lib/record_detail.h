/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Filling and walking struct Record. Adding never fails in a way the caller must handle: an item that
 * does not fit sets `detail_size` to RECORD_OVERFULL, which ledger refuses to write.
 */
#include "record.h"
#include "std.h"

#define RECORD_OVERFULL UINT16_MAX

/* Empties r; numbers = -1, no reason. */
void record_start(struct Record *r, enum RecordKind kind, enum RecordResult result);

void record_text(struct Record *r, enum RecordKey key, const char *text);	 /* TYPE_CODE, TYPE_TEXT */
void record_bytes(struct Record *r, enum RecordKey key, const void *bytes, size_t n); /* TYPE_HEX, TYPE_TEXT */
void record_number(struct Record *r, enum RecordKey key, uint64_t value);	 /* TYPE_NUMBER */
void record_time(struct Record *r, enum RecordKey key, int64_t ms);		 /* TYPE_TIME */
void record_flag(struct Record *r, enum RecordKey key, bool value);		 /* TYPE_FLAG */

struct RecordItem {
	enum RecordKey key;
	size_t size;
	const uint8_t *bytes; /* inside the record */
};

/* Next item at *at (0 at first): 1, 0 at the end, -EBADMSG when the detail is malformed (an unknown
   key, a size that runs over, a number of another width). */
int record_next(const struct Record *r, size_t *at, struct RecordItem *ret);
/* True with the item of that key. */
bool record_find(const struct Record *r, enum RecordKey key, struct RecordItem *ret);

const char *record_kind_word(enum RecordKind kind);
const char *record_kind_people(enum RecordKind kind);
const char *record_result_word(enum RecordResult result);
const char *record_key_word(enum RecordKey key);
enum RecordType record_key_type(enum RecordKey key);
/* -ENOENT when there is none. */
int record_kind_from_word(const char *word, size_t n);
