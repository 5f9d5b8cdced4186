/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A record in systemd's Journal Export Format, as systemd-journal-remote reads it: docs/ledger.md,
 * section 12. The message id is of the record's kind, so that a catalog can explain it.
 */
#include "mediagate/ledger.h"
#include "std.h"

#include <stdio.h>

/* One entry. `origin` is empty where the ledger is not known. 0 or -errno. */
_must_check_ int record_journal_write(FILE *out, const char *origin, const struct LedgerEntry *e);
