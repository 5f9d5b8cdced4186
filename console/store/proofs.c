/* SPDX-License-Identifier: Apache-2.0 */
#include "proofs.h"

#include "mediagate/ledger.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

struct Proofs {
	int data;
	int64_t ledger; /* that is open; 0: none */
	struct LedgerReader *reader;
	struct stat checkpoint; /* as it was then */
};

int proofs_new(int data, struct Proofs **ret)
{
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	(*ret)->data = data;
	return 0;
}

void proofs_freep(struct Proofs **p)
{
	if (*p)
		ledger_reader_free((*p)->reader);
	free(*p);
	*p = NULL;
}

static int folder_open(const struct Proofs *p, int64_t ledger)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "ledgers/%06" PRId64, ledger);
	fd = openat(p->data, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

int proofs_line(struct Proofs *p, int64_t ledger, uint64_t place, size_t size, char *ret, size_t ret_size)
{
	_cleanup_fd_ int dir = folder_open(p, ledger), fd = -1;

	if (dir < 0)
		return dir;
	if (size >= ret_size)
		return -E2BIG;
	fd = openat(dir, "records.jsonl", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (pread(fd, ret, size, (off_t)place) != (ssize_t)size)
		return -ENOENT;
	ret[size] = '\0';
	return 0;
}

static void forget(struct Proofs *p)
{
	p->reader = ledger_reader_free(p->reader);
	p->ledger = 0;
}

/* Verifies the copy; again only when its checkpoint is another one. */
static int reader_open(struct Proofs *p, int64_t ledger)
{
	_cleanup_fd_ int dir = folder_open(p, ledger);
	struct LedgerReport report;
	struct stat st;
	char path[64];
	int r;

	if (dir < 0)
		return dir;
	if (fstatat(dir, "checkpoint", &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (p->ledger == ledger && p->checkpoint.st_ino == st.st_ino &&
	        !memcmp(&p->checkpoint.st_mtim, &st.st_mtim, sizeof(st.st_mtim)))
		return 0;
	forget(p);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	r = ledger_reader_open(path, NULL, &p->reader);
	if (r >= 0)
		r = ledger_reader_verify(p->reader, NULL, NULL, &report);
	if (r >= 0 && report.fault)
		r = -ENOENT;
	if (r < 0) {
		forget(p);
		return r;
	}
	p->ledger = ledger;
	p->checkpoint = st;
	return 0;
}

int proofs_make(struct Proofs *p, int64_t ledger, uint64_t n, char *ret, size_t size)
{
	size_t written;
	int r = reader_open(p, ledger);

	if (r < 0)
		return r;
	r = ledger_reader_prove(p->reader, n, ret, size, &written);
	if (r == -EBADMSG) {
		forget(p);
		return -ENOENT;
	}
	return r;
}
