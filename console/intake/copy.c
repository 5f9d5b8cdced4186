/* SPDX-License-Identifier: Apache-2.0 */
#include "copy.h"

#include "file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#define STATE_FILE "state"

static int folder_make(int dir, const char *name)
{
	int fd;

	if (mkdirat(dir, name, 0700) && errno != EEXIST)
		return -errno;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

static bool is_same(const struct stat *copy, int source)
{
	struct stat st;

	return fstat(source, &st) == 0 && st.st_dev == copy->st_dev && st.st_ino == copy->st_ino;
}

int copy_open(struct Copy *c, int data, int64_t ledger, uint64_t held, int source)
{
	_cleanup_fd_ int ledgers = folder_make(data, "ledgers");
	struct stat st;
	char name[32];

	copy_close(c);
	if (ledgers < 0)
		return ledgers;
	snprintf(name, sizeof(name), "%06" PRId64, ledger);
	c->folder = folder_make(ledgers, name);
	if (c->folder < 0)
		return c->folder;
	c->records = openat(c->folder, "records.jsonl", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (c->records < 0 || fstat(c->records, &st))
		return -errno;
	if (is_same(&st, source))
		return -EINVAL;
	/* fewer than the tables say: somebody else was here */
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size < held)
		return -ESTALE;
	if ((uint64_t)st.st_size > held && ftruncate(c->records, (off_t)held))
		return -errno;
	if (lseek(c->records, (off_t)held, SEEK_SET) < 0)
		return -errno;
	c->start = c->size = held;
	c->n = 0;
	return 0;
}

static int flush(struct Copy *c)
{
	int r = c->n ? file_write_all(c->records, c->buffer, c->n) : 0;

	c->n = 0;
	return r;
}

int copy_add(struct Copy *c, const char *line, size_t size)
{
	int r = c->n + size + 1 > sizeof(c->buffer) ? flush(c) : 0;

	if (r < 0)
		return r;
	if (size + 1 > sizeof(c->buffer))
		return -E2BIG;
	memcpy(c->buffer + c->n, line, size);
	c->buffer[c->n + size] = '\n';
	c->n += size + 1;
	c->size += size + 1;
	return 0;
}

static int state_keep(const struct Copy *c, const struct LedgerState *state)
{
	char text[STATE_MOST];
	ssize_t n = state_write(state, text, sizeof(text));

	return n < 0 ? (int)n : file_replace_at(c->folder, STATE_FILE, text, (size_t)n, 0600);
}

int copy_keep(struct Copy *c, const char *checkpoint, size_t size, const char *vkey,
        const struct LedgerState *state)
{
	int r = flush(c);

	if (r < 0)
		return r;
	if (fdatasync(c->records))
		return -errno;
	if (!c->start)
		r = file_replace_at(c->folder, "vkey", vkey, strlen(vkey), 0600);
	if (r >= 0)
		r = file_replace_at(c->folder, "checkpoint", checkpoint, size, 0600);
	return r < 0 ? r : state_keep(c, state);
}

int copy_state(const struct Copy *c, struct LedgerState *ret)
{
	char text[STATE_MOST];
	ssize_t n = file_read_at(c->folder, STATE_FILE, text, sizeof(text));

	return n < 0 ? (int)n : state_read(text, (size_t)n, ret);
}

bool copy_begins(const struct Copy *c, int records)
{
	_cleanup_free_ char *both = malloc(2 * COPY_BUFFER);

	for (uint64_t at = 0; both && at < c->start; at += COPY_BUFFER) {
		size_t n = (size_t)MIN((uint64_t)COPY_BUFFER, c->start - at);

		if (pread(c->records, both, n, (off_t)at) != (ssize_t)n ||
		        pread(records, both + n, n, (off_t)at) != (ssize_t)n || memcmp(both, both + n, n))
			return false;
	}
	return both;
}

void copy_drop(struct Copy *c)
{
	/* what cannot be cut off now is cut off when it is opened again */
	if (c->records >= 0 && ftruncate(c->records, (off_t)c->start))
		c->n = 0;
	c->n = 0;
	c->size = c->start;
}

void copy_close(struct Copy *c)
{
	c->folder = fd_close(c->folder);
	c->records = fd_close(c->records);
	c->n = 0;
}
