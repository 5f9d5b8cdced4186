/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The rows that the ledger's history adds up to: what ledger sends core at start, what core keeps.
 * Times are milliseconds since 1970 UTC. Texts are UTF-8 and closed by NUL.
 */
#include "limits.h"

#include <stdint.h>

#define DIGEST_SIZE 32

struct MediumRow {
	char number[LIMIT_NUMBER];
	char supervisor[LIMIT_LOGIN]; /* who answers for it */
	uint8_t identity[DIGEST_SIZE];
	uint64_t size; /* bytes */
	uint8_t revoked;
	/* its label: the last outcome's, and that of an intent without outcome */
	char registration[LIMIT_ID]; /* empty: registered before there were labels */
	uint64_t counter;	     /* 0: no label yet */
	uint8_t label[DIGEST_SIZE];  /* SHA-256 of the slot's bytes */
	uint64_t intent;	     /* its record; 0: none */
	uint64_t intent_counter;
	uint8_t intent_label[DIGEST_SIZE];
};

enum CheckoutState {
	CHECKOUT_OPEN,
	CHECKOUT_OVERDUE, /* no longer usable; ends by return */
	_CHECKOUT_STATE_N,
};

struct CheckoutRow {
	char id[LIMIT_ID];
	char medium[LIMIT_NUMBER];
	char clerk[LIMIT_LOGIN];
	char supervisor[LIMIT_LOGIN]; /* who lent it */
	char purpose[LIMIT_CODE];
	char ground[LIMIT_CODE];
	char destination[LIMIT_TEXT];
	char terminals[LIMIT_TERMINALS]; /* empty: this one only */
	int64_t from, until;
	uint8_t state;
	uint8_t carry_out, locked_carrier;
};

/* An intent without its outcome: the agent ended in between. Core records the outcome. */
struct PendingRow {
	uint64_t n;
	uint8_t kind; /* enum RecordKind */
	char medium[LIMIT_NUMBER];
	char checkout[LIMIT_ID];
	char copy[LIMIT_ID];
	char actor[LIMIT_LOGIN];
	uint32_t year; /* of a drop: the year that goes; 0: none */
};

/* Closes the rows; nothing opens before it. */
struct StateEnd {
	uint64_t n;		/* records in the ledger */
	uint64_t n_rows;	/* rows sent before this one */
	int64_t last_time;	/* of the last record */
	uint32_t next_checkout; /* the next checkout's running number in this fiscal year */
	uint32_t fiscal_year;
	char terminal[LIMIT_CODE];
	char domain[LIMIT_DOMAIN];
	char label_vkey[LIMIT_VKEY]; /* of this terminal's own copies: honoured without being named */
};
