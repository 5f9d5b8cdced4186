/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drop: a year's ledger whose retention has passed. One person asks, and that goes on record; another one
 * confirms within LIMIT_ASKED_DAYS. Who asked is read from the running year's ledger, not remembered here: an agent that was
 * restarted in between knows it too. agent/ledger/drop.h says in which order the folder goes.
 */
#include "clock.h"
#include "core.h"
#include "judge.h"
#include "str.h"

/* Which ledger goes, and who vouches for its end when it has gone. */
static void drop_record(
	const struct Ask *ask, const struct MsgYearSeen *seen, struct Record *r, enum RecordResult result)
{
	ask_record(ask, r, result);
	record_text(r, KEY_ORIGIN, seen->origin);
	record_number(r, KEY_SIZE, seen->size);
	record_bytes(r, KEY_ROOT, seen->root, DIGEST_SIZE);
	record_text(r, KEY_VKEY, seen->vkey);
	if (result != RESULT_INTENT)
		return; /* the first person's */
	record_text(r, KEY_ASKED_BY, seen->asked_by);
	record_number(r, KEY_ASKED, seen->asked);
}

static int drop_row(struct Core *core, struct Ask *ask, const struct MsgYearSeen *seen)
{
	struct MsgYear row = {.size = seen->size, .asked_at = seen->asked_at};

	memcpy(row.root, seen->root, DIGEST_SIZE);
	STR_CUT(row.asked_by, seen->asked_by);
	return ask_row(core, ask, MSG_YEAR_ROW, &row);
}

static int drop_covered(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Ask *ask = ask_find(core, id);

	if (!ask)
		return 0;
	ask->reply.n = a->n;
	return ask_reply(core, ask, a->fault, ask->request.year);
}

/* ------------------------------------------------------------------ the second person */

static int drop_dropped(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Ask *ask = ask_find(core, id);
	struct Record r;
	int fault = a->fault ? a->fault : a->m->body.YEAR_DROPPED.fault;

	if (!ask)
		return 0;
	if (fault >= _FAULT_N)
		return CHANNEL_BROKEN;
	/* a ledger that went away meanwhile settles it at its next start, and records it then */
	if (a->fault)
		return ask_reply(core, ask, a->fault, ask->request.year);
	if (fault)
		return ask_failed(core, ask, fault, ask->request.year);
	ask_record(ask, &r, RESULT_DONE);
	record_text(&r, KEY_ORIGIN, ask->year->origin);
	record_number(&r, KEY_INTENT, ask->intent);
	return ledger_append(core, &r, WANT_COVERED, drop_covered, ask->id);
}

static int drop_durable(struct Core *core, uint64_t id, const struct Answer *a)
{
	int r;
	struct Ask *ask = ask_recorded(core, id, a, &r);
	struct MsgYearDrop order = {};
	struct Question q = {MSG_YEAR_DROP, &order, NULL, 0};

	if (!ask)
		return r;
	order.year = clock_year_read(ask->request.year);
	order.size = ask->year->size;
	memcpy(order.root, ask->year->root, DIGEST_SIZE);
	return ledger_ask(core, &q, drop_dropped, ask->id);
}

/* ------------------------------------------------------------------ the first one */

static int drop_ask(struct Core *core, struct Ask *ask, const struct MsgYearSeen *seen)
{
	int64_t now = clock_now();
	struct Record r;

	/* a repeat is harmless: what holds still is not asked again */
	if (str_eq(seen->asked_by, ask->person.login) && seen->asked_at <= now &&
		now <= seen->asked_at + (int64_t)LIMIT_ASKED_DAYS * 86400000) {
		ask->reply.n = seen->asked;
		return ask_reply(core, ask, FAULT_OK, ask->request.year);
	}
	drop_record(ask, seen, &r, RESULT_DONE);
	r.kind = RECORD_DROP_ASKED;
	return ledger_append(core, &r, WANT_COVERED, drop_covered, ask->id);
}

static int drop_fault(const struct Core *core, const struct Ask *ask, const struct MsgYearSeen *seen)
{
	int64_t now = clock_now();
	struct DropFacts f = {
		.year = clock_year_read(ask->request.year),
		.running = clock_fiscal_year(now),
		.confirm = seen && ask->request.confirm,
		.asked_by = seen ? seen->asked_by : "",
		.asked_at = seen ? seen->asked_at : 0,
	};

	return core->time_unsure ? FAULT_TIME_UNSURE : judge_drop(core->policy, &ask->person, &f, now);
}

static int drop_seen(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Ask *ask = ask_find(core, id);
	const struct MsgYearSeen *seen;
	struct Record record;
	int fault, r;

	if (!ask)
		return 0;
	if (a->fault)
		return ask_reply(core, ask, a->fault, NULL);
	seen = &a->m->body.YEAR_SEEN;
	if (seen->fault >= _FAULT_N)
		return CHANNEL_BROKEN;
	if (seen->fault)
		return ask_refuse(core, ask, seen->fault, seen->subject);
	/* again: a policy may have come meanwhile */
	fault = core->policy ? drop_fault(core, ask, seen) : FAULT_NO_POLICY;
	if (fault)
		return ask_refuse(core, ask, fault,
			fault == FAULT_SAME_PERSON ? ask->person.login : ask->request.year);
	r = drop_row(core, ask, seen);
	if (r < 0)
		return r;
	if (!ask->request.confirm)
		return drop_ask(core, ask, seen);
	ask->year = malloc(sizeof(*ask->year));
	if (!ask->year)
		return -ENOMEM;
	*ask->year = *seen;
	drop_record(ask, seen, &record, RESULT_INTENT);
	return ledger_append(core, &record, WANT_DURABLE, drop_durable, ask->id);
}

int request_drop(struct Core *core, struct Ask *ask)
{
	struct MsgYearLook look = {.year = clock_year_read(ask->request.year)};
	struct Question q = {MSG_YEAR_LOOK, &look, NULL, 0};
	int fault = look.year ? drop_fault(core, ask, NULL) : FAULT_NO_SUCH_YEAR;

	if (fault)
		return ask_refuse(core, ask, fault, ask->request.year);
	/* one at a time */
	if (ask_is_second(core, ask))
		return ask_reply(core, ask, FAULT_BUSY, ask->request.year);
	return ledger_ask(core, &q, drop_seen, ask->id);
}
