/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One year's folder: records.jsonl, checkpoint, vkey. Lines are appended, then a checkpoint covers them.
 *
 * Room for what must still be said on a full disk is kept in two places: blocks beyond the end of
 * records.jsonl (fallocate, size unchanged), into which refusals and outcomes go when nothing else fits,
 * and the file `reserve`, given up for the block that a new checkpoint needs for a moment.
 */
#include "base64.h"
#include "seal.h"
#include "std.h"

#define STORE_RECORDS    "records.jsonl"
#define STORE_CHECKPOINT "checkpoint"
#define STORE_VKEY       "vkey"
#define STORE_RESERVE    "reserve"
#define STORE_TORN       "torn"

enum StoreOutcome {
	STORE_FULL = 1, /* no room; nothing was written */
	_STORE_OUTCOME_N,
};

struct Store {
	int dir;           /* of the year */
	int records;       /* O_RDWR | O_APPEND */
	uint64_t size;     /* bytes of records.jsonl, all of them durable */
	uint64_t covered;  /* records below are covered by the durable checkpoint */
	uint64_t room;     /* bytes up to here are allocated */
	bool no_fallocate; /* the file system cannot keep room */
	bool reserve;      /* the file is there */
	struct Tree tree;  /* of the durable lines: tree.size is their number */
	uint64_t last_key; /* n of the last `key` record, or 0 */
	struct Seal *seal; /* not owned */
};

#define STORE_NULL                       \
	{                                \
		.dir = -1, .records = -1 \
	}

/* An error of the system's that means: no room. */
bool store_is_full(int error);

/* Opens the folder's files: 0 or -errno. Nothing is read yet. */
int store_open(struct Store *s, int terminal_dir, const char *year);
void store_close(struct Store *s);

/* Appends whole lines (each closed by a newline) and makes them durable: 0; STORE_FULL; or -errno, after
   which the ledger must end: a failed fdatasync cannot be tried again. `act` asks for the kept room to
   stay whole, so that what follows from the act can be recorded too. */
_must_check_ int store_append(struct Store *s, const char *lines, size_t n, bool act);

/* Signs and puts in place a checkpoint over all durable lines. As above. */
_must_check_ int store_checkpoint(struct Store *s);

/* What the key that comes after this ledger's is vouched for with: where the ledger stands, and its key's
   signature over what note.h's rekey_format or year_format makes of that and of the new key. 0 or -errno. */
#define STORE_SIGNATURE BASE64_SIZE(SIGNATURE_SIZE)
typedef ssize_t (*CertifyFormat)(const struct Checkpoint *c, const char *vkey, char *ret, size_t size);
_must_check_ int store_certify(const struct Store *s, CertifyFormat format, const char *vkey,
        struct Checkpoint *ret, char ret_signature[static STORE_SIGNATURE]);
