/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A terminal with its sticks and loans, and the records that each act at it leaves, in the order of the
 * agent's. */
#include "settings.h"
#include "writer.h"

struct Person;

struct Stick {
	char number[LIMIT_NUMBER];
	char vendor[5], product[5], revision[5];
	char serial[24];
	char port[LIMIT_PORT];
	uint8_t identity[DIGEST_SIZE];
	char registration[LIMIT_ID];
	uint64_t size, counter;
	/* its loan; checkout empty: in the cabinet */
	char checkout[LIMIT_ID];
	struct Person *clerk;
	int64_t until;
	bool overdue, label_due, plugged;
};

/* Which records a planted act left. */
struct Marks {
	uint64_t *rows;
	bool *telling;
	size_t n, room;
};

#define DESK_STICKS 40

struct Desk {
	char id[LIMIT_CODE];
	size_t index;
	int section;
	int64_t from;               /* day of its enrolment */
	int64_t away_from, away_to; /* days on which it stays off */
	bool always_on;
	struct Writer writer;
	struct Draw draw;
	struct Stick sticks[DESK_STICKS];
	size_t n_sticks;
	int64_t now; /* of the next record at the earliest */
	int64_t booted;
	bool on, crashed;
	uint32_t checkout_year, next_checkout;
	uint8_t config[4 * DIGEST_SIZE];
	struct Marks *marks; /* of the plant under way; NULL: none */
	bool telling;
};

/* The records of one copy. */
struct CopyWork {
	const char *const *stems;
	const char *recipient; /* NULL: by password */
	int files, numbers;
	enum Fault fault;
	int day; /* of the month, for names */
};

struct LendWork {
	int64_t until;
	const char *purpose, *ground, *destination;
	bool carry_out;
};

/* A refused request of somebody's. */
struct RefusedWork {
	enum RecordKind kind;
	const char *verb; /* of kind request */
	const char *actor;
	uint32_t role;
	const struct Stick *stick; /* NULL: none named */
	enum Fault reason;
	const char *subject;
};

/* A device that is none of ours. */
struct Stranger {
	char vendor[5], product[5], serial[24], port[LIMIT_PORT];
};

void desk_start(struct Desk *d, int64_t time);
void desk_stop(struct Desk *d);
void desk_crash(struct Desk *d);
/* Loans that ran out up to this time, then that time. */
void desk_reach(struct Desk *d, int64_t time);

struct Stick *desk_loan(struct Desk *d, const struct Person *p);
struct Stick *desk_free(struct Desk *d);

void act_policy(struct Desk *d, const uint8_t *config);
void act_policy_failed(struct Desk *d, const char *subject);
struct Stick *act_register(
        struct Desk *d, const struct Person *supervisor, unsigned int number, bool prepare);
void act_lend(struct Desk *d, const struct Person *supervisor, struct Person *clerk, struct Stick *s,
        const struct LendWork *w);
/* False: it stays closed, which is on record. */
bool act_plug(struct Desk *d, struct Stick *s);
void act_unplug(struct Desk *d, struct Stick *s);
void act_copy(struct Desk *d, const struct Person *p, struct Stick *s, const struct CopyWork *w);
void act_list(struct Desk *d, const struct Person *p, struct Stick *s, int files);
void act_get(struct Desk *d, const struct Person *p, struct Stick *s, const struct CopyWork *w);
void act_return(struct Desk *d, const struct Person *p, struct Stick *s, int residue);
void act_relabel(struct Desk *d, const struct Person *p, struct Stick *s);
void act_refused(struct Desk *d, const struct RefusedWork *w);
void act_stranger(struct Desk *d, const struct Stranger *s, enum Fault reason, unsigned int count);
void act_flood(struct Desk *d, const char *actor, unsigned int count);
void act_helper(struct Desk *d, const char *process);
void act_gap(struct Desk *d, unsigned int count);
void act_tamper(struct Desk *d, const struct Stranger *s);
void act_clock_set(struct Desk *d, int64_t by);
void act_clock_back(struct Desk *d, int64_t by, const struct Person *supervisor);

void stranger_make(struct Draw *d, struct Stranger *ret);
/* After an act some time goes by. */
void desk_pass(struct Desk *d, int low_seconds, int high_seconds);
