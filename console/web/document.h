/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What every printed document has: date, office and name at its head, the ledgers it rests on below. */
#include "site.h"

void document_start(struct Page *p, const char *name);
_must_check_ int document_end(struct Page *p);
