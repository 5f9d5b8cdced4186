/* SPDX-License-Identifier: Apache-2.0 */
#include "dir.h"

#include <fcntl.h>

DIR *dir_take(int fd)
{
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		fd_close(fd);
	return d;
}

DIR *dir_open_at(int dir, const char *name)
{
	return dir_take(openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

int dir_empty(int dir)
{
	_cleanup_dir_ DIR *files = dir_open_at(dir, ".");
	const struct dirent *entry;
	int r = 0;

	if (!files)
		return -errno;
	while (!r && (entry = readdir(files)))
		if (entry->d_name[0] != '.' && unlinkat(dir, entry->d_name, 0) && errno != ENOENT)
			r = -errno;
	return r;
}

void dir_closep(DIR **d)
{
	if (*d)
		closedir(*d);
}
