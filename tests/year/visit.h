/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What people come to a terminal for: planned for a day, then done in the order of the clock. */
#include "office.h"

enum VisitKind {
	VISIT_START,
	VISIT_STOP,
	VISIT_CRASH,
	VISIT_LEND, /* who lends to other, until */
	VISIT_COPY, /* amount times size files */
	VISIT_GET,
	VISIT_RETURN,   /* who brings back other's */
	VISIT_STRANGER, /* the same one amount times */
	VISIT_IDLE,     /* a stick that is not lent */
	VISIT_MISTYPED,
	VISIT_MIXED_UP, /* somebody else's stick */
	VISIT_ATTEMPTS, /* amount times, reason says which */
	VISIT_WRONG,    /* a wrong password, amount times */
	VISIT_REGISTER,
	VISIT_RELABEL,
	VISIT_ROLL_OUT, /* the office's new configuration */
	VISIT_POLICY,   /* another one for `size` minutes, which is nobody's but this terminal's */
	VISIT_POLICY_FAILED,
	VISIT_FLOOD,
	VISIT_TROUBLE,
	VISIT_CLOCK_SET,
	VISIT_CLOCK_BACK,
	VISIT_TAMPER,
	_VISIT_N,
};

/* Minutes of a day in Japan. */
int64_t time_at(int64_t day, int minute);

/* Today's visits to a terminal, in order. */
void visits_run(struct Office *o, struct Desk *d);

/* Everybody's ordinary day. */
void ordinary_presence(struct Office *o, int64_t day);
void ordinary_day(struct Office *o, int64_t day);

/* The next day on which the office works. */
int64_t work_day_after(int64_t day);
int64_t work_day_before(int64_t day);
