/* SPDX-License-Identifier: Apache-2.0 */
#include "seal.h"

#include "file.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

void seal_done(struct Seal *s)
{
	key_freep(&s->ledger);
	key_freep(&s->next);
	key_freep(&s->label);
	s->keys = fd_close(s->keys);
	crypto_freep(&s->crypto);
}

static int key_read(int dir, const char *file, struct Key **ret)
{
	uint8_t seed[SEED_SIZE];
	ssize_t n = file_read_at(dir, file, seed, sizeof(seed));
	int r = n < 0 ? (int)n : -EBADMSG;

	if (n == (ssize_t)sizeof(seed))
		r = key_new(seed, ret);
	crypto_cleanse(seed, sizeof(seed));
	return r;
}

static int vkey_of(const struct Seal *s, const struct Key *key, const char *name, struct Vkey *ret)
{
	uint8_t public_key[HASH_SIZE];
	int r = key_public(key, public_key);

	return r < 0 ? r : vkey_make(s->crypto, name, public_key, ret);
}

/* The key to come, if the last change of key was cut short. */
static int next_read(struct Seal *s, const char *origin)
{
	int r = key_read(s->keys, SEAL_NEXT_FILE, &s->next);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : vkey_of(s, s->next, origin, &s->next_vkey);
}

int seal_open(struct Seal *s, int keys_dir, const struct SealNames *names)
{
	char origin[LIMIT_VKEY], label[LIMIT_VKEY];
	int r;

	snprintf(origin, sizeof(origin), "%s/mediagate/%s/%u", names->domain, names->terminal, names->year);
	snprintf(label, sizeof(label), "%s/mediagate/%s/label", names->domain, names->terminal);
	s->keys = fcntl(keys_dir, F_DUPFD_CLOEXEC, 0);
	if (s->keys < 0)
		return -errno;
	r = crypto_new(&s->crypto);
	if (r < 0)
		return r;
	r = key_read(keys_dir, SEAL_LEDGER_FILE, &s->ledger);
	if (r < 0)
		return r;
	r = key_read(keys_dir, SEAL_LABEL_FILE, &s->label);
	if (r < 0)
		return r;
	r = vkey_of(s, s->ledger, origin, &s->ledger_vkey);
	if (r >= 0)
		r = next_read(s, origin);
	return r < 0 ? r : vkey_of(s, s->label, label, &s->label_vkey);
}

/* ------------------------------------------------------------------ a change of the ledger key */

int seal_next_make(struct Seal *s, const char *origin)
{
	uint8_t seed[SEED_SIZE];
	int r = crypto_random(seed, sizeof(seed));

	if (r >= 0)
		r = file_replace_at(s->keys, SEAL_NEXT_FILE, seed, sizeof(seed), 0600);
	if (r >= 0)
		r = key_new(seed, &s->next);
	crypto_cleanse(seed, sizeof(seed));
	return r < 0 ? r : vkey_of(s, s->next, origin, &s->next_vkey);
}

int seal_next_drop(struct Seal *s)
{
	key_freep(&s->next);
	if (unlinkat(s->keys, SEAL_NEXT_FILE, 0) && errno != ENOENT)
		return -errno;
	return fsync(s->keys) ? -errno : 0;
}

void seal_next_use(struct Seal *s)
{
	key_freep(&s->ledger);
	s->ledger = s->next;
	s->ledger_vkey = s->next_vkey;
	s->next = NULL;
}

/* In place, so that the bytes go to where the key was; on flash the controller may keep the old ones
   elsewhere (docs/threats.md). */
static int key_overwrite(int dir, const char *file)
{
	_cleanup_fd_ int fd = openat(dir, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	uint8_t noise[SEED_SIZE];
	int r;

	if (fd < 0)
		return -errno;
	r = crypto_random(noise, sizeof(noise));
	if (r >= 0)
		r = file_write_all(fd, noise, sizeof(noise));
	return r < 0 ? r : fdatasync(fd) ? -errno : 0;
}

int seal_next_finish(struct Seal *s)
{
	int r = key_overwrite(s->keys, SEAL_LEDGER_FILE);

	if (r < 0)
		return r;
	if (renameat(s->keys, SEAL_NEXT_FILE, s->keys, SEAL_LEDGER_FILE))
		return -errno;
	return fsync(s->keys) ? -errno : 0;
}

int seal_rekey(const struct Seal *s, const char *text, size_t n, uint8_t ret[static SIGNATURE_SIZE])
{
	return key_sign(s->ledger, text, n, ret);
}

static int key_make(int dir, const char *file)
{
	uint8_t seed[SEED_SIZE];
	struct stat st;
	int r;

	if (!fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW))
		return 0;
	if (errno != ENOENT)
		return -errno;
	r = crypto_random(seed, sizeof(seed));
	if (r >= 0)
		r = file_replace_at(dir, file, seed, sizeof(seed), 0600);
	crypto_cleanse(seed, sizeof(seed));
	return r;
}

int seal_make(int keys_dir)
{
	int r = key_make(keys_dir, SEAL_LEDGER_FILE);

	return r < 0 ? r : key_make(keys_dir, SEAL_LABEL_FILE);
}

struct Signer {
	struct Crypto *crypto;
	const struct Key *key;
	const struct Vkey *vkey;
};

static int checkpoint_sign(
        const struct Signer *s, const struct Tree *t, char ret[static SEAL_CHECKPOINT], size_t *ret_size)
{
	struct Checkpoint c = {.size = t->size};
	ssize_t n, m;
	int r;

	STR_SET(c.origin, s->vkey->name);
	r = tree_root(t, s->crypto, c.root);
	if (r < 0)
		return r;
	n = checkpoint_format(&c, ret, SEAL_CHECKPOINT);
	if (n < 0)
		return (int)n;
	m = note_signature(s->vkey, s->key, ret, (size_t)n, ret + n, SEAL_CHECKPOINT - (size_t)n);
	if (m < 0)
		return (int)m;
	*ret_size = (size_t)(n + m);
	return 0;
}

int seal_checkpoint(
        const struct Seal *s, const struct Tree *t, char ret[static SEAL_CHECKPOINT], size_t *ret_size)
{
	const struct Signer signer = {s->crypto, s->ledger, &s->ledger_vkey};

	return checkpoint_sign(&signer, t, ret, ret_size);
}

int seal_next_checkpoint(
        const struct Seal *s, const struct Tree *t, char ret[static SEAL_CHECKPOINT], size_t *ret_size)
{
	const struct Signer signer = {s->crypto, s->next, &s->next_vkey};

	return checkpoint_sign(&signer, t, ret, ret_size);
}

int seal_label(
        const struct Seal *s, const char *text, size_t n, char ret[static NOTE_LINE_SIZE], size_t *ret_size)
{
	ssize_t m = note_signature(&s->label_vkey, s->label, text, n, ret, NOTE_LINE_SIZE);

	if (m < 0)
		return (int)m;
	*ret_size = (size_t)m;
	return 0;
}
