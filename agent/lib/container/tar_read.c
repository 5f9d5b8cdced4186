/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a stream of members. A header is taken apart loosely, made anew by tar_header and compared: so
 * whatever was misread, or is not as we write it (links, devices, absolute names, odd numbers), differs.
 *
 * SHA256SUMS has its lines in the order of the members, so it need not be kept: the digest of the lines
 * as they should be must be that of the lines there.
 */
#include "crypto.h"
#include "fault.h"
#include "part.h"
#include "sums.h"
#include "tar.h"
#include "tar_header.h"

struct TarReader {
	struct TarSource source;
	struct TarSink sink;
	const char *copy;
	const uint8_t *bytes; /* of the source's present piece */
	size_t n;
	struct CryptoDigest *content, *lines;
	struct TarTally tally;
	bool summed; /* SHA256SUMS is behind us */
	char name[LIMIT_FILE_NAME];
	size_t raw_size;
	uint8_t raw[TAR_HEADER]; /* the present member's header blocks */
};

/* Some unread bytes, at most n: *ret_size 0 at the end. */
static int some(struct TarReader *t, size_t n, const uint8_t **ret, size_t *ret_size)
{
	if (t->n == 0) {
		const void *p;
		int r = t->source.read(t->source.owner, &p, &t->n);

		if (r)
			return r;
		t->bytes = p;
	}
	*ret = t->bytes;
	*ret_size = MIN(n, t->n);
	if (*ret_size == 0)
		return 0;
	t->bytes += *ret_size;
	t->n -= *ret_size;
	return 0;
}

static int exactly(struct TarReader *t, uint8_t *ret, size_t n)
{
	while (n > 0) {
		const uint8_t *p;
		size_t got;
		int r = some(t, n, &p, &got);

		if (r)
			return r;
		if (got == 0)
			return FAULT_INCOMPLETE;
		memcpy(ret, p, got);
		ret += got;
		n -= got;
	}
	return 0;
}

static bool is_zero(const uint8_t *p, size_t n)
{
	for (; n > 0; n--)
		if (*p++)
			return false;
	return true;
}

/* ---- headers */

static uint64_t octal_read(const char *field, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		value = value << 3 | (uint64_t)(field[i] - '0');
	return value;
}

/* One extended record at p: its length, 0 when it is none. */
static size_t record_take(struct TarReader *t, const char *p, size_t n, struct TarMember *m)
{
	size_t length = 0, at = 0, value;

	for (; at < n && at < 5 && p[at] >= '0' && p[at] <= '9'; at++)
		length = 10 * length + (size_t)(p[at] - '0');
	if (length <= at + 2 || length > n || p[at] != ' ' || p[length - 1] != '\n')
		return 0;
	at++;
	value = length - 1;
	if (value - at > 5 && memcmp(p + at, "path=", 5) == 0) {
		at += 5;
		if (value - at >= sizeof(t->name))
			return 0;
		memcpy(t->name, p + at, value - at);
		t->name[value - at] = 0;
	} else if (value - at > 5 && memcmp(p + at, "size=", 5) == 0) {
		m->size = 0;
		for (at += 5; at < value && at < length; at++)
			m->size = 10 * m->size + (uint64_t)(p[at] - '0');
	}
	return length;
}

/* The extended header's records, behind its block. */
static int records_read(struct TarReader *t, uint64_t size, struct TarMember *m)
{
	size_t padded = (size_t)size + tar_padding(size);
	size_t at = TAR_BLOCK;
	int r;

	if (size == 0 || size > sizeof(t->raw) - 3 * TAR_BLOCK)
		return FAULT_DAMAGED;
	r = exactly(t, t->raw + TAR_BLOCK, padded);
	if (r)
		return r;
	while (at < TAR_BLOCK + size) {
		size_t n = record_take(t, (const char *)t->raw + at, TAR_BLOCK + (size_t)size - at, m);

		if (n == 0)
			return FAULT_DAMAGED;
		at += n;
	}
	t->raw_size = TAR_BLOCK + padded + TAR_BLOCK;
	return exactly(t, t->raw + TAR_BLOCK + padded, TAR_BLOCK);
}

/* The next member, or *ret_end: two zero blocks and the end of the source. */
static int header_read(struct TarReader *t, struct TarMember *m, bool *ret_end)
{
	uint8_t again[TAR_HEADER];
	struct TarBlock b;
	bool sized = false;
	int r = exactly(t, t->raw, TAR_BLOCK);

	if (r)
		return r;
	*ret_end = is_zero(t->raw, TAR_BLOCK);
	if (*ret_end)
		return 0;
	*m = (struct TarMember){.name = t->name};
	t->name[0] = 0;
	t->raw_size = TAR_BLOCK;
	memcpy(&b, t->raw, sizeof(b));
	if (b.type == 'x') {
		r = records_read(t, octal_read(b.size, sizeof(b.size)), m);
		if (r)
			return r;
		memcpy(&b, t->raw + t->raw_size - TAR_BLOCK, sizeof(b));
		sized = m->size > 0;
	}
	if (!t->name[0])
		memcpy(t->name, b.name, sizeof(b.name)), t->name[sizeof(b.name)] = 0;
	if (!sized)
		m->size = octal_read(b.size, sizeof(b.size));
	m->mtime = (int64_t)octal_read(b.mtime, sizeof(b.mtime));
	m->mode = (mode_t)octal_read(b.mode, sizeof(b.mode)) & 0777;
	if (m->size > INT64_MAX || tar_header(m, again, sizeof(again)) != (ssize_t)t->raw_size ||
	        memcmp(again, t->raw, t->raw_size) != 0)
		return FAULT_DAMAGED;
	return 0;
}

/* ---- members */

/* Passes on the content and its padding. */
static int content_read(struct TarReader *t, uint64_t size, const struct TarSink *sink)
{
	uint8_t padding[TAR_BLOCK];
	uint64_t left = size;
	int r = crypto_digest_start(t->content);

	while (left > 0 && r == 0) {
		const uint8_t *p;
		size_t n;

		r = some(t, (size_t)MIN(left, (uint64_t)SIZE_MAX), &p, &n);
		if (r == 0 && n == 0)
			r = FAULT_INCOMPLETE;
		if (r == 0)
			r = crypto_digest_update(t->content, p, n);
		if (r == 0 && sink)
			r = sink->data(sink->owner, p, n);
		left -= n;
	}
	if (r == 0)
		r = exactly(t, padding, tar_padding(size));
	if (r)
		return r;
	return is_zero(padding, tar_padding(size)) ? 0 : FAULT_DAMAGED;
}

static int member_read(struct TarReader *t, const struct TarMember *m, const struct TarSink *sink)
{
	uint8_t sha256[CRYPTO_DIGEST];
	char line[SUMS_LINE];
	int r = tar_name_check(m->name) ? FAULT_DAMAGED : 0;

	if (r == 0 && sink)
		r = sink->begin(sink->owner, m);
	if (r == 0)
		r = content_read(t, m->size, sink);
	if (r == 0)
		r = crypto_digest_end(t->content, sha256);
	if (r == 0)
		r = crypto_digest_update(t->lines, line, sums_line(m->name, sha256, line));
	if (r == 0 && sink)
		r = sink->end(sink->owner, sha256);
	t->tally.files++;
	t->tally.bytes += m->size;
	return r;
}

/* SHA256SUMS: the first line by its bytes, the others by their digest. */
static int sums_read(struct TarReader *t, const struct TarMember *m)
{
	uint8_t there[CRYPTO_DIGEST], wanted[CRYPTO_DIGEST], padding[TAR_BLOCK], got[SUMS_FIRST];
	char first[SUMS_FIRST];
	size_t n = sums_first(t->copy, t->tally.files, first);
	uint64_t left = m->size - n;
	int r = m->size < n ? FAULT_DAMAGED : exactly(t, got, n);

	if (r == 0 && memcmp(first, got, n) != 0)
		r = FAULT_DAMAGED;
	if (r == 0)
		r = crypto_digest_start(t->content);
	while (r == 0 && left > 0) {
		const uint8_t *p;
		size_t some_n;

		r = some(t, (size_t)left, &p, &some_n);
		if (r == 0 && some_n == 0)
			r = FAULT_INCOMPLETE;
		if (r == 0)
			r = crypto_digest_update(t->content, p, some_n);
		left -= some_n;
	}
	if (r == 0)
		r = crypto_digest_end(t->content, there);
	if (r == 0)
		r = crypto_digest_end(t->lines, wanted);
	if (r == 0)
		r = exactly(t, padding, tar_padding(m->size));
	if (r)
		return r;
	t->summed = true;
	return crypto_equal(there, wanted, sizeof(there)) && is_zero(padding, tar_padding(m->size))
	               ? 0
	               : FAULT_DAMAGED;
}

/* The second zero block and nothing more. */
static int end_read(struct TarReader *t)
{
	uint8_t block[TAR_BLOCK];
	const uint8_t *p;
	size_t n;
	int r = exactly(t, block, sizeof(block));

	if (r)
		return r;
	if (!is_zero(block, sizeof(block)))
		return FAULT_DAMAGED;
	r = some(t, 1, &p, &n);
	if (r)
		return r;
	if (n > 0)
		return FAULT_DAMAGED;
	return t->summed ? 0 : FAULT_INCOMPLETE;
}

static int stream_read(struct TarReader *t, const struct TarSink *sink)
{
	for (;;) {
		struct TarMember m;
		bool end;
		int r = header_read(t, &m, &end);

		if (r)
			return r;
		if (end)
			return end_read(t);
		if (t->summed)
			return FAULT_DAMAGED;
		r = strcmp(m.name, SUMS_NAME) == 0 ? sums_read(t, &m) : member_read(t, &m, sink);
		if (r)
			return r;
	}
}

static void reader_freep(struct TarReader **t)
{
	if (*t) {
		crypto_digest_freep(&(*t)->content);
		crypto_digest_freep(&(*t)->lines);
	}
	free(ptr_steal(t));
}

int tar_read(
        const struct TarSource *source, const char *copy, const struct TarSink *sink, struct TarTally *ret)
{
	_cleanup_(reader_freep) struct TarReader *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->source = *source;
	t->copy = copy;
	r = crypto_digest_new(&t->content);
	if (r == 0)
		r = crypto_digest_new(&t->lines);
	if (r == 0)
		r = crypto_digest_start(t->lines);
	if (r == 0)
		r = stream_read(t, sink);
	if (r)
		return r;
	*ret = t->tally;
	return 0;
}
