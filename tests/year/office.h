/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A made-up municipal office: its sections, people, terminals and sticks, and how they are used to work. */
#include "desk.h"
#include "holiday.h"

#include <stdio.h>

struct Section {
	const char *code, *name;
	const char *const *stems;      /* of file names, up to a NULL */
	const char *const *recipients; /* where copies go */
	uint8_t season[12];            /* work in tenths, January first */
	uint8_t weight;                /* how large */
};
extern const struct Section sections[];
extern const size_t n_sections;
/* 情報システム課, where administrators and auditors are. */
#define SECTION_STAFF (-1)

#define POSTS 12 /* changes of desk that are kept */

struct Post {
	int64_t from; /* day number */
	int section;
	struct Desk *desk; /* NULL: none of their own */
};

struct Person {
	char login[LIMIT_LOGIN], name[LIMIT_NAME];
	uint32_t role, uid;
	struct Post posts[POSTS]; /* the last is in force */
	size_t n_posts;
	int arrive, leave;          /* minutes of the day */
	uint8_t days;               /* weekdays they work, bit 1 << weekday */
	int busy;                   /* chance of a job on a day, per mille */
	int files, numbers;         /* of a usual copy */
	int late;                   /* chance to stay on in a busy month, per mille */
	int batch_day;              /* of the month, on which much goes out each time; 0: none */
	bool gets;                  /* reads from media, too */
	bool first;                 /* a supervisor: of the section's two the one who lends and registers */
	int64_t away_from, away_to; /* days: sick, or on leave for long */
	int64_t keep_until;         /* time: their loan is not brought back before */
	int64_t barred;             /* day on which they do no ordinary work */
	bool present;               /* today */
	int today_arrive, today_leave;
	uint32_t plants; /* how many they have a part in */
};

struct Visit {
	int64_t time;
	int kind; /* enum VisitKind */
	struct Person *who, *other;
	struct Plant *plant; /* NULL: ordinary work */
	int amount, size;    /* how often; how many files */
	int64_t until;
	int reason;
	int order; /* as they were made: for equal times */
};

struct Visits {
	struct Visit *rows;
	size_t n, room;
};

struct Office {
	uint64_t seed;
	int64_t from, to; /* days */
	struct Draw draw;
	struct Person *people;
	size_t n_people;
	struct Desk *desks;
	size_t n_desks;
	struct Visits *visits; /* of today, one for each desk */
	struct Plant *plants;
	size_t n_plants;
	uint32_t next_stick;
	uint8_t config[4 * DIGEST_SIZE]; /* rolled out */
};

void office_make(struct Office *o, uint64_t seed, int64_t from, int64_t to, size_t terminals);
void office_done(struct Office *o);
/* People, sections, terminals, usual desks, as the console's configuration would have them. */
void office_write(const struct Office *o, FILE *to);

static inline const struct Post *post_of(const struct Person *p)
{
	return &p->posts[p->n_posts - 1];
}

/* Somebody of the section with that role who is there today; NULL: nobody. */
struct Person *office_present(struct Office *o, int section, uint32_t role);
/* Where a person sits today: their desk, or another of the section while it is away. NULL: nowhere. */
struct Desk *office_desk(struct Office *o, const struct Person *p, int64_t day);
bool desk_works(const struct Desk *d, int64_t day);
/* Who changes desk on this day does. */
void office_rotate(struct Office *o, int64_t day);
/* On a day when the office is closed, whether a section has its doors open (確定申告, 転入・転出). */
bool office_opens(int section, struct Day day);

struct Visit *visit_add(struct Office *o, struct Desk *d, int kind, int64_t time);
