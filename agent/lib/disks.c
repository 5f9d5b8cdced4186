/* SPDX-License-Identifier: Apache-2.0 */
#include "disks.h"

#include "file.h"
#include "str.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <unistd.h>

/* What is counted as it is found: the number says nothing of the place. */
static const char *const counted[] = {"host", "target", "nvme-subsys", "nvme", "virtio", "mmc", "session", "ata"};

int disk_path(int dir, char *ret, size_t size)
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
	n = readlink(link, ret, size);
	if (n < 0)
		return -errno;
	if ((size_t)n == size)
		return -ENAMETOOLONG;
	ret[n] = '\0';
	return 0;
}

/* The kernel has no such thing of this disk. Anything else that keeps it from being read may pass. */
static bool is_none(ssize_t n)
{
	return n == -ENOENT || n == -ENODATA || n == -ENXIO || n == -EINVAL || n == -EOPNOTSUPP || n == -E2BIG;
}

static bool is_name(char *text, ssize_t n)
{
	while (n > 0 && text[n - 1] == ' ')
		text[--n] = '\0';
	return n > 0 && str_is_line(text, (size_t)n);
}

/* A SCSI disk that has no world-wide name: its serial number, behind the four bytes that begin the page. */
static ssize_t serial_read(int dir, char *ret, size_t size)
{
	char page[260];
	ssize_t n = file_read_at(dir, "device/vpd_pg80", page, sizeof(page));

	if (n < 0)
		return n;
	return n <= 4 || str_set_n(ret, size, page + 4, (size_t)n - 4) < 0 ? -ENODATA : n - 4;
}

/* The first of a disk's names for itself, `-` when it has none. Bytes that are no line are left out. 0, or -errno when it
   cannot be told just now: another name than its own would make it another disk. */
static int identity_read(int dir, char *ret, size_t size)
{
	static const char *const attributes[] = {"wwid", "device/wwid", "device/cid", "device/serial", "serial"};

	ssize_t n;

	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		n = file_read_text_at(dir, attributes[i], ret, size);
		if (n < 0 && !is_none(n))
			return (int)n;
		if (is_name(ret, n))
			return 0;
	}
	n = serial_read(dir, ret, size);
	if (n < 0 && !is_none(n))
		return (int)n;
	if (!is_name(ret, n))
		str_cut(ret, size, "-");
	return 0;
}

/* An ATA port's number on its controller, which the number in its name is not. 0 or -errno. */
static int ata_port(const char *path, const char *name, size_t n, uint64_t *ret)
{
	_cleanup_fd_ int dir = -1;
	char folder[PATH_MAX];
	int r;

	*ret = 0;
	if (snprintf(folder, sizeof(folder), "%.*s/ata_port/%.*s", (int)(name + n - path), path, (int)n, name) >=
	        (int)sizeof(folder))
		return -ENAMETOOLONG;
	dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return is_none(-errno) ? 0 : -errno;
	r = file_read_number_at(dir, "port_no", ret);
	return is_none(r) ? 0 : r;
}

/* How much of a part of a path is a word and a number that was only counted: 0 for none. */
static size_t counted_word(const char *part, size_t *ret_digits)
{
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++) {
		size_t n = strlen(counted[i]);

		if (strncmp(part, counted[i], n))
			continue;
		*ret_digits = strspn(part + n, "0123456789");
		if (*ret_digits)
			return n;
	}
	return 0;
}

/* 2:0:0:1, a unit of the second host that was found. */
static bool is_unit(const char *part, size_t n)
{
	size_t colons = 0;

	for (size_t i = 0; i < n; i++)
		if (part[i] == ':')
			colons++;
		else if (part[i] < '0' || part[i] > '9')
			return false;
	return colons == 3;
}

static int part_add(FILE *out, const char *path, const char *part, size_t n)
{
	size_t digits = 0, word = counted_word(part, &digits);
	uint64_t port;
	int r = 0;

	if (word == 3 && n == word + digits && !memcmp(part, "ata", 3)) {
		r = ata_port(path, part, n, &port);
		fprintf(out, "/ata@%u", (unsigned int)port);
	} else if (word)
		fprintf(out, "/%.*s%.*s", (int)word, part, (int)(n - word - digits), part + word + digits);
	else if (is_unit(part, n)) {
		digits = strspn(part, "0123456789");
		fprintf(out, "/%.*s", (int)(n - digits), part + digits);
	} else
		fprintf(out, "/%.*s", (int)n, part);
	return r;
}

int disk_line(int dir, char ret[static DISK_LINE])
{
	char path[PATH_MAX], id[128], line[2048];
	const char *part;
	FILE *out;
	int r = disk_path(dir, path, sizeof(path));

	if (r < 0)
		return r;
	part = strstr(path, "/devices/");
	if (!part)
		return -ENODEV;
	out = fmemopen(line, sizeof(line), "w");
	if (!out)
		return -errno;
	r = identity_read(dir, id, sizeof(id));
	fprintf(out, "%s ", id);
	for (part += strlen("/devices/"); r >= 0 && *part && strncmp(part, "block/", 6);) {
		size_t n = strcspn(part, "/");

		r = part_add(out, path, part, n);
		part += n + strspn(part + n, "/");
	}
	if (fclose(out) && r >= 0)
		return -ENAMETOOLONG;
	if (r < 0)
		return r;
	str_cut(ret, DISK_LINE, line);
	return str_is_line(ret, strlen(ret)) ? 0 : -EINVAL;
}

bool disk_is_virtual(const char *path)
{
	return strstr(path, "/devices/virtual/") && !strstr(path, "/devices/virtual/nvme-subsystem/");
}

bool disk_is_listed(const char *list, const char *line)
{
	size_t n = strlen(line);

	for (const char *at = list; *at;) {
		size_t length = strcspn(at, "\n");

		if (length == n && !memcmp(at, line, n))
			return true;
		at += length + (at[length] == '\n');
	}
	return false;
}
