/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include "std.h"

#include <stdio.h>
#include <time.h>

static int64_t now(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t))
		abort(); /* a kernel without these clocks is no kernel of ours */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
	return now(CLOCK_REALTIME);
}

int64_t clock_boot(void)
{
	return now(CLOCK_BOOTTIME);
}

int64_t clock_slept(void)
{
	return now(CLOCK_BOOTTIME) - now(CLOCK_MONOTONIC);
}

void clock_format(int64_t ms, char ret[static CLOCK_TEXT])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm t;
	long offset;
	char sign;

	if (ms % 1000 < 0)
		seconds--;
	localtime_r(&seconds, &t);
	sign = t.tm_gmtoff < 0 ? '-' : '+';
	offset = labs(t.tm_gmtoff) / 60;
	snprintf(ret, CLOCK_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%03u%c%02u:%02u",
		(unsigned int)(t.tm_year + 1900) % 10000, (unsigned int)(t.tm_mon + 1) % 100,
		(unsigned int)t.tm_mday % 100, (unsigned int)t.tm_hour % 100, (unsigned int)t.tm_min % 100,
		(unsigned int)t.tm_sec % 100, (unsigned int)(ms - (int64_t)seconds * 1000) % 1000, sign,
		(unsigned int)(offset / 60) % 100, (unsigned int)(offset % 60) % 100);
}

static int two(const char *text)
{
	return (text[0] - '0') * 10 + (text[1] - '0');
}

typedef uint8_t Sixteen __attribute__((vector_size(16)));

/* A digit differs from '0' by 0 to 9, a sign from '+' by 0 or 2, everything else from itself by nothing. */
static bool differs(const char *text, const char *most)
{
	static const char form[] = "0000-00-00T00:00:00.000+00:00";
	const size_t second = sizeof(form) - 1 - sizeof(Sixteen);
	uint64_t halves[2];
	Sixteen wrong = {0};

	for (size_t at = 0; at <= second; at += second) {
		Sixteen t, f, m;

		memcpy(&t, text + at, sizeof(t));
		memcpy(&f, form + at, sizeof(f));
		memcpy(&m, most + at, sizeof(m));
		wrong |= (Sixteen)(t - f > m);
	}
	memcpy(halves, &wrong, sizeof(halves));
	return (halves[0] | halves[1]) != 0 || text[23] == ',';
}

bool clock_is_exact(const char *text)
{
	static const char most[] = "\x9\x9\x9\x9\0\x1\x9\0\x3\x9\0\x2\x9\0\x5\x9\0\x5\x9\0\x9\x9\x9\x2"
	                           "\x2\x9\0\x5\x9";
	static const uint8_t days[] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day;

	if (differs(text, most))
		return false;
	month = two(text + 5);
	day = two(text + 8);
	if (month < 1 || month > 12 || day < 1 || day > days[month])
		return false;
	year = two(text) * 100 + two(text + 2);
	if (month == 2 && day == 29 && (year % 4 || (year % 100 == 0 && year % 400)))
		return false;
	return (text[11] < '2' || text[12] <= '3') && (text[24] < '2' || text[25] <= '3');
}

/* Days from 1970-01-01 to the first of a month of the Gregorian calendar, month counted from 0: timegm asks for
   the time zone each time, and a ledger has a million times. */
static int64_t month_days(int year, int month)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	/* leap days of the years that are over, and this one's from March on; 400 years later, so that none is negative */
	int over = 400 + (month > 1 ? year : year - 1);
	int leaps = over / 4 - over / 100 + over / 400;

	return (int64_t)(year - 1970) * 365 + leaps - (2369 / 4 - 2369 / 100 + 2369 / 400) + before[month];
}

int clock_parse(const char *text, size_t n, int64_t *ret)
{
	static const char most[] = "\x9\x9\x9\x9\0\x9\x9\0\x9\x9\0\x9\x9\0\x9\x9\0\x9\x9\0\x9\x9\x9\x2"
	                           "\x9\x9\0\x9\x9";
	int month, day, hour, minute, second, offset;
	int64_t days;

	if (n != CLOCK_SIZE || differs(text, most))
		return -EINVAL;
	month = two(text + 5) - 1;
	day = two(text + 8);
	hour = two(text + 11);
	minute = two(text + 14);
	second = two(text + 17);
	offset = two(text + 24) * 60 + two(text + 27);
	if (month < 0 || month > 11 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 ||
		offset >= 24 * 60)
		return -EINVAL;
	if (text[23] == '-')
		offset = -offset;
	days = month_days(two(text) * 100 + two(text + 2), month) + day - 1;
	*ret = ((days * 24 + hour) * 60 + minute - offset) * 60000 + second * 1000 + two(text + 20) * 10 +
	       (text[22] - '0');
	return 0;
}

unsigned int clock_fiscal_year(int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm t;

	localtime_r(&seconds, &t);
	return (unsigned int)(t.tm_year + 1900 - (t.tm_mon < 3));
}

unsigned int clock_year_read(const char *text)
{
	return strlen(text) == 4 && strspn(text, "0123456789") == 4 ? (unsigned int)strtoul(text, NULL, 10) : 0;
}

int64_t clock_fiscal_year_end(int64_t ms)
{
	unsigned int year = clock_fiscal_year(ms);
	int64_t before = ms, after = ms + INT64_C(367) * 24 * 3600 * 1000;

	/* by halves, not by mktime, which reads the time zone's file anew each time: a confined process may not */
	while (after - before > 1) {
		int64_t middle = before + (after - before) / 2;

		if (clock_fiscal_year(middle) > year)
			after = middle;
		else
			before = middle;
	}
	return after;
}
