/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The public reader by a folder's index (docs/cache.md): what ledger.h does not promise. */
#include "mediagate/ledger.h"

/* In place of ledger_reader_verify: true when the index may be believed, and the report is as that would have
   it of a ledger that nobody altered. Lines behind the index are verified, those before it each when it is
   read. False: no index of this ledger; nothing has happened. */
bool reader_begin(struct LedgerReader *r, int index, struct LedgerReport *ret);

/* The records that may have a time from..until (milliseconds), as far as the index tells: the first at or
   behind n; UINT64_MAX: none below the checkpoint. */
uint64_t reader_within(const struct LedgerReader *r, uint64_t n, int64_t from, int64_t until);
/* Bytes of the lines that the checkpoint covers. */
uint64_t reader_covered_bytes(const struct LedgerReader *r);
