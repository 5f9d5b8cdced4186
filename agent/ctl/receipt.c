/* SPDX-License-Identifier: Apache-2.0 */
#include "receipt.h"

#include "cosign.h"
#include "file.h"
#include "str.h"

#include <fcntl.h>

#define NOTE_MOST 65536

/* <terminal>/<year>.receipt of <…>/<terminal>/<year>. */
static int name_of(const char *folder, char *ret, size_t size)
{
	const char *year = strrchr(folder, '/'), *terminal = year;

	if (!year || !year[1])
		return -ENOENT;
	while (terminal > folder && terminal[-1] != '/')
		terminal--;
	return snprintf(ret, size, "%s.receipt", terminal) < (int)size ? 0 : -ENAMETOOLONG;
}

int receipt_last(const char *root, const char *folder, struct Receipt *ret)
{
	_cleanup_fd_ int dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *note = malloc(NOTE_MOST);
	uint64_t seconds;
	char name[512];
	ssize_t n;
	int r = dir < 0 ? -errno : note ? name_of(folder, name, sizeof(name)) : -ENOMEM;

	if (r < 0)
		return r;
	n = file_read_at(dir, name, note, NOTE_MOST);
	if (n < 0)
		return n == -E2BIG ? -EBADMSG : (int)n;
	*ret = (struct Receipt){};
	if (ledger_seen_read(note, (size_t)n, &ret->seen) < 0 || !*ret->seen.origin ||
	        cosign_last(note, (size_t)n, ret->by, sizeof(ret->by), &seconds) < 0)
		return -EBADMSG;
	ret->time = (int64_t)MIN(seconds, (uint64_t)1 << 40) * 1000;
	return 0;
}
