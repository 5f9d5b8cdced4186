/* SPDX-License-Identifier: Apache-2.0 */
#include "receipt.h"

#include "file.h"

#include <fcntl.h>

static void file_name(const struct Year *y, const char *what, char ret[static 32])
{
	snprintf(ret, 32, "%.8s.%s", y->name, what);
}

int receipt_read(int state, const struct Year *y, struct LedgerSeen *ret)
{
	_cleanup_fd_ int dir = openat(state, y->terminal, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	static char note[PUSH_CHECKPOINT + COSIGN_LINE];
	char name[32];
	ssize_t n;

	if (dir < 0)
		return -errno;
	file_name(y, "receipt", name);
	n = file_read_at(dir, name, note, sizeof(note));
	if (n < 0)
		return (int)n;
	return ledger_seen_read(note, (size_t)n, ret) < 0 ? -EBADMSG : 0;
}

static int verify(const struct Year *y, const struct PushReply *reply, const struct Vkey *console)
{
	struct CosignText text = {.text = y->checkpoint};
	uint64_t time;
	int r;

	if (note_split(y->checkpoint, y->n_checkpoint, &text.n))
		return -EBADMSG;
	r = cosign_verify(console, &text, reply->cosignature, reply->n_cosignature, &time);
	return r < 0 ? r : r ? 0 : -EBADMSG;
}

int receipt_keep(int state, const struct Year *y, const struct PushReply *reply, const struct Vkey *console)
{
	static char note[PUSH_CHECKPOINT + PUSH_COSIGNATURE];
	_cleanup_fd_ int dir = -1;
	char name[32];
	int r = verify(y, reply, console);

	if (r < 0)
		return r;
	memcpy(note, y->checkpoint, y->n_checkpoint);
	memcpy(note + y->n_checkpoint, reply->cosignature, reply->n_cosignature);
	r = file_dir_make_at(state, y->terminal, 0755, &dir);
	if (r < 0)
		return r;
	/* the console's first: once the receipt is there nothing is asked for again */
	file_name(y, "console", name);
	if (reply->n_checkpoint)
		r = file_replace_at(dir, name, reply->checkpoint, reply->n_checkpoint, 0644);
	file_name(y, "receipt", name);
	return r < 0 ? r : file_replace_at(dir, name, note, y->n_checkpoint + reply->n_cosignature, 0644);
}
