/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* RFC 6962's Merkle tree, grown leaf by leaf: only the roots of the complete subtrees are kept. */
#include "crypto.h"

/* Subtrees of 2^TREE_BLOCK leaves are what readers keep of a tree. */
#define TREE_BLOCK      8
#define TREE_BLOCK_SIZE (1U << TREE_BLOCK)

struct Tree {
	uint64_t size;
	uint8_t roots[64]
	             [HASH_SIZE]; /* [k]: of the complete subtree of 2^k leaves, where bit k of size is set */
	uint8_t block[HASH_SIZE]; /* root of the last complete block */
};

#define TREE_NULL         \
	{                 \
		.size = 0 \
	}

int tree_add(struct Tree *t, struct Crypto *c, const uint8_t leaf[static HASH_SIZE]);
/* A complete block's root in place of its leaves: t->size is a multiple of TREE_BLOCK_SIZE. */
int tree_add_block(struct Tree *t, struct Crypto *c, const uint8_t root[static HASH_SIZE]);
/* What somebody else's tree_add of the next leaf left: the one root that it changed, and the block's where it
 * ended one. */
void tree_follow(struct Tree *t, const uint8_t root[static HASH_SIZE], const uint8_t *block);
/* SHA-256("") for the empty tree. */
int tree_root(const struct Tree *t, struct Crypto *c, uint8_t ret[static HASH_SIZE]);

/* Whether `leaf` is number `index` of `size` leaves with this root: RFC 9162, section 2.1.3.2. 1, 0, -errno.
 */
struct TreePath {
	uint64_t index, size;
	const uint8_t (*hashes)[HASH_SIZE]; /* the leaf's sibling first */
	size_t n;
};
int tree_path_verify(const struct TreePath *p, struct Crypto *c, const uint8_t leaf[static HASH_SIZE],
        const uint8_t root[static HASH_SIZE]);
