/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Part after part through the message reader into the tar reader, which pulls. Each part's digest is
 * taken from the very bytes that are decrypted, so that nothing can be exchanged between two readings.
 */
#include "unseal.h"
#include "folder.h"

struct Unseal {
	int dir;
	const struct Folder *folder;
	const char *text;
	struct CmsKeys *keys;
	struct UnsealWhere *where;
	struct CmsReader *reader;
	struct CryptoDigest *digest;
	struct CmsFacts first; /* the first part's header */
	uint32_t index;        /* of the part under way, from 1; 0: none */
	int fd;
	uint64_t size, whole; /* plaintext of this part, of the first one */
};

/* The part's bytes on their way to the reader: digested. */
static ssize_t source_read(void *owner, void *ret, size_t n)
{
	struct Unseal *u = owner;
	ssize_t got = cms_source_fd(&u->fd, ret, n);

	if (got > 0) {
		int r = crypto_digest_update(u->digest, ret, (size_t)got);

		if (r)
			return r;
	}
	return got;
}

static bool part_is_as_noted(struct Unseal *u)
{
	uint8_t there[CRYPTO_DIGEST], wanted[CRYPTO_DIGEST];

	note_digest(u->folder, u->text, u->index, wanted);
	return crypto_digest_end(u->digest, there) == 0 && crypto_equal(there, wanted, sizeof(there));
}

/* A part that does not open: the note tells damage from a wrong secret. Only the first part can meet
   a wrong one; a password's check bytes let one in 2^24 through to the tag. */
static int part_refused(struct Unseal *u, int fault)
{
	bool secret = fault == FAULT_WRONG_PASSWORD || fault == FAULT_WRONG_KEY;
	uint64_t size = 0;
	int r;

	if (fault != FAULT_DAMAGED && !secret)
		return fault;
	if (u->index != 1)
		return FAULT_DAMAGED;
	r = folder_digest(u->fd, u->digest, &size);
	if (r)
		return r;
	if (!part_is_as_noted(u))
		return FAULT_DAMAGED;
	return secret || !u->keys->password ? fault : FAULT_WRONG_PASSWORD;
}

/* One salt and one count of rounds in all parts: the key is derived once. */
static bool part_is_of_copy(const struct Unseal *u, const struct CmsFacts *f)
{
	return f->password == u->first.password && f->rounds == u->first.rounds && f->rsa == u->first.rsa &&
	       f->ecdh == u->first.ecdh && f->salt_size == u->first.salt_size &&
	       memcmp(f->salt, u->first.salt, sizeof(f->salt)) == 0;
}

static int part_start(struct Unseal *u)
{
	struct CmsSource source = {u, source_read};
	struct CmsFacts facts;
	int r;

	u->index++;
	u->size = 0;
	folder_file(u->folder, u->index, u->where->name);
	r = folder_open(u->dir, u->where->name, &u->fd);
	if (r == 0)
		r = crypto_digest_start(u->digest);
	if (r)
		return r;
	r = cms_read_header(u->reader, &source, &facts);
	if (r == 0 && u->index == 1)
		u->first = facts;
	if (r == 0 && !part_is_of_copy(u, &facts))
		r = FAULT_DAMAGED;
	if (r == 0)
		r = cms_read_key(u->reader, u->keys);
	return r ? part_refused(u, r) : 0;
}

/* Tag and end of the part hold: so must its size and its digest. */
static int part_finish(struct Unseal *u)
{
	bool last = u->index == u->folder->parts;

	u->fd = fd_close(u->fd);
	if (u->index == 1)
		u->whole = u->size;
	if (u->size == 0 || u->size > PART_SIZE || (last ? u->size > u->whole : u->size != u->whole))
		return FAULT_DAMAGED;
	return part_is_as_noted(u) ? 0 : FAULT_DAMAGED;
}

/* The tar reader's source. */
static int stream_read(void *owner, const void **ret, size_t *ret_size)
{
	struct Unseal *u = owner;

	for (;;) {
		int r = 0;

		if (u->fd < 0) {
			if (u->index == u->folder->parts) {
				*ret = NULL;
				*ret_size = 0;
				return 0;
			}
			r = part_start(u);
		}
		if (r)
			return r;
		r = cms_read_content(u->reader, ret, ret_size);
		if (r)
			return part_refused(u, r);
		if (*ret_size > 0) {
			u->size += *ret_size;
			return u->size <= PART_SIZE ? 0 : FAULT_DAMAGED;
		}
		r = part_finish(u);
		if (r)
			return r;
	}
}

static void unseal_done(struct Unseal *u)
{
	fd_closep(&u->fd);
	cms_reader_freep(&u->reader);
	crypto_digest_freep(&u->digest);
}

int unseal_folder(const struct SealedFolder *sealed, struct CmsKeys *keys, const struct TarSink *sink,
        struct TarTally *ret, struct UnsealWhere *where)
{
	const struct Folder *f = sealed->facts;
	_cleanup_(unseal_done) struct Unseal u = {.dir = sealed->dir,
	        .folder = f,
	        .text = sealed->text,
	        .keys = keys,
	        .where = where,
	        .fd = -1};
	struct TarSource source = {&u, stream_read};
	uint64_t open_size = 0;
	int r;

	note_name(f->copy, where->name);
	r = note_check(f, sealed->text, sealed->size);
	if (r)
		return r;
	folder_file(f, f->parts + 1, where->name);
	r = folder_file_check(sealed->dir, f, sealed->text, f->parts + 1, &open_size);
	if (r == 0)
		r = cms_reader_new(&u.reader);
	if (r == 0)
		r = crypto_digest_new(&u.digest);
	return r ? r : tar_read(&source, f->copy, sink, ret);
}

int folder_recipients(int dir, const struct Folder *f, struct CmsFacts *ret)
{
	_cleanup_(cms_reader_freep) struct CmsReader *reader = NULL;
	_cleanup_fd_ int fd = -1;
	struct CmsSource source = {&fd, cms_source_fd};
	char name[PART_NAME];
	int r;

	folder_file(f, 1, name);
	r = folder_open(dir, name, &fd);
	if (r == 0)
		r = cms_reader_new(&reader);
	return r ? r : cms_read_header(reader, &source, ret);
}
