/* SPDX-License-Identifier: Apache-2.0 */
#include "core_rig.h"

#include "str.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

_noreturn_ void rig_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "rig: %s:%d: does not hold: %s (%s) %s\n", file, line, what, strerror(errno), wrap_note());
	abort();
}

/* ------------------------------------------------------------------ the stage */

static void core_gone(struct Rig *r);

void rig_start(struct Rig *r)
{
	static const char *const texts[] = {
		"etc/terminal.conf", "etc/policy.conf", "etc/roster.conf", "etc/recipients.conf"};

	memset(r, 0, sizeof(*r));
	STR_CUT(r->folder, "/dev/shm/mediagate-core-XXXXXX");
	if (!mkdtemp(r->folder)) { /* memory is faster, not more */
		STR_CUT(r->folder, "/tmp/mediagate-core-XXXXXX");
		RIG_MUST(mkdtemp(r->folder));
	}
	r->at = open(r->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	RIG_MUST(r->at >= 0);
	r->lines = calloc(RIG_LINES, sizeof(*r->lines));
	RIG_MUST(r->lines);
	rig_folder(r, "etc");
	rig_folder(r, "bus");
	rig_folder(r, "state");
	rig_folder(r, "observe");
	rig_text(r, "bus/drivers_probe", "");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		rig_text(r, texts[i], texts[i]);
	rig_reset(r);
	wrap_use(r);
}

void rig_reset(struct Rig *r)
{
	struct Rig *kept = calloc(1, sizeof(*kept));

	RIG_MUST(kept);
	if (r->core)
		core_gone(r);
	loans_clear(&r->state);
	*kept = *r;
	memset(r, 0, sizeof(*r));
	memcpy(r->folder, kept->folder, sizeof(r->folder));
	memcpy(r->devices, kept->devices, sizeof(r->devices));
	r->at = kept->at;
	r->lines = kept->lines;
	r->n_devices = kept->n_devices;
	r->quiet = kept->quiet;
	r->now = 1795000000000;
	r->boot = 60000000;
	r->next_pid = 100000;
	r->job_files = 1;
	free(kept);
	for (size_t i = 0; i < RIG_ENDS; i++)
		r->ends[i] = (struct RigEnd){.ours = -1, .theirs = -1};
	for (size_t i = 0; i < r->n_devices; i++)
		r->devices[i].plugged = r->devices[i].disk = r->devices[i].leave = false;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* As when the process is gone: its helpers see their ends, the closer closes what is open. */
static void core_gone(struct Rig *r)
{
	r->in_core = true;
	r->core = core_free(r->core);
	r->in_core = false;
	for (size_t i = 0; i < RIG_ENDS; i++) {
		fd_close(r->ends[i].theirs);
		r->ends[i] = (struct RigEnd){.ours = -1, .theirs = -1};
	}
	r->n_held = 0;
	for (size_t i = 0; i < r->n_devices; i++) {
		char name[160];

		snprintf(name, sizeof(name), "%s/%s/authorized", r->devices[i].port, r->devices[i].interface);
		if (r->devices[i].plugged)
			rig_text(r, name, "0");
		r->devices[i].leave = r->devices[i].let_leave = r->devices[i].disk = false;
	}
}

void rig_done(struct Rig *r)
{
	core_gone(r);
	loans_clear(&r->state);
	free(r->lines);
	nftw(r->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	r->at = fd_close(r->at);
	wrap_use(NULL);
}

void rig_forget(struct Rig *r)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/state/config", r->folder);
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void told(struct Rig *r, int result)
{
	r->in_core = false;
	if (result < 0) {
		r->result = result;
		r->ended = true;
	}
}

void rig_boot(struct Rig *r)
{
	int e;

	core_gone(r);
	r->ended = false;
	r->result = 0;
	r->covered = r->n_lines;
	RIG_MUST(core_bare(&r->core) == 0);
	r->core->usb_dir = rig_under(r, "bus");
	r->core->state_dir = rig_under(r, "state");
	r->core->observe_dir = rig_under(r, "observe");
	r->core->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	RIG_MUST(r->core->listen_fd >= 0);
	r->in_core = true;
	e = boot_start(r->core);
	told(r, e);
	rig_run(r);
}

void rig_stop(struct Rig *r)
{
	int e;

	if (!r->core || r->ended)
		return;
	r->in_core = true;
	e = boot_stop(r->core);
	told(r, e);
	rig_run(r);
}

int rig_reload(struct Rig *r)
{
	int e;

	r->in_core = true;
	e = config_reload(r->core);
	told(r, e);
	return e;
}

/* ------------------------------------------------------------------ ends */

static enum RigRole role_of(const struct Core *core, pid_t pid)
{
	const struct {
		pid_t pid;
		enum RigRole role;
	} peers[] = {{core->ledger.pid, RIG_LEDGER}, {core->load.pid, RIG_LOAD}, {core->watch.pid, RIG_WATCH},
		{core->gate.pid, RIG_GATE}, {core->session.pid, RIG_SESSION}};

	for (size_t i = 0; i < ARRAY_SIZE(peers); i++)
		if (peers[i].pid == pid)
			return peers[i].role;
	for (const struct Job *j = core->jobs; j; j = j->next)
		if (j->pid == pid)
			return RIG_JOB;
	for (const struct LabelTask *t = core->labels; t; t = t->next)
		if (t->pid == pid)
			return RIG_LABEL;
	return RIG_NONE;
}

struct RigDevice *rig_label_device(struct Rig *r, const struct RigEnd *end)
{
	const struct Device *d = NULL;

	for (const struct LabelTask *t = r->core->labels; t; t = t->next)
		if (t->pid == end->pid)
			d = devices_by_id(&r->core->devices, t->device);
	for (size_t i = 0; d && i < r->n_devices; i++)
		if (str_eq(r->devices[i].interface, d->interface))
			return &r->devices[i];
	return NULL;
}

struct RigEnd *rig_end(struct Rig *r, enum RigRole role)
{
	for (size_t i = 0; i < RIG_ENDS; i++)
		if (r->ends[i].role == role && !r->ends[i].gone && (r->ends[i].theirs >= 0 || role == RIG_PREPARE))
			return &r->ends[i];
	return NULL;
}

void rig_say(struct Rig *r, struct RigEnd *end, enum MessageType type, const void *body, const int *fds, size_t n)
{
	union MessageBody altered;

	if (!end || end->theirs < 0)
		return;
	if (r->alter.with && r->alter.role == end->role && r->alter.at-- == 0) {
		memcpy(&altered, body, channel_size(type));
		((uint8_t *)&altered)[r->alter.offset % channel_size(type)] ^= r->alter.with;
		body = &altered;
		r->alter.with = 0;
	}
	/* a script never waits */
	r->lost += channel_send(end->theirs, type, body, fds, n) == CHANNEL_AGAIN;
}

void rig_die(struct Rig *r, struct RigEnd *end)
{
	(void)r;
	end->theirs = fd_close(end->theirs);
	end->gone = true;
}

void rig_answer(struct Rig *r)
{
	size_t n = r->n_held;
	struct RigEnd *end = rig_end(r, RIG_LEDGER);

	r->n_held = 0;
	r->ledger_slow = false;
	for (size_t i = 0; i < n && end; i++)
		script_answer(r, end, &r->held[i]);
}

/* ------------------------------------------------------------------ going on */

/* What holds between any two messages. */
static void check(struct Rig *r)
{
	bool shut = !r->core->ledger_up || !r->core->watch_up || !r->core->gate_up;

	for (const struct Device *d = r->core->devices.first; d; d = d->next)
		for (size_t i = 0; i < r->n_devices; i++) {
			struct RigDevice *mine = &r->devices[i];
			bool open = d->state == DEVICE_OPEN || d->state == DEVICE_CLOSING;

			if (!mine->plugged || !str_eq(mine->interface, d->interface))
				continue;
			RIG_MUST(open || d->let != LET_NO || r->liar || !rig_is_open(r, mine));
			/* what is let in although refused is so in observe mode alone */
			RIG_MUST(d->let == LET_NO || (d->state <= DEVICE_CLOSED && observe_meant(r->core)));
			/* without a helper nothing is open but what a job is still leaving */
			RIG_MUST(!shut || d->state != DEVICE_OPEN);
		}
}

static bool round_ends(struct Rig *r)
{
	bool moved = false;

	for (size_t i = 0; i < RIG_ENDS && !r->ended; i++) {
		struct RigEnd *end = &r->ends[i];
		struct Message m;
		int e = CHANNEL_AGAIN;

		if (end->theirs >= 0 && !end->pid) { /* its fork failed */
			end->theirs = fd_close(end->theirs);
			*end = (struct RigEnd){.ours = -1, .theirs = -1};
		}
		if (end->pid && end->role == RIG_NONE && !end->gone) {
			end->role = role_of(r->core, end->pid);
			if (end->role == RIG_NONE)
				rig_die(r, end); /* core did not want it */
			else
				script_begin(r, end);
			moved = true;
		}
		while (end->theirs >= 0 && (e = channel_receive(end->theirs, &m)) == 0) {
			script_message(r, end, &m);
			message_done(&m);
			moved = true;
		}
		if (end->theirs >= 0 && e != CHANNEL_AGAIN)
			rig_die(r, end);
	}
	return moved;
}

static bool reap(struct Rig *r)
{
	bool gone = false;
	int e;

	for (size_t i = 0; i < RIG_ENDS; i++)
		gone |= r->ends[i].gone;
	if (!gone || r->ended)
		return false;
	r->in_core = true;
	e = boot_reap(r->core);
	told(r, e);
	return true;
}

/* Whether core heard anything. */
static bool round_core(struct Rig *r)
{
	size_t lines = r->n_lines;
	uint64_t cookie = r->core->answers.next_cookie;
	int e;

	r->in_core = true;
	e = dispatch_once(r->core->dispatch, 0);
	told(r, e);
	if (!r->ended && dispatch_stopped(r->core->dispatch))
		r->ended = true;
	if (!r->ended)
		check(r);
	return lines != r->n_lines || cookie != r->core->answers.next_cookie;
}

void rig_run(struct Rig *r)
{
	int quiet = 0, rounds = 0;

	while (!r->ended && quiet < 6) {
		bool moved = round_core(r);

		if (!r->ended)
			moved |= round_ends(r);
		for (size_t i = 0; i < r->n_devices && !r->ended; i++)
			moved |= rig_tell_disk(r, &r->devices[i]);
		moved |= reap(r);
		quiet = moved ? 0 : quiet + 1;
		RIG_MUST(++rounds < 20000); /* it never comes to rest */
	}
	if (r->ended)
		core_gone(r);
}

void rig_later(struct Rig *r, int64_t milliseconds)
{
	r->now += milliseconds;
	r->boot += milliseconds;
	rig_run(r);
}

/* ------------------------------------------------------------------ people */

struct RigReply *rig_reply(struct Rig *r, uint32_t client)
{
	for (size_t i = 0; i < RIG_REQUESTS && client; i++)
		if (r->replies[i].client == client)
			return &r->replies[i];
	return NULL;
}

uint32_t rig_send(struct Rig *r, uid_t uid, const struct Request *q)
{
	static const uint8_t channels[] = {
#define CHANNELS(name, word, channel) [VERB_##name] = (channel),
		REQUEST_VERBS(CHANNELS)
#undef CHANNELS
	};
	struct RigEnd *gate = rig_end(r, RIG_GATE);
	struct MsgRequest m = {.client = ++r->next_client, .request = *q};
	int pair[2];

	r->replies[m.client % RIG_REQUESTS] = (struct RigReply){.client = m.client};
	r->caller = uid;
	RIG_MUST(channel_pair(pair) == 0);
	rig_say(r, gate, MSG_REQUEST, &m, pair, 1u + channels[q->verb]);
	fd_close(pair[0]);
	fd_close(pair[1]);
	if (gate && !r->ended) /* core looks at once: the next caller is another */
		round_core(r);
	return m.client;
}

int rig_ask(struct Rig *r, uid_t uid, const struct Request *q)
{
	uint32_t client = rig_send(r, uid, q);
	const struct RigReply *reply;

	rig_run(r);
	reply = rig_reply(r, client);
	return reply->n_replies ? reply->reply.fault : -1;
}

struct Request rig_register(const char *port, const char *number)
{
	struct Request q = {.verb = VERB_REGISTER};

	STR_CUT(q.device, port);
	STR_CUT(q.number, number);
	return q;
}

struct Request rig_checkout(const char *number, const char *clerk, int64_t until)
{
	struct Request q = {.verb = VERB_CHECKOUT, .until = until, .purpose = "submission", .ground = "law",
		.destination = "tax office"};

	STR_CUT(q.number, number);
	STR_CUT(q.clerk, clerk);
	return q;
}

struct Request rig_verb(enum Verb verb, const char *number)
{
	struct Request q = {.verb = verb};

	STR_CUT(q.number, number);
	return q;
}

size_t rig_lines(const struct Rig *r, enum RecordKind kind, enum RecordResult result, int reason)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_lines; i++)
		n += r->lines[i].kind == kind && r->lines[i].result == result &&
			(reason < 0 || r->lines[i].reason == reason);
	return n;
}
