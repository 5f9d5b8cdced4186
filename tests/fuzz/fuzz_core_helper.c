/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Helpers and jobs that say anything: core stops those that do not keep to the protocol, never falls with
 * them, and never goes on working with a gate open that lost a helper. Input: steps of an opcode and its
 * operands; the opcode's highest bit: the next step comes before this one has come to rest.
 */
#include "core_world.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct SayRow {
	enum RigRole role;
	enum MessageType type;
};

static const struct SayRow says[] = {
	{RIG_LEDGER, MSG_STATE_MEDIUM}, {RIG_LEDGER, MSG_STATE_CHECKOUT}, {RIG_LEDGER, MSG_STATE_PENDING},
	{RIG_LEDGER, MSG_STATE_END}, {RIG_LEDGER, MSG_APPENDED}, {RIG_LEDGER, MSG_COVERED},
	{RIG_LEDGER, MSG_DIGESTED}, {RIG_LEDGER, MSG_FILES_DIGESTED}, {RIG_LEDGER, MSG_NOTE},
	{RIG_LEDGER, MSG_READABLE}, {RIG_LEDGER, MSG_FOUND_COPY}, {RIG_LEDGER, MSG_LEDGER_FAULT},
	{RIG_WATCH, MSG_USB_ADD}, {RIG_WATCH, MSG_USB_REMOVE}, {RIG_WATCH, MSG_USB_BIND},
	{RIG_WATCH, MSG_BLOCK_ADD}, {RIG_WATCH, MSG_BLOCK_REMOVE}, {RIG_WATCH, MSG_WATCH_READY},
	{RIG_GATE, MSG_REQUEST}, {RIG_LOAD, MSG_LOAD_TERMINAL}, {RIG_LOAD, MSG_LOAD_PERSON},
	{RIG_LOAD, MSG_LOAD_CODE}, {RIG_LOAD, MSG_LOAD_FILE_SYSTEM}, {RIG_LOAD, MSG_LOAD_SETTINGS},
	{RIG_LOAD, MSG_LOAD_ISSUER}, {RIG_LOAD, MSG_LOAD_END}, {RIG_JOB, MSG_JOB_FILE},
	{RIG_JOB, MSG_JOB_LINE}, {RIG_JOB, MSG_JOB_READY}, {RIG_JOB, MSG_JOB_FOUND}, {RIG_JOB, MSG_JOB_DONE},
	{RIG_WATCH, MSG_USB_EXPECT},
	{RIG_LEDGER, MSG_LABEL_MADE}, {RIG_LEDGER, MSG_LABEL_SEEN}, {RIG_LABEL, MSG_LABEL_SLOT},
	{RIG_LABEL, MSG_LABEL_DONE}, {RIG_JOB, MSG_JOB_UNCLEAN}, {RIG_WATCH, MSG_USB_CAME},
	{RIG_LEDGER, MSG_YEAR}, {RIG_SESSION, MSG_SLEEP_LOCK}, {RIG_SESSION, MSG_SLEEP},
};

/* Something true to start from: what is changed of it is what is fuzzed. */
static void prototype(struct Rig *r, enum MessageType type, union MessageBody *m)
{
	const struct RigDevice *d = &r->devices[2];
	uint64_t cookie = r->core->answers.next_cookie;

	switch (type) {
	case MSG_APPENDED:
	case MSG_DIGESTED:
	case MSG_FILES_DIGESTED:
	case MSG_NOTE:
	case MSG_READABLE:
	case MSG_FOUND_COPY:
	case MSG_LABEL_MADE:
	case MSG_LABEL_SEEN:
		memcpy(m, &cookie, sizeof(cookie));
		break;
	case MSG_USB_ADD:
		m->USB_ADD = d->add;
		break;
	case MSG_USB_EXPECT:
		STR_CUT(m->USB_EXPECT.interface, d->interface);
		m->USB_EXPECT.identity = d->add.identity;
		break;
	case MSG_USB_CAME:
		STR_CUT(m->USB_CAME.interface, d->interface);
		break;
	case MSG_USB_REMOVE:
		STR_CUT(m->USB_REMOVE.name, d->port);
		break;
	case MSG_USB_BIND:
		STR_CUT(m->USB_BIND.interface, d->interface);
		break;
	case MSG_BLOCK_ADD:
		m->BLOCK_ADD = (struct MsgBlockAdd){.disk = "sda", .partition = "sda1", .major = 8,
			.partition_minor = 1, .size = 1 << 20, .diskseq = r->devices[0].diskseq};
		STR_CUT(m->BLOCK_ADD.interface, r->devices[0].interface);
		break;
	case MSG_BLOCK_REMOVE:
		STR_CUT(m->BLOCK_REMOVE.disk, "sda");
		break;
	case MSG_REQUEST:
		m->REQUEST = (struct MsgRequest){.client = 77, .request = rig_verb(VERB_COPY, "USB-1")};
		break;
	case MSG_SLEEP:
		m->SLEEP = (struct MsgSleep){.number = 1, .begins = 1};
		break;
	case MSG_JOB_UNCLEAN:
		STR_CUT(m->JOB_UNCLEAN.file_system, "vfat");
		break;
	case MSG_JOB_LINE:
	case MSG_JOB_FOUND:
		if (r->core->jobs)
			memcpy(type == MSG_JOB_LINE ? m->JOB_LINE.copy : m->JOB_FOUND.copy, r->core->jobs->copy,
				LIMIT_ID);
		break;
	default:
		break;
	}
}

/* Descriptors to go with a message: the right ones of a device, or wrong ones. */
static size_t descriptors(struct Rig *r, uint8_t how, int fds[static LIMIT_FDS])
{
	const struct RigDevice *d = &r->devices[how >> 4 & 3];
	const char *names[] = {"/dev/null", r->folder, NULL, NULL};
	char device[160], interface[200], disk[240];

	snprintf(device, sizeof(device), "%s/%s", r->folder, d->port);
	snprintf(interface, sizeof(interface), "%.100s/%s/%s", r->folder, d->port, d->interface);
	snprintf(disk, sizeof(disk), "%s/disk", interface);
	if (how & 8) {
		names[0] = device;
		names[1] = interface;
	}
	if (how & 0x80)
		names[0] = disk;
	for (size_t i = 0; i < (how & 7) % (LIMIT_FDS + 1); i++) {
		fds[i] = open(names[i] ? names[i] : "/dev/null", O_RDONLY | O_CLOEXEC);
		RIG_MUST(fds[i] >= 0 || errno == ENOENT);
		if (fds[i] < 0)
			fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	return (how & 7) % (LIMIT_FDS + 1);
}

/* {which, descriptors, how many changes, {offset, offset, value}…} */
static void say(struct Rig *r, struct Bytes *b)
{
	const struct SayRow *row = &says[byte(b) % ARRAY_SIZE(says)];
	int fds[LIMIT_FDS];
	size_t n = descriptors(r, byte(b), fds), changes = byte(b) % 32;
	_cleanup_free_ union MessageBody *m = calloc(1, sizeof(*m));

	RIG_MUST(m);
	prototype(r, row->type, m);
	for (size_t i = 0; i < changes; i++) {
		size_t at = (size_t)byte(b) << 8;

		at |= byte(b);
		((uint8_t *)m)[at % channel_size(row->type)] = byte(b);
	}
	rig_say(r, rig_end(r, row->role), row->type, m, fds, n);
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

static void ask(struct Rig *r, struct Bytes *b)
{
	static const uid_t people[] = {RIG_SUPERVISOR, RIG_CLERK, RIG_AUDITOR, RIG_STRANGER};
	struct Request q = rig_verb(byte(b) % _VERB_N, "USB-1");
	uint8_t who = byte(b);

	if (q.verb == VERB_REGISTER)
		q = rig_register("2-3", "USB-3");
	if (q.verb == VERB_REGISTER && who & 0x80)
		STR_CUT(q.prepare, "vfat");
	if (q.verb == VERB_CHECKOUT)
		q = rig_checkout("USB-2", "clerk1", r->now + 3600000);
	if (rig_end(r, RIG_GATE) && r->next_client < RIG_REQUESTS - 1)
		rig_send(r, people[who % ARRAY_SIZE(people)], &q);
}

/* {role, size, bytes} */
static void raw(struct Rig *r, struct Bytes *b)
{
	const struct RigEnd *end = rig_end(r, 1 + byte(b) % RIG_JOB);
	size_t n = byte(b);

	n = MIN(n, b->size);
	if (end && n)
		(void)!send(end->theirs, b->data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	b->data += n;
	b->size -= n;
}

static void mute(struct Rig *r, struct Bytes *b);

static void step(struct Rig *r, struct Bytes *b)
{
	uint8_t op = byte(b);
	struct RigEnd *end;

	switch (op % 12) {
	case 3:
		rig_later(r, world_while(byte(b)));
		break;
	case 4:
		world_toggle(r, byte(b));
		break;
	case 5:
	case 6:
		ask(r, b);
		break;
	case 7:
		end = rig_end(r, 1 + byte(b) % RIG_LABEL);
		if (end)
			rig_die(r, end);
		break;
	case 8:
		raw(r, b);
		break;
	case 9:
		r->alter.role = 1 + byte(b) % RIG_JOB;
		r->alter.at = byte(b) % 16;
		r->alter.offset = (size_t)byte(b) << 8;
		r->alter.offset |= byte(b);
		r->alter.with = byte(b);
		break;
	case 10:
	case 11:
		mute(r, b);
		break;
	default:
		say(r, b);
		break;
	}
	if (!(op & 0x80))
		rig_run(r);
}

static bool says_nothing(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	(void)r;
	(void)end;
	(void)m;
	return true;
}

/* A role answers nothing (more): its answers are the input's. 6: SIGHUP. */
static void mute(struct Rig *r, struct Bytes *b)
{
	uint8_t which = byte(b);

	if ((which & 7) == 7) {
		if (r->core->stage == STAGE_RUN && r->core->ledger_up)
			(void)!rig_reload(r);
		return;
	}
	r->script[1 + (which & 7) % RIG_JOB] = which & 8 ? NULL : says_nothing;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct Bytes b = {data, size};
	struct Rig *r = world_new();

	r->liar = true;
	for (int i = 0; i < 48 && b.size && !r->ended; i++)
		step(r, &b);
	if (!r->ended)
		world_settle(r);
	if (r->ended)
		fprintf(stderr, "core ended: %s\n", strerror(-r->result));
	RIG_MUST(!r->ended);
	return 0;
}
