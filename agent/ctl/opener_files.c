/* SPDX-License-Identifier: Apache-2.0 */
#include "opener_files.h"

#include "clock.h"
#include "dir.h"
#include "fault.h"
#include "str.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#define WALK_DEPTH 64

void opener_busy(struct OpenerShared *s, const char *path)
{
	snprintf(s->path, sizeof(s->path), "%s", path);
	atomic_store(&s->busy_since, clock_boot());
}

void opener_idle(struct OpenerShared *s)
{
	atomic_store(&s->busy_since, 0);
}

static int problem(struct OpenerFiles *f, int fault, const char *path)
{
	if (!f->problem)
		f->problem = strdup(path);
	return fault;
}

static int fault_of_open(int error)
{
	return error == ENOENT || error == ENOTDIR ? FAULT_UNREADABLE : FAULT_FILE_UNREADABLE;
}

int opener_file_open(struct OpenerShared *s, const char *path, uint64_t *ret_size)
{
	struct stat st;
	int fd;

	opener_busy(s, path);
	/* looked at first: opening a device may already do something */
	if (stat(path, &st))
		return -fault_of_open(errno);
	if (!S_ISREG(st.st_mode))
		return -FAULT_NOT_A_FILE;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -fault_of_open(errno);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		fd_close(fd);
		return -FAULT_NOT_A_FILE;
	}
	*ret_size = (uint64_t)st.st_size;
	return fd;
}

static int add_file(struct OpenerFiles *f, const char *path, const char *name)
{
	uint64_t size;
	int fd;

	if (strlen(name) >= LIMIT_FILE_NAME)
		return problem(f, FAULT_NAME_TOO_LONG, path);
	f->names_size += strlen(name) + 1;
	if (f->n >= LIMIT_FILES || f->names_size > LIMIT_FILE_NAMES)
		return problem(f, FAULT_TOO_MANY_FILES, path);
	fd = opener_file_open(f->shared, path, &size);
	if (fd < 0)
		return problem(f, -fd, path);
	fd_close(fd);
	if (f->n == f->room) {
		size_t room = f->room ? 2 * f->room : 64;
		void *more = reallocarray(f->rows, room, sizeof(*f->rows));

		if (!more)
			return problem(f, FAULT_INTERNAL, "memory");
		f->rows = more;
		f->room = room;
	}
	f->rows[f->n] = (struct OpenerFile){strdup(path), strdup(name)};
	if (!f->rows[f->n].path || !f->rows[f->n].name)
		return problem(f, FAULT_INTERNAL, "memory");
	f->n++;
	f->bytes += size;
	return 0;
}

/* ------------------------------------------------------------------ folders */

struct Names {
	char **names;
	size_t n;
};

static void names_free(struct Names *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->names[i]);
	free(s->names);
}

/* By bytes, so that the same folder gives the same copy in every language. */
static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int names_read(struct OpenerFiles *f, const char *path, struct Names *ret)
{
	_cleanup_dir_ DIR *dir = NULL;
	const struct dirent *e;

	opener_busy(f->shared, path);
	dir = opendir(path);
	if (!dir)
		return problem(f, fault_of_open(errno), path);
	for (;;) {
		char **more;

		opener_busy(f->shared, path);
		errno = 0;
		e = readdir(dir);
		if (!e)
			break;
		if (str_eq(e->d_name, ".") || str_eq(e->d_name, ".."))
			continue;
		more = ret->n & (ret->n - 1) ? ret->names
		                             : reallocarray(ret->names, MAX(2 * ret->n, 1), sizeof(*more));
		if (!more)
			return problem(f, FAULT_INTERNAL, "memory");
		ret->names = more;
		ret->names[ret->n] = strdup(e->d_name);
		if (!ret->names[ret->n++])
			return problem(f, FAULT_INTERNAL, "memory");
	}
	if (errno)
		return problem(f, FAULT_FILE_UNREADABLE, path);
	if (ret->n)
		qsort(ret->names, ret->n, sizeof(*ret->names), by_bytes);
	return 0;
}

static int add_folder(struct OpenerFiles *f, const char *path, const char *name, unsigned int depth);

static int add_below(struct OpenerFiles *f, const char *path, const char *name, unsigned int depth)
{
	struct stat st;

	opener_busy(f->shared, path);
	if (lstat(path, &st))
		return problem(f, fault_of_open(errno), path);
	if (S_ISLNK(st.st_mode))
		return problem(f, FAULT_IS_LINK, path);
	if (S_ISDIR(st.st_mode))
		return add_folder(f, path, name, depth + 1);
	return add_file(f, path, name);
}

static int add_folder(struct OpenerFiles *f, const char *path, const char *name, unsigned int depth)
{
	_cleanup_(names_free) struct Names names = {};
	int r = depth < WALK_DEPTH ? names_read(f, path, &names) : problem(f, FAULT_NAME_TOO_LONG, path);

	for (size_t i = 0; !r && i < names.n; i++) {
		_cleanup_free_ char *p = NULL, *n = NULL;

		if (asprintf(&p, "%s/%s", path, names.names[i]) < 0 ||
		        asprintf(&n, "%s/%s", name, names.names[i]) < 0)
			return problem(f, FAULT_INTERNAL, "memory");
		r = add_below(f, p, n, depth);
	}
	return r;
}

/* What the word is called in the copy: its last part; `.` and `..` are called by their real names. */
static char *word_name(const char *word)
{
	_cleanup_free_ char *real = NULL, *trimmed = strdup(word);
	size_t n = strlen(word);
	const char *slash;

	while (trimmed && n > 1 && trimmed[n - 1] == '/')
		trimmed[--n] = '\0';
	if (!trimmed)
		return NULL;
	slash = strrchr(trimmed, '/');
	slash = slash ? slash + 1 : trimmed;
	if (*slash && !str_eq(slash, ".") && !str_eq(slash, ".."))
		return strdup(slash);
	real = realpath(word, NULL);
	slash = real ? strrchr(real, '/') : NULL;
	return slash && slash[1] ? strdup(slash + 1) : NULL;
}

int opener_files_add(struct OpenerFiles *f, const char *word)
{
	_cleanup_free_ char *name = NULL;
	struct stat st;
	int r;

	/* a link that was named is followed: it was named */
	opener_busy(f->shared, word);
	if (stat(word, &st))
		r = problem(f, fault_of_open(errno), word);
	else {
		name = word_name(word);
		if (!name)
			r = problem(f, FAULT_NOT_A_FILE, word);
		else
			r = S_ISDIR(st.st_mode) ? add_folder(f, word, name, 0) : add_file(f, word, name);
	}
	opener_idle(f->shared);
	return r;
}
