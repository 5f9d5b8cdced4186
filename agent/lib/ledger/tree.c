/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

int tree_add(struct Tree *t, struct Crypto *c, const uint8_t leaf[static HASH_SIZE])
{
	uint8_t hash[HASH_SIZE];
	unsigned int k = 0;

	memcpy(hash, leaf, HASH_SIZE);
	for (; t->size >> k & 1; k++) {
		int r = crypto_node(c, t->roots[k], hash, hash);

		if (r < 0)
			return r;
	}
	memcpy(t->roots[k], hash, HASH_SIZE);
	t->size++;
	return 0;
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
