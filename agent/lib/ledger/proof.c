/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof of one record: c2sp.org/tlog-proof@v1, its extra data the record's line.
 *
 *   c2sp.org/tlog-proof@v1
 *   extra <base64 of the line>
 *   index <n>
 *   <base64 of a hash>, the leaf's sibling first
 *
 *   <the checkpoint, verbatim>
 */
#include "proof.h"

#include "base64.h"
#include "limits.h"
#include "note.h"
#include "str.h"
#include "tree.h"

#include <inttypes.h>
#include <stdio.h>

#define HEAD       "c2sp.org/tlog-proof@v1\n"
#define PATH_MOST  64
#define EXTRA_MOST BASE64_SIZE(LIMIT_LINE)

ssize_t proof_format(const struct ProofParts *p, char *ret, size_t size)
{
	char extra[EXTRA_MOST], hash[BASE64_SIZE(HASH_SIZE)];
	size_t n;

	if (p->line.size > LIMIT_LINE)
		return -E2BIG;
	base64_encode((const uint8_t *)p->line.text, p->line.size, extra);
	n = (size_t)snprintf(ret, size, HEAD "extra %s\nindex %" PRIu64 "\n", extra, p->index);
	for (size_t i = 0; i < p->n_hashes && n < size; i++) {
		base64_encode(p->hashes[i], HASH_SIZE, hash);
		n += (size_t)snprintf(ret + n, size - n, "%s\n", hash);
	}
	if (n + 1 + p->checkpoint.size >= size)
		return -E2BIG;
	ret[n++] = '\n';
	memcpy(ret + n, p->checkpoint.text, p->checkpoint.size);
	n += p->checkpoint.size;
	ret[n] = '\0';
	return (ssize_t)n;
}

/* ------------------------------------------------------------------ reading */

struct Proof {
	uint64_t index;
	uint8_t hashes[PATH_MOST][HASH_SIZE];
	size_t n_hashes;
	struct LedgerSlice checkpoint;
};

/* The next line at *at without its newline, *at behind it. */
static bool line_next(const char **at, const char *end, struct LedgerSlice *ret)
{
	const char *newline = memchr(*at, '\n', (size_t)(end - *at));

	if (!newline)
		return false;
	*ret = (struct LedgerSlice){*at, (size_t)(newline - *at)};
	*at = newline + 1;
	return true;
}

/* Past the line's first word and its space. */
static bool word_take(struct LedgerSlice *line, const char *word)
{
	size_t n = strlen(word);

	if (line->size < n || memcmp(line->text, word, n))
		return false;
	line->text += n;
	line->size -= n;
	return true;
}

/* Decimal without leading zeros. */
static bool index_read(struct LedgerSlice s, uint64_t *ret)
{
	if (!s.size || s.size > 19 || (s.text[0] == '0' && s.size > 1))
		return false;
	return ledger_number(s, ret) == 0;
}

static bool proof_parse(
        const char *text, size_t size, struct Proof *ret, char line[static LIMIT_LINE + 1], size_t *ret_line)
{
	const char *at = text, *end = text + size;
	struct LedgerSlice s;
	ssize_t n;

	if (size < sizeof(HEAD) - 1 || memcmp(text, HEAD, sizeof(HEAD) - 1))
		return false;
	at += sizeof(HEAD) - 1;
	if (!line_next(&at, end, &s) || !word_take(&s, "extra "))
		return false;
	n = base64_decode(s.text, s.size, (uint8_t *)line, LIMIT_LINE);
	if (n <= 0 || !line_next(&at, end, &s) || !word_take(&s, "index ") || !index_read(s, &ret->index))
		return false;
	line[n] = '\0';
	*ret_line = (size_t)n;
	for (ret->n_hashes = 0; line_next(&at, end, &s) && s.size; ret->n_hashes++)
		if (ret->n_hashes == PATH_MOST ||
		        base64_decode(s.text, s.size, ret->hashes[ret->n_hashes], HASH_SIZE) != HASH_SIZE)
			return false;
	ret->checkpoint = (struct LedgerSlice){at, (size_t)(end - at)};
	return at[-1] == '\n' && s.size == 0;
}

/* The checkpoint's form, name and signature. */
static int checkpoint_verify(const struct Proof *p, const struct Vkey *key, struct LedgerProof *ret)
{
	size_t text, signer;
	struct Checkpoint c;
	int r;

	if (note_split(p->checkpoint.text, p->checkpoint.size, &text) ||
	        checkpoint_parse(p->checkpoint.text, text, &c) < 0)
		return LEDGER_E_BAD_NOTE;
	STR_CUT(ret->origin, c.origin);
	ret->size = c.size;
	memcpy(ret->root, c.root, HASH_SIZE);
	if (!str_eq(c.origin, key->name))
		return LEDGER_E_BAD_ORIGIN;
	r = note_verify(p->checkpoint.text, p->checkpoint.size, key, 1, &text, &signer);
	if (r <= 0)
		return r;
	return r == NOTE_UNSIGNED ? LEDGER_E_NOT_SIGNED : LEDGER_E_BAD_SIGNATURE;
}

/* <domain>/mediagate/<terminal>/<year>: that the record is of this terminal. */
static bool is_of_origin(const struct LedgerEntry *e, const char *origin)
{
	const char *year = strrchr(origin, '/');
	size_t n = year ? (size_t)(year - origin) : 0;

	return n > e->terminal.size && origin[n - e->terminal.size - 1] == '/' &&
	       !memcmp(year - e->terminal.size, e->terminal.text, e->terminal.size);
}

static int record_verify(const struct Proof *p, struct Crypto *c, size_t n, struct LedgerProof *ret)
{
	const struct TreePath path = {
	        p->index, ret->size, (const uint8_t(*)[HASH_SIZE])p->hashes, p->n_hashes};
	uint8_t leaf[HASH_SIZE];
	int r = crypto_leaf(c, ret->line, n, leaf);

	if (r >= 0)
		r = tree_path_verify(&path, c, leaf, ret->root);
	if (r <= 0)
		return r < 0 ? r : LEDGER_E_NOT_IN_TREE;
	if (ledger_entry_read(ret->line, n, &ret->entry))
		return LEDGER_E_SYNTAX;
	if (ret->entry.n != p->index)
		return LEDGER_E_SEQUENCE;
	return is_of_origin(&ret->entry, ret->origin) ? 0 : LEDGER_E_TERMINAL;
}

int ledger_proof_verify(const char *proof, size_t size, const char *vkey, struct LedgerProof *ret)
{
	_cleanup_(crypto_freep) struct Crypto *c = NULL;
	struct Proof p = {};
	struct Vkey key;
	size_t n_line = 0, n_vkey = strcspn(vkey, "\n");
	int r;

	memset(ret, 0, sizeof(*ret));
	r = crypto_new(&c);
	if (r < 0)
		return r;
	if (vkey_parse(c, vkey, n_vkey, &key) < 0)
		r = LEDGER_E_BAD_VKEY;
	else if (!proof_parse(proof, size, &p, ret->line, &n_line))
		r = LEDGER_E_BAD_PROOF;
	else
		r = checkpoint_verify(&p, &key, ret);
	if (!r)
		r = record_verify(&p, c, n_line, ret);
	if (r < 0)
		return r;
	ret->code = (enum LedgerError)r;
	return 0;
}
