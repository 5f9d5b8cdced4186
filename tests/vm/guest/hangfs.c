/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file system that shows one file, "file", and never answers who reads it: what a dead network share
 * looks like to a program. hangfs MOUNTPOINT
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fuse3/fuse.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	if (strcmp(path, "/file") != 0)
		return -ENOENT;
	ret->st_mode = S_IFREG | 0644;
	ret->st_nlink = 1;
	ret->st_size = 4096;
	return 0;
}

static int hang_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
	struct fuse_file_info *file, enum fuse_readdir_flags flags)
{
	(void)path, (void)offset, (void)file, (void)flags;
	fill(buffer, ".", NULL, 0, 0);
	fill(buffer, "..", NULL, 0, 0);
	fill(buffer, "file", NULL, 0, 0);
	return 0;
}

static int hang_read(const char *path, char *buffer, size_t size, off_t offset, struct fuse_file_info *file)
{
	(void)path, (void)buffer, (void)size, (void)offset, (void)file;
	while (pause() < 0)
		;
	return -EINTR;
}

int main(int argc, char **argv)
{
	static const struct fuse_operations operations = {
		.getattr = hang_getattr,
		.readdir = hang_readdir,
		.read = hang_read,
	};
	return fuse_main(argc, argv, &operations, NULL);
}
