/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers. A ustar block; before it, where it does not suffice, an extended header (typeflag x):
 *   path        a name longer than 100 bytes, or UTF-8 beyond ASCII
 *   hdrcharset  BINARY, when that name is not UTF-8
 *   size        8 GiB and more
 */
#include "tar.h"
#include "fault.h"
#include "part.h"
#include "str.h"
#include "tar_header.h"

#include <stdio.h>

#define SIZE_OCTAL (UINT64_C(1) << 33) /* eleven octal digits */

static_assert(sizeof(struct TarBlock) == TAR_BLOCK, "ustar");

int tar_name_check(const char *name)
{
	size_t n = strnlen(name, LIMIT_FILE_NAME);
	const char *p = name;

	if (n == LIMIT_FILE_NAME)
		return FAULT_NAME_TOO_LONG;
	if (strcmp(name, SUMS_NAME) == 0)
		return FAULT_NAME_TWICE;
	for (;;) {
		size_t part = strcspn(p, "/");

		if (part == 0 || (part == 1 && p[0] == '.') || (part == 2 && p[0] == '.' && p[1] == '.'))
			return FAULT_BAD_REQUEST;
		if (part > 255) /* no file system takes it */
			return FAULT_NAME_TOO_LONG;
		if (p[part] == 0)
			return 0;
		p += part + 1;
	}
}

static void octal(char *field, size_t size, uint64_t value)
{
	for (size_t i = size - 1; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
	field[size - 1] = 0;
}

static void block_close(struct TarBlock *b)
{
	const uint8_t *bytes = (const uint8_t *)b;
	uint32_t sum = 0;

	memcpy(b->magic, "ustar", 6);
	memcpy(b->version, "00", 2);
	octal(b->uid, sizeof(b->uid), 0);
	octal(b->gid, sizeof(b->gid), 0);
	octal(b->major, sizeof(b->major), 0);
	octal(b->minor, sizeof(b->minor), 0);
	memset(b->checksum, ' ', sizeof(b->checksum));
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += bytes[i];
	octal(b->checksum, sizeof(b->checksum) - 1, sum); /* six digits, NUL, space */
}

static bool is_ascii(const char *name)
{
	for (; *name; name++)
		if (*name & ~0x7f)
			return false;
	return true;
}

/* The name itself; beside an extended header, for readers that know none, its first 100 bytes as ASCII. */
static void name_put(char *field, size_t size, const char *name, bool plain)
{
	for (size_t i = 0; i < size && name[i]; i++)
		field[i] = plain && name[i] & ~0x7f ? '_' : name[i];
}

/* "<length> key=value\n", the length counting itself. */
static size_t record_put(uint8_t *p, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3; /* space, =, newline */
	size_t length = rest;

	for (size_t before = 0; before != length;) {
		before = length;
		length = rest + (size_t)snprintf(NULL, 0, "%zu", before);
	}
	return (size_t)sprintf((char *)p, "%zu %s=%s\n", length, key, value);
}

/* Bytes that are no UTF-8 have no meaning beyond themselves: they stay in the ustar block if they fit. */
static bool name_needs_record(const char *name)
{
	size_t n = strlen(name);

	return n > sizeof(((struct TarBlock *)0)->name) || (!is_ascii(name) && str_is_utf8(name, n));
}

static size_t records_put(uint8_t *p, const struct TarMember *m)
{
	char size[24];
	size_t n = 0;

	if (name_needs_record(m->name)) {
		if (!str_is_utf8(m->name, strlen(m->name)))
			n += record_put(p + n, "hdrcharset", "BINARY");
		n += record_put(p + n, "path", m->name);
	}
	if (m->size >= SIZE_OCTAL) {
		snprintf(size, sizeof(size), "%llu", (unsigned long long)m->size);
		n += record_put(p + n, "size", size);
	}
	return n;
}

ssize_t tar_header(const struct TarMember *m, uint8_t *ret, size_t size)
{
	uint8_t records[TAR_HEADER] = {};
	size_t n = records_put(records, m);
	size_t padded = n + tar_padding(n), at = 0;
	uint64_t mtime = (uint64_t)MIN(MAX(m->mtime, INT64_C(0)), (int64_t)SIZE_OCTAL - 1);

	if (size < (n > 0 ? TAR_BLOCK + padded : 0) + TAR_BLOCK)
		return -E2BIG;
	if (n > 0) {
		struct TarBlock x = {.type = 'x', .name = "PaxHeader"};

		octal(x.mode, sizeof(x.mode), 0600);
		octal(x.size, sizeof(x.size), n);
		octal(x.mtime, sizeof(x.mtime), mtime);
		block_close(&x);
		memcpy(ret, &x, TAR_BLOCK);
		memcpy(ret + TAR_BLOCK, records, padded);
		at = TAR_BLOCK + padded;
	}
	{
		struct TarBlock b = {.type = '0'};

		name_put(b.name, sizeof(b.name), m->name, name_needs_record(m->name));
		octal(b.mode, sizeof(b.mode), 0600 | (m->mode & 0044));
		octal(b.size, sizeof(b.size), m->size < SIZE_OCTAL ? m->size : 0);
		octal(b.mtime, sizeof(b.mtime), mtime);
		block_close(&b);
		memcpy(ret + at, &b, TAR_BLOCK);
	}
	return (ssize_t)(at + TAR_BLOCK);
}
