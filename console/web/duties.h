/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The year's duties, in words; rows of CALENDAR. */
#include "site.h"

/* The sentence of DUTY_*; "" for a number that is none. */
const char *duty_kind_sentence(int64_t kind);
void show_duty_state(struct Html *h, int64_t state);
/* What it is, leading to where it is done: of a review its own page, when it has begun. */
void show_duty_link(struct Html *h, const struct Cell *row, int64_t now);
