/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The console's own acts, on their way into the console's own ledger: no record, no act. */
#include "std.h"

struct Acts {
	int fd;           /* console-journal's channel; -1: nothing is recorded (an import signs nobody in) */
	uint64_t covered; /* records below are covered by a checkpoint */
	uint64_t cookie;
};

/* Waits until the journal has verified its ledger: 0 or -errno. */
_must_check_ int acts_open(struct Acts *a, int fd);
void acts_done(struct Acts *a);

/* Who did what, to whom or from where; `refused`: it was tried. 0: it is on record and, unless refused,
   covered by a signed checkpoint; -errno: it must not happen. */
_must_check_ int acts_record(
        struct Acts *a, const char *actor, const char *verb, const char *subject, bool refused);
