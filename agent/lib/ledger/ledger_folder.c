/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger's folder on disk: its three files by name. */
#include "ledger_folder.h"

#include "fault.h"
#include "file.h"
#include "str.h"

#include <fcntl.h>
#include <sys/stat.h>

#define CHECKPOINT_MOST 65536

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

void ledger_folder_done(struct LedgerFolder *f)
{
	f->records = fd_close(f->records);
	free(f->checkpoint);
	f->checkpoint = NULL;
}

/* One of several lines, or with a NUL, is as malformed as none. */
static int vkey_read(struct LedgerFolder *f, int dir)
{
	ssize_t n = file_read_at(dir, "vkey", f->vkey, sizeof(f->vkey) - 1);

	if (n < 0 && n != -E2BIG)
		return (int)n;
	f->vkey[MAX(n, 0)] = '\0';
	if (n < 0 || strlen(f->vkey) != (size_t)n)
		f->vkey[0] = '\0';
	return 0;
}

int ledger_folder_open(struct LedgerFolder *f, int dir, const char *vkey, const char **ret_file)
{
	ssize_t n;
	int r;

	f->checkpoint = malloc(CHECKPOINT_MOST);
	if (!f->checkpoint)
		return -ENOMEM;
	*ret_file = "records.jsonl";
	r = open_records(dir, &f->records);
	if (r < 0)
		return r;
	*ret_file = "vkey";
	if (!vkey)
		r = vkey_read(f, dir);
	if (r < 0)
		return r;
	*ret_file = "checkpoint";
	n = file_read_at(dir, "checkpoint", f->checkpoint, CHECKPOINT_MOST);
	if (n < 0 && n != -E2BIG)
		return (int)n;
	f->input = (struct LedgerInput){.records = f->records,
	        .checkpoint = f->checkpoint,
	        .checkpoint_size = (size_t)MAX(n, 0), /* too much of it is malformed, as nothing is */
	        .vkey = vkey ? vkey : f->vkey};
	return 0;
}

int ledger_verify_folder(int dir, const char *vkey, LedgerEach each, void *owner, struct LedgerReport *ret)
{
	_cleanup_ledger_folder_ struct LedgerFolder f = LEDGER_FOLDER_NULL;
	const char *file;
	int r = ledger_folder_open(&f, dir, vkey, &file);

	if (r < 0)
		return is_unreadable(r) ? unreadable(ret, file) : r;
	f.input.each = each;
	f.input.owner = owner;
	return ledger_verify(&f.input, ret);
}
