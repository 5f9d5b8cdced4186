/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The message id of records of a kind. A box of its own: it hashes with the ledger's door, not with the
 * container's. */
#include "mediagate/ledger.h"
#include "std.h"

#define JOURNAL_ID 33

/* The first 16 bytes of SHA-256("mediagate/journal/v1 LF kind LF"), marked as a random UUID, in hex. 0 or
 * -errno. */
_must_check_ int journal_id(struct LedgerSlice kind, char ret[static JOURNAL_ID]);
