/* SPDX-License-Identifier: Apache-2.0 */
#include "mend.h"

#include "clock.h"
#include "core.h"
#include "log.h"
#include "str.h"

#define MEND_TIME 120000 /* milliseconds, as for --prepare */

int mend_fault(const struct Job *job, int fault)
{
	return job->mended && (fault == FAULT_MEDIUM_ERROR || fault == FAULT_NO_FILE_SYSTEM) ? job->mended
	                                                                                     : fault;
}

int mend_wanted(struct Core *core, struct Job *job, struct Message *m)
{
	struct Ask *ask = ask_find(core, job->ask);
	const char *type = mend_type(m->body.JOB_UNCLEAN.file_system);

	if (job->mend || !type || m->n_fds != (job->kind == JOB_INSPECT ? 0 : 1))
		return CHANNEL_BROKEN;
	job->mend = MEND_WANTED;
	job->volume = type;
	if (m->n_fds && ask && ask->channel < 0)
		ask->channel = fd_steal(&m->fds[0]);
	return 0;
}

static void mend_record(
        const struct Job *job, const struct Ask *ask, enum RecordResult result, struct Record *r)
{
	record_start(r, RECORD_MEND, result);
	STR_CUT(r->actor, ask->person.login);
	r->roles = ask->person.roles;
	STR_CUT(r->medium, ask->request.number);
	STR_CUT(r->checkout, ask->checkout.id);
	record_text(r, KEY_FILE_SYSTEM, job->volume);
	if (result != RESULT_INTENT)
		record_number(r, KEY_INTENT, job->mend_intent);
}

/* A medium that is not in order is not written to; one whose tool hung is not mounted at all. */
static int mount_fault(const struct Job *job)
{
	if (job->fault || job->mended == FAULT_OK)
		return job->fault;
	return job->kind == JOB_COPY || job->late || job->mended != FAULT_NOT_MENDED ? job->mended : FAULT_OK;
}

static int outcome_durable(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Job *job = job_find(core, id);
	int r;

	if (!job)
		return 0;
	job->waiting--;
	job->mend = MEND_OVER;
	if (a->fault && !job->fault)
		job->fault = a->fault;
	job->fault = mount_fault(job);
	if (!job->fault) {
		r = job_launch(core, job);
		if (r <= 0)
			return r;
		job->fault = r;
	}
	return job_settle(core, job);
}

static int outcome(struct Core *core, struct Job *job, int fault)
{
	const struct Ask *ask = ask_find(core, job->ask);
	struct Device *d = devices_by_id(&core->devices, job->device);
	struct Record r;

	job->mended = fault;
	job->mend = MEND_OUTCOME;
	if (d && !fault)
		d->suspect = false;
	if (!ask) {
		job->mend = MEND_OVER;
		job->fault = job->fault ? job->fault : FAULT_HELPER_LOST;
		return job_settle(core, job);
	}
	log_info("%s: %s", ask->request.number, fault ? fault_row(fault)->code : "mended");
	mend_record(job, ask, fault ? RESULT_FAILED : RESULT_DONE, &r);
	r.reason = (uint16_t)fault;
	job->waiting++;
	return ledger_append(core, &r, WANT_DURABLE, outcome_durable, job->id);
}

static int intent_durable(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Job *job = job_find(core, id);
	const struct Device *d = job ? devices_by_id(&core->devices, job->device) : NULL;
	struct MountOrder order = {.writable = true, .uid = core->copy_uid, .gid = core->copy_gid};

	if (!job)
		return 0;
	job->waiting--;
	if (a->fault) {
		job->mend = MEND_OVER;
		job->fault = job->fault ? job->fault : a->fault;
		return job_settle(core, job);
	}
	job->mend_intent = a->n;
	if (job->fault || !d || !d->disk.name[0])
		return outcome(core, job, job->fault ? job->fault : FAULT_MEDIUM_GONE);
	order.disk = d->disk;
	job->pid = fork();
	if (job->pid == 0)
		mend_and_exit(&order, job->volume);
	if (job->pid < 0) {
		job->pid = 0;
		return outcome(core, job, FAULT_INTERNAL);
	}
	job->mend = MEND_RUNS;
	return dispatch_at(core->dispatch, clock_boot() + MEND_TIME, job_late, job);
}

static int begin(struct Core *core, struct Job *job)
{
	const struct Ask *ask = ask_find(core, job->ask);
	struct Record r;
	int e;

	if (job->fault || !ask) {
		job->mend = MEND_OVER;
		return 0;
	}
	job->mend = MEND_INTENT;
	mend_record(job, ask, RESULT_INTENT, &r);
	job->waiting++;
	e = ledger_append(core, &r, WANT_DURABLE, intent_durable, job->id);
	return e < 0 ? e : 1;
}

/* The tool is gone. What it was stopped for says more than that it did not come to its end. */
static int ended(struct Core *core, struct Job *job)
{
	int e = dispatch_at(core->dispatch, INT64_MAX, job_late, job);

	if (e >= 0)
		e = outcome(core, job,
		        job->status == 0 ? FAULT_OK
		        : job->fault     ? job->fault
		                         : FAULT_NOT_MENDED);
	return e < 0 ? e : 1;
}

int mend_next(struct Core *core, struct Job *job)
{
	if (job->mend == MEND_WANTED)
		return begin(core, job);
	return job->mend == MEND_RUNS ? ended(core, job) : 0;
}
