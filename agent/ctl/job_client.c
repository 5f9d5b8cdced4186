/* SPDX-License-Identifier: Apache-2.0 */
#include "job_client.h"

#include "clock.h"
#include "say.h"
#include "show.h"
#include "str.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

int job_client_open(struct JobClient *c, const struct Context *context)
{
	sigset_t set;
	int pair[2];

	*c = JOB_CLIENT_NULL;
	c->context = context;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return FAULT_INTERNAL;
	c->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (c->signals < 0 || channel_pair(pair) < 0)
		return FAULT_INTERNAL;
	c->channel = pair[0];
	c->theirs = pair[1];
	return 0;
}

void job_client_done(struct JobClient *c)
{
	c->channel = fd_close(c->channel);
	c->theirs = fd_close(c->theirs);
	c->agent = fd_close(c->agent);
	c->signals = fd_close(c->signals);
}

void job_client_say(
        struct JobClient *c, enum MessageType type, const void *body, const int *fds, size_t n_fds)
{
	int r;

	if (c->channel < 0 || c->cancelled)
		return;
	r = channel_send(c->channel, type, body, fds, n_fds);
	if (r == -ETOOMANYREFS) /* more descriptors under way than this user may have: the reply will tell */
		say_warning("%s", _("too many open files; close other programs"));
}

static bool progress_shown(const struct JobClient *c)
{
	return !c->context->json && isatty(STDERR_FILENO);
}

/* Nothing more comes from us; what the job still says is heard. Shut down, not closed: the opener has a
   copy of the descriptor. */
static void give_up(struct JobClient *c)
{
	c->cancelled = true;
	if (c->channel >= 0)
		shutdown(c->channel, SHUT_WR);
	c->theirs = fd_close(c->theirs);
}

/* A slow medium may need a while to be cleaned: silence there makes people pull it out. */
static void stopping_say(const struct JobClient *c)
{
	if (progress_shown(c))
		fprintf(stderr, "\r\033[K%s", _("stopping, please leave the medium in"));
}

static int reply_of_ours(struct JobClient *c, int fault, const char *subject)
{
	c->reply = (struct MsgReply){.fault = (uint16_t)fault, .n = UINT64_MAX};
	STR_CUT(c->reply.subject, subject);
	return fault;
}

/* The agent's socket has something: 1, the reply came; 0: a row; FAULT_*. */
static int hear_agent(struct JobClient *c, bool *ret_done)
{
	_cleanup_message_ struct Message m = {};
	int r = client_receive(c->agent, &m);

	if (r)
		return reply_of_ours(c, r, r == FAULT_INTERNAL ? "socket" : "");
	if (m.type == MSG_REPLY) {
		c->reply = m.body.REPLY;
		client_mode_say(&c->reply);
		*ret_done = true;
	}
	return 0;
}

static int hear_job(struct JobClient *c, const struct JobVerb *verb)
{
	_cleanup_message_ struct Message m = {};
	int r = channel_receive(c->channel, &m);

	if (r) {
		c->channel = fd_close(c->channel); /* gone, or not keeping to it: the reply tells */
		return 0;
	}
	return verb->message(verb->owner, c, &m);
}

static void hear_signal(struct JobClient *c)
{
	struct signalfd_siginfo info;

	if (read(c->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (c->cancelled)
		_exit(EXIT_CANCELLED);
	give_up(c);
	stopping_say(c);
}

enum Watched {
	WATCH_AGENT,
	WATCH_SIGNALS,
	WATCH_JOB,
	WATCH_VERB,
	_WATCH_N,
};

static int wait_timeout(int64_t until)
{
	int64_t left = until == INT64_MAX ? 3600000 : until - clock_boot();

	return (int)MIN(MAX(left, 0), 3600000);
}

static int round_of(struct JobClient *c, const struct JobVerb *verb, bool *ret_done)
{
	int64_t until = INT64_MAX;
	struct pollfd p[_WATCH_N] = {
	        [WATCH_AGENT] = {.fd = c->agent, .events = POLLIN},
	        [WATCH_SIGNALS] = {.fd = c->signals, .events = POLLIN},
	        [WATCH_JOB] = {.fd = c->channel, .events = POLLIN},
	        [WATCH_VERB] = {.fd = -1, .events = POLLIN},
	};
	int r = 0;

	if (verb->watch && !c->cancelled)
		p[WATCH_VERB].fd = verb->watch(verb->owner, &until);
	if (poll(p, _WATCH_N, wait_timeout(until)) < 0)
		return errno == EINTR ? 0 : reply_of_ours(c, FAULT_INTERNAL, strerror(errno));
	if (p[WATCH_SIGNALS].revents)
		hear_signal(c);
	/* what the job said last stands before the reply */
	if (p[WATCH_JOB].revents)
		return hear_job(c, verb);
	if ((p[WATCH_VERB].revents || clock_boot() >= until) && !c->cancelled)
		r = verb->ready(verb->owner, c);
	if (!r && p[WATCH_AGENT].revents)
		r = hear_agent(c, ret_done);
	return r;
}

int job_client_run(struct JobClient *c, const struct Ask *ask, const struct JobVerb *verb)
{
	int ours = 0;
	bool done = false;
	int r = client_send(c->context, ask, c->theirs, &c->agent);

	c->theirs = fd_close(c->theirs);
	if (r)
		return reply_of_ours(c, r, ask->bad ? ask->bad : "");
	while (!done) {
		r = round_of(c, verb, &done);
		if (r && c->reply.fault)
			return r; /* no reply will come */
		if (r && !ours) {
			/* our own side cannot go on: the job cleans up, then its reply comes */
			ours = r;
			give_up(c);
		}
	}
	/* what we saw here says more than that we left */
	if (ours && c->reply.fault == FAULT_CANCELLED)
		c->reply.fault = (uint16_t)ours;
	return c->reply.fault;
}

/* ------------------------------------------------------------------ how far it is */

void job_client_progress(const struct JobClient *c, const struct MsgProgress *p)
{
	_cleanup_free_ char *done = NULL, *all = NULL;
	unsigned int percent;

	if (!progress_shown(c) || c->cancelled)
		return;
	done = show_bytes(p->bytes);
	if (!p->of) {
		fprintf(stderr, "\r\033[K%s", done);
		return;
	}
	all = show_bytes(p->of);
	percent = (unsigned int)((double)p->bytes * 100 / (double)p->of);
	fprintf(stderr, "\r\033[K%3u %%  ", MIN(percent, 100u));
	if (!p->of_files)
		fprintf(stderr, _("%s of %s"), done, all);
	else
		fprintf(stderr, _("%s of %s, file %ju of %ju"), done, all,
		        (uintmax_t)MIN(p->files + 1, p->of_files), (uintmax_t)p->of_files);
}

void job_client_progress_end(const struct JobClient *c)
{
	if (progress_shown(c))
		fprintf(stderr, "\r\033[K");
}
