/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Reading and verifying a mediagate ledger: docs/ledger.md (RFC 6962 tree, C2SP signed note and
 * tlog-checkpoint v1.0.0, Ed25519). Needs nothing but the files.
 *
 * Slices point into the caller's or the reader's buffer and end with the call that gave them.
 */
#include <stddef.h>
#include <stdint.h>

struct LedgerSlice {
	const char *text; /* NULL: the line has no such member */
	size_t size;
};

/* One line. String members without their quotes, escapes as written; detail with its braces. */
struct LedgerEntry {
	uint64_t n;
	struct LedgerSlice line; /* without its newline: the leaf's bytes */
	struct LedgerSlice t, kind, terminal, actor, role, deputy_for, medium, checkout, result, reason;
	struct LedgerSlice numbers, detail;
};

/* NULL, or a sentence that says what is wrong. Strict: section "Records" of docs/ledger.md. */
const char *ledger_entry_read(const char *line, size_t size, struct LedgerEntry *ret);

/* A member of the entry's detail; 0 or -ENOENT. Strings without quotes. The i-th of a key is not a thing:
   keys are unique. */
int ledger_detail(const struct LedgerEntry *e, const char *key, struct LedgerSlice *ret);

/* Unescapes a string slice to UTF-8, closed by NUL; -E2BIG when it does not fit. */
int ledger_unescape(struct LedgerSlice text, char *ret, size_t size);

/* A decimal integer slice; -EINVAL. */
int ledger_number(struct LedgerSlice text, uint64_t *ret);

struct LedgerReport {
	int fault;	     /* 0; FAULT_LEDGER_ALTERED; FAULT_UNREADABLE (include/fault.h) */
	uint64_t line;	     /* of the first error, from 1; 0: not of a line */
	char error[192];
	uint64_t records;    /* complete lines */
	uint64_t covered;    /* size of the checkpoint */
	uint64_t torn;	     /* bytes of a last line without newline */
	uint64_t bytes;	     /* of complete lines */
	uint8_t root[32];    /* at the checkpoint's size */
	char origin[400];
	char first_time[32], last_time[32];
};

/* Called for each complete line, before anything is known of the signature. Negative stops, and is returned. */
typedef int (*LedgerEach)(void *owner, const struct LedgerEntry *e);

struct LedgerInput {
	int records; /* descriptor of records.jsonl, read from offset 0 */
	const char *checkpoint;
	size_t checkpoint_size;
	const char *vkey; /* name+hex8+base64; a closing newline is ignored */
	LedgerEach each;  /* NULL: nobody */
	void *owner;
};

/* 0 with *ret filled (ret->fault says how it went), or -errno of the machine. Lines beyond the checkpoint and
   a torn tail are what a crash leaves: counted, not an error. */
int ledger_verify(const struct LedgerInput *in, struct LedgerReport *ret);
