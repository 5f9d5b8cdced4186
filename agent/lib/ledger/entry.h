/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The reader of one line behind ledger_entry_read, for who has many. */
#include "mediagate/ledger.h"

/* Bytes from line + size up to `readable` may be looked at; the first of them is a newline.
   LEDGER_E_NONE and *ret, or what is wrong. */
enum LedgerError entry_read(const char *line, size_t size, const char *readable, struct LedgerEntry *ret);
