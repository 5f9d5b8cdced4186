/* SPDX-License-Identifier: Apache-2.0 */
#include "signer.h"

#include "fault.h"
#include "note.h"

int signer_check(const struct IssuerRow *keys, size_t n_keys, const char *note, size_t size, size_t *ret_key)
{
	_cleanup_(crypto_freep) struct Crypto *crypto = NULL;
	_cleanup_free_ struct Vkey *vkeys = calloc(MAX(n_keys, 1u), sizeof(*vkeys));
	size_t text;
	int r;

	if (!vkeys)
		return -ENOMEM;
	r = crypto_new(&crypto);
	for (size_t i = 0; !r && i < n_keys; i++) {
		r = vkey_parse(crypto, keys[i].vkey, strlen(keys[i].vkey), &vkeys[i]);
		if (r) {
			*ret_key = i;
			return FAULT_BAD_CONFIG;
		}
	}
	if (!r)
		r = note_verify(note, size, vkeys, n_keys, &text, ret_key);
	return r > 0 ? FAULT_DAMAGED : r;
}
