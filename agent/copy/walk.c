/* SPDX-License-Identifier: Apache-2.0 */
#include "walk.h"

#include "dir.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

struct Round {
	struct Job *job;
	WalkVisit visit;
	void *owner;
	char path[LIMIT_FILE_NAME];
};

static int open_folder(struct Job *j, const char *name, DIR **ret)
{
	int fd = medium_open(j->root, name, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0)
		return medium_fault(-fd);
	*ret = dir_take(fd);
	return *ret ? 0 : -ENOMEM;
}

/* *ret is NULL at the end. */
static int next_name(struct Job *j, DIR *dir, const char **ret)
{
	const struct dirent *e;
	int r = job_check(j);

	if (r)
		return r;
	do {
		errno = 0;
		e = readdir(dir);
	} while (e && (str_eq(e->d_name, ".") || str_eq(e->d_name, "..")));
	*ret = e ? e->d_name : NULL;
	return !e && errno ? medium_fault(errno) : 0;
}

static int item_read(DIR *dir, const char *name, struct WalkItem *ret)
{
	struct stat st;

	if (fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW))
		return medium_fault(errno);
	ret->folder = S_ISDIR(st.st_mode);
	ret->size = ret->folder ? 0 : (uint64_t)st.st_size;
	ret->time = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	return 0;
}

int walk_root(struct Job *j, WalkVisit visit, void *owner)
{
	_cleanup_dir_ DIR *dir = NULL;
	int r = open_folder(j, ".", &dir);

	while (!r) {
		struct WalkItem item = {};

		r = next_name(j, dir, &item.name);
		if (r || !item.name)
			break;
		r = item_read(dir, item.name, &item);
		if (r)
			break;
		/* only folders can be ours */
		item.entry = item.folder ? medium_entry(item.name, item.copy) : MEDIUM_FOREIGN;
		r = visit(owner, &item);
	}
	return r;
}

/* Adds the name to the path; false: it does not fit, and the folder itself is told instead. */
static bool path_add(struct Round *w, const char *name)
{
	size_t length = strlen(w->path), room = sizeof(w->path) - length;
	int n = snprintf(w->path + length, room, "/%s", name);

	return n > 0 && (size_t)n < room;
}

static int visit_folder(struct Round *w)
{
	struct WalkItem item = {.name = w->path, .folder = true};

	return w->visit(w->owner, &item);
}

/* The folder at w->path, whose length is given. */
static int below(struct Round *w, size_t length, unsigned int depth)
{
	_cleanup_dir_ DIR *dir = NULL;
	bool empty = true;
	int r;

	if (depth >= WALK_DEPTH)
		return visit_folder(w);
	r = open_folder(w->job, w->path, &dir);
	while (!r) {
		struct WalkItem item = {.name = w->path};
		const char *name;

		r = next_name(w->job, dir, &name);
		if (r || !name)
			break;
		if (path_add(w, name)) {
			empty = false;
			r = item_read(dir, name, &item);
			if (!r)
				r = item.folder ? below(w, strlen(w->path), depth + 1)
				                : w->visit(w->owner, &item);
		}
		w->path[length] = '\0';
	}
	return !r && empty ? visit_folder(w) : r;
}

int walk_below(struct Job *j, const char *name, WalkVisit visit, void *owner)
{
	struct Round w = {.job = j, .visit = visit, .owner = owner};

	if (STR_SET(w.path, name))
		return FAULT_NAME_TOO_LONG;
	return below(&w, strlen(w.path), 0);
}
