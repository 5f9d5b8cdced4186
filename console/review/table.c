/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#define FEWEST 256 /* places; a power of two */

void table_done(struct ReviewTable *t)
{
	free(t->items);
	free(t->places);
	*t = (struct ReviewTable){.item = t->item};
}

void table_empty(struct ReviewTable *t)
{
	t->n = 0;
	if (t->places)
		memset(t->places, 0, t->n_places * sizeof(*t->places));
}

void *table_at(const struct ReviewTable *t, size_t i)
{
	return t->items + i * t->item;
}

/* Each number stirs all bits: ids are small and follow one another. */
static uint64_t stir(uint64_t h, int64_t number)
{
	h = (h ^ (uint64_t)number) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/* Where the key's place is, or the free one at which it would stand. */
static uint32_t *place(const struct ReviewTable *t, const struct ReviewKey *key)
{
	size_t at = (size_t)stir(stir(stir(1, key->rule), key->subject), key->thing) & (t->n_places - 1);

	while (t->places[at] && memcmp(table_at(t, t->places[at] - 1), key, sizeof(*key)))
		at = (at + 1) & (t->n_places - 1);
	return &t->places[at];
}

/* Twice the places; half of them stay free, so that every search ends soon. */
static bool grow(struct ReviewTable *t)
{
	size_t n = t->n_places ? t->n_places * 2 : FEWEST;
	uint8_t *items = reallocarray(t->items, n / 2, t->item);
	uint32_t *places;

	if (!items)
		return false;
	t->items = items;
	places = calloc(n, sizeof(*places));
	if (!places)
		return false;
	free(t->places);
	t->places = places;
	t->n_places = n;
	t->room = n / 2;
	for (size_t i = 0; i < t->n; i++)
		*place(t, table_at(t, i)) = (uint32_t)i + 1;
	return true;
}

void *table_find(const struct ReviewTable *t, const struct ReviewKey *key)
{
	uint32_t at = t->n ? *place(t, key) : 0;

	return at ? table_at(t, at - 1) : NULL;
}

void *table_make(struct ReviewTable *t, const struct ReviewKey *key)
{
	void *item = table_find(t, key);

	if (item)
		return item;
	if (t->n == t->room && !grow(t))
		return NULL;
	item = table_at(t, t->n);
	memset(item, 0, t->item);
	memcpy(item, key, sizeof(*key));
	*place(t, key) = (uint32_t)++t->n;
	return item;
}
