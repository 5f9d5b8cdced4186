/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file `index`: docs/cache.md. Six lines of text, then a body of fixed fields, little endian:
 *
 *   mediagate/index/v1
 *   <verifier key that the year began with>
 *   <verifier key in force behind the records>
 *   <verifier key in force when it was written>
 *   <base64 of the body's SHA-256>
 *   <base64 of the signature by that key over the five lines above>
 */
#include "index.h"

#include "base64.h"
#include "entry.h"
#include "file.h"
#include "str.h"

#include <endian.h>
#include <fcntl.h>
#include <sys/stat.h>

#define HEAD_MOST  (sizeof(INDEX_HEAD) + 3 * LIMIT_VKEY + BASE64_SIZE(HASH_SIZE) + BASE64_SIZE(SIGNATURE_SIZE))
#define TIME_SIZE  32
#define TIME_TEXT  29
#define FIELDS     (6 * 8 + 2 * TIME_SIZE)
#define BLOCK_SIZE (8 + HASH_SIZE + 2 * 8)
#define REF_SIZE   (8 + 8 + 4 + 4 + TREE_BLOCK * HASH_SIZE)

void index_done(struct Index *x)
{
	blocks_done(&x->blocks);
	free(x->refs);
	*x = (struct Index){.n_refs = 0};
}

/* ------------------------------------------------------------------ writing */

static char *put(char *at, const void *bytes, size_t n)
{
	memcpy(at, bytes, n);
	return at + n;
}

static char *put_u64(char *at, uint64_t value)
{
	value = htole64(value);
	return put(at, &value, sizeof(value));
}

static char *put_u32(char *at, uint32_t value)
{
	value = htole32(value);
	return put(at, &value, sizeof(value));
}

static char *body_write(const struct Index *x, char *at)
{
	at = put_u64(at, x->blocks.records);
	at = put_u64(at, x->blocks.end);
	at = put_u64(at, x->last_key);
	at = put_u64(at, x->keys);
	at = put_u64(at, x->earlier);
	at = put_u64(at, x->n_refs);
	at = put(at, x->first_time, TIME_SIZE);
	at = put(at, x->last_time, TIME_SIZE);
	for (size_t i = 0; i < x->blocks.n; i++) {
		const struct Block *b = &x->blocks.rows[i];

		at = put_u64(at, b->offset);
		at = put(at, b->root, HASH_SIZE);
		at = put_u64(at, (uint64_t)b->earliest);
		at = put_u64(at, (uint64_t)b->latest);
	}
	for (size_t i = 0; i < x->n_refs; i++) {
		const struct IndexRef *r = &x->refs[i];

		at = put_u64(at, r->n);
		at = put_u64(at, r->offset);
		at = put_u32(at, r->size);
		at = put_u32(at, r->part);
		at = put(at, r->path, sizeof(r->path));
	}
	return at;
}

/* The five lines that are signed: their length. */
static int head_write(
        const struct Index *x, struct Crypto *c, const struct Bytes *body, char ret[static HEAD_MOST])
{
	char digest[BASE64_SIZE(HASH_SIZE)];
	uint8_t hash[HASH_SIZE];
	int r = crypto_hash(c, body, 1, hash);

	if (r < 0)
		return r;
	base64_encode(hash, sizeof(hash), digest);
	return snprintf(
	        ret, HEAD_MOST, INDEX_HEAD "%s\n%s\n%s\n%s\n", x->year_vkey, x->vkey, x->signer, digest);
}

int index_write(const struct Index *x, struct Crypto *c, const struct Key *key, char **ret, size_t *ret_size)
{
	uint64_t n_body = FIELDS + (uint64_t)x->blocks.n * BLOCK_SIZE + (uint64_t)x->n_refs * REF_SIZE;
	_cleanup_free_ char *bytes = NULL;
	uint8_t signature[SIGNATURE_SIZE];
	char head[HEAD_MOST];
	struct Bytes body;
	int n, r;

	if (n_body + HEAD_MOST > INDEX_MOST)
		return -E2BIG;
	bytes = malloc(HEAD_MOST + n_body);
	if (!bytes)
		return -ENOMEM;
	body = (struct Bytes){bytes + HEAD_MOST, n_body};
	body_write(x, bytes + HEAD_MOST);
	n = head_write(x, c, &body, head);
	r = n < 0 ? n : key_sign(key, head, (size_t)n, signature);
	if (r < 0)
		return r;
	base64_encode(signature, sizeof(signature), head + n);
	n += (int)BASE64_SIZE(SIGNATURE_SIZE) - 1;
	head[n++] = '\n';
	memcpy(bytes, head, (size_t)n);
	memmove(bytes + n, bytes + HEAD_MOST, n_body);
	*ret_size = (size_t)n + n_body;
	*ret = ptr_steal(&bytes);
	return 0;
}

/* ------------------------------------------------------------------ reading */

struct Cursor {
	const char *at, *end;
};

static bool line_take(struct Cursor *k, char *ret, size_t size)
{
	const char *newline = memchr(k->at, '\n', (size_t)(k->end - k->at));

	if (!newline || memchr(k->at, '\0', (size_t)(newline - k->at)) ||
	        str_set_n(ret, size, k->at, (size_t)(newline - k->at)) < 0)
		return false;
	k->at = newline + 1;
	return true;
}

/* That the body is what the key signed that the head names. */
static int head_read(struct Cursor *k, struct Crypto *c, struct Index *ret)
{
	char digest[BASE64_SIZE(HASH_SIZE)], signed_by[BASE64_SIZE(SIGNATURE_SIZE)];
	uint8_t hash[HASH_SIZE], want[HASH_SIZE], signature[SIGNATURE_SIZE];
	const char *start = k->at, *end;
	struct Bytes body;
	struct Vkey key;
	int r;

	if ((size_t)(k->end - k->at) < strlen(INDEX_HEAD) || memcmp(k->at, INDEX_HEAD, strlen(INDEX_HEAD)))
		return -EBADMSG;
	k->at += strlen(INDEX_HEAD);
	if (!line_take(k, ret->year_vkey, sizeof(ret->year_vkey)) ||
	        !line_take(k, ret->vkey, sizeof(ret->vkey)) ||
	        !line_take(k, ret->signer, sizeof(ret->signer)) || !line_take(k, digest, sizeof(digest)))
		return -EBADMSG;
	end = k->at;
	if (!line_take(k, signed_by, sizeof(signed_by)) ||
	        base64_decode(digest, strlen(digest), want, HASH_SIZE) != HASH_SIZE ||
	        base64_decode(signed_by, strlen(signed_by), signature, SIGNATURE_SIZE) != SIGNATURE_SIZE ||
	        vkey_parse(c, ret->signer, strlen(ret->signer), &key) < 0)
		return -EBADMSG;
	body = (struct Bytes){k->at, (size_t)(k->end - k->at)};
	r = crypto_hash(c, &body, 1, hash);
	if (r < 0)
		return r;
	if (memcmp(hash, want, HASH_SIZE))
		return -EBADMSG;
	r = signature_verify(key.key, start, (size_t)(end - start), signature);
	return r < 0 ? r : r ? 0 : -EBADMSG;
}

static void take(struct Cursor *k, void *ret, size_t n)
{
	memcpy(ret, k->at, n);
	k->at += n;
}

static uint64_t take_u64(struct Cursor *k)
{
	uint64_t value;

	take(k, &value, sizeof(value));
	return le64toh(value);
}

static uint32_t take_u32(struct Cursor *k)
{
	uint32_t value;

	take(k, &value, sizeof(value));
	return le32toh(value);
}

/* A time's bytes, then zeros. */
static bool take_time(struct Cursor *k, char ret[static TIME_SIZE])
{
	static const char zeros[TIME_SIZE];

	take(k, ret, TIME_SIZE);
	return strnlen(ret, TIME_SIZE) == TIME_TEXT && !memcmp(ret + TIME_TEXT, zeros, TIME_SIZE - TIME_TEXT);
}

static int rows_read(struct Cursor *k, struct Index *ret)
{
	struct Blocks *b = &ret->blocks;

	b->n = b->room = (size_t)(b->records / TREE_BLOCK_SIZE);
	b->rows = calloc(b->n, sizeof(*b->rows));
	ret->refs = calloc(ret->n_refs + 1, sizeof(*ret->refs));
	if (!b->rows || !ret->refs)
		return -ENOMEM;
	for (size_t i = 0; i < b->n; i++) {
		struct Block *row = &b->rows[i];

		row->offset = take_u64(k);
		take(k, row->root, HASH_SIZE);
		row->earliest = (int64_t)take_u64(k);
		row->latest = (int64_t)take_u64(k);
		if (i ? row->offset <= row[-1].offset || row->offset >= b->end : row->offset)
			return -EBADMSG;
	}
	for (size_t i = 0; i < ret->n_refs; i++) {
		struct IndexRef *r = &ret->refs[i];
		uint32_t part;

		r->n = take_u64(k);
		r->offset = take_u64(k);
		r->size = take_u32(k);
		part = take_u32(k);
		r->part = (uint8_t)part;
		take(k, r->path, sizeof(r->path));
		if (r->n >= b->records || r->size > LIMIT_LINE || r->offset >= b->end || part > UINT8_MAX)
			return -EBADMSG;
	}
	return 0;
}

static int body_read(struct Cursor *k, struct Index *ret)
{
	size_t n = (size_t)(k->end - k->at);
	struct Blocks *b = &ret->blocks;

	if (n < FIELDS)
		return -EBADMSG;
	b->records = take_u64(k);
	b->end = take_u64(k);
	ret->last_key = take_u64(k);
	ret->keys = take_u64(k);
	ret->earlier = take_u64(k);
	ret->n_refs = take_u64(k);
	if (!take_time(k, ret->first_time) || !take_time(k, ret->last_time))
		return -EBADMSG;
	n -= FIELDS;
	if (!b->records || b->records % TREE_BLOCK_SIZE || b->records / TREE_BLOCK_SIZE > n / BLOCK_SIZE ||
	        b->end > INT64_MAX || ret->last_key >= b->records || ret->n_refs > n / REF_SIZE ||
	        n != b->records / TREE_BLOCK_SIZE * BLOCK_SIZE + ret->n_refs * REF_SIZE)
		return -EBADMSG;
	return rows_read(k, ret);
}

int index_read(const char *bytes, size_t size, struct Crypto *c, struct Index *ret)
{
	struct Cursor k = {bytes, bytes + size};
	int r;

	*ret = (struct Index){.n_refs = 0};
	r = head_read(&k, c, ret);
	if (!r)
		r = body_read(&k, ret);
	if (r)
		index_done(ret);
	return r;
}

static int read_exactly(int fd, char *ret, size_t n, uint64_t at)
{
	while (n) {
		ssize_t k = pread(fd, ret, n, (off_t)at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return k < 0 ? -errno : -EBADMSG;
		ret += k;
		n -= (size_t)k;
		at += (uint64_t)k;
	}
	return 0;
}

int index_load_fd(int fd, struct Crypto *c, struct Index *ret)
{
	_cleanup_free_ char *bytes = NULL;
	struct stat st;
	int r;

	*ret = (struct Index){.n_refs = 0};
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size <= 0 || (uint64_t)st.st_size > INDEX_MOST)
		return -EBADMSG;
	bytes = malloc((size_t)st.st_size);
	if (!bytes)
		return -ENOMEM;
	r = read_exactly(fd, bytes, (size_t)st.st_size, 0);
	return r < 0 ? -EBADMSG : index_read(bytes, (size_t)st.st_size, c, ret);
}

int index_load(int dir, struct Crypto *c, struct Index *ret)
{
	_cleanup_fd_ int fd = openat(dir, INDEX_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	*ret = (struct Index){.n_refs = 0};
	if (fd < 0)
		return errno == ENOENT ? -ENOENT : -EBADMSG;
	return index_load_fd(fd, c, ret);
}

/* ------------------------------------------------------------------ lines */

int index_line(const struct Index *x, const struct IndexRef *ref, int records, struct Crypto *c,
        char ret[static LIMIT_LINE + 1])
{
	const struct TreePath path = {ref->n % TREE_BLOCK_SIZE, TREE_BLOCK_SIZE, ref->path, TREE_BLOCK};
	uint8_t leaf[HASH_SIZE];
	int r = read_exactly(records, ret, (size_t)ref->size + 1, ref->offset);

	if (r < 0)
		return r;
	if (ret[ref->size] != '\n')
		return -EBADMSG;
	r = crypto_leaf(c, ret, ref->size, leaf);
	if (r >= 0)
		r = tree_path_verify(&path, c, leaf, x->blocks.rows[ref->n / TREE_BLOCK_SIZE].root);
	return r < 0 ? r : r ? 0 : -EBADMSG;
}

/* The siblings on the way from a leaf to the block's root. */
static int path_fill(
        const struct BlockLines *lines, size_t i, struct Crypto *c, uint8_t ret[TREE_BLOCK][HASH_SIZE])
{
	uint8_t level[TREE_BLOCK_SIZE][HASH_SIZE];

	memcpy(level, lines->leaves, sizeof(level));
	for (size_t k = 0, n = TREE_BLOCK_SIZE; k < TREE_BLOCK; k++, i /= 2, n /= 2) {
		memcpy(ret[k], level[i ^ 1], HASH_SIZE);
		for (size_t j = 0; j < n / 2; j++) {
			int r = crypto_node(c, level[2 * j], level[2 * j + 1], level[j]);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

int index_ref_fill(
        const struct Index *x, struct IndexRef *ref, int records, struct Crypto *c, struct BlockLines *lines)
{
	size_t block = (size_t)(ref->n / TREE_BLOCK_SIZE), i = ref->n % TREE_BLOCK_SIZE, size;
	int r = block_lines_load(lines, &x->blocks, block, records, c);

	if (r < 0)
		return r;
	ref->offset = x->blocks.rows[block].offset + (uint64_t)(block_line(lines, i, &size) - lines->bytes);
	ref->size = (uint32_t)size;
	return path_fill(lines, i, c, ref->path);
}
