/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_heads.h"

#include "dir.h"
#include "file.h"
#include "note.h"
#include "receipt.h"
#include "str.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#define HEADS     "heads"
#define HEAD_NAME (4 + sizeof(".note") - 1)
#define HEAD_MOST RECEIPT_MOST

static bool is_head(const char *name)
{
	return strlen(name) == HEAD_NAME && strspn(name, "0123456789") == 4 && str_eq(name + 4, ".note");
}

struct Heads {
	int from, to;
	const char *folder, *year;
	const struct LedgerFiles *files;
	bool own;
	char bytes[HEAD_MOST + 1], other[HEAD_MOST + 1];
};

/* Whether the note `a` is `b` with more signatures behind it, or none. */
static bool extends(const char *a, size_t n, const char *b, size_t m)
{
	size_t text;

	return m <= n && !memcmp(a, b, m) &&
	       (m == n || (!note_split(a, n, &text) && !note_split(b, m, &text)));
}

/* What a console signed of the same checkpoint goes with it; the head's size then. */
static size_t cosigned_take(struct Heads *h, const char *name, size_t n)
{
	const char *year = strrchr(h->folder, '/');
	char path[PATH_MAX];
	ssize_t m;

	if (!h->own || !year ||
	        snprintf(path, sizeof(path), "%.*s/%.4s", (int)(year - h->folder), h->folder, name) >=
	                PATH_MAX)
		return n;
	m = receipt_read(RECEIPT_ROOT, path, h->other);
	if (m < 0 || !extends(h->other, (size_t)m, h->bytes, n))
		return n;
	memcpy(h->bytes, h->other, (size_t)m);
	return (size_t)m;
}

/* One that is there already must be the same: two last checkpoints of one year contradict each other. */
static int head_copy(struct Heads *h, const char *name)
{
	ssize_t n = file_read_at(h->from, name, h->bytes, HEAD_MOST), m;
	const struct LedgerFiles *files = h->files;
	size_t size;

	if (n < 0)
		return (int)n;
	if (!strncmp(name, h->year, 4) &&
	        (!files->checkpoint ||
	                !extends(h->bytes, (size_t)n, files->checkpoint, files->checkpoint_size)))
		return -EBADMSG;
	size = cosigned_take(h, name, (size_t)n);
	m = file_read_at(h->to, name, h->other, HEAD_MOST);
	if (m < 0 && m != -ENOENT)
		return (int)m;
	if (m >= 0 && extends(h->other, (size_t)m, h->bytes, size))
		return 0;
	if (m >= 0 && !extends(h->bytes, size, h->other, (size_t)m))
		return -ESTALE;
	return file_replace_at(h->to, name, h->bytes, size, 0640);
}

static int heads_open(struct Heads *h, int terminal)
{
	_cleanup_fd_ int year = open(h->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	h->from = openat(year, "../" HEADS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (year < 0 || h->from < 0)
		return -errno;
	if (mkdirat(terminal, HEADS, 0750) && errno != EEXIST)
		return -errno;
	h->to = openat(terminal, HEADS, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return h->to < 0 || fsync(terminal) ? -errno : 0;
}

static int heads_walk(struct Heads *h)
{
	_cleanup_dir_ DIR *all = dir_open_at(h->from, ".");
	int r = 0;

	if (!all)
		return -errno;
	for (const struct dirent *e = readdir(all); e && !r; e = readdir(all))
		if (is_head(e->d_name))
			r = head_copy(h, e->d_name);
	return r;
}

int ledger_heads_copy(const struct HeadsCopy *c, int to)
{
	_cleanup_free_ struct Heads *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return -ENOMEM;
	*h = (struct Heads){
	        .from = -1, .to = -1, .folder = c->folder, .year = c->year, .files = c->files, .own = c->own};
	r = heads_open(h, to);
	if (!r)
		r = heads_walk(h);
	fd_close(h->from);
	fd_close(h->to);
	/* a first year has none yet, and neither has a copy of one year */
	return r == -ENOENT ? 0 : r;
}
