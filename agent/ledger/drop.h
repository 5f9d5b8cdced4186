/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A year's ledger goes when its retention has passed. Core has seen to who asks and when; the running year's
 * ledger has it on record. In this order, each step durable before the next:
 *
 *	1  the intent			names the year's last checkpoint and the key that signed it
 *	2  <year>/ becomes .<year>.drop/	from here on the year is gone
 *	3  its files, then the folder	removed
 *	4  the outcome
 *
 * What is cut short before 2 has not begun: the intent ends as interrupted, and both people are asked again. What is cut
 * short after it is finished by the next start, which writes the outcome itself. heads/<year>.note stays.
 */
#include "fold.h"
#include "store.h"
#include "wire.h"

struct DropPlace {
	const struct Store *running; /* the newest year's ledger */
	int terminal_dir;
};

/* Whether the year is there, over, and as it was closed; and who has asked for it to go. All of it is read. The answer's
   fault says what is wrong. 0 or -ENOMEM. */
_must_check_ int drop_look(const struct DropPlace *p, uint32_t year, struct MsgYearSeen *ret);

/* Steps 2 and 3: 0; FAULT_*: it is there still; or -errno, after which the ledger must end. */
_must_check_ int drop_year(const struct DropPlace *p, const struct MsgYearDrop *order);

/* At a start: finishes what lacks its outcome. 0; FAULT_LEDGER_FULL; -errno. */
_must_check_ int drop_settle(struct Store *running, struct Fold *fold, int terminal_dir);
