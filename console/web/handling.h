/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Rows of HANDLINGS, as several documents show them. */
#include "site.h"

/* Handlings that began before `until`, the newest first. */
struct Rows handlings_before(struct Page *p, int64_t until);
/* What a return found on the medium, below the time of it. */
void handling_found(struct Html *h, const struct Cell *return_line);
