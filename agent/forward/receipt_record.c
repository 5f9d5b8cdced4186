/* SPDX-License-Identifier: Apache-2.0 */
#include "receipt_record.h"

#include "channel.h"
#include "file.h"
#include "hex.h"
#include "request.h"
#include "str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#define PATIENCE 30 /* seconds for the agent to answer */

/* What was kept of the console's answer. */
struct Kept {
	struct LedgerSeen seen, console; /* console.size 0: none */
	struct CosignLine by;
};

/* ------------------------------------------------------------------ what was kept */

static int read_kept(int dir, const struct Year *y, struct Kept *ret)
{
	static char note[PUSH_CHECKPOINT + PUSH_COSIGNATURE];
	char name[32];
	ssize_t n;

	*ret = (struct Kept){};
	snprintf(name, sizeof(name), "%.8s.receipt", y->name);
	n = file_read_at(dir, name, note, sizeof(note));
	if (n < 0)
		return (int)n;
	if (ledger_seen_read(note, (size_t)n, &ret->seen) < 0 || cosign_last(note, (size_t)n, &ret->by) < 0)
		return -EBADMSG;
	snprintf(name, sizeof(name), "%.8s.console", y->name);
	n = file_read_at(dir, name, note, sizeof(note));
	if (n > 0 && ledger_seen_read(note, (size_t)n, &ret->console) < 0)
		ret->console.size = 0;
	return 0;
}

/* How many records the last receipt on record covered. */
static uint64_t read_recorded(int dir, const char *name)
{
	uint64_t size = 0;

	return file_read_number_at(dir, name, &size) < 0 ? 0 : size;
}

/* ------------------------------------------------------------------ whether it is worth a record */

static bool is_ours(const struct LedgerEntry *e)
{
	return ledger_slice_is(e->kind, "receipt") || ledger_slice_is(e->kind, "key");
}

/* The lines that end in these bytes: true when one is somebody's act. *ret_read is behind the last of them. */
static bool any_act(const char *bytes, size_t n, size_t *ret_read)
{
	const char *end;

	*ret_read = 0;
	while ((end = memchr(bytes + *ret_read, '\n', n - *ret_read))) {
		size_t size = (size_t)(end - bytes) - *ret_read;
		struct LedgerEntry e;

		if (!ledger_entry_read(bytes + *ret_read, size, &e) && !is_ours(&e))
			return true;
		*ret_read += size + 1;
	}
	return false;
}

/* A receipt is a record, which the next receipt covers: without this there would be no end of them. Only what came
   since the last one is read. */
static bool is_news(const struct Year *y, uint64_t recorded, const struct LedgerSeen *seen)
{
	char bytes[2 * (LIMIT_LINE + 1)];
	uint64_t at, end;

	if (year_bytes(y, recorded, &at) < 0 || year_bytes(y, seen->size, &end) < 0)
		return false;
	while (at < end) {
		ssize_t n = pread(y->records, bytes, MIN(sizeof(bytes), end - at), (off_t)at);
		size_t read;

		if (n <= 0 || any_act(bytes, (size_t)n, &read))
			return n > 0;
		if (!read)
			return false; /* no line is that long */
		at += read;
	}
	return false;
}

/* ------------------------------------------------------------------ asking */

static int agent_connect(const char *path)
{
	const struct timeval patience = {.tv_sec = PATIENCE};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_fd_ int fd = -1;

	if (STR_SET(address.sun_path, path) < 0)
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	        connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return fd_steal(&fd);
}

static ssize_t request_write(const struct Kept *k, char *ret, size_t size)
{
	char root[2 * HASH_SIZE + 1], own[2 * HASH_SIZE + 1], cosignature[2 * COSIGN_BYTES + 1];
	int n, m = 0;

	hex_encode(k->seen.root, HASH_SIZE, root);
	hex_encode(k->by.bytes, sizeof(k->by.bytes), cosignature);
	n = snprintf(ret, size,
	        "mediagate/1 receipt\nconsole=%.200s\ncosignature=%s\ncovered=%" PRIu64 "\nroot=%s\n", k->by.name,
	        cosignature, k->seen.size, root);
	if (n < (int)size && k->console.size) {
		hex_encode(k->console.root, HASH_SIZE, own);
		m = snprintf(ret + n, size - (size_t)n, "console-covered=%" PRIu64 "\nconsole-root=%s\n",
		        k->console.size, own);
	}
	return n + m < (int)size ? n + m : -E2BIG;
}

static int ask(const char *path, const struct Kept *k)
{
	static struct Message m;
	char text[2048];
	_cleanup_fd_ int fd = agent_connect(path);
	ssize_t n = request_write(k, text, sizeof(text));
	int r;

	if (fd < 0 || n < 0)
		return fd < 0 ? fd : (int)n;
	if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
		return -EPIPE;
	r = channel_receive(fd, &m);
	if (r)
		return r < 0 ? r : -EPIPE;
	message_done(&m);
	return m.type == MSG_REPLY && m.body.REPLY.fault == FAULT_OK ? 0 : -EPROTO;
}

int receipt_record(const char *socket, int state, const struct Year *y)
{
	_cleanup_fd_ int dir = openat(state, y->terminal, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	static struct Kept kept;
	char name[32], text[32];
	uint64_t recorded;
	int r = dir < 0 ? -errno : read_kept(dir, y, &kept);

	if (r < 0)
		return r;
	snprintf(name, sizeof(name), "%.8s.recorded", y->name);
	recorded = read_recorded(dir, name);
	if (!is_news(y, recorded, &kept.seen))
		return 1;
	r = ask(socket, &kept);
	if (r < 0)
		return r;
	snprintf(text, sizeof(text), "%" PRIu64 "\n", kept.seen.size);
	return file_replace_at(dir, name, text, strlen(text), 0644);
}
