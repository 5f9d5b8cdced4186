/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Looks twice a minute at what keeps the ports shut while nobody judges, and at who else decides about them. Undoes
 * what it can; each change is a `tamper` record.
 */
#include "std.h"

struct Core;
struct Guard;

int guard_open(struct Core *core);
void guard_free(struct Core *core);
