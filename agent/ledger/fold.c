/* SPDX-License-Identifier: Apache-2.0 */
#include "fold.h"

#include "record_detail.h"
#include "str.h"

void fold_done(struct Fold *f)
{
	free(f->media);
	free(f->checkouts);
	free(f->pending);
	*f = (struct Fold){};
}

/* A row more, all zero, at the end of one of the arrays. */
static int row_add(void *array, size_t *n, size_t *room, size_t size)
{
	void *rows;

	memcpy(&rows, array, sizeof(rows));
	if (*n == *room) {
		size_t more = *room ? 2 * *room : 16;

		rows = reallocarray(rows, more, size);
		if (!rows)
			return -ENOMEM;
		memcpy(array, &rows, sizeof(rows));
		*room = more;
	}
	memset((char *)rows + *n * size, 0, size);
	(*n)++;
	return 0;
}

static struct MediumRow *medium_find(struct Fold *f, const char *number)
{
	for (size_t i = 0; i < f->n_media; i++)
		if (str_eq(f->media[i].number, number))
			return &f->media[i];
	return NULL;
}

/* By its id; records without one mean the medium's. */
static struct CheckoutRow *checkout_find(struct Fold *f, const struct View *v)
{
	for (size_t i = 0; i < f->n_checkouts; i++) {
		struct CheckoutRow *c = &f->checkouts[i];

		if (*v->checkout ? str_eq(c->id, v->checkout) : str_eq(c->medium, v->medium))
			return c;
	}
	return NULL;
}

static int fold_register(struct Fold *f, const struct View *v)
{
	struct MediumRow row = {}, *m;
	size_t n;

	if (!*v->medium || !view_bytes(v, KEY_IDENTITY, row.identity, sizeof(row.identity), &n) ||
	        n != sizeof(row.identity) || !view_number(v, KEY_SIZE, &row.size))
		return 0;
	STR_SET(row.number, v->medium);
	view_text(v, KEY_SUPERVISOR, row.supervisor, sizeof(row.supervisor));
	/* older versions wrote no label */
	if (view_text(v, KEY_REGISTRATION, row.registration, sizeof(row.registration)) &&
	        view_bytes(v, KEY_LABEL, row.label, sizeof(row.label), &n) && n == sizeof(row.label))
		view_number(v, KEY_COUNTER, &row.counter);
	m = medium_find(f, v->medium);
	if (!m) {
		int r = row_add(&f->media, &f->n_media, &f->media_room, sizeof(*m));

		if (r < 0)
			return r;
		m = &f->media[f->n_media - 1];
	}
	*m = row;
	return 0;
}

/* `<terminal>-<fiscal year>-<number>`: so that no number is given twice. */
static void count_checkout(struct Fold *f, const char *id)
{
	size_t n = strlen(f->terminal);
	unsigned long year, number;
	char *end;

	if (strncmp(id, f->terminal, n) || id[n] != '-')
		return;
	year = strtoul(id + n + 1, &end, 10);
	if (year != f->fiscal_year || *end != '-')
		return;
	number = strtoul(end + 1, &end, 10);
	if (!*end && number < UINT32_MAX)
		f->next_checkout = MAX(f->next_checkout, (uint32_t)number + 1);
}

static int fold_checkout(struct Fold *f, const struct View *v)
{
	struct CheckoutRow row = {}, *c;

	if (!*v->checkout)
		return 0;
	count_checkout(f, v->checkout);
	if (!*v->medium || !view_text(v, KEY_CLERK, row.clerk, sizeof(row.clerk)) ||
	        !view_time(v, KEY_UNTIL, &row.until))
		return 0;
	STR_SET(row.id, v->checkout);
	STR_SET(row.medium, v->medium);
	view_text(v, KEY_SUPERVISOR, row.supervisor, sizeof(row.supervisor));
	view_text(v, KEY_PURPOSE, row.purpose, sizeof(row.purpose));
	view_text(v, KEY_GROUND, row.ground, sizeof(row.ground));
	view_text(v, KEY_DESTINATION, row.destination, sizeof(row.destination));
	view_text(v, KEY_TERMINALS, row.terminals, sizeof(row.terminals));
	view_time(v, KEY_FROM, &row.from);
	view_flag(v, KEY_CARRY_OUT, &row.carry_out);
	view_flag(v, KEY_LOCKED_CARRIER, &row.locked_carrier);
	c = checkout_find(f, v);
	if (!c) {
		int r = row_add(&f->checkouts, &f->n_checkouts, &f->checkouts_room, sizeof(*c));

		if (r < 0)
			return r;
		c = &f->checkouts[f->n_checkouts - 1];
	}
	*c = row;
	return 0;
}

static int fold_overdue(struct Fold *f, const struct View *v)
{
	struct CheckoutRow *c = checkout_find(f, v);

	if (c)
		c->state = CHECKOUT_OVERDUE;
	return 0;
}

static int fold_return(struct Fold *f, const struct View *v)
{
	struct CheckoutRow *c = checkout_find(f, v);

	if (c)
		*c = f->checkouts[--f->n_checkouts];
	return 0;
}

/* An intent is one of two labels that the medium may carry now; its outcome says which it is. */
static void label_intent(struct Fold *f, const struct View *v)
{
	struct MediumRow *m = medium_find(f, v->medium);
	uint8_t label[DIGEST_SIZE];
	uint64_t counter;
	size_t n;

	if (!m || !view_number(v, KEY_COUNTER, &counter) || !view_bytes(v, KEY_LABEL, label, sizeof(label), &n) ||
	        n != sizeof(label))
		return;
	m->intent = v->entry->n;
	m->intent_counter = counter;
	memcpy(m->intent_label, label, sizeof(label));
}

static void label_end(struct MediumRow *m)
{
	m->intent = m->intent_counter = 0;
	memset(m->intent_label, 0, sizeof(m->intent_label));
}

static void label_failed(struct Fold *f, const struct View *v)
{
	struct MediumRow *m = medium_find(f, v->medium);
	uint64_t intent;

	if (m && view_number(v, KEY_INTENT, &intent) && intent == m->intent)
		label_end(m);
}

static int fold_label(struct Fold *f, const struct View *v)
{
	struct MediumRow *m = medium_find(f, v->medium);
	uint8_t label[DIGEST_SIZE];
	uint64_t counter;
	size_t n;

	if (!m || !view_number(v, KEY_COUNTER, &counter) || !view_bytes(v, KEY_LABEL, label, sizeof(label), &n) ||
	        n != sizeof(label))
		return 0;
	m->counter = counter;
	memcpy(m->label, label, sizeof(label));
	view_text(v, KEY_REGISTRATION, m->registration, sizeof(m->registration));
	label_end(m);
	return 0;
}

static int pending_add(struct Fold *f, const struct View *v)
{
	struct PendingRow *p;
	int r = row_add(&f->pending, &f->n_pending, &f->pending_room, sizeof(*p));

	if (r < 0)
		return r;
	p = &f->pending[f->n_pending - 1];
	p->n = v->entry->n;
	p->kind = (uint8_t)v->kind;
	STR_SET(p->medium, v->medium);
	STR_SET(p->checkout, v->checkout);
	STR_SET(p->actor, v->actor);
	view_text(v, KEY_COPY, p->copy, sizeof(p->copy));
	return 0;
}

static int fold_carry(struct Fold *f, const struct View *v);

static void pending_end(struct Fold *f, const struct View *v)
{
	uint64_t intent;

	if (!f->n_pending || !view_number(v, KEY_INTENT, &intent))
		return;
	for (size_t i = 0; i < f->n_pending; i++)
		if (f->pending[i].n == intent) {
			memmove(&f->pending[i], &f->pending[i + 1],
			        (--f->n_pending - i) * sizeof(f->pending[0]));
			return;
		}
}

struct FoldRow {
	enum RecordKind kind;
	int (*done)(struct Fold *f, const struct View *v);
};
static const struct FoldRow rows[] = {
        {RECORD_REGISTER, fold_register},
        {RECORD_CHECKOUT, fold_checkout},
        {RECORD_OVERDUE, fold_overdue},
        {RECORD_RETURN, fold_return},
        {RECORD_CARRY, fold_carry},
        {RECORD_LABEL, fold_label},
};

/* What the record is about, in the year before: -1 for what this version does not know. */
static int carried_kind(const struct View *v)
{
	char word[LIMIT_CODE];

	return view_text(v, KEY_CARRIED, word, sizeof(word)) ? record_kind_from_word(word, strlen(word)) : -1;
}

static int fold_carry(struct Fold *f, const struct View *v)
{
	int kind = carried_kind(v);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if ((int)rows[i].kind == kind && kind != RECORD_CARRY)
			return rows[i].done(f, v);
	return 0;
}

/* An intent of the year before keeps its kind. */
static int fold_intent(struct Fold *f, const struct View *v)
{
	int kind = v->kind == RECORD_CARRY ? carried_kind(v) : v->kind;
	int r = kind < 0 ? 0 : pending_add(f, v);

	if (r >= 0 && kind >= 0)
		f->pending[f->n_pending - 1].kind = (uint8_t)kind;
	if (r >= 0 && kind == RECORD_LABEL)
		label_intent(f, v);
	return r;
}

/* The latest that the clock was on record, however often it was started since; until somebody confirmed an
   earlier one: a `clock` record with who did. */
static void fold_time(struct Fold *f, const struct View *v)
{
	if (v->kind == RECORD_RECOVERED || v->kind == RECORD_KEY)
		return;
	if (v->time > f->last_time || (v->kind == RECORD_CLOCK && v->result == RESULT_DONE && *v->actor))
		f->last_time = v->time;
}

int fold_record(struct Fold *f, const struct View *v)
{
	if (v->kind < 0)
		return 0;
	fold_time(f, v);
	if (v->kind == RECORD_LABEL && v->result == RESULT_FAILED)
		label_failed(f, v);
	if (v->result == RESULT_INTENT)
		return fold_intent(f, v);
	if (v->result == RESULT_DONE || v->result == RESULT_FAILED)
		pending_end(f, v);
	if (v->result != RESULT_DONE)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if ((int)rows[i].kind == v->kind)
			return rows[i].done(f, v);
	return 0;
}
