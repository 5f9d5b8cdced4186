/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* C2SP tlog-proof@v1 with a record's line as its extra data, as text. */
#include "crypto.h"
#include "mediagate/ledger.h"

#include <sys/types.h>

struct ProofParts {
	struct LedgerSlice line;
	uint64_t index;
	const uint8_t (*hashes)[HASH_SIZE]; /* the leaf's sibling first */
	size_t n_hashes;
	struct LedgerSlice checkpoint; /* the whole note */
};

/* Its size without the NUL that closes it, or -E2BIG. */
ssize_t proof_format(const struct ProofParts *p, char *ret, size_t size);
