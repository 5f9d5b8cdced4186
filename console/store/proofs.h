/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The console's own copies of the ledgers: one record's line, and its proof. */
#include "std.h"

struct Proofs;

/* The folder `ledgers` below `data`; it may come later. */
int proofs_new(int data, struct Proofs **ret);
void proofs_freep(struct Proofs **p);

/* The bytes of a line, closed by NUL: 0, -ENOENT, -errno. */
int proofs_line(struct Proofs *p, int64_t ledger, uint64_t place, size_t size, char *ret, size_t ret_size);

/* 0; -ENOENT: no such record, or the copy does not verify any more; -errno. */
int proofs_make(struct Proofs *p, int64_t ledger, uint64_t n, char *ret, size_t size);
