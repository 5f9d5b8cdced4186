/* SPDX-License-Identifier: Apache-2.0 */
#include "event.h"

#include "clock.h"
#include "core.h"
#include "str.h"

#define WATCH_WAIT 60000 /* milliseconds */

#define BIT(result) (1u << RESULT_##result)

/* Which results of a kind are told when they are on record. */
static const uint8_t told[_RECORD_KIND_N] = {
	[RECORD_OPEN] = BIT(DONE) | BIT(FAILED),
	[RECORD_CLOSE] = BIT(DONE) | BIT(FAILED),
	[RECORD_REGISTER] = BIT(DONE) | BIT(FAILED),
	[RECORD_CHECKOUT] = BIT(DONE),
	[RECORD_OVERDUE] = BIT(DONE),
	[RECORD_RETURN] = BIT(DONE) | BIT(FAILED),
	[RECORD_COPY] = BIT(DONE) | BIT(FAILED),
	[RECORD_POLICY] = BIT(DONE) | BIT(FAILED),
	[RECORD_TAMPER] = BIT(DONE) | BIT(FAILED),
	[RECORD_GAP] = BIT(DONE),
	[RECORD_CLOCK] = BIT(DONE),
	[RECORD_HELPER] = BIT(FAILED),
	[RECORD_FLOOD] = BIT(REFUSED),
	[RECORD_MEND] = BIT(DONE) | BIT(FAILED),
	[RECORD_OBSERVE] = BIT(DONE) | BIT(FAILED),
	[RECORD_MISSING] = BIT(DONE),
};

static int watch_due(void *owner);

void events_begin(struct Events *e, int64_t now)
{
	e->first = e->next = (uint64_t)now;
}

static void device_of(const struct Record *r, char ret[static LIMIT_PORT])
{
	struct RecordItem item;

	if (record_find(r, KEY_DEVICE, &item) || (r->kind == RECORD_TAMPER && record_find(r, KEY_SUBJECT, &item)))
		(void)str_set_n(ret, LIMIT_PORT, (const char *)item.bytes, item.size);
}

void event_of(const struct Record *r, struct MsgEvent *ret)
{
	struct RecordItem item;

	*ret = (struct MsgEvent){.kind = r->kind, .result = r->result, .reason = r->reason,
		.observed = record_find(r, KEY_OBSERVED, &item)};
	STR_CUT(ret->actor, r->actor);
	STR_CUT(ret->medium, r->medium);
	device_of(r, ret->device);
}

bool event_is_told(const struct Record *r)
{
	return r->kind < _RECORD_KIND_N && told[r->kind] & 1u << r->result;
}

int event_tell(struct Core *core, const struct MsgEvent *event)
{
	struct Events *e = &core->events;
	struct MsgEvent *row = &e->ring[e->next % LIMIT_EVENTS];

	*row = *event;
	row->time = clock_now();
	row->number = e->next++;
	return dispatch_at(core->dispatch, clock_boot(), watch_due, core);
}

/* ------------------------------------------------------------------ those who watch */

/* As with the records: a clerk sees what is theirs, and what is nobody's. */
static bool sees(const struct PersonRow *who, const struct MsgEvent *e)
{
	const uint32_t all = ROLE_CHIEF | ROLE_SUPERVISOR | ROLE_AUDITOR | ROLE_ADMINISTRATOR;

	return who->roles & all || !e->actor[0] || str_eq(e->actor, who->login);
}

static int watch_answer(struct Core *core, struct Ask *ask)
{
	const struct Events *e = &core->events;
	uint64_t from = MAX((uint64_t)ask->request.after, e->first);

	if (e->next - from > LIMIT_EVENTS)
		from = e->next - LIMIT_EVENTS;
	for (; from < e->next; from++) {
		struct MsgEvent row = e->ring[from % LIMIT_EVENTS];
		int r = sees(&ask->person, &row) ? ask_row(core, ask, MSG_EVENT, &row) : 0;

		if (r < 0)
			return r;
	}
	ask->reply.next = e->next;
	return ask_reply(core, ask, FAULT_OK, NULL);
}

static bool is_due(const struct Core *core, const struct Ask *ask)
{
	return ask->watches &&
		((uint64_t)ask->request.after != core->events.next || ask->deadline <= clock_boot());
}

/* Everybody's answer who has one, then the timer for the rest. */
static int watch_due(void *owner)
{
	struct Core *core = owner;
	int64_t next = INT64_MAX;

	for (struct Ask *a = core->asks; a;) {
		int r;

		if (!is_due(core, a)) {
			next = a->watches ? MIN(next, a->deadline) : next;
			a = a->next;
			continue;
		}
		r = watch_answer(core, a);
		if (r < 0)
			return r;
		a = core->asks; /* it is answered, and the list another */
		next = INT64_MAX;
	}
	return dispatch_at(core->dispatch, next, watch_due, core);
}

int request_watch(struct Core *core, struct Ask *ask)
{
	/* who begins hears where to begin; so does who knows numbers that never were */
	if (!ask->request.after || (uint64_t)ask->request.after > core->events.next)
		ask->request.after = (int64_t)core->events.next;
	else if ((uint64_t)ask->request.after == core->events.next) {
		ask->watches = true;
		ask->deadline = clock_boot() + WATCH_WAIT;
		return watch_due(core);
	}
	return watch_answer(core, ask);
}
