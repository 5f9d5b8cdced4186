/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People who ask anything, in any order, while sticks come and go and helpers die: each request gets one
 * reply, nothing opens without an intent on record, and core goes on. Input: steps of an opcode and
 * its operands; the opcode's highest bit: the next step comes before this one has come to rest.
 */
#include "core_world.h"
#include "parse.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool job_waits(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	(void)r;
	if (m->type == MSG_JOB)
		end->order = m->body.JOB;
	return m->type != MSG_JOB_STOP;
}

/* {who, descriptors, size, size, text}: what the gate lets through. */
static void ask(struct Rig *r, struct Bytes *b)
{
	static const uid_t people[] = {
		RIG_SUPERVISOR, RIG_SUPERVISOR2, RIG_CLERK, RIG_CLERK2, RIG_AUDITOR, RIG_STRANGER};
	char subject[PARSE_SUBJECT];
	struct Request request;
	uid_t who = people[byte(b) % ARRAY_SIZE(people)];
	size_t channels = byte(b) & 1, n = (size_t)byte(b) << 8;
	int fault;

	n |= byte(b);
	n = MIN(n, MIN(b->size, (size_t)LIMIT_REQUEST));
	fault = parse_request((const char *)b->data, n, channels, &request, subject);
	b->data += n;
	b->size -= n;
	if (!fault && rig_end(r, RIG_GATE) && r->next_client < RIG_REQUESTS - 1)
		rig_send(r, who, &request);
}

static void step(struct Rig *r, struct Bytes *b)
{
	static const enum RigRole mortal[] = {RIG_LEDGER, RIG_WATCH, RIG_GATE, RIG_JOB, RIG_PREPARE};
	uint8_t op = byte(b);
	struct RigEnd *end;

	switch (op % 8) {
	case 0:
	case 1:
	case 2:
		ask(r, b);
		break;
	case 3:
		rig_later(r, world_while(byte(b)));
		break;
	case 4:
		world_toggle(r, byte(b));
		break;
	case 5:
		end = rig_end(r, mortal[byte(b) % ARRAY_SIZE(mortal)]);
		if (end)
			rig_die(r, end);
		break;
	case 6:
		if (byte(b) & 1)
			r->ledger_slow = true;
		else
			rig_answer(r);
		break;
	default:
		r->script[RIG_JOB] = byte(b) & 1 ? job_waits : NULL;
		break;
	}
	if (!(op & 0x80))
		rig_run(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct Bytes b = {data, size};
	struct Rig *r = world_new();
	bool died = false;

	for (int i = 0; i < 48 && b.size && !r->ended; i++) {
		const struct RigEnd *gate = rig_end(r, RIG_GATE);
		pid_t pid = gate ? gate->pid : 0;

		step(r, &b);
		gate = rig_end(r, RIG_GATE);
		died |= !gate || gate->pid != pid; /* its clients went with it */
	}
	if (r->n_held >= ARRAY_SIZE(r->held) - 8)
		r->ledger_slow = false;
	world_settle(r);
	RIG_MUST(!r->ended);
	for (uint32_t client = 1; client <= r->next_client; client++)
		RIG_MUST(died || rig_reply(r, client)->n_replies == 1);
	return 0;
}
