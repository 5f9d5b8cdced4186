/* SPDX-License-Identifier: Apache-2.0 */
#include "params.h"

#include "holiday.h"
#include "record_detail.h"
#include "settings.h"
#include "str.h"

#define NUMBER(name, value, least, most) {#name, offsetof(struct ReviewParams, name), value, least, most},
static const struct ReviewNumber numbers[] = {REVIEW_NUMBERS(NUMBER)};
#undef NUMBER

static_assert(_RECORD_KIND_N <= 64, "a kind is a bit");

const struct ReviewNumber *review_number(size_t i)
{
	return i < ARRAY_SIZE(numbers) ? &numbers[i] : NULL;
}

static uint32_t *member(struct ReviewParams *p, const struct ReviewNumber *n)
{
	return (uint32_t *)(void *)((char *)p + n->offset);
}

static uint32_t value(const struct ReviewParams *p, const struct ReviewNumber *n)
{
	return *(const uint32_t *)(const void *)((const char *)p + n->offset);
}

void review_default(struct ReviewParams *p)
{
	*p = (struct ReviewParams){.hours = REVIEW_HOURS, .duties = REVIEW_DUTIES};
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		*member(p, &numbers[i]) = numbers[i].value;
}

/* ------------------------------------------------------------------ hours and duties */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* HH:MM, to 24:00; -1. */
static int minute_read(const char *t)
{
	int hour, minute;

	if (!digit(t[0]) || !digit(t[1]) || t[2] != ':' || !digit(t[3]) || !digit(t[4]))
		return -1;
	hour = (t[0] - '0') * 10 + t[1] - '0';
	minute = (t[3] - '0') * 10 + t[4] - '0';
	return minute > 59 || hour * 60 + minute > 24 * 60 ? -1 : hour * 60 + minute;
}

static int hours_read(const char *hours, struct ReviewBounds *ret)
{
	if (strlen(hours) != strlen("HH:MM-HH:MM") || hours[5] != '-')
		return -EINVAL;
	ret->open = minute_read(hours);
	ret->close = minute_read(hours + 6);
	return ret->open < 0 || ret->close <= ret->open ? -EINVAL : 0;
}

static int day_of(const char *t, int64_t *ret)
{
	struct Day d = {};
	char rest;

	if (strlen(t) != strlen("YYYY-MM-DD") || strspn(t, "0123456789-") != strlen(t) ||
	        sscanf(t, "%4d-%2d-%2d%c", &d.year, &d.month, &d.day, &rest) != 3 || !day_is_valid(d))
		return -EINVAL;
	*ret = day_number(d);
	return 0;
}

static int open_days_read(const char *days, struct ReviewBounds *ret)
{
	char copy[sizeof(((struct ReviewParams *)NULL)->open_days)], *at = copy, *item;
	int r = 0;

	STR_CUT(copy, days);
	while (r == 0 && (item = strsep(&at, " ")))
		if (*item)
			r = ret->n_days < REVIEW_OPEN_DAYS ? day_of(item, &ret->days[ret->n_days++])
			                                   : -EINVAL;
	return r;
}

int review_role(const char *word)
{
	static const char *const words[] = {"chief", "supervisor", "auditor", "clerk", "administrator"};

	static_assert(ROLE_ADMINISTRATOR == 1 << 4, "a role's bit is its place");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(words[i], word))
			return (int)i;
	return -ENOENT;
}

static int duty_read(char *row, struct ReviewBounds *ret)
{
	char *word = strsep(&row, " ");
	int role = review_role(word), kind;

	if (role < 0)
		return -EINVAL;
	ret->roles |= 1U << role;
	while ((word = strsep(&row, " "))) {
		kind = record_kind_from_word(word, strlen(word));
		if (kind < 0)
			return -EINVAL;
		ret->duties[role] |= UINT64_C(1) << kind;
	}
	return 0;
}

int review_bounds(const struct ReviewParams *p, struct ReviewBounds *ret)
{
	char duties[sizeof(p->duties)], *at = duties, *row;
	int r;

	*ret = (struct ReviewBounds){};
	STR_CUT(duties, p->duties);
	r = hours_read(p->hours, ret);
	if (r == 0)
		r = open_days_read(p->open_days, ret);
	while (r == 0 && (row = strsep(&at, ",")))
		if (*(row += *row == ' '))
			r = duty_read(row, ret);
	return r;
}

int review_check(const struct ReviewParams *p)
{
	struct ReviewBounds bounds;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (value(p, &numbers[i]) < numbers[i].least || value(p, &numbers[i]) > numbers[i].most)
			return -EINVAL;
	return review_bounds(p, &bounds);
}

/* ------------------------------------------------------------------ as a text */

void review_write(const struct ReviewParams *p, char ret[static REVIEW_TEXT])
{
	int n = snprintf(
	        ret, REVIEW_TEXT, "hours=%s;open_days=%s;duties=%s", p->hours, p->open_days, p->duties);

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		n += snprintf(
		        ret + n, REVIEW_TEXT - (size_t)n, ";%s=%u", numbers[i].name, value(p, &numbers[i]));
}

static int item_read(char *item, struct ReviewParams *ret)
{
	const char *name = strsep(&item, "=");
	char *end;

	if (!item)
		return -EINVAL;
	if (str_eq(name, "hours"))
		return STR_SET(ret->hours, item);
	if (str_eq(name, "open_days"))
		return STR_SET(ret->open_days, item);
	if (str_eq(name, "duties"))
		return STR_SET(ret->duties, item);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (str_eq(numbers[i].name, name)) {
			*member(ret, &numbers[i]) = (uint32_t)strtoul(item, &end, 10);
			return digit(*item) && !*end && strlen(item) <= 9 ? 0 : -EINVAL;
		}
	return -EINVAL;
}

int review_read(const char *text, struct ReviewParams *ret)
{
	char copy[REVIEW_TEXT], *at = copy, *item;
	int r = STR_SET(copy, text);

	review_default(ret);
	while (r == 0 && (item = strsep(&at, ";")))
		if (*item)
			r = item_read(item, ret);
	return r < 0 || review_check(ret) < 0 ? -EINVAL : 0;
}
