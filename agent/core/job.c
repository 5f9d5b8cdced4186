/* SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

#include "clock.h"
#include "core.h"
#include "log.h"
#include "mend.h"
#include "str.h"

#include <signal.h>

#define JOB_QUESTIONS 64  /* to ledger at once; a job that asks more is not read from */
#define JOB_GRACE     10000 /* milliseconds to clean up in */
#define JOB_FOUND_MOST 2000 /* things named at a return; the rest is counted */

struct Job *job_find(struct Core *core, uint64_t id)
{
	for (struct Job *j = core->jobs; j && id; j = j->next)
		if (j->id == id)
			return j;
	return NULL;
}

static void job_free(struct Core *core, struct Job *job)
{
	for (struct Job **p = &core->jobs; *p; p = &(*p)->next)
		if (*p == job) {
			*p = job->next;
			break;
		}
	peer_stop(&job->peer, false);
	free(job->found);
	free(job);
}

void jobs_clear(struct Core *core)
{
	while (core->jobs)
		job_free(core, core->jobs);
}

int job_late(void *owner)
{
	struct Job *job = owner;

	if (job->pid > 0) {
		job->late = true;
		log_warning("job on %s: did not end in time; killed", job->copy);
		kill(job->pid, SIGKILL);
	}
	return 0;
}

int job_stop(struct Core *core, struct Job *job, int fault)
{
	struct MsgJobStop stop = {.fault = (uint16_t)fault};
	int r;

	if (job->stopping)
		return 0;
	job->stopping = true;
	job->fault = fault;
	r = peer_send(&job->peer, MSG_JOB_STOP, &stop, NULL, 0);
	if (r < 0)
		return r;
	return dispatch_at(core->dispatch, clock_boot() + JOB_GRACE, job_late, job);
}

/* Over when its process is gone (and its mount with it) and nothing of it waits for ledger. */
int job_settle(struct Core *core, struct Job *job)
{
	struct Ask *ask = ask_find(core, job->ask);
	struct Device *d = devices_by_id(&core->devices, job->device);
	int r = 0;

	if (job->pid > 0 || job->peer.fd >= 0 || job->waiting)
		return 0;
	r = mend_next(core, job);
	if (r)
		return r < 0 ? r : 0;
	if (!job->done && !job->fault)
		job->fault = FAULT_HELPER_LOST;
	if (d && !job->fault && (job->last.fault == FAULT_MEDIUM_ERROR || job->last.fault == FAULT_NO_FILE_SYSTEM))
		d->suspect = true;
	r = dispatch_at(core->dispatch, INT64_MAX, job_late, job);
	if (r >= 0 && d)
		r = device_flow_job_ended(core, d);
	if (r >= 0 && ask)
		r = request_job_done(core, ask, job);
	job_free(core, job);
	if (r >= 0 && core->stage == STAGE_STOP)
		r = boot_stop_next(core);
	return r;
}

int job_reaped(struct Core *core, pid_t pid, int status)
{
	for (struct Job *j = core->jobs; j; j = j->next)
		if (j->pid == pid) {
			int r;

			j->pid = 0;
			j->status = status;
			j->peer.pid = -1;
			r = job_settle(core, j);
			return r < 0 ? r : 1;
		}
	return 0;
}

static int job_ended(void *owner, struct Peer *p)
{
	struct Job *job = owner;

	(void)p;
	return job_settle(job->core, job);
}

/* ------------------------------------------------------------------ what it asks to be recorded */

static int job_answered(struct Job *job, int fault)
{
	int r;

	job->waiting--;
	if (fault && !job->fault)
		job->fault = fault;
	if (job->peer.paused && job->waiting < JOB_QUESTIONS / 2) {
		r = peer_resume(&job->peer);
		if (r < 0)
			return r;
	}
	return 0;
}

static int job_proceed(struct Core *core, struct Job *job);

static int job_filed(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Job *job = job_find(core, id);
	int r;

	if (!job)
		return 0;
	r = job_answered(job, a->fault);
	if (r >= 0)
		r = job_proceed(core, job);
	return r < 0 ? r : job_settle(core, job);
}

static int job_append(struct Core *core, struct Job *job, const struct Record *r)
{
	job->waiting++;
	if (job->waiting >= JOB_QUESTIONS) {
		int e = peer_pause(&job->peer);

		if (e < 0)
			return e;
	}
	return ledger_append(core, r, WANT_DURABLE, job_filed, job->id);
}

static int job_file(struct Core *core, struct Job *job, const struct MsgJobFile *m)
{
	struct Ask *ask = ask_find(core, job->ask);
	struct Record r;

	if (!ask || (job->kind != JOB_COPY && job->kind != JOB_GET))
		return CHANNEL_BROKEN;
	ask_record(ask, &r, RESULT_DONE);
	r.kind = RECORD_FILE;
	if (job->copy[0])
		record_text(&r, KEY_COPY, job->copy);
	else
		record_number(&r, KEY_INTENT, ask->intent);
	record_text(&r, KEY_NAME, m->name);
	record_number(&r, KEY_SIZE, m->size);
	record_bytes(&r, KEY_SHA256, m->sha256, DIGEST_SIZE);
	if (job->kind == JOB_GET) {
		/* not the outcome of the intent: that comes when all is handed over */
		r.detail_size = 0;
		record_text(&r, KEY_VERB, "get");
		record_text(&r, KEY_NAME, m->name);
		record_number(&r, KEY_SIZE, m->size);
		record_bytes(&r, KEY_SHA256, m->sha256, DIGEST_SIZE);
	}
	return job_append(core, job, &r);
}

static int job_line(struct Core *core, struct Job *job, const struct MsgNoteLine *m)
{
	int r;

	if (job->kind != JOB_COPY || !str_eq(m->copy, job->copy))
		return CHANNEL_BROKEN;
	job->n_lines++;
	r = peer_send(&core->ledger, MSG_NOTE_LINE, m, NULL, 0);
	return r < 0 ? r : 0;
}

static int job_signed(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Job *job = job_find(core, id);
	struct MsgProceed go = {};
	int r;

	if (!job)
		return 0;
	go.fault = (uint16_t)(a->fault ? a->fault : MIN(a->m->body.NOTE.fault, FAULT_INTERNAL));
	if (!go.fault && a->m->n_fds != 1)
		go.fault = FAULT_NO_LEDGER;
	r = job_answered(job, go.fault);
	if (r < 0)
		return r;
	if (!go.fault)
		memcpy(job->note, a->m->body.NOTE.sha256, DIGEST_SIZE);
	job->proceeds = !go.fault;
	r = peer_send(&job->peer, MSG_PROCEED, &go, go.fault ? NULL : a->m->fds, go.fault ? 0 : 1);
	return r < 0 ? r : job_settle(core, job);
}

/* Everything of it is durable: a copy gets its note, then it may come into force. */
static int job_proceed(struct Core *core, struct Job *job)
{
	struct MsgNoteSign sign = {.n_lines = job->n_lines};
	struct MsgProceed go = {.fault = (uint16_t)job->fault};
	struct Question q = {MSG_NOTE_SIGN, &sign, NULL, 0};
	int r;

	if (!job->ready || job->waiting || job->done || job->peer.fd < 0)
		return 0;
	job->ready = false;
	if (job->kind == JOB_COPY && !job->fault) {
		STR_CUT(sign.copy, job->copy);
		job->waiting++;
		return ledger_ask(core, &q, job_signed, job->id);
	}
	job->proceeds = !go.fault;
	r = peer_send(&job->peer, MSG_PROCEED, &go, NULL, 0);
	return r < 0 ? r : 0;
}

/* ------------------------------------------------------------------ what it found on the medium */

static int found_tell(struct Core *core, struct Job *job, const struct MsgJobFound *m, enum Found found)
{
	struct Ask *ask = ask_find(core, job->ask);
	struct MsgFound row = {.found = (uint8_t)found, .size = m->size};
	uint64_t *counts[_FOUND_N] = {
		[FOUND_COPY] = &job->known,
		[FOUND_DAMAGED] = &job->damaged,
		[FOUND_LEFTOVER] = &job->foreign,
		[FOUND_FOREIGN] = &job->foreign,
		[FOUND_MISSING] = &job->missing,
	};
	struct Record r;
	int e;

	if (!ask)
		return 0;
	++*counts[found];
	STR_CUT(row.name, m->name);
	e = ask_row(core, ask, MSG_FOUND, &row);
	if (e < 0 || found == FOUND_COPY)
		return e;
	ask_record(ask, &r, RESULT_DONE);
	r.kind = found == FOUND_MISSING ? RECORD_MISSING : job->kind == JOB_INSPECT ? RECORD_RESIDUE : RECORD_RECOVERED;
	if (m->copy[0])
		record_text(&r, KEY_COPY, m->copy);
	if (found != FOUND_MISSING) {
		record_text(&r, KEY_NAME, m->name);
		record_number(&r, KEY_SIZE, m->size);
	}
	return job_append(core, job, &r);
}

static int found_looked_up(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Job *job = job_find(core, id);
	const struct MsgFoundCopy *known;
	struct MsgJobFound m;
	enum Found found;
	int r;

	if (!job)
		return 0;
	m = job->found[job->n_told++];
	found = m.found;
	r = job_answered(job, a->fault);
	if (r < 0)
		return r;
	if (!a->fault) {
		struct Ask *ask = ask_find(core, job->ask);

		known = &a->m->body.FOUND_COPY;
		if (!known->known || (ask && !str_eq(known->medium, ask->request.number)))
			found = FOUND_FOREIGN; /* looks like ours, is not on record */
		else if (known->complete && memcmp(known->note, m.note, DIGEST_SIZE))
			found = FOUND_DAMAGED;
		r = found_tell(core, job, &m, found);
	}
	return r < 0 ? r : job_settle(core, job);
}

static int job_found(struct Core *core, struct Job *job, const struct MsgJobFound *m)
{
	struct MsgFindCopy find = {};
	struct Question q = {MSG_FIND_COPY, &find, NULL, 0};
	struct MsgJobFound *more;

	if (m->found >= FOUND_MISSING || (job->kind != JOB_INSPECT && m->found != FOUND_LEFTOVER))
		return CHANNEL_BROKEN;
	if (m->found != FOUND_COPY && m->found != FOUND_DAMAGED)
		return found_tell(core, job, m, m->found);
	if (job->n_found >= JOB_FOUND_MOST)
		return CHANNEL_BROKEN;
	more = reallocarray(job->found, job->n_found + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	job->found = more;
	job->found[job->n_found++] = *m;
	STR_CUT(find.copy, m->copy);
	job->waiting++;
	return ledger_ask(core, &q, found_looked_up, job->id);
}

/* ------------------------------------------------------------------ what it did not find there */

static bool job_has_found(const struct Job *job, const char *copy)
{
	for (size_t i = 0; i < job->n_found; i++)
		if (str_eq(job->found[i].copy, copy))
			return true;
	return false;
}

static int missing_look_up(struct Core *core, struct Job *job, uint64_t from);

static int missing_looked_up(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Job *job = job_find(core, id);
	const char *at = a->fault ? "" : a->m->body.COPIES_ARE.copies;
	int r;

	if (!job)
		return 0;
	r = job_answered(job, a->fault);
	for (const char *end; r >= 0 && (end = strchr(at, '\n')); at = end + 1) {
		struct MsgJobFound m = {};

		if (str_set_n(m.copy, sizeof(m.copy), at, (size_t)(end - at)) < 0 || job_has_found(job, m.copy))
			continue;
		snprintf(m.name, sizeof(m.name), "MEDIAGATE-%s", m.copy);
		r = found_tell(core, job, &m, FOUND_MISSING);
	}
	if (r >= 0 && !a->fault && a->m->body.COPIES_ARE.next)
		r = missing_look_up(core, job, a->m->body.COPIES_ARE.next);
	return r < 0 ? r : job_settle(core, job);
}

static int missing_look_up(struct Core *core, struct Job *job, uint64_t from)
{
	struct Ask *ask = ask_find(core, job->ask);
	struct MsgCopiesOn on = {.from = from};
	struct Question q = {MSG_COPIES_ON, &on, NULL, 0};

	if (!ask)
		return 0;
	STR_CUT(on.medium, ask->request.number);
	job->waiting++;
	return ledger_ask(core, &q, missing_looked_up, job->id);
}

/* Done with what comes into force is only what was let. */
static int job_last(struct Core *core, struct Job *job, const struct MsgJobDone *m)
{
	bool forces = job->kind == JOB_COPY || job->kind == JOB_GET;

	if (m->fault >= _FAULT_N || (!m->fault && forces && !job->proceeds))
		return CHANNEL_BROKEN;
	job->done = true;
	job->last = *m;
	/* all that is there has been told: what the records have beside it is missing */
	return job->kind == JOB_INSPECT && !m->fault ? missing_look_up(core, job, 0) : 0;
}

/* What every loan demands, and a carry-out has on record as demanded: a copy that opens with a password or with the
   key of one certificate, and with nothing less. Without one of them there is no note, and so no copy. */
static bool job_sealed(const struct MsgJobReady *m)
{
	static const uint8_t none[DIGEST_SIZE] = {};

	return m->by_certificate ? memcmp(m->certificate, none, sizeof(none)) != 0 : m->by_password != 0;
}

static int job_message(void *owner, struct Peer *p, struct Message *m)
{
	struct Job *job = owner;
	struct Core *core = job->core;
	bool first = !job->heard;

	(void)p;
	job->heard = true;
	if (job->done)
		return CHANNEL_BROKEN;
	switch (m->type) {
	case MSG_JOB_UNCLEAN:
		return first ? mend_wanted(core, job, m) : CHANNEL_BROKEN;
	case MSG_JOB_FILE:
		return job_file(core, job, &m->body.JOB_FILE);
	case MSG_JOB_LINE:
		return job_line(core, job, &m->body.JOB_LINE);
	case MSG_JOB_READY:
		if (job->kind == JOB_COPY && !job_sealed(&m->body.JOB_READY))
			return CHANNEL_BROKEN;
		job->ready = true;
		job->report = m->body.JOB_READY;
		return job_proceed(core, job);
	case MSG_JOB_FOUND:
		return job_found(core, job, &m->body.JOB_FOUND);
	case MSG_JOB_DONE:
		return job_last(core, job, &m->body.JOB_DONE);
	default:
		return CHANNEL_BROKEN;
	}
}

/* ------------------------------------------------------------------ starting */

static int job_instruct(struct Core *core, struct Job *job, const struct Ask *ask)
{
	const struct PolicyIssuers issuers = policy_issuers(core->policy);
	struct MsgJob order = {.kind = (uint8_t)job->kind, .n_issuers = (uint16_t)(issuers.n + 1)};
	struct IssuerRow own = {};
	int r;

	STR_CUT(order.medium, ask->request.number);
	STR_CUT(order.checkout, ask->checkout.id);
	STR_CUT(order.copy, ask->reply.copy);
	STR_CUT(order.name, ask->request.name);
	STR_CUT(order.domain, core->state.domain);
	STR_CUT(order.terminal, core->state.terminal);
	order.settings = *policy_settings(core->policy);
	STR_CUT(own.vkey, core->state.label_vkey);
	r = peer_send(&job->peer, MSG_JOB, &order, NULL, 0);
	if (!r) /* what this terminal wrote, it reads */
		r = peer_send(&job->peer, MSG_JOB_ISSUER, &own, NULL, 0);
	for (size_t i = 0; i < issuers.n && !r; i++)
		r = peer_send(&job->peer, MSG_JOB_ISSUER, &issuers.rows[i], NULL, 0);
	return r < 0 ? r : 0;
}

int job_launch(struct Core *core, struct Job *job)
{
	struct Ask *ask = ask_find(core, job->ask);
	const struct Device *d = devices_by_id(&core->devices, job->device);
	struct MountOrder order = {
		.writable = job->kind == JOB_COPY, .uid = core->copy_uid, .gid = core->copy_gid};
	_cleanup_fd_ int theirs = -1;
	int pair[2], r;

	if (!ask || !d || d->state != DEVICE_OPEN || !d->disk.name[0])
		return d && d->reason ? d->reason : FAULT_MEDIUM_GONE;
	order.disk = d->disk;
	if (!job->mend && !d->disk.read_only)
		order.look = d->suspect ? LOOK_SUSPECT : LOOK_FOR_MARK;
	policy_file_systems(core->policy, order.file_systems, ARRAY_SIZE(order.file_systems) - 1);
	if (channel_pair(pair) < 0)
		return FAULT_INTERNAL; /* no child, no session; nothing else suffers */
	theirs = pair[1];
	job->heard = false;
	job->pid = fork();
	if (job->pid == 0)
		mount_and_become(&order, theirs, ask->channel);
	r = job->pid < 0 ? FAULT_INTERNAL : peer_adopt(&job->peer, pair[0], -1);
	if (r) {
		if (job->pid > 0)
			kill(job->pid, SIGKILL);
		job->pid = 0; /* nobody's: it is reaped as such */
		fd_close(pair[0]);
		return r;
	}
	ask->channel = fd_close(ask->channel); /* the job's alone: its end tells the person */
	return job_instruct(core, job, ask);
}

int job_start(struct Core *core, struct Ask *ask, struct Device *d, enum JobKind kind)
{
	struct Job *job = calloc(1, sizeof(*job));
	int r;

	if (!job)
		return -ENOMEM;
	*job = (struct Job){
		.core = core, .id = ++core->next_id, .ask = ask->id, .device = d->id, .kind = kind,
		.peer = {.name = "copy", .fd = -1, .pid = -1, .dispatch = core->dispatch,
			.message = job_message, .end = job_ended},
	};
	job->peer.owner = job;
	STR_CUT(job->copy, ask->reply.copy);
	job->next = core->jobs;
	core->jobs = job;
	r = job_launch(core, job);
	if (r) {
		job_free(core, job);
		return r;
	}
	d->job = job->id;
	ask->job = job->id;
	return 0;
}
