/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The register of media and the checkouts in force: rebuilt from the ledger at start, kept in step. */
#include "state.h"
#include "std.h"

struct Loans {
	struct MediumRow *media;
	size_t n_media, media_room;
	struct CheckoutRow *checkouts;
	size_t n_checkouts, checkouts_room;
};

void loans_clear(struct Loans *l);

/* Adds, or replaces the row of the same number (id). -ENOSPC beyond the caps. */
int loans_add_medium(struct Loans *l, const struct MediumRow *m);
int loans_add_checkout(struct Loans *l, const struct CheckoutRow *c);
void loans_remove_checkout(struct Loans *l, const char *id);

const struct MediumRow *loans_medium(const struct Loans *l, const char *number);
struct MediumRow *loans_medium_row(struct Loans *l, const char *number);
const struct MediumRow *loans_medium_of(const struct Loans *l, const uint8_t identity[static DIGEST_SIZE]);
/* Of this medium, open or overdue: at most one. */
struct CheckoutRow *loans_checkout(const struct Loans *l, const char *medium);

/* The earliest end of an open checkout; INT64_MAX: none. */
int64_t loans_next_end(const struct Loans *l);
