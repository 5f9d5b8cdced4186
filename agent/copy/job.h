/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One session with a medium: what the process knows, how it waits, and its last word.
 *
 * Whatever it waits for, it hears core (JOB_STOP, or its end) and the person's end closing: every wait goes
 * through job_wait, every long stretch of work through job_check. The first reason to stop wins and
 * comes back from all of them as a FAULT_*; the flows only unwind.
 */
#include "channel.h"
#include "fault.h"

#include <poll.h>

/* What tests make smaller. */
struct JobLimits {
	int64_t stall;      /* milliseconds a file may give no data */
	int64_t grace;      /* milliseconds core has to name the reason of a failing medium */
	uint64_t part_size; /* bytes of plaintext in a part */
};
extern const struct JobLimits job_limits;

struct Job {
	int core, person, root; /* person: -1 when there is none */
	const struct JobLimits *limits;
	struct MsgJob order;
	struct IssuerRow *issuers;
	size_t n_issuers;
	int stop;       /* FAULT_*: why it must end, from outside */
	bool committed; /* in force: the person's end may close now */
	bool proceed;   /* core has answered JOB_READY */
	int proceed_fault, note;
	char subject[LIMIT_SUBJECT];
	uint64_t files, bytes, parts; /* for the last word */
	int64_t progress_due;
};

/* Serves the one session that these descriptors stand for, sandbox included: 0, or -errno when there was
   nobody to tell. `person` may be no socket when the order is to inspect. */
int job_serve(int core, int person, int root, const struct JobLimits *limits);

/* Remembers what the fault is about (the first one counts) and gives it back. */
int job_fail(struct Job *j, int fault, const char *subject);

/* Until one of `more` is ready or `until` (clock_boot; INT64_MAX: no limit) has come: 0, and their revents
   say which. FAULT_* when the session must end, -errno. */
int job_wait(struct Job *j, struct pollfd *more, size_t n, int64_t until);
/* The same without waiting. */
int job_check(struct Job *j);

/* To core. 0 or a reason to end. */
int job_tell(struct Job *j, enum MessageType type, const void *body);
/* Sends JOB_READY, waits for PROCEED: 0, FAULT_*, -errno. The note is in j->note then. */
int job_ready(struct Job *j, const struct MsgJobReady *ready);

/* To and from the person; waits. Any message that is not `want` is a broken person: FAULT_BAD_REQUEST. */
int job_say(struct Job *j, enum MessageType type, const void *body);
int job_hear(struct Job *j, enum MessageType want, struct Message *ret);
/* Now and then; lost when the person does not read. */
void job_progress(struct Job *j, const struct MsgProgress *p, bool last);

/* The flows: 0, FAULT_*, or -errno. */
struct Reader;
int job_copy(struct Job *j, struct Reader *reader);
int job_list(struct Job *j);
int job_get(struct Job *j);
int job_inspect(struct Job *j);
