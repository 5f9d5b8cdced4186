/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An index as it lies on a disk, or (first byte 1) a body that a key of this terminal has signed: nothing may bring
 * the reader down, and what is read must be written back as it was.
 */
#include "base64.h"
#include "index.h"
#include "str.h"

#include <stdio.h>

#define NAME "city.example.jp/mediagate/t1/2026"

static struct Key *key_of(struct Crypto *c, char ret_vkey[static LIMIT_VKEY])
{
	static const uint8_t seed[SEED_SIZE] = {1};
	uint8_t public_key[HASH_SIZE];
	struct Vkey v;
	struct Key *key;

	if (key_new(seed, &key) < 0 || key_public(key, public_key) < 0 || vkey_make(c, NAME, public_key, &v) < 0 ||
	        vkey_format(&v, ret_vkey, LIMIT_VKEY) < 0)
		abort();
	return key;
}

/* The body under a good head. */
static char *sign(struct Crypto *c, const struct Key *key, const char *vkey, const uint8_t *body, size_t n, size_t *ret)
{
	char *bytes = malloc(n + 4096), text[BASE64_SIZE(SIGNATURE_SIZE)];
	uint8_t hash[HASH_SIZE], signature[SIGNATURE_SIZE];
	const struct Bytes piece = {body, n};
	int k;

	if (!bytes || crypto_hash(c, &piece, 1, hash) < 0)
		abort();
	base64_encode(hash, sizeof(hash), text);
	k = snprintf(bytes, 4096, INDEX_HEAD "%s\n%s\n%s\n%s\n", vkey, vkey, vkey, text);
	if (key_sign(key, bytes, (size_t)k, signature) < 0)
		abort();
	base64_encode(signature, sizeof(signature), text);
	k += snprintf(bytes + k, 4096 - (size_t)k, "%s\n", text);
	memcpy(bytes + k, body, n);
	*ret = (size_t)k + n;
	return bytes;
}

/* Lines and blocks are looked for in a file that is not the index's. */
static void use(const struct Index *x, struct Crypto *c)
{
	_cleanup_(block_lines_done) struct BlockLines lines = BLOCK_LINES_NULL;
	FILE *file = tmpfile();
	char line[LIMIT_LINE + 1];

	if (!file)
		abort();
	for (int i = 0; i < 300; i++)
		fprintf(file, "line %d\n", i);
	fflush(file);
	for (size_t i = 0; i < x->n_refs && i < 4; i++)
		if (index_line(x, &x->refs[i], fileno(file), c, line) == 0)
			abort();
	for (size_t i = 0; i < x->blocks.n && i < 4; i++)
		(void)!block_lines_load(&lines, &x->blocks, i, fileno(file), c);
	fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(crypto_freep) struct Crypto *c = NULL;
	_cleanup_(key_freep) struct Key *key = NULL;
	_cleanup_free_ char *bytes = NULL, *exact = NULL, *back = NULL;
	char vkey[LIMIT_VKEY];
	struct Index x;
	size_t n, m;

	if (!size || crypto_new(&c) < 0)
		return 0;
	key = key_of(c, vkey);
	bytes = data[0] == 1 ? sign(c, key, vkey, data + 1, size - 1, &n) : NULL;
	if (!bytes)
		n = size - 1;
	exact = malloc(n ? n : 1);
	if (!exact)
		return 0;
	memcpy(exact, bytes ? bytes : (const char *)data + 1, n);
	if (index_read(exact, n, c, &x) == 0) {
		use(&x, c);
		if (str_eq(x.signer, vkey) && index_write(&x, c, key, &back, &m) == 0 && (m != n || memcmp(back, exact, n)))
			abort();
	}
	index_done(&x);
	return 0;
}
