/* SPDX-License-Identifier: Apache-2.0 */
#include "receipt.h"

#include "cosign.h"
#include "file.h"
#include "str.h"

#include <fcntl.h>

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

ssize_t receipt_read(const char *root, const char *folder, char ret[static RECEIPT_MOST])
{
	_cleanup_fd_ int dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[512];
	ssize_t n = dir < 0 ? -errno : name_of(folder, name, sizeof(name));

	if (n >= 0)
		n = file_read_at(dir, name, ret, RECEIPT_MOST);
	return n == -E2BIG ? -EBADMSG : n;
}

int receipt_last(const char *root, const char *folder, struct Receipt *ret)
{
	_cleanup_free_ char *note = malloc(RECEIPT_MOST);
	ssize_t n = note ? receipt_read(root, folder, note) : -ENOMEM;
	struct CosignLine by;

	if (n < 0)
		return (int)n;
	*ret = (struct Receipt){};
	if (ledger_seen_read(note, (size_t)n, &ret->seen) < 0 || !*ret->seen.origin ||
	        cosign_last(note, (size_t)n, &by) < 0 || STR_SET(ret->by, by.name) < 0)
		return -EBADMSG;
	ret->time = (int64_t)MIN(by.time, (uint64_t)1 << 40) * 1000;
	return 0;
}
