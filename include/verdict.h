/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The judge's question and answer. Facts come in, nothing is looked up: the same facts give the same
 * verdict. A walk is the list of rules in the order they were asked; the last one decided.
 */
#include "fault.h"
#include "identity.h"
#include "settings.h"
#include "state.h"

enum VerdictAnswer {
	VERDICT_REFUSE,
	VERDICT_OPEN,
	VERDICT_NOT_OURS, /* nothing storage-like: the udev rules' business */
	_VERDICT_ANSWER_N,
};

struct Verdict {
	uint8_t answer;
	uint8_t n_steps;
	uint16_t reason; /* enum Fault; FAULT_OK when open */
};

struct Facts {
	const struct MediumRow *medium;	    /* the registered medium of this identity, or NULL */
	const struct CheckoutRow *checkout; /* its checkout, or NULL */
	bool twin;			    /* a second device of equal identity is present */
	bool time_unsure;		    /* the clock is below the last record */
	int64_t now;			    /* milliseconds */
	int label;			    /* enum Fault: what its label was refused for; FAULT_OK: nothing */
	bool label_read;		    /* it has been looked at since the medium was plugged in */
	uint64_t label_found;		    /* counter on the medium, 0: none */
};

/* One rule as it was asked: a row of `mediagate explain`. */
struct WalkStep {
	uint8_t rule;	 /* index of the judge's table */
	uint8_t decided; /* 1: this one decided */
	uint16_t reason; /* enum Fault it would give */
	char compared[LIMIT_TEXT]; /* with what, for people */
};

#define WALK_STEPS 24

struct Walk {
	struct WalkStep steps[WALK_STEPS];
};
