/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the lines: form, number, terminal, leaf into the tree; at the checkpoint's size its root
 * is compared. The signer of a checkpoint of size m is the key that the last `key` record below m names;
 * as long as keys do not change that is the first one.
 */
#include "mediagate/ledger.h"

#include "crypto.h"
#include "fault.h"
#include "note.h"
#include "str.h"
#include "tree.h"

#include <stdarg.h>
#include <stdio.h>

#define CHUNK (1 << 20)

struct Verify {
	const struct LedgerInput *in;
	struct LedgerReport *report;
	struct Crypto *crypto;
	struct Checkpoint checkpoint;
	struct Tree tree;
	const char *terminal; /* inside the origin */
	size_t terminal_size;
	bool compared;
};

_format_(3, 4) static int altered(struct LedgerReport *r, uint64_t line, const char *format, ...)
{
	va_list args;

	if (r->fault)
		return 0;
	r->fault = FAULT_LEDGER_ALTERED;
	r->line = line;
	va_start(args, format);
	vsnprintf(r->error, sizeof(r->error), format, args);
	va_end(args);
	return 0;
}

/* <domain>/mediagate/<terminal>/<year> */
static bool find_terminal(struct Verify *v)
{
	const char *origin = v->checkpoint.origin, *year = strrchr(origin, '/'), *start;

	if (!year)
		return false;
	for (start = year; start > origin && start[-1] != '/'; start--)
		;
	v->terminal = start;
	v->terminal_size = (size_t)(year - start);
	return v->terminal_size > 0 && strlen(year + 1) == 4 && strspn(year + 1, "0123456789") == 4 &&
		start - origin > (ssize_t)sizeof("/mediagate/") &&
		!memcmp(start - sizeof("/mediagate/") + 1, "/mediagate/", sizeof("/mediagate/") - 1);
}

static int read_checkpoint(struct Verify *v)
{
	const struct LedgerInput *in = v->in;
	size_t text, signer, n = strlen(in->vkey);
	struct Vkey key;
	int r;

	while (n && in->vkey[n - 1] == '\n')
		n--;
	r = vkey_parse(v->crypto, in->vkey, n, &key);
	if (r == -EINVAL)
		return altered(v->report, 0, "the verifier key is malformed");
	if (r < 0)
		return r;
	r = note_verify(in->checkpoint, in->checkpoint_size, &key, 1, &text, &signer);
	if (r < 0)
		return r;
	if (r == NOTE_UNSIGNED)
		return altered(v->report, 0, "the checkpoint is not signed by %.100s", key.name);
	if (r)
		return altered(v->report, 0, r == NOTE_FORGED ? "the checkpoint's signature is wrong" : "the checkpoint is malformed");
	if (checkpoint_parse(in->checkpoint, text, &v->checkpoint) < 0)
		return altered(v->report, 0, "the checkpoint is malformed");
	if (!str_eq(v->checkpoint.origin, key.name) || !find_terminal(v))
		return altered(v->report, 0, "the checkpoint's origin is not the key's name");
	STR_CUT(v->report->origin, v->checkpoint.origin);
	v->report->covered = v->checkpoint.size;
	return 0;
}

static int compare_root(struct Verify *v)
{
	int r;

	if (v->compared || v->tree.size != v->checkpoint.size || v->report->fault)
		return 0;
	v->compared = true;
	r = tree_root(&v->tree, v->crypto, v->report->root);
	if (r < 0)
		return r;
	if (memcmp(v->report->root, v->checkpoint.root, HASH_SIZE))
		return altered(v->report, 0, "the records are not those the checkpoint was signed over");
	return 0;
}

static int one_line(struct Verify *v, const char *line, size_t size)
{
	struct LedgerReport *report = v->report;
	struct LedgerEntry e;
	uint8_t leaf[HASH_SIZE];
	const char *error = ledger_entry_read(line, size, &e);
	int r;

	if (error)
		return altered(report, report->records + 1, "%s", error);
	if (e.n != report->records)
		return altered(report, report->records + 1, "the record's number is %llu", (unsigned long long)e.n);
	if (e.terminal.size != v->terminal_size || memcmp(e.terminal.text, v->terminal, e.terminal.size))
		return altered(report, report->records + 1, "the record is of another terminal");
	r = crypto_leaf(v->crypto, line, size, leaf);
	if (r >= 0)
		r = tree_add(&v->tree, v->crypto, leaf);
	if (r >= 0 && v->in->each)
		r = v->in->each(v->in->owner, &e);
	if (r < 0)
		return r;
	if (!report->records)
		(void)str_set_n(report->first_time, sizeof(report->first_time), e.t.text, e.t.size);
	memcpy(report->last_time, e.t.text, MIN(e.t.size, sizeof(report->last_time) - 1));
	report->records++;
	report->bytes += size + 1;
	return compare_root(v);
}

/* The complete lines of a chunk; how many bytes they were. */
static ssize_t lines(struct Verify *v, const char *bytes, size_t size)
{
	size_t at = 0;

	while (!v->report->fault) {
		const char *end = memchr(bytes + at, '\n', size - at);
		int r;

		if (!end)
			break;
		r = one_line(v, bytes + at, (size_t)(end - bytes) - at);
		if (r < 0)
			return r;
		at = (size_t)(end - bytes) + 1;
	}
	return (ssize_t)at;
}

static int all_lines(struct Verify *v)
{
	_cleanup_free_ char *buffer = malloc(CHUNK);
	size_t have = 0;
	off_t at = 0;

	if (!buffer)
		return -ENOMEM;
	for (;;) {
		ssize_t n = pread(v->in->records, buffer + have, CHUNK - have, at), used;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		at += n;
		have += (size_t)n;
		used = lines(v, buffer, have);
		if (used < 0)
			return (int)used;
		if (v->report->fault)
			return 0;
		have -= (size_t)used;
		memmove(buffer, buffer + used, have);
		if (have > LIMIT_LINE)
			return altered(v->report, v->report->records + 1, "the line is too long");
	}
	v->report->torn = have;
	return 0;
}

int ledger_verify(const struct LedgerInput *in, struct LedgerReport *ret)
{
	struct Verify v = {.in = in, .report = ret};
	_cleanup_(crypto_freep) struct Crypto *crypto = NULL;
	int r;

	memset(ret, 0, sizeof(*ret));
	r = crypto_new(&crypto);
	if (r < 0)
		return r;
	v.crypto = crypto;
	r = read_checkpoint(&v);
	if (r < 0 || ret->fault)
		return r;
	r = compare_root(&v); /* a checkpoint over nothing */
	if (r >= 0)
		r = all_lines(&v);
	if (r < 0 || ret->fault)
		return r;
	if (ret->records < ret->covered)
		return altered(ret, 0, "%llu records are missing at the end", (unsigned long long)(ret->covered - ret->records));
	return 0;
}
