/* SPDX-License-Identifier: Apache-2.0 */
#include "cosign.h"

#include "base64.h"
#include "hex.h"
#include "str.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>

#define COSIGNATURE 0x04
#define EM_DASH     "\xe2\x80\x94 "

/* The key id has the type in it: SHA-256(name ‖ LF ‖ type ‖ key). */
int cosign_vkey_make(
        struct Crypto *c, const char *name, const uint8_t key[static HASH_SIZE], struct Vkey *ret)
{
	const uint8_t type = COSIGNATURE;
	const struct Bytes pieces[] = {{name, strlen(name)}, {"\n", 1}, {&type, 1}, {key, HASH_SIZE}};
	uint8_t hash[HASH_SIZE];
	int r = vkey_make(c, name, key, ret);

	if (r >= 0)
		r = crypto_hash(c, pieces, ARRAY_SIZE(pieces), hash);
	if (r >= 0)
		memcpy(ret->id, hash, sizeof(ret->id));
	return r;
}

int cosign_vkey_format(const struct Vkey *v, char *ret, size_t size)
{
	uint8_t bytes[1 + HASH_SIZE] = {COSIGNATURE};
	char id[2 * sizeof(v->id) + 1], encoded[BASE64_SIZE(sizeof(bytes))];

	memcpy(bytes + 1, v->key, HASH_SIZE);
	hex_encode(v->id, sizeof(v->id), id);
	base64_encode(bytes, sizeof(bytes), encoded);
	return snprintf(ret, size, "%s+%s+%s", v->name, id, encoded) < (int)size ? 0 : -E2BIG;
}

int cosign_vkey_parse(struct Crypto *c, const char *text, size_t n, struct Vkey *ret)
{
	const char *first = memchr(text, '+', n), *second;
	uint8_t bytes[1 + HASH_SIZE], id[4];
	char name[LIMIT_VKEY];
	struct Vkey v;
	int r;

	if (!first || !(second = memchr(first + 1, '+', n - (size_t)(first + 1 - text))))
		return -EINVAL;
	if (str_set_n(name, sizeof(name), text, (size_t)(first - text)) < 0 ||
	        hex_decode(first + 1, (size_t)(second - first - 1), id, sizeof(id)) < 0)
		return -EINVAL;
	if (base64_decode(second + 1, n - (size_t)(second + 1 - text), bytes, sizeof(bytes)) !=
	                sizeof(bytes) ||
	        bytes[0] != COSIGNATURE)
		return -EINVAL;
	r = cosign_vkey_make(c, name, bytes + 1, &v);
	if (r < 0)
		return r;
	if (memcmp(v.id, id, sizeof(id)))
		return -EINVAL;
	*ret = v;
	return 0;
}

static ssize_t message(const struct CosignText *t, uint64_t time, char *ret, size_t size)
{
	int r = snprintf(
	        ret, size, "cosignature/v1\ntime %" PRIu64 "\n%.*s", time, (int)MIN(t->n, size), t->text);

	return r < (int)size ? r : -E2BIG;
}

ssize_t cosign_write(
        const struct Vkey *v, const struct Key *k, const struct CosignText *t, char *ret, size_t size)
{
	char text[COSIGN_TEXT], encoded[BASE64_SIZE(COSIGN_BYTES)];
	uint8_t bytes[COSIGN_BYTES];
	const uint64_t time = htobe64(t->time);
	ssize_t n = message(t, t->time, text, sizeof(text));
	int r = n < 0 ? (int)n : key_sign(k, text, (size_t)n, bytes + 12);

	if (r < 0)
		return r;
	memcpy(bytes, v->id, sizeof(v->id));
	memcpy(bytes + 4, &time, sizeof(time));
	base64_encode(bytes, sizeof(bytes), encoded);
	r = snprintf(ret, size, EM_DASH "%s %s\n", v->name, encoded);
	return r < (int)size ? r : -E2BIG;
}

int cosign_verify(
        const struct Vkey *v, const struct CosignText *t, const char *line, size_t n, uint64_t *ret_time)
{
	const size_t dash = sizeof(EM_DASH) - 1, name = strlen(v->name), head = dash + name + 1;
	char text[COSIGN_TEXT];
	uint8_t bytes[COSIGN_BYTES];
	uint64_t time;
	ssize_t size;

	if (n <= head + 1 || memcmp(line, EM_DASH, dash) || memcmp(line + dash, v->name, name) ||
	        line[head - 1] != ' ' || line[n - 1] != '\n')
		return 0;
	if (base64_decode(line + head, n - head - 1, bytes, sizeof(bytes)) != sizeof(bytes) ||
	        memcmp(bytes, v->id, sizeof(v->id)))
		return 0;
	memcpy(&time, bytes + 4, sizeof(time));
	*ret_time = be64toh(time);
	size = message(t, *ret_time, text, sizeof(text));
	return size < 0 ? 0 : signature_verify(v->key, text, (size_t)size, bytes + 12);
}

int cosign_last(const char *note, size_t n, char *ret_name, size_t size, uint64_t *ret_time)
{
	const size_t dash = sizeof(EM_DASH) - 1;
	const char *line, *space;
	uint8_t bytes[COSIGN_BYTES];
	uint64_t time;
	size_t text;

	if (note_split(note, n, &text))
		return -EBADMSG;
	/* every line behind the text has the form: an em dash, a name, a space, base64 */
	line = (const char *)memrchr(note, '\n', n - 1) + 1;
	space = memchr(line + dash, ' ', (size_t)(note + n - line) - dash);
	if (!space || str_set_n(ret_name, size, line + dash, (size_t)(space - line) - dash) < 0 ||
	        base64_decode(space + 1, (size_t)(note + n - space) - 2, bytes, sizeof(bytes)) !=
	                (ssize_t)sizeof(bytes))
		return -EBADMSG;
	memcpy(&time, bytes + 4, sizeof(time));
	*ret_time = be64toh(time);
	return 0;
}
