/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the rules of the review go by. Each is a key of console.conf with `review_` before it; the whole goes
 * from process to process as one text. docs/console.md says what each means.
 */
#include "std.h"

/* name, default, least, most */
#define REVIEW_NUMBERS(X)                  \
	X(learn_months, 3, 1, 5)           \
	X(known_days, 5, 1, 366)           \
	X(usual_days, 3, 1, 100)           \
	X(groups, 1, 0, 1)                 \
	X(attempts, 3, 1, 100)             \
	X(again, 4, 2, 16)                 \
	X(again_days, 7, 1, 92)            \
	X(rise, 3, 2, 100)                 \
	X(rise_copies, 5, 1, 10000)        \
	X(rise_files, 8, 1, 100000)        \
	X(rise_numbers, 1000, 1, 10000000) \
	X(due_days, 14, 1, 92)

#define REVIEW_HOURS "07:00-20:00"
#define REVIEW_DUTIES                                                                                      \
	"clerk copy list read return, supervisor register checkout return request clock, chief, auditor, " \
	"administrator"

enum { REVIEW_TEXT = 2048, REVIEW_OPEN_DAYS = 64, REVIEW_ROLES = 8 };

#define REVIEW_MEMBER(name, value, least, most) uint32_t name;
struct ReviewParams {
	char hours[16];                            /* HH:MM-HH:MM */
	char open_days[REVIEW_OPEN_DAYS * 11 + 1]; /* YYYY-MM-DD, by spaces: closed days with open doors */
	char duties[257]; /* a role and the kinds of records that are its own; the next one after a comma */
	REVIEW_NUMBERS(REVIEW_MEMBER)
};
#undef REVIEW_MEMBER

struct ReviewNumber {
	const char *name;
	size_t offset;
	uint32_t value, least, most;
};
/* NULL at the end. */
const struct ReviewNumber *review_number(size_t i);

void review_default(struct ReviewParams *p);

/* The texts as the rules use them. */
struct ReviewBounds {
	int open, close; /* minutes of the day: open <= m < close is ordinary */
	size_t n_days;
	int64_t days[REVIEW_OPEN_DAYS];
	uint32_t roles;                /* that have a row: bits of their places */
	uint64_t duties[REVIEW_ROLES]; /* by the role's place: kinds (enum RecordKind) as bits */
};
/* 0; -EINVAL: one of them is malformed. */
_must_check_ int review_bounds(const struct ReviewParams *p, struct ReviewBounds *ret);

/* The place of a role's bit, or -ENOENT. */
int review_role(const char *word);

/* 0 when all is in its range. */
_must_check_ int review_check(const struct ReviewParams *p);

/* name=value;… and back. -EINVAL. */
void review_write(const struct ReviewParams *p, char ret[static REVIEW_TEXT]);
_must_check_ int review_read(const char *text, struct ReviewParams *ret);
