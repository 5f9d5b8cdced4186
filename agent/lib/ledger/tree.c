/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

/* The root of a complete subtree of 2^k leaves goes as far up as there is one to its left. */
static int subtree_add(struct Tree *t, struct Crypto *c, const uint8_t root[static HASH_SIZE], unsigned int k)
{
	uint8_t hash[HASH_SIZE];

	memcpy(hash, root, HASH_SIZE);
	for (;; k++) {
		int r;

		if (k == TREE_BLOCK)
			memcpy(t->block, hash, HASH_SIZE);
		if (!(t->size >> k & 1))
			break;
		r = crypto_node(c, t->roots[k], hash, hash);
		if (r < 0)
			return r;
	}
	memcpy(t->roots[k], hash, HASH_SIZE);
	return 0;
}

int tree_add(struct Tree *t, struct Crypto *c, const uint8_t leaf[static HASH_SIZE])
{
	int r = subtree_add(t, c, leaf, 0);

	t->size += r < 0 ? 0 : 1;
	return r;
}

int tree_add_block(struct Tree *t, struct Crypto *c, const uint8_t root[static HASH_SIZE])
{
	int r = subtree_add(t, c, root, TREE_BLOCK);

	t->size += r < 0 ? 0 : TREE_BLOCK_SIZE;
	return r;
}

void tree_follow(struct Tree *t, const uint8_t root[static HASH_SIZE], const uint8_t *block)
{
	t->size++;
	memcpy(t->roots[__builtin_ctzll(t->size)], root, HASH_SIZE);
	if (block)
		memcpy(t->block, block, HASH_SIZE);
}

int tree_root(const struct Tree *t, struct Crypto *c, uint8_t ret[static HASH_SIZE])
{
	uint8_t hash[HASH_SIZE];
	bool any = false;

	if (!t->size)
		return crypto_hash(c, NULL, 0, ret);
	for (unsigned int k = 0; k < 64; k++) {
		int r = 0;

		if (!(t->size >> k & 1))
			continue;
		if (any)
			r = crypto_node(c, t->roots[k], hash, hash);
		else
			memcpy(hash, t->roots[k], HASH_SIZE);
		if (r < 0)
			return r;
		any = true;
	}
	memcpy(ret, hash, HASH_SIZE);
	return 0;
}

int tree_path_verify(const struct TreePath *p, struct Crypto *c, const uint8_t leaf[static HASH_SIZE],
        const uint8_t root[static HASH_SIZE])
{
	uint64_t at = p->index, last = p->size - 1;
	uint8_t hash[HASH_SIZE];
	int r = 0;

	if (p->index >= p->size)
		return 0;
	memcpy(hash, leaf, HASH_SIZE);
	for (size_t i = 0; i < p->n && r >= 0; i++) {
		if (!last)
			return 0;
		if (at & 1 || at == last) {
			r = crypto_node(c, p->hashes[i], hash, hash);
			/* a right edge without a sibling at this level: up to where it has one */
			for (; !(at & 1) && at; at >>= 1)
				last >>= 1;
		} else {
			r = crypto_node(c, hash, p->hashes[i], hash);
		}
		at >>= 1;
		last >>= 1;
	}
	if (r < 0)
		return r;
	return !last && !memcmp(hash, root, HASH_SIZE);
}
