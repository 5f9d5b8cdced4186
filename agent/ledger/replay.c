/* SPDX-License-Identifier: Apache-2.0 */
#include "replay.h"

#include "clock.h"
#include "fault.h"
#include "file.h"
#include "line.h"
#include "log.h"
#include "pass.h"
#include "rotate.h"
#include "str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#define TORN_HEAD  "mediagate/torn/v1 "
#define TORN_MOST  65536 /* a line's bytes, and those of torn recoveries of it */
#define TORN_SLICE 1024  /* bytes in one record */

void replay_done(struct Replay *p)
{
	free(p->torn);
	p->torn = NULL;
	p->n_torn = 0;
	cache_work_done(&p->work);
	audit_freep(&p->audit);
}

/* Adds to the torn bytes. */
static int torn_add(struct Replay *p, const char *bytes, size_t n)
{
	char *more;

	if (p->n_torn + n > TORN_MOST)
		return -E2BIG;
	more = realloc(p->torn, p->n_torn + n + 1);
	if (!more)
		return -ENOMEM;
	p->torn = more;
	memcpy(p->torn + p->n_torn, bytes, n);
	p->n_torn += n;
	return 0;
}

static void torn_drop(struct Replay *p, size_t n)
{
	p->n_torn -= n;
	memmove(p->torn, p->torn + n, p->n_torn);
}

/* The file of an earlier recovery: `mediagate/torn/v1 <record>⏎`, then the bytes. */
static int torn_load(struct Replay *p)
{
	_cleanup_free_ char *text = malloc(TORN_MOST + 64);
	ssize_t n;
	char *end;

	if (!text)
		return -ENOMEM;
	n = file_read_at(p->store->dir, STORE_TORN, text, TORN_MOST + 63);
	if (n == -ENOENT)
		return 0;
	if (n < 0)
		return (int)n;
	text[n] = '\0';
	if (strncmp(text, TORN_HEAD, strlen(TORN_HEAD)))
		return -EBADMSG;
	p->torn_from = strtoull(text + strlen(TORN_HEAD), &end, 10);
	if (*end != '\n')
		return -EBADMSG;
	p->torn_saved = true;
	return torn_add(p, end + 1, (size_t)(text + n - (end + 1)));
}

static int torn_save(struct Replay *p)
{
	_cleanup_free_ char *text = malloc(p->n_torn + 64);
	int n;

	if (!text)
		return -ENOMEM;
	n = snprintf(text, 64, TORN_HEAD "%" PRIu64 "\n", p->store->tree.size);
	memcpy(text + n, p->torn, p->n_torn);
	p->torn_saved = true;
	return file_replace_at(p->store->dir, STORE_TORN, text, (size_t)n + p->n_torn, 0600);
}

/* Takes off the front of the torn bytes what this record holds of them. */
static void torn_recorded(struct Replay *p, const struct View *v)
{
	uint8_t bytes[TORN_SLICE];
	size_t n;

	if (v->kind != RECORD_RECOVERED || v->entry->n < p->torn_from ||
	        !view_bytes(v, KEY_TORN, bytes, sizeof(bytes), &n))
		return;
	if (n <= p->n_torn && !memcmp(bytes, p->torn, n))
		torn_drop(p, n);
}

static int replay_line(void *owner, const struct LedgerEntry *e)
{
	struct Replay *p = owner;
	struct View v;
	int r;

	view_make(e, &v);
	if (p->n_torn)
		torn_recorded(p, &v);
	r = fold_record(p->fold, &v);
	return r < 0 ? r : cache_work_line(&p->work, &v, &p->store->tree, p->fold);
}

static int altered(char subject[static LIMIT_SUBJECT], const char *what)
{
	str_cut(subject, LIMIT_SUBJECT, what);
	return FAULT_LEDGER_ALTERED;
}

static bool is_ours(const struct Seal *seal, const char *vkey)
{
	char ours[LIMIT_VKEY];

	return (vkey_format(&seal->ledger_vkey, ours, sizeof(ours)) >= 0 && str_eq(ours, vkey)) ||
	       (seal->next && vkey_format(&seal->next_vkey, ours, sizeof(ours)) >= 0 && str_eq(ours, vkey));
}

/* Which of our keys signs from here on: the one that the ledger's last change of key leaves in force.
   Whoever can write the folder can make a ledger whose lines name our key at the end: the checkpoint must be
   ours, too. */
static int check_key(struct Replay *p, const struct LedgerReport *report, char subject[static LIMIT_SUBJECT])
{
	int r = is_ours(p->store->seal, report->vkey) ? rotate_resume(p->store->seal, report->last_vkey)
	                                              : -EBADMSG;

	if (r == -EBADMSG)
		return altered(subject, "the key in force is not this terminal's");
	p->rotating = r > 0;
	p->store->last_key = report->last_key;
	return MIN(r, 0);
}

/* The files beside records.jsonl. */
struct Files {
	char checkpoint[SEAL_CHECKPOINT];
	size_t checkpoint_size;
	char vkey[LIMIT_VKEY + 1];
};

static int files_read(const struct Store *s, struct Files *ret, char subject[static LIMIT_SUBJECT])
{
	ssize_t n = file_read_at(s->dir, STORE_CHECKPOINT, ret->checkpoint, sizeof(ret->checkpoint));

	if (n == -ENOENT || n == -E2BIG)
		return altered(subject, "the checkpoint is missing or too long");
	if (n < 0)
		return (int)n;
	ret->checkpoint_size = (size_t)n;
	n = file_read_text_at(s->dir, STORE_VKEY, ret->vkey, sizeof(ret->vkey));
	if (n == -ENOENT || n == -E2BIG)
		return altered(subject, "vkey is missing or too long");
	return n < 0 ? (int)n : 0;
}

/* How many records the checkpoint says it covers; nothing is known of it yet. */
static uint64_t files_covered(const struct Files *f)
{
	struct Checkpoint c;
	size_t text;

	return note_split(f->checkpoint, f->checkpoint_size, &text) ||
	                       checkpoint_parse(f->checkpoint, text, &c) < 0
	               ? 0
	               : c.size;
}

/* One pass over the lines, from those on that the cache does not have. */
static int pass(struct Replay *p, const struct Files *files, struct LedgerReport *report)
{
	const struct LedgerInput in = {.records = p->store->records,
	        .checkpoint = files->checkpoint,
	        .checkpoint_size = files->checkpoint_size,
	        .vkey = files->vkey,
	        .each = replay_line,
	        .owner = p,
	        .tree = &p->store->tree};
	const struct Cache *c = p->cache;
	int r = c ? cache_work_start(&p->work, c, files_covered(files)) : 0;
	const struct PassExtra extra = {.from = c && c->index.blocks.records ? &c->index : NULL,
	        .ahead = p->ahead,
	        .mark = &p->work.mark,
	        .mark_at = p->work.upto};

	return r < 0 ? r : pass_run(&in, &extra, report);
}

/* By the index: true when it led to the checkpoint, and all the rest is to be read later. Otherwise nothing
 * has happened.
 */
static bool pass_from_cache(struct Replay *p, const struct Files *files, struct LedgerReport *report)
{
	const struct AuditInput audit = {.records = p->store->records,
	        .checkpoint = files->checkpoint,
	        .checkpoint_size = files->checkpoint_size,
	        .vkey = files->vkey,
	        .terminal = p->fold->terminal,
	        .from = p->cache ? &p->cache->index : NULL};
	const struct Fold empty = *p->fold;

	/* torn bytes are looked for in all lines behind them */
	if (!p->cache || p->torn_saved || !cache_load(p->cache, p->store))
		return false;
	if (!cache_fold(p->cache, p->store, p->fold) && !pass(p, files, report) && !report->fault &&
	        is_ours(p->store->seal, report->vkey) && !audit_new(&audit, &p->audit))
		return true;
	log_warning("the index is not this ledger's: everything is read");
	cache_done(p->cache);
	cache_work_done(&p->work);
	fold_done(p->fold);
	*p->fold = empty;
	p->store->tree = (struct Tree)TREE_NULL;
	return false;
}

/* The next index, for what was just verified. */
static void cache_make(struct Replay *p, const struct Files *files)
{
	int r = p->cache ? cache_work_finish(&p->work, p->cache, p->store, files->vkey) : 0;

	if (r < 0) {
		log_warning("no index: %s", strerrordesc_np(-r));
		p->cache->failed = true;
	}
}

static int verify(struct Replay *p, struct LedgerReport *report, char subject[static LIMIT_SUBJECT])
{
	struct Files files;
	int r = files_read(p->store, &files, subject);

	if (r)
		return r;
	if (!pass_from_cache(p, &files, report))
		r = pass(p, &files, report);
	if (r < 0)
		return r;
	if (!report->fault) {
		cache_make(p, &files);
		return check_key(p, report, subject);
	}
	if (report->line)
		snprintf(subject, LIMIT_SUBJECT, "line %" PRIu64 ": %s", report->line, report->error);
	else
		str_cut(subject, LIMIT_SUBJECT, report->error);
	return report->fault;
}

/* The bytes after the last whole line join the torn ones and go from records.jsonl. */
static int tail_cut(struct Replay *p, uint64_t n, char subject[static LIMIT_SUBJECT])
{
	char tail[LIMIT_LINE + 1];
	ssize_t k;
	int r;

	if (n > sizeof(tail))
		return altered(subject, "the last line is too long");
	k = pread(p->store->records, tail, n, (off_t)p->store->size);
	if (k != (ssize_t)n)
		return k < 0 ? -errno : -EIO;
	/* saved before, and not cut yet: once is enough */
	if (!(p->torn_saved && p->n_torn == n && !memcmp(p->torn, tail, n))) {
		r = torn_add(p, tail, n);
		if (r == -E2BIG)
			return altered(subject, "there are too many torn bytes");
		if (r >= 0)
			r = torn_save(p);
		if (r < 0)
			return r;
	}
	return ftruncate(p->store->records, (off_t)p->store->size) || fdatasync(p->store->records) ? -errno
	                                                                                           : 0;
}

struct Lines {
	char *bytes;
	size_t n, room;
	uint64_t next;
};

static int lines_add(struct Replay *p, struct Lines *lines, const struct Record *r)
{
	struct LineHead head = {.n = lines->next, .time = clock_now(), .terminal = p->fold->terminal};
	size_t n;

	if (lines->n + LIMIT_LINE + 1 > lines->room) {
		char *more = realloc(lines->bytes, lines->room + 16 * LIMIT_LINE);

		if (!more)
			return -ENOMEM;
		lines->bytes = more;
		lines->room += 16 * LIMIT_LINE;
	}
	if (line_build(r, &head, lines->bytes + lines->n, &n))
		return -EINVAL;
	lines->n += n;
	lines->bytes[lines->n++] = '\n';
	lines->next++;
	return 0;
}

/* The records that tell of the recovery. */
static int lines_make(struct Replay *p, const struct LedgerReport *report, struct Lines *lines)
{
	struct Record record;
	int r = 0;

	for (size_t at = 0; at < p->n_torn && r >= 0; at += TORN_SLICE) {
		record_start(&record, RECORD_RECOVERED, RESULT_DONE);
		record_bytes(&record, KEY_TORN, p->torn + at, MIN((size_t)TORN_SLICE, p->n_torn - at));
		r = lines_add(p, lines, &record);
	}
	if (report->records > report->covered && r >= 0) {
		record_start(&record, RECORD_RECOVERED, RESULT_DONE);
		record_number(&record, KEY_FIRST, report->covered);
		record_number(&record, KEY_LAST, report->records - 1);
		record_text(&record, KEY_BOOT, p->boot);
		r = lines_add(p, lines, &record);
	}
	return r;
}

static int recover(struct Replay *p, const struct LedgerReport *report, char subject[static LIMIT_SUBJECT])
{
	_cleanup_free_ char *bytes = NULL;
	struct Lines lines = {.next = report->records};
	struct Store *s = p->store;
	int r = 0;

	if (report->torn)
		r = tail_cut(p, report->torn, subject);
	if (r > 0)
		return r;
	if (!r)
		r = lines_make(p, report, &lines);
	bytes = lines.bytes;
	if (!r && lines.n)
		r = store_append(s, bytes, lines.n, false);
	if (!r && s->tree.size > s->covered)
		r = store_checkpoint(s);
	if (!r && p->rotating)
		r = seal_next_finish(s->seal);
	if (r == STORE_FULL || store_is_full(-r))
		return FAULT_LEDGER_FULL;
	if (r || !p->torn_saved)
		return r;
	if (unlinkat(s->dir, STORE_TORN, 0) || fsync(s->dir))
		return -errno;
	p->torn_saved = false;
	return 0;
}

int replay_run(struct Replay *p, char subject[static LIMIT_SUBJECT])
{
	struct LedgerReport report;
	int r = torn_load(p);

	if (r == -EBADMSG || r == -E2BIG)
		return altered(subject, "the file of torn bytes is malformed");
	if (r < 0)
		return r;
	r = verify(p, &report, subject);
	if (r)
		return r;
	p->store->size = report.bytes;
	p->store->covered = report.covered;
	STR_CUT(p->last_time, report.last_time);
	return recover(p, &report, subject);
}
