/* SPDX-License-Identifier: Apache-2.0 */
#include "push_desk.h"

#include "clock.h"
#include "cosign.h"
#include "dir.h"
#include "file.h"
#include "hex.h"
#include "log.h"
#include "str.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* One request on its way. */
struct Turn {
	struct PushDesk *desk;
	struct Push push;
	struct FeedHeld held;
	struct PushReply reply;
	char cosignature[PUSH_COSIGNATURE], checkpoint[PUSH_CHECKPOINT];
	char file[2 * HASH_SIZE +
	          1]; /* where its parts wait: by the key, for nobody else knows whose it is */
	int records;
};

/* ------------------------------------------------------------------ the desk */

int push_desk_open(struct PushDesk *d, struct Intake *in, int witness)
{
	int r = file_dir_make_at(in->data, "pushed", 0700, &d->folder);

	d->in = in;
	d->witness = witness;
	if (r >= 0)
		r = dir_empty(d->folder);
	if (r < 0)
		return r;
	d->lock = openat(in->data, "intake.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return d->lock < 0 ? -errno : 0;
}

void push_desk_done(struct PushDesk *d)
{
	d->folder = fd_close(d->folder);
	d->lock = fd_close(d->lock);
	d->witness = fd_close(d->witness);
}

/* ------------------------------------------------------------------ the parts */

static int say(struct Turn *t, enum PushWord word, uint64_t number)
{
	t->reply = (struct PushReply){.word = word, .number = number};
	return 0;
}

static int name_file(struct Turn *t)
{
	_cleanup_(crypto_freep) struct Crypto *crypto = NULL;
	const struct Bytes vkey = {t->push.vkey, strlen(t->push.vkey)};
	uint8_t hash[HASH_SIZE];
	int r = crypto_new(&crypto);

	if (r >= 0)
		r = crypto_hash(crypto, &vkey, 1, hash);
	if (r >= 0)
		hex_encode(hash, sizeof(hash), t->file);
	return r;
}

/* The file as far as it goes: an attempt's first part begins it anew. The bytes before its base are a hole.
 */
static int open_parts(struct Turn *t, uint64_t *ret_size)
{
	bool first = t->push.at == t->push.base;
	struct stat st;
	int r = name_file(t);

	if (r < 0)
		return r;
	t->records = openat(t->desk->folder, t->file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (t->records < 0 || (first && ftruncate(t->records, 0)) || fstat(t->records, &st))
		return -errno;
	*ret_size = first ? t->push.base : (uint64_t)st.st_size;
	return 0;
}

static int write_part(const struct Turn *t)
{
	const struct Push *p = &t->push;

	for (size_t at = 0; at < p->n_records;) {
		ssize_t n = pwrite(t->records, p->records + at, p->n_records - at, (off_t)(p->at + at));

		if (n < 0 && errno != EINTR)
			return -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int drop_parts(const struct Turn *t)
{
	return unlinkat(t->desk->folder, t->file, 0) ? -errno : 0;
}

/* ------------------------------------------------------------------ the receipt */

/* Who cosigns is asked with the checkpoint's text and answers with a line. */
static int cosign(struct Turn *t)
{
	size_t text;
	ssize_t n;

	if (note_split(t->push.checkpoint, t->push.n_checkpoint, &text))
		return -EIO; /* it was verified a moment ago */
	n = send(t->desk->witness, t->push.checkpoint, text, MSG_NOSIGNAL);
	if (n >= 0)
		n = recv(t->desk->witness, t->cosignature, sizeof(t->cosignature), 0);
	if (n <= 0)
		return n < 0 ? -errno : -EPIPE;
	t->reply.cosignature = t->cosignature;
	t->reply.n_cosignature = (size_t)n;
	return 0;
}

/* The last checkpoint of the console's own acts: who holds it knows what the console was then. There is none
   in a new year until the first act. */
static void own_checkpoint(struct Turn *t)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "own/ledger/console/%u/checkpoint", clock_fiscal_year(clock_now()));
	n = file_read_at(t->desk->in->data, path, t->checkpoint, sizeof(t->checkpoint));
	t->reply.checkpoint = t->checkpoint;
	t->reply.n_checkpoint = n > 0 ? (size_t)n : 0;
}

/* ------------------------------------------------------------------ the last part */

static int judged(struct Turn *t, const struct IntakeResult *result)
{
	uint64_t bytes = t->push.at + t->push.n_records;

	if (result->again)
		return say(t, PUSH_AGAIN, 0);
	log_info("%s: %s, %s", result->origin, intake_word(result->outcome), verdict_word(result->verdict));
	if (result->verdict != VERDICT_VERIFIED)
		return say(t, PUSH_WRONG, 0);
	say(t, PUSH_RECEIVED, bytes);
	own_checkpoint(t);
	return cosign(t);
}

static int judge(struct Turn *t)
{
	const struct IntakePushed pushed = {.vkey = t->push.vkey,
	        .checkpoint = t->push.checkpoint,
	        .n_checkpoint = t->push.n_checkpoint,
	        .base = t->push.base,
	        .records = t->records};
	struct IntakeResult result;
	int r = intake_pushed(t->desk->in, &pushed, &result);

	drop_parts(t);
	if (r == -EBADMSG)
		return say(t, PUSH_REFUSED, 0);
	return r < 0 ? r : judged(t, &result);
}

/* ------------------------------------------------------------------ one request */

/* Whether it may be taken at all, and from where on. */
static bool welcome(struct Turn *t)
{
	const struct Push *p = &t->push;
	const struct PushDesk *d = t->desk;

	if ((!*t->held.root && !d->newcomers) || p->at + p->n_records > d->quota) {
		say(t, PUSH_REFUSED, 0);
		return false;
	}
	if (p->base && p->base != t->held.bytes) {
		say(t, PUSH_AGAIN, t->held.bytes);
		return false;
	}
	return true;
}

static int take(struct Turn *t)
{
	uint64_t size;
	int r = intake_held(t->desk->in, t->push.vkey, &t->held);

	if (r == -EBADMSG)
		return say(t, PUSH_REFUSED, 0);
	if (r < 0 || !welcome(t))
		return r;
	r = open_parts(t, &size);
	if (r < 0)
		return r;
	if (t->push.at != size) /* another attempt came between, or this console ended */
		return say(t, PUSH_AGAIN, t->push.base);
	r = write_part(t);
	if (r < 0)
		return r;
	return t->push.n_checkpoint ? judge(t) : say(t, PUSH_MORE, t->push.at + t->push.n_records);
}

/* A full disk or a copy that somebody else touched holds up this ledger alone. */
static int turn(struct Turn *t)
{
	int r = take(t);

	t->records = fd_close(t->records);
	if (r >= 0 || r == -EPIPE || r == -ECONNRESET)
		return r;
	log_error("%.300s: %s", t->push.vkey, strerrordesc_np(-r));
	say(t, PUSH_LATER, 0);
	return intake_release(t->desk->in);
}

ssize_t push_take(struct PushDesk *d, const char *bytes, size_t n, char *ret)
{
	_cleanup_free_ struct Turn *t = calloc(1, sizeof(*t));
	int r = 0;

	if (!t)
		return -ENOMEM;
	t->desk = d;
	t->records = -1;
	if (push_read(bytes, n, &t->push) < 0)
		say(t, PUSH_REFUSED, 0);
	else if (flock(d->lock, LOCK_EX | LOCK_NB))
		say(t, PUSH_LATER, 0);
	else {
		r = turn(t);
		flock(d->lock, LOCK_UN);
	}
	return r < 0 ? r : push_reply_write(&t->reply, ret, PUSH_REPLY_MOST);
}
