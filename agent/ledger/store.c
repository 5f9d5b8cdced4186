/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include "file.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define KEPT     UINT64_C(262144) /* about a thousand records */
#define STEP     UINT64_C(262144) /* by how much room grows beyond that */
#define RESERVED 65536

#define CHECKPOINT_NEW STORE_CHECKPOINT ".new"

int store_open(struct Store *s, int terminal_dir, const char *year)
{
	struct stat st;

	s->dir = openat(terminal_dir, year, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (s->dir < 0)
		return -errno;
	s->records = openat(s->dir, STORE_RECORDS, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (s->records < 0)
		return -errno;
	s->reserve =
	        !fstatat(s->dir, STORE_RESERVE, &st, AT_SYMLINK_NOFOLLOW) && st.st_blocks >= RESERVED / 512;
	return 0;
}

void store_close(struct Store *s)
{
	s->records = fd_close(s->records);
	s->dir = fd_close(s->dir);
}

bool store_is_full(int error)
{
	return error == ENOSPC || error == EDQUOT;
}

/* From byte `from` up to `upto`: 0, STORE_FULL, or -errno. A file system that cannot do it says so once. */
static int blocks_keep(struct Store *s, int fd, int mode, uint64_t from, uint64_t upto)
{
	int r;

	do
		r = fallocate(fd, mode, (off_t)from, (off_t)(upto - from));
	while (r && errno == EINTR);
	if (!r)
		return 0;
	if (store_is_full(errno))
		return STORE_FULL;
	if (errno != EOPNOTSUPP && errno != ENOSYS)
		return -errno;
	s->no_fallocate = true;
	return 0;
}

/* Room for `upto` bytes: 0, STORE_FULL, or -errno. Not asked for from the first on: a file system may look at all of the file
   for that. */
static int room_make(struct Store *s, uint64_t upto)
{
	int r;

	if (s->no_fallocate || upto <= s->room)
		return 0;
	r = blocks_keep(s, s->records, FALLOC_FL_KEEP_SIZE, s->size, upto + STEP);
	if (!r)
		s->room = upto + STEP;
	if (r != STORE_FULL)
		return r;
	r = blocks_keep(s, s->records, FALLOC_FL_KEEP_SIZE, s->size, upto);
	if (!r)
		s->room = upto;
	return r;
}

static int reserve_make(struct Store *s)
{
	_cleanup_fd_ int fd = -1;
	int r;

	if (s->reserve || s->no_fallocate)
		return 0;
	fd = openat(s->dir, STORE_RESERVE, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return store_is_full(errno) ? STORE_FULL : -errno;
	r = blocks_keep(s, fd, 0, 0, RESERVED);
	if (r)
		return r;
	s->reserve = true;
	return 0;
}

/* Back to what is durable, and durably so: what was answered "not written" must not be found later. */
static int append_undo(struct Store *s)
{
	if (ftruncate(s->records, (off_t)s->size) || fdatasync(s->records))
		return -errno;
	s->room = 0; /* truncation gives the room back too */
	return STORE_FULL;
}

static int tree_add_lines(struct Store *s, const char *lines, size_t n)
{
	const char *end = lines + n;

	while (lines < end) {
		const char *newline = memchr(lines, '\n', (size_t)(end - lines));
		uint8_t leaf[HASH_SIZE];
		int r;

		if (!newline)
			return -EINVAL;
		r = crypto_leaf(s->seal->crypto, lines, (size_t)(newline - lines), leaf);
		if (r >= 0)
			r = tree_add(&s->tree, s->seal->crypto, leaf);
		if (r < 0)
			return r;
		lines = newline + 1;
	}
	return 0;
}

int store_append(struct Store *s, const char *lines, size_t n, bool act)
{
	int r = act ? reserve_make(s) : 0;

	if (!r)
		r = room_make(s, s->size + n + (act ? KEPT : 0));
	if (r)
		return r;
	r = file_write_all(s->records, lines, n);
	if (r < 0 && store_is_full(-r))
		return append_undo(s);
	if (r < 0)
		return r;
	if (fdatasync(s->records))
		return -errno;
	s->size += n;
	return tree_add_lines(s, lines, n);
}

int store_certify(const struct Store *s, CertifyFormat format, const char *vkey, struct Checkpoint *ret,
        char ret_signature[static STORE_SIGNATURE])
{
	uint8_t signature[SIGNATURE_SIZE];
	char text[REKEY_TEXT];
	ssize_t n;
	int r;

	*ret = (struct Checkpoint){.size = s->tree.size};
	r = tree_root(&s->tree, s->seal->crypto, ret->root);
	if (r >= 0)
		r = STR_SET(ret->origin, s->seal->ledger_vkey.name);
	n = r < 0 ? r : format(ret, vkey, text, sizeof(text));
	r = n < 0 ? (int)n : seal_rekey(s->seal, text, (size_t)n, signature);
	if (r >= 0)
		base64_encode(signature, sizeof(signature), ret_signature);
	return r;
}

/* Temporary file, rename, directory. Only what failed before any sync may be tried again. */
static int checkpoint_replace(struct Store *s, const char *text, size_t n)
{
	_cleanup_fd_ int fd = -1;
	int r;

	fd = openat(s->dir, CHECKPOINT_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return store_is_full(errno) ? STORE_FULL : -errno;
	r = file_write_all(fd, text, n);
	if (r < 0)
		return store_is_full(-r) ? STORE_FULL : r;
	if (fdatasync(fd))
		return -errno;
	if (renameat(s->dir, CHECKPOINT_NEW, s->dir, STORE_CHECKPOINT))
		return store_is_full(errno) ? STORE_FULL : -errno;
	return fsync(s->dir) ? -errno : 0;
}

int store_checkpoint(struct Store *s)
{
	char text[SEAL_CHECKPOINT];
	size_t n;
	int r;

	r = seal_checkpoint(s->seal, &s->tree, text, &n);
	if (r < 0)
		return r;
	r = checkpoint_replace(s, text, n);
	if (r == STORE_FULL && s->reserve) {
		s->reserve = false;
		if (unlinkat(s->dir, STORE_RESERVE, 0))
			return -errno;
		r = checkpoint_replace(s, text, n);
	}
	if (!r)
		s->covered = s->tree.size;
	return r;
}
