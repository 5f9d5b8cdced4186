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

/* n digits at text, as a number; -1: something else. */
static int digits(const char *text, size_t n)
{
	int value = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

int clock_parse(const char *text, size_t n, int64_t *ret)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddsdd:dd";
	struct tm t = {};
	int ms, offset;

	if (n != sizeof(form) - 1)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (form[i] == 'd' ? !digit : form[i] == 's' ? text[i] != '+' && text[i] != '-' : text[i] != form[i])
			return -EINVAL;
	}
	t.tm_year = digits(text, 4) - 1900;
	t.tm_mon = digits(text + 5, 2) - 1;
	t.tm_mday = digits(text + 8, 2);
	t.tm_hour = digits(text + 11, 2);
	t.tm_min = digits(text + 14, 2);
	t.tm_sec = digits(text + 17, 2);
	ms = digits(text + 20, 3);
	offset = digits(text + 24, 2) * 60 + digits(text + 27, 2);
	if (t.tm_mon < 0 || t.tm_mon > 11 || t.tm_mday < 1 || t.tm_mday > 31 || t.tm_hour > 23 ||
		t.tm_min > 59 || t.tm_sec > 60 || offset >= 24 * 60)
		return -EINVAL;
	if (text[23] == '-')
		offset = -offset;
	*ret = ((int64_t)timegm(&t) - offset * 60) * 1000 + ms;
	return 0;
}

unsigned int clock_fiscal_year(int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm t;

	localtime_r(&seconds, &t);
	return (unsigned int)(t.tm_year + 1900 - (t.tm_mon < 3));
}
