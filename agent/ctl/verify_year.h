/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What a year's ledger rests on: the year before, or what is left of it. */
#include "cosigned.h"
#include "json.h"
#include "ledger_files.h"
#include "limits.h"

enum Follows {
	FOLLOWS_FIRST, /* its own key: there was none before */
	FOLLOWS_ALONE, /* its own key: nothing of the year before is here */
	FOLLOWS_YES,
	FOLLOWS_NO,
	FOLLOWS_HEAD, /* the last checkpoint of the year before is the one that it names; who signed that is
	                 not known */
	FOLLOWS_DROPPED, /* and the key that signed it is on record in a later year, with who dropped the one
	                    before */
};

struct YearBefore {
	enum Follows follows;
	char origin[LIMIT_VKEY]; /* of the year before */
	uint64_t size;           /* HEAD, DROPPED: of its last checkpoint */
	uint8_t root[32];
	char vkey[LIMIT_VKEY]; /* DROPPED: the key on record */
	char asked_by[LIMIT_LOGIN], confirmed_by[LIMIT_LOGIN];
	uint64_t record;          /* in which it was confirmed … */
	char year[LIMIT_YEAR];    /* … of this year */
	bool asked;               /* for cosignatures by a key that was given */
	struct Cosigned cosigned; /* HEAD, DROPPED: who else saw the last checkpoint */
};

struct YearAsk {
	const char *folder; /* the ledger's, … */
	const struct LedgerFiles *files;
	const struct LedgerReport *report; /* … verified */
	const struct LedgerReport *before; /* of the one that was verified just before it, or NULL */
	const char *console;               /* its key, or NULL */
	bool own;                          /* of this machine: receipts are here, too */
};
void verify_year(const struct YearAsk *ask, struct YearBefore *ret);

void verify_year_json(struct Json *j, const struct YearBefore *y);
void verify_year_people(const struct YearBefore *y);
