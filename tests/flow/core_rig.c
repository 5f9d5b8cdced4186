/* SPDX-License-Identifier: Apache-2.0 */
#include "core_rig.h"

#include "file.h"
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

static void folder(const struct Rig *r, const char *name)
{
	RIG_MUST(mkdirat(r->at, name, 0700) == 0 || errno == EEXIST);
}

static void file(const struct Rig *r, const char *name, const void *bytes, size_t n)
{
	_cleanup_fd_ int fd = openat(r->at, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	RIG_MUST(fd >= 0 && file_write_all(fd, bytes, n) == 0);
}

static void text(const struct Rig *r, const char *name, const char *bytes)
{
	file(r, name, bytes, strlen(bytes));
}

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
	folder(r, "etc");
	folder(r, "bus");
	folder(r, "state");
	text(r, "bus/drivers_probe", "");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		text(r, texts[i], texts[i]);
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
			text(r, name, "0");
		r->devices[i].leave = r->devices[i].disk = false;
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

static int under(const struct Rig *r, const char *name)
{
	int fd = openat(r->at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	RIG_MUST(fd >= 0);
	return fd;
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
	r->core->usb_dir = under(r, "bus");
	r->core->state_dir = under(r, "state");
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
	e = config_begin(r->core);
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
		{core->gate.pid, RIG_GATE}};

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

/* ------------------------------------------------------------------ sticks */

bool rig_is_open(const struct Rig *r, const struct RigDevice *d)
{
	char path[240], now[4] = "";
	_cleanup_fd_ int dir = -1;

	snprintf(path, sizeof(path), "%s/%s", d->port, d->interface);
	dir = under(r, path);
	return file_read_text_at(dir, "authorized", now, sizeof(now)) == 1 && now[0] == '1';
}

static void tell_plug(struct Rig *r, struct RigDevice *d)
{
	char path[160];
	int fds[2] = {under(r, d->port), -1};

	snprintf(path, sizeof(path), "%s/%s", d->port, d->interface);
	fds[1] = under(r, path);
	d->add.authorized = rig_is_open(r, d);
	rig_say(r, rig_end(r, RIG_WATCH), MSG_USB_ADD, &d->add, fds, 2);
	fd_close(fds[0]);
	fd_close(fds[1]);
}

static void disk_files(struct Rig *r, const char *at, const struct MsgBlockAdd *add)
{
	char name[240], word[32];

	snprintf(name, sizeof(name), "%s/%s", at, add->partition);
	folder(r, name);
	snprintf(name, sizeof(name), "%s/%s/dev", at, add->partition);
	text(r, name, "8:1\n");
	snprintf(name, sizeof(name), "%s/dev", r->disk_elsewhere ? "etc" : at);
	text(r, name, "8:0\n");
	snprintf(name, sizeof(name), "%s/size", at);
	snprintf(word, sizeof(word), "%llu\n", (unsigned long long)add->size / 512);
	text(r, name, word);
	snprintf(name, sizeof(name), "%s/diskseq", at);
	snprintf(word, sizeof(word), "%llu\n", (unsigned long long)add->diskseq);
	text(r, name, word);
}

/* What the kernel and udev would tell after a port was opened or closed. */
static bool tell_disk(struct Rig *r, struct RigDevice *d)
{
	struct MsgUsbBind bind = {.driver = "usb-storage"};
	struct MsgBlockAdd add = {
		.major = 8, .minor = 0, .size = 1 << 20, .diskseq = d->diskseq, .partition_minor = 1,
		.first_start = d->full ? 512 : 1 << 20, .read_only = d->read_only};
	struct MsgBlockRemove gone = {};
	struct RigEnd *watch = rig_end(r, RIG_WATCH);
	bool open = d->plugged && rig_is_open(r, d);
	char path[200];
	int fd;

	if (!watch || d->disk == open || r->no_disks)
		return false;
	d->disk = open;
	STR_CUT(bind.interface, d->interface);
	STR_CUT(add.interface, d->interface);
	snprintf(add.disk, sizeof(add.disk), "sd%c", (char)('a' + (d - r->devices)));
	snprintf(add.partition, sizeof(add.partition), "sd%c1", (char)('a' + (d - r->devices)));
	memcpy(gone.disk, add.disk, sizeof(gone.disk));
	if (!open) {
		rig_say(r, watch, MSG_BLOCK_REMOVE, &gone, NULL, 0);
		return true;
	}
	rig_say(r, watch, MSG_USB_BIND, &bind, NULL, 0);
	snprintf(path, sizeof(path), "%s/%s/disk", d->port, d->interface);
	disk_files(r, path, &add);
	fd = under(r, r->disk_elsewhere ? "etc" : path);
	rig_say(r, watch, MSG_BLOCK_ADD, &add, &fd, 1);
	fd_close(fd);
	return true;
}

static struct RigDevice *device_make(struct Rig *r, const char *port, const char *serial)
{
	static const char descriptors[] = "a plain disk";
	struct RigDevice *d = &r->devices[r->n_devices++];
	struct Identity *i = &d->add.identity;
	char name[200], word[32];

	RIG_MUST(r->n_devices <= RIG_DEVICES);
	STR_CUT(d->port, port);
	snprintf(d->interface, sizeof(d->interface), "%.20s:1.0", port);
	STR_CUT(d->add.interface, d->interface);
	STR_CUT(i->port, port);
	d->add.busnum = 2;
	i->vendor = 0x46f4;
	i->product = 1;
	i->strength = serial[0] ? IDENTITY_STRONG : IDENTITY_NO_SERIAL;
	i->storage_like = 1;
	i->n_interfaces = 1;
	i->interfaces[0] = (struct InterfaceSetting){.configuration = 1, .class = 8, .subclass = 6, .protocol = 0x50};
	i->serial_size = (uint16_t)strlen(serial);
	memcpy(i->serial, serial, i->serial_size);
	i->descriptors_size = sizeof(descriptors);
	memcpy(i->descriptors, descriptors, sizeof(descriptors));
	folder(r, port);
	snprintf(name, sizeof(name), "%s/%s", port, d->interface);
	folder(r, name);
	snprintf(name, sizeof(name), "%s/%s/disk", port, d->interface);
	folder(r, name);
	snprintf(name, sizeof(name), "%s/descriptors", port);
	file(r, name, descriptors, sizeof(descriptors));
	snprintf(name, sizeof(name), "%s/serial", port);
	snprintf(word, sizeof(word), "%.30s\n", serial);
	text(r, name, word);
	snprintf(name, sizeof(name), "%s/busnum", port);
	text(r, name, "2\n");
	return d;
}

/* In its port; nothing is told yet. */
static struct RigDevice *put_in(struct Rig *r, const char *port, const char *serial)
{
	static uint32_t devnum;
	struct RigDevice *d = NULL;
	char name[200], word[16];

	for (size_t i = 0; i < r->n_devices; i++)
		if (str_eq(r->devices[i].port, port))
			d = &r->devices[i];
	if (!d)
		d = device_make(r, port, serial);
	if (serial) { /* otherwise it is only told again */
		d->plugged = true;
		d->disk = d->leave = false;
		d->diskseq++;
		d->add.devnum = ++devnum;
		snprintf(name, sizeof(name), "%s/devnum", port);
		snprintf(word, sizeof(word), "%u\n", d->add.devnum);
		text(r, name, word);
		snprintf(name, sizeof(name), "%s/%s/authorized", port, d->interface);
		text(r, name, "0");
	}
	return d;
}

struct RigDevice *rig_plug(struct Rig *r, const char *port, const char *serial)
{
	struct RigDevice *d = put_in(r, port, serial);

	tell_plug(r, d);
	return d;
}

struct RigDevice *rig_expect(struct Rig *r, const char *port, const char *serial)
{
	struct RigDevice *d = put_in(r, port, serial);
	struct MsgUsbExpect m = {.busnum = d->add.busnum, .devnum = d->add.devnum, .identity = d->add.identity};

	STR_CUT(m.interface, d->add.interface);
	rig_say(r, rig_end(r, RIG_WATCH), MSG_USB_EXPECT, &m, NULL, 0);
	return d;
}

void rig_attribute(struct Rig *r, const struct RigDevice *d, const char *name, const char *value)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", d->port, name);
	text(r, path, value);
}

void rig_unplug(struct Rig *r, struct RigDevice *d)
{
	struct MsgUsbRemove gone = {};
	char name[160];

	STR_CUT(gone.name, d->port);
	snprintf(name, sizeof(name), "%s/devnum", d->port);
	text(r, name, "0\n");
	snprintf(name, sizeof(name), "%s/%s/authorized", d->port, d->interface);
	text(r, name, "0");
	d->plugged = d->disk = d->leave = false;
	rig_say(r, rig_end(r, RIG_WATCH), MSG_USB_REMOVE, &gone, NULL, 0);
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
			RIG_MUST(open || r->liar || !rig_is_open(r, mine));
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
			moved |= tell_disk(r, &r->devices[i]);
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
