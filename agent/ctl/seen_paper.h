/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* --seen from paper: its groups as the words they are, and whether it was only mistyped. */
#include "seen.h"

/* `--seen 11 FGD6 …` leaves the letters among the other words: joins them to the option that is a bare
   number. *words then holds what is left. EXIT_OK, or the exit status after what is wrong was said; *ret_text
   (to be freed) is what the option points to. */
_must_check_ int seen_paper_join(struct OptionList *list, int *n, char **words, char **ret_text);

/* What somebody typed is so near to what this ledger has that a hand slipped: no other ledger is. */
struct SeenSlip {
	size_t item;         /* of the list */
	unsigned int places; /* letters that differ; 0: the number does */
	unsigned int group;  /* of the first of them, from 1 */
	uint64_t number;     /* what the number must be, where it differs */
};
/* Whether one of them is. Its records are read again for it. */
_must_check_ bool seen_slip_find(const struct SeenList *seen, int records, struct SeenSlip *ret);
