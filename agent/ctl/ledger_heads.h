/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* heads/<year>.note: the last checkpoints of a terminal's years, which outlast the years themselves. */
#include "ledger_files.h"

struct HeadsCopy {
	const char *folder, *year; /* the year's folder, beside which heads lies, and its name */
	const struct LedgerFiles *files;
	bool own; /* of this machine: what a console signed goes with them */
};

/* To below the terminal's folder `to`: 0; -EBADMSG: the year's own head is not its checkpoint; -ESTALE: there
   is another one of that year; -errno. */
_must_check_ int ledger_heads_copy(const struct HeadsCopy *c, int to);
