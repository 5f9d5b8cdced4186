/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The person's side of a session with a medium: one request to the agent, and the channel to the job that
 * serves it. Ctrl-C says on the channel that nothing more comes and waits for the reply, so that the
 * job has cleaned the medium before the command ends; a second one does not wait.
 */
#include "client.h"

#include <poll.h>

struct JobClient {
	const struct Context *context;
	int channel; /* ours */
	int theirs;  /* until it is sent */
	int agent;   /* the request's socket */
	int signals; /* Ctrl-C and the like, as something to poll */
	bool cancelled;
	struct MsgReply reply;
};

#define JOB_CLIENT_NULL                                                 \
	(struct JobClient)                                              \
	{                                                               \
		.channel = -1, .theirs = -1, .agent = -1, .signals = -1 \
	}

/* What a verb does with what comes. A positive result is a FAULT_*: the session is given up and that is
   what the person hears. */
struct JobVerb {
	void *owner;
	/* From the job; may steal descriptors. */
	int (*message)(void *owner, struct JobClient *c, struct Message *m);
	/* One more descriptor to watch, asked before every wait: -1 for none, and the moment (clock_boot) at
	   which to be called without it; may be NULL. */
	int (*watch)(void *owner, int64_t *ret_until);
	int (*ready)(void *owner, struct JobClient *c);
};

/* From here on signals come to the loop: 0 or FAULT_INTERNAL. */
_must_check_ int job_client_open(struct JobClient *c, const struct Context *context);
/* Request, messages, reply: its fault, and c->reply for client_say. */
_must_check_ int job_client_run(struct JobClient *c, const struct Ask *ask, const struct JobVerb *verb);
void job_client_done(struct JobClient *c);
#define _cleanup_job_client_ _cleanup_(job_client_done)

/* To the job. A job that is gone is no error: its reply follows. */
void job_client_say(
        struct JobClient *c, enum MessageType type, const void *body, const int *fds, size_t n_fds);

/* A line on a terminal that says how far it is, renewed in place; nothing elsewhere. */
void job_client_progress(const struct JobClient *c, const struct MsgProgress *p);
void job_client_progress_end(const struct JobClient *c);
