/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Japan's public holidays (国民の祝日に関する法律, Act 178 of 1948) and the calendar of its offices.
 * Computed, so that no list has to be kept; what Parliament decrees for one year stands in a table. For 2000
 * to 2099. Pure.
 */
#include "std.h"

struct Day {
	int year, month, day;
};

enum HolidayLimit {
	HOLIDAY_FIRST_YEAR = 2000,
	HOLIDAY_LAST_YEAR = 2099, /* the formula of the equinoxes ends there */
};

/* The holiday's Japanese name; NULL: an ordinary day, or a year that is not known. Article 3 (2) days are
   振替休日, (3) days 国民の休日. */
const char *holiday_name(struct Day day);

/* 0: Sunday … 6: Saturday. */
int day_weekday(struct Day day);
/* Days since 1970-01-01, and back. */
int64_t day_number(struct Day day);
struct Day day_from_number(int64_t number);
bool day_is_valid(struct Day day);

/* Saturday, Sunday, public holiday, or 29 December to 3 January (行政機関の休日に関する法律). */
bool day_is_closed(struct Day day);

/* April to March: the year it began in. */
int day_fiscal_year(struct Day day);

/* The year of the Reiwa era (1: 2019 from May on; 0: before it), for forms: 令和8年. */
int day_reiwa(struct Day day);
