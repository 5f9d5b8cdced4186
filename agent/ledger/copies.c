/* SPDX-License-Identifier: Apache-2.0 */
#include "copies.h"

#include "hex.h"
#include "str.h"

#include <stdio.h>

#define LINE_MOST (2 * DIGEST_SIZE + 2 + 64 + 1)
#define HEAD_MOST (32 + LIMIT_ID)

static void copy_done(struct Copy *copy)
{
	free(copy->text);
	*copy = (struct Copy){};
}

void copies_done(struct Copies *c)
{
	for (size_t i = 0; i < c->n; i++)
		copy_done(&c->items[i]);
	free(c->items);
	*c = (struct Copies)COPIES_NULL;
}

struct Copy *copies_find(struct Copies *c, const char *id)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->items[i].id, id))
			return &c->items[i];
	return NULL;
}

static bool id_is_plain(const char *id)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	return *id && *id != '-' && strspn(id, allowed) == strlen(id) && strlen(id) < LIMIT_ID;
}

int copies_begin(struct Copies *c, const char *id)
{
	struct Copy *copy;

	if (!id_is_plain(id))
		return -EINVAL;
	if (copies_find(c, id))
		return 0;
	if (c->n == c->room) {
		size_t room = c->room ? 2 * c->room : 8;
		struct Copy *more = reallocarray(c->items, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		c->items = more;
		c->room = room;
	}
	copy = &c->items[c->n++];
	*copy = (struct Copy){};
	return STR_SET(copy->id, id);
}

void copies_end(struct Copies *c, const char *id)
{
	struct Copy *copy = copies_find(c, id);

	if (!copy)
		return;
	copy_done(copy);
	*copy = c->items[--c->n];
}

/* The count in `<id>-001of007.p7m`; 0: not such a name. Its exact form is checked by writing it again. */
static uint32_t parts_of(const char *id, const char *name)
{
	size_t n = strlen(id);
	const char *of;
	unsigned long count;

	if (strncmp(name, id, n) || name[n] != '-')
		return 0;
	of = strstr(name + n, "of");
	if (!of || of[2] < '0' || of[2] > '9')
		return 0;
	count = strtoul(of + 2, NULL, 10);
	return count < NOTE_LINES_MOST ? (uint32_t)count : 0;
}

static bool name_is_next(const struct Copy *copy, const char *name)
{
	char number[16], expected[64 + LIMIT_ID];
	int width;

	if (copy->parts == copy->of)
		return str_eq(name, "OPEN.txt");
	width = snprintf(number, sizeof(number), "%03u", copy->of);
	snprintf(expected, sizeof(expected), "%s-%0*uof%s.p7m", copy->id, width, copy->parts + 1, number);
	return str_eq(name, expected);
}

static int copy_reserve(struct Copy *copy)
{
	size_t room = copy->room ? 2 * copy->room : 1024;
	char *more;

	if (copy->n + HEAD_MOST + LINE_MOST < copy->room)
		return 0;
	more = realloc(copy->text, room);
	if (!more)
		return -ENOMEM;
	copy->text = more;
	copy->room = room;
	return 0;
}

int copy_add_line(struct Copy *copy, const char *name, const uint8_t sha256[static DIGEST_SIZE])
{
	char hex[2 * DIGEST_SIZE + 1];
	int r;

	if (copy->spoilt)
		return 0;
	if (!copy->of)
		copy->of = parts_of(copy->id, name);
	if (!copy->of || copy->open_text || copy->signed_once || !name_is_next(copy, name)) {
		copy->spoilt = true;
		return 0;
	}
	r = copy_reserve(copy);
	if (r < 0) {
		copy->spoilt = true;
		return r;
	}
	if (!copy->n)
		copy->n = (size_t)snprintf(copy->text, copy->room, "mediagate/copy/v1\n%s\n", copy->id);
	hex_encode(sha256, DIGEST_SIZE, hex);
	copy->n += (size_t)snprintf(copy->text + copy->n, copy->room - copy->n, "%s  %s\n", hex, name);
	if (copy->parts == copy->of)
		copy->open_text = true;
	else
		copy->parts++;
	return 0;
}

bool copy_is_whole(const struct Copy *copy, uint32_t n_lines)
{
	return copy->open_text && !copy->spoilt && !copy->signed_once && n_lines == copy->of + 1;
}
