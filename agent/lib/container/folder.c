/* SPDX-License-Identifier: Apache-2.0 */
/* A copy's folder by its names, its note and its digests: what can be said without a key. */
#include "folder.h"
#include "dir.h"
#include "hex.h"
#include "str.h"
#include "unseal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define DIGEST_TEXT (2 * CRYPTO_DIGEST)

static void seen_add(uint8_t *seen, uint32_t index)
{
	seen[index / 8] |= (uint8_t)(1u << index % 8);
}

/* One more name of the folder. */
static int look_at(const char *name, const char *copy, struct PartName *first, uint8_t *seen, uint32_t *n)
{
	struct PartName p;

	if (part_name_parse(name, &p))
		return 0; /* not a part: desktop.ini and the like are nobody's business */
	if (copy && !str_eq(p.copy, copy))
		return FAULT_DAMAGED;
	if (*n > 0 && (!str_eq(p.copy, first->copy) || p.count != first->count))
		return FAULT_DAMAGED;
	*first = p;
	if (!(seen[p.index / 8] & 1u << p.index % 8))
		(*n)++;
	seen_add(seen, p.index);
	return 0;
}

int folder_look(int dir, const char *copy, struct Folder *ret)
{
	_cleanup_dir_ DIR *d = dir_open_at(dir, ".");
	uint8_t seen[PARTS_MAX / 8 + 1] = {};
	struct PartName first = {};
	uint32_t n = 0;

	if (!d)
		return -errno;
	for (;;) {
		struct dirent *e;
		int r;

		errno = 0;
		e = readdir(d);
		if (!e && errno)
			return -errno;
		if (!e)
			break;
		r = look_at(e->d_name, copy, &first, seen, &n);
		if (r)
			return r;
	}
	if (n == 0)
		return FAULT_NO_SUCH_COPY;
	if (n != first.count)
		return FAULT_INCOMPLETE;
	ret->parts = n;
	memcpy(ret->copy, first.copy, sizeof(ret->copy));
	return 0;
}

int folder_open(int dir, const char *name, int *ret)
{
	_cleanup_fd_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return FAULT_INCOMPLETE;
	if (fd < 0 && errno == ELOOP)
		return FAULT_DAMAGED;
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return FAULT_DAMAGED;
	*ret = fd_steal(&fd);
	return 0;
}

/* ---- the note */

/* The file of the i-th line, from 1; after the parts comes OPEN.txt. */
void folder_file(const struct Folder *f, uint32_t i, char ret[static PART_NAME])
{
	struct PartName p = {.index = i, .count = f->parts};

	if (i > f->parts) {
		memcpy(ret, OPEN_NAME, sizeof(OPEN_NAME));
		return;
	}
	memcpy(p.copy, f->copy, sizeof(p.copy));
	part_name(&p, ret);
}

/* All lines of parts are of one length. */
static size_t line_at(const struct Folder *f, uint32_t i)
{
	char name[PART_NAME];

	folder_file(f, 1, name);
	return strlen(NOTE_HEAD) + strlen(f->copy) + 1 + (i - 1) * (DIGEST_TEXT + 2 + strlen(name) + 1);
}

void note_digest(const struct Folder *f, const char *text, uint32_t i, uint8_t ret[static CRYPTO_DIGEST])
{
	/* note_check has seen it; digits that are none would give a digest that nothing has */
	if (hex_decode(text + line_at(f, i), DIGEST_TEXT, ret, CRYPTO_DIGEST))
		memset(ret, 0, CRYPTO_DIGEST);
}

static bool line_check(const struct Folder *f, const char *text, uint32_t i)
{
	const char *line = text + line_at(f, i);
	char name[PART_NAME];
	uint8_t digest[CRYPTO_DIGEST];

	folder_file(f, i, name);
	return hex_decode(line, DIGEST_TEXT, digest, sizeof(digest)) == 0 && line[DIGEST_TEXT] == ' ' &&
	       line[DIGEST_TEXT + 1] == ' ' && memcmp(line + DIGEST_TEXT + 2, name, strlen(name)) == 0 &&
	       line[DIGEST_TEXT + 2 + strlen(name)] == '\n';
}

int note_check(const struct Folder *f, const char *text, size_t size)
{
	char head[sizeof(NOTE_HEAD) + LIMIT_ID + 1];
	int n = snprintf(head, sizeof(head), NOTE_HEAD "%s\n", f->copy);

	if (f->parts == 0 || size != line_at(f, f->parts + 1) + DIGEST_TEXT + 2 + strlen(OPEN_NAME) + 1 ||
	        memcmp(text, head, (size_t)n) != 0)
		return FAULT_DAMAGED;
	for (uint32_t i = 1; i <= f->parts + 1; i++)
		if (!line_check(f, text, i))
			return FAULT_DAMAGED;
	return 0;
}

size_t note_text_size(const char *raw, size_t size)
{
	for (size_t n = size; n >= 2; n--)
		if (raw[n - 1] == '\n' && raw[n - 2] == '\n')
			return n - 1;
	return 0;
}

/* ---- digests */

int folder_digest(int fd, struct CryptoDigest *d, uint64_t *size)
{
	uint8_t buffer[8192];

	for (;;) {
		ssize_t n = cms_source_fd(&fd, buffer, sizeof(buffer));
		int r;

		if (n <= 0)
			return (int)n;
		r = crypto_digest_update(d, buffer, (size_t)n);
		if (r)
			return r;
		*size += (uint64_t)n;
	}
}

int folder_file_check(int dir, const struct Folder *f, const char *text, uint32_t i, uint64_t *size)
{
	_cleanup_(crypto_digest_freep) struct CryptoDigest *d = NULL;
	_cleanup_fd_ int fd = -1;
	uint8_t wanted[CRYPTO_DIGEST], there[CRYPTO_DIGEST];
	char name[PART_NAME];
	int r;

	folder_file(f, i, name);
	r = folder_open(dir, name, &fd);
	if (r == 0)
		r = crypto_digest_new(&d);
	if (r == 0)
		r = crypto_digest_start(d);
	if (r == 0)
		r = folder_digest(fd, d, size);
	if (r == 0)
		r = crypto_digest_end(d, there);
	if (r)
		return r;
	note_digest(f, text, i, wanted);
	return crypto_equal(there, wanted, sizeof(there)) ? 0 : FAULT_DAMAGED;
}

int folder_check(const struct SealedFolder *sealed, uint64_t *ret_bytes, struct UnsealWhere *where)
{
	const struct Folder *f = sealed->facts;
	uint64_t bytes = 0;
	int r;

	note_name(f->copy, where->name);
	r = note_check(f, sealed->text, sealed->size);
	for (uint32_t i = 1; r == 0 && i <= f->parts + 1; i++) {
		uint64_t one = 0;

		folder_file(f, i, where->name);
		r = folder_file_check(sealed->dir, f, sealed->text, i, &one);
		bytes += i <= f->parts ? one : 0;
	}
	if (r)
		return r;
	*ret_bytes = bytes;
	return 0;
}
