/* SPDX-License-Identifier: Apache-2.0 */
#include "rate.h"

#define RATE_WAYS 8 /* rows in which an address may stand */

int rate_open(struct Rate *ret, size_t n, uint32_t per_second, uint32_t burst)
{
	struct RateRow *rows = calloc(n, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	*ret = (struct Rate){.per_second = per_second, .burst = burst, .n = n, .rows = rows};
	return 0;
}

void rate_close(struct Rate *r)
{
	free(r->rows);
	*r = (struct Rate){};
}

/* FNV-1a; never 0, which is an empty row. */
static uint64_t address_key(const char *address)
{
	uint64_t key = UINT64_C(0xcbf29ce484222325);

	for (; *address; address++)
		key = (key ^ (uint8_t)*address) * UINT64_C(0x100000001b3);
	return key | 1;
}

static struct RateRow *row_find(struct Rate *r, uint64_t key, int64_t now)
{
	struct RateRow *oldest = NULL;

	for (size_t i = 0; i < RATE_WAYS; i++) {
		struct RateRow *row = &r->rows[(key / 2 + i) % r->n];

		if (row->key == key)
			return row;
		if (!oldest || row->at < oldest->at)
			oldest = row;
	}
	*oldest = (struct RateRow){.key = key, .at = now, .level = r->burst * 1000};
	return oldest;
}

bool rate_take(struct Rate *r, const char *address, int64_t now)
{
	struct RateRow *row = row_find(r, address_key(address), now);
	int64_t passed = MIN(MAX(now - row->at, 0), 3600000);
	uint64_t level = row->level + (uint64_t)passed * r->per_second;

	row->at = now;
	row->level = (uint32_t)MIN(level, (uint64_t)r->burst * 1000);
	if (row->level < 1000)
		return false;
	row->level -= 1000;
	return true;
}
