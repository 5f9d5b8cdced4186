/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the rules of the review find, as rows. */
#include "params.h"
#include "sqlite.h"

/* Brings the hits up to date with the records: from the month of the first record that the rules have not
   seen, all of them when the rules go by other parameters than before. One transaction. 0 or -errno; -EAGAIN:
   another writes, the next import does it. */
_must_check_ int hits_refresh(struct Db *db, const struct ReviewParams *params);
