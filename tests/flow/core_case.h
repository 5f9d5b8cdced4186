/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the tests of a whole core begin with: a stick that is lent, somebody who asks, a sleep. */
#include "core_rig.h"
#include "label_slot.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DAY 86400000ll

/* Before and after each test: *state is a rig that has booted. */
int case_setup(void **state);
int case_teardown(void **state);

/* Runs until quiet: the reply's fault, -1: there was none. */
int asked(struct Rig *r, uid_t uid, struct Request q);
int verb(struct Rig *r, uid_t uid, enum Verb verb, const char *number);
/* clerk1 copies onto USB-1. */
int copied(struct Rig *r);
/* As asked: the reply's number, for what is answered later. */
uint32_t sent(struct Rig *r, uid_t uid, struct Request q);
/* As copied, with a job that does what the script says. */
uint32_t copying(struct Rig *r, RigScript job);

/* A registered stick at 2-1, lent to clerk1 for a day. */
struct RigDevice *lent(struct Rig *r);
/* The same, and out of its port again. */
struct RigDevice *lent_away(struct Rig *r);
/* Lent in a rig as new. */
struct RigDevice *lent_anew(struct Rig *r);
/* Out, and in again with other bytes in its slots: by somebody's hand, or another stick that looks the same. */
void replug(struct Rig *r, struct RigDevice *d, const void *slots);

/* What is on record of USB-1. */
const struct MediumRow *medium_row(struct Rig *r);
bool label_of(const struct RigDevice *d, uint64_t counter, struct Label *ret);
/* What stands on the medium is what stands on record, and no intent is open. */
void in_step(struct Rig *r, const struct RigDevice *d);

/* The machine sleeps; nothing has run since. */
void sleeps(struct Rig *r, int64_t milliseconds);

/* A script: the job takes its order and does nothing until it is asked to stop. */
bool job_waits(struct Rig *r, struct RigEnd *end, const struct Message *m);
