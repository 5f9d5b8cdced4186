/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Which of two slots counts, and what it means when none does (pure).
 *
 * Acceptable is the label of the last outcome or, while an intent lacks its outcome, that intent's: the very
 * bytes whose digest the ledger holds, in the slot of their counter. And a later label of this medium that
 * another terminal has issued, one that the policy names: it is taken over. Everything else is a reason to
 * refuse.
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
	LABEL_TAKEN,   /* a later one, by a terminal that the policy names; the last that is acceptable */
	LABEL_MISSING, /* no slot holds a label */
	LABEL_ALTERED, /* a label, but not as it was written */
	LABEL_OLDER,   /* whole, of this medium, and superseded: a clone, or an image put back */
	LABEL_AHEAD,   /* whole, of this medium, newer than the ledger knows */
	LABEL_OTHER,   /* whole, of another medium or another registration */
	_LABEL_OUTCOME_N,
};

struct LabelChoice {
	uint8_t outcome; /* enum LabelOutcome */
	uint8_t slot;	 /* of an acceptable one: which; OLDER, AHEAD, OTHER: the one that says so */
	bool torn;	 /* an acceptable one: the other slot is not what it should be */
	bool intent;	 /* an acceptable one: the intent's label stands there, here or beside it */
	uint64_t found;	 /* counter in that slot */
};

void label_choose(const struct LabelSeen seen[static LABEL_SLOTS], const struct LabelExpected *e,
	struct LabelChoice *ret);

/* A registration's name begins with the terminal that made it: printf's form, of the terminal and 12 letters. */
#define LABEL_REGISTRATION "%.24s-R%s"

static inline unsigned int label_slot(uint64_t counter)
{
	return (unsigned int)(counter % LABEL_SLOTS);
}
