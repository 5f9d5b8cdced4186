/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_rig.h"

#include "clock.h"
#include "confine.h"
#include "enrol.h"
#include "run.h"
#include "str.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	abort();
}

void rig_make(struct Rig *g, const char *below)
{
	const char *base = below ? below : getenv("TMPDIR");

	memset(g, 0, sizeof(*g));
	snprintf(g->path, sizeof(g->path), "%s/mediagate-ledger-XXXXXX", base ? base : "/tmp");
	must(mkdtemp(g->path), "mkdtemp");
	g->dir = open(g->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(g->dir >= 0, g->path);
	g->channel = -1;
	g->pid = -1;
}

void rig_attach(struct Rig *g, const char *path, const char *program)
{
	*g = (struct Rig){.program = program, .channel = -1, .pid = -1};
	STR_SET(g->path, path);
	g->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(g->dir >= 0, path);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void rig_remove(struct Rig *g)
{
	rig_kill(g);
	g->dir = fd_close(g->dir);
	if (g->program)
		return;
	must(!nftw(g->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), g->path);
}

int rig_enrol(struct Rig *g)
{
	static struct Enrolment e;
	struct EnrolResult keys;
	int r;

	e = (struct Enrolment){.year = clock_fiscal_year(clock_now()), .n_disks = 1};
	STR_SET(e.terminal, RIG_TERMINAL);
	STR_SET(e.domain, RIG_DOMAIN);
	STR_SET(e.disks[0], "naa.5000c500a1b2c3d4 pci0000:00/0000:00:01.1/ata1/block/sda");
	r = enrol_ledger(g->dir, &e, &keys);
	return r ? r : enrol_finish(g->dir, &e);
}

/* Thousands of starts, many of which end with a word on standard error; what a test says of itself is heard.
 */
static void quiet(void)
{
	if (!getenv("TEST_VERBOSE"))
		must(freopen("/dev/null", "w", stderr), "/dev/null");
}

void rig_child(struct Rig *g, int channel)
{
	static struct Ledger ledger = LEDGER_NULL;
	char subject[LIMIT_SUBJECT];
	int r;

	quiet();
	if (g->program) {
		if (dup2(channel, WIRE_CHANNEL) == WIRE_CHANNEL && !close_range(WIRE_EXTRA, ~0u, 0))
			execl(g->program, g->program, (char *)NULL);
		_exit(127);
	}
	tzset();
	if (g->small_index)
		ledger.cache.least = 0;
	r = ledger_open(&ledger, g->dir, subject);
	if (!r) {
		ledger_prepare(&ledger);
		r = ledger_confine();
	}
	if (r)
		ledger_tell(channel, r, subject);
	else
		r = ledger_run(&ledger, channel, RIG_BOOT);
	ledger_done(&ledger);
	_exit(r ? 1 : 0);
}

static int state_row(struct Rig *g, const struct Message *m)
{
	switch (m->type) {
	case MSG_STATE_MEDIUM:
		must(g->n_media < ARRAY_SIZE(g->media), "media");
		g->media[g->n_media++] = m->body.STATE_MEDIUM;
		return 0;
	case MSG_STATE_CHECKOUT:
		must(g->n_checkouts < ARRAY_SIZE(g->checkouts), "checkouts");
		g->checkouts[g->n_checkouts++] = m->body.STATE_CHECKOUT;
		return 0;
	case MSG_STATE_PENDING:
		must(g->n_pending < ARRAY_SIZE(g->pending), "pending");
		g->pending[g->n_pending++] = m->body.STATE_PENDING;
		return 0;
	case MSG_STATE_END:
		g->end = m->body.STATE_END;
		must(g->end.n_rows == g->n_media + g->n_checkouts + g->n_pending, "rows");
		return 1;
	default:
		abort();
	}
}

void rig_fork(struct Rig *g)
{
	int pair[2];

	must(!channel_pair(pair), "socketpair");
	fflush(NULL);
	g->pid = fork();
	must(g->pid >= 0, "fork");
	if (!g->pid) {
		close(pair[0]);
		rig_child(g, pair[1]);
	}
	close(pair[1]);
	g->channel = pair[0];
}

int rig_start(struct Rig *g)
{
	rig_fork(g);
	g->n_media = g->n_checkouts = g->n_pending = 0;
	g->covered = 0;
	for (;;) {
		struct Message m;
		int r = channel_receive(g->channel, &m);

		if (r)
			return -1;
		if (m.type == MSG_LEDGER_FAULT)
			return m.body.LEDGER_FAULT.fault;
		if (state_row(g, &m))
			return 0;
	}
}

static int reap(struct Rig *g)
{
	int status = 0;

	if (g->pid <= 0)
		return 0;
	while (waitpid(g->pid, &status, 0) < 0)
		must(errno == EINTR, "waitpid");
	g->pid = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int rig_stop(struct Rig *g)
{
	g->channel = fd_close(g->channel);
	return reap(g);
}

void rig_kill(struct Rig *g)
{
	if (g->pid > 0)
		kill(g->pid, SIGKILL);
	reap(g);
	g->channel = fd_close(g->channel);
}

int rig_receive(struct Rig *g, struct Message *ret)
{
	for (;;) {
		int r = channel_receive(g->channel, ret);

		if (r)
			return r;
		if (ret->type != MSG_COVERED)
			return 0;
		g->covered = ret->body.COVERED.size;
	}
}

int rig_ask(
        struct Rig *g, enum MessageType type, const void *body, enum MessageType answer, struct Message *ret)
{
	if (channel_send(g->channel, type, body, NULL, 0))
		return -1;
	return rig_receive(g, ret) || ret->type != answer ? -1 : 0;
}

int rig_append(struct Rig *g, const struct Record *r, uint64_t *ret_n)
{
	struct MsgAppend append = {.cookie = ++g->cookie, .record = *r};
	struct Message m;

	if (rig_ask(g, MSG_APPEND, &append, MSG_APPENDED, &m) || m.body.APPENDED.cookie != g->cookie)
		return -1;
	*ret_n = m.body.APPENDED.n;
	return m.body.APPENDED.fault;
}

int rig_append_copy(struct Rig *g, enum RecordResult result, uint64_t intent)
{
	struct Record r;
	uint64_t n;
	int fault;

	record_start(&r, RECORD_COPY, result);
	STR_SET(r.actor, "clerk1");
	if (intent)
		record_number(&r, KEY_INTENT, intent);
	fault = rig_append(g, &r, &n);
	if (fault == FAULT_OK)
		must(rig_cover(g, n + 1) == 0, "cover");
	return fault;
}

void rig_checkout(const char *number, const char *id, struct Record *ret)
{
	record_start(ret, RECORD_CHECKOUT, RESULT_DONE);
	STR_SET(ret->actor, "supervisor1");
	STR_SET(ret->medium, number);
	STR_SET(ret->checkout, id);
	record_text(ret, KEY_CLERK, "clerk1");
	record_text(ret, KEY_SUPERVISOR, "supervisor1");
	record_text(ret, KEY_PURPOSE, "submission");
	record_text(ret, KEY_GROUND, "law");
	record_text(ret, KEY_DESTINATION, "税務署 \"本館\"");
	record_time(ret, KEY_FROM, INT64_C(1790000000000));
	record_time(ret, KEY_UNTIL, INT64_C(1790000360123));
	record_text(ret, KEY_TERMINALS, "T-01,T-02");
	record_flag(ret, KEY_CARRY_OUT, true);
	record_flag(ret, KEY_LOCKED_CARRIER, true);
}

int rig_cover(struct Rig *g, uint64_t size)
{
	while (g->covered < size) {
		struct Message m;

		if (channel_receive(g->channel, &m) || m.type != MSG_COVERED)
			return -1;
		g->covered = m.body.COVERED.size;
	}
	return 0;
}

int rig_year_dir(struct Rig *g)
{
	static struct Enrolment e;
	char path[64 + LIMIT_CODE];

	/* not enrolled yet: as it is going to be */
	if (enrolment_read_at(g->dir, &e) < 0) {
		STR_SET(e.terminal, RIG_TERMINAL);
		e.year = clock_fiscal_year(clock_now());
	}
	snprintf(path, sizeof(path), "ledger/%s/%u", e.terminal, (g->year ? g->year : e.year) % 10000);
	return openat(g->dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

char *rig_file(struct Rig *g, const char *name, size_t *ret_n)
{
	_cleanup_fd_ int year = rig_year_dir(g);
	_cleanup_fd_ int fd = openat(year, name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *bytes;

	if (fd < 0)
		return NULL;
	must(!fstat(fd, &st), name);
	bytes = malloc((size_t)st.st_size + 1);
	must(bytes && read(fd, bytes, (size_t)st.st_size) == st.st_size, name);
	bytes[st.st_size] = '\0';
	if (ret_n)
		*ret_n = (size_t)st.st_size;
	return bytes;
}

void rig_verify(struct Rig *g, struct LedgerReport *ret)
{
	_cleanup_fd_ int year = rig_year_dir(g);
	_cleanup_fd_ int records = openat(year, "records.jsonl", O_RDONLY | O_CLOEXEC);
	struct LedgerInput in = {.records = records};
	_cleanup_free_ char *checkpoint = rig_file(g, "checkpoint", &in.checkpoint_size);
	_cleanup_free_ char *vkey = rig_file(g, "vkey", NULL);

	must(records >= 0 && checkpoint && vkey, "ledger files");
	in.checkpoint = checkpoint;
	in.vkey = vkey;
	must(ledger_verify(&in, ret) == 0, "ledger_verify");
}
