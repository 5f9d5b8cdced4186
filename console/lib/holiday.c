/* SPDX-License-Identifier: Apache-2.0 */
#include "holiday.h"

struct FixedRow {
	int month, day, from, to; /* years */
	const char *name;
};

/* Holidays of a date. */
static const struct FixedRow fixed[] = {
        {1, 1, 1949, 9999, "元日"},
        {2, 11, 1967, 9999, "建国記念の日"},
        {2, 23, 2020, 9999, "天皇誕生日"},
        {4, 29, 1989, 2006, "みどりの日"},
        {4, 29, 2007, 9999, "昭和の日"},
        {5, 3, 1949, 9999, "憲法記念日"},
        {5, 4, 2007, 9999, "みどりの日"},
        {5, 5, 1949, 9999, "こどもの日"},
        {7, 20, 1996, 2002, "海の日"},
        {8, 11, 2016, 2019, "山の日"},
        {8, 11, 2022, 9999, "山の日"},
        {9, 15, 1966, 2002, "敬老の日"},
        {11, 3, 1948, 9999, "文化の日"},
        {11, 23, 1948, 9999, "勤労感謝の日"},
        {12, 23, 1989, 2018, "天皇誕生日"},
        /* Act 99 of 2018: the accession */
        {5, 1, 2019, 2019, "即位の日"},
        {10, 22, 2019, 2019, "即位礼正殿の儀の行われる日"},
        /* Acts 68 of 2018 and 68 of 2020: the games, and the games put off */
        {7, 23, 2020, 2020, "海の日"},
        {7, 24, 2020, 2020, "スポーツの日"},
        {8, 10, 2020, 2020, "山の日"},
        {7, 22, 2021, 2021, "海の日"},
        {7, 23, 2021, 2021, "スポーツの日"},
        {8, 8, 2021, 2021, "山の日"},
};

struct MondayRow {
	int month, nth, from, to;
	const char *name;
};

/* Holidays of the nth Monday. */
static const struct MondayRow mondays[] = {
        {1, 2, 2000, 9999, "成人の日"},
        {7, 3, 2003, 2019, "海の日"},
        {7, 3, 2022, 9999, "海の日"},
        {9, 3, 2003, 9999, "敬老の日"},
        {10, 2, 2000, 2019, "体育の日"},
        {10, 2, 2022, 9999, "スポーツの日"},
};

/* Howard Hinnant's days_from_civil: years begin in March, eras of 400 years are alike. */
int64_t day_number(struct Day d)
{
	int64_t year = d.year - (d.month <= 2), era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct Day day_from_number(int64_t number)
{
	int64_t n = number + 719468, era = (n >= 0 ? n : n - 146096) / 146097;
	int64_t of_era = n - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100), m = (5 * of_year + 2) / 153;
	int month = (int)(m < 10 ? m + 3 : m - 9);

	return (struct Day){
	        (int)(year + era * 400 + (month <= 2)), month, (int)(of_year - (153 * m + 2) / 5 + 1)};
}

bool day_is_valid(struct Day d)
{
	struct Day same = day_from_number(day_number(d));

	return d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= 31 && same.month == d.month &&
	       same.day == d.day;
}

int day_weekday(struct Day d)
{
	int64_t n = (day_number(d) + 4) % 7; /* 1970-01-01 was a Thursday */

	return (int)(n < 0 ? n + 7 : n);
}

/* The day of March or September on which the sun crosses the equator in Japan: the usual approximation,
   in units of 10^-6 day, exact for 1980 to 2099. */
static int equinox_day(int year, int month)
{
	int64_t base = month == 3 ? 20843100 : 23248800, years = year - 1980;

	return (int)((base + 242194 * years) / 1000000 - years / 4);
}

/* Article 2: holidays in their own right. */
static const char *holiday_proper(struct Day d)
{
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		if (fixed[i].month == d.month && fixed[i].day == d.day && d.year >= fixed[i].from &&
		        d.year <= fixed[i].to)
			return fixed[i].name;
	for (size_t i = 0; i < ARRAY_SIZE(mondays); i++)
		if (mondays[i].month == d.month && d.year >= mondays[i].from && d.year <= mondays[i].to &&
		        day_weekday(d) == 1 && (d.day - 1) / 7 + 1 == mondays[i].nth)
			return mondays[i].name;
	if (d.month == 3 && d.day == equinox_day(d.year, 3))
		return "春分の日";
	if (d.month == 9 && d.day == equinox_day(d.year, 9))
		return "秋分の日";
	return NULL;
}

static struct Day day_add(struct Day d, int days)
{
	return day_from_number(day_number(d) + days);
}

/* Article 3 (2): a holiday on a Sunday is made good on the next day that is none; until 2006 only on the
 * Monday. */
static bool holiday_is_substitute(struct Day d)
{
	if (d.year < 2007)
		return day_weekday(d) == 1 && holiday_proper(day_add(d, -1));
	for (int back = 1; back <= 7; back++) {
		struct Day before = day_add(d, -back);

		if (!holiday_proper(before))
			return false;
		if (day_weekday(before) == 0)
			return true;
	}
	return false;
}

/* Article 3 (3): a day between two holidays; until 2006 not a Sunday. */
static bool holiday_is_between(struct Day d)
{
	if (d.year < 2007 && day_weekday(d) == 0)
		return false;
	return holiday_proper(day_add(d, -1)) && holiday_proper(day_add(d, 1));
}

const char *holiday_name(struct Day d)
{
	const char *name;

	if (d.year < HOLIDAY_FIRST_YEAR || d.year > HOLIDAY_LAST_YEAR || !day_is_valid(d))
		return NULL;
	name = holiday_proper(d);
	if (name)
		return name;
	if (holiday_is_substitute(d))
		return "振替休日";
	return holiday_is_between(d) ? "国民の休日" : NULL;
}

bool day_is_closed(struct Day d)
{
	int weekday = day_weekday(d);

	return weekday == 0 || weekday == 6 || (d.month == 12 && d.day >= 29) ||
	       (d.month == 1 && d.day <= 3) || holiday_name(d);
}

int day_fiscal_year(struct Day d)
{
	return d.month >= 4 ? d.year : d.year - 1;
}

int day_reiwa(struct Day d)
{
	if (d.year < 2019 || (d.year == 2019 && d.month < 5))
		return 0;
	return d.year - 2018;
}
