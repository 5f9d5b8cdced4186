/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's process is killed with -9 again and again, at random moments of its starts and of its
 *appending: ledger_kills [--kills N] [--seed N]. After each kill
 *
 *	nothing is lost		what was answered stands where the answer said, below the checkpoint that was
 *told nothing is invented	every line was sent, once, or is one of the process' own the folder verifies
 *as anybody verifies it the crash rule holds	the next start leaves the whole lines as they are; behind them
 *it records the torn bytes, then the lines that no checkpoint covered, and nothing else of the kind
 *
 * The seed draws the moments, in nanoseconds; where in its work the process is then, the machine decides.
 */
#include "ledger_rig.h"

#include "hex.h"
#include "std.h"
#include "str.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#define KILLS       300   /* without --kills: a sample */
#define LIFE        50    /* kills of one ledger */
#define SENT_MOST   60000 /* records of one ledger */
#define WAITING     300   /* records on their way */
#define SLICE       1024  /* torn bytes in a record */
#define TAILS_MOST  (LIFE * 4096)
#define MICROSECOND INT64_C(1000)

struct Sent {
	uint64_t n; /* where the answer says it is */
	bool answered, found;
};

/* What a kill left, before the next start. */
struct Left {
	uint64_t records, covered;
	size_t bytes; /* of whole lines */
	size_t torn;
};

struct Life {
	struct Rig rig;
	struct Sent sent[SENT_MOST];
	size_t n_sent, n_answered;
	size_t first;     /* that was sent since this start */
	uint64_t covered; /* as told */
	bool started;     /* this time its state has come */
	struct Left left; /* by the kill before this start */
	char *bytes;      /* of the file, then */
	char tails[TAILS_MOST];
	size_t n_tails, n_pieces;       /* torn bytes that were left, and that are on record since */
	unsigned int pieces, adoptions; /* records of them behind left.records */
	bool over;                      /* another record stands behind those */
	const char *wrong;
};

static struct {
	uint64_t state, kills, answered, starting, uncovered, torn;
} run = {.state = 1};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s failed: %s\n", what, strerrordesc_np(errno));
	exit(2);
}

/* xorshift64* */
static uint64_t draw(uint64_t below)
{
	run.state ^= run.state >> 12;
	run.state ^= run.state << 25;
	run.state ^= run.state >> 27;
	return (run.state * UINT64_C(2685821657736338717)) % below;
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void claim(struct Life *l, bool holds, const char *what)
{
	if (!holds && !l->wrong)
		l->wrong = what;
}

/* ------------------------------------------------------------------ appending */

static void record_send(struct Life *l)
{
	struct MsgAppend m = {.cookie = l->n_sent};
	char text[512];
	size_t n = (size_t)draw(sizeof(text) - 1);

	must(l->n_sent < SENT_MOST, "room");
	memset(text, 'x', n);
	text[n] = '\0';
	record_start(&m.record, RECORD_FILE, RESULT_DONE);
	STR_SET(m.record.actor, "clerk1");
	record_number(&m.record, KEY_SIZE, l->n_sent);
	record_text(&m.record, KEY_NAME, text);
	if (channel_send(l->rig.channel, MSG_APPEND, &m, NULL, 0) == 0)
		l->n_sent++;
}

/* 0; or CHANNEL_CLOSED: it is gone, and this was all that it said. */
static int answer_take(struct Life *l)
{
	static struct Message m;
	int r = channel_receive(l->rig.channel, &m);

	if (r)
		return r;
	l->started |= m.type == MSG_STATE_END;
	claim(l, m.type != MSG_LEDGER_FAULT, "the process says that its ledger is wrong");
	if (m.type == MSG_COVERED)
		l->covered = MAX(l->covered, m.body.COVERED.size);
	if (m.type != MSG_APPENDED)
		return 0;
	claim(l,
	        m.body.APPENDED.fault == FAULT_OK && m.body.APPENDED.cookie < l->n_sent &&
	                !l->sent[m.body.APPENDED.cookie].answered,
	        "a record is refused, or answered twice");
	l->sent[m.body.APPENDED.cookie % SENT_MOST] = (struct Sent){.n = m.body.APPENDED.n, .answered = true};
	l->n_answered++;
	return 0;
}

static void process_start(struct Life *l)
{
	rig_fork(&l->rig);
	l->started = false;
	l->first = l->n_sent;
}

/* Works with it until the moment comes: in its start, or some time after that. */
static void process_use(struct Life *l)
{
	const bool starting = draw(4) == 0;
	/* short times are as likely as long ones: 1 µs to 16 ms */
	const int64_t after = MICROSECOND * (int64_t)(draw(UINT64_C(1) << draw(15)) + 1);
	const size_t waiting = 1 + (size_t)draw(draw(2) ? WAITING : 4);
	int64_t end = starting ? now() + after : INT64_MAX, left;

	while ((left = end - now()) > 0) {
		bool send = l->started && l->n_sent - l->n_answered < waiting;
		struct pollfd p = {.fd = l->rig.channel, .events = (short)(POLLIN | (send ? POLLOUT : 0))};
		const struct timespec rest = {.tv_nsec = (long)MIN(left, INT64_C(999999999))};

		if (ppoll(&p, 1, end == INT64_MAX ? NULL : &rest, NULL) <= 0)
			continue;
		if (p.revents & POLLIN) {
			if (answer_take(l))
				return;
		} else if (p.revents & POLLOUT) {
			record_send(l);
		}
		if (l->started && end == INT64_MAX)
			end = now() + after;
	}
}

static void process_kill(struct Life *l)
{
	int status = 0;

	must(!kill(l->rig.pid, SIGKILL) && waitpid(l->rig.pid, &status, 0) == l->rig.pid, "kill");
	claim(l, WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the process ended by itself");
	l->rig.pid = -1;
	/* what it said before counts */
	while (!answer_take(l))
		;
	l->rig.channel = fd_close(l->rig.channel);
	/* what it took in and did not answer may be there or not */
	l->n_answered = l->n_sent;
	run.kills++;
	run.starting += !l->started;
}

/* ------------------------------------------------------------------ what is there then */

static bool number_of(const struct LedgerEntry *e, const char *key, uint64_t *ret)
{
	struct LedgerSlice s;

	return !ledger_detail(e, key, &s) && !ledger_number(s, ret);
}

static bool is_kind(const struct LedgerEntry *e, const char *kind)
{
	return e->kind.size == strlen(kind) && !memcmp(e->kind.text, kind, e->kind.size);
}

static void sent_line(struct Life *l, const struct LedgerEntry *e)
{
	struct Sent *s;
	uint64_t i;

	if (!number_of(e, "size", &i) || i >= l->n_sent) {
		claim(l, false, "a record was never sent");
		return;
	}
	s = &l->sent[i];
	claim(l, !s->found, "a record is there twice");
	claim(l, i >= l->first || e->n < l->left.records, "a record of before the kill came behind it");
	claim(l, !s->answered || s->n == e->n, "a record is not where the answer said");
	s->found = true;
}

/* Torn bytes first, all that are owed and in their order; then what was uncovered. */
static void recovered_line(struct Life *l, const struct LedgerEntry *e)
{
	const struct Left *left = &l->left;
	uint64_t first, last;
	struct LedgerSlice s;
	uint8_t bytes[SLICE];
	size_t n;

	claim(l, !l->over && !l->adoptions, "a recovery stands behind other records");
	if (number_of(e, "first", &first) && number_of(e, "last", &last)) {
		l->adoptions++;
		claim(l, first == left->covered && last + 1 == left->records,
		        "a recovery names other lines than were uncovered");
		return;
	}
	l->pieces++;
	n = ledger_detail(e, "torn", &s) ? 0 : s.size / 2;
	claim(l,
	        n && n <= SLICE && n <= l->n_tails - l->n_pieces && !hex_decode(s.text, s.size, bytes, n) &&
	                !memcmp(bytes, l->tails + l->n_pieces, n),
	        "a recovery holds other bytes than were torn");
	l->n_pieces += MIN(n, l->n_tails - l->n_pieces);
}

static int line_check(void *owner, const struct LedgerEntry *e)
{
	struct Life *l = owner;
	bool recovered = is_kind(e, "recovered");

	if (is_kind(e, "file"))
		sent_line(l, e);
	else
		claim(l, recovered || is_kind(e, "key") || (is_kind(e, "enrol") && !e->n),
		        "a record is invented");
	if (e->n < l->left.records)
		return 0;
	if (recovered)
		recovered_line(l, e);
	else
		l->over = true;
	return 0;
}

/* All that was answered, and the start's own duties. */
static void answers_check(struct Life *l, const struct LedgerReport *r)
{
	for (size_t i = 0; i < l->n_sent; i++) {
		claim(l, l->sent[i].found || !l->sent[i].answered, "an answered record is lost");
		l->sent[i].found = false;
	}
	claim(l, !r->fault, "the folder does not verify");
	claim(l, r->covered >= l->covered, "a checkpoint that was told is lost");
	if (!l->started && !l->over)
		return;
	claim(l, l->n_pieces == l->n_tails, "torn bytes are not on record");
	claim(l, l->adoptions == (l->left.records > l->left.covered), "uncovered lines are not on record");
}

/* The bytes behind the last whole line, unless they are the ones that were seen there before. */
static void tail_take(struct Life *l, const char *tail, size_t n, const struct Left *before, size_t at)
{
	bool known = n && n == before->torn && at == before->bytes && n <= l->n_tails &&
	             !memcmp(tail, l->tails + l->n_tails - n, n);

	if (known || !n)
		return;
	must(l->n_tails + n <= TAILS_MOST, "tails");
	memcpy(l->tails + l->n_tails, tail, n);
	l->n_tails += n;
	run.torn++;
}

static void left_check(struct Life *l)
{
	const struct Left before = l->left;
	struct LedgerReport r;
	_cleanup_fd_ int year = rig_year_dir(&l->rig);
	_cleanup_free_ char *vkey = rig_file(&l->rig, "vkey", NULL);
	size_t n;
	char *bytes = rig_file(&l->rig, "records.jsonl", &n);

	must(bytes && vkey && year >= 0, "files");
	l->pieces = l->adoptions = 0;
	l->over = false;
	must(!ledger_verify_folder(year, vkey, line_check, l, &r), "verify");
	claim(l, n >= before.bytes && !memcmp(bytes, l->bytes ? l->bytes : "", before.bytes),
	        "whole lines were changed");
	answers_check(l, &r);
	if (l->wrong) {
		printf("kill %" PRIu64 ": %s: %" PRIu64 " records, %" PRIu64 " covered, torn %" PRIu64
		       "; before %" PRIu64 ", %" PRIu64 ", %zu; %s; kept: %s\n",
		        run.kills, l->wrong, r.records, r.covered, r.torn, before.records, before.covered,
		        before.torn, l->started ? "appending" : "starting", l->rig.path);
		exit(1);
	}
	l->left = (struct Left){r.records, r.covered, (size_t)r.bytes, (size_t)r.torn};
	tail_take(l, bytes + r.bytes, (size_t)r.torn, &before, (size_t)r.bytes);
	run.uncovered += r.records > r.covered;
	free(l->bytes);
	l->bytes = bytes;
}

static void life(uint64_t kills, bool small_index)
{
	struct Life *l = calloc(1, sizeof(*l));

	must(l, "memory");
	rig_make(&l->rig, "/dev/shm");
	must(!rig_enrol(&l->rig), "enrol");
	l->rig.small_index = small_index;
	left_check(l);
	for (uint64_t i = 0; i < kills; i++) {
		process_start(l);
		process_use(l);
		process_kill(l);
		left_check(l);
	}
	for (size_t i = 0; i < l->n_sent; i++)
		run.answered += l->sent[i].answered;
	rig_remove(&l->rig);
	free(l->bytes);
	free(l);
}

int main(int argc, char **argv)
{
	uint64_t kills = KILLS;

	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--kills") && i + 1 < argc)
			kills = strtoull(argv[++i], NULL, 10);
		else if (str_eq(argv[i], "--seed") && i + 1 < argc)
			run.state = strtoull(argv[++i], NULL, 10) | 1;
		else
			return fprintf(stderr, "usage: ledger_kills [--kills N] [--seed N]\n"), 2;
	}
	for (uint64_t i = 0; i < kills; i += LIFE)
		life(MIN(kills - i, (uint64_t)LIFE), i / LIFE % 2);
	printf("%" PRIu64 " kills, %" PRIu64 " of them in a start; %" PRIu64
	       " records answered, none lost; lines left uncovered %" PRIu64 " times, a torn one %" PRIu64
	       " times\n",
	        run.kills, run.starting, run.answered, run.uncovered, run.torn);
	/* otherwise nothing was tested */
	return run.starting && run.starting < run.kills && run.answered && run.uncovered ? 0 : 1;
}
