/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The receipt on record: the running agent is asked over its socket, as people ask (docs/wire.md). */
#include "receipt.h"

/* 0; 1: nothing but receipts is new since the last one on record, and none is written for that; -errno, of
   which -ECONNREFUSED: no agent, -EPROTO: it did not take it. Tried again the next time. */
int receipt_record(const char *socket, int state, const struct Year *y);
