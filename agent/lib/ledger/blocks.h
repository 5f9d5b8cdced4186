/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is kept of a verified ledger: for every 256 records where they begin and the root of their leaves. The
 * last block may hold fewer. From these any record can be read and checked, and any proof be made, without
 * the rest of the file: 56 bytes for 256 records.
 */
#include "tree.h"

struct Block {
	uint64_t offset; /* of its first line */
	uint8_t root[HASH_SIZE];
	int64_t earliest, latest; /* times of its records, where somebody wants them: blocks_time */
};

struct Blocks {
	struct Block *rows;
	size_t n, room;
	uint64_t records; /* of all blocks */
	uint64_t end;     /* bytes of their lines */
};

void blocks_done(struct Blocks *b);

/* After `tree` took in a leaf of a line that takes `size` bytes with its newline: 0 or -ENOMEM. */
int blocks_add(struct Blocks *b, const struct Tree *tree, uint64_t size);

/* The time of the record that was added last, in milliseconds. */
void blocks_time(struct Blocks *b, int64_t time);

/* After the last leaf: the root of a last block that is not full. */
int blocks_close(struct Blocks *b, const struct Tree *tree, struct Crypto *c);

/* One block's lines, read and compared with its root. */
struct BlockLines {
	char *bytes; /* whole lines; one byte more in front of them */
	size_t n, room;
	size_t block; /* which; SIZE_MAX: none */
	size_t lines;
	uint32_t ends[TREE_BLOCK_SIZE]; /* offsets of their newlines */
	uint8_t leaves[TREE_BLOCK_SIZE][HASH_SIZE];
};

#define BLOCK_LINES_NULL          \
	{                         \
		.block = SIZE_MAX \
	}
void block_lines_done(struct BlockLines *l);

/* 0; -EBADMSG: the file is not what the blocks were made of; -errno. */
int block_lines_load(struct BlockLines *l, const struct Blocks *b, size_t block, int fd, struct Crypto *c);
/* The i-th line, without its newline. */
const char *block_line(const struct BlockLines *l, size_t i, size_t *ret_size);

/* The hashes that lead from record n to the root over all blocks, the leaf's sibling first: at most 64. */
int blocks_path(const struct Blocks *b, const struct BlockLines *l, uint64_t n, struct Crypto *c,
        uint8_t ret[static 64][HASH_SIZE]);
