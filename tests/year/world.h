/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the agent's code takes for the time and for random bytes in this program; fsync does nothing in it. */
#include "draw.h"

void world_set(int64_t now, struct Draw *keys);
