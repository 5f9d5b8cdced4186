/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Behaviour that a reviewer should find, put among the ordinary: who, what, where, when, how strongly, and
 * which records it left. It is made from what misuse is like, not from any rule that looks for it.
 */
#include "visit.h"

struct Plant {
	const struct PlantForm *form;
	struct Person *who; /* NULL: the ledger does not say */
	struct Desk *desk;
	int64_t day,
	        loan_day; /* loan_day: on which they are lent a medium for it; 0: not before the day itself */
	int strength;     /* 0 subtle, 1 plain, 2 gross */
	int amount, size, minute;
	bool begun;
	unsigned int year; /* of the ledger */
	int64_t from, to;  /* of its records */
	struct Marks marks;
};

/* Draws a year's plants. */
void plants_make(struct Office *o);
void plants_done(struct Office *o);
/* Whose people are in the office today because of a plant; after ordinary_presence. */
void plants_presence(struct Office *o, int64_t day);
/* Today's visits for plants; after the ordinary ones were planned. */
void plants_day(struct Office *o, int64_t day);
/* How many left records, after all is done. */
size_t plants_write(const struct Office *o, FILE *to);

/* Around each visit of a plant. */
void plant_begins(struct Plant *p, const struct Desk *d);
void plant_ends(struct Plant *p, const struct Desk *d);
