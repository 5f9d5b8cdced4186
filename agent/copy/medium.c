/* SPDX-License-Identifier: Apache-2.0 */
#include "medium.h"

#include "dir.h"
#include "fault.h"
#include "part.h"
#include "str.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#define COPY_PREFIX     "MEDIAGATE-"
#define LEFTOVER_PREFIX ".MEDIAGATE-"
#define LEFTOVER_SUFFIX ".tmp"

struct ErrorRow {
	int error, fault;
};

int medium_fault(int error)
{
	static const struct ErrorRow rows[] = {
	        {ENOSPC, FAULT_MEDIUM_FULL},
	        {EDQUOT, FAULT_MEDIUM_FULL},
	        {EFBIG, FAULT_MEDIUM_FULL},
	        {EROFS, FAULT_READ_ONLY_MEDIUM},
	        {ENODEV, FAULT_MEDIUM_GONE},
	        {ENXIO, FAULT_MEDIUM_GONE},
	        {ENOMEDIUM, FAULT_MEDIUM_GONE},
	        {ESHUTDOWN, FAULT_MEDIUM_GONE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].error == error)
			return rows[i].fault;
	return FAULT_MEDIUM_ERROR;
}

int medium_open(int dir, const char *name, int flags, mode_t mode)
{
	struct open_how how = {
	        .flags = (uint32_t)(flags | O_CLOEXEC | O_NOFOLLOW),
	        .mode = flags & O_CREAT ? mode : 0,
	        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};
	long fd = syscall(SYS_openat2, dir, name, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

int medium_room(int root, uint64_t *ret_bytes, uint64_t *ret_unit)
{
	struct statvfs st;

	if (fstatvfs(root, &st))
		return medium_fault(errno);
	if (st.f_flag & ST_RDONLY)
		return FAULT_READ_ONLY_MEDIUM;
	*ret_unit = MAX((uint64_t)st.f_frsize, (uint64_t)512);
	*ret_bytes = (uint64_t)st.f_bavail * (uint64_t)st.f_frsize;
	return 0;
}

/* ------------------------------------------------------------------ writing */

/*
 * What was done to the root is on the medium. vfat makes a renamed folder's new entry without its first
 * cluster, which comes when the folder's inode is written: fsync of the root alone, or first, would leave a
 * name that leads nowhere. syncfs writes inodes, then blocks, but on vfat does not tell the disk to empty its
 * cache: fsync does.
 */
int medium_sync(int root)
{
	return syncfs(root) || fsync(root) ? medium_fault(errno) : 0;
}

int medium_mark(int root)
{
	return fsync(root) ? medium_fault(errno) : 0;
}

int medium_begin(struct Medium *m, int root, const char *copy)
{
	m->root = root;
	snprintf(m->temporary, sizeof(m->temporary), LEFTOVER_PREFIX "%s" LEFTOVER_SUFFIX, copy);
	snprintf(m->final, sizeof(m->final), COPY_PREFIX "%s", copy);
	if (mkdirat(root, m->temporary, 0700))
		return medium_fault(errno);
	m->made = true;
	m->folder = medium_open(root, m->temporary, O_RDONLY | O_DIRECTORY, 0);
	if (m->folder < 0)
		return medium_fault(-m->folder);
	/* a folder whose entry, cluster and table reach the disk at different times is what a power cut breaks */
	return medium_sync(root);
}

/* The file before this one becomes durable; its data are on the disk by now, its metadata follow. */
static int before_settle(struct Medium *m)
{
	if (m->before < 0)
		return 0;
	if (fsync(m->before))
		return medium_fault(errno);
	m->before = fd_close(m->before);
	return 0;
}

int medium_file_begin(struct Medium *m, const char *name)
{
	int fd = medium_open(m->folder, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0)
		return medium_fault(-fd);
	m->file = fd;
	m->offset = 0;
	return 0;
}

/* A window is full: on its way with it, and the one before the last must have arrived. */
static int window_push(struct Medium *m)
{
	off64_t at = (off64_t)(m->offset - MEDIUM_WINDOW);
	unsigned int arrived =
	        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;

	if (sync_file_range(m->file, at, MEDIUM_WINDOW, SYNC_FILE_RANGE_WRITE))
		return medium_fault(errno);
	if (at < 2 * (off64_t)MEDIUM_WINDOW)
		return 0;
	if (sync_file_range(m->file, at - 2 * (off64_t)MEDIUM_WINDOW, MEDIUM_WINDOW, arrived))
		return medium_fault(errno);
	return before_settle(m);
}

int medium_file_write(struct Medium *m, const void *bytes, size_t n)
{
	const uint8_t *from = bytes;

	while (n) {
		size_t left = MEDIUM_WINDOW - (size_t)(m->offset % MEDIUM_WINDOW);
		ssize_t k = write(m->file, from, MIN(n, left));
		int r;

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return medium_fault(k < 0 ? errno : EIO);
		from += k;
		n -= (size_t)k;
		m->offset += (uint64_t)k;
		if (m->offset % MEDIUM_WINDOW)
			continue;
		r = window_push(m);
		if (r)
			return r;
	}
	return 0;
}

int medium_file_end(struct Medium *m)
{
	int r = before_settle(m);

	if (r)
		return r;
	if (m->offset % MEDIUM_WINDOW &&
	        sync_file_range(
	                m->file, (off64_t)(m->offset - m->offset % MEDIUM_WINDOW), 0, SYNC_FILE_RANGE_WRITE))
		return medium_fault(errno);
	m->before = fd_steal(&m->file);
	return 0;
}

int medium_commit(struct Medium *m)
{
	int r = before_settle(m);

	if (r)
		return r;
	if (fsync(m->folder))
		return medium_fault(errno);
	if (renameat(m->root, m->temporary, m->root, m->final))
		return medium_fault(errno);
	m->renamed = true;
	r = medium_sync(m->root);
	m->made = r != 0;
	return r;
}

void medium_done(struct Medium *m)
{
	char copy[LIMIT_ID];
	uint64_t size;
	bool gone;

	m->file = fd_close(m->file);
	m->before = fd_close(m->before);
	m->folder = fd_close(m->folder);
	if (!m->made)
		return;
	m->made = false;
	/* cut short in the middle of this, a temporary folder is left, never a final one with a gap */
	if (m->renamed && renameat(m->root, m->final, m->root, m->temporary))
		return;
	if (medium_entry(m->temporary, copy) == MEDIUM_LEFTOVER)
		(void)medium_remove(m->root, m->temporary, copy, &size, &gone);
}

/* ------------------------------------------------------------------ what is there */

enum MediumEntry medium_entry(const char *name, char ret_copy[static LIMIT_ID])
{
	size_t n = strlen(name), head = strlen(LEFTOVER_PREFIX), tail = strlen(LEFTOVER_SUFFIX);
	enum MediumEntry entry = MEDIUM_FOREIGN;
	int r = -EINVAL;

	ret_copy[0] = '\0';
	if (!strncmp(name, COPY_PREFIX, strlen(COPY_PREFIX))) {
		entry = MEDIUM_COPY;
		r = str_set(ret_copy, LIMIT_ID, name + strlen(COPY_PREFIX));
	} else if (n > head + tail && !strncmp(name, LEFTOVER_PREFIX, head) &&
	           !strcmp(name + n - tail, LEFTOVER_SUFFIX)) {
		entry = MEDIUM_LEFTOVER;
		r = str_set_n(ret_copy, LIMIT_ID, name + head, n - head - tail);
	}
	if (!r && copy_id_is_valid(ret_copy))
		return entry;
	ret_copy[0] = '\0';
	return MEDIUM_FOREIGN;
}

bool medium_is_ours(const char *name, const char *copy)
{
	struct PartName part;
	char note[PART_NAME];

	note_name(copy, note);
	if (str_eq(name, OPEN_NAME) || str_eq(name, note))
		return true;
	return part_name_parse(name, &part) == 0 && str_eq(part.copy, copy);
}

/* One round over the folder: how many files it removed, or -errno. */
static int remove_round(DIR *dir, const char *copy, uint64_t *size)
{
	int removed = 0;
	struct dirent *e;

	rewinddir(dir);
	for (;;) {
		struct stat st;

		errno = 0;
		e = readdir(dir);
		if (!e)
			return errno ? -errno : removed;
		if (!medium_is_ours(e->d_name, copy) ||
		        fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
			continue;
		if (unlinkat(dirfd(dir), e->d_name, 0))
			return -errno;
		*size += (uint64_t)st.st_size;
		removed++;
	}
}

bool medium_has_copy(int root, const char *copy)
{
	char name[MEDIUM_NAME];
	struct stat st;

	return snprintf(name, sizeof(name), COPY_PREFIX "%s", copy) < (int)sizeof(name) &&
	       !fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW);
}

int medium_remove(int root, const char *name, const char *copy, uint64_t *ret_size, bool *ret_gone)
{
	_cleanup_dir_ DIR *dir = NULL;
	int fd = medium_open(root, name, O_RDONLY | O_DIRECTORY, 0), r;

	*ret_size = 0;
	*ret_gone = false;
	if (fd == -ENOTDIR || fd == -ELOOP)
		return 0; /* a file of that name: not ours */
	if (fd < 0)
		return medium_fault(-fd);
	dir = dir_take(fd);
	if (!dir)
		return FAULT_INTERNAL;
	/* again until nothing is left: a directory that shrinks under readdir may skip names */
	do
		r = remove_round(dir, copy, ret_size);
	while (r > 0);
	if (r < 0)
		return medium_fault(-r);
	if (unlinkat(root, name, AT_REMOVEDIR))
		return errno == ENOTEMPTY || errno == EEXIST ? 0 : medium_fault(errno);
	*ret_gone = true;
	return medium_sync(root);
}
