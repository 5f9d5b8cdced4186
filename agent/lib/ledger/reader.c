/* SPDX-License-Identifier: Apache-2.0 */
/* A verified ledger, record by record: see include/mediagate/ledger.h. */
#include "mediagate/ledger.h"

#include "base64.h"
#include "blocks.h"
#include "by_index.h"
#include "entry.h"
#include "ledger_folder.h"
#include "pass.h"
#include "proof.h"

#include <fcntl.h>

struct LedgerReader {
	int records;
	char *checkpoint, *vkey;
	size_t checkpoint_size;
	struct Crypto *crypto;
	struct Tree tree; /* of the pass under way */
	struct Blocks blocks;
	struct BlockLines lines; /* around the last record that was read */
	uint64_t next;
	bool verified;
};

struct LedgerReader *ledger_reader_free(struct LedgerReader *r)
{
	if (!r)
		return NULL;
	fd_close(r->records);
	free(r->checkpoint);
	free(r->vkey);
	crypto_freep(&r->crypto);
	blocks_done(&r->blocks);
	block_lines_done(&r->lines);
	free(r);
	return NULL;
}

static void reader_freep(struct LedgerReader **r)
{
	*r = ledger_reader_free(*r);
}

int ledger_reader_new(const struct LedgerInput *in, struct LedgerReader **ret)
{
	_cleanup_(reader_freep) struct LedgerReader *r = calloc(1, sizeof(*r));
	int error;

	if (!r)
		return -ENOMEM;
	r->lines = (struct BlockLines)BLOCK_LINES_NULL;
	r->checkpoint_size = in->checkpoint_size;
	r->records = fcntl(in->records, F_DUPFD_CLOEXEC, 0);
	if (r->records < 0)
		return -errno;
	r->checkpoint = malloc(in->checkpoint_size + 1);
	r->vkey = strdup(in->vkey ? in->vkey : "");
	if (!r->checkpoint || !r->vkey)
		return -ENOMEM;
	memcpy(r->checkpoint, in->checkpoint ? in->checkpoint : "", in->checkpoint_size);
	error = crypto_new(&r->crypto);
	if (error < 0)
		return error;
	*ret = ptr_steal(&r);
	return 0;
}

int ledger_reader_open(const char *folder, const char *vkey, struct LedgerReader **ret)
{
	_cleanup_fd_ int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_ledger_folder_ struct LedgerFolder f = LEDGER_FOLDER_NULL;
	const char *missing;
	int r;

	if (dir < 0)
		return -errno;
	r = ledger_folder_open(&f, dir, vkey, &missing);
	return r < 0 ? r : ledger_reader_new(&f.input, ret);
}

/* ------------------------------------------------------------------ the pass */

struct ReaderPass {
	struct LedgerReader *reader;
	const struct LedgerReport *report;
	LedgerEach each;
	void *owner;
};

static int pass_each(void *owner, const struct LedgerEntry *e)
{
	const struct ReaderPass *p = owner;
	struct LedgerReader *r = p->reader;
	int error = 0;

	if (e->n < p->report->covered)
		error = blocks_add(&r->blocks, &r->tree, e->line.size + 1);
	if (!error && e->n + 1 == p->report->covered)
		error = blocks_close(&r->blocks, &r->tree, r->crypto);
	if (error < 0)
		return error;
	return p->each ? p->each(p->owner, e) : 0;
}

static void reader_reset(struct LedgerReader *r)
{
	r->tree = (struct Tree)TREE_NULL;
	r->verified = false;
	r->next = 0;
	blocks_done(&r->blocks);
	block_lines_done(&r->lines);
}

/* One pass: from the first line on, or behind the index's. */
static int reader_pass(
        struct LedgerReader *r, struct ReaderPass *pass, const struct Index *from, struct LedgerReport *ret)
{
	const struct LedgerInput in = {.records = r->records,
	        .checkpoint = r->checkpoint,
	        .checkpoint_size = r->checkpoint_size,
	        .vkey = r->vkey,
	        .each = pass_each,
	        .owner = pass,
	        .tree = &r->tree};
	int error = pass_run(&in, &(const struct PassExtra){.from = from}, ret);

	r->verified = !error && !ret->fault;
	return error;
}

int ledger_reader_verify(struct LedgerReader *r, LedgerEach each, void *owner, struct LedgerReport *ret)
{
	struct ReaderPass pass = {r, ret, each, owner};

	reader_reset(r);
	return reader_pass(r, &pass, NULL, ret);
}

/* The reader's own, for it adds to them. */
static int blocks_take(struct LedgerReader *r, const struct Blocks *from)
{
	r->blocks = *from;
	r->blocks.room = from->n;
	r->blocks.rows = calloc(from->n, sizeof(*from->rows));
	if (!r->blocks.rows)
		return -ENOMEM;
	memcpy(r->blocks.rows, from->rows, from->n * sizeof(*from->rows));
	return 0;
}

bool reader_begin(struct LedgerReader *r, int index, struct LedgerReport *ret)
{
	struct ReaderPass pass = {.reader = r, .report = ret};
	struct Index x;

	if (index_load_fd(index, r->crypto, &x) < 0)
		return false;
	reader_reset(r);
	if (blocks_take(r, &x.blocks) < 0 || reader_pass(r, &pass, &x, ret) < 0 || !r->verified)
		reader_reset(r);
	index_done(&x);
	return r->verified;
}

uint64_t reader_within(const struct LedgerReader *r, uint64_t n, int64_t from, int64_t until)
{
	while (n < r->blocks.records) {
		const struct Block *b = &r->blocks.rows[n / TREE_BLOCK_SIZE];

		/* of what came behind the index no times are known */
		if (b->earliest > b->latest || (b->latest >= from && b->earliest <= until))
			return n;
		n += TREE_BLOCK_SIZE - n % TREE_BLOCK_SIZE;
	}
	return UINT64_MAX;
}

uint64_t reader_covered_bytes(const struct LedgerReader *r)
{
	return r->blocks.end;
}

/* ------------------------------------------------------------------ records */

int ledger_reader_find(struct LedgerReader *r, uint64_t n, struct LedgerEntry *ret)
{
	const char *line;
	size_t size;
	int error;

	if (!r->verified)
		return -EPERM;
	if (n >= r->blocks.records)
		return -ENOENT;
	error = block_lines_load(&r->lines, &r->blocks, (size_t)(n / TREE_BLOCK_SIZE), r->records, r->crypto);
	if (error < 0)
		return error;
	line = block_line(&r->lines, n % TREE_BLOCK_SIZE, &size);
	if (entry_read(line, size, line + size, ret) != LEDGER_E_NONE || ret->n != n)
		return -EBADMSG;
	r->next = n + 1;
	return 0;
}

int ledger_reader_next(struct LedgerReader *r, struct LedgerEntry *ret)
{
	int error = ledger_reader_find(r, r->next, ret);

	return error == -ENOENT ? 0 : error < 0 ? error : 1;
}

int ledger_reader_prove(struct LedgerReader *r, uint64_t n, char *ret, size_t size, size_t *ret_size)
{
	uint8_t path[64][HASH_SIZE];
	struct LedgerEntry entry;
	struct ProofParts parts;
	ssize_t written;
	int depth, error = ledger_reader_find(r, n, &entry);

	if (error < 0)
		return error;
	depth = blocks_path(&r->blocks, &r->lines, n, r->crypto, path);
	if (depth < 0)
		return depth;
	parts = (struct ProofParts){.line = entry.line,
	        .index = n,
	        .hashes = path,
	        .n_hashes = (size_t)depth,
	        .checkpoint = {r->checkpoint, r->checkpoint_size}};
	written = proof_format(&parts, ret, size);
	if (written < 0)
		return (int)written;
	*ret_size = (size_t)written;
	return 0;
}
