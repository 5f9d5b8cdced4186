/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The label of a medium: where it stands, what it says, what a look at it gave. docs/label.md has the
 * bytes; agent/lib/label turns them into these structures and back.
 */
#include "limits.h"
#include "state.h"

#include <stdint.h>

#define LABEL_SIZE   4096
#define LABEL_OFFSET 524288 /* of slot 0; slot 1 follows at once */
#define LABEL_SLOTS  2
#define LABEL_END    (LABEL_OFFSET + LABEL_SLOTS * LABEL_SIZE)

/* Ids, codes and limits of the loan in force; checkout empty: none. */
struct LabelLoan {
	char checkout[LIMIT_ID];
	char clerk[LIMIT_LOGIN];
	char purpose[LIMIT_CODE];
	char ground[LIMIT_CODE];
	char terminals[LIMIT_TERMINALS];
	uint64_t from, until; /* milliseconds since 1970 UTC */
	uint8_t carry_out;
};

enum LabelState {
	LABEL_STATE_EMPTY,     /* no label stands there */
	LABEL_STATE_MALFORMED, /* one that is not of the form */
	LABEL_STATE_STRANGER,  /* of the form, signed by a key that is not this terminal's */
	LABEL_STATE_FORGED,    /* names this terminal's key, which has not signed it */
	LABEL_STATE_VALID,
	LABEL_STATE_ISSUED,    /* whole, by another terminal, whose key `issuers` names */
	_LABEL_STATE_N,
};

/* One slot, after a look at it. What follows the state is only filled in for VALID and ISSUED. */
struct LabelSeen {
	uint8_t state; /* enum LabelState */
	uint64_t counter;
	uint8_t sha256[DIGEST_SIZE]; /* of the slot's bytes */
	uint8_t identity[DIGEST_SIZE];
	char number[LIMIT_NUMBER];
	char registration[LIMIT_ID];
	char checkout[LIMIT_ID]; /* of its loan, empty: none */
	char terminal[LIMIT_CODE]; /* that issued it */
};
