/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request → authority → intent on record → action → outcome on record → exactly one reply.
 *
 * gate hands over the client's own socket: who asks is what the kernel says of it, nothing else.
 */
#include "clock.h"
#include "core.h"
#include "judge.h"
#include "log.h"
#include "str.h"

#include <stdio.h>
#include <sys/socket.h>

#define DISK_WAIT 20000 /* milliseconds; the kernel lets a disk settle for 1 s by default */

struct VerbRow {
	int (*run)(struct Core *core, struct Ask *ask);
	enum RecordKind kind; /* of its refusals */
	bool always;	      /* answered even while the gate is closed as a whole */
};

static const struct VerbRow verbs[_VERB_N] = {
	[VERB_STATUS] = {request_status, RECORD_REQUEST, true},
	[VERB_DEVICES] = {request_devices, RECORD_REQUEST, true},
	[VERB_EXPLAIN] = {request_explain, RECORD_REQUEST, true},
	[VERB_REGISTER] = {request_register, RECORD_REGISTER, false},
	[VERB_CHECKOUT] = {request_checkout, RECORD_CHECKOUT, false},
	[VERB_RETURN] = {request_return, RECORD_RETURN, false},
	[VERB_COPY] = {request_copy, RECORD_COPY, false},
	[VERB_LIST] = {request_list, RECORD_LIST, false},
	[VERB_GET] = {request_get, RECORD_READ, false},
	[VERB_RECORDS] = {request_records, RECORD_REQUEST, false},
	[VERB_CLOCK] = {request_clock, RECORD_CLOCK, false},
	[VERB_WATCH] = {request_watch, RECORD_REQUEST, true},
	[VERB_RELABEL] = {request_relabel, RECORD_REQUEST, false},
	[VERB_DROP] = {request_drop, RECORD_DROP, false},
	[VERB_RECEIPT] = {request_receipt, RECORD_RECEIPT, false},
};

#define VERB_WORD(name, word, channel) [VERB_##name] = (word),
static const char *const verb_words[] = {REQUEST_VERBS(VERB_WORD)};
#define VERB_CHANNEL(name, word, channel) [VERB_##name] = (channel),
static const uint8_t verb_channels[] = {REQUEST_VERBS(VERB_CHANNEL)};

struct Ask *ask_find(struct Core *core, uint64_t id)
{
	for (struct Ask *a = core->asks; a; a = a->next)
		if (a->id == id)
			return a;
	return NULL;
}

static int ask_disk_late(void *owner);

static void ask_free(struct Core *core, struct Ask *ask)
{
	for (struct Ask **p = &core->asks; *p; p = &(*p)->next)
		if (*p == ask) {
			*p = ask->next;
			break;
		}
	fd_close(ask->channel);
	free(ask->year);
	free(ask);
}

int ask_row(struct Core *core, struct Ask *ask, enum MessageType type, void *row)
{
	int r;

	memcpy(row, &ask->client, sizeof(ask->client)); /* every row begins with it */
	r = peer_send(&core->gate, type, row, NULL, 0);
	return r < 0 ? r : 0; /* a gate that is gone has no client to tell */
}

void ask_record(const struct Ask *ask, struct Record *r, enum RecordResult result)
{
	record_start(r, verbs[ask->verb].kind, result);
	STR_CUT(r->actor, ask->person.login);
	r->roles = ask->person.roles;
	STR_CUT(r->medium, ask->request.number);
	STR_CUT(r->checkout, ask->checkout.id);
	if (verbs[ask->verb].kind == RECORD_REQUEST)
		record_text(r, KEY_VERB, verb_words[ask->verb]);
}

void ask_record_session(const struct Ask *ask, struct Record *r, enum RecordResult result)
{
	ask_record(ask, r, result);
	if (ask->reply.copy[0])
		record_text(r, KEY_COPY, ask->reply.copy);
	if (ask->verb == VERB_GET)
		record_text(r, KEY_NAME, ask->request.name);
}

int ask_reply(struct Core *core, struct Ask *ask, int fault, const char *subject)
{
	int r;

	ask->reply.fault = (uint16_t)fault;
	STR_CUT(ask->reply.subject, subject ? subject : "");
	STR_CUT(ask->reply.number, ask->request.number);
	STR_CUT(ask->reply.checkout, ask->checkout.id);
	if (!fault && ask->reply.n < core->answers.covered) {
		ask->reply.covered = core->answers.covered;
		memcpy(ask->reply.root, core->answers.root, sizeof(ask->reply.root));
	}
	ask->reply.observe = observe_meant(core);
	if (core->policy)
		policy_contact(core->policy, ask->person.login, ask->reply.contact, sizeof(ask->reply.contact));
	if (ask->device) {
		struct Device *d = devices_by_id(&core->devices, ask->device);

		if (d && d->held == ask->id) {
			r = device_flow_release(core, d);
			if (r < 0)
				return r;
		}
	}
	r = ask_row(core, ask, MSG_REPLY, &ask->reply);
	ask_free(core, ask);
	return r;
}

int ask_refuse(struct Core *core, struct Ask *ask, int fault, const char *subject)
{
	struct Record r;
	int e;

	ask_record(ask, &r, RESULT_REFUSED);
	r.reason = (uint16_t)fault;
	/* what the reason's sentence is about, where the record does not say it already */
	if (subject && subject[0] && !str_eq(subject, ask->request.number))
		record_text(&r, KEY_SUBJECT, subject);
	else if (ask->request.device[0])
		record_text(&r, KEY_SUBJECT, ask->request.device);
	e = refusal_record(core, &r);
	return e < 0 ? e : ask_reply(core, ask, fault, subject);
}

int ask_failed(struct Core *core, struct Ask *ask, int fault, const char *subject)
{
	const char *number = ask->request.number, *about = subject && subject[0] ? subject : number;
	struct Record r;
	int e;

	ask_record_session(ask, &r, RESULT_FAILED);
	r.reason = (uint16_t)fault;
	if (!str_eq(about, number))
		record_text(&r, KEY_SUBJECT, about);
	record_number(&r, KEY_INTENT, ask->intent);
	e = ledger_append(core, &r, WANT_DURABLE, NULL, 0);
	return e < 0 ? e : ask_reply(core, ask, fault, about);
}

struct Ask *ask_recorded(struct Core *core, uint64_t id, const struct Answer *a, int *ret)
{
	struct Ask *ask = ask_find(core, id);

	*ret = ask && a->fault ? ask_reply(core, ask, a->fault, NULL) : 0;
	if (!ask || a->fault)
		return NULL;
	ask->intent = a->n;
	return ask;
}

/* ------------------------------------------------------------------ waiting for a disk */

bool ask_makes_label(struct Core *core, uint64_t id)
{
	const struct Ask *a = id ? ask_find(core, id) : NULL;

	return a && (a->verb == VERB_REGISTER || a->verb == VERB_RELABEL);
}

static struct Ask *ask_waiting(struct Core *core, uint64_t device)
{
	for (struct Ask *a = core->asks; a; a = a->next)
		if (a->device == device && a->disk)
			return a;
	return NULL;
}

/* One after the other: the first takes the medium, the others hear that it is in use. */
int ask_disk_came(struct Core *core, struct Device *d, int fault)
{
	uint64_t device = d->id;
	struct Ask *a;
	int r = 0;

	while (r >= 0 && (a = ask_waiting(core, device))) {
		int (*disk)(struct Core *, struct Ask *, int) = a->disk;

		a->disk = NULL;
		r = disk(core, a, fault);
	}
	return r;
}

/* One timer for all who wait: at the earliest of their deadlines. */
static int disk_arm(struct Core *core)
{
	int64_t next = INT64_MAX;

	for (const struct Ask *a = core->asks; a; a = a->next)
		if (a->disk)
			next = MIN(next, a->deadline);
	return dispatch_at(core->dispatch, next, ask_disk_late, core);
}

static int ask_disk_late(void *owner)
{
	struct Core *core = owner;

	for (struct Ask *a = core->asks; a;) {
		int (*disk)(struct Core *, struct Ask *, int) = a->disk;
		int r;

		if (!disk || a->deadline > clock_boot()) {
			a = a->next;
			continue;
		}
		a->disk = NULL;
		r = disk(core, a, FAULT_MEDIUM_ERROR);
		if (r < 0)
			return r;
		a = core->asks; /* it is answered, and the list another */
	}
	return disk_arm(core);
}

int ask_await_disk(struct Core *core, struct Ask *ask, struct Device *d,
	int (*disk)(struct Core *core, struct Ask *ask, int fault))
{
	ask->device = d->id;
	if (d->disk.name[0] && (d->label.read || d->label.fault || ask_makes_label(core, ask->id)) && !d->label.task)
		return disk(core, ask, d->label.read || ask_makes_label(core, ask->id) ? 0 : d->label.fault);
	ask->disk = disk;
	ask->deadline = clock_boot() + DISK_WAIT;
	return disk_arm(core);
}

bool ask_is_second(const struct Core *core, const struct Ask *ask)
{
	for (const struct Ask *a = core->asks; a; a = a->next)
		if (a != ask && a->verb == ask->verb && str_eq(a->request.number, ask->request.number))
			return true;
	return false;
}

/* ------------------------------------------------------------------ from gate */

static int ask_start(struct Core *core, struct Ask *ask, uid_t uid)
{
	const struct VerbRow *verb = &verbs[ask->verb];
	const struct PersonRow *person = NULL;
	int fault = judge_authority(core->policy, uid, ask->verb, &person);

	if (person)
		ask->person = *person;
	else
		snprintf(ask->person.login, sizeof(ask->person.login), "uid%u", (unsigned int)uid);
	if (ask->verb == VERB_STATUS)
		return request_status(core, ask);
	if (core->shut && !verb->always)
		return ask_reply(core, ask, core->shut, core->shut_subject);
	if (ask->verb == VERB_RECEIPT && uid == core->forward_uid) {
		STR_SET(ask->person.login, "mediagate-forward"); /* a process of ours: on no roster */
		return request_receipt(core, ask);
	}
	if (!core->policy)
		return ask_reply(core, ask, FAULT_NO_POLICY, core->config_error);
	if (!fault)
		fault = judge_right(person, ask->verb, clock_now());
	if (fault)
		return ask_refuse(core, ask, fault, ask->person.login);
	return verb->run(core, ask);
}

int request_flow_message(void *owner, struct Peer *p, struct Message *m)
{
	const struct MsgRequest *request = &m->body.REQUEST;
	struct Core *core = owner;
	struct ucred who;
	socklen_t size = sizeof(who);
	struct Ask *ask;

	if (m->type != MSG_REQUEST || request->request.verb >= _VERB_N ||
		m->n_fds != 1u + verb_channels[request->request.verb])
		return CHANNEL_BROKEN;
	if (getsockopt(m->fds[0], SOL_SOCKET, SO_PEERCRED, &who, &size))
		return CHANNEL_BROKEN;
	ask = calloc(1, sizeof(*ask));
	if (!ask)
		return -ENOMEM;
	ask->id = ++core->next_id;
	ask->client = request->client;
	ask->verb = (uint8_t)request->request.verb;
	ask->request = request->request;
	ask->intent = UINT64_MAX;
	ask->reply.n = UINT64_MAX;
	ask->channel = -1;
	if (m->n_fds == 2) {
		ask->channel = m->fds[1];
		m->n_fds = 1;
	}
	ask->next = core->asks;
	core->asks = ask;
	(void)p;
	return ask_start(core, ask, who.uid);
}
