/* SPDX-License-Identifier: Apache-2.0 */
#include "console_conf.h"

#include "str.h"

#define TEXT(member) FLAT_TEXT_ROW(struct Settings, member)
#define NUMBER(member, type, low, high)                                        \
	{                                                                      \
#member, type, offsetof(struct Settings, member), 0, low, high \
	}
#define REVIEW_TEXT(name)                                                       \
	{                                                                       \
		"review_" #name, FLAT_TEXT, offsetof(struct Settings, review.name), \
		        sizeof(((struct Settings *)NULL)->review.name), 0, 0    \
	}
#define REVIEW_NUMBER(name, value, least, most) \
	{"review_" #name, FLAT_COUNT, offsetof(struct Settings, review.name), 0, least, most},
static const struct FlatKey keys[] = {TEXT(data), TEXT(domain), TEXT(office), TEXT(language), TEXT(host),
        NUMBER(proxied, FLAT_FLAG, 0, 1), NUMBER(port, FLAT_PORT, 1, 65535),
        NUMBER(every, FLAT_COUNT, 0, 1440), NUMBER(push_port, FLAT_PORT, 0, 65535),
        NUMBER(newcomers, FLAT_FLAG, 0, 1), NUMBER(quota, FLAT_COUNT, 1, 65536),
        NUMBER(silent_days, FLAT_COUNT, 1, 366), NUMBER(ledgers, FLAT_PATHS, 0, 0), REVIEW_TEXT(hours),
        REVIEW_TEXT(open_days), REVIEW_TEXT(duties), REVIEW_NUMBERS(REVIEW_NUMBER)};
#undef REVIEW_NUMBER
#undef REVIEW_TEXT
#undef NUMBER
#undef TEXT

void settings_default(struct Settings *s)
{
	*s = (struct Settings){.data = "/var/lib/mediagate-console",
	        .domain = "console.invalid",
	        .port = 8020,
	        .every = 15,
	        .newcomers = true,
	        .quota = 512,
	        .silent_days = 7};
	review_default(&s->review);
}

static const char *settings_check(void *values)
{
	struct Settings *s = values;
	struct ReviewBounds bounds;

	if (review_bounds(&s->review, &bounds) < 0)
		return "review_hours, review_open_days or review_duties";
	return *s->language && !str_eq(s->language, "ja") && !str_eq(s->language, "en") ? "language" : NULL;
}

const struct FlatFile console_conf = {keys, ARRAY_SIZE(keys), settings_check};
