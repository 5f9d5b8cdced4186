/* SPDX-License-Identifier: Apache-2.0 */
/* A verifier key, an empty line, a note: neither may bring the reader down, and what is read must be
   written back as it was. */
#include "note.h"
#include "std.h"

static void try_vkey(struct Crypto *c, const char *text, size_t n, struct Vkey *ret)
{
	char back[LIMIT_VKEY];

	if (vkey_parse(c, text, n, ret) < 0)
		return;
	if (vkey_format(ret, back, sizeof(back)) < 0 || strlen(back) != n || memcmp(back, text, n))
		abort();
}

static void try_note(const char *note, size_t n, const struct Vkey *key)
{
	struct Checkpoint c;
	size_t text, again, signer;
	char back[1024];
	ssize_t k;

	if (note_split(note, n, &text))
		return;
	if (text >= n || note[text] != '\n' || note[text - 1] != '\n')
		abort();
	if (note_verify(note, n, key, 1, &again, &signer) == 0 && again != text)
		abort();
	if (checkpoint_parse(note, text, &c) < 0)
		return;
	k = checkpoint_format(&c, back, sizeof(back));
	if (k != (ssize_t)text || memcmp(back, note, text))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(crypto_freep) struct Crypto *crypto = NULL;
	_cleanup_free_ char *key = NULL, *note = NULL;
	const uint8_t *end = memmem(data, size, "\n\n", 2);
	struct Vkey v = {.name = "example.com/foo"};
	size_t n = end ? (size_t)(end - data) : size, rest = end ? size - n - 2 : 0;

	/* each in memory of exactly its size */
	key = malloc(n ? n : 1);
	note = malloc(rest ? rest : 1);
	if (!key || !note || crypto_new(&crypto) < 0)
		return 0;
	memcpy(key, data, n);
	if (rest)
		memcpy(note, end + 2, rest);
	try_vkey(crypto, key, n, &v);
	try_note(note, rest, &v);
	return 0;
}
