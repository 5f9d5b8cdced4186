/* SPDX-License-Identifier: Apache-2.0 */
#include "folder_note.h"

#include "file.h"
#include "medium.h"
#include "str.h"
#include "unseal.h"

#include <fcntl.h>
#include <sys/stat.h>

void folder_note_free(struct FolderNote *n)
{
	free(n->bytes);
	*n = (struct FolderNote){};
}

static int read_all(int fd, size_t size, struct FolderNote *n)
{
	ssize_t got;

	n->bytes = malloc(size + 1);
	if (!n->bytes)
		return -ENOMEM;
	got = file_read_all(fd, n->bytes, size);
	if (got < 0)
		return (int)got;
	n->size = (size_t)got;
	n->text_size = note_text_size(n->bytes, n->size);
	if (!n->text_size)
		return FAULT_DAMAGED;
	return crypto_sha256(n->bytes, n->size, n->sha256);
}

int folder_note_read(int dir, const char *copy, struct FolderNote *ret)
{
	_cleanup_note_ struct FolderNote n = {};
	_cleanup_fd_ int fd = -1;
	char name[PART_NAME];
	struct stat st;
	int r;

	note_name(copy, name);
	fd = medium_open(dir, name, O_RDONLY | O_NONBLOCK, 0);
	if (fd == -ENOENT || fd == -ELOOP)
		return FAULT_INCOMPLETE;
	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > NOTE_SIZE)
		return FAULT_DAMAGED;
	r = read_all(fd, (size_t)st.st_size, &n);
	if (r)
		return r;
	*ret = n;
	n = (struct FolderNote){};
	return 0;
}

bool folder_parts_size(int dir, const struct Folder *f, uint64_t *ret)
{
	uint64_t sum = 0;

	for (uint32_t i = 1; i <= f->parts; i++) {
		struct PartName part = {.index = i, .count = f->parts};
		char name[PART_NAME];
		struct stat st;

		STR_CUT(part.copy, f->copy);
		part_name(&part, name);
		if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
			return false;
		sum += (uint64_t)st.st_size;
	}
	*ret = sum;
	return true;
}
