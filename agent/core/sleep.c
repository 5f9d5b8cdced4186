/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before a sleep every session ends; until the waking nothing opens; then everything is decided anew.
 *
 * That a sleep begins is told by session, for which logind waits until sessions have ended and are on record, and by
 * mediagated-sleep.service, for which systemd waits: each alone is enough, and either may be missing. That it is over
 * they tell too, or the clock does (clock_watch.c), or a minute in which nobody slept.
 */
#include "clock.h"
#include "core.h"
#include "log.h"

/* A sleep that does not come, or a word of waking that does not. */
#define SLEEP_WAIT 60000 /* milliseconds */

/* session is not there in every installation, and the gate needs it for nothing else: it closes nothing when it ends. */
#define SESSION_LEAST  1000
#define SESSION_MOST   60000
#define SESSION_ABSENT 600000 /* without a word: there is no bus, or nothing to start */

static int sleep_over(void *owner)
{
	return sleep_set(owner, false);
}

int sleep_set(struct Core *core, bool begins)
{
	int r;

	if (core->stage == STAGE_STOP || core->asleep == begins)
		return 0;
	core->asleep = begins;
	if (!begins)
		core->sleep_word = 0;
	log_info("%s", begins ? "going to sleep: sessions end" : "awake");
	r = dispatch_at(core->dispatch, begins ? clock_boot() + SLEEP_WAIT : INT64_MAX, sleep_over, core);
	if (r >= 0)
		r = boot_ready(core);
	if (r < 0 || !begins)
		return r;
	r = device_flow_close_all(core, FAULT_SLEPT);
	return r < 0 ? r : observe_take_all(core, FAULT_SLEPT);
}

/* ------------------------------------------------------------------ what a sleep waits for */

static bool is_busy(const struct Core *core)
{
	if (core->jobs || core->labels || answer_records_wait(core))
		return true;
	for (const struct Device *d = core->devices.first; d; d = d->next)
		if (d->state == DEVICE_OPEN || d->state == DEVICE_CLOSING || d->let != LET_NO || d->unclosed)
			return true;
	for (const struct Ask *a = core->asks; a; a = a->next)
		if (a->prepare)
			return true;
	return false;
}

int sleep_settled(struct Core *core)
{
	struct MsgSleepReady ready = {.number = core->sleep_word};

	if (!ready.number || is_busy(core))
		return 0;
	core->sleep_word = 0;
	log_info("sessions have ended: the machine may sleep");
	return MIN(peer_send(&core->session, MSG_SLEEP_READY, &ready, NULL, 0), 0);
}

/* ------------------------------------------------------------------ session */

static int session_lock(struct Core *core, bool held)
{
	if (!core->session_up || core->sleep_lock != held)
		log_info("%s", held ? "logind waits for the end of sessions before a sleep" :
				      "logind does not wait for us before a sleep; mediagated-sleep.service does");
	core->session_up = true;
	core->sleep_lock = held;
	return 0;
}

static int session_message(void *owner, struct Peer *p, struct Message *m)
{
	struct Core *core = owner;
	int r;

	(void)p;
	if (m->type == MSG_SLEEP_LOCK)
		return session_lock(core, m->body.SLEEP_LOCK.held);
	if (m->type != MSG_SLEEP || !core->session_up || !m->body.SLEEP.number != !m->body.SLEEP.begins)
		return CHANNEL_BROKEN;
	r = sleep_set(core, m->body.SLEEP.begins);
	core->sleep_word = m->body.SLEEP.number;
	return r < 0 ? r : sleep_settled(core);
}

static int session_start(void *owner)
{
	struct Core *core = owner;
	int r;

	if (core->stage == STAGE_STOP)
		return 0;
	core->session_start = clock_boot();
	core->session_up = core->sleep_lock = false;
	r = peer_spawn(&core->session, LIBEXECDIR "/session", NULL, 0);
	if (r >= 0)
		return 0;
	log_warning("session: cannot be started: %s", strerror(-r));
	return dispatch_at(core->dispatch, core->session_start + SESSION_ABSENT, session_start, core);
}

static int session_end(void *owner, struct Peer *p)
{
	struct Core *core = owner;
	int64_t now = clock_boot();
	bool was_up = core->session_up;
	int r = 0;

	core->session_up = core->sleep_lock = false;
	core->sleep_word = 0;
	if (core->stage == STAGE_STOP)
		return 0;
	if (!was_up && !core->session_wait)
		log_warning("session: not there, or no system bus; mediagated-sleep.service alone tells of a sleep");
	if (was_up) {
		log_error("%s: ended; logind does not wait for us until its successor is ready", p->name);
		if (core->ledger_up)
			r = helper_lost_record(core, p->name);
	}
	if (r < 0)
		return r;
	if (was_up && now - core->session_start > SESSION_MOST)
		core->session_wait = 0;
	/* at boot the bus may only be late; where there is none nobody is to be woken for it */
	core->session_wait = MIN(MAX((was_up ? 2 : 8) * core->session_wait, SESSION_LEAST), was_up ? SESSION_MOST : SESSION_ABSENT);
	return dispatch_at(core->dispatch, now + core->session_wait, session_start, core);
}

int sleep_watch(struct Core *core)
{
	core->session = (struct Peer){.name = "session", .fd = -1, .pid = -1, .dispatch = core->dispatch,
		.message = session_message, .end = session_end, .owner = core};
	return session_start(core);
}
