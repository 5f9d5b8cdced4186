/* SPDX-License-Identifier: Apache-2.0 */
#include "blocks.h"

#include "limits.h"

#define BLOCK_MOST (TREE_BLOCK_SIZE * (LIMIT_LINE + 1))

void blocks_done(struct Blocks *b)
{
	free(b->rows);
	*b = (struct Blocks){};
}

int blocks_add(struct Blocks *b, const struct Tree *tree, uint64_t size)
{
	if (b->records % TREE_BLOCK_SIZE == 0) {
		if (b->n == b->room) {
			size_t room = b->room ? 2 * b->room : 64;
			struct Block *rows = reallocarray(b->rows, room, sizeof(*rows));

			if (!rows)
				return -ENOMEM;
			b->rows = rows;
			b->room = room;
		}
		b->rows[b->n++] = (struct Block){.offset = b->end, .earliest = INT64_MAX, .latest = INT64_MIN};
	}
	b->records++;
	b->end += size;
	if (b->records % TREE_BLOCK_SIZE == 0)
		memcpy(b->rows[b->n - 1].root, tree->block, HASH_SIZE);
	return 0;
}

void blocks_time(struct Blocks *b, int64_t time)
{
	struct Block *last = &b->rows[b->n - 1];

	last->earliest = MIN(last->earliest, time);
	last->latest = MAX(last->latest, time);
}

int blocks_close(struct Blocks *b, const struct Tree *tree, struct Crypto *c)
{
	/* a tree's last leaves are a tree of their own */
	struct Tree last = *tree;

	last.size %= TREE_BLOCK_SIZE;
	return last.size ? tree_root(&last, c, b->rows[b->n - 1].root) : 0;
}

/* ------------------------------------------------------------------ one block */

void block_lines_done(struct BlockLines *l)
{
	free(l->bytes);
	*l = (struct BlockLines)BLOCK_LINES_NULL;
}

static int bytes_read(struct BlockLines *l, int fd, uint64_t from, uint64_t to)
{
	size_t n = (size_t)(to - from), have = 0;

	if (!n || n > BLOCK_MOST)
		return -EBADMSG;
	if (n > l->room) {
		char *bytes = realloc(l->bytes, n);

		if (!bytes)
			return -ENOMEM;
		l->bytes = bytes;
		l->room = n;
	}
	while (have < n) {
		ssize_t k = pread(fd, l->bytes + have, n - have, (off_t)(from + have));

		if (k < 0 && errno != EINTR)
			return -errno;
		if (k == 0)
			return -EBADMSG;
		have += (size_t)MAX(k, 0);
	}
	l->n = n;
	return 0;
}

/* Finds the lines and their leaves, and adds them up. */
static int lines_hash(struct BlockLines *l, struct Crypto *c, struct Tree *tree)
{
	const char *at = l->bytes, *end = l->bytes + l->n;

	for (l->lines = 0; at < end; l->lines++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		int r;

		if (!newline || l->lines == TREE_BLOCK_SIZE)
			return -EBADMSG;
		l->ends[l->lines] = (uint32_t)(newline - l->bytes);
		r = crypto_leaf(c, at, (size_t)(newline - at), l->leaves[l->lines]);
		if (r >= 0)
			r = tree_add(tree, c, l->leaves[l->lines]);
		if (r < 0)
			return r;
		at = newline + 1;
	}
	return 0;
}

int block_lines_load(struct BlockLines *l, const struct Blocks *b, size_t block, int fd, struct Crypto *c)
{
	const struct Block *row = &b->rows[block];
	struct Tree tree = TREE_NULL;
	uint8_t root[HASH_SIZE];
	int r;

	if (l->block == block)
		return 0;
	l->block = SIZE_MAX;
	r = bytes_read(l, fd, row->offset, block + 1 < b->n ? row[1].offset : b->end);
	if (r >= 0)
		r = lines_hash(l, c, &tree);
	if (r >= 0)
		r = tree_root(&tree, c, root);
	if (r < 0)
		return r;
	if (memcmp(root, row->root, HASH_SIZE))
		return -EBADMSG;
	l->block = block;
	return 0;
}

const char *block_line(const struct BlockLines *l, size_t i, size_t *ret_size)
{
	size_t start = i ? l->ends[i - 1] + 1 : 0;

	*ret_size = l->ends[i] - start;
	return l->bytes + start;
}

/* ------------------------------------------------------------------ a path */

struct Walk {
	const struct Blocks *blocks;
	const struct BlockLines *lines;
	struct Crypto *crypto;
};

static uint64_t half(uint64_t n)
{
	/* the largest power of two below n, n > 1 */
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* Root of the leaves from..to-1, as RFC 6962 cuts them: never across a block's border but at one. */
static int range_root(const struct Walk *w, uint64_t from, uint64_t to, uint8_t ret[static HASH_SIZE])
{
	uint8_t left[HASH_SIZE], right[HASH_SIZE];
	size_t block = (size_t)(from / TREE_BLOCK_SIZE);
	uint64_t middle;
	int r;

	if (block == w->lines->block && to - from == 1) {
		memcpy(ret, w->lines->leaves[from % TREE_BLOCK_SIZE], HASH_SIZE);
		return 0;
	}
	if (block != w->lines->block && to - from <= TREE_BLOCK_SIZE) {
		memcpy(ret, w->blocks->rows[block].root, HASH_SIZE);
		return 0;
	}
	middle = from + half(to - from);
	r = range_root(w, from, middle, left);
	if (r >= 0)
		r = range_root(w, middle, to, right);
	return r < 0 ? r : crypto_node(w->crypto, left, right, ret);
}

int blocks_path(const struct Blocks *b, const struct BlockLines *l, uint64_t n, struct Crypto *c,
        uint8_t ret[static 64][HASH_SIZE])
{
	const struct Walk w = {b, l, c};
	uint64_t from = 0, to = b->records;
	uint8_t down[64][HASH_SIZE];
	int depth = 0;

	/* from the root down, so the last that is found comes first */
	while (to - from > 1) {
		uint64_t middle = from + half(to - from);
		bool is_left = n < middle;
		int r = is_left ? range_root(&w, middle, to, down[depth])
		                : range_root(&w, from, middle, down[depth]);

		if (r < 0)
			return r;
		depth++;
		from = is_left ? from : middle;
		to = is_left ? middle : to;
	}
	for (int i = 0; i < depth; i++)
		memcpy(ret[i], down[depth - 1 - i], HASH_SIZE);
	return depth;
}
