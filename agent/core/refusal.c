/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal.h"

#include "clock.h"
#include "core.h"
#include "str.h"

static int refusal_due(void *owner)
{
	return refusal_flush(owner, false);
}

static bool same_refusal(const struct Record *a, const struct Record *b)
{
	return a->kind == b->kind && a->reason == b->reason && str_eq(a->actor, b->actor) &&
		str_eq(a->medium, b->medium) && a->detail_size == b->detail_size &&
		!memcmp(a->detail, b->detail, a->detail_size);
}

/* The person's row of this minute; a full table shares its first row: it folds more, never less. */
static struct FloodRow *flood_row(struct Refusals *all, const char *actor, int64_t now)
{
	struct FloodRow *empty = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(all->people); i++) {
		struct FloodRow *f = &all->people[i];

		if (f->used && str_eq(f->actor, actor))
			return f;
		if (!f->used && !empty)
			empty = f;
	}
	if (!empty)
		return &all->people[0];
	*empty = (struct FloodRow){.used = true, .since = now};
	STR_CUT(empty->actor, actor);
	return empty;
}

static struct RefusalRow *refusal_row(struct Refusals *all, const struct Record *r)
{
	struct RefusalRow *empty = NULL;

	for (size_t i = 0; i < REFUSAL_ROWS; i++) {
		struct RefusalRow *row = &all->rows[i];

		if (row->used && same_refusal(&row->record, r))
			return row;
		if (!row->used && !empty)
			empty = row;
	}
	return empty;
}

int refusal_record(struct Core *core, const struct Record *r)
{
	struct Refusals *all = &core->refusals;
	int64_t now = clock_boot();
	struct RefusalRow *row;
	struct FloodRow *person;

	if (!all->rows)
		all->rows = calloc(REFUSAL_ROWS, sizeof(*all->rows));
	if (!all->rows)
		return -ENOMEM;
	row = refusal_row(all, r);
	if (row && row->used) {
		row->more++;
		return 0;
	}
	person = flood_row(all, r->actor, now);
	if (!row || person->n >= REFUSAL_MANY) {
		person->more++;
		return dispatch_at(core->dispatch, now + REFUSAL_WINDOW, refusal_due, core);
	}
	person->n++;
	*row = (struct RefusalRow){.used = true, .since = now, .record = *r};
	if (ledger_append(core, r, WANT_DURABLE, NULL, 0) < 0)
		return -ENOMEM;
	return dispatch_at(core->dispatch, now + REFUSAL_WINDOW, refusal_due, core);
}

static int flush_row(struct Core *core, struct RefusalRow *row)
{
	struct Record r = row->record;

	row->used = false;
	if (!row->more)
		return 0;
	record_number(&r, KEY_COUNT, row->more);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

static int flush_person(struct Core *core, struct FloodRow *person)
{
	struct Record r;

	person->used = false;
	if (!person->more)
		return 0;
	record_start(&r, RECORD_FLOOD, RESULT_REFUSED);
	STR_CUT(r.actor, person->actor);
	record_number(&r, KEY_COUNT, person->more);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

int refusal_flush(struct Core *core, bool all)
{
	struct Refusals *refusals = &core->refusals;
	int64_t now = clock_boot(), next = INT64_MAX;
	int r = 0;

	for (size_t i = 0; refusals->rows && i < REFUSAL_ROWS && r >= 0; i++) {
		struct RefusalRow *row = &refusals->rows[i];

		if (row->used && (all || row->since + REFUSAL_WINDOW <= now))
			r = flush_row(core, row);
		else if (row->used)
			next = MIN(next, row->since + REFUSAL_WINDOW);
	}
	for (size_t i = 0; i < ARRAY_SIZE(refusals->people) && r >= 0; i++) {
		struct FloodRow *person = &refusals->people[i];

		if (person->used && (all || person->since + REFUSAL_WINDOW <= now))
			r = flush_person(core, person);
		else if (person->used)
			next = MIN(next, person->since + REFUSAL_WINDOW);
	}
	if (next != INT64_MAX && r >= 0)
		r = dispatch_at(core->dispatch, next, refusal_due, core);
	return r < 0 ? r : 0;
}
