/* SPDX-License-Identifier: Apache-2.0 */
#include "fold.h"

#include "record_detail.h"
#include "str.h"

void fold_done(struct Fold *f)
{
	free(f->media);
	free(f->media_from);
	free(f->checkouts);
	free(f->checkouts_from);
	free(f->pending);
	free(f->counts);
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

static struct FoldMedium *medium_from(struct Fold *f, const struct MediumRow *m)
{
	return &f->media_from[m - f->media];
}

static struct MediumRow *medium_find(struct Fold *f, const char *number)
{
	for (size_t i = 0; i < f->n_media; i++)
		if (str_eq(f->media[i].number, number))
			return &f->media[i];
	return NULL;
}

static struct FoldCheckout *checkout_from(struct Fold *f, const struct CheckoutRow *c)
{
	return &f->checkouts_from[c - f->checkouts];
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
		int r = row_add(&f->media_from, &f->n_media_from, &f->media_from_room, sizeof(*f->media_from));

		if (r >= 0)
			r = row_add(&f->media, &f->n_media, &f->media_room, sizeof(*m));
		if (r < 0)
			return r;
		m = &f->media[f->n_media - 1];
	}
	*m = row;
	*medium_from(f, m) = (struct FoldMedium){v->entry->n, FOLD_NONE, FOLD_NONE};
	return 0;
}

/* `<terminal>-<fiscal year>-<number>`: so that no number is given twice. */
static bool checkout_number(const struct Fold *f, const char *id, uint32_t *ret_year, uint32_t *ret_number)
{
	size_t n = strlen(f->terminal);
	unsigned long year, number;
	char *end;

	if (strncmp(id, f->terminal, n) || id[n] != '-')
		return false;
	year = strtoul(id + n + 1, &end, 10);
	if (year > UINT32_MAX || *end != '-')
		return false;
	number = strtoul(end + 1, &end, 10);
	*ret_year = (uint32_t)year;
	*ret_number = (uint32_t)number;
	return !*end && number < UINT32_MAX;
}

/* In the order of the years, whatever order they came in. */
static int count_add(struct Fold *f, const struct FoldCount *count)
{
	size_t i = f->n_counts;
	int r = row_add(&f->counts, &f->n_counts, &f->counts_room, sizeof(*f->counts));

	if (r < 0)
		return r;
	for (; i && f->counts[i - 1].year > count->year; i--)
		f->counts[i] = f->counts[i - 1];
	f->counts[i] = *count;
	return 0;
}

static int count_checkout(struct Fold *f, const struct View *v)
{
	struct FoldCount count = {.n = v->entry->n};

	if (!checkout_number(f, v->checkout, &count.year, &count.number))
		return 0;
	if (count.year == f->fiscal_year)
		f->next_checkout = MAX(f->next_checkout, count.number + 1);
	for (size_t i = 0; i < f->n_counts; i++) {
		if (f->counts[i].year != count.year)
			continue;
		/* of two the first, in whatever order they are added */
		if (f->counts[i].number < count.number ||
		        (f->counts[i].number == count.number && f->counts[i].n > count.n))
			f->counts[i] = count;
		return 0;
	}
	return count_add(f, &count);
}

static int fold_checkout(struct Fold *f, const struct View *v)
{
	struct CheckoutRow row = {}, *c;
	int r;

	if (!*v->checkout)
		return 0;
	r = count_checkout(f, v);
	if (r < 0 || !*v->medium || !view_text(v, KEY_CLERK, row.clerk, sizeof(row.clerk)) ||
	        !view_time(v, KEY_UNTIL, &row.until))
		return r;
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
		r = row_add(&f->checkouts_from, &f->n_checkouts_from, &f->checkouts_from_room,
		        sizeof(*f->checkouts_from));
		if (r >= 0)
			r = row_add(&f->checkouts, &f->n_checkouts, &f->checkouts_room, sizeof(*c));
		if (r < 0)
			return r;
		c = &f->checkouts[f->n_checkouts - 1];
	}
	*c = row;
	*checkout_from(f, c) = (struct FoldCheckout){v->entry->n, FOLD_NONE};
	return 0;
}

static int fold_overdue(struct Fold *f, const struct View *v)
{
	struct CheckoutRow *c = checkout_find(f, v);

	if (!c)
		return 0;
	c->state = CHECKOUT_OVERDUE;
	checkout_from(f, c)->overdue = v->entry->n;
	return 0;
}

static int fold_return(struct Fold *f, const struct View *v)
{
	struct CheckoutRow *c = checkout_find(f, v);

	if (!c)
		return 0;
	*checkout_from(f, c) = f->checkouts_from[--f->n_checkouts_from];
	*c = f->checkouts[--f->n_checkouts];
	return 0;
}

/* The medium of a label's record, and what the record says of the label; NULL when it lacks any of it. */
static struct MediumRow *label_read(struct Fold *f, const struct View *v, uint64_t *ret_counter,
                                    uint8_t ret_label[static DIGEST_SIZE])
{
	struct MediumRow *m = medium_find(f, v->medium);
	size_t n;

	if (!m || !view_number(v, KEY_COUNTER, ret_counter) || !view_bytes(v, KEY_LABEL, ret_label, DIGEST_SIZE, &n))
		return NULL;
	return n == DIGEST_SIZE ? m : NULL;
}

/* An intent is one of two labels that the medium may carry now; its outcome says which it is. */
static void label_intent(struct Fold *f, const struct View *v)
{
	uint8_t label[DIGEST_SIZE];
	uint64_t counter;
	struct MediumRow *m = label_read(f, v, &counter, label);

	if (!m)
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
	uint8_t label[DIGEST_SIZE];
	uint64_t counter;
	struct MediumRow *m = label_read(f, v, &counter, label);
	char registration[sizeof(m->registration)];

	if (!m)
		return 0;
	m->counter = counter;
	memcpy(m->label, label, sizeof(label));
	medium_from(f, m)->label = v->entry->n;
	if (view_text(v, KEY_REGISTRATION, registration, sizeof(registration))) {
		STR_SET(m->registration, registration);
		medium_from(f, m)->named = v->entry->n;
	}
	label_end(m);
	return 0;
}

/* <domain>/mediagate/<terminal>/<year>; 0: not of a drop, or no year. */
static uint32_t dropped_year(const struct View *v)
{
	char origin[LIMIT_VKEY];
	const char *year;

	if (v->kind != RECORD_DROP || !view_text(v, KEY_ORIGIN, origin, sizeof(origin)))
		return 0;
	year = strrchr(origin, '/');
	return year && strlen(year) == LIMIT_YEAR && strspn(year + 1, "0123456789") == LIMIT_YEAR - 1
	               ? (uint32_t)strtoul(year + 1, NULL, 10)
	               : 0;
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
	p->year = dropped_year(v);
	return 0;
}

static int fold_carry(struct Fold *f, const struct View *v);

static void pending_end(struct Fold *f, const struct View *v)
{
	uint64_t intent;

	/* a copy's files come in thousands while it is pending, and are no outcome */
	if (!f->n_pending || v->kind == RECORD_FILE || !view_number(v, KEY_INTENT, &intent))
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
	if (v->time > f->last_time || (v->kind == RECORD_CLOCK && v->result == RESULT_DONE && *v->actor)) {
		f->last_time = v->time;
		f->time_from = v->entry->n + 1;
	}
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

/* ------------------------------------------------------------------ from the few records that matter */

struct Sources {
	struct FoldSource *rows;
	size_t n, room;
	int error;
};

static void source_add(struct Sources *s, enum FoldPart part, uint64_t n)
{
	if (n == FOLD_NONE || s->error < 0)
		return;
	s->error = row_add(&s->rows, &s->n, &s->room, sizeof(*s->rows));
	if (s->error >= 0)
		s->rows[s->n - 1] = (struct FoldSource){n, part};
}

static void sources_of_media(const struct Fold *f, struct Sources *s)
{
	for (size_t i = 0; i < f->n_media; i++) {
		const struct FoldMedium *from = &f->media_from[i];

		source_add(s, PART_MEDIUM, from->registered);
		if (from->named != from->label)
			source_add(s, PART_LABEL, from->named);
		source_add(s, PART_LABEL, from->label);
		if (f->media[i].intent)
			source_add(s, PART_LABEL_INTENT, f->media[i].intent);
	}
}

int fold_sources(const struct Fold *f, struct FoldSource **ret, size_t *ret_n)
{
	struct Sources s = {};

	sources_of_media(f, &s);
	for (size_t i = 0; i < f->n_checkouts; i++) {
		source_add(&s, PART_CHECKOUT, f->checkouts_from[i].made);
		source_add(&s, PART_OVERDUE, f->checkouts_from[i].overdue);
	}
	for (size_t i = 0; i < f->n_pending; i++)
		source_add(&s, PART_PENDING, f->pending[i].n);
	if (f->time_from)
		source_add(&s, PART_TIME, f->time_from - 1);
	for (size_t i = 0; i < f->n_counts; i++)
		source_add(&s, PART_COUNT, f->counts[i].n);
	if (s.error < 0) {
		free(s.rows);
		return s.error;
	}
	*ret = s.rows;
	*ret_n = s.n;
	return 0;
}

static int part_medium(struct Fold *f, const struct View *v)
{
	size_t n = f->n_media;
	int r = fold_register(f, v);

	return r < 0 ? r : f->n_media == n + 1 ? 0 : -EBADMSG;
}

static int part_label(struct Fold *f, const struct View *v)
{
	int r = fold_label(f, v);
	const struct MediumRow *m = medium_find(f, v->medium);

	return r < 0 ? r : m && medium_from(f, m)->label == v->entry->n ? 0 : -EBADMSG;
}

static int part_label_intent(struct Fold *f, const struct View *v)
{
	const struct MediumRow *m = medium_find(f, v->medium);

	label_intent(f, v);
	return m && m->intent == v->entry->n ? 0 : -EBADMSG;
}

static int part_checkout(struct Fold *f, const struct View *v)
{
	size_t n = f->n_checkouts;
	int r = fold_checkout(f, v);

	return r < 0 ? r : f->n_checkouts == n + 1 ? 0 : -EBADMSG;
}

/* Of the row before it: a record without an id would find another one of the same medium. */
static int part_overdue(struct Fold *f, const struct View *v)
{
	if (!f->n_checkouts)
		return -EBADMSG;
	f->checkouts[f->n_checkouts - 1].state = CHECKOUT_OVERDUE;
	f->checkouts_from[f->n_checkouts - 1].overdue = v->entry->n;
	return 0;
}

static int part_pending(struct Fold *f, const struct View *v)
{
	int kind = v->kind == RECORD_CARRY ? carried_kind(v) : v->kind;
	int r = kind < 0 ? -EBADMSG : pending_add(f, v);

	if (r >= 0)
		f->pending[f->n_pending - 1].kind = (uint8_t)kind;
	return r;
}

static int part_time(struct Fold *f, const struct View *v)
{
	f->last_time = v->time;
	f->time_from = v->entry->n + 1;
	return 0;
}

int fold_part(struct Fold *f, enum FoldPart part, const struct View *v)
{
	static int (*const parts[])(struct Fold * f, const struct View *v) = {
	        [PART_MEDIUM] = part_medium,
	        [PART_LABEL] = part_label,
	        [PART_LABEL_INTENT] = part_label_intent,
	        [PART_CHECKOUT] = part_checkout,
	        [PART_OVERDUE] = part_overdue,
	        [PART_PENDING] = part_pending,
	        [PART_TIME] = part_time,
	        [PART_COUNT] = count_checkout,
	};

	return (size_t)part < ARRAY_SIZE(parts) ? parts[part](f, v) : -EBADMSG;
}
