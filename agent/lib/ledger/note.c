/* SPDX-License-Identifier: Apache-2.0 */
#include "note.h"

#include "hex.h"
#include "str.h"

#include <stdio.h>

#define EM_DASH "\xe2\x80\x94 "
#define ED25519 0x01

int vkey_make(struct Crypto *c, const char *name, const uint8_t key[static HASH_SIZE], struct Vkey *ret)
{
	const uint8_t tail[] = {'\n', ED25519};
	const struct Bytes pieces[] = {{name, strlen(name)}, {tail, sizeof(tail)}, {key, HASH_SIZE}};
	uint8_t hash[HASH_SIZE];
	int r;

	if (!name[0] || strpbrk(name, " +\t") || !str_is_line(name, strlen(name)))
		return -EINVAL;
	*ret = (struct Vkey){};
	r = str_set(ret->name, sizeof(ret->name), name);
	if (r >= 0)
		r = crypto_hash(c, pieces, ARRAY_SIZE(pieces), hash);
	if (r < 0)
		return r;
	memcpy(ret->id, hash, sizeof(ret->id));
	memcpy(ret->key, key, HASH_SIZE);
	return 0;
}

int vkey_format(const struct Vkey *v, char *ret, size_t size)
{
	uint8_t bytes[1 + HASH_SIZE] = {ED25519};
	char id[9], text[BASE64_SIZE(sizeof(bytes))];

	memcpy(bytes + 1, v->key, HASH_SIZE);
	hex_encode(v->id, sizeof(v->id), id);
	base64_encode(bytes, sizeof(bytes), text);
	return snprintf(ret, size, "%s+%s+%s", v->name, id, text) < (int)size ? 0 : -E2BIG;
}

int vkey_parse(struct Crypto *c, const char *text, size_t n, struct Vkey *ret)
{
	const char *first = memchr(text, '+', n), *second;
	uint8_t bytes[1 + HASH_SIZE], id[4];
	char name[LIMIT_VKEY];
	struct Vkey v;

	if (!first || !(second = memchr(first + 1, '+', n - (size_t)(first + 1 - text))))
		return -EINVAL;
	if (str_set_n(name, sizeof(name), text, (size_t)(first - text)) < 0 ||
		hex_decode(first + 1, (size_t)(second - first - 1), id, sizeof(id)) < 0)
		return -EINVAL;
	if (base64_decode(second + 1, n - (size_t)(second + 1 - text), bytes, sizeof(bytes)) != sizeof(bytes) ||
		bytes[0] != ED25519)
		return -EINVAL;
	if (vkey_make(c, name, bytes + 1, &v) < 0 || memcmp(v.id, id, sizeof(id)))
		return -EINVAL;
	*ret = v;
	return 0;
}

ssize_t note_signature(const struct Vkey *v, const struct Key *k, const void *text, size_t n, char *ret, size_t size)
{
	uint8_t bytes[4 + SIGNATURE_SIZE];
	char encoded[BASE64_SIZE(sizeof(bytes))];
	int r;

	memcpy(bytes, v->id, 4);
	r = key_sign(k, text, n, bytes + 4);
	if (r < 0)
		return r;
	base64_encode(bytes, sizeof(bytes), encoded);
	r = snprintf(ret, size, "\n" EM_DASH "%s %s\n", v->name, encoded);
	return r < (int)size ? r : -E2BIG;
}

static bool text_allowed(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)text[i] < 0x20 && text[i] != '\n')
			return false;
	return str_is_utf8(text, n);
}

/* The last blank line: text ends after its first newline, signatures begin after its second. */
static size_t split(const char *note, size_t n)
{
	for (size_t i = n; i >= 2; i--)
		if (note[i - 1] == '\n' && note[i - 2] == '\n')
			return i - 1;
	return 0;
}

struct SignatureLine {
	const char *name;
	size_t name_size;
	uint8_t bytes[512];
	size_t size;
};

static int read_line(const char *line, size_t n, struct SignatureLine *ret)
{
	const size_t dash = sizeof(EM_DASH) - 1;
	const char *space;
	ssize_t size;

	if (n < dash || memcmp(line, EM_DASH, dash))
		return -EINVAL;
	ret->name = line + dash;
	space = memchr(ret->name, ' ', n - dash);
	if (!space || space == ret->name)
		return -EINVAL;
	ret->name_size = (size_t)(space - ret->name);
	if (memchr(ret->name, '+', ret->name_size))
		return -EINVAL;
	size = base64_decode(space + 1, n - dash - ret->name_size - 1, ret->bytes, sizeof(ret->bytes));
	if (size == -E2BIG)
		size = 5; /* a longer kind of signature: nobody we know */
	if (size < 5)
		return -EINVAL;
	ret->size = (size_t)size;
	return 0;
}

static bool is_of(const struct SignatureLine *s, const struct Vkey *v)
{
	return strlen(v->name) == s->name_size && !memcmp(v->name, s->name, s->name_size) &&
		!memcmp(v->id, s->bytes, sizeof(v->id));
}

int note_verify(const char *note, size_t n, const struct Vkey *keys, size_t n_keys, size_t *ret_text, size_t *ret_key)
{
	size_t text, at, lines = 0, signer = SIZE_MAX;

	if (!n || note[n - 1] != '\n' || !text_allowed(note, n))
		return NOTE_MALFORMED;
	text = split(note, n);
	if (!text)
		return NOTE_MALFORMED;
	for (at = text + 1; at < n; lines++) {
		const char *end = memchr(note + at, '\n', n - at);
		struct SignatureLine s;

		if (lines == NOTE_SIGNATURES || read_line(note + at, (size_t)(end - note) - at, &s) < 0)
			return NOTE_MALFORMED;
		for (size_t i = 0; i < n_keys; i++) {
			int r;

			if (!is_of(&s, &keys[i]))
				continue;
			r = s.size == 4 + SIGNATURE_SIZE ? signature_verify(keys[i].key, note, text, s.bytes + 4) : 0;
			if (r < 0)
				return r;
			if (!r)
				return NOTE_FORGED;
			signer = MIN(signer, i);
		}
		at = (size_t)(end - note) + 1;
	}
	if (!lines)
		return NOTE_MALFORMED;
	if (signer == SIZE_MAX)
		return NOTE_UNSIGNED;
	*ret_text = text;
	*ret_key = signer;
	return 0;
}

ssize_t checkpoint_format(const struct Checkpoint *c, char *ret, size_t size)
{
	char root[BASE64_SIZE(HASH_SIZE)];
	int n;

	base64_encode(c->root, HASH_SIZE, root);
	n = snprintf(ret, size, "%s\n%llu\n%s\n", c->origin, (unsigned long long)c->size, root);
	return n < (int)size ? n : -E2BIG;
}

int checkpoint_parse(const char *text, size_t n, struct Checkpoint *ret)
{
	const char *lines[4] = {text};
	struct Checkpoint c = {};
	uint64_t size = 0;

	for (size_t i = 0; i < 3; i++) {
		const char *end = memchr(lines[i], '\n', n - (size_t)(lines[i] - text));

		if (!end)
			return -EINVAL;
		lines[i + 1] = end + 1;
	}
	if (lines[3] != text + n || str_set_n(c.origin, sizeof(c.origin), text, (size_t)(lines[1] - text - 1)) < 0 ||
		!c.origin[0])
		return -EINVAL;
	if (lines[2] - lines[1] > 20 || (lines[1][0] == '0' && lines[1][1] != '\n'))
		return -EINVAL;
	for (const char *p = lines[1]; p < lines[2] - 1; p++) {
		if (*p < '0' || *p > '9')
			return -EINVAL;
		size = size * 10 + (uint64_t)(*p - '0');
	}
	if (lines[2] - lines[1] < 2)
		return -EINVAL;
	c.size = size;
	if (base64_decode(lines[2], (size_t)(lines[3] - lines[2] - 1), c.root, HASH_SIZE) != HASH_SIZE)
		return -EINVAL;
	*ret = c;
	return 0;
}
