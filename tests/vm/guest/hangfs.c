/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a dead network share looks like to a program: files that never answer, each in another call. "read"
 * hangs who reads it, "stat" who looks at it, "open" who opens it, "close" who closes it. hangfs MOUNTPOINT
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fuse3/fuse.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[] = {"read", "stat", "open", "close"};
#define N_NAMES (sizeof(names) / sizeof(*names))

static int hang(void)
{
	while (pause() < 0)
		;
	return -EINTR;
}

static int is(const char *path, const char *name)
{
	return path[0] == '/' && strcmp(path + 1, name) == 0;
}

static int hang_getattr(const char *path, struct stat *ret, struct fuse_file_info *file)
{
	(void)file;
	memset(ret, 0, sizeof(*ret));
	ret->st_uid = getuid();
	ret->st_gid = getgid();
	if (strcmp(path, "/") == 0) {
		ret->st_mode = S_IFDIR | 0755;
		ret->st_nlink = 2;
		return 0;
	}
	if (is(path, "stat"))
		return hang();
	for (size_t i = 0; i < N_NAMES; i++)
		if (is(path, names[i])) {
			ret->st_mode = S_IFREG | 0644;
			ret->st_nlink = 1;
			ret->st_size = 4096;
			return 0;
		}
	return -ENOENT;
}

static int hang_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
	struct fuse_file_info *file, enum fuse_readdir_flags flags)
{
	(void)path, (void)offset, (void)file, (void)flags;
	fill(buffer, ".", NULL, 0, 0);
	fill(buffer, "..", NULL, 0, 0);
	for (size_t i = 0; i < N_NAMES; i++)
		fill(buffer, names[i], NULL, 0, 0);
	return 0;
}

static int hang_open(const char *path, struct fuse_file_info *file)
{
	(void)file;
	return is(path, "open") ? hang() : 0;
}

static int hang_flush(const char *path, struct fuse_file_info *file)
{
	(void)file;
	return is(path, "close") ? hang() : 0;
}

static int hang_read(const char *path, char *buffer, size_t size, off_t offset, struct fuse_file_info *file)
{
	(void)path, (void)buffer, (void)size, (void)offset, (void)file;
	return hang();
}

int main(int argc, char **argv)
{
	static const struct fuse_operations operations = {
		.getattr = hang_getattr,
		.readdir = hang_readdir,
		.open = hang_open,
		.flush = hang_flush,
		.read = hang_read,
	};
	return fuse_main(argc, argv, &operations, NULL);
}
