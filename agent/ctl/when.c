/* SPDX-License-Identifier: Apache-2.0 */
#include "when.h"

#include <stdio.h>
#include <time.h>

/* What was typed, as far as the form is right. */
struct Parts {
	int year, month, day, hour, minute, second;
	bool date, time, zone;
	int offset; /* minutes east of UTC */
};

/* n digits; moves on. -1: something else. */
static int digits(const char **at, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

static bool skip(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

static int date_read(const char **at, struct Parts *p)
{
	p->year = digits(at, 4);
	if (p->year < 1970 || !skip(at, '-'))
		return -EINVAL;
	p->month = digits(at, 2);
	if (p->month < 1 || p->month > 12 || !skip(at, '-'))
		return -EINVAL;
	p->day = digits(at, 2);
	p->date = true;
	return p->day < 1 || p->day > 31 ? -EINVAL : 0;
}

static int time_read(const char **at, struct Parts *p)
{
	p->hour = digits(at, 2);
	if (p->hour < 0 || p->hour > 23 || !skip(at, ':'))
		return -EINVAL;
	p->minute = digits(at, 2);
	if (p->minute < 0 || p->minute > 59)
		return -EINVAL;
	p->time = true;
	if (!skip(at, ':'))
		return 0;
	p->second = digits(at, 2);
	return p->second < 0 || p->second > 59 ? -EINVAL : 0;
}

static int zone_read(const char **at, struct Parts *p)
{
	int sign, hours, minutes;

	if (skip(at, 'Z')) {
		p->zone = true;
		return 0;
	}
	if (**at != '+' && **at != '-')
		return 0;
	sign = **at == '-' ? -1 : 1;
	(*at)++;
	hours = digits(at, 2);
	if (hours < 0 || hours > 23 || !skip(at, ':'))
		return -EINVAL;
	minutes = digits(at, 2);
	if (minutes < 0 || minutes > 59)
		return -EINVAL;
	p->offset = sign * (hours * 60 + minutes);
	p->zone = true;
	return 0;
}

static int parts_read(const char *text, struct Parts *p)
{
	const char *at = text;
	bool date = strlen(text) > 4 && text[4] == '-';
	int r = date ? date_read(&at, p) : 0;

	if (r >= 0 && (!date || skip(&at, 'T') || skip(&at, ' ')))
		r = time_read(&at, p);
	if (r >= 0 && date && p->time)
		r = zone_read(&at, p);
	return r < 0 || *at ? -EINVAL : 0;
}

/* +30m, +2h, +3d */
static int span_read(const char *text, int64_t now, int64_t *ret)
{
	static const struct {
		char letter;
		int64_t ms;
	} units[] = {{'m', 60000}, {'h', 3600000}, {'d', 86400000}};
	const char *at = text + 1;
	int64_t n = 0;

	for (int i = 0; *at >= '0' && *at <= '9'; at++, i++) {
		if (i == 5)
			return -EINVAL;
		n = n * 10 + (*at - '0');
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (at > text + 1 && at[0] == units[i].letter && !at[1]) {
			*ret = now + n * units[i].ms;
			return 0;
		}
	return -EINVAL;
}

int when_parse(const char *text, int64_t now, enum WhenSide side, int64_t *ret)
{
	time_t seconds = (time_t)(now / 1000);
	struct Parts p = {};
	struct tm t = {}, before;
	int ms = 0;

	if (text[0] == '+')
		return span_read(text, now, ret);
	if (parts_read(text, &p) < 0 || !localtime_r(&seconds, &t))
		return -EINVAL;
	if (p.date) {
		t.tm_year = p.year - 1900;
		t.tm_mon = p.month - 1;
		t.tm_mday = p.day;
	}
	if (!p.time && side == WHEN_END) {
		p = (struct Parts){.hour = 23, .minute = 59, .second = 59};
		ms = 999;
	}
	t.tm_hour = p.hour;
	t.tm_min = p.minute;
	t.tm_sec = p.second;
	t.tm_isdst = -1;
	before = t;
	seconds = p.zone ? timegm(&t) - p.offset * 60 : mktime(&t);
	if (t.tm_mday != before.tm_mday || t.tm_mon != before.tm_mon) /* 30 February */
		return -EINVAL;
	*ret = (int64_t)seconds * 1000 + ms;
	return 0;
}
