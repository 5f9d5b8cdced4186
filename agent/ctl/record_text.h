/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A record's line in words: what was done, with what, and how it ended. Texts are to be freed. */
#include "mediagate/ledger.h"
#include "names.h"
#include "std.h"

/* "encrypted copy of USB-0007: 3 files, 1.2 MB": kind, medium, particulars. */
char *record_text_act(const struct LedgerEntry *e, const struct Names *names);
/* "refused: USB-0007 is registered but not checked out" */
char *record_text_result(const struct LedgerEntry *e, const struct Names *names);
/* Who: "田中 真理 (clerk1)"; "" when it was nobody. */
char *record_text_actor(const struct LedgerEntry *e, const struct Names *names);
/* A member as people read it: unescaped, and safe on a terminal; "" when there is none. */
char *record_text_member(struct LedgerSlice member);
/* Local time, or the member as it is. */
char *record_text_time(const struct LedgerEntry *e, int64_t *ret_ms);
