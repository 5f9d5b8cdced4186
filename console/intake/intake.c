/* SPDX-License-Identifier: Apache-2.0 */
#include "intake.h"

#include "clock.h"
#include "fault.h"
#include "file.h"
#include "hex.h"
#include "pass.h"
#include "str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define CHECKPOINT_MOST 65536

/* One folder on its way. */
struct Job {
	struct Intake *in;
	const char *source;
	bool live;
	bool pushed;  /* the records lie in a file of ours, as far as they were sent */
	bool partial; /* behind what is held alone */
	bool again;   /* that does not do: all of it is wanted */
	int records;
	char checkpoint[CHECKPOINT_MOST];
	size_t checkpoint_size;
	char vkey[FEED_ORIGIN];
	struct LedgerSeen seen; /* what the checkpoint says */
	struct FeedOpen open;
	struct FeedHeld held;
	struct FeedClose close;
	struct LedgerReport report;
	struct LedgerState state; /* where what is kept ends */
};

void intake_done(struct Intake *in)
{
	copy_close(&in->copy);
	in->store = fd_close(in->store);
	in->data = fd_close(in->data);
}

/* ------------------------------------------------------------------ the channel */

static int send_packet(struct Intake *in, const void *packet, size_t n)
{
	ssize_t r;

	do
		r = send(in->store, packet, n, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

static int ask(struct Intake *in, const void *packet, size_t n, void *ret, size_t size)
{
	ssize_t r;
	int error = send_packet(in, packet, n);

	if (error < 0)
		return error;
	do
		r = recv(in->store, ret, size, MSG_TRUNC);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return (size_t)r == size ? 0 : -EPIPE;
}

static int send_rows(struct Intake *in)
{
	int r = in->rows.head.n ? send_packet(in, in->rows.bytes, in->rows.size) : 0;

	rows_start(&in->rows);
	return r;
}

/* ------------------------------------------------------------------ the folder's files */

/* <domain>/mediagate/<terminal>/<year>; what is not of this form belongs to nobody. */
static bool read_origin(const char *origin, struct FeedOpen *ret)
{
	const char *year = strrchr(origin, '/'), *start, *middle = strstr(origin, "/mediagate/");
	char *end;

	if (!year || !middle || strlen(year + 1) != 4)
		return false;
	for (start = year; start > origin && start[-1] != '/'; start--)
		;
	ret->year = (uint32_t)strtoul(year + 1, &end, 10);
	return !*end && str_set_n(ret->terminal, sizeof(ret->terminal), start, (size_t)(year - start)) == 0 &&
	       *ret->terminal && STR_SET(ret->origin, origin) == 0 && str_is_line(origin, strlen(origin));
}

static int checkpoint_parse_all(struct Job *j)
{
	return ledger_seen_read(j->checkpoint, j->checkpoint_size, &j->seen) < 0 ||
	                       !read_origin(j->seen.origin, &j->open)
	               ? -EBADMSG
	               : 0;
}

static int read_checkpoint(struct Job *j, int dir)
{
	ssize_t n = file_read_at(dir, "checkpoint", j->checkpoint, sizeof(j->checkpoint));

	if (n < 0)
		return (int)n;
	j->checkpoint_size = (size_t)n;
	return checkpoint_parse_all(j);
}

static int open_records(struct Job *j, int dir)
{
	struct stat st;
	char root[2 * sizeof(j->seen.root) + 1];

	j->records = openat(dir, "records.jsonl", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	if (j->records < 0 || fstat(j->records, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENXIO;
	/* what a change of the file or the checkpoint cannot leave as it is */
	hex_encode(j->seen.root, sizeof(j->seen.root), root);
	snprintf(j->close.state, sizeof(j->close.state), "%jd:%jd.%09ld:%jd.%09ld:%ju:%.64s",
	        (intmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
	        (intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec, (uintmax_t)st.st_ino, root);
	return 0;
}

/* 0, -EBADMSG: what is there is no ledger; other: a file cannot be read. */
static int read_folder(struct Job *j, int dir)
{
	ssize_t n;
	int r = read_checkpoint(j, dir);

	if (r >= 0)
		r = open_records(j, dir);
	if (r < 0)
		return r;
	n = file_read_text_at(dir, "vkey", j->vkey, sizeof(j->vkey));
	if (n < 0)
		return n == -E2BIG ? -EBADMSG : (int)n;
	if (!str_is_line(j->vkey, strlen(j->vkey)))
		return -EBADMSG;
	STR_SET(j->open.vkey, j->vkey);
	return 0;
}

/* ------------------------------------------------------------------ verifying */

static int take_line(void *owner, const struct LedgerEntry *e)
{
	static struct FeedEvent event;
	struct Job *j = owner;
	struct Intake *in = j->in;
	uint64_t place = in->copy.size;
	int64_t behind;
	int r;

	if (e->n < j->held.size || e->n >= j->seen.size)
		return 0;
	r = rows_room(&in->rows) ? 0 : send_rows(in);
	if (r >= 0)
		r = copy_add(&in->copy, e->line.text, e->line.size);
	if (r >= 0)
		rows_add(&in->rows, e, place);
	behind = receipt_behind(e);
	if (behind >= 0)
		j->close.behind = behind;
	if (r >= 0 && event_read(e, &event))
		r = send_packet(in, &event, sizeof(event));
	return r;
}

/* What is held, as an earlier verification left it: then only the lines behind it are verified. Whether the
   folder's first bytes are what is held is asked first, for nobody looks at them again. */
static bool read_state(const struct Job *j, struct LedgerState *ret)
{
	const struct Copy *copy = &j->in->copy;
	_cleanup_(crypto_freep) struct Crypto *crypto = NULL;
	uint8_t root[HASH_SIZE], held[HASH_SIZE];

	if (copy_state(copy, ret) < 0 || ret->tree.size != j->held.size || ret->bytes != j->held.bytes)
		return false;
	return crypto_new(&crypto) >= 0 && tree_root(&ret->tree, crypto, root) >= 0 &&
	       hex_decode(j->held.root, strlen(j->held.root), held, sizeof(held)) >= 0 &&
	       !memcmp(root, held, sizeof(root)) && (j->partial || copy_begins(copy, j->records));
}

static void held_seen(const struct Job *j, struct LedgerSeen *ret)
{
	*ret = (struct LedgerSeen){.size = j->held.size};
	STR_SET(ret->origin, j->open.origin);
	hex_decode(j->held.root, strlen(j->held.root), ret->root, sizeof(ret->root));
}

/* Under the key that was seen first. `seen` NULL: for itself alone. */
static int verify(struct Job *j, const struct LedgerSeen *seen, LedgerEach each)
{
	const struct PassExtra extra = {
	        .state = each && seen && read_state(j, &j->state) ? &j->state : NULL, .ret_state = &j->state};
	const struct LedgerInput input = {.records = j->records,
	        .checkpoint = j->checkpoint,
	        .checkpoint_size = j->checkpoint_size,
	        .vkey = j->held.vkey,
	        .each = each,
	        .owner = j,
	        .seen = seen,
	        .n_seen = seen ? 1 : 0};

	return pass_run(&input, &extra, &j->report);
}

/* ------------------------------------------------------------------ the verdict */

static const struct {
	enum LedgerError code;
	enum Verdicts verdict;
} verdict_rows[] = {
        {LEDGER_E_NONE, VERDICT_VERIFIED},
        {LEDGER_E_MISSING, VERDICT_TRUNCATED},
        {LEDGER_E_TERMINAL, VERDICT_FOREIGN},
        {LEDGER_E_FORK, VERDICT_FORKED},
        {LEDGER_E_BAD_VKEY, VERDICT_OTHER_KEY},
        {LEDGER_E_SEEN_OTHER, VERDICT_OTHER_KEY},
};

static enum Verdicts verdict_of(const struct Job *j)
{
	bool other_key = !str_eq(j->vkey, j->held.vkey);

	for (size_t i = 0; i < ARRAY_SIZE(verdict_rows); i++)
		if (verdict_rows[i].code == j->report.code)
			return verdict_rows[i].verdict;
	return other_key ? VERDICT_OTHER_KEY : VERDICT_ALTERED;
}

static void say_report(struct Job *j, enum Verdicts verdict)
{
	const struct LedgerReport *r = &j->report;

	j->close.verdict = verdict;
	j->close.bad = r->line ? (int64_t)r->line - 1 : -1;
	j->close.from = r->from;
	j->close.to = r->to;
	STR_CUT(j->close.error, r->code == LEDGER_E_NONE ? "" : ledger_error_sentence(r->code));
}

/* Of records that do not continue what is held: rewritten and signed again, or damaged? */
static int fork_or_damage(struct Job *j)
{
	struct LedgerReport fork = j->report;
	int r = verify(j, NULL, NULL);

	if (r < 0)
		return r;
	if (j->report.code == LEDGER_E_NONE)
		j->report = fork;
	say_report(j, verdict_of(j));
	return 0;
}

/* At least as many records as are held. */
static int judge_more(struct Job *j)
{
	struct LedgerSeen held;
	int r;

	/* the lines before are not there to be read */
	j->again = j->partial && !read_state(j, &j->state);
	if (j->again)
		return 0;
	held_seen(j, &held);
	r = verify(j, j->held.size ? &held : NULL, take_line);
	if (r >= 0)
		r = send_rows(j->in);
	if (r < 0)
		return r;
	if (j->report.code == LEDGER_E_FORK)
		return fork_or_damage(j);
	say_report(j, verdict_of(j));
	/* what does not continue what is held may be altered, or a fork: all of it tells */
	j->again = j->partial && j->close.verdict != VERDICT_VERIFIED;
	if (j->close.verdict != VERDICT_VERIFIED)
		return 0;
	j->close.keep = j->seen.size > j->held.size || !*j->held.root;
	j->close.outcome = !*j->held.root ? INTAKE_NEW : j->close.keep ? INTAKE_MORE : INTAKE_SAME;
	return 0;
}

/* Fewer: what is held must begin with them. */
static int judge_fewer(struct Job *j)
{
	_cleanup_fd_ int held =
	        openat(j->in->copy.folder, "records.jsonl", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	static char checkpoint[CHECKPOINT_MOST];
	ssize_t n = file_read_at(j->in->copy.folder, "checkpoint", checkpoint, sizeof(checkpoint));
	struct LedgerInput input = {.records = held,
	        .checkpoint = checkpoint,
	        .vkey = j->held.vkey,
	        .seen = &j->seen,
	        .n_seen = 1};
	struct LedgerReport report;
	int r;

	if (held < 0 || n < 0)
		return held < 0 ? -errno : (int)n;
	r = verify(j, NULL, NULL);
	if (r < 0)
		return r;
	if (j->report.code != LEDGER_E_NONE) {
		say_report(j, verdict_of(j));
		return 0;
	}
	input.checkpoint_size = (size_t)n;
	r = ledger_verify(&input, &report);
	if (r < 0)
		return r;
	if (report.code == LEDGER_E_FORK) {
		j->report = report;
		say_report(j, VERDICT_FORKED);
		return 0;
	}
	if (report.code != LEDGER_E_NONE)
		return -EIO; /* the console's own copy: not the terminal's fault */
	j->close.outcome = INTAKE_OLDER;
	j->close.verdict = j->live ? VERDICT_ROLLED_BACK : j->held.verdict;
	STR_SET(j->close.state, j->held.state); /* it says nothing of the newer one */
	return 0;
}

/* A fork stays one, whatever comes later: somebody must look at it. An alarm's words stay while the alarm
 * stays. */
static void settle(struct Job *j)
{
	if (j->held.verdict == VERDICT_FORKED && j->close.verdict == VERDICT_VERIFIED)
		j->close.verdict = VERDICT_FORKED;
	if (j->close.verdict != VERDICT_VERIFIED && j->close.verdict != VERDICT_FORKED && !j->close.keep &&
	        j->close.outcome != INTAKE_OLDER)
		j->close.outcome = INTAKE_WRONG;
	if (j->close.verdict == VERDICT_FORKED && !j->close.keep && j->close.outcome == INTAKE_NEW)
		j->close.outcome = INTAKE_WRONG;
}

static int judge(struct Job *j)
{
	int r;

	/* the same file under the same checkpoint as the last time */
	if (!j->pushed && *j->held.root && str_eq(j->held.state, j->close.state)) {
		j->close.outcome = INTAKE_SAME;
		j->close.verdict = j->held.verdict;
		return 0;
	}
	j->close.outcome = INTAKE_WRONG;
	r = copy_open(&j->in->copy, j->in->data, j->held.ledger, j->held.bytes, j->records);
	if (r < 0)
		return r;
	j->again = j->partial && j->seen.size < j->held.size;
	if (j->again)
		return 0;
	r = j->seen.size < j->held.size ? judge_fewer(j) : judge_more(j);
	if (r >= 0)
		settle(j);
	return r;
}

/* ------------------------------------------------------------------ the end */

static void fill_close(struct Job *j)
{
	struct FeedClose *c = &j->close;

	c->size = j->seen.size;
	c->bytes = j->in->copy.size;
	c->uncovered = j->report.records - j->report.covered;
	c->earlier = j->report.earlier;
	c->keys = j->report.keys;
	hex_encode(j->seen.root, sizeof(j->seen.root), c->root);
	clock_parse(j->report.first_time, strlen(j->report.first_time), &c->first_t);
	clock_parse(j->report.last_time, strlen(j->report.last_time), &c->last_t);
}

int intake_release(struct Intake *in)
{
	const struct FeedRelease packet = {.type = FEED_RELEASE};

	return send_packet(in, &packet, sizeof(packet));
}

/* What came by the network says nothing of the terminal unless it verified; and of no file. */
static void close_pushed(struct Job *j)
{
	j->close.unheard = !j->close.keep && j->close.verdict != VERDICT_VERIFIED;
	STR_SET(j->close.state, j->held.state);
}

static int close_job(struct Job *j)
{
	struct FeedClosed closed;
	int r = 0;

	j->close.type = FEED_CLOSE;
	if (j->pushed)
		close_pushed(j);
	j->close.live = j->live && !j->close.unheard;
	text_read(
	        (struct LedgerSlice){j->source, strlen(j->source)}, j->close.source, sizeof(j->close.source));
	if (j->close.keep)
		fill_close(j);
	else
		copy_drop(&j->in->copy);
	if (j->close.keep)
		r = copy_keep(&j->in->copy, j->checkpoint, j->checkpoint_size, j->held.vkey, &j->state);
	if (r >= 0)
		r = ask(j->in, &j->close, sizeof(j->close), &closed, sizeof(closed));
	return r < 0 ? r : closed.error;
}

/* What cannot even be opened is a row of its own, named by where it lies. */
static void unreadable(struct Job *j, int error)
{
	j->close.verdict = VERDICT_UNREADABLE;
	j->close.outcome = INTAKE_WRONG;
	j->close.bad = -1;
	STR_CUT(j->close.error,
	        error == -EBADMSG ? ledger_error_sentence(LEDGER_E_BAD_NOTE) : strerrordesc_np(-error));
	if (*j->open.origin)
		return;
	text_read((struct LedgerSlice){j->source, strlen(j->source)}, j->open.terminal,
	        sizeof(j->open.terminal));
	snprintf(j->open.origin, sizeof(j->open.origin), "?/%.300s", j->open.terminal);
}

static int run(struct Job *j, int dir)
{
	int error = read_folder(j, dir), r;

	j->open.type = FEED_OPEN;
	if (error < 0)
		unreadable(j, error);
	r = ask(j->in, &j->open, sizeof(j->open), &j->held, sizeof(j->held));
	if (r >= 0)
		r = feed_check(&j->held, sizeof(j->held));
	if (r >= 0 && error >= 0)
		r = judge(j);
	return r < 0 ? r : close_job(j);
}

static struct Job *job_new(struct Intake *in, const char *source, bool live)
{
	struct Job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->in = in;
	j->source = source;
	j->live = live;
	j->close.behind = -1;
	j->records = -1;
	rows_start(&in->rows);
	return j;
}

static void say_result(const struct Job *j, struct IntakeResult *ret)
{
	*ret = (struct IntakeResult){.outcome = (enum IntakeOutcome)j->close.outcome,
	        .verdict = (enum Verdicts)j->close.verdict,
	        .size = j->close.keep ? j->close.size : j->held.size,
	        .added = j->close.keep ? j->close.size - j->held.size : 0,
	        .bad = (uint64_t)(j->close.bad + 1)};
	STR_SET(ret->origin, j->open.origin);
	STR_SET(ret->error, j->close.error);
}

int intake_folder(struct Intake *in, int dir, const char *source, bool live, struct IntakeResult *ret)
{
	_cleanup_free_ struct Job *j = job_new(in, source, live);
	int r = j ? run(j, dir) : -ENOMEM;

	copy_close(&in->copy);
	if (!j)
		return r;
	j->records = fd_close(j->records);
	if (r >= 0)
		say_result(j, ret);
	return r;
}

/* ------------------------------------------------------------------ what terminals send themselves */

/* Whose it is, by the name of its key. */
static int open_by_vkey(struct Intake *in, const char *vkey, struct FeedOpen *open, struct FeedHeld *ret)
{
	char origin[FEED_ORIGIN];
	int r = str_set_n(origin, sizeof(origin), vkey, strcspn(vkey, "+"));

	*open = (struct FeedOpen){.type = FEED_OPEN};
	if (r < 0 || !read_origin(origin, open) || STR_SET(open->vkey, vkey) < 0)
		return -EBADMSG;
	r = ask(in, open, sizeof(*open), ret, sizeof(*ret));
	return r < 0 ? r : feed_check(ret, sizeof(*ret)) < 0 ? -EPIPE : 0;
}

int intake_held(struct Intake *in, const char *vkey, struct FeedHeld *ret)
{
	struct FeedOpen open;
	int r = open_by_vkey(in, vkey, &open, ret);

	return r < 0 ? r : intake_release(in);
}

static int run_pushed(struct Job *j, const struct IntakePushed *p)
{
	int r;

	if (!p->n_checkpoint || p->n_checkpoint > sizeof(j->checkpoint))
		return -EBADMSG;
	memcpy(j->checkpoint, p->checkpoint, p->n_checkpoint);
	j->checkpoint_size = p->n_checkpoint;
	r = checkpoint_parse_all(j);
	if (r < 0 || STR_SET(j->vkey, p->vkey) < 0)
		return -EBADMSG;
	r = open_by_vkey(j->in, p->vkey, &j->open, &j->held);
	if (r >= 0 && !str_eq(j->open.origin, j->seen.origin))
		return intake_release(j->in) < 0 ? -EPIPE : -EBADMSG;
	if (r >= 0)
		r = judge(j);
	if (r < 0)
		return r;
	if (!j->again)
		return close_job(j);
	copy_drop(&j->in->copy);
	return intake_release(j->in);
}

int intake_pushed(struct Intake *in, const struct IntakePushed *p, struct IntakeResult *ret)
{
	_cleanup_free_ struct Job *j = job_new(in, "push", true);
	int r;

	if (!j)
		return -ENOMEM;
	j->pushed = true;
	j->partial = p->base > 0;
	j->records = p->records;
	r = run_pushed(j, p);
	copy_close(&in->copy);
	if (r < 0)
		return r;
	say_result(j, ret);
	ret->again = j->again;
	return 0;
}
