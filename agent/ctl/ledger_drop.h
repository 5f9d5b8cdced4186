/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* ledger drop YEAR: asks the agent, or confirms what another person has asked. The exit status. */
#include "verb.h"

int ledger_drop(const struct Context *c, const char *year, bool confirm);
