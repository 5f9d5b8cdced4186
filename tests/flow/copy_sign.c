/* SPDX-License-Identifier: Apache-2.0 */
/* The scripted ledger's pen: signs what the test gives it with a key that is no secret. */
#include "copy_rig.h"
#include "note.h"

static const char signer[] = "example.org/mediagate/T1/label";
static const uint8_t seed[SEED_SIZE] = {1, 2, 3};

static struct Key *key_and_vkey(struct Vkey *ret)
{
	struct Crypto *c = NULL;
	struct Key *key = NULL;
	uint8_t public_key[HASH_SIZE];

	if (crypto_new(&c) || key_new(seed, &key) || key_public(key, public_key) ||
	        vkey_make(c, signer, public_key, ret))
		abort();
	crypto_freep(&c);
	return key;
}

char *rig_sign(const char *text)
{
	struct Vkey vkey;
	struct Key *key = key_and_vkey(&vkey);
	size_t n = strlen(text);
	char *note = malloc(n + NOTE_LINE_SIZE + 1);

	if (!note)
		abort();
	memcpy(note, text, n);
	if (note_signature(&vkey, key, text, n, note + n, NOTE_LINE_SIZE + 1) < 0)
		abort();
	key_freep(&key);
	return note;
}

void rig_vkey(char ret[static LIMIT_VKEY])
{
	struct Vkey vkey;
	struct Key *key = key_and_vkey(&vkey);

	if (vkey_format(&vkey, ret, LIMIT_VKEY) < 0)
		abort();
	key_freep(&key);
}
