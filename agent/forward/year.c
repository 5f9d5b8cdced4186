/* SPDX-License-Identifier: Apache-2.0 */
#include "year.h"

#include "clock.h"
#include "file.h"
#include "str.h"

#include <dirent.h>
#include <fcntl.h>

#define CHUNK (256 << 10)

void year_done(struct Year *y)
{
	y->records = fd_close(y->records);
}

int year_bytes(const struct Year *y, uint64_t size, uint64_t *ret)
{
	_cleanup_free_ char *bytes = malloc(CHUNK);
	uint64_t lines = 0, end = 0;

	*ret = 0;
	if (!bytes)
		return -ENOMEM;
	for (uint64_t at = 0; lines < size;) {
		ssize_t n = pread(y->records, bytes, CHUNK, (off_t)at);

		if (n <= 0) {
			*ret = end;
			return n < 0 ? -errno : 0;
		}
		for (const char *p = bytes; lines < size && (p = memchr(p, '\n', (size_t)(bytes + n - p)));
		        p++) {
			lines++;
			end = at + (uint64_t)(p - bytes) + 1;
		}
		at += (uint64_t)n;
	}
	*ret = end;
	return 0;
}

/* The checkpoint before the records: they may grow meanwhile, and are never cut. */
static int read_files(struct Year *y, int dir)
{
	ssize_t n = file_read_at(dir, "checkpoint", y->checkpoint, sizeof(y->checkpoint));

	if (n < 0)
		return (int)n;
	y->n_checkpoint = (size_t)n;
	if (ledger_seen_read(y->checkpoint, y->n_checkpoint, &y->seen) < 0 || !*y->seen.origin)
		return -EBADMSG;
	n = file_read_text_at(dir, "vkey", y->vkey, sizeof(y->vkey));
	if (n < 0 || !*y->vkey || !str_is_line(y->vkey, strlen(y->vkey)))
		return n < 0 && n != -E2BIG ? (int)n : -EBADMSG;
	y->records = openat(dir, "records.jsonl", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return y->records < 0 ? -errno : year_bytes(y, y->seen.size, &y->bytes);
}

static int folder_open(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

int year_open(struct Year *y, int ledgers, const char *terminal, const char *name)
{
	_cleanup_fd_ int above = folder_open(ledgers, terminal), dir = -1;

	*y = (struct Year)YEAR_NULL;
	if (STR_SET(y->terminal, terminal) < 0 || STR_SET(y->name, name) < 0)
		return -ENAMETOOLONG;
	dir = above < 0 ? above : folder_open(above, name);
	return dir < 0 ? dir : read_files(y, dir);
}

/* ------------------------------------------------------------------ which there are */

static int is_year(const struct dirent *e)
{
	return clock_year_read(e->d_name) != 0;
}

static int is_terminal(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static int terminal_each(int ledgers, const char *terminal, YearEach each, void *owner)
{
	struct dirent **names;
	int n = 0, r = 0;
	_cleanup_fd_ int dir = folder_open(ledgers, terminal);

	if (dir < 0) /* not a folder */
		return 0;
	n = scandirat(dir, ".", &names, is_year, alphasort);
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		if (!r)
			r = each(owner, terminal, names[i]->d_name, i + 1 == n);
		free(names[i]);
	}
	free(names);
	return r;
}

int years_each(int ledgers, YearEach each, void *owner)
{
	struct dirent **names;
	int n = scandirat(ledgers, ".", &names, is_terminal, alphasort), r = 0;

	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		if (!r)
			r = terminal_each(ledgers, names[i]->d_name, each, owner);
		free(names[i]);
	}
	free(names);
	return r;
}
