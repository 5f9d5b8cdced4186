/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Both private keys and what is signed with them: checkpoints by the ledger key, copy notes by the label
 * key, both over texts that this process builds itself. On disk a key is its 32-byte seed (RFC 8032).
 */
#include "limits.h"
#include "note.h"
#include "tree.h"

#define SEAL_CHECKPOINT  1024
#define SEAL_LEDGER_FILE "ledger.key"
#define SEAL_NEXT_FILE   "ledger.key.next"
#define SEAL_LABEL_FILE  "label.key"

struct Seal {
	struct Crypto *crypto;
	struct Key *ledger, *label;
	struct Vkey ledger_vkey, label_vkey; /* their names: origin, <domain>/mediagate/<terminal>/label */
	struct Key *next;                    /* the ledger key to come, as on disk; NULL: none */
	struct Vkey next_vkey;
	int keys; /* the directory */
};

struct SealNames {
	const char *domain, *terminal;
	uint32_t year;
};

#define SEAL_NULL          \
	{                  \
		.keys = -1 \
	}
void seal_done(struct Seal *s);

/* Reads both keys from the directory: 0, or -errno. */
int seal_open(struct Seal *s, int keys_dir, const struct SealNames *names);

/* Makes the keys that are not there yet: each is durable before its name is. */
int seal_make(int keys_dir);

/* A new key, durable on disk as the one to come, by the name of this origin. 0 or -errno. */
int seal_next_make(struct Seal *s, const char *origin);
/* No key is to come: its file goes, durably. */
int seal_next_drop(struct Seal *s);
/* From here on the key to come signs; nothing changes on disk. */
void seal_next_use(struct Seal *s);
/* The file of the key that was is overwritten, then replaced by that of the key that signs. */
int seal_next_finish(struct Seal *s);

/* The ledger key's signature over the text of a change of key. */
int seal_rekey(const struct Seal *s, const char *text, size_t n, uint8_t ret[static SIGNATURE_SIZE]);

/* A signed checkpoint over the tree. */
int seal_checkpoint(
        const struct Seal *s, const struct Tree *t, char ret[static SEAL_CHECKPOINT], size_t *ret_size);

/* The same by the key to come, for the ledger that it begins. */
int seal_next_checkpoint(
        const struct Seal *s, const struct Tree *t, char ret[static SEAL_CHECKPOINT], size_t *ret_size);

/* What follows a copy note's text. */
int seal_label(
        const struct Seal *s, const char *text, size_t n, char ret[static NOTE_LINE_SIZE], size_t *ret_size);
