/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger's folder on disk: its three files by name. */
#include "fault.h"
#include "file.h"
#include "mediagate/ledger.h"
#include "std.h"
#include "str.h"

#include <fcntl.h>
#include <sys/stat.h>

#define CHECKPOINT_MOST 65536
#define VKEY_MOST       1024

static int unreadable(struct LedgerReport *ret, const char *name)
{
	memset(ret, 0, sizeof(*ret));
	ret->fault = FAULT_UNREADABLE;
	STR_CUT(ret->error, name);
	return 0;
}

/* Not there, no right to it, a folder: the caller's to say. */
static bool is_unreadable(int r)
{
	return r == -ENOENT || r == -EACCES || r == -EPERM || r == -ELOOP || r == -EISDIR || r == -ENOTDIR ||
	       r == -ENXIO || r == -E2BIG;
}

/* A regular file, and no waiting for a FIFO's other end. */
static int open_records(int dir, int *ret)
{
	_cleanup_fd_ int fd = openat(dir, "records.jsonl", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENXIO;
	*ret = fd_steal(&fd);
	return 0;
}

int ledger_verify_folder(int dir, const char *vkey, LedgerEach each, void *owner, struct LedgerReport *ret)
{
	_cleanup_free_ char *checkpoint = malloc(CHECKPOINT_MOST);
	_cleanup_fd_ int records = -1;
	char own[VKEY_MOST];
	struct LedgerInput in = {.checkpoint = checkpoint, .vkey = vkey, .each = each, .owner = owner};
	ssize_t n;
	int r;

	if (!checkpoint)
		return -ENOMEM;
	r = open_records(dir, &records);
	if (r < 0)
		return is_unreadable(r) ? unreadable(ret, "records.jsonl") : r;
	if (!vkey) {
		n = file_read_at(dir, "vkey", own, sizeof(own) - 1);
		if (n < 0 && n != -E2BIG)
			return is_unreadable((int)n) ? unreadable(ret, "vkey") : (int)n;
		own[MAX(n, 0)] = '\0';
		in.vkey = n > 0 && strlen(own) == (size_t)n ? own : "";
	}
	n = file_read_at(dir, "checkpoint", checkpoint, CHECKPOINT_MOST);
	if (n < 0 && n != -E2BIG)
		return is_unreadable((int)n) ? unreadable(ret, "checkpoint") : (int)n;
	in.records = records;
	in.checkpoint_size = (size_t)MAX(n, 0); /* too much of it is malformed, as nothing is */
	return ledger_verify(&in, ret);
}
