/* SPDX-License-Identifier: Apache-2.0 */
#include "find.h"

#include "str.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>

struct Find {
	FindEach each;
	void *owner;
	char path[PATH_MAX];
};

static int walk(struct Find *f, int fd, int depth);

static int enter(struct Find *f, int fd, const char *name, int depth)
{
	_cleanup_fd_ int below =
	        openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	size_t n = strlen(f->path);
	int r;

	/* what is no folder, or vanished, or is not for us, is no ledger */
	if (below < 0 || n + strlen(name) + 2 > sizeof(f->path))
		return 0;
	f->path[n] = '/';
	strcpy(f->path + n + 1, name);
	r = walk(f, below, depth);
	f->path[n] = '\0';
	return r;
}

/* In the order of their names, so that a terminal's years come one after another. */
static int walk(struct Find *f, int fd, int depth)
{
	struct dirent **names;
	int n, r = 0;

	if (!faccessat(fd, "checkpoint", F_OK, AT_SYMLINK_NOFOLLOW) ||
	        !faccessat(fd, "records.jsonl", F_OK, AT_SYMLINK_NOFOLLOW))
		return f->each(f->owner, fd, f->path);
	if (depth == FIND_DEPTH)
		return 0;
	n = scandirat(fd, ".", &names, NULL, alphasort);
	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (int i = 0; i < n; i++) {
		if (!r && names[i]->d_name[0] != '.' &&
		        (names[i]->d_type == DT_DIR || names[i]->d_type == DT_UNKNOWN))
			r = enter(f, fd, names[i]->d_name, depth + 1);
		free(names[i]);
	}
	free(names);
	return r;
}

int find_ledgers(const char *path, FindEach each, void *owner)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ struct Find *f = calloc(1, sizeof(*f));

	if (fd < 0)
		return -errno;
	if (!f)
		return -ENOMEM;
	f->each = each;
	f->owner = owner;
	if (STR_SET(f->path, path) < 0)
		return -ENAMETOOLONG;
	return walk(f, fd, 0);
}
