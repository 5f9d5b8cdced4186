/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The ledger of a new fiscal year. It begins at 00:00 of 1 April when nothing is pending, or at the first start afterwards, in this order, each step
 *durable before the next:
 *
 *	1  the new key			as ledger.key.next
 *	2  heads/<old year>.note	the old year's last checkpoint
 *	3  <new year>.new/		vkey; record 0 with that checkpoint and the old key's certificate for
 *the new one; a `carry` record for each medium, checkout and pending intent; a checkpoint 4  <new year>/
 *the folder gets its name: from here on it is the ledger 5  the old key			overwritten;
 *ledger.key.next becomes ledger.key
 *
 * What is cut short before 4 is begun anew; after it rotate_resume finishes 5, for the last key of the new
 *year is ledger.key.next.
 */
#include "enrolment.h"
#include "fold.h"
#include "store.h"

#define YEAR_HEADS "heads" /* the last checkpoints of all years */

struct YearTurn {
	struct Store *old; /* all of it under its checkpoint */
	const struct Fold *state;
	const struct Enrolment *enrolment;
	int terminal_dir;
	uint32_t year; /* that begins */
};

/* 0: the old folder is history; its store is still open. STORE_FULL: no room, the old year goes on. -errno.
 */
_must_check_ int year_turn(const struct YearTurn *t);

/* The newest year below the terminal's folder that is not before `first`: 0 or -errno. */
_must_check_ int year_newest(int terminal_dir, uint32_t first, uint32_t *ret);
