/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* RFC 6962's Merkle tree, grown leaf by leaf: only the roots of the complete subtrees are kept. */
#include "crypto.h"

struct Tree {
	uint64_t size;
	uint8_t roots[64]
	             [HASH_SIZE]; /* [k]: of the complete subtree of 2^k leaves, where bit k of size is set */
};

#define TREE_NULL         \
	{                 \
		.size = 0 \
	}

int tree_add(struct Tree *t, struct Crypto *c, const uint8_t leaf[static HASH_SIZE]);
/* SHA-256("") for the empty tree. */
int tree_root(const struct Tree *t, struct Crypto *c, uint8_t ret[static HASH_SIZE]);
