/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Reading and verifying a mediagate ledger: docs/ledger.md (RFC 6962 tree, C2SP signed note and
 * tlog-checkpoint v1.0.0, Ed25519). Needs nothing but the files.
 *
 * Nothing here allocates what the caller must free, logs, writes or keeps anything between calls. Slices
 * point into the caller's or the reader's buffer and end with the call that gave them; they are not
 * closed by NUL. Results: 0, or -errno as documented.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What can be wrong: name, sentence for people (a gettext id). The line's number comes beside it. */
#define LEDGER_ERRORS(X)                                                        \
	X(NONE, "nothing is wrong")                                             \
	/* the checkpoint */                                                    \
	X(BAD_VKEY, "the verifier key is malformed")                            \
	X(BAD_NOTE, "the checkpoint is malformed")                              \
	X(BAD_ORIGIN, "the checkpoint's origin is not the verifier key's name") \
	X(NOT_SIGNED, "the checkpoint is not signed by the key in force")       \
	X(BAD_SIGNATURE, "the checkpoint's signature is wrong")                 \
	X(BAD_ROOT, "the records are not those the checkpoint was signed over") \
	X(MISSING, "records that the checkpoint covers are missing at the end") \
	/* a line */                                                            \
	X(TOO_LONG, "the line is too long")                                     \
	X(SYNTAX, "the line is not the strict JSON of a ledger")                \
	X(UTF8, "the line is not UTF-8")                                        \
	X(ESCAPE, "an escape is not valid, or stands in a name")                \
	X(NUMBER, "a number is not an integer in range")                        \
	X(DEPTH, "the detail is nested too deeply or has too many members")     \
	X(TWICE, "a name is there twice")                                       \
	X(KEYS, "a first key is missing, unknown or not in its place")          \
	X(TIME, "the time is not in the ledger's form")                         \
	X(RESULT, "the result is not intent, done, refused or failed")          \
	X(SEQUENCE, "the record's number is not its place")                     \
	X(TERMINAL, "the record is of another terminal")                        \
	X(KEY_CHANGE, "the change of key is not signed by the key before it")

#define LEDGER_ERROR_ENUM(name, sentence) LEDGER_E_##name,
enum LedgerError { LEDGER_ERRORS(LEDGER_ERROR_ENUM) _LEDGER_E_N };
#undef LEDGER_ERROR_ENUM

const char *ledger_error_sentence(enum LedgerError error);

struct LedgerSlice {
	const char *text; /* NULL: the line has no such member */
	size_t size;
};

/* ------------------------------------------------------------------ one record */

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

enum LedgerType {
	LEDGER_TEXT,
	LEDGER_NUMBER, /* an integer */
	LEDGER_WORD,   /* true, false, null */
	LEDGER_OBJECT, /* with its braces */
	LEDGER_ARRAY,  /* with its brackets */
};

struct LedgerMember {
	struct LedgerSlice name;  /* never with escapes; empty in an array */
	struct LedgerSlice value; /* a text without its quotes */
	enum LedgerType type;
};

/* Walks an object or array out of an entry; *at is 0 at first. False at the end. */
bool ledger_member_next(struct LedgerSlice container, size_t *at, struct LedgerMember *ret);

/* Unescapes a string slice to UTF-8, closed by NUL; -E2BIG when it does not fit. */
int ledger_unescape(struct LedgerSlice text, char *ret, size_t size);

/* A decimal integer slice; -EINVAL. */
int ledger_number(struct LedgerSlice text, uint64_t *ret);

/* ------------------------------------------------------------------ a ledger */

struct LedgerReport {
	int fault;        /* 0; FAULT_LEDGER_ALTERED; FAULT_UNREADABLE (include/fault.h) */
	uint64_t line;    /* of the first error, from 1; 0: not of a line */
	char error[192];  /* the sentence of `code`; for FAULT_UNREADABLE the file */
	uint64_t records; /* complete lines */
	uint64_t covered; /* size of the checkpoint */
	uint64_t torn;    /* bytes of a last line without newline */
	uint64_t bytes;   /* of complete lines */
	uint8_t root[32]; /* at the checkpoint's size */
	char origin[400];
	char first_time[32], last_time[32];
	enum LedgerError code;
	uint64_t earlier; /* records with a time before the one above; `clock` records say so and do not count
	                   */
	uint64_t keys;    /* changes of key below the checkpoint */
	char vkey[400];   /* of the key that signed the checkpoint */
};

/* Called for each complete line, before anything is known of the signature. Negative stops, and is returned.
 */
typedef int (*LedgerEach)(void *owner, const struct LedgerEntry *e);

struct Tree; /* agent/lib/ledger/tree.h */

struct LedgerInput {
	int records; /* descriptor of records.jsonl, read from offset 0 */
	const char *checkpoint;
	size_t checkpoint_size;
	const char *vkey; /* name+hex8+base64; a closing newline is ignored */
	LedgerEach each;  /* NULL: nobody */
	void *owner;
	struct Tree *tree; /* NULL, or the tree that every complete line is added to, empty before */
};

/* 0 with *ret filled (ret->fault says how it went), or -errno of the machine. Lines beyond the checkpoint and
   a torn tail are what a crash leaves: counted, not an error. */
int ledger_verify(const struct LedgerInput *in, struct LedgerReport *ret);

/* The same of the folder `dir`: its records.jsonl, checkpoint and vkey. With a `vkey` of the caller's the
   folder's own is not asked; without (NULL) the folder is only known to agree with itself. */
int ledger_verify_folder(int dir, const char *vkey, LedgerEach each, void *owner, struct LedgerReport *ret);

/* Lines with neither checkpoint nor key (somebody's own lines out of a ledger): strict form, rising numbers,
   one terminal. Results as above. */
int ledger_read(int records, LedgerEach each, void *owner, struct LedgerReport *ret);
