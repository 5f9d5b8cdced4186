/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A terminal that lies: its ledger verifies, and every text of it is meant for who shows it to people. */
#include "std.h"

/* The ledger `hostile-01`. */
void hostile_run(int out, uint64_t seed, int64_t from, int64_t to);
