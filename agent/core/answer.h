/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What core has asked ledger and is still waiting for. Each question has a cookie; the answer goes to
 * a callback with the id of the object that asked, which may be gone by then.
 */
#include "channel.h"

struct Core;

enum AnswerWant {
	WANT_REPLY,   /* any answer with this cookie */
	WANT_DURABLE, /* the line is durable: an act may begin */
	WANT_COVERED, /* a checkpoint covers it: success may be told */
};

struct Answer {
	int fault;		 /* FAULT_OK, FAULT_NO_LEDGER, FAULT_LEDGER_FULL … */
	uint64_t n;		 /* of an appended record */
	const struct Message *m; /* of WANT_REPLY; NULL when fault */
};

/* Negative ends the agent; CHANNEL_BROKEN: the answer cannot be, ledger is stopped. */
typedef int (*AnswerDone)(struct Core *core, uint64_t id, const struct Answer *a);

struct Waiting;

struct Answers {
	struct Waiting *waiting;
	size_t n, room;
	uint64_t next_cookie;
	uint64_t covered;
	uint8_t root[DIGEST_SIZE]; /* of the records covered */
};

/* done may be NULL when nobody waits. When ledger is not there the callback is called at once. */
int ledger_append(struct Core *core, const struct Record *r, enum AnswerWant want, AnswerDone done, uint64_t id);

/* A question whose structure begins with its cookie, which is filled in here. */
struct Question {
	enum MessageType type;
	void *body;
	const int *fds;
	size_t n_fds;
};
int ledger_ask(struct Core *core, const struct Question *q, AnswerDone done, uint64_t id);

/* Something that was to be recorded is not yet known to be durable. */
bool answer_records_wait(const struct Core *core);

/* From ledger. CHANNEL_BROKEN: the answer to no question. */
int answer_message(struct Core *core, const struct Message *m);

/* ledger is gone: everything that waits hears FAULT_NO_LEDGER. */
int answer_fail_all(struct Core *core);
