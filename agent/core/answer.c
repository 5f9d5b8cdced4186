/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include "core.h"

struct Waiting {
	uint64_t cookie, id, n;
	uint32_t answer; /* the message that answers it */
	enum AnswerWant want;
	bool durable; /* appended, and waiting to be covered */
	bool told;    /* people hear of it when what is wanted has come */
	struct MsgEvent event;
	AnswerDone done;
};

static int answer_call(struct Core *core, const struct Waiting *w, const struct Answer *a)
{
	int r = w->told && !a->fault ? event_tell(core, &w->event) : 0;

	return r >= 0 && w->done ? w->done(core, w->id, a) : r;
}

static int answer_add(struct Answers *a, const struct Waiting *w)
{
	if (a->n == a->room) {
		size_t room = a->room ? 2 * a->room : 32;
		struct Waiting *more = reallocarray(a->waiting, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		a->waiting = more;
		a->room = room;
	}
	a->waiting[a->n++] = *w;
	return 0;
}

/* Takes out the i-th, keeping the order: answers are told in the order of the questions. */
static struct Waiting answer_take(struct Answers *a, size_t i)
{
	struct Waiting w = a->waiting[i];

	a->n--;
	memmove(&a->waiting[i], &a->waiting[i + 1], (a->n - i) * sizeof(w));
	return w;
}

static int question_send(struct Core *core, const struct Question *q, struct Waiting *w)
{
	const struct Answer none = {.fault = FAULT_NO_LEDGER};
	int r;

	w->cookie = ++core->answers.next_cookie;
	w->answer = (uint32_t)q->type + 1; /* include/wire.h: ask even, answer odd */
	memcpy(q->body, &w->cookie, sizeof(w->cookie));
	r = peer_send(&core->ledger, q->type, q->body, q->fds, q->n_fds);
	if (r < 0)
		return r;
	if (r) /* gone; its end is told in its own time */
		return answer_call(core, w, &none);
	return answer_add(&core->answers, w);
}

int ledger_ask(struct Core *core, const struct Question *q, AnswerDone done, uint64_t id)
{
	struct Waiting w = {.id = id, .want = WANT_REPLY, .done = done};

	return question_send(core, q, &w);
}

int ledger_append(struct Core *core, const struct Record *r, enum AnswerWant want, AnswerDone done, uint64_t id)
{
	struct Waiting w = {.id = id, .want = want, .done = done};
	struct MsgAppend ask = {.record = *r};
	struct Question q = {MSG_APPEND, &ask, NULL, 0};

	/* no policy says that they may be read */
	ask.record.names = core->policy ? policy_settings(core->policy)->names : NAMES_HASH;
	w.told = event_is_told(r);
	if (w.told)
		event_of(r, &w.event);
	return question_send(core, &q, &w);
}

bool answer_records_wait(const struct Core *core)
{
	const struct Answers *a = &core->answers;

	for (size_t i = 0; i < a->n; i++)
		if (a->waiting[i].answer == MSG_APPENDED && !a->waiting[i].durable)
			return true;
	return false;
}

static int answer_covered(struct Core *core, const struct MsgCovered *m)
{
	struct Answers *a = &core->answers;

	if (m->size > a->covered) {
		a->covered = m->size;
		memcpy(a->root, m->root, sizeof(a->root));
	}
	for (size_t i = 0; i < a->n;) {
		struct Waiting w = a->waiting[i];
		struct Answer answer = {.n = w.n};
		int r;

		if (w.want != WANT_COVERED || !w.durable || w.n >= a->covered) {
			i++;
			continue;
		}
		answer_take(a, i);
		r = answer_call(core, &w, &answer);
		if (r < 0)
			return r;
		i = 0; /* the callback may have asked more */
	}
	return 0;
}

/* The question with this cookie whose answer this message is, and that has not been answered; a->n: none. */
static size_t answer_find(const struct Answers *a, uint64_t cookie, uint32_t type)
{
	size_t i = 0;

	while (i < a->n && (a->waiting[i].cookie != cookie || a->waiting[i].answer != type || a->waiting[i].durable))
		i++;
	return i;
}

static int answer_appended(struct Core *core, const struct MsgAppended *m)
{
	struct Answers *a = &core->answers;
	struct Answer answer = {.fault = m->fault, .n = m->n};
	size_t i = answer_find(a, m->cookie, MSG_APPENDED);
	struct Waiting w;

	if (i == a->n || m->fault >= _FAULT_N)
		return CHANNEL_BROKEN;
	if (!m->fault)
		core->records = MAX(core->records, m->n + 1);
	if (!m->fault && a->waiting[i].want == WANT_COVERED && m->n >= a->covered) {
		a->waiting[i].durable = true;
		a->waiting[i].n = m->n;
		return 0;
	}
	w = answer_take(a, i);
	return answer_call(core, &w, &answer);
}

/* Answers a question that was asked, or breaks the protocol: a helper that does that is stopped, core goes on. */
static int answer_reply(struct Core *core, const struct Message *m)
{
	struct Answers *a = &core->answers;
	struct Answer answer = {.m = m};
	struct Waiting w;
	uint64_t cookie;
	size_t i;

	memcpy(&cookie, &m->body, sizeof(cookie));
	i = answer_find(a, cookie, m->type);
	if (i == a->n)
		return CHANNEL_BROKEN;
	w = answer_take(a, i);
	return answer_call(core, &w, &answer);
}

/* Another fiscal year's ledger, whose records are numbered anew: everything before was covered, and nothing was pending. */
static int answer_year(struct Core *core, const struct MsgCovered *m)
{
	struct Answers *a = &core->answers;

	for (size_t i = 0; i < a->n; i++)
		if (a->waiting[i].durable)
			return CHANNEL_BROKEN;
	a->covered = core->records = m->size;
	memcpy(a->root, m->root, sizeof(a->root));
	return 0;
}

int answer_message(struct Core *core, const struct Message *m)
{
	switch (m->type) {
	case MSG_APPENDED:
		return answer_appended(core, &m->body.APPENDED);
	case MSG_COVERED:
		return answer_covered(core, &m->body.COVERED);
	case MSG_YEAR:
		return answer_year(core, &m->body.YEAR);
	default:
		return answer_reply(core, m);
	}
}

int answer_fail_all(struct Core *core)
{
	const struct Answer none = {.fault = FAULT_NO_LEDGER};
	struct Answers *a = &core->answers;

	a->covered = 0;
	while (a->n) {
		struct Waiting w = answer_take(a, 0);
		int r = answer_call(core, &w, &none);

		if (r < 0)
			return r;
	}
	return 0;
}
