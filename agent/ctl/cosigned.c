/* SPDX-License-Identifier: Apache-2.0 */
#include "cosigned.h"

#include "cosign.h"
#include "str.h"

static int64_t milliseconds(uint64_t seconds)
{
	return (int64_t)MIN(seconds, UINT64_C(1) << 40) * 1000;
}

static int key_read(struct Crypto *c, const char *vkey, struct Vkey *ret)
{
	return cosign_vkey_parse(c, vkey, strcspn(vkey, "\n"), ret);
}

bool cosigned_key_is(const char *vkey)
{
	_cleanup_(crypto_freep) struct Crypto *c = NULL;
	struct Vkey key;

	return crypto_new(&c) == 0 && key_read(c, vkey, &key) == 0;
}

static void held_look(const char *note, size_t n, const struct Vkey *key, struct Cosigned *ret)
{
	struct CosignText t = {.text = note};
	const char *line, *end = note + n, *newline;
	uint64_t seconds;

	if (note_split(note, n, &t.n))
		return;
	for (line = note + t.n + 1; line < end; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(end - line));
		if (!newline)
			return;
		if (cosign_verify(key, &t, line, (size_t)(newline + 1 - line), &seconds) != 1)
			continue;
		*ret = (struct Cosigned){.how = COSIGNED_HELD, .time = milliseconds(seconds)};
		STR_CUT(ret->by, key->name);
	}
}

void cosigned_look(const char *note, size_t n, const char *vkey, struct Cosigned *ret)
{
	_cleanup_(crypto_freep) struct Crypto *c = NULL;
	struct CosignLine last;
	struct Vkey key;

	if (vkey) {
		if (crypto_new(&c) == 0 && key_read(c, vkey, &key) == 0)
			held_look(note, n, &key, ret);
		return;
	}
	if (ret->how != COSIGNED_NO || cosign_last(note, n, &last) < 0)
		return;
	*ret = (struct Cosigned){.how = COSIGNED_SAID, .time = milliseconds(last.time)};
	STR_CUT(ret->by, last.name);
}
