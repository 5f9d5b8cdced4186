/* SPDX-License-Identifier: Apache-2.0 */
#include "loan.h"

#include "str.h"

void loans_clear(struct Loans *l)
{
	free(l->media);
	free(l->checkouts);
	*l = (struct Loans){};
}

/* Room for one more of `size` bytes in an array that doubles up to `most`. */
static int make_room(void **array, size_t size, size_t n, size_t *room, size_t most)
{
	size_t next = *room ? 2 * *room : 16;
	void *more;

	if (n < *room)
		return 0;
	if (n >= most)
		return -ENOSPC;
	more = reallocarray(*array, next, size);
	if (!more)
		return -ENOMEM;
	*array = more;
	*room = next;
	return 0;
}

int loans_add_medium(struct Loans *l, const struct MediumRow *m)
{
	void *array = l->media;
	int r;

	for (size_t i = 0; i < l->n_media; i++)
		if (str_eq(l->media[i].number, m->number)) {
			l->media[i] = *m;
			return 0;
		}
	r = make_room(&array, sizeof(*m), l->n_media, &l->media_room, LIMIT_MEDIA);
	if (r < 0)
		return r;
	l->media = array;
	l->media[l->n_media++] = *m;
	return 0;
}

int loans_add_checkout(struct Loans *l, const struct CheckoutRow *c)
{
	void *array = l->checkouts;
	int r;

	for (size_t i = 0; i < l->n_checkouts; i++)
		if (str_eq(l->checkouts[i].id, c->id)) {
			l->checkouts[i] = *c;
			return 0;
		}
	r = make_room(&array, sizeof(*c), l->n_checkouts, &l->checkouts_room, LIMIT_CHECKOUTS);
	if (r < 0)
		return r;
	l->checkouts = array;
	l->checkouts[l->n_checkouts++] = *c;
	return 0;
}

void loans_remove_checkout(struct Loans *l, const char *id)
{
	for (size_t i = 0; i < l->n_checkouts; i++)
		if (str_eq(l->checkouts[i].id, id)) {
			l->checkouts[i] = l->checkouts[--l->n_checkouts];
			return;
		}
}

struct MediumRow *loans_medium_row(struct Loans *l, const char *number)
{
	for (size_t i = 0; i < l->n_media; i++)
		if (str_eq(l->media[i].number, number))
			return &l->media[i];
	return NULL;
}

const struct MediumRow *loans_medium(const struct Loans *l, const char *number)
{
	for (size_t i = 0; i < l->n_media; i++)
		if (str_eq(l->media[i].number, number))
			return &l->media[i];
	return NULL;
}

const struct MediumRow *loans_medium_of(const struct Loans *l, const uint8_t identity[static DIGEST_SIZE])
{
	for (size_t i = 0; i < l->n_media; i++)
		if (!memcmp(l->media[i].identity, identity, DIGEST_SIZE))
			return &l->media[i];
	return NULL;
}

struct CheckoutRow *loans_checkout(const struct Loans *l, const char *medium)
{
	for (size_t i = 0; i < l->n_checkouts; i++)
		if (str_eq(l->checkouts[i].medium, medium))
			return &l->checkouts[i];
	return NULL;
}

int64_t loans_next_end(const struct Loans *l)
{
	int64_t end = INT64_MAX;

	for (size_t i = 0; i < l->n_checkouts; i++)
		if (l->checkouts[i].state == CHECKOUT_OPEN)
			end = MIN(end, l->checkouts[i].until);
	return end;
}
