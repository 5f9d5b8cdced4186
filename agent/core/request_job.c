/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs that need a session with the medium: copy, ls, get, return. */
#include "clock.h"
#include "core.h"
#include "judge.h"
#include "mend.h"
#include "random_id.h"
#include "str.h"

struct SessionRow {
	enum JobKind kind;
	bool own_loan; /* 1: only inside one's own open checkout */
};

static const struct SessionRow sessions[_VERB_N] = {
	[VERB_COPY] = {JOB_COPY, true},
	[VERB_LIST] = {JOB_LIST, true},
	[VERB_GET] = {JOB_GET, true},
	[VERB_RETURN] = {JOB_INSPECT, false},
};

/* Stage 3: the label says that there is this session. */
static int session_mount(struct Core *core, uint64_t id, int fault, const struct MediumRow *m _unused_)
{
	struct Ask *ask = ask_find(core, id);
	struct Device *d = ask ? devices_by_id(&core->devices, ask->device) : NULL;

	if (d && d->session == id)
		d->session = 0;
	if (!ask)
		return 0;
	if (!fault)
		fault = device_absent(d);
	if (!fault)
		fault = job_start(core, ask, d, sessions[ask->verb].kind);
	if (fault < 0)
		return fault;
	return fault ? ask_failed(core, ask, fault, NULL) : 0;
}

/* The counter goes up before every session. A medium that comes back carries no loan any more. */
static int session_label(struct Core *core, struct Ask *ask, struct Device *d)
{
	const struct MediumRow *m = loans_medium(&core->loans, ask->request.number);
	struct LabelOrder order = {};

	if (!m)
		return ask_failed(core, ask, FAULT_NO_SUCH_MEDIUM, NULL);
	order.medium = *m;
	order.roles = ask->person.roles;
	STR_CUT(order.actor, ask->person.login);
	if (ask->verb != VERB_RETURN)
		order.checkout = ask->checkout;
	d->session = ask->id;
	return label_renew(core, d, &order, session_mount, ask->id);
}

static int session_disk(struct Core *core, struct Ask *ask, int fault)
{
	struct Device *d = devices_by_id(&core->devices, ask->device);

	if (!fault)
		fault = device_absent(d);
	if (!fault && (d->job || d->label.task || d->session))
		fault = FAULT_BUSY;
	if (!fault && ask->verb == VERB_COPY && d->disk.read_only)
		fault = FAULT_READ_ONLY_MEDIUM;
	if (fault)
		return ask_failed(core, ask, fault, NULL);
	/* nothing can be written, the label neither: what is on it may be looked at */
	return d->disk.read_only ? session_mount(core, ask->id, 0, NULL) : session_label(core, ask, d);
}

static int session_durable(struct Core *core, uint64_t id, const struct Answer *a)
{
	int r;
	struct Ask *ask = ask_recorded(core, id, a, &r);
	struct Device *d;

	if (!ask)
		return r;
	d = devices_by_id(&core->devices, ask->device);
	if (!d)
		r = FAULT_MEDIUM_GONE;
	else if (ask->verb == VERB_RETURN)
		r = device_flow_hold(core, d, ask->id);
	else if (d->state != DEVICE_OPEN && d->state != DEVICE_INTENT)
		r = d->reason ? d->reason : FAULT_BUSY;
	if (r)
		return ask_failed(core, ask, r, NULL);
	return ask_await_disk(core, ask, d, session_disk);
}

static int session_begin(struct Core *core, struct Ask *ask)
{
	const struct MediumRow *m = loans_medium(&core->loans, ask->request.number);
	const struct CheckoutRow *c = loans_checkout(&core->loans, ask->request.number);
	struct Device *d = m ? request_medium_device(core, m) : NULL;
	struct Record r;
	int fault;

	if (!m)
		return ask_refuse(core, ask, FAULT_NO_SUCH_MEDIUM, ask->request.number);
	if (c)
		ask->checkout = *c;
	fault = sessions[ask->verb].own_loan ? judge_copy(core->policy, &ask->person, c, clock_now())
					     : judge_return(core->policy, &ask->person, c);
	if (fault == FAULT_NO_CHECKOUT)
		return ask_reply(core, ask, fault, ask->request.number);
	if (fault)
		return ask_refuse(core, ask, fault,
			fault == FAULT_NOT_ALLOWED ? ask->person.login : ask->request.number);
	if (!d)
		return ask_reply(core, ask, FAULT_NOT_PLUGGED_IN, ask->request.number);
	if (!fault)
		fault = !m->counter ? FAULT_LABEL_MISSING : d->label.fault ? d->label.fault : d->pinned;
	if (!fault && sessions[ask->verb].own_loan && d->state == DEVICE_CLOSED)
		fault = d->reason;
	if (fault)
		return ask_refuse(core, ask, fault, ask->request.number);
	if (d->job || d->held || d->session)
		return ask_reply(core, ask, FAULT_BUSY, ask->request.number);
	if (ask->verb == VERB_COPY) {
		if (random_id(ask->reply.copy) < 0)
			return ask_reply(core, ask, FAULT_INTERNAL, ask->request.number);
	}
	ask->device = d->id;
	ask_record_session(ask, &r, RESULT_INTENT);
	return ledger_append(core, &r, WANT_DURABLE, session_durable, ask->id);
}

int request_copy(struct Core *core, struct Ask *ask)
{
	return session_begin(core, ask);
}

int request_list(struct Core *core, struct Ask *ask)
{
	return session_begin(core, ask);
}

int request_get(struct Core *core, struct Ask *ask)
{
	return session_begin(core, ask);
}

int request_return(struct Core *core, struct Ask *ask)
{
	return session_begin(core, ask);
}

/* ------------------------------------------------------------------ the end of a session */

static int session_covered(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Ask *ask = ask_find(core, id);
	char medium[LIMIT_NUMBER];
	int r;

	if (!ask)
		return 0;
	if (a->fault)
		return ask_reply(core, ask, a->fault, NULL);
	ask->reply.n = a->n;
	if (ask->verb != VERB_RETURN)
		return ask_reply(core, ask, FAULT_OK, NULL);
	STR_CUT(medium, ask->request.number);
	loans_remove_checkout(&core->loans, ask->checkout.id);
	r = ask_reply(core, ask, FAULT_OK, NULL); /* releases the device, which is closed then */
	if (r >= 0)
		r = device_flow_judge_medium(core, medium);
	return r < 0 ? r : overdue_arm(core);
}

static void copy_outcome(const struct Job *job, struct Record *r)
{
	record_bytes(r, KEY_NOTE, job->note, DIGEST_SIZE);
	record_number(r, KEY_PARTS, job->report.parts);
	record_number(r, KEY_FILES, job->report.files);
	record_number(r, KEY_BYTES, job->report.bytes);
	record_flag(r, KEY_ENCRYPTION, true); /* or it would not have been let through: job_sealed */
	if (job->report.by_password)
		record_flag(r, KEY_PASSWORD, true);
	if (job->report.recipient[0])
		record_text(r, KEY_RECIPIENT, job->report.recipient);
	if (job->report.by_certificate)
		record_bytes(r, KEY_CERTIFICATE, job->report.certificate, DIGEST_SIZE);
}

static void return_outcome(const struct Job *job, struct Record *r)
{
	record_number(r, KEY_KNOWN, job->known);
	record_number(r, KEY_FOREIGN, job->foreign);
	record_number(r, KEY_DAMAGED, job->damaged);
	record_number(r, KEY_MISSING, job->missing);
}

int request_job_done(struct Core *core, struct Ask *ask, struct Job *job)
{
	struct Record r;
	int fault = mend_fault(job, job->fault ? job->fault : job->last.fault);

	ask->job = 0;
	ask->reply.files = job->last.files;
	ask->reply.bytes = job->last.bytes;
	ask->reply.parts = job->last.parts;
	ask->reply.known = job->known;
	ask->reply.foreign = job->foreign;
	ask->reply.damaged = job->damaged;
	ask->reply.missing = job->missing;
	if (fault)
		return ask_failed(core, ask, fault, job->last.subject);
	ask_record_session(ask, &r, RESULT_DONE);
	if (ask->verb == VERB_COPY)
		copy_outcome(job, &r);
	else if (ask->verb == VERB_RETURN)
		return_outcome(job, &r);
	else if (ask->verb == VERB_GET) {
		record_number(&r, KEY_FILES, job->last.files);
		record_number(&r, KEY_BYTES, job->last.bytes);
	}
	record_number(&r, KEY_INTENT, ask->intent);
	return ledger_append(core, &r, WANT_COVERED, session_covered, ask->id);
}
