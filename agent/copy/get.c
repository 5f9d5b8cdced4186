/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads one thing from the medium: a copy, opened; or a file or folder that is not ours, as it is.
 *
 * Members go into pipes whose other ends the person's side writes to unnamed places; only when note,
 * tags and SHA256SUMS hold and all is on record does PUBLISH give them their names.
 */
#include "entries.h"
#include "folder_note.h"
#include "job.h"
#include "pipes.h"
#include "secrets.h"
#include "signer.h"
#include "str.h"
#include "unseal.h"
#include "walk.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define GET_TRIES 3

struct Get {
	struct Job *job;
	struct Secrets *secrets;
	struct PrivateKey *key;
	struct CryptoDigest *digest;
	struct Entries entries; /* what went out, to be told when all holds */
	uint8_t (*digests)[DIGEST_SIZE];
	size_t digests_room;
	char name[LIMIT_FILE_NAME]; /* under way */
	uint64_t size;
	int out; /* its pipe */
	bool any;
	size_t prefix; /* bytes of a path before the member's name */
	struct MsgProgress progress;
};

static void get_done(struct Get *g)
{
	g->out = fd_close(g->out);
	private_key_freep(&g->key);
	crypto_digest_freep(&g->digest);
	secrets_freep(&g->secrets);
	entries_free(&g->entries);
	free(g->digests);
}

/* What a library made of an error of the medium. */
static int medium_or(int r)
{
	return r == -EIO || r == -ENODEV || r == -ENXIO || r == -EUCLEAN ? medium_fault(-r) : r;
}

/* ------------------------------------------------------------------ one member to the person */

static int member_begin(struct Get *g, const char *name, uint64_t size)
{
	_cleanup_message_ struct Message made = {};
	struct MsgMake make = {.size = size};
	int r;

	STR_CUT(g->name, name);
	STR_CUT(make.name, name);
	g->size = size;
	g->any = true;
	r = job_say(g->job, MSG_MAKE, &make);
	if (!r)
		r = job_hear(g->job, MSG_MADE, &made);
	if (r)
		return r;
	if (made.body.MADE.fault)
		return job_fail(g->job,
		        made.body.MADE.fault < _FAULT_N ? made.body.MADE.fault : FAULT_BAD_REQUEST, name);
	if (made.n_fds != 1)
		return job_fail(g->job, FAULT_BAD_REQUEST, "descriptor");
	r = pipe_take(g->job, made.fds[0]);
	if (!r)
		g->out = fd_steal(&made.fds[0]);
	return r;
}

static int member_data(struct Get *g, const void *bytes, size_t n)
{
	int r = job_check(g->job);

	if (!r)
		r = pipe_write(g->job, g->out, bytes, n);
	g->progress.bytes += n;
	job_progress(g->job, &g->progress, false);
	return r == FAULT_DEST_FAILED ? job_fail(g->job, r, g->name) : r;
}

static int member_end(struct Get *g, const uint8_t sha256[static DIGEST_SIZE])
{
	struct FileFacts facts = {.size = g->size};
	int r;

	g->out = fd_close(g->out);
	g->progress.files++;
	if (g->entries.n >= g->digests_room) {
		size_t room = MAX(64u, 2 * g->digests_room);
		void *more = reallocarray(g->digests, room, sizeof(*g->digests));

		if (!more)
			return -ENOMEM;
		g->digests = more;
		g->digests_room = room;
	}
	memcpy(g->digests[g->entries.n], sha256, DIGEST_SIZE);
	r = entries_add(&g->entries, g->name, &facts);
	return r > 0 ? job_fail(g->job, r, g->name) : r;
}

/* All of it holds: on record, then in force. */
static int publish(struct Get *g, bool verified)
{
	_cleanup_message_ struct Message made = {};
	struct MsgJobReady ready = {.files = g->entries.n};
	struct MsgPublish publish = {.verified = verified};
	int r = 0;

	for (size_t i = 0; !r && i < g->entries.n; i++) {
		struct MsgJobFile file = {.size = g->entries.rows[i].facts.size};
		const char *name = entries_name(&g->entries, i);

		/* one plain file has no name below its own */
		STR_CUT(file.name, *name ? name : g->job->order.name);
		memcpy(file.sha256, g->digests[i], DIGEST_SIZE);
		ready.bytes += file.size;
		r = job_tell(g->job, MSG_JOB_FILE, &file);
	}
	g->job->files = ready.files;
	g->job->bytes = ready.bytes;
	ready.parts = g->job->parts;
	job_progress(g->job, &g->progress, true);
	if (!r)
		r = job_ready(g->job, &ready);
	if (!r)
		r = job_say(g->job, MSG_PUBLISH, &publish);
	if (!r)
		r = job_hear(g->job, MSG_MADE, &made);
	if (r)
		return r;
	r = made.body.MADE.fault;
	return r < _FAULT_N ? r : FAULT_BAD_REQUEST;
}

/* ------------------------------------------------------------------ a copy */

static int sink_begin(void *owner, const struct TarMember *m)
{
	return member_begin(owner, m->name, m->size);
}

static int sink_data(void *owner, const void *bytes, size_t n)
{
	return member_data(owner, bytes, n);
}

static int sink_end(void *owner, const uint8_t sha256[static 32])
{
	return member_end(owner, sha256);
}

static int passphrase(void *owner, char *ret, size_t size)
{
	const struct MsgSecret *secret = owner;

	if (!secret->password[0] || str_set(ret, size, secret->password))
		return -ENOENT;
	return (int)strlen(ret);
}

static int take_key(struct Get *g, struct MsgSecret *secret)
{
	struct Message *m = &g->secrets->message;
	size_t size;
	int r;

	if (m->n_fds != 1)
		return job_fail(g->job, FAULT_BAD_REQUEST, "key");
	r = pipe_take(g->job, m->fds[0]);
	if (!r)
		r = pipe_read(g->job, m->fds[0], g->secrets->pem, sizeof(g->secrets->pem), &size);
	if (r)
		return r;
	private_key_freep(&g->key);
	r = private_key_read(g->secrets->pem, size, passphrase, secret, &g->key);
	explicit_bzero(g->secrets->pem, sizeof(g->secrets->pem));
	g->secrets->keys.key = g->key;
	return r > 0 ? FAULT_WRONG_KEY : r;
}

static int ask_secret(struct Get *g, const struct MsgAskSecret *ask)
{
	struct Message *m = &g->secrets->message;
	struct MsgSecret *secret = &m->body.SECRET;
	int r = job_say(g->job, MSG_ASK_SECRET, ask);

	message_done(m);
	cms_keys_done(&g->secrets->keys);
	g->secrets->keys = (struct CmsKeys){};
	if (!r)
		r = job_hear(g->job, MSG_SECRET, m);
	secrets_wipe_stack();
	if (r)
		return r;
	if (secret->has_certificate)
		return take_key(g, secret);
	g->secrets->keys.password = secret->password;
	g->secrets->keys.password_size = strlen(secret->password);
	return 0;
}

struct Sealed {
	int dir;
	const char *folder; /* its name */
	struct Folder facts;
	struct FolderNote note;
	struct CmsFacts to;
};

static int unseal_once(struct Get *g, struct Sealed *s)
{
	struct TarSink sink = {.owner = g, .begin = sink_begin, .data = sink_data, .end = sink_end};
	struct UnsealWhere where = {};
	struct TarTally tally;
	const struct SealedFolder sealed = {s->dir, &s->facts, s->note.bytes, s->note.text_size};
	int r = unseal_folder(&sealed, &g->secrets->keys, &sink, &tally, &where);

	if (r == FAULT_DAMAGED || r == FAULT_INCOMPLETE)
		return job_fail(g->job, r, where.name[0] ? where.name : s->folder);
	return medium_or(r);
}

static int unseal_tries(struct Get *g, struct Sealed *s)
{
	struct MsgAskSecret ask = {.certificate = !s->to.password};
	int r = 0;

	STR_CUT(ask.copy, s->facts.copy);
	for (unsigned int i = 0; i < GET_TRIES; i++) {
		r = ask_secret(g, &ask);
		if (!r)
			r = unseal_once(g, s);
		if (g->any || (r != FAULT_WRONG_PASSWORD && r != FAULT_WRONG_KEY))
			break;
		ask.again = 1;
	}
	return r == FAULT_WRONG_PASSWORD || r == FAULT_WRONG_KEY ? job_fail(g->job, r, s->folder) : r;
}

static int sealed_look(struct Get *g, struct Sealed *s, const char *copy)
{
	size_t key;
	int r = folder_look(s->dir, copy, &s->facts);

	if (!r)
		r = folder_note_read(s->dir, copy, &s->note);
	/* Nothing is asked of the person, and no part is parsed, before the sender is known. A site that
	   names no issuer cannot tell whose a copy is: it opens, and is said to be unverified. */
	if (!r && g->job->n_issuers)
		r = signer_check(g->job->issuers, g->job->n_issuers, s->note.bytes, s->note.size, &key);
	if (!r)
		r = note_check(&s->facts, s->note.bytes, s->note.text_size);
	if (!r)
		r = folder_recipients(s->dir, &s->facts, &s->to);
	/* what is in it is a little less, and not known yet: near enough to tell how far it is */
	if (!r && !folder_parts_size(s->dir, &s->facts, &g->progress.of))
		r = FAULT_INCOMPLETE;
	return r > 0 ? job_fail(g->job, r, s->folder) : medium_or(r);
}

static int get_copy(struct Get *g, const char *folder, const char *copy)
{
	_cleanup_fd_ int dir = medium_open(g->job->root, folder, O_RDONLY | O_DIRECTORY, 0);
	struct Sealed s = {.dir = dir, .folder = folder};
	int r;

	if (dir < 0)
		return dir == -ENOENT || dir == -ENOTDIR ? job_fail(g->job, FAULT_NO_SUCH_COPY, folder)
		                                         : medium_fault(-dir);
	r = secrets_new(&g->secrets);
	if (!r)
		r = sealed_look(g, &s, copy);
	if (!r)
		r = unseal_tries(g, &s);
	folder_note_free(&s.note);
	g->job->parts = r ? 0 : s.facts.parts;
	return r ? r : publish(g, g->job->n_issuers > 0);
}

/* ------------------------------------------------------------------ anything else, as it is */

static int plain_bytes(struct Get *g, int fd)
{
	_cleanup_free_ uint8_t *bytes = malloc(65536);
	uint64_t left = g->size;
	int r = bytes ? crypto_digest_start(g->digest) : -ENOMEM;

	while (!r && left) {
		ssize_t n = read(fd, bytes, (size_t)MIN(left, 65536u));

		if (n < 0)
			return medium_fault(errno);
		if (n == 0)
			return FAULT_MEDIUM_ERROR;
		left -= (uint64_t)n;
		r = crypto_digest_update(g->digest, bytes, (size_t)n);
		if (!r)
			r = member_data(g, bytes, (size_t)n);
	}
	return r;
}

static int plain_file(void *owner, const struct WalkItem *item)
{
	struct Get *g = owner;
	uint8_t sha256[DIGEST_SIZE];
	_cleanup_fd_ int fd = -1;
	int r;

	if (item->folder)
		return 0;
	fd = medium_open(g->job->root, item->name, O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0)
		return medium_fault(-fd);
	r = member_begin(g, item->name + g->prefix, item->size);
	if (!r)
		r = plain_bytes(g, fd);
	if (!r)
		r = crypto_digest_end(g->digest, sha256);
	return r ? r : member_end(g, sha256);
}

static int get_plain(struct Get *g, const char *name)
{
	_cleanup_fd_ int fd = medium_open(g->job->root, name, O_RDONLY | O_NONBLOCK, 0);
	struct WalkItem item = {.name = name};
	struct stat st;
	int r;

	if (fd < 0)
		return fd == -EIO || fd == -ENODEV ? medium_fault(-fd)
		                                   : job_fail(g->job, FAULT_NO_SUCH_COPY, name);
	if (fstat(fd, &st))
		return medium_fault(errno);
	r = crypto_digest_new(&g->digest);
	if (r)
		return r;
	if (S_ISDIR(st.st_mode)) {
		g->prefix = strlen(name) + 1;
		r = walk_below(g->job, name, plain_file, g);
	} else if (S_ISREG(st.st_mode)) {
		g->prefix = strlen(name);
		item.size = g->progress.of = (uint64_t)st.st_size;
		r = plain_file(g, &item);
	} else {
		r = FAULT_NO_SUCH_COPY;
	}
	return r ? r : publish(g, false);
}

/* ------------------------------------------------------------------ which of the two */

static int get_named(struct Get *g)
{
	char name[LIMIT_FILE_NAME], folder[MEDIUM_NAME], copy[LIMIT_ID];
	size_t n = strlen(g->job->order.name);
	struct stat st;

	while (n && g->job->order.name[n - 1] == '/')
		n--;
	if (!n || str_set_n(name, sizeof(name), g->job->order.name, n))
		return FAULT_BAD_REQUEST;
	if (medium_entry(name, copy) == MEDIUM_COPY)
		return get_copy(g, name, copy);
	if (medium_entry(name, copy) == MEDIUM_LEFTOVER)
		return job_fail(g->job, FAULT_INCOMPLETE, name);
	if (copy_id_is_valid(name)) {
		snprintf(folder, sizeof(folder), "MEDIAGATE-%.40s", name);
		if (!fstatat(g->job->root, folder, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode))
			return get_copy(g, folder, name);
	}
	return get_plain(g, name);
}

int job_get(struct Job *j)
{
	struct Get g = {.job = j, .out = -1};
	int r = get_named(&g);

	get_done(&g);
	return r;
}
