/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The message is walked by hand, one nested structure ("frame") at a time, through one buffer that holds
 * the header whole and the content in passing. libcrypto sees the recipientInfos (bounded, see
 * cms_asn1.h) and the ciphertext, never the message.
 */
#include "cms_read.h"
#include "cms_asn1.h"
#include "cms_profile.h"
#include "der.h"
#include "fault.h"
#include "password.h"

#define BUFFER (128u << 10)
#define DEPTH  5

static_assert(BUFFER > CMS_HEADER + 64, "a header fits");

enum Stage {
	STAGE_NONE,
	STAGE_HEADER, /* header read, no key yet */
	STAGE_CONTENT,
	STAGE_DONE,
};

struct CmsReader {
	struct CmsSource source;
	enum Stage stage;
	bool ended;             /* the source is */
	size_t start, end;      /* what of the buffer is unread */
	uint64_t offset;        /* of `start` in the message */
	uint64_t frames[DEPTH]; /* where each open structure ends, or DER_INDEFINITE */
	unsigned int depth;
	bool segments;          /* content comes in pieces */
	uint64_t left, content; /* of the present piece; so far */
	uint8_t nonce[CRYPTO_NONCE];
	struct CmsRecipient recipients[CMS_RECIPIENTS];
	size_t n_recipients;
	struct CryptoGcm *gcm;
	uint8_t buffer[BUFFER];
};

int cms_reader_new(struct CmsReader **ret)
{
	_cleanup_(cms_reader_freep) struct CmsReader *r = calloc(1, sizeof(*r));
	int result;

	if (!r)
		return -ENOMEM;
	result = crypto_gcm_new(&r->gcm);
	if (result)
		return result;
	*ret = ptr_steal(&r);
	return 0;
}

struct CmsReader *cms_reader_free(struct CmsReader *r)
{
	if (r) {
		crypto_gcm_freep(&r->gcm);
		crypto_cleanse(r->buffer, sizeof(r->buffer)); /* plaintext */
		free(r);
	}
	return NULL;
}

void cms_reader_freep(struct CmsReader **r)
{
	*r = cms_reader_free(*r);
}

void cms_keys_done(struct CmsKeys *k)
{
	crypto_cleanse(k, sizeof(*k));
}

ssize_t cms_source_fd(void *owner, void *ret, size_t n)
{
	const int *fd = owner;
	ssize_t got;

	do
		got = read(*fd, ret, n);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* ---- bytes and frames */

/* At least n unread bytes in one piece, if the source has them: 0 or -errno; look at end - start. */
static int fill(struct CmsReader *r, size_t n)
{
	if (r->end - r->start >= n)
		return 0;
	memmove(r->buffer, r->buffer + r->start, r->end - r->start);
	r->end -= r->start;
	r->start = 0;
	while (r->end < n && !r->ended) {
		ssize_t got = r->source.read(r->source.owner, r->buffer + r->end, sizeof(r->buffer) - r->end);

		if (got < 0)
			return (int)got;
		r->end += (size_t)got;
		r->ended = got == 0;
	}
	return 0;
}

static int want(struct CmsReader *r, size_t n, const uint8_t **ret)
{
	int result = n <= CMS_HEADER ? fill(r, n) : FAULT_DAMAGED;

	if (result)
		return result;
	if (r->end - r->start < n)
		return FAULT_INCOMPLETE;
	*ret = r->buffer + r->start;
	return 0;
}

static void take(struct CmsReader *r, size_t n)
{
	r->start += n;
	r->offset += n;
}

/* The next bytes must be these. */
static int expect(struct CmsReader *r, const uint8_t *bytes, size_t n)
{
	const uint8_t *p;
	int result = want(r, n, &p);

	if (result)
		return result;
	if (memcmp(p, bytes, n) != 0)
		return FAULT_DAMAGED;
	take(r, n);
	return 0;
}

/* Identifier and length of the next value. */
static int head(struct CmsReader *r, uint8_t tag, uint64_t *ret)
{
	int result = fill(r, DER_HEAD), used;
	size_t n = r->end - r->start;
	const uint8_t *p = r->buffer + r->start;

	if (result)
		return result;
	if (n > 0 && p[0] != tag)
		return FAULT_DAMAGED;
	used = n > 0 ? der_length(p + 1, n - 1, ret) : 0;
	if (used <= 0)
		return used < 0 ? FAULT_DAMAGED : FAULT_INCOMPLETE;
	take(r, 1 + (size_t)used);
	return 0;
}

static int frame_enter(struct CmsReader *r, uint8_t tag)
{
	uint64_t length;
	int result = head(r, tag, &length);

	if (result)
		return result;
	assert(r->depth < DEPTH);
	r->frames[r->depth++] = length == DER_INDEFINITE ? length : r->offset + length;
	return 0;
}

static int frame_leave(struct CmsReader *r)
{
	static const uint8_t END[] = {0x00, 0x00};
	uint64_t end = r->frames[--r->depth];

	if (end == DER_INDEFINITE)
		return expect(r, END, sizeof(END));
	return r->offset == end ? 0 : FAULT_DAMAGED;
}

/* ---- header */

/* With the head in front again: the templates want the whole SET. */
static int recipients_decode(struct CmsReader *r, const uint8_t *content, size_t n)
{
	_cleanup_free_ uint8_t *whole = malloc(DER_HEAD + n);
	size_t head_size;

	if (!whole)
		return -ENOMEM;
	head_size = der_head(DER_SET, n, whole);
	memcpy(whole + head_size, content, n);
	return cms_recipients_decode(whole, head_size + n, r->recipients, &r->n_recipients);
}

static int recipients_read(struct CmsReader *r)
{
	const uint8_t *p;
	uint64_t length;
	int result = head(r, DER_SET, &length);

	if (result)
		return result;
	if (length > CMS_HEADER - DER_HEAD) /* the indefinite form too */
		return FAULT_DAMAGED;
	result = want(r, (size_t)length, &p);
	if (result)
		return result;
	result = recipients_decode(r, p, (size_t)length);
	if (result)
		return result == -EBADMSG ? FAULT_DAMAGED : result;
	take(r, (size_t)length);
	return 0;
}

/* [0] of the encrypted content: one primitive value, or pieces. */
static int content_enter(struct CmsReader *r)
{
	const uint8_t *p;
	int result = want(r, 1, &p);

	if (result)
		return result;
	r->segments = *p == DER_EXPLICIT;
	if (r->segments)
		return frame_enter(r, DER_EXPLICIT);
	result = head(r, DER_CONTENT, &r->left);
	if (result)
		return result;
	r->content = r->left;
	return r->left > CMS_CONTENT ? FAULT_DAMAGED : 0;
}

static int header_read(struct CmsReader *r)
{
	const uint8_t *nonce;
	int result;

	if ((result = frame_enter(r, DER_SEQUENCE)) || (result = expect(r, CMS_TYPE, sizeof(CMS_TYPE))) ||
	        (result = frame_enter(r, DER_EXPLICIT)) || (result = frame_enter(r, DER_SEQUENCE)) ||
	        (result = expect(r, CMS_VERSION, sizeof(CMS_VERSION))) || (result = recipients_read(r)) ||
	        (result = frame_enter(r, DER_SEQUENCE)) ||
	        (result = expect(r, CMS_DATA_GCM, sizeof(CMS_DATA_GCM))) ||
	        (result = want(r, CRYPTO_NONCE, &nonce)))
		return result;
	memcpy(r->nonce, nonce, CRYPTO_NONCE);
	take(r, CRYPTO_NONCE);
	if ((result = expect(r, CMS_TAG_SIZE, sizeof(CMS_TAG_SIZE))))
		return result;
	return content_enter(r);
}

static void facts_set(const struct CmsReader *r, struct CmsFacts *ret)
{
	struct CmsFacts f = {};

	for (size_t i = 0; i < r->n_recipients; i++) {
		const struct CmsRecipient *one = &r->recipients[i];

		f.rsa += one->kind == CMS_RSA;
		f.ecdh += one->kind == CMS_ECDH;
		if (one->kind != CMS_PASSWORD)
			continue;
		f.password = true;
		f.rounds = one->rounds;
		f.salt_size = one->salt_size;
		memcpy(f.salt, one->salt, sizeof(f.salt));
	}
	*ret = f;
}

int cms_read_header(struct CmsReader *r, const struct CmsSource *source, struct CmsFacts *ret)
{
	int result;

	r->source = *source;
	r->stage = STAGE_NONE;
	r->ended = false;
	r->start = r->end = 0;
	r->offset = r->left = r->content = 0;
	r->depth = 0;
	r->n_recipients = 0;
	result = header_read(r);
	if (result)
		return result;
	facts_set(r, ret);
	if (ret->password && (ret->rounds < CMS_ROUNDS_LEAST || ret->rounds > CMS_ROUNDS_MOST))
		return FAULT_DAMAGED;
	r->stage = STAGE_HEADER;
	return 0;
}

/* ---- key */

static int password_derive(
        struct CmsKeys *keys, const struct CmsRecipient *one, const char *password, size_t size)
{
	int result = crypto_pbkdf2(password, size, one->salt, one->salt_size, one->rounds, keys->kek);

	if (result)
		return result;
	memcpy(keys->salt, one->salt, sizeof(keys->salt));
	keys->salt_size = one->salt_size;
	keys->rounds = one->rounds;
	keys->derived = true;
	return 0;
}

static bool password_derived(const struct CmsKeys *keys, const struct CmsRecipient *one)
{
	return keys->derived && keys->rounds == one->rounds && keys->salt_size == one->salt_size &&
	       memcmp(keys->salt, one->salt, one->salt_size) == 0;
}

/* As typed; and, where it can be read as one of ours, as ours are shown. */
static int password_try(struct CmsKeys *keys, const struct CmsRecipient *one, uint8_t *ret)
{
	char shown[PASSWORD_SHOWN];
	int result;

	if (password_derived(keys, one))
		return pwri_unwrap(keys->kek, one->iv, one->wrapped, ret);
	result = password_derive(keys, one, keys->password, keys->password_size);
	if (result == 0)
		result = pwri_unwrap(keys->kek, one->iv, one->wrapped, ret);
	if (result != CRYPTO_REFUSED)
		return result;
	if (password_normalise(keys->password, keys->password_size, shown) ||
	        (keys->password_size == strlen(shown) && memcmp(keys->password, shown, strlen(shown)) == 0))
		return CRYPTO_REFUSED;
	result = password_derive(keys, one, shown, strlen(shown));
	crypto_cleanse(shown, sizeof(shown));
	return result ? result : pwri_unwrap(keys->kek, one->iv, one->wrapped, ret);
}

static int ecdh_try(const struct PrivateKey *key, const struct CmsRecipient *one, uint8_t *ret)
{
	uint8_t kek[CRYPTO_KEY];
	int result;

	if ((private_key_kind(key) == CRYPTO_P256_KEY) != (one->point_size == 65))
		return CRYPTO_REFUSED;
	result = private_key_agree(
	        key, one->point, one->point_size, CMS_SHARED_INFO, sizeof(CMS_SHARED_INFO), kek);
	if (result == 0)
		result = crypto_unwrap(kek, one->wrapped, ret);
	crypto_cleanse(kek, sizeof(kek));
	return result;
}

static int recipient_try(const struct CmsRecipient *one, struct CmsKeys *keys, uint8_t *ret)
{
	if (one->kind == CMS_PASSWORD)
		return keys->password ? password_try(keys, one, ret) : CRYPTO_REFUSED;
	if (!keys->key || (private_key_kind(keys->key) == CRYPTO_RSA_KEY) != (one->kind == CMS_RSA))
		return CRYPTO_REFUSED;
	if (one->kind == CMS_RSA)
		return private_key_rsa_decrypt(keys->key, one->wrapped, one->wrapped_size, ret);
	return ecdh_try(keys->key, one, ret);
}

int cms_read_key(struct CmsReader *r, struct CmsKeys *keys)
{
	uint8_t key[CRYPTO_KEY];
	int result = CRYPTO_REFUSED;

	if (r->stage != STAGE_HEADER)
		return -EINVAL;
	for (size_t i = 0; i < r->n_recipients && result == CRYPTO_REFUSED; i++)
		result = recipient_try(&r->recipients[i], keys, key);
	if (result == 0)
		result = crypto_gcm_start(r->gcm, false, key, r->nonce);
	crypto_cleanse(key, sizeof(key));
	if (result == CRYPTO_REFUSED)
		return keys->password ? FAULT_WRONG_PASSWORD : FAULT_WRONG_KEY;
	if (result == 0)
		r->stage = STAGE_CONTENT;
	return result;
}

/* ---- content */

/* The next piece of a content that comes in pieces; r->left stays 0 at its end. */
static int segment_next(struct CmsReader *r)
{
	uint64_t end = r->frames[r->depth - 1];
	const uint8_t *p;
	int result;

	while (r->left == 0) {
		if (end != DER_INDEFINITE && r->offset >= end)
			return 0;
		result = want(r, 1, &p);
		if (result || *p == 0)
			return result;
		result = head(r, DER_OCTETS, &r->left);
		if (result)
			return result;
		if (r->left > CMS_CONTENT - r->content)
			return FAULT_DAMAGED;
		r->content += r->left;
	}
	return 0;
}

/* After the content: its frames' ends, the tag, the other frames' ends, the end of everything. */
static int content_close(struct CmsReader *r)
{
	uint8_t tag[CMS_TAIL];
	const uint8_t *p;
	int result;

	if (r->segments && (result = frame_leave(r)))
		return result;
	if ((result = frame_leave(r)) || (result = want(r, CMS_TAIL, &p)))
		return result;
	memcpy(tag, p, sizeof(tag));
	take(r, sizeof(tag));
	if (tag[0] != DER_OCTETS || tag[1] != CRYPTO_TAG)
		return FAULT_DAMAGED;
	while (r->depth > 0)
		if ((result = frame_leave(r)))
			return result;
	result = fill(r, 1);
	if (result)
		return result;
	if (r->end != r->start)
		return FAULT_DAMAGED;
	result = crypto_gcm_check(r->gcm, tag + 2);
	return result == CRYPTO_REFUSED ? FAULT_DAMAGED : result;
}

int cms_read_content(struct CmsReader *r, const void **ret, size_t *ret_size)
{
	uint8_t *piece;
	size_t n;
	int result = r->stage == STAGE_CONTENT ? 0 : -EINVAL;

	if (result == 0 && r->segments)
		result = segment_next(r);
	if (result)
		return result;
	if (r->left == 0) {
		r->stage = STAGE_DONE;
		*ret = NULL;
		*ret_size = 0;
		return content_close(r);
	}
	result = fill(r, 1);
	if (result)
		return result;
	n = (size_t)MIN(r->left, (uint64_t)(r->end - r->start));
	if (n == 0)
		return FAULT_INCOMPLETE;
	piece = r->buffer + r->start;
	result = crypto_gcm_update(r->gcm, piece, n, piece);
	if (result)
		return result;
	take(r, n);
	r->left -= n;
	*ret = piece;
	*ret_size = n;
	return 0;
}

int cms_read(
        struct CmsReader *r, const struct CmsSource *source, struct CmsKeys *keys, CmsSink sink, void *owner)
{
	struct CmsFacts facts;
	int result = cms_read_header(r, source, &facts);

	if (result == 0)
		result = cms_read_key(r, keys);
	while (result == 0) {
		const void *bytes;
		size_t n;

		result = cms_read_content(r, &bytes, &n);
		if (result || n == 0)
			return result;
		result = sink(owner, bytes, n);
	}
	return result;
}
