/* SPDX-License-Identifier: Apache-2.0 */
#include "out_tree.h"

#include "dir.h"
#include "fault.h"
#include "file.h"
#include "str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define ONE_FILE "it"

static int open_below(int dir, const char *name, int flags, mode_t mode)
{
	struct open_how how = {
	        .flags = (uint32_t)(flags | O_CLOEXEC | O_NOFOLLOW),
	        .mode = flags & O_CREAT ? mode : 0,
	        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, dir, name, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/* Parent and last part of a destination. */
static int split(struct OutTree *o, const char *destination)
{
	_cleanup_free_ char *path = strdup(destination);
	size_t n = strlen(destination);
	char *slash;

	if (!path)
		return FAULT_INTERNAL;
	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
	slash = strrchr(path, '/');
	if (STR_SET(o->name, slash ? slash + 1 : path) || !o->name[0] || str_eq(o->name, ".") ||
	        str_eq(o->name, ".."))
		return FAULT_DEST_EXISTS;
	if (slash)
		*slash = '\0';
	o->parent = open(!slash ? "." : slash == path ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return o->parent < 0 ? FAULT_DEST_FAILED : 0;
}

int out_tree_begin(struct OutTree *o, const char *destination)
{
	uint64_t random;
	struct stat st;
	int r;

	*o = OUT_TREE_NULL;
	r = split(o, destination);
	if (r)
		return r;
	if (!fstatat(o->parent, o->name, &st, AT_SYMLINK_NOFOLLOW))
		return FAULT_DEST_EXISTS;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return FAULT_INTERNAL;
	snprintf(o->temporary, sizeof(o->temporary), ".mediagate-%016" PRIx64 ".tmp", random);
	if (mkdirat(o->parent, o->temporary, 0700)) {
		o->temporary[0] = '\0';
		return FAULT_DEST_FAILED;
	}
	o->folder = open_below(o->parent, o->temporary, O_RDONLY | O_DIRECTORY, 0);
	return o->folder < 0 ? FAULT_DEST_FAILED : 0;
}

/* The folder of a member, made as needed. */
static int folder_of(struct OutTree *o, const char *member, const char **ret_name, int *ret)
{
	_cleanup_fd_ int at = dup(o->folder);
	char part[LIMIT_FILE_NAME];

	for (const char *slash; at >= 0 && (slash = strchr(member, '/')); member = slash + 1) {
		int next;

		if (slash == member || str_set_n(part, sizeof(part), member, (size_t)(slash - member)) ||
		        str_eq(part, ".") || str_eq(part, ".."))
			return FAULT_DAMAGED;
		if (mkdirat(at, part, 0700) && errno != EEXIST)
			return FAULT_DEST_FAILED;
		next = open_below(at, part, O_RDONLY | O_DIRECTORY, 0);
		fd_close(at);
		at = next;
	}
	if (at < 0)
		return FAULT_DEST_FAILED;
	if (!*member || str_eq(member, ".") || str_eq(member, ".."))
		return FAULT_DAMAGED;
	*ret_name = member;
	*ret = fd_steal(&at);
	return 0;
}

int out_tree_file(struct OutTree *o, const char *member)
{
	_cleanup_fd_ int dir = -1;
	const char *name;
	int r;

	o->one = o->one || !*member;
	r = folder_of(o, *member ? member : ONE_FILE, &name, &dir);
	if (r)
		return r;
	o->file = open_below(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (o->file == -EEXIST)
		return FAULT_DAMAGED; /* two members of one name */
	return o->file < 0 ? FAULT_DEST_FAILED : 0;
}

int out_tree_write(struct OutTree *o, const void *bytes, size_t n)
{
	return file_write_all(o->file, bytes, n) < 0 ? FAULT_DEST_FAILED : 0;
}

int out_tree_file_end(struct OutTree *o)
{
	int fd = fd_steal(&o->file);
	int r = fd < 0 || fdatasync(fd) ? FAULT_DEST_FAILED : 0;

	if (fd >= 0 && close(fd))
		r = FAULT_DEST_FAILED;
	return r;
}

static int rename_new(int from, const char *a, int to, const char *b)
{
	struct stat st;

	if (!renameat2(from, a, to, b, RENAME_NOREPLACE))
		return 0;
	if (errno == EEXIST)
		return FAULT_DEST_EXISTS;
	if (errno != EINVAL && errno != ENOSYS)
		return FAULT_DEST_FAILED;
	/* a file system without that flag: between these two somebody could still make the name */
	if (!fstatat(to, b, &st, AT_SYMLINK_NOFOLLOW))
		return FAULT_DEST_EXISTS;
	return renameat(from, a, to, b) ? FAULT_DEST_FAILED : 0;
}

int out_tree_publish(struct OutTree *o)
{
	int r;

	if (o->one)
		r = rename_new(o->folder, ONE_FILE, o->parent, o->name);
	else
		r = rename_new(o->parent, o->temporary, o->parent, o->name);
	if (r)
		return r;
	if (!o->one)
		o->temporary[0] = '\0';
	return fsync(o->parent) ? FAULT_DEST_FAILED : 0;
}

/* A folder of our own making, so no deeper than names are long. */
static void remove_below(int dir)
{
	_cleanup_dir_ DIR *d = dir_take(dir);
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		int next;

		if (str_eq(e->d_name, ".") || str_eq(e->d_name, ".."))
			continue;
		if (!unlinkat(dirfd(d), e->d_name, 0))
			continue;
		next = open_below(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY, 0);
		if (next >= 0)
			remove_below(next);
		if (unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR))
			break; /* the hidden folder stays, under a name that says what it is */
	}
}

void out_tree_done(struct OutTree *o)
{
	o->file = fd_close(o->file);
	if (o->temporary[0]) {
		if (o->folder >= 0)
			remove_below(dup(o->folder));
		if (unlinkat(o->parent, o->temporary, AT_REMOVEDIR))
			o->temporary[0] = '\0';
	}
	o->temporary[0] = '\0';
	o->folder = fd_close(o->folder);
	o->parent = fd_close(o->parent);
}
