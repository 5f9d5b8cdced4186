/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_id.h"

#include "crypto.h"
#include "hex.h"

int journal_id(struct LedgerSlice kind, char ret[static JOURNAL_ID])
{
	static const char head[] = "mediagate/journal/v1\n";
	const struct Bytes pieces[] = {{head, sizeof(head) - 1}, {kind.text, kind.size}, {"\n", 1}};
	_cleanup_(crypto_freep) struct Crypto *c = NULL;
	uint8_t hash[HASH_SIZE];
	int r = crypto_new(&c);

	if (r >= 0)
		r = crypto_hash(c, pieces, ARRAY_SIZE(pieces), hash);
	if (r < 0)
		return r;
	hash[6] = (uint8_t)((hash[6] & 0x0f) | 0x40);
	hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
	hex_encode(hash, 16, ret);
	return 0;
}
