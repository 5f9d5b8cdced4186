/* SPDX-License-Identifier: Apache-2.0 */
#include "entries.h"

#include "fault.h"

void entries_free(struct Entries *e)
{
	free(e->rows);
	free(e->names);
	free(e->places);
	*e = (struct Entries){};
}

const char *entries_name(const struct Entries *e, size_t i)
{
	return e->names + e->rows[i].name;
}

/* FNV-1a: names come from the person whose copy it is; who makes them collide waits for himself. */
static size_t hash(const char *name)
{
	uint64_t h = 14695981039346656037u;

	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 1099511628211u;
	return (size_t)h;
}

/* Where the name stands, or the free place where it would. */
static size_t place_of(const struct Entries *e, const char *name)
{
	size_t at = hash(name) & (e->n_places - 1);

	while (e->places[at] && strcmp(entries_name(e, e->places[at] - 1), name))
		at = (at + 1) & (e->n_places - 1);
	return at;
}

static int places_grow(struct Entries *e)
{
	size_t n = e->n_places ? e->n_places * 2 : 64;
	uint32_t *more;

	if (e->n < e->n_places / 2)
		return 0;
	more = calloc(n, sizeof(*more));
	if (!more)
		return -ENOMEM;
	free(e->places);
	e->places = more;
	e->n_places = n;
	for (size_t i = 0; i < e->n; i++)
		more[place_of(e, entries_name(e, i))] = (uint32_t)i + 1;
	return 0;
}

static int rows_grow(struct Entries *e)
{
	size_t n = e->room ? e->room * 2 : 64;
	struct Entry *more;

	if (e->n < e->room)
		return 0;
	more = reallocarray(e->rows, n, sizeof(*more));
	if (!more)
		return -ENOMEM;
	e->rows = more;
	e->room = n;
	return 0;
}

static int names_grow(struct Entries *e, size_t size)
{
	size_t n = e->names_room ? e->names_room * 2 : 8192;
	char *more;

	if (e->names_size + size <= e->names_room)
		return 0;
	more = realloc(e->names, n);
	if (!more)
		return -ENOMEM;
	e->names = more;
	e->names_room = n;
	return 0;
}

int entries_add(struct Entries *e, const char *name, const struct FileFacts *facts)
{
	size_t size = strlen(name) + 1, at;

	if (e->n >= LIMIT_FILES || e->names_size + size > LIMIT_FILE_NAMES)
		return FAULT_TOO_MANY_FILES;
	if (rows_grow(e) < 0 || names_grow(e, size) < 0 || places_grow(e) < 0)
		return -ENOMEM;
	at = place_of(e, name);
	if (e->places[at])
		return FAULT_NAME_TWICE;
	e->rows[e->n] = (struct Entry){.facts = *facts, .name = (uint32_t)e->names_size};
	memcpy(e->names + e->names_size, name, size);
	e->names_size += size;
	e->places[at] = (uint32_t)++e->n;
	return 0;
}

bool entries_same(const struct Entries *e, size_t i, const char *name, const struct FileFacts *facts)
{
	const struct FileFacts *f = i < e->n ? &e->rows[i].facts : NULL;

	return f && !strcmp(entries_name(e, i), name) && f->size == facts->size && f->dev == facts->dev &&
	       f->ino == facts->ino && f->mtime == facts->mtime;
}
