/* SPDX-License-Identifier: Apache-2.0 */
#include "cache.h"

#include "entry.h"
#include "fault.h"
#include "file.h"
#include "log.h"
#include "pass.h"
#include "str.h"

#include <fcntl.h>

#define INDEX_NEW INDEX_FILE ".new"

void cache_done(struct Cache *c)
{
	index_done(&c->index);
	*c = (struct Cache){.least = c->least};
}

bool cache_load(struct Cache *c, const struct Store *s)
{
	int r;

	index_done(&c->index);
	c->unwritten = true;
	r = index_load(s->dir, s->seal->crypto, &c->index);
	if (r < 0 && r != -ENOENT)
		log_warning("the index is not one of this version's: everything is read");
	if (r < 0 || c->index.blocks.end < c->least) {
		index_done(&c->index);
		return false;
	}
	c->unwritten = false;
	return true;
}

int cache_fold(const struct Cache *c, const struct Store *s, struct Fold *ret)
{
	int r = 0;

	for (size_t i = 0; i < c->index.n_refs && !r; i++) {
		const struct IndexRef *ref = &c->index.refs[i];
		char line[LIMIT_LINE + 1];
		struct LedgerEntry e;
		struct View v;

		r = index_line(&c->index, ref, s->records, s->seal->crypto, line);
		if (!r &&
		        (entry_read(line, ref->size, line + ref->size, &e) != LEDGER_E_NONE || e.n != ref->n))
			r = -EBADMSG;
		if (r)
			return r;
		view_make(&e, &v);
		r = fold_part(ret, ref->part, &v);
	}
	return r;
}

/* ------------------------------------------------------------------ making one */

void cache_work_done(struct CacheWork *w)
{
	index_done(&w->next);
	free(w->sources);
	*w = (struct CacheWork){.upto = 0};
}

int cache_work_start(struct CacheWork *w, const struct Cache *c, uint64_t covered)
{
	const struct Blocks *from = &c->index.blocks;
	uint64_t upto = covered - covered % TREE_BLOCK_SIZE;

	*w = (struct CacheWork){.upto = 0};
	if (upto <= from->records)
		return 0;
	w->upto = upto;
	if (!from->n)
		return 0;
	w->next.blocks = *from;
	w->next.blocks.room = from->n;
	w->next.blocks.rows = calloc(from->n, sizeof(*from->rows));
	if (!w->next.blocks.rows)
		return -ENOMEM;
	memcpy(w->next.blocks.rows, from->rows, from->n * sizeof(*from->rows));
	return 0;
}

int cache_work_line(struct CacheWork *w, const struct View *v, const struct Tree *tree, const struct Fold *f)
{
	int r;

	if (v->entry->n >= w->upto)
		return 0;
	r = blocks_add(&w->next.blocks, tree, v->entry->line.size + 1);
	if (r < 0)
		return r;
	blocks_time(&w->next.blocks, v->time);
	return v->entry->n + 1 == w->upto ? fold_sources(f, &w->sources, &w->n_sources) : 0;
}

/* The ref of the same record in the index before, looked for from *at on: both are in nearly the same order.
   What the state was not made of then it is not made of now. */
static const struct IndexRef *ref_known(const struct Index *old, uint64_t n, size_t *at)
{
	if (n >= old->blocks.records)
		return NULL;
	for (size_t i = 0; i < old->n_refs; i++, (*at)++) {
		*at %= old->n_refs;
		if (old->refs[*at].n == n)
			return &old->refs[*at];
	}
	return NULL;
}

/* Where the lines are, and their paths. */
static int refs_make(struct CacheWork *w, const struct Index *old, const struct Store *s)
{
	_cleanup_(block_lines_done) struct BlockLines lines = BLOCK_LINES_NULL;
	struct Index *next = &w->next;
	size_t at = 0;
	int r = 0;

	next->refs = calloc(w->n_sources + 1, sizeof(*next->refs));
	if (!next->refs)
		return -ENOMEM;
	next->n_refs = w->n_sources;
	for (size_t i = 0; i < w->n_sources && !r; i++) {
		const struct FoldSource *source = &w->sources[i];
		const struct IndexRef *known = ref_known(old, source->n, &at);
		struct IndexRef *ref = &next->refs[i];

		if (known)
			*ref = *known;
		ref->n = source->n;
		ref->part = (uint8_t)source->part;
		if (!known)
			r = index_ref_fill(next, ref, s->records, s->seal->crypto, &lines);
	}
	return r;
}

int cache_work_finish(struct CacheWork *w, struct Cache *c, const struct Store *s, const char *year_vkey)
{
	struct Index *next = &w->next;
	int r;

	if (!w->upto || w->mark.records != w->upto)
		return 0;
	r = refs_make(w, &c->index, s);
	if (r < 0)
		return r;
	next->last_key = w->mark.last_key;
	next->keys = w->mark.keys;
	next->earlier = w->mark.earlier;
	STR_SET(next->first_time, w->mark.first_time);
	STR_SET(next->last_time, w->mark.last_time);
	str_set_n(next->year_vkey, sizeof(next->year_vkey), year_vkey, strcspn(year_vkey, "\n"));
	r = STR_SET(next->vkey, w->mark.last_vkey);
	if (r < 0)
		return r;
	index_done(&c->index);
	c->index = *next;
	*next = (struct Index){.n_refs = 0};
	c->unwritten = true;
	return 0;
}

/* ------------------------------------------------------------------ the file */

/* Not synced: what a power cut leaves of it does not verify. */
static int file_put(const struct Store *s, const char *bytes, size_t n)
{
	_cleanup_fd_ int fd =
	        openat(s->dir, INDEX_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	int r = fd < 0 ? -errno : file_write_all(fd, bytes, n);

	if (r >= 0 && renameat(s->dir, INDEX_NEW, s->dir, INDEX_FILE))
		r = -errno;
	if (r < 0)
		unlinkat(s->dir, INDEX_NEW, 0);
	return r;
}

static int cache_write(struct Cache *c, const struct Store *s)
{
	_cleanup_free_ char *bytes = NULL;
	size_t n;
	int r = vkey_format(&s->seal->ledger_vkey, c->index.signer, sizeof(c->index.signer));

	if (r >= 0)
		r = index_write(&c->index, s->seal->crypto, s->seal->ledger, &bytes, &n);
	if (r >= 0)
		r = file_put(s, bytes, n);
	c->unwritten = false; /* or not to be had: the next one may */
	return r;
}

void cache_drop(struct Cache *c, const struct Store *s)
{
	cache_done(c);
	if (unlinkat(s->dir, INDEX_FILE, 0) && errno != ENOENT)
		log_warning("the index cannot be removed: %s", strerrordesc_np(errno));
}

/* ------------------------------------------------------------------ bringing it up */

struct Refresh {
	struct CacheWork work;
	struct Fold fold;
	struct Tree tree;
};

static void refresh_done(struct Refresh *f)
{
	cache_work_done(&f->work);
	fold_done(&f->fold);
}

static int refresh_line(void *owner, const struct LedgerEntry *e)
{
	struct Refresh *f = owner;
	struct View v;
	int r;

	view_make(e, &v);
	r = fold_record(&f->fold, &v);
	return r < 0 ? r : cache_work_line(&f->work, &v, &f->tree, &f->fold);
}

/* The lines behind the index, as far as the checkpoint goes. */
static int refresh_verify(
        struct Refresh *f, struct Cache *c, const struct Store *s, struct LedgerReport *report)
{
	char checkpoint[SEAL_CHECKPOINT], vkey[LIMIT_VKEY + 1];
	struct LedgerInput in = {.records = s->records,
	        .checkpoint = checkpoint,
	        .vkey = vkey,
	        .each = refresh_line,
	        .owner = f,
	        .tree = &f->tree};
	const struct PassExtra extra = {.from = c->index.blocks.records ? &c->index : NULL,
	        .covered_only = true,
	        .mark = &f->work.mark,
	        .mark_at = f->work.upto};
	ssize_t n = file_read_at(s->dir, STORE_CHECKPOINT, checkpoint, sizeof(checkpoint));

	if (n < 0)
		return (int)n;
	in.checkpoint_size = (size_t)n;
	n = file_read_text_at(s->dir, STORE_VKEY, vkey, sizeof(vkey));
	if (n < 0)
		return (int)n;
	n = pass_run(&in, &extra, report);
	return n || report->fault ? (int)n : cache_work_finish(&f->work, c, s, vkey);
}

static bool is_unwritten(const struct Cache *c)
{
	return c->unwritten && c->index.blocks.records;
}

bool cache_is_due(const struct Cache *c, const struct Store *s)
{
	return !c->failed && (is_unwritten(c) || s->covered >= c->index.blocks.records + CACHE_EVERY);
}

static int altered(const struct LedgerReport *report, char subject[static LIMIT_SUBJECT])
{
	/* these lines were verified when this process began, or are its own */
	snprintf(subject, LIMIT_SUBJECT, "altered while in use: %s",
	        report->fault ? report->error : "a record that the state rests on");
	return FAULT_LEDGER_ALTERED;
}

int cache_state(struct Cache *c, const struct Store *s, struct Fold *ret, char subject[static LIMIT_SUBJECT])
{
	_cleanup_(refresh_done) struct Refresh f = {.fold = *ret, .tree = TREE_NULL};
	struct LedgerReport report = {};
	int r = cache_fold(c, s, &f.fold);

	if (!r)
		r = refresh_verify(&f, c, s, &report);
	if (r == -EBADMSG || report.fault)
		return altered(&report, subject);
	if (r < 0)
		return r;
	*ret = f.fold;
	f.fold = (struct Fold){};
	return 0;
}

static int refresh(struct Cache *c, const struct Store *s, const char *terminal, struct LedgerReport *report)
{
	_cleanup_(refresh_done) struct Refresh f = {
	        .fold = {.terminal = terminal, .next_checkout = 1}, .tree = TREE_NULL};
	int r = cache_work_start(&f.work, c, s->covered);

	if (!r)
		r = cache_fold(c, s, &f.fold);
	return r ? r : refresh_verify(&f, c, s, report);
}

int cache_refresh(struct Cache *c, struct Store *s, const char *terminal, char subject[static LIMIT_SUBJECT])
{
	struct LedgerReport report = {};
	int r = is_unwritten(c) ? 0 : refresh(c, s, terminal, &report);

	if (r == -EBADMSG || report.fault)
		return altered(&report, subject);
	if (!r && is_unwritten(c))
		r = cache_write(c, s);
	if (r < 0) {
		log_warning("no index: %s", strerrordesc_np(-r));
		c->failed = true;
	}
	return 0;
}
