/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the lines: form, number, terminal, leaf into the tree; at the checkpoint's size its root
 * is compared and its signature checked. The signer of a checkpoint of size m is the key that the last
 * `key` record below m names, and before the first such record the verifier key the caller gave. A `key`
 * record carries the new key and the old key's signature over note.h's rekey_format.
 */
#include "mediagate/ledger.h"

#include "base64.h"
#include "clock.h"
#include "crypto.h"
#include "entry.h"
#include "fault.h"
#include "note.h"
#include "pass.h"
#include "str.h"
#include "stream.h"
#include "tree.h"

#include <inttypes.h>
#include <stdio.h>

#define STOPPED 2 /* the error is in the report */

struct Verify {
	const struct LedgerInput *in;
	const struct PassExtra *extra;
	struct LedgerReport *report;
	struct Crypto *crypto;
	struct Checkpoint checkpoint;
	struct Vkey key; /* in force */
	struct Tree own, *tree;
	bool index_ours;               /* whoever signed the index was in force behind it */
	bool broken;                   /* a change of key beyond the checkpoint that nobody signed */
	uint64_t seen;                 /* the size of the next checkpoint seen before; UINT64_MAX: none */
	const struct AheadLine *ahead; /* what is known of the line at hand; NULL: nothing */
	bool excerpt;                  /* ledger_read: no tree, no checkpoint */
	uint64_t next;                 /* an excerpt's least number */
	const char *terminal;          /* inside the origin */
	size_t terminal_size;
	char excerpt_terminal[LIMIT_CODE];
};

static int altered(struct Verify *v, enum LedgerError code, uint64_t line)
{
	struct LedgerReport *r = v->report;

	r->fault = FAULT_LEDGER_ALTERED;
	r->code = code;
	r->line = line;
	STR_CUT(r->error, ledger_error_sentence(code));
	return STOPPED;
}

static int altered_line(struct Verify *v, enum LedgerError code)
{
	return altered(v, code, v->report->records + 1);
}

/* ------------------------------------------------------------------ the checkpoint */

/* <domain>/mediagate/<terminal>/<year> */
static bool find_terminal(struct Verify *v)
{
	static const char middle[] = "/mediagate/";
	const char *origin = v->checkpoint.origin, *year = strrchr(origin, '/'), *start;
	const size_t n = sizeof(middle) - 1;

	if (!year)
		return false;
	for (start = year; start > origin && start[-1] != '/'; start--)
		;
	v->terminal = start;
	v->terminal_size = (size_t)(year - start);
	return v->terminal_size > 0 && strlen(year + 1) == 4 && strspn(year + 1, "0123456789") == 4 &&
	       (size_t)(start - origin) > n && !memcmp(start - n, middle, n);
}

/* Everything but the signature, whose key the lines may change. */
static int read_checkpoint(struct Verify *v)
{
	const struct LedgerInput *in = v->in;
	size_t text, n = in->vkey ? strlen(in->vkey) : 0;
	int r;

	if (n && in->vkey[n - 1] == '\n')
		n--;
	r = n ? vkey_parse(v->crypto, in->vkey, n, &v->key) : -EINVAL;
	if (r < 0)
		return r == -EINVAL ? altered(v, LEDGER_E_BAD_VKEY, 0) : r;
	if (!in->checkpoint || note_split(in->checkpoint, in->checkpoint_size, &text) ||
	        checkpoint_parse(in->checkpoint, text, &v->checkpoint) < 0)
		return altered(v, LEDGER_E_BAD_NOTE, 0);
	STR_CUT(v->report->origin, v->checkpoint.origin);
	v->report->covered = v->checkpoint.size;
	if (!str_eq(v->checkpoint.origin, v->key.name) || !find_terminal(v))
		return altered(v, LEDGER_E_BAD_ORIGIN, 0);
	return vkey_format(&v->key, v->report->last_vkey, sizeof(v->report->last_vkey));
}

/* For who goes on behind the checkpoint the next time. */
static int keep_state(const struct Verify *v)
{
	const struct LedgerReport *report = v->report;
	struct LedgerState *state = v->extra->ret_state;

	if (!state)
		return 0;
	*state = (struct LedgerState){.tree = *v->tree,
	        .bytes = report->bytes,
	        .last_key = report->last_key,
	        .keys = report->keys,
	        .earlier = report->earlier};
	memcpy(state->first_time, report->first_time, sizeof(state->first_time));
	memcpy(state->last_time, report->last_time, sizeof(state->last_time));
	return STR_SET(state->vkey, report->vkey);
}

/* Once, when the tree has the checkpoint's size. */
static int check_checkpoint(struct Verify *v)
{
	const struct LedgerInput *in = v->in;
	struct LedgerReport *report = v->report;
	size_t text, signer;
	int r;

	if (v->tree->size != v->checkpoint.size)
		return 0;
	r = tree_root(v->tree, v->crypto, report->root);
	if (r < 0)
		return r;
	if (memcmp(report->root, v->checkpoint.root, HASH_SIZE))
		return altered(v, LEDGER_E_BAD_ROOT, 0);
	r = note_verify(in->checkpoint, in->checkpoint_size, &v->key, 1, &text, &signer);
	if (r < 0)
		return r;
	if (r)
		return altered(v, r == NOTE_UNSIGNED ? LEDGER_E_NOT_SIGNED : LEDGER_E_BAD_SIGNATURE, 0);
	if (v->extra->from && !v->index_ours)
		return altered(v, LEDGER_E_BAD_VKEY, 0);
	r = vkey_format(&v->key, report->vkey, sizeof(report->vkey));
	return r < 0 ? r : keep_state(v);
}

/* ------------------------------------------------------------------ checkpoints seen before */

/* The least size among them that is not below `least`. */
static void next_seen(struct Verify *v, uint64_t least)
{
	v->seen = UINT64_MAX;
	for (size_t i = 0; i < v->in->n_seen; i++)
		if (v->in->seen[i].size >= least)
			v->seen = MIN(v->seen, v->in->seen[i].size);
}

static int start_seen(struct Verify *v)
{
	for (size_t i = 0; i < v->in->n_seen; i++)
		if (*v->in->seen[i].origin && !str_eq(v->in->seen[i].origin, v->checkpoint.origin))
			return altered(v, LEDGER_E_SEEN_OTHER, 0);
	next_seen(v, 0);
	return 0;
}

/* When the tree has the size of one or more of them. In rising order, so the first that differs is the least.
 */
static int check_seen(struct Verify *v)
{
	uint64_t size = v->tree->size;
	uint8_t root[HASH_SIZE];
	int r;

	if (size != v->seen)
		return 0;
	r = tree_root(v->tree, v->crypto, root);
	for (size_t i = 0; i < v->in->n_seen && !r; i++) {
		if (v->in->seen[i].size != size || !memcmp(v->in->seen[i].root, root, HASH_SIZE))
			continue;
		v->report->to = size;
		return altered(v, LEDGER_E_FORK, size == v->report->from + 1 ? size : 0);
	}
	v->report->from = size;
	next_seen(v, size + 1);
	return r;
}

/* ------------------------------------------------------------------ a change of key */

/* Before the record's own leaf is added. 1 and the new key, 0: the key before it did not sign it, or -errno.
 */
static int read_key_change(struct Verify *v, const struct LedgerEntry *e, struct Vkey *ret)
{
	char vkey[LIMIT_VKEY], encoded[BASE64_SIZE(SIGNATURE_SIZE)], text[REKEY_TEXT];
	struct Checkpoint before = {.size = v->tree->size};
	uint8_t signature[SIGNATURE_SIZE];
	struct LedgerSlice s;
	ssize_t n;
	int r;

	if (ledger_detail(e, "vkey", &s) || ledger_unescape(s, vkey, sizeof(vkey)) < 0 ||
	        vkey_parse(v->crypto, vkey, strlen(vkey), ret) < 0 ||
	        !str_eq(ret->name, v->checkpoint.origin))
		return 0;
	if (ledger_detail(e, "signature", &s) || ledger_unescape(s, encoded, sizeof(encoded)) < 0 ||
	        base64_decode(encoded, strlen(encoded), signature, sizeof(signature)) != SIGNATURE_SIZE)
		return 0;
	STR_SET(before.origin, v->checkpoint.origin);
	r = tree_root(v->tree, v->crypto, before.root);
	n = r < 0 ? r : rekey_format(&before, vkey, text, sizeof(text));
	return n < 0 ? (int)n : signature_verify(v->key.key, text, (size_t)n, signature);
}

/* Below the checkpoint the chain must hold. Beyond it nothing is vouched for yet; who goes on writing looks
   at last_vkey. */
static int change_key(struct Verify *v, const struct LedgerEntry *e)
{
	struct LedgerReport *report = v->report;
	struct Vkey next;
	int r = v->broken ? 0 : read_key_change(v, e, &next);

	if (r < 0)
		return r;
	if (!r && e->n < v->checkpoint.size)
		return altered_line(v, LEDGER_E_KEY_CHANGE);
	if (!r) {
		v->broken = true;
		report->last_vkey[0] = '\0';
		return 0;
	}
	v->key = next;
	if (e->n < v->checkpoint.size)
		report->keys++;
	report->last_key = e->n;
	r = vkey_format(&next, report->last_vkey, sizeof(report->last_vkey));
	v->index_ours |= v->extra->from && str_eq(v->extra->from->signer, report->last_vkey);
	return r;
}

/* ------------------------------------------------------------------ the lines */

static bool is_earlier(const char *t, const char *last)
{
	int64_t a, b;

	if (!memcmp(t + 23, last + 23, 6))
		return memcmp(t, last, 23) < 0;
	return clock_parse(t, CLOCK_SIZE, &a) == 0 && clock_parse(last, CLOCK_SIZE, &b) == 0 && a < b;
}

static bool slice_is(struct LedgerSlice s, const char *text, size_t n)
{
	return s.size == n && !memcmp(s.text, text, n);
}

static void count_line(struct LedgerReport *report, const struct LedgerEntry *e)
{
	if (!report->records)
		memcpy(report->first_time, e->t.text, CLOCK_SIZE);
	else if (is_earlier(e->t.text, report->last_time) && !slice_is(e->kind, "clock", 5))
		report->earlier++;
	memcpy(report->last_time, e->t.text, CLOCK_SIZE);
	report->records++;
	report->bytes += e->line.size + 1;
}

/* With the 0x00 before it: one piece to hash. */
static int add_leaf(struct Verify *v, char *line, size_t size)
{
	const struct Bytes leaf = {line - 1, size + 1};
	uint8_t hash[HASH_SIZE];
	int r;

	if (v->ahead && v->ahead->put) {
		tree_follow(v->tree, v->ahead->put, v->ahead->block);
		return 0;
	}
	r = crypto_hash(v->crypto, &leaf, 1, hash);
	return r < 0 ? r : tree_add(v->tree, v->crypto, hash);
}

static int verify_line(void *owner, char *line, size_t size, const char *readable)
{
	struct Verify *v = owner;
	struct LedgerEntry e;
	enum LedgerError error;
	int r = 0;

	/* a newline that nobody needs any more becomes RFC 6962's 0x00, long before the hash reads it */
	line[-1] = 0;
	error = entry_read(line, size, readable, &e);
	if (error == LEDGER_E_NONE && e.n != v->report->records)
		error = LEDGER_E_SEQUENCE;
	else if (error == LEDGER_E_NONE && !slice_is(e.terminal, v->terminal, v->terminal_size))
		error = LEDGER_E_TERMINAL;
	if (error != LEDGER_E_NONE)
		return altered_line(v, error);
	if (slice_is(e.kind, "key", 3))
		r = change_key(v, &e);
	if (r == 0)
		r = add_leaf(v, line, size);
	if (r)
		return r;
	r = v->in->each ? v->in->each(v->in->owner, &e) : 0;
	if (r < 0)
		return r;
	count_line(v->report, &e);
	if (v->extra->mark && v->report->records == v->extra->mark_at)
		*v->extra->mark = *v->report;
	r = check_checkpoint(v);
	return r ? r : check_seen(v);
}

static int ahead_line(void *owner, const struct AheadLine *line)
{
	struct Verify *v = owner;

	v->ahead = line;
	return verify_line(v, line->line, line->size, line->readable);
}

static int read_line(void *owner, char *line, size_t size, const char *readable)
{
	struct Verify *v = owner;
	struct LedgerEntry e;
	enum LedgerError error = entry_read(line, size, readable, &e);
	int r;

	if (error == LEDGER_E_NONE && e.n < v->next)
		error = LEDGER_E_SEQUENCE;
	else if (error == LEDGER_E_NONE && !v->report->records &&
	         str_set_n(v->excerpt_terminal, sizeof(v->excerpt_terminal), e.terminal.text,
	                 e.terminal.size) < 0)
		error = LEDGER_E_TERMINAL;
	else if (error == LEDGER_E_NONE &&
	         !slice_is(e.terminal, v->excerpt_terminal, strlen(v->excerpt_terminal)))
		error = LEDGER_E_TERMINAL;
	if (error != LEDGER_E_NONE)
		return altered_line(v, error);
	r = v->in->each ? v->in->each(v->in->owner, &e) : 0;
	if (r < 0)
		return r;
	v->next = e.n + 1;
	count_line(v->report, &e);
	return 0;
}

/* What the one outcome says to each of the two questions. */
static void answers(struct LedgerReport *r, bool seen)
{
	bool end = r->code == LEDGER_E_MISSING || r->code == LEDGER_E_ROLLBACK;

	if (r->code != LEDGER_E_FORK)
		r->from = r->to = 0;
	if (r->code == LEDGER_E_NONE || r->code == LEDGER_E_ROLLBACK)
		r->altered = LEDGER_NO;
	else
		/* what is left may be right: the root that says so is over more */
		r->altered = r->code == LEDGER_E_MISSING ? LEDGER_UNKNOWN : LEDGER_YES;
	r->missing = end ? LEDGER_YES : seen && r->code == LEDGER_E_NONE ? LEDGER_NO : LEDGER_UNKNOWN;
}

/* ------------------------------------------------------------------ the pass */

struct Pass {
	struct Verify verify;
	struct Stream stream;
	struct Crypto *crypto;
	bool stopped;        /* the outcome is known before a line was read */
	struct Ahead *ahead; /* in place of the stream */
};

void pass_freep(struct Pass **p)
{
	if (!*p)
		return;
	if ((*p)->ahead)
		ahead_end((*p)->ahead);
	stream_done(&(*p)->stream);
	crypto_freep(&(*p)->crypto);
	free(*p);
	*p = NULL;
}

/* What the index says stands for the lines that are not read. */
static int resume(struct Verify *v, const struct Index *from)
{
	struct LedgerReport *report = v->report;
	size_t n = strcspn(v->in->vkey, "\n");
	int r = 0;

	if (strlen(from->year_vkey) != n || memcmp(from->year_vkey, v->in->vkey, n) ||
	        vkey_parse(v->crypto, from->vkey, strlen(from->vkey), &v->key) < 0 ||
	        !str_eq(v->key.name, v->checkpoint.origin))
		return altered(v, LEDGER_E_BAD_VKEY, 0);
	if (v->checkpoint.size < from->blocks.records)
		return altered(v, LEDGER_E_BAD_ROOT, 0);
	for (size_t i = 0; i < from->blocks.n && !r; i++)
		r = tree_add_block(v->tree, v->crypto, from->blocks.rows[i].root);
	report->records = from->blocks.records;
	report->bytes = from->blocks.end;
	report->last_key = from->last_key;
	report->keys = from->keys;
	report->earlier = from->earlier;
	memcpy(report->first_time, from->first_time, sizeof(report->first_time));
	memcpy(report->last_time, from->last_time, sizeof(report->last_time));
	v->index_ours = str_eq(from->signer, from->vkey);
	return r < 0 ? r : STR_SET(report->last_vkey, from->vkey);
}

static int resume_state(struct Verify *v, const struct LedgerState *from)
{
	struct LedgerReport *report = v->report;

	if (vkey_parse(v->crypto, from->vkey, strlen(from->vkey), &v->key) < 0 ||
	        !str_eq(v->key.name, v->checkpoint.origin))
		return altered(v, LEDGER_E_BAD_VKEY, 0);
	if (v->checkpoint.size < from->tree.size)
		return altered(v, LEDGER_E_BAD_ROOT, 0);
	*v->tree = from->tree;
	report->records = from->tree.size;
	report->bytes = from->bytes;
	report->last_key = from->last_key;
	report->keys = from->keys;
	report->earlier = from->earlier;
	memcpy(report->first_time, from->first_time, sizeof(report->first_time));
	memcpy(report->last_time, from->last_time, sizeof(report->last_time));
	return STR_SET(report->last_vkey, from->vkey);
}

static int start_checks(struct Verify *v)
{
	int r = read_checkpoint(v);

	if (r == 0)
		r = start_seen(v);
	if (r == 0 && v->extra->from)
		r = resume(v, v->extra->from);
	else if (r == 0 && v->extra->state)
		r = resume_state(v, v->extra->state);
	if (r == 0)
		r = check_checkpoint(v); /* over nothing, or over what the index knows */
	return r ? r : check_seen(v);
}

/* 0, with STOPPED as p->stopped; -errno. */
static int pass_new(const struct LedgerInput *in, const struct PassExtra *extra, struct LedgerReport *report,
        struct Pass **ret)
{
	_cleanup_(pass_freep) struct Pass *p = calloc(1, sizeof(*p));
	int r;

	memset(report, 0, sizeof(*report));
	if (!p)
		return -ENOMEM;
	r = crypto_new(&p->crypto);
	if (r < 0)
		return r;
	p->verify = (struct Verify){.in = in, .extra = extra, .report = report, .crypto = p->crypto};
	p->verify.tree = in->tree ? in->tree : &p->verify.own;
	*ret = ptr_steal(&p);
	return 0;
}

/* By the second thread where there is one, and memory for it. */
static int reading_start(struct Pass *p)
{
	const struct Verify *v = &p->verify;
	struct Ahead *ahead = p->stopped ? NULL : v->extra->ahead;

	if (ahead && !ahead_begin(ahead, v->in->records, v->report->bytes, v->tree)) {
		p->ahead = ahead;
		return 0;
	}
	return stream_start(&p->stream, v->in->records, v->report->bytes);
}

int pass_start(const struct LedgerInput *in, const struct PassExtra *extra, struct LedgerReport *report,
        struct Pass **ret)
{
	_cleanup_(pass_freep) struct Pass *p = NULL;
	int r;

	if (extra->mark)
		extra->mark->records = 0;
	r = pass_new(in, extra, report, &p);
	if (r < 0)
		return r;
	r = start_checks(&p->verify);
	p->stopped = r == STOPPED;
	if (r >= 0)
		r = reading_start(p);
	if (r < 0)
		return r;
	*ret = ptr_steal(&p);
	return 0;
}

/* The lines are read: what they amount to. */
static int pass_end(struct Pass *p, int r)
{
	struct Verify *v = &p->verify;
	struct LedgerReport *report = v->report;

	if (r == STREAM_TOO_LONG)
		r = altered_line(v, LEDGER_E_TOO_LONG);
	if (r == 0)
		report->torn = p->stream.have;
	if (r == 0 && report->records < report->covered)
		r = altered(v, LEDGER_E_MISSING, 0);
	if (r == 0 && v->seen != UINT64_MAX)
		r = altered(v, LEDGER_E_ROLLBACK, 0);
	answers(report, v->in->n_seen > 0);
	return MIN(r, 0);
}

int pass_step(struct Pass *p)
{
	const struct LedgerReport *report = p->verify.report;
	int r = p->stopped ? STOPPED : 0;

	if (!r && !(p->verify.extra->covered_only && report->records >= report->covered))
		r = p->ahead ? ahead_step(p->ahead, ahead_line, &p->verify, &p->stream.have)
		             : stream_step(&p->stream, verify_line, &p->verify);
	if (r == STREAM_MORE)
		return PASS_MORE;
	return r < 0 ? r : pass_end(p, r);
}

int pass_run(const struct LedgerInput *in, const struct PassExtra *extra, struct LedgerReport *report)
{
	_cleanup_(pass_freep) struct Pass *p = NULL;
	int r = pass_start(in, extra, report, &p);

	if (r < 0)
		return r;
	do
		r = pass_step(p);
	while (r == PASS_MORE);
	return r;
}

int ledger_verify(const struct LedgerInput *in, struct LedgerReport *ret)
{
	return pass_run(in, &(const struct PassExtra){.from = NULL}, ret);
}

int ledger_read(int records, LedgerEach each, void *owner, struct LedgerReport *ret)
{
	const struct LedgerInput in = {.records = records, .each = each, .owner = owner};
	struct Verify v = {.in = &in, .report = ret};
	int r;

	memset(ret, 0, sizeof(*ret));
	r = stream_lines(records, read_line, &v, &ret->torn);
	if (r == STREAM_TOO_LONG)
		r = altered_line(&v, LEDGER_E_TOO_LONG);
	return r == STOPPED ? 0 : r;
}
