/* SPDX-License-Identifier: Apache-2.0 */
#include "reply.h"

#include "file.h"
#include "identity_text.h"
#include "str.h"
#include "stream.h"
#include "view.h"

#include <fcntl.h>
#include <sys/mman.h>

static struct Crypto *crypto(const struct Server *s)
{
	return s->store->seal->crypto;
}

int reply_digest(struct Server *s, const struct Message *m)
{
	struct MsgDigested answer = {.cookie = m->body.DIGEST.cookie};
	char text[IDENTITY_TEXT];
	struct Bytes bytes = {text, identity_text(&m->body.DIGEST.identity, text)};
	int r = crypto_hash(crypto(s), &bytes, 1, answer.digest);

	return r < 0 ? r : server_send(s, MSG_DIGESTED, &answer, NULL, 0);
}

/* n = 0 in the answer: a descriptor could not be read. */
int reply_files_digest(struct Server *s, const struct Message *m)
{
	struct MsgFilesDigested answer = {.cookie = m->body.FILES_DIGEST.cookie};

	for (; answer.n < m->n_fds; answer.n++)
		if (crypto_hash_file(crypto(s), m->fds[answer.n], answer.digest[answer.n]) < 0) {
			answer.n = 0;
			break;
		}
	return server_send(s, MSG_FILES_DIGESTED, &answer, NULL, 0);
}

/* A line for a copy that is not under way is passed over: NOTE_SIGN tells. */
int reply_note_line(struct Server *s, const struct Message *m)
{
	const struct MsgNoteLine *line = &m->body.NOTE_LINE;
	struct Copy *copy = copies_find(&s->copies, line->copy);

	return copy ? copy_add_line(copy, line->name, line->sha256) : 0;
}

static int sealed_memfd(const char *name, int *ret)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	*ret = fd;
	return 0;
}

static int memfd_seal(int fd)
{
	if (lseek(fd, 0, SEEK_SET) < 0 ||
	        fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		return -errno;
	return 0;
}

/* The copy's text and the label key's signature in a sealed file. */
static int note_make(struct Server *s, struct Copy *copy, struct MsgNote *answer, int *ret)
{
	char signature[NOTE_LINE_SIZE];
	struct Bytes pieces[] = {{copy->text, copy->n}, {signature, 0}};
	_cleanup_fd_ int fd = -1;
	int r;

	r = seal_label(s->store->seal, copy->text, copy->n, signature, &pieces[1].size);
	if (r >= 0)
		r = crypto_hash(crypto(s), pieces, ARRAY_SIZE(pieces), answer->sha256);
	if (r >= 0)
		r = sealed_memfd("note", &fd);
	for (size_t i = 0; i < ARRAY_SIZE(pieces) && r >= 0; i++)
		r = file_write_all(fd, pieces[i].bytes, pieces[i].size);
	if (r >= 0)
		r = memfd_seal(fd);
	if (r < 0)
		return r;
	copy->signed_once = true;
	*ret = fd_steal(&fd);
	return 0;
}

int reply_note_sign(struct Server *s, const struct Message *m)
{
	const struct MsgNoteSign *sign = &m->body.NOTE_SIGN;
	struct Copy *copy = copies_find(&s->copies, sign->copy);
	struct MsgNote answer = {.cookie = sign->cookie};
	_cleanup_fd_ int fd = -1;
	int r;

	if (!copy || !copy_is_whole(copy, sign->n_lines)) {
		answer.fault = copy ? FAULT_INCOMPLETE : FAULT_NO_SUCH_COPY;
		return server_send(s, MSG_NOTE, &answer, NULL, 0);
	}
	r = note_make(s, copy, &answer, &fd);
	return r < 0 ? r : server_send(s, MSG_NOTE, &answer, &fd, 1);
}

struct Actor {
	const char *login;
	int fd;
};

static int actor_line(void *owner, char *line, size_t n, const char *readable _unused_)
{
	struct Actor *a = owner;
	struct LedgerEntry e;

	if (ledger_entry_read(line, n, &e) || e.actor.size != strlen(a->login) ||
	        memcmp(e.actor.text, a->login, e.actor.size))
		return 0;
	/* the newline stands behind it */
	return file_write_all(a->fd, line, n + 1);
}

static int read_person(struct Server *s, const struct MsgRead *ask)
{
	struct MsgReadable answer = {.cookie = ask->cookie};
	_cleanup_fd_ int fd = -1;
	struct Actor actor = {.login = ask->actor};
	uint64_t torn;
	int r = sealed_memfd("records", &fd);

	if (r < 0)
		return r;
	actor.fd = fd;
	r = stream_lines(s->store->records, actor_line, &actor, &torn);
	if (r >= 0)
		r = memfd_seal(fd);
	return r < 0 ? r : server_send(s, MSG_READABLE, &answer, &fd, 1);
}

static int read_whole(struct Server *s, const struct MsgRead *ask)
{
	static const char *const names[] = {STORE_RECORDS, STORE_CHECKPOINT, STORE_VKEY, INDEX_FILE};
	struct MsgReadable answer = {.cookie = ask->cookie};
	int fds[ARRAY_SIZE(names)], r = 0;
	size_t n = 0;

	for (; n < ARRAY_SIZE(names); n++) {
		fds[n] = openat(s->store->dir, names[n], O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fds[n] < 0 && n == ARRAY_SIZE(names) - 1)
			break; /* who has no index reads everything */
		if (fds[n] < 0) {
			answer.fault = FAULT_NO_LEDGER;
			break;
		}
	}
	r = server_send(s, MSG_READABLE, &answer, fds, answer.fault ? 0 : n);
	while (n)
		fd_close(fds[--n]);
	return r;
}

int reply_read(struct Server *s, const struct Message *m)
{
	const struct MsgRead *ask = &m->body.READ;

	return *ask->actor ? read_person(s, ask) : read_whole(s, ask);
}

struct Finding {
	const char *id;
	struct MsgFoundCopy *answer;
};

static int copy_line(void *owner, char *line, size_t n, const char *readable _unused_)
{
	struct Finding *f = owner;
	char id[LIMIT_ID];
	struct LedgerEntry e;
	struct View v;
	size_t size;

	if (!memmem(line, n, f->id, strlen(f->id)) || ledger_entry_read(line, n, &e))
		return 0;
	view_make(&e, &v);
	if (v.kind != RECORD_COPY || !view_text(&v, KEY_COPY, id, sizeof(id)) || !str_eq(id, f->id))
		return 0;
	if (v.result == RESULT_INTENT) {
		f->answer->known = 1;
		STR_SET(f->answer->medium, v.medium);
	}
	if (v.result == RESULT_DONE && view_bytes(&v, KEY_NOTE, f->answer->note, DIGEST_SIZE, &size))
		f->answer->complete = size == DIGEST_SIZE;
	return 0;
}

int reply_find_copy(struct Server *s, const struct Message *m)
{
	const struct MsgFindCopy *ask = &m->body.FIND_COPY;
	struct MsgFoundCopy answer = {.cookie = ask->cookie};
	struct Finding finding = {.id = ask->copy, .answer = &answer};
	uint64_t torn;
	int r = 0;

	if (*ask->copy)
		r = stream_lines(s->store->records, copy_line, &finding, &torn);
	return r < 0 ? r : server_send(s, MSG_FOUND_COPY, &answer, NULL, 0);
}
