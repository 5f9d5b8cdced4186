/* SPDX-License-Identifier: Apache-2.0 */
#include "cosign.h"

#include "base64.h"
#include "str.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>

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
	r = snprintf(ret, size, NOTE_DASH "%s %s\n", v->name, encoded);
	return r < (int)size ? r : -E2BIG;
}

int cosign_verify(
        const struct Vkey *v, const struct CosignText *t, const char *line, size_t n, uint64_t *ret_time)
{
	const size_t dash = sizeof(NOTE_DASH) - 1, name = strlen(v->name), head = dash + name + 1;
	char text[COSIGN_TEXT];
	uint8_t bytes[COSIGN_BYTES];
	uint64_t time;
	ssize_t size;

	if (n <= head + 1 || memcmp(line, NOTE_DASH, dash) || memcmp(line + dash, v->name, name) ||
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

int cosign_last(const char *note, size_t n, struct CosignLine *ret)
{
	const size_t dash = sizeof(NOTE_DASH) - 1;
	const char *line, *space;
	uint64_t time;
	size_t text;

	if (note_split(note, n, &text))
		return -EBADMSG;
	/* every line behind the text has the form: an em dash, a name, a space, base64 */
	line = (const char *)memrchr(note, '\n', n - 1) + 1;
	space = memchr(line + dash, ' ', (size_t)(note + n - line) - dash);
	if (!space ||
	        str_set_n(ret->name, sizeof(ret->name), line + dash, (size_t)(space - line) - dash) < 0 ||
	        base64_decode(space + 1, (size_t)(note + n - space) - 2, ret->bytes, sizeof(ret->bytes)) !=
	                (ssize_t)sizeof(ret->bytes))
		return -EBADMSG;
	memcpy(&time, ret->bytes + 4, sizeof(time));
	ret->time = be64toh(time);
	return 0;
}
