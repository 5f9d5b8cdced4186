/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* heads/<year>.note: the last checkpoints of a terminal's years, which outlast the years themselves. */
#include "ledger_files.h"

/* Beside the year's folder `from` to below the terminal's folder `to`: 0; -EBADMSG: the year's own head is
   not its checkpoint; -ESTALE: there is another one of that year; -errno. */
_must_check_ int ledger_heads_copy(
        const char *from, const char *year, const struct LedgerFiles *files, int to);
