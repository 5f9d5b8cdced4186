/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A moment as people type it. Pure but for the local zone. */
#include "std.h"

enum WhenSide {
	WHEN_START, /* a day alone means its first moment */
	WHEN_END,   /* its last */
};

/* 2026-11-21T17:00, 2026-11-21T17:00:30, with +09:00 or Z behind, a space for the T; 2026-11-21; 17:00 (of
   the day of `now`); +30m, +2h, +3d from `now`. Milliseconds since 1970 UTC; -EINVAL otherwise. */
_must_check_ int when_parse(const char *text, int64_t now, enum WhenSide side, int64_t *ret);
