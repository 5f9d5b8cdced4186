/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What verified records come to, in a few lines: from here on only the lines that follow need be read. The
 * roots of the tree's complete subtrees stand for the leaves (at most 36 of them in a ledger of 2^36
 * records). Nobody signs it: it is for who keeps it where only he writes, and compares its root with what he
 * knows.
 */
#include "limits.h"
#include "tree.h"

#define STATE_MOST 8192 /* bytes of the text with its NUL */

struct LedgerState {
	struct Tree tree;                 /* `block` is not kept */
	uint64_t bytes;                   /* of the records' lines */
	uint64_t last_key, keys, earlier; /* as in struct LedgerReport, and the next two */
	char first_time[32], last_time[32];
	char vkey[LIMIT_VKEY]; /* in force behind the records */
};

/* The text's length without NUL, or -E2BIG. */
ssize_t state_write(const struct LedgerState *s, char *ret, size_t size);
/* 0 or -EBADMSG. */
int state_read(const char *text, size_t n, struct LedgerState *ret);
