/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A small ledger in memory, signed by a fixed key, that tests alter and verify. */
#include "mediagate/ledger.h"
#include "note.h"
#include "std.h"
#include "tree.h"

#define FIXTURE_ORIGIN "city.example.jp/mediagate/t1/2026"

struct Fixture {
	struct Crypto *crypto;
	struct Key *key;
	struct Vkey vkey;
	char vkey_text[LIMIT_VKEY];
	size_t n; /* lines */
	size_t size;
	char records[1 << 20];
	char checkpoint[2048];
	size_t checkpoint_size;
};

struct Fixture *fixture_new(void);
struct Fixture *fixture_free(struct Fixture *f);

/* Appends a line, its newline added. */
void fixture_line(struct Fixture *f, const char *line);
/* Appends n ordinary lines. */
void fixture_lines(struct Fixture *f, size_t n);
/* Signs a checkpoint over the first `size` lines. */
void fixture_sign(struct Fixture *f, uint64_t size);
/* From here on another key signs, made of `seed`. */
void fixture_key(struct Fixture *f, uint8_t seed);
/* A `key` record for the key of `seed`, signed by the one in force; which it is afterwards. */
void fixture_rekey(struct Fixture *f, uint8_t seed);

/* Root of the first `size` lines. */
void fixture_root(const struct Fixture *f, uint64_t size, uint8_t ret[static HASH_SIZE]);

/* These bytes under the fixture's checkpoint and first key, for ledger_verify or a reader; the caller closes .records. */
struct LedgerInput fixture_input(const struct Fixture *f, const char *records, size_t n);

/* Verifies these bytes with the fixture's first key. Fails the test when ledger_verify fails. */
void fixture_verify(const struct Fixture *f, const char *records, size_t n, struct LedgerReport *ret);
void fixture_verify_each(const struct Fixture *f, LedgerEach each, void *owner, struct LedgerReport *ret);
/* Beside n checkpoints kept elsewhere. */
void fixture_verify_seen(const struct Fixture *f, const struct LedgerSeen *seen, size_t n, struct LedgerReport *ret);
