/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Which of two slots counts, and what it means when none does (pure).
 *
 * Acceptable is the label of the last outcome or, while an intent lacks its outcome, that intent's: the very
 * bytes whose digest the ledger holds, in the slot of their counter. Everything else is a reason to refuse.
 */
#include "label.h"
#include "std.h"

struct LabelExpected {
	const char *number, *registration;
	const uint8_t *identity;
	uint64_t counter; /* of the last outcome; 0: the medium has no label */
	const uint8_t *sha256;
	uint64_t intent_counter; /* of the intent without outcome; 0: none */
	const uint8_t *intent_sha256;
};

enum LabelOutcome {
	LABEL_CURRENT, /* the last outcome's */
	LABEL_INTENT,  /* the intent's: it did get written */
	LABEL_MISSING, /* no slot holds a label */
	LABEL_ALTERED, /* a label, but not as it was written */
	LABEL_OLDER,   /* whole, of this medium, and superseded: a clone, or an image put back */
	LABEL_AHEAD,   /* whole, of this medium, newer than the ledger knows */
	LABEL_OTHER,   /* whole, of another medium or another registration */
	_LABEL_OUTCOME_N,
};

struct LabelChoice {
	uint8_t outcome; /* enum LabelOutcome */
	uint8_t slot;	 /* CURRENT, INTENT: which one; OLDER, AHEAD, OTHER: the one that says so */
	bool torn;	 /* CURRENT, INTENT: the other slot is not what it should be */
	uint64_t found;	 /* counter in that slot */
};

void label_choose(const struct LabelSeen seen[static LABEL_SLOTS], const struct LabelExpected *e,
	struct LabelChoice *ret);

static inline unsigned int label_slot(uint64_t counter)
{
	return (unsigned int)(counter % LABEL_SLOTS);
}
