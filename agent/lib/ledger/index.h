/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is known of a ledger's first records, a multiple of 256, so that they need not be read again:
 * docs/cache.md. It is never trusted: only when the blocks' roots with the lines behind them give the
 * checkpoint's root, the key in force behind the records leads to the key that signed the checkpoint, and the
 * index's own signature is by one of the keys between, is it an index of this ledger. Whoever held that key
 * had verified what it says.
 */
#include "blocks.h"
#include "mediagate/ledger.h"
#include "note.h"

#define INDEX_FILE "index"
#define INDEX_HEAD "mediagate/index/v1\n"
#define INDEX_MOST (UINT64_C(256) << 20) /* bytes of a file */

/* A record that the state was made of, and its path inside its block. */
struct IndexRef {
	uint64_t n;
	uint64_t offset;
	uint32_t size; /* of the line without newline */
	uint8_t part;  /* what of the state: agent/ledger/fold.h */
	uint8_t path[TREE_BLOCK][HASH_SIZE];
};

struct Index {
	char year_vkey[LIMIT_VKEY]; /* that the year began with */
	char vkey[LIMIT_VKEY];      /* in force behind the records */
	char signer[LIMIT_VKEY];    /* of this index: that one, or one after it */
	uint64_t last_key;          /* n of the last `key` record; 0: none */
	uint64_t keys;              /* changes of key */
	uint64_t earlier;           /* as in struct LedgerReport, and the next two */
	char first_time[32], last_time[32];
	struct Blocks blocks; /* all of them whole */
	struct IndexRef *refs;
	size_t n_refs;
};

void index_done(struct Index *x);

/* The file's bytes, to be freed, signed with the private key of x->signer: 0, -E2BIG, or -errno. */
int index_write(const struct Index *x, struct Crypto *c, const struct Key *key, char **ret, size_t *ret_size);

/* 0; -EBADMSG: not an index, or not signed by the key that it names; -ENOMEM. */
int index_read(const char *bytes, size_t size, struct Crypto *c, struct Index *ret);
/* From a folder: as above, and -ENOENT; from a descriptor, at whatever offset. */
int index_load(int dir, struct Crypto *c, struct Index *ret);
int index_load_fd(int fd, struct Crypto *c, struct Index *ret);

/* The line of a ref with its newline, read and led to its block's root: 0; -EBADMSG: it is not the line;
 * -errno. */
int index_line(const struct Index *x, const struct IndexRef *ref, int records, struct Crypto *c,
        char ret[static LIMIT_LINE + 1]);
/* Fills offset, size and path of a ref, by `lines` around it: as above. */
int index_ref_fill(
        const struct Index *x, struct IndexRef *ref, int records, struct Crypto *c, struct BlockLines *lines);
