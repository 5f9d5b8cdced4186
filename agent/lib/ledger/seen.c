/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint that somebody kept: as the note itself, or as people copy it from paper. */
#include "mediagate/ledger.h"
#include "note.h"
#include "str.h"

#include <inttypes.h>
#include <stdio.h>

#define LETTERS 52 /* of 5 bits: 32 bytes and 4 bits that are zero */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void ledger_paper_write(uint64_t size, const uint8_t root[32], char ret[LEDGER_PAPER_MOST])
{
	size_t n = (size_t)snprintf(ret, LEDGER_PAPER_MOST, "%" PRIu64, size);

	for (unsigned int i = 0; i < LETTERS; i++) {
		unsigned int bit = i * 5, at = bit / 8;
		unsigned int two = (unsigned int)root[at] << 8 | (at + 1 < HASH_SIZE ? root[at + 1] : 0U);

		if (i % 4 == 0)
			ret[n++] = ' ';
		ret[n++] = alphabet[two >> (11 - bit % 8) & 31];
	}
	ret[n] = '\0';
}

static int letter_value(char c)
{
	const char *found;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	found = c ? strchr(alphabet, c) : NULL;
	return found ? (int)(found - alphabet) : -1;
}

static bool is_gap(char c)
{
	return c == ' ' || c == '-' || c == '\n' || c == '\t' || c == '\r';
}

/* The letters, bits written from the left; gaps anywhere. */
static bool root_read(const char *at, const char *end, uint8_t ret[static HASH_SIZE])
{
	unsigned int bits = 0;

	memset(ret, 0, HASH_SIZE);
	for (; at < end; at++) {
		int value = letter_value(*at);

		if (is_gap(*at))
			continue;
		if (value < 0 || bits == LETTERS * 5)
			return false;
		for (int k = 4; k >= 0; k--, bits++) {
			bool one = value >> k & 1;

			if (one && bits >= HASH_SIZE * 8)
				return false;
			if (one)
				ret[bits / 8] |= (uint8_t)(0x80 >> bits % 8);
		}
	}
	return bits == LETTERS * 5;
}

static bool paper_read(const char *text, size_t size, struct LedgerSeen *ret)
{
	const char *at = text, *end = text + size, *digits;

	while (at < end && is_gap(*at))
		at++;
	for (digits = at; at < end && *at >= '0' && *at <= '9'; at++)
		;
	/* no gap behind it: whose digits would be the root's? */
	if (at == digits || at - digits > 19 || at == end || !is_gap(*at))
		return false;
	return !ledger_number((struct LedgerSlice){digits, (size_t)(at - digits)}, &ret->size) &&
	       root_read(at, end, ret->root);
}

int ledger_seen_read(const char *text, size_t size, struct LedgerSeen *ret)
{
	struct LedgerSeen seen = {};
	struct Checkpoint c;
	size_t n;

	if (paper_read(text, size, &seen)) {
		*ret = seen;
		return 0;
	}
	if (note_split(text, size, &n) || checkpoint_parse(text, n, &c) < 0)
		return -EINVAL;
	STR_CUT(seen.origin, c.origin);
	seen.size = c.size;
	memcpy(seen.root, c.root, HASH_SIZE);
	*ret = seen;
	return 0;
}
