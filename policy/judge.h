/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The judge: pure functions of what they are given. No clock, no I/O, no allocation.
 */
#include "policy.h"
#include "request.h"
#include "verdict.h"

/* Asks the rules in order; the first that objects decides. p may be NULL: nothing is let in. */
void judge_device(const struct Policy *p, const struct Identity *i, const struct Facts *f,
        struct Verdict *ret, struct Walk *ret_walk);

/* Name of a rule of the walk: `registered`, `not-overdue`, … */
const char *judge_rule_name(unsigned int rule);

/* Who is this, and does their role allow the verb at all? 0 or FAULT_*; *ret is the person where known. */
int judge_authority(const struct Policy *p, uid_t uid, enum Verb verb, const struct PersonRow **ret);

/* Whether their right still holds at `now`: 0 or FAULT_RIGHT_EXPIRED. Looking and bringing back need none. */
int judge_right(const struct PersonRow *who, enum Verb verb, int64_t now);

/* 0 or FAULT_*. What only the state knows (number taken, checked out already) is the caller's. */
int judge_register(const struct Policy *p, const struct PersonRow *actor, const struct Request *q);
/* *ret_subject: what the fault is about. */
int judge_checkout(const struct Policy *p, const struct PersonRow *actor, const struct Request *q,
        int64_t now, const char **ret_subject);
/* For copy, ls and get: inside one's own checkout. c may be NULL. */
int judge_copy(
        const struct Policy *p, const struct PersonRow *actor, const struct CheckoutRow *c, int64_t now);
/* Of the drop of a year's ledger. */
struct DropFacts {
	uint32_t year, running; /* fiscal years: the one that goes; now */
	bool confirm;           /* by a second person */
	const char *asked_by;   /* the first one; empty: nobody has asked */
	int64_t asked_at;
};
/* 0 or FAULT_*: never before the retention has passed, and never by one person alone. */
int judge_drop(const struct Policy *p, const struct PersonRow *actor, const struct DropFacts *f, int64_t now);
/* The holder or a supervisor. FAULT_NO_CHECKOUT: nothing to return. */
int judge_return(const struct Policy *p, const struct PersonRow *actor, const struct CheckoutRow *c);
