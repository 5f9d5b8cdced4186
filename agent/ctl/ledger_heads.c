/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_heads.h"

#include "dir.h"
#include "file.h"
#include "str.h"

#include <fcntl.h>
#include <sys/stat.h>

#define HEADS     "heads"
#define HEAD_NAME (4 + sizeof(".note") - 1)
#define HEAD_MOST 65536

static bool is_head(const char *name)
{
	return strlen(name) == HEAD_NAME && strspn(name, "0123456789") == 4 && str_eq(name + 4, ".note");
}

struct Heads {
	int from, to;
	const char *year;
	const struct LedgerFiles *files;
	char bytes[HEAD_MOST + 1], other[HEAD_MOST + 1];
};

/* One that is there already must be the same: two last checkpoints of one year contradict each other. */
static int head_copy(struct Heads *h, const char *name)
{
	ssize_t n = file_read_at(h->from, name, h->bytes, HEAD_MOST), m;

	if (n < 0)
		return (int)n;
	if (!strncmp(name, h->year, 4) && (!h->files->checkpoint || (size_t)n != h->files->checkpoint_size ||
	                                          memcmp(h->bytes, h->files->checkpoint, (size_t)n)))
		return -EBADMSG;
	m = file_read_at(h->to, name, h->other, HEAD_MOST);
	if (m == -ENOENT)
		return file_replace_at(h->to, name, h->bytes, (size_t)n, 0640);
	if (m < 0)
		return (int)m;
	return m == n && !memcmp(h->bytes, h->other, (size_t)n) ? 0 : -ESTALE;
}

static int heads_open(struct Heads *h, const char *folder, int terminal)
{
	_cleanup_fd_ int year = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

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

int ledger_heads_copy(const char *from, const char *year, const struct LedgerFiles *files, int to)
{
	_cleanup_free_ struct Heads *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return -ENOMEM;
	h->from = h->to = -1;
	h->year = year;
	h->files = files;
	r = heads_open(h, from, to);
	if (!r)
		r = heads_walk(h);
	fd_close(h->from);
	fd_close(h->to);
	/* a first year has none yet, and neither has a copy of one year */
	return r == -ENOENT ? 0 : r;
}
