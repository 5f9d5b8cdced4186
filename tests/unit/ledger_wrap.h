/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Stands between the ledger and the system calls by which it changes something (-Wl,--wrap): a plan says
 * which of them the process dies at, or which fails. Shared memory: children act, the parent looks.
 */
#include "ledger_rig.h"

/* What is to happen in the child: shared, so that the parent sees whether it did. */
struct Plan {
	int armed; /* 0: calls go through uncounted */
	int calls; /* seen */
	int at;    /* the call at which it happens, from 1 */
	int how;   /* enum How */
	int error; /* HOW_FAIL: errno */
	bool happened;
	bool dirty;     /* something written is not synced */
	bool lied;      /* core was told something meanwhile */
	bool full;      /* fallocate has no room */
	bool no_blocks; /* and no file can be made while the reserve is there */
};

enum How {
	HOW_BEFORE,
	HOW_MIDDLE, /* a write's first half is done */
	HOW_AFTER,
	_HOW_KILLS,
	HOW_FAIL = _HOW_KILLS,
	HOW_FAIL_SHORT, /* a write's first half is done, then the error */
};

extern struct Plan *plan;

/* Before anything else, in the process that does not act. */
void plan_make(void);

/* Arms the children from now on. */
void plan_arm(int at, int how, int error);
void plan_disarm(void);
/* A start and a stop that the plan disturbs: whether there was such a call at all. It stays armed. */
bool plan_start(struct Rig *g, int at, int how, int error);
