/* SPDX-License-Identifier: Apache-2.0 */
#include "desk.h"

#include "acts.h"
#include "clock.h"
#include "office.h"
#include "str.h"

#include <stdio.h>

void desk_pass(struct Desk *d, int low_seconds, int high_seconds)
{
	d->now += (int64_t)draw_between(&d->draw, low_seconds * 1000, high_seconds * 1000);
}

static void mark(struct Marks *m, uint64_t n, bool telling)
{
	if (m->n == m->room) {
		m->room = m->room ? 2 * m->room : 64;
		m->rows = reallocarray(m->rows, m->room, sizeof(*m->rows));
		m->telling = reallocarray(m->telling, m->room, sizeof(*m->telling));
		must(m->rows && m->telling, "memory");
	}
	m->telling[m->n] = telling;
	m->rows[m->n++] = n;
}

uint64_t desk_add(struct Desk *d, const struct Record *r)
{
	uint64_t n = writer_add(&d->writer, r, d->now);

	if (d->marks)
		mark(d->marks, n, d->telling);
	d->now += draw_between(&d->draw, 4, 60);
	return n;
}

void person_record(struct Record *r, enum RecordKind kind, enum RecordResult result, const struct Person *p)
{
	record_start(r, kind, result);
	if (!p)
		return;
	STR_SET(r->actor, p->login);
	r->roles = p->role;
}

void stick_record(struct Record *r, const struct Stick *s)
{
	STR_SET(r->medium, s->number);
	STR_SET(r->checkout, s->checkout);
}

void stick_describe(struct Record *r, const struct Stick *s)
{
	record_text(r, KEY_DEVICE, s->port);
	record_text(r, KEY_VENDOR, s->vendor);
	record_text(r, KEY_PRODUCT, s->product);
	record_bytes(r, KEY_SERIAL, s->serial, strlen(s->serial));
}

/* ------------------------------------------------------------------ start and stop */

static void boot_id(struct Draw *d, char ret[static 40])
{
	unsigned int a = (unsigned int)draw_bits(d), b = (unsigned int)draw_bits(d);

	snprintf(ret, 40, "%08x-d%03x-4%03x-a%03x-%04xc%03xd%03x", a, b >> 20, b & 0xfff, a & 0xfff,
	        b & 0xffff, (unsigned int)draw_below(d, 0x1000), (unsigned int)draw_below(d, 0x1000));
}

/* What a power cut left: the last line was covered by no checkpoint yet. */
static void recovered(struct Desk *d, const char *boot)
{
	struct Record r;

	record_start(&r, RECORD_RECOVERED, RESULT_DONE);
	record_number(&r, KEY_FIRST, d->writer.next - 1);
	record_number(&r, KEY_LAST, d->writer.next - 1);
	record_text(&r, KEY_BOOT, boot);
	desk_add(d, &r);
	d->crashed = false;
}

static void pending_close(struct Desk *d)
{
	struct Fold *f = &d->writer.fold;

	while (f->n_pending) {
		const struct PendingRow p = f->pending[0];
		struct Record r;

		record_start(&r, p.kind, RESULT_FAILED);
		r.reason = FAULT_INTERRUPTED;
		STR_SET(r.actor, p.actor);
		STR_SET(r.medium, p.medium);
		STR_SET(r.checkout, p.checkout);
		if (*p.copy)
			record_text(&r, KEY_COPY, p.copy);
		record_number(&r, KEY_INTENT, p.n);
		desk_add(d, &r);
	}
}

void desk_start(struct Desk *d, int64_t time)
{
	struct Record r;
	char boot[40];

	if (d->on)
		return;
	d->now = MAX(d->now + 1000, time);
	d->booted = d->now - draw_between(&d->draw, 14000, 45000);
	boot_id(&d->draw, boot);
	if (d->crashed)
		recovered(d, boot);
	writer_start(&d->writer, d->now);
	d->now += 20;
	record_start(&r, RECORD_START, RESULT_DONE);
	record_text(&r, KEY_VERSION, MEDIAGATE_VERSION);
	record_text(&r, KEY_BOOT, boot);
	record_number(&r, KEY_BOOT_TIME, (uint64_t)(d->now - d->booted));
	desk_add(d, &r);
	pending_close(d);
	d->on = true;
	desk_reach(d, d->now);
	act_policy(d, d->config);
}

void desk_stop(struct Desk *d)
{
	struct Record r;

	if (!d->on)
		return;
	desk_reach(d, d->now);
	record_start(&r, RECORD_STOP, RESULT_DONE);
	desk_add(d, &r);
	d->on = false;
	for (size_t i = 0; i < d->n_sticks; i++)
		d->sticks[i].plugged = false;
}

void desk_crash(struct Desk *d)
{
	d->on = false;
	d->crashed = true;
	for (size_t i = 0; i < d->n_sticks; i++)
		d->sticks[i].plugged = false;
}

/* ------------------------------------------------------------------ loans */

struct Stick *desk_loan(struct Desk *d, const struct Person *p)
{
	for (size_t i = 0; i < d->n_sticks; i++)
		if (*d->sticks[i].checkout && d->sticks[i].clerk == p)
			return &d->sticks[i];
	return NULL;
}

/* Not always the first in the cabinet. */
struct Stick *desk_free(struct Desk *d)
{
	size_t from = d->n_sticks ? draw_below(&d->draw, (unsigned int)d->n_sticks) : 0;

	for (size_t i = 0; i < d->n_sticks; i++) {
		struct Stick *s = &d->sticks[(from + i) % d->n_sticks];

		if (!*s->checkout)
			return s;
	}
	return NULL;
}

static void overdue(struct Desk *d, struct Stick *s)
{
	struct Record r;

	s->overdue = true;
	record_start(&r, RECORD_OVERDUE, RESULT_DONE);
	stick_record(&r, s);
	record_text(&r, KEY_CLERK, s->clerk->login);
	record_time(&r, KEY_UNTIL, s->until);
	desk_add(d, &r);
	if (!s->plugged)
		return;
	person_record(&r, RECORD_CLOSE, RESULT_DONE, NULL);
	STR_SET(r.actor, s->clerk->login);
	r.reason = FAULT_OVERDUE;
	stick_record(&r, s);
	stick_describe(&r, s);
	desk_add(d, &r);
	s->plugged = false;
}

/* The loan that runs out next, up to a time. */
static struct Stick *due(struct Desk *d, int64_t time)
{
	struct Stick *first = NULL;

	for (size_t i = 0; i < d->n_sticks; i++) {
		struct Stick *s = &d->sticks[i];

		if (*s->checkout && !s->overdue && s->until <= time && (!first || s->until < first->until))
			first = s;
	}
	return first;
}

void desk_reach(struct Desk *d, int64_t time)
{
	struct Marks *marks = ptr_steal(&d->marks); /* nobody's act */
	struct Stick *s;

	if (d->on)
		while ((s = due(d, time))) {
			d->now = MAX(d->now, s->until + 3);
			overdue(d, s);
		}
	d->now = MAX(d->now, time);
	d->marks = marks;
}
