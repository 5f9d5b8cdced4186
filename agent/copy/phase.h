/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What each kind of session, and the reader child, may ask of the kernel: one table each. */
#include "std.h"

enum Phase {
	PHASE_READER,  /* strangers' descriptors in, bytes into the ring */
	PHASE_COPY,    /* writes below the medium's root */
	PHASE_LIST,    /* reads names */
	PHASE_GET,     /* reads the medium, writes to the person's pipes */
	PHASE_INSPECT, /* reads names and contents, no person */
	_PHASE_N,
};

_must_check_ int phase_enter(enum Phase phase);
