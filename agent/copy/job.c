/* SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

#include "clock.h"
#include "crypto.h"
#include "log.h"
#include "medium.h"
#include "part.h"
#include "phase.h"
#include "reader.h"
#include "str.h"

#include <fcntl.h>
#include <signal.h>
#include <time.h>

#define PROGRESS_EVERY 250 /* milliseconds */

const struct JobLimits job_limits = {.stall = 30000, .grace = 1000, .part_size = PART_SIZE};

int job_fail(struct Job *j, int fault, const char *subject)
{
	if (!j->subject[0])
		STR_CUT(j->subject, subject);
	return fault;
}

/* ------------------------------------------------------------------ waiting */

static int hear_core(struct Job *j)
{
	_cleanup_message_ struct Message m = {};
	int r = channel_receive(j->core, &m);

	if (r == CHANNEL_CLOSED)
		return FAULT_INTERRUPTED;
	if (r)
		return r < 0 ? r : -EPROTO;
	if (m.type == MSG_JOB_STOP) {
		int fault = m.body.JOB_STOP.fault;

		return fault > FAULT_OK && fault < _FAULT_N ? fault : FAULT_INTERRUPTED;
	}
	if (m.type != MSG_PROCEED || j->proceed)
		return -EPROTO;
	j->proceed = true;
	j->proceed_fault = m.body.PROCEED.fault;
	if (m.n_fds)
		j->note = fd_steal(&m.fds[0]);
	return 0;
}

static int poll_all(struct Job *j, struct pollfd *p, size_t n, int timeout)
{
	int r = poll(p, n, timeout);

	if (r < 0)
		return errno == EINTR ? 0 : -errno;
	if (!j->stop && p[0].revents) {
		r = hear_core(j);
		if (r < 0)
			return r;
		j->stop = r;
	}
	/* a person who stops listening while all is in force changes nothing any more */
	if (!j->stop && p[1].revents & (POLLHUP | POLLRDHUP | POLLERR | POLLNVAL))
		j->stop = FAULT_CANCELLED;
	return j->stop;
}

int job_wait(struct Job *j, struct pollfd *more, size_t n, int64_t until)
{
	struct pollfd p[6] = {{.fd = j->core, .events = POLLIN},
	        {.fd = j->committed ? -1 : j->person, .events = POLLRDHUP}};

	assert(n <= ARRAY_SIZE(p) - 2);
	for (size_t i = 0; i < n; i++)
		p[i + 2] = (struct pollfd){.fd = more[i].fd, .events = more[i].events};
	for (;;) {
		int64_t left = until == INT64_MAX ? -1 : MAX(until - clock_boot(), 0);
		bool any = false;
		int r = poll_all(j, p, n + 2, (int)MIN(left, 3600000));

		if (r)
			return r;
		for (size_t i = 0; i < n; i++) {
			more[i].revents = p[i + 2].revents;
			any = any || more[i].revents;
		}
		if (any || left == 0)
			return 0;
		if (!n && until == INT64_MAX)
			return 0; /* core has said something */
	}
}

int job_check(struct Job *j)
{
	return job_wait(j, NULL, 0, 0);
}

/* ------------------------------------------------------------------ core */

int job_tell(struct Job *j, enum MessageType type, const void *body)
{
	int r = channel_send(j->core, type, body, NULL, 0);

	if (r == CHANNEL_CLOSED)
		j->stop = j->stop ? j->stop : FAULT_INTERRUPTED;
	return r > 0 ? FAULT_INTERRUPTED : r;
}

int job_ready(struct Job *j, const struct MsgJobReady *ready)
{
	int r = job_tell(j, MSG_JOB_READY, ready);

	while (!r && !j->proceed)
		r = job_wait(j, NULL, 0, INT64_MAX);
	if (r)
		return r;
	return j->proceed_fault < _FAULT_N ? j->proceed_fault : -EPROTO;
}

/* ------------------------------------------------------------------ the person */

int job_say(struct Job *j, enum MessageType type, const void *body)
{
	for (;;) {
		struct pollfd out = {.fd = j->person, .events = POLLOUT};
		int r = channel_send(j->person, type, body, NULL, 0);

		if (r == CHANNEL_CLOSED)
			return FAULT_CANCELLED;
		if (r != CHANNEL_AGAIN)
			return r;
		r = job_wait(j, &out, 1, INT64_MAX);
		if (r)
			return r;
	}
}

int job_hear(struct Job *j, enum MessageType want, struct Message *ret)
{
	for (;;) {
		struct pollfd in = {.fd = j->person, .events = POLLIN};
		int r = job_wait(j, &in, 1, INT64_MAX);

		if (!r)
			r = channel_receive(j->person, ret);
		if (r == 0 && ret->type == want)
			return 0;
		if (r == 0) {
			message_done(ret);
			return job_fail(j, FAULT_BAD_REQUEST, channel_name(ret->type));
		}
		if (j->stop)
			return j->stop;
		if (r == CHANNEL_CLOSED)
			return FAULT_CANCELLED;
		if (r == CHANNEL_BROKEN)
			return job_fail(j, FAULT_BAD_REQUEST, channel_name(want));
		if (r != CHANNEL_AGAIN)
			return r;
	}
}

void job_progress(struct Job *j, const struct MsgProgress *p, bool last)
{
	int64_t now = clock_boot();

	if (!last && now < j->progress_due)
		return;
	j->progress_due = now + PROGRESS_EVERY;
	/* a picture, not an account: a full channel or a closed one is seen elsewhere */
	if (channel_send(j->person, MSG_PROGRESS, p, NULL, 0))
		return;
}

/* ------------------------------------------------------------------ from order to last word */

static int hear_order(struct Job *j)
{
	_cleanup_message_ struct Message m = {};
	int r = channel_receive(j->core, &m);

	if (r)
		return r < 0 ? r : -EPROTO;
	if (m.type != MSG_JOB || m.body.JOB.kind >= _JOB_KIND_N)
		return -EPROTO;
	j->order = m.body.JOB;
	if (j->order.n_issuers > LIMIT_ROWS)
		return -EPROTO;
	j->issuers = calloc(MAX(j->order.n_issuers, 1), sizeof(*j->issuers));
	if (!j->issuers)
		return -ENOMEM;
	for (; j->n_issuers < j->order.n_issuers; j->n_issuers++) {
		r = channel_receive(j->core, &m);
		if (r || m.type != MSG_JOB_ISSUER)
			return r < 0 ? r : -EPROTO;
		j->issuers[j->n_issuers] = m.body.JOB_ISSUER;
	}
	return 0;
}

/* A plug pulled out looks like any failing disk from here; core knows which it was. */
static int fault_settled(struct Job *j, int fault)
{
	int64_t until = clock_boot() + j->limits->grace;

	while (fault == FAULT_MEDIUM_ERROR && !j->stop && clock_boot() < until)
		if (job_wait(j, NULL, 0, until) < 0)
			break;
	if (fault == FAULT_MEDIUM_ERROR && j->stop == FAULT_MEDIUM_GONE)
		return j->stop;
	return fault;
}

static int last_word(struct Job *j, int r)
{
	struct MsgJobDone done = {.files = j->files, .bytes = j->bytes, .parts = j->parts};

	if (r < 0) {
		log_error("session of %s failed: %s", j->order.medium, strerror(-r));
		r = job_fail(j, FAULT_INTERNAL, strerror(-r));
	}
	done.fault = (uint16_t)fault_settled(j, r);
	if (done.fault == FAULT_OK || !j->subject[0] || done.fault != r)
		STR_CUT(j->subject, j->order.medium);
	STR_CUT(done.subject, j->subject);
	r = channel_send(j->core, MSG_JOB_DONE, &done, NULL, 0);
	return r > 0 ? 0 : r; /* core may be gone: nobody to tell, nothing left to do */
}

static int serve_copy(struct Job *j)
{
	_cleanup_reader_ struct Reader reader = READER_NULL;
	int r = reader_start(&reader, j->person, j->core, j->root);

	if (r >= 0)
		r = phase_enter(PHASE_COPY);
	return r < 0 ? r : job_copy(j, &reader);
}

struct KindRow {
	enum Phase phase;
	int (*run)(struct Job *j);
};

static int serve(struct Job *j)
{
	static const struct KindRow kinds[_JOB_KIND_N] = {
	        [JOB_LIST] = {PHASE_LIST, job_list},
	        [JOB_GET] = {PHASE_GET, job_get},
	        [JOB_INSPECT] = {PHASE_INSPECT, job_inspect},
	};
	const struct KindRow *row = &kinds[j->order.kind];
	int r;

	if (j->order.kind == JOB_INSPECT) {
		j->person = -1;
	} else {
		r = channel_verify(j->person);
		if (r < 0)
			return r;
		/* of our end alone: the peer's is another description */
		if (fcntl(j->person, F_SETFL, O_RDWR | O_NONBLOCK))
			return -errno;
	}
	if (j->order.kind == JOB_COPY)
		return serve_copy(j);
	r = phase_enter(row->phase);
	return r < 0 ? r : row->run(j);
}

/* What libraries would read later, when no file can be opened any more. */
static int prepare(void)
{
	tzset();
	signal(SIGPIPE, SIG_IGN);
	return crypto_prepare();
}

int job_serve(int core, int person, int root, const struct JobLimits *limits)
{
	struct Job j = {.core = core, .person = person, .root = root, .limits = limits, .note = -1};
	int r = prepare();

	if (r >= 0)
		r = hear_order(&j);
	if (r >= 0)
		r = last_word(&j, serve(&j));
	j.note = fd_close(j.note);
	free(j.issuers);
	return r;
}
