/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A record that ledger writes at its start, of itself. */
#include "record_detail.h"
#include "store.h"

/* Built, appended and covered: 0; FAULT_LEDGER_FULL; -errno. */
_must_check_ int own_append(struct Store *s, const char *terminal, const struct Record *r);

/* The local time's distance from UTC is another one than in the ledger's last line, whose time this is: that
   goes on record. As above. */
_must_check_ int own_zone(struct Store *s, const char *terminal, const char *last_time);
