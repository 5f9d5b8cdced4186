/* SPDX-License-Identifier: Apache-2.0 */
#include "sysfs.h"

#include "file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

const char *sysfs_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* BUS-PORT[.PORT…]:CONFIGURATION.INTERFACE in the first n characters. */
static bool is_interface(const char *name, size_t n)
{
	const char *colon = memchr(name, ':', n), *dash = memchr(name, '-', n);

	if (!colon || !dash || dash > colon || n >= LIMIT_PORT)
		return false;
	if (dash[1] == '0') /* a root hub's own interface: ports count from 1 */
		return false;
	for (size_t i = 0; i < n; i++)
		if (!(name[i] >= '0' && name[i] <= '9') && name + i != colon && name + i != dash &&
		        name[i] != '.')
			return false;
	return dash > name && dash + 1 < colon && memchr(colon, '.', n - (size_t)(colon - name));
}

bool sysfs_is_interface(const char *name)
{
	return is_interface(name, strlen(name));
}

int sysfs_port(const char *interface, char ret[static LIMIT_PORT])
{
	size_t n = strcspn(interface, ":");

	if (!sysfs_is_interface(interface))
		return -EINVAL;
	memcpy(ret, interface, n);
	ret[n] = '\0';
	return 0;
}

int sysfs_interface_above(const char *path, char ret[static LIMIT_PORT])
{
	int r = -ENOENT;

	/* the last one: a hub's interface has no devices below it, but a disk's may be deep */
	while (*path) {
		size_t n = strcspn(path, "/");

		if (is_interface(path, n)) {
			memcpy(ret, path, n);
			ret[n] = '\0';
			r = 0;
		}
		path += n + strspn(path + n, "/");
	}
	return r;
}

/* A namespace stands below its controller, or below the controllers' common name. */
static bool is_namespace(const char *path, const char *end)
{
	const char *at = end - 1;
	size_t n;

	while (at > path && at[-1] != '/')
		at--;
	n = strncmp(at, "nvme", 4) ? 0 : strncmp(at, "nvme-subsys", 11) ? 4 : 11;
	return n && at + n < end - 1 && strspn(at + n, "0123456789") == (size_t)(end - 1 - at) - n;
}

bool sysfs_is_disk(const char *path, uint8_t *ret_lun)
{
	unsigned int host, channel, target, lun;
	const char *end = sysfs_name(path), *at;

	*ret_lun = 0;
	if (end - path < 7)
		return false;
	if (memcmp(end - 7, "/block/", 7))
		return is_namespace(path, end);
	at = end - 7;
	while (at > path && at[-1] != '/')
		at--;
	if (sscanf(at, "%u:%u:%u:%u/block/", &host, &channel, &target, &lun) == 4)
		*ret_lun = lun > UINT8_MAX ? UINT8_MAX : (uint8_t)lun;
	return true;
}

ssize_t sysfs_bytes(int dir, const char *name, void *ret, size_t size)
{
	_cleanup_fd_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;
	uint8_t more;

	if (fd < 0)
		return -errno;
	n = read(fd, ret, size);
	if (n < 0)
		return -errno;
	return n == (ssize_t)size && read(fd, &more, 1) > 0 ? -E2BIG : n;
}

ssize_t sysfs_text(int dir, const char *name, char *ret, size_t size)
{
	return file_text_end(ret, sysfs_bytes(dir, name, ret, size - 1));
}

int sysfs_number(int dir, const char *name, uint64_t *ret)
{
	char text[32];
	ssize_t n = sysfs_text(dir, name, text, sizeof(text));

	return file_text_number(text, n, ret);
}

int sysfs_link(int dir, const char *name, char *ret, size_t size)
{
	char target[512];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);
	const char *last;

	if (n < 0)
		return -errno;
	target[n] = '\0';
	last = sysfs_name(target);
	if (strlen(last) >= size)
		return -ENAMETOOLONG;
	memcpy(ret, last, strlen(last) + 1);
	return 0;
}

int sysfs_each(int dir, int (*each)(void *owner, int dir, const char *name), void *owner)
{
	union {
		char bytes[2048];
		struct dirent64 align;
	} list;

	if (lseek(dir, 0, SEEK_SET) < 0)
		return -errno;
	for (;;) {
		ssize_t n = getdents64(dir, list.bytes, sizeof(list.bytes));

		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		for (ssize_t at = 0; at < n;) {
			struct dirent64 e;
			const char *name = list.bytes + at + offsetof(struct dirent64, d_name);
			int r;

			memcpy(&e, list.bytes + at, offsetof(struct dirent64, d_name));
			at += e.d_reclen;
			r = name[0] == '.' ? 0 : each(owner, dir, name);
			if (r)
				return r;
		}
	}
}
