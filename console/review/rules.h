/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The rules of the review: what in the records a person has to look at. Pure: records go in, day by day, and
 * hits come out; the same records give the same hits. The viewpoints are those of the Personal Information
 * Protection Commission's paper on looking through logs (odd time, other terminal, without the right, unusual
 * operation, the same again) and a sudden rise. What is usual is learned from the months before: a day of
 * month M is judged by the records from `learn_months` before M up to the day before it, and by no others.
 */
#include "params.h"

/* name, number for ever, word, name for people, what it says of a hit */
#define REVIEW_RULES(X)                                                                                      \
	X(HOURS, 1, "hours", "Odd day or hour",                                                              \
	        "Media were used on a closed day or outside the office hours (%s records).")                 \
	X(TERMINAL, 2, "terminal", "Unusual terminal",                                                       \
	        "This person used a terminal that is not a usual one (%s records; on %s days before).")      \
	X(RIGHT, 3, "right", "Without the right", "Operations were refused for want of a right (%s times).") \
	X(UNUSUAL, 4, "unusual", "Unusual operation",                                                        \
	        "This operation is not usual here (%s records; on %s days before).")                         \
	X(AGAIN, 5, "again", "The same data again",                                                          \
	        "The same file was copied or read again and again (%s times within the days that count).")   \
	X(RISE, 6, "rise", "Sudden rise", "Far more than on a usual day (%s; a usual day: %s).")

#define REVIEW_RULE_ENUM(name, number, word, title, sentence) RULE_##name = number,
enum ReviewRule { REVIEW_RULES(REVIEW_RULE_ENUM) _RULE_END };
#undef REVIEW_RULE_ENUM

/* What a rise is of: number, word. */
#define REVIEW_MEASURES(X)               \
	X(COPIES, 1, "copies", "copies") \
	X(FILES, 2, "files", "files")    \
	X(NUMBERS, 3, "numbers", "Individual Numbers")

#define REVIEW_MEASURE_ENUM(name, number, word, people) MEASURE_##name = number,
enum ReviewMeasure { REVIEW_MEASURES(REVIEW_MEASURE_ENUM) _MEASURE_END };
#undef REVIEW_MEASURE_ENUM

enum {
	REVIEW_RECORDS = 32,       /* of one hit: the first of them */
	REVIEW_WITH_NUMBERS = 256, /* beside the kind of an operation: Individual Numbers were in it */
};

/* A record as the rules see it. Persons and terminals are any numbers above 0, the same for the same. */
struct ReviewAct {
	int64_t id, t, local;    /* local: minutes by the terminal's own clock */
	int64_t actor;           /* 0: nobody */
	int64_t terminal, group; /* group: the place that the terminal stands in, as people use it */
	int64_t data;            /* of a file, of a policy; 0: none */
	int64_t numbers;         /* 0: none, or not counted */
	int kind, role, result,
	        fault; /* enum RecordKind, review_role, enum RecordResult, enum Fault; -1: none */
};

/* One for each rule, person, terminal and thing a day. */
struct ReviewHit {
	enum ReviewRule rule;
	int64_t day, t;   /* t: of the first record */
	int64_t actor;    /* 0: the terminal as a whole */
	int64_t terminal; /* of the first record */
	int64_t thing;    /* UNUSUAL: kind; AGAIN: data; RISE: enum ReviewMeasure; else 0 */
	int64_t count, usual;
	size_t n;
	int64_t records[REVIEW_RECORDS];
};

/* Less than 0 ends it. */
typedef int (*ReviewFound)(void *owner, const struct ReviewHit *hit);

struct Review;

/* Hits are told from `first` on; days before it teach what is usual. */
_must_check_ int review_new(
        const struct ReviewParams *p, int64_t first, ReviewFound found, void *owner, struct Review **ret);
void review_freep(struct Review **r);

/* Records in the order of their local days. 0 or -errno. */
_must_check_ int review_add(struct Review *r, const struct ReviewAct *act);
/* After the last one. */
_must_check_ int review_end(struct Review *r);

/* Months since 1970 of a day. */
int64_t review_month(int64_t day);
/* The first day of a month. */
int64_t review_month_day(int64_t month);

const char *review_rule_word(int64_t rule);     /* "" for a number that is none */
const char *review_rule_title(int64_t rule);    /* a gettext id; "" */
const char *review_rule_sentence(int64_t rule); /* the same, with %s for count and usual */
const char *review_measure_word(int64_t measure);
