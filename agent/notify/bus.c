/* SPDX-License-Identifier: Apache-2.0 */
#include "bus.h"

#include <systemd/sd-bus.h>

struct Bus {
	sd_bus *bus;
};

#define URGENT		 2 /* critical: it does not go away by itself */
#define NEVER		 0
#define REPLY_WAIT (10 * 1000000ull) /* microseconds */

struct Bus *bus_free(struct Bus *b)
{
	if (!b)
		return NULL;
	sd_bus_flush_close_unref(b->bus);
	free(b);
	return NULL;
}

void bus_freep(struct Bus **b)
{
	*b = bus_free(*b);
}

int bus_open(struct Bus **ret)
{
	_cleanup_(bus_freep) struct Bus *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return -ENOMEM;
	r = sd_bus_open_user(&b->bus);
	if (r >= 0)
		r = sd_bus_set_method_call_timeout(b->bus, REPLY_WAIT);
	if (r < 0)
		return r;
	*ret = b;
	b = NULL;
	return 0;
}

/* A body may hold markup; ours holds none. NULL: no memory. */
static char *plain(const char *text)
{
	static const struct {
		char letter;
		const char *entity;
	} rows[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}};
	char *safe = malloc(5 * strlen(text) + 1), *to = safe;

	for (; safe && *text; text++) {
		const char *entity = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			if (rows[i].letter == *text)
				entity = rows[i].entity;
		if (entity)
			to = stpcpy(to, entity);
		else
			*to++ = *text;
	}
	if (safe)
		*to = '\0';
	return safe;
}

int bus_notify(struct Bus *b, const char *summary, const char *body)
{
	_cleanup_free_ char *safe = plain(body);

	if (!safe)
		return -ENOMEM;
	/* name, replaces, icon, summary, body, no actions, one hint, how long */
	return sd_bus_call_method(b->bus, "org.freedesktop.Notifications", "/org/freedesktop/Notifications",
		"org.freedesktop.Notifications", "Notify", NULL, NULL, "susssasa{sv}i", "mediagate", 0,
		"drive-removable-media", summary, safe, 0, 1, "urgency", "y", URGENT, NEVER);
}
