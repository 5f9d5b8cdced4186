/* SPDX-License-Identifier: Apache-2.0 */
#include "note.h"

#include "hex.h"
#include "str.h"

#include <stdio.h>

/* Not empty, no '+', no space of Unicode's, no control character. */
static bool is_name(const char *name, size_t n)
{
	static const char *const spaces[] = {" ", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
	        "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029",
	        "\u202f", "\u205f", "\u3000"};

	if (!n || memchr(name, '+', n) || !str_is_line(name, n))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(spaces); i++)
		if (memmem(name, n, spaces[i], strlen(spaces[i])))
			return false;
	return true;
}

int vkey_type_make(struct Crypto *c, enum VkeyType type, const char *name, const uint8_t key[static HASH_SIZE],
        struct Vkey *ret)
{
	const uint8_t tail[] = {'\n', (uint8_t)type};
	const struct Bytes pieces[] = {{name, strlen(name)}, {tail, sizeof(tail)}, {key, HASH_SIZE}};
	uint8_t hash[HASH_SIZE];
	int r;

	if (!is_name(name, strlen(name)))
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

int vkey_type_format(enum VkeyType type, const struct Vkey *v, char *ret, size_t size)
{
	uint8_t bytes[1 + HASH_SIZE] = {(uint8_t)type};
	char id[9], text[BASE64_SIZE(sizeof(bytes))];

	memcpy(bytes + 1, v->key, HASH_SIZE);
	hex_encode(v->id, sizeof(v->id), id);
	base64_encode(bytes, sizeof(bytes), text);
	return snprintf(ret, size, "%s+%s+%s", v->name, id, text) < (int)size ? 0 : -E2BIG;
}

int vkey_type_parse(struct Crypto *c, enum VkeyType type, const char *text, size_t n, struct Vkey *ret)
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
	if (base64_decode(second + 1, n - (size_t)(second + 1 - text), bytes, sizeof(bytes)) !=
	                sizeof(bytes) ||
	        bytes[0] != type)
		return -EINVAL;
	if (vkey_type_make(c, type, name, bytes + 1, &v) < 0 || memcmp(v.id, id, sizeof(id)))
		return -EINVAL;
	*ret = v;
	return 0;
}

ssize_t note_signature(
        const struct Vkey *v, const struct Key *k, const void *text, size_t n, char *ret, size_t size)
{
	uint8_t bytes[4 + SIGNATURE_SIZE];
	char encoded[BASE64_SIZE(sizeof(bytes))];
	int r;

	memcpy(bytes, v->id, 4);
	r = key_sign(k, text, n, bytes + 4);
	if (r < 0)
		return r;
	base64_encode(bytes, sizeof(bytes), encoded);
	r = snprintf(ret, size, "\n" NOTE_DASH "%s %s\n", v->name, encoded);
	return r < (int)size ? r : -E2BIG;
}

static bool text_allowed(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)text[i] < 0x20 && text[i] != '\n')
			return false;
	return str_is_utf8(text, n);
}

struct SignatureLine {
	const char *name;
	size_t name_size;
	uint8_t bytes[4 + SIGNATURE_SIZE];
	ssize_t size; /* -E2BIG: of a longer kind */
};

static int read_line(const char *line, size_t n, struct SignatureLine *ret)
{
	const size_t dash = sizeof(NOTE_DASH) - 1;
	const char *space;
	ssize_t size;

	if (n < dash || memcmp(line, NOTE_DASH, dash))
		return NOTE_MALFORMED;
	ret->name = line + dash;
	space = memchr(ret->name, ' ', n - dash);
	if (!space)
		return NOTE_MALFORMED;
	ret->name_size = (size_t)(space - ret->name);
	if (!is_name(ret->name, ret->name_size))
		return NOTE_MALFORMED;
	n -= dash + ret->name_size + 1;
	size = base64_decode(space + 1, n, NULL, SIZE_MAX);
	if (size < 5)
		return NOTE_MALFORMED;
	ret->size = base64_decode(space + 1, n, ret->bytes, sizeof(ret->bytes));
	return 0;
}

static bool is_of(const struct SignatureLine *s, const struct Vkey *v)
{
	return strlen(v->name) == s->name_size && !memcmp(v->name, s->name, s->name_size) &&
	       !memcmp(v->id, s->bytes, sizeof(v->id));
}

/* The next signature line at *at, or NOTE_MALFORMED. The note ends in a newline. */
static int next_line(const char *note, size_t n, size_t *at, struct SignatureLine *ret)
{
	const char *start = note + *at, *end = memchr(start, '\n', n - *at);

	if (!end)
		return NOTE_MALFORMED;
	*at = (size_t)(end - note) + 1;
	return read_line(start, (size_t)(end - start), ret);
}

int note_split(const char *note, size_t n, size_t *ret_text)
{
	struct SignatureLine s;
	size_t text, at, lines = 0;

	if (!n || note[n - 1] != '\n' || !text_allowed(note, n))
		return NOTE_MALFORMED;
	/* the last blank line: the text ends after its first newline, the signatures begin after its second
	 */
	for (text = n - 1; text > 0 && !(note[text - 1] == '\n' && note[text] == '\n'); text--)
		;
	if (!text)
		return NOTE_MALFORMED;
	for (at = text + 1; at < n; lines++)
		if (lines == NOTE_SIGNATURES || next_line(note, n, &at, &s))
			return NOTE_MALFORMED;
	if (!lines)
		return NOTE_MALFORMED;
	*ret_text = text;
	return 0;
}

/* 1: signed by it, 0: not its line, -EBADMSG: its line, and wrong. */
static int check_line(const struct SignatureLine *s, const struct Vkey *v, const char *text, size_t n)
{
	int r;

	if (!is_of(s, v))
		return 0;
	if (s->size != (ssize_t)sizeof(s->bytes))
		return -EBADMSG;
	r = signature_verify(v->key, text, n, s->bytes + sizeof(v->id));
	return r ? r : -EBADMSG;
}

int note_verify(
        const char *note, size_t n, const struct Vkey *keys, size_t n_keys, size_t *ret_text, size_t *ret_key)
{
	size_t text, signer = SIZE_MAX;
	int r = note_split(note, n, &text);

	if (r)
		return r;
	for (size_t at = text + 1; at < n;) {
		struct SignatureLine s;

		r = next_line(note, n, &at, &s);
		for (size_t i = 0; i < n_keys && !r; i++) {
			int signed_by = check_line(&s, &keys[i], note, text);

			if (signed_by < 0)
				r = signed_by == -EBADMSG ? NOTE_FORGED : signed_by;
			else if (signed_by)
				signer = MIN(signer, i);
		}
		if (r)
			return r;
	}
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

static ssize_t change_format(
        const char *head, const struct Checkpoint *c, const char *vkey, char *ret, size_t size)
{
	char checkpoint[LIMIT_VKEY + 128];
	ssize_t n = checkpoint_format(c, checkpoint, sizeof(checkpoint));
	int m;

	if (n < 0)
		return n;
	m = snprintf(ret, size, "%s\n%s%s\n", head, checkpoint, vkey);
	return m < (int)size ? m : -E2BIG;
}

ssize_t rekey_format(const struct Checkpoint *c, const char *vkey, char *ret, size_t size)
{
	return change_format("mediagate/rekey/v1", c, vkey, ret, size);
}

ssize_t year_format(const struct Checkpoint *c, const char *vkey, char *ret, size_t size)
{
	return change_format("mediagate/year/v1", c, vkey, ret, size);
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
	if (lines[3] != text + n ||
	        str_set_n(c.origin, sizeof(c.origin), text, (size_t)(lines[1] - text - 1)) < 0 ||
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
