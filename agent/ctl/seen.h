/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* --seen: what somebody kept of a ledger's earlier state, as a note's file, a copy of the folder, or from
 * paper. */
#include "ledger_source.h"
#include "options.h"

struct SeenList {
	struct LedgerSeen items[OPTION_LIST_MOST];
	const char *folders[OPTION_LIST_MOST]; /* copies among them */
	size_t n;
};

/* EXIT_OK, or the exit status after what is wrong was said. */
_must_check_ int seen_read(const struct OptionList *list, struct SeenList *ret);

/* After a FORK: the first record in which the ledger differs from one of the copies. False: no copy tells. */
_must_check_ bool seen_difference(const struct SeenList *seen, int records, uint64_t *ret_n);
