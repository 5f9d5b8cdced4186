/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Whether a copy's note is signed by a key that one honours. A box of its own: it stands between the ledger's
   library and the container's, whose headers share names. */
#include "settings.h"
#include "std.h"

/* 0: one of the keys signed it, *ret_key says which; FAULT_DAMAGED: none did, or one that should have did
   not verify; FAULT_BAD_CONFIG: row *ret_key is no key; -errno. */
int signer_check(const struct IssuerRow *keys, size_t n_keys, const char *note, size_t size, size_t *ret_key);
