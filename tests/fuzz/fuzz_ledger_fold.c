/* SPDX-License-Identifier: Apache-2.0 */
/* State from lines: whatever the reader lets through adds up to rows whose texts are closed. */
#include "fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLOSED(text)                                     \
	do                                               \
		if (!memchr((text), '\0', sizeof(text))) \
			abort();                         \
	while (0)

static void check(const struct Fold *f)
{
	for (size_t i = 0; i < f->n_media; i++) {
		CLOSED(f->media[i].number);
		CLOSED(f->media[i].supervisor);
	}
	for (size_t i = 0; i < f->n_checkouts; i++) {
		CLOSED(f->checkouts[i].id);
		CLOSED(f->checkouts[i].medium);
		CLOSED(f->checkouts[i].clerk);
		CLOSED(f->checkouts[i].destination);
		CLOSED(f->checkouts[i].terminals);
		if (f->checkouts[i].state >= _CHECKOUT_STATE_N || !*f->checkouts[i].clerk)
			abort();
	}
	for (size_t i = 0; i < f->n_pending; i++) {
		CLOSED(f->pending[i].medium);
		CLOSED(f->pending[i].copy);
	}
	if (f->next_checkout == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(fold_done) struct Fold fold = {.terminal = "T-01", .fiscal_year = 2026, .next_checkout = 1};
	const char *at = (const char *)data, *end = at + size;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t n = newline ? (size_t)(newline - at) : (size_t)(end - at);
		struct LedgerEntry e;

		if (!ledger_entry_read(at, n, &e)) {
			struct View v;

			view_make(&e, &v);
			if (fold_record(&fold, &v) < 0)
				abort();
		}
		at += n + 1;
	}
	check(&fold);
	return 0;
}
