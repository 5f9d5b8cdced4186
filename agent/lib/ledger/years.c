/* SPDX-License-Identifier: Apache-2.0 */
/* That one year's ledger follows another: section "Years" of docs/ledger.md. */
#include "mediagate/ledger.h"

#include "base64.h"
#include "hex.h"
#include "note.h"
#include "str.h"

/* What a `year` record says. */
struct Claim {
	struct Checkpoint last;
	char vkey[LIMIT_VKEY];
	uint8_t certified[SIGNATURE_SIZE];
};

static bool text_of(const struct LedgerEntry *e, const char *key, char *ret, size_t size)
{
	struct LedgerSlice s;

	return !ledger_detail(e, key, &s) && ledger_unescape(s, ret, size) >= 0;
}

static bool claim_read(const struct LedgerEntry *e, struct Claim *ret)
{
	char root[2 * HASH_SIZE + 1], certified[BASE64_SIZE(SIGNATURE_SIZE)];
	struct LedgerSlice size;

	return text_of(e, "origin", ret->last.origin, sizeof(ret->last.origin)) &&
	       !ledger_detail(e, "size", &size) && !ledger_number(size, &ret->last.size) &&
	       text_of(e, "root", root, sizeof(root)) &&
	       hex_decode(root, strlen(root), ret->last.root, HASH_SIZE) == 0 &&
	       text_of(e, "vkey", ret->vkey, sizeof(ret->vkey)) &&
	       text_of(e, "certified", certified, sizeof(certified)) &&
	       base64_decode(certified, strlen(certified), ret->certified, SIGNATURE_SIZE) == SIGNATURE_SIZE;
}

/* 0 with what a first record says of the year before and of its own key; -ENOENT: of a first year; -EINVAL.
 */
static int claim_of(const struct LedgerEntry *first, const char *vkey, struct Claim *ret)
{
	size_t n;

	if (first->n || first->kind.size != 4 || memcmp(first->kind.text, "year", 4))
		return -ENOENT;
	if (!claim_read(first, ret))
		return -EINVAL;
	n = strlen(ret->vkey);
	return strncmp(ret->vkey, vkey, n) || (vkey[n] && vkey[n] != '\n') ? -EINVAL : 0;
}

/* Whether the key vouches for the new year's. 1, 0 or -errno. */
static int claim_certified(const struct Claim *claim, const struct Vkey *signer)
{
	char text[REKEY_TEXT];
	ssize_t n = year_format(&claim->last, claim->vkey, text, sizeof(text));

	return n < 0 ? (int)n : signature_verify(signer->key, text, (size_t)n, claim->certified);
}

int ledger_year_follows(const struct LedgerEntry *first, const char *vkey, const struct LedgerReport *before)
{
	_cleanup_(crypto_freep) struct Crypto *crypto = NULL;
	struct Claim claim;
	struct Vkey signer;
	int r = claim_of(first, vkey, &claim);

	if (r < 0)
		return r == -ENOENT ? r : 0;
	if (before->fault || before->records != before->covered ||
	        !str_eq(claim.last.origin, before->origin) || claim.last.size != before->covered ||
	        memcmp(claim.last.root, before->root, HASH_SIZE))
		return 0;
	r = crypto_new(&crypto);
	if (r < 0)
		return r;
	if (vkey_parse(crypto, before->vkey, strlen(before->vkey), &signer) < 0)
		return 0;
	return claim_certified(&claim, &signer);
}

static bool is_last(const struct Claim *claim, const struct LedgerSlice *head)
{
	struct Checkpoint c;
	size_t text;

	return !note_split(head->text, head->size, &text) && checkpoint_parse(head->text, text, &c) >= 0 &&
	       str_eq(c.origin, claim->last.origin) && c.size == claim->last.size &&
	       !memcmp(c.root, claim->last.root, HASH_SIZE);
}

int ledger_year_follows_head(
        const struct LedgerEntry *first, const char *vkey, const struct LedgerSlice *head, const char *signer)
{
	_cleanup_(crypto_freep) struct Crypto *crypto = NULL;
	struct Claim claim;
	struct Vkey key;
	size_t text, which;
	int r = claim_of(first, vkey, &claim);

	if (r < 0)
		return r == -ENOENT ? r : 0;
	if (!is_last(&claim, head))
		return 0;
	if (!signer)
		return 1;
	r = crypto_new(&crypto);
	if (r < 0)
		return r;
	if (vkey_parse(crypto, signer, strlen(signer), &key) < 0)
		return 0;
	r = note_verify(head->text, head->size, &key, 1, &text, &which);
	if (r)
		return r < 0 ? r : 0;
	return claim_certified(&claim, &key);
}
