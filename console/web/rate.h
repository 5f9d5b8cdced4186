/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* How often an address may ask: a bucket each, that fills with time. The table is fixed: the address that has
   been silent longest gives way. */
#include "std.h"

struct RateRow {
	uint64_t key;
	int64_t at;     /* milliseconds, of the last request */
	uint32_t level; /* thousandths of a request that are left */
};

struct Rate {
	uint32_t per_second, burst;
	size_t n;
	struct RateRow *rows;
};

int rate_open(struct Rate *ret, size_t n, uint32_t per_second, uint32_t burst);
void rate_close(struct Rate *r);

/* Whether `address` may ask now. */
bool rate_take(struct Rate *r, const char *address, int64_t now);
