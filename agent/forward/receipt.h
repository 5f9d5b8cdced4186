/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the console gave for a ledger: its cosignature under the checkpoint, and the console's own checkpoint.
   <state>/<terminal>/<year>.receipt is a cosigned checkpoint as every reader of signed notes knows it. */
#include "cosign.h"
#include "year.h"

/* What the last receipt is over: 0; -ENOENT: there is none; -EBADMSG. */
int receipt_read(int state, const struct Year *y, struct LedgerSeen *ret);

/* Durable afterwards. -EBADMSG: `console` did not sign this. */
int receipt_keep(int state, const struct Year *y, const struct PushReply *reply, const struct Vkey *console);
