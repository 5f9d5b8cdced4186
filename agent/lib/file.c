/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

ssize_t file_read_all(int fd, void *ret, size_t n)
{
	size_t at = 0;

	while (at < n) {
		ssize_t k = read(fd, (uint8_t *)ret + at, n - at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -errno;
		if (k == 0)
			break;
		at += (size_t)k;
	}
	return (ssize_t)at;
}

int file_write_all(int fd, const void *bytes, size_t n)
{
	size_t at = 0;

	while (at < n) {
		ssize_t k = write(fd, (const uint8_t *)bytes + at, n - at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -errno;
		at += (size_t)k;
	}
	return 0;
}

ssize_t file_read_at(int dir, const char *name, void *ret, size_t size)
{
	_cleanup_fd_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;
	uint8_t more;

	if (fd < 0)
		return -errno;
	n = file_read_all(fd, ret, size);
	if (n == (ssize_t)size && read(fd, &more, 1) > 0)
		return -E2BIG;
	return n;
}

ssize_t file_text_end(char *ret, ssize_t n)
{
	if (n < 0)
		return n;
	if (n > 0 && ret[n - 1] == '\n')
		n--;
	ret[n] = '\0';
	return n;
}

ssize_t file_read_text_at(int dir, const char *name, char *ret, size_t size)
{
	return file_text_end(ret, file_read_at(dir, name, ret, size - 1));
}

int file_text_number(const char *text, ssize_t n, uint64_t *ret)
{
	uint64_t value;
	char *end;

	if (n < 0)
		return (int)n;
	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end)
		return -EINVAL;
	*ret = value;
	return 0;
}

int file_read_number_at(int dir, const char *name, uint64_t *ret)
{
	char text[32];
	ssize_t n = file_read_text_at(dir, name, text, sizeof(text));

	return file_text_number(text, n, ret);
}

int file_write_at(int dir, const char *name, const char *text)
{
	_cleanup_fd_ int fd = openat(dir, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t n = strlen(text);
	ssize_t k;

	if (fd < 0)
		return -errno;
	k = write(fd, text, n);
	if (k < 0)
		return -errno;
	return (size_t)k == n ? 0 : -EIO;
}

int file_replace_at(int dir, const char *name, const void *bytes, size_t n, mode_t mode)
{
	_cleanup_fd_ int fd = -1;
	char temporary[256];
	int r;

	if (snprintf(temporary, sizeof(temporary), "%s.new", name) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	r = file_write_all(fd, bytes, n);
	if (r < 0)
		return r;
	if (fdatasync(fd))
		return -errno;
	if (renameat(dir, temporary, dir, name))
		return -errno;
	return fsync(dir) ? -errno : 0;
}

int file_dir_make_at(int dir, const char *name, mode_t mode, int *ret)
{
	if ((mkdirat(dir, name, mode) && errno != EEXIST) || fsync(dir))
		return -errno;
	*ret = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return *ret < 0 ? -errno : 0;
}
