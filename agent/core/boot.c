/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of starting on one screen: ledger → configuration → watch → gate. All are started at once, and
 * each is heard when its turn has come: they link, confine themselves and look around while ledger verifies.
 * The death of any of them closes the gate until its successor is ready. The end is the reverse: jobs, ports,
 * ledger.
 */
#include "clock.h"
#include "core.h"
#include "file.h"
#include "log.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

#define RESPAWN_MOST 10000 /* milliseconds */

static int boot_respawn(void *owner);

/* Why the gate is closed as a whole. */
static void shut_update(struct Core *core)
{
	core->shut_subject[0] = '\0';
	core->shut = FAULT_OK;
	if (!core->ledger_up) {
		core->shut = core->ledger_fault ? core->ledger_fault : FAULT_NO_LEDGER;
		STR_CUT(core->shut_subject, core->ledger_subject);
	} else if (!core->watch_up || !core->gate_up)
		core->shut = FAULT_HELPER_LOST;
	else if (core->asleep)
		core->shut = FAULT_ASLEEP;
}

/* ------------------------------------------------------------------ ledger's rows */

static int pending_add(struct Core *core, const struct PendingRow *row)
{
	struct PendingRow *more = reallocarray(core->pending, core->n_pending + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	core->pending = more;
	core->pending[core->n_pending++] = *row;
	return 0;
}

/* Which of two labels a medium carries only a look at it tells; that settles the intent. */
static bool pending_is_label(const struct Core *core, const struct PendingRow *p)
{
	const struct MediumRow *m = p->kind == RECORD_LABEL ? loans_medium(&core->loans, p->medium) : NULL;

	return m && m->intent == p->n;
}

/* Each other intent that nobody ended gets its outcome: the agent stopped in between. */
static int pending_close(struct Core *core)
{
	for (size_t i = 0; i < core->n_pending; i++) {
		const struct PendingRow *p = &core->pending[i];
		struct Record r;
		int e;

		if (p->kind >= _RECORD_KIND_N)
			return CHANNEL_BROKEN;
		if (pending_is_label(core, p))
			continue;
		record_start(&r, p->kind, RESULT_FAILED);
		r.reason = FAULT_INTERRUPTED;
		STR_CUT(r.actor, p->actor);
		STR_CUT(r.medium, p->medium);
		STR_CUT(r.checkout, p->checkout);
		if (p->copy[0])
			record_text(&r, KEY_COPY, p->copy);
		record_number(&r, KEY_INTENT, p->n);
		e = ledger_append(core, &r, WANT_DURABLE, NULL, 0);
		if (e < 0)
			return e;
	}
	free(core->pending);
	core->pending = NULL;
	core->n_pending = 0;
	return 0;
}

static int record_begin(struct Core *core)
{
	char boot[64] = "";
	struct Record r;
	int e;

	(void)file_read_text_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	record_start(&r, RECORD_START, RESULT_DONE);
	record_text(&r, KEY_VERSION, MEDIAGATE_VERSION);
	record_text(&r, KEY_BOOT, boot);
	record_number(&r, KEY_BOOT_TIME, (uint64_t)clock_boot());
	e = ledger_append(core, &r, WANT_DURABLE, NULL, 0);
	if (e < 0 || !core->time_unsure)
		return e;
	record_start(&r, RECORD_CLOCK, RESULT_DONE);
	record_time(&r, KEY_BEFORE, core->time_least);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

static int state_end(struct Core *core, const struct StateEnd *end)
{
	const struct Loans *in = &core->loans_incoming;
	int r;

	if (end->n_rows != in->n_media + in->n_checkouts + core->n_pending)
		return CHANNEL_BROKEN;
	loans_clear(&core->loans);
	core->loans = core->loans_incoming;
	core->loans_incoming = (struct Loans){};
	core->state = *end;
	core->records = end->n;
	core->answers.covered = 0;
	core->ledger_up = true;
	core->ledger_fault = FAULT_OK;
	core->ledger_subject[0] = '\0';
	r = clock_settle(core);
	if (r < 0)
		return r;
	r = record_begin(core);
	if (r >= 0)
		r = pending_close(core);
	if (r >= 0)
		r = overdue_arm(core);
	if (r >= 0)
		r = config_tell(core);
	for (struct Device *d = core->devices.first; d && r >= 0; d = d->next)
		if (d->state == DEVICE_NEW)
			r = device_flow_ask_digest(core, d);
	return r ? r : boot_ready(core);
}

static int ledger_message(void *owner, struct Peer *p, struct Message *m)
{
	struct Core *core = owner;

	(void)p;
	if (m->type == MSG_LEDGER_FAULT) {
		const struct MsgLedgerFault *f = &m->body.LEDGER_FAULT;

		core->ledger_fault = f->fault && f->fault < _FAULT_N ? f->fault : FAULT_NO_LEDGER;
		STR_CUT(core->ledger_subject, f->subject);
		log_error("ledger: %s %s", fault_row(core->ledger_fault)->code, core->ledger_subject);
		return 0;
	}
	if (core->ledger_up) {
		int r = answer_message(core, m);

		return r ? r : sleep_settled(core);
	}
	switch (m->type) {
	case MSG_STATE_MEDIUM:
		return loans_add_medium(&core->loans_incoming, &m->body.STATE_MEDIUM);
	case MSG_STATE_CHECKOUT:
		return loans_add_checkout(&core->loans_incoming, &m->body.STATE_CHECKOUT);
	case MSG_STATE_PENDING:
		return pending_add(core, &m->body.STATE_PENDING);
	case MSG_STATE_END:
		return state_end(core, &m->body.STATE_END);
	default:
		return CHANNEL_BROKEN;
	}
}

/* ------------------------------------------------------------------ deaths */

int helper_lost_record(struct Core *core, const char *name)
{
	struct Record r;

	record_start(&r, RECORD_HELPER, RESULT_FAILED);
	r.reason = FAULT_HELPER_LOST;
	record_text(&r, KEY_PROCESS, name);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

/* One way for all: nothing stays open, the successor is started, everything is judged anew. */
static int helper_end(void *owner, struct Peer *p)
{
	struct Core *core = owner;
	int64_t now = clock_boot();
	int r = 0;

	if (core->stage == STAGE_STOP) {
		if (p == &core->ledger)
			dispatch_stop(core->dispatch);
		return 0;
	}
	log_error("%s: ended; the gate is closed until its successor is ready", p->name);
	if (p == &core->ledger) {
		core->ledger_up = false;
		loans_clear(&core->loans_incoming);
		core->n_pending = 0;
		r = answer_fail_all(core);
	} else if (p == &core->watch)
		core->watch_up = false;
	else {
		core->gate_up = false;
		for (struct Ask *a = core->asks; a; a = a->next)
			a->client = 0; /* its client went with it */
	}
	shut_update(core);
	if (r >= 0)
		r = device_flow_close_all(core, core->shut);
	if (r >= 0 && core->ledger_up)
		r = helper_lost_record(core, p->name);
	if (r >= 0)
		r = sleep_settled(core);
	if (r < 0)
		return r;
	/* each by itself: another's death does not make this one wait */
	p->wait = now - p->ended > 60000 ? 0 : MIN(MAX(2 * p->wait, 250), RESPAWN_MOST);
	p->ended = now;
	return dispatch_at(core->dispatch, now + p->wait, boot_respawn, p);
}

static int spawn_watch(struct Core *core)
{
	for (struct Device *d = core->devices.first; d; d = d->next)
		d->seen = false;
	return peer_spawn(&core->watch, LIBEXECDIR "/watch", NULL, 0);
}

static int spawn_gate(struct Core *core)
{
	return peer_spawn(&core->gate, LIBEXECDIR "/gate", &core->listen_fd, 1);
}

/* People are heard from now on. */
static int gate_begin(struct Core *core)
{
	int r = core->gate.fd < 0 ? spawn_gate(core) : peer_resume(&core->gate);

	core->gate_up = r >= 0;
	return r;
}

/* One that ended: the others wait for their own time. */
static int boot_respawn(void *owner)
{
	struct Peer *p = owner;
	struct Core *core = p->owner;
	int r = 0;

	if (core->stage == STAGE_STOP || p->fd >= 0)
		return 0;
	if (p == &core->ledger)
		r = peer_spawn(p, LIBEXECDIR "/ledger", NULL, 0);
	else if (p == &core->watch)
		r = spawn_watch(core);
	/* people are told why nothing works, so gate runs even while the ledger does not */
	if (r >= 0 && (p == &core->gate || core->gate.paused))
		r = gate_begin(core);
	return r < 0 ? r : boot_ready(core);
}

/* ------------------------------------------------------------------ the order */

int boot_ready(struct Core *core)
{
	bool begins = false;
	int r = 0;

	if (core->stage == STAGE_STOP)
		return 0;
	if (core->stage == STAGE_LEDGER && core->ledger_up) {
		core->stage = STAGE_CONFIG;
		return core->load.fd < 0 ? config_begin(core) : peer_resume(&core->load);
	}
	if (core->stage == STAGE_CONFIG && core->load.fd < 0) {
		core->stage = STAGE_WATCH;
		return peer_resume(&core->watch);
	}
	if (core->stage == STAGE_WATCH && core->watch_up) {
		core->stage = STAGE_RUN;
		begins = true;
		if (!core->gate_up)
			r = gate_begin(core);
		log_info("ready");
	}
	shut_update(core);
	if (r >= 0 && !core->shut)
		r = device_flow_judge_all(core);
	return r >= 0 && begins ? sleep_watch(core) : r;
}

static void peer_set(struct Core *core, struct Peer *p, const char *name, PeerMessage message)
{
	*p = (struct Peer){.name = name,
	        .fd = -1,
	        .pid = -1,
	        .dispatch = core->dispatch,
	        .message = message,
	        .end = helper_end,
	        .owner = core,
	        .ended = INT64_MIN / 2};
}

int boot_start(struct Core *core)
{
	int r;

	peer_set(core, &core->ledger, "ledger", ledger_message);
	peer_set(core, &core->watch, "watch", device_flow_message);
	core->watch.prompt = true;
	peer_set(core, &core->gate, "gate", request_flow_message);
	peer_set(core, &core->load, "load", config_message);
	core->load.end = config_end;
	shut_update(core);
	r = peer_spawn(&core->ledger, LIBEXECDIR "/ledger", NULL, 0);
	if (r >= 0)
		r = spawn_watch(core);
	if (r >= 0)
		r = peer_pause(&core->watch);
	if (r >= 0)
		r = config_ahead(core);
	if (r >= 0)
		r = spawn_gate(core);
	return r < 0 ? r : peer_pause(&core->gate);
}

int boot_reap(struct Core *core)
{
	struct Peer *peers[] = {&core->ledger, &core->watch, &core->gate, &core->load, &core->session};
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		int r = job_reaped(core, pid, status);

		if (!r)
			r = label_reaped(core, pid);
		if (r < 0)
			return r;
		for (size_t i = 0; i < ARRAY_SIZE(peers); i++)
			if (peers[i]->pid == pid)
				peers[i]->pid = -1; /* its number may be somebody else's now */
		for (struct Ask *a = core->asks; a && !r; a = a->next)
			if (a->prepare == pid) {
				r = request_prepared(core, a, status);
				if (r < 0)
					return r;
				break; /* it is answered, and the list another */
			}
	}
	return sleep_settled(core);
}

/* ------------------------------------------------------------------ the end */

static int stop_covered(struct Core *core, uint64_t id, const struct Answer *a)
{
	(void)id;
	(void)a;
	peer_stop(&core->ledger, false); /* its end of file is its order to finish */
	dispatch_stop(core->dispatch);
	return 0;
}

int boot_stop_next(struct Core *core)
{
	struct Record r;
	int e;

	if (core->jobs || core->labels)
		return 0;
	e = refusal_flush(core, true);
	if (e < 0)
		return e;
	if (!core->ledger_up) {
		dispatch_stop(core->dispatch);
		return 0;
	}
	record_start(&r, RECORD_STOP, RESULT_DONE);
	return ledger_append(core, &r, WANT_COVERED, stop_covered, 0);
}

int boot_stop(struct Core *core)
{
	int r;

	if (core->stage == STAGE_STOP)
		return 0;
	core->stage = STAGE_STOP;
	log_info("stopping");
	r = device_flow_close_all(core, FAULT_INTERRUPTED);
	if (r >= 0)
		r = observe_take_all(core, FAULT_INTERRUPTED);
	return r < 0 ? r : boot_stop_next(core);
}
