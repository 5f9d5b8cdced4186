/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Items of one size found by their key, which is their first member. Pure. They stay in the order in which
 * they came. */
#include "std.h"

struct ReviewKey {
	int64_t rule, subject, thing;
};

struct ReviewTable {
	size_t item, n, room, n_places;
	uint8_t *items;
	uint32_t *places; /* 0: free; the item's place + 1 */
};

#define REVIEW_TABLE(type) ((struct ReviewTable){.item = sizeof(type)})

void table_done(struct ReviewTable *t);
/* All items go, the room stays. */
void table_empty(struct ReviewTable *t);
/* NULL: no such item. Good until the next table_make. */
void *table_find(const struct ReviewTable *t, const struct ReviewKey *key);
/* The item, a new one all zero but its key; NULL: no memory. */
void *table_make(struct ReviewTable *t, const struct ReviewKey *key);
void *table_at(const struct ReviewTable *t, size_t i);
