/* SPDX-License-Identifier: Apache-2.0 */
#include "cms_write.h"
#include "cms_asn1.h"
#include "cms_profile.h"
#include "der.h"
#include "pwri.h"

struct CmsWriter {
	const struct Certificate *certificates[CMS_RECIPIENTS];
	size_t n_certificates;
	bool password;
	uint8_t salt[CMS_SALT];
	uint8_t kek[CRYPTO_KEY]; /* from the password */
	struct CryptoGcm *gcm;
	uint64_t left; /* of the part under way */
	uint8_t header[CMS_HEADER];
};

const uint8_t CMS_TYPE[CMS_TYPE_SIZE] = {
        DER_OBJECT, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17};
const uint8_t CMS_VERSION[CMS_VERSION_SIZE] = {DER_INTEGER, 0x01, 0x00};
const uint8_t CMS_DATA_GCM[CMS_DATA_GCM_SIZE] = {DER_OBJECT, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,
        0x07, 0x01, DER_SEQUENCE, 0x1e, DER_OBJECT, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01,
        0x2e, DER_SEQUENCE, 0x11, DER_OCTETS, CRYPTO_NONCE};
const uint8_t CMS_TAG_SIZE[CMS_TAG_SIZE_SIZE] = {DER_INTEGER, 0x01, CRYPTO_TAG};
const uint8_t CMS_SHARED_INFO[CMS_SHARED_INFO_SIZE] = {DER_SEQUENCE, 0x15, DER_SEQUENCE, 0x0b, DER_OBJECT,
        0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2d, 0xa2, 0x06, DER_OCTETS, 0x04, 0x00, 0x00,
        0x01, 0x00};

int cms_writer_new(const struct CmsRecipients *recipients, struct CmsWriter **ret)
{
	_cleanup_(cms_writer_freep) struct CmsWriter *w = NULL;
	size_t n = recipients->n_certificates;
	int r;

	if (n + (recipients->password ? 1u : 0u) < 1 || n > CMS_RECIPIENTS - 1)
		return -EINVAL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	if (n > 0)
		memcpy(w->certificates, recipients->certificates, n * sizeof(w->certificates[0]));
	w->n_certificates = n;
	w->password = recipients->password != NULL;
	r = crypto_gcm_new(&w->gcm);
	if (r == 0 && w->password) {
		r = crypto_random(w->salt, sizeof(w->salt));
		if (r == 0)
			r = crypto_pbkdf2(recipients->password, recipients->password_size, w->salt,
			        sizeof(w->salt), CMS_ROUNDS, w->kek);
	}
	if (r)
		return r;
	*ret = ptr_steal(&w);
	return 0;
}

struct CmsWriter *cms_writer_free(struct CmsWriter *w)
{
	if (w) {
		crypto_gcm_freep(&w->gcm);
		crypto_cleanse(w->kek, sizeof(w->kek));
		free(w);
	}
	return NULL;
}

void cms_writer_freep(struct CmsWriter **w)
{
	*w = cms_writer_free(*w);
}

static int recipient_password(struct CmsWriter *w, const uint8_t *key, struct CmsRecipient *ret)
{
	int r;

	ret->kind = CMS_PASSWORD;
	ret->rounds = CMS_ROUNDS;
	memcpy(ret->salt, w->salt, CMS_SALT);
	ret->salt_size = CMS_SALT;
	ret->wrapped_size = PWRI_WRAPPED;
	r = crypto_random(ret->iv, sizeof(ret->iv));
	return r ? r : pwri_wrap(w->kek, ret->iv, key, ret->wrapped);
}

static int recipient_certificate(const struct Certificate *c, const uint8_t *key, struct CmsRecipient *ret)
{
	uint8_t kek[CRYPTO_KEY];
	int r;

	certificate_issuer(c, &ret->issuer, &ret->issuer_size);
	certificate_serial(c, &ret->serial, &ret->serial_size);
	if (certificate_kind(c) == CRYPTO_RSA_KEY) {
		ret->kind = CMS_RSA;
		return certificate_rsa_encrypt(c, key, ret->wrapped, &ret->wrapped_size);
	}
	ret->kind = CMS_ECDH;
	ret->wrapped_size = CRYPTO_WRAPPED;
	r = certificate_agree(c, CMS_SHARED_INFO, sizeof(CMS_SHARED_INFO), kek, ret->point, &ret->point_size);
	if (r == 0)
		r = crypto_wrap(kek, key, ret->wrapped);
	crypto_cleanse(kek, sizeof(kek));
	return r;
}

/* The content key under every recipient's: recipientInfos as DER. */
static int recipients_build(struct CmsWriter *w, const uint8_t *key, uint8_t **ret, size_t *ret_size)
{
	_cleanup_free_ struct CmsRecipient *all = calloc(CMS_RECIPIENTS, sizeof(*all));
	size_t n = 0;
	int r = 0;

	if (!all)
		return -ENOMEM;
	if (w->password)
		r = recipient_password(w, key, &all[n++]);
	for (size_t i = 0; i < w->n_certificates && r == 0; i++)
		r = recipient_certificate(w->certificates[i], key, &all[n++]);
	return r ? r : cms_recipients_encode(all, n, ret, ret_size);
}

static uint8_t *put(uint8_t *p, const void *bytes, size_t n)
{
	memcpy(p, bytes, n);
	return p + n;
}

static uint64_t with_head(uint64_t size)
{
	return der_head_size(size) + size;
}

/* Lengths from the inside out, then bytes from the outside in. */
static ssize_t header_build(struct CmsWriter *w, uint64_t size, const uint8_t *nonce,
        const uint8_t *recipients, size_t recipients_size)
{
	uint64_t content = sizeof(CMS_DATA_GCM) + CRYPTO_NONCE + sizeof(CMS_TAG_SIZE) + with_head(size);
	uint64_t enveloped = sizeof(CMS_VERSION) + recipients_size + with_head(content) + CMS_TAIL;
	uint64_t explicit = with_head(enveloped);
	uint8_t *p = w->header;

	if (recipients_size > sizeof(w->header) - 256)
		return -E2BIG;
	p += der_head(DER_SEQUENCE, sizeof(CMS_TYPE) + with_head(explicit), p);
	p = put(p, CMS_TYPE, sizeof(CMS_TYPE));
	p += der_head(DER_EXPLICIT, explicit, p);
	p += der_head(DER_SEQUENCE, enveloped, p);
	p = put(p, CMS_VERSION, sizeof(CMS_VERSION));
	p = put(p, recipients, recipients_size);
	p += der_head(DER_SEQUENCE, content, p);
	p = put(p, CMS_DATA_GCM, sizeof(CMS_DATA_GCM));
	p = put(p, nonce, CRYPTO_NONCE);
	p = put(p, CMS_TAG_SIZE, sizeof(CMS_TAG_SIZE));
	p += der_head(DER_CONTENT, size, p);
	return p - w->header;
}

int cms_part_start(struct CmsWriter *w, uint64_t size, const uint8_t **ret, size_t *ret_size)
{
	_cleanup_(cms_der_freep) uint8_t *recipients = NULL;
	uint8_t key[CRYPTO_KEY], nonce[CRYPTO_NONCE];
	size_t recipients_size;
	ssize_t n = 0;
	int r;

	if (size > CMS_CONTENT)
		return -EFBIG;
	r = crypto_random(key, sizeof(key));
	if (r == 0)
		r = crypto_random(nonce, sizeof(nonce));
	if (r == 0)
		r = recipients_build(w, key, &recipients, &recipients_size);
	if (r == 0)
		r = crypto_gcm_start(w->gcm, true, key, nonce);
	crypto_cleanse(key, sizeof(key));
	if (r == 0)
		n = header_build(w, size, nonce, recipients, recipients_size);
	if (r || n < 0)
		return r ? r : (int)n;
	w->left = size;
	*ret = w->header;
	*ret_size = (size_t)n;
	return 0;
}

int cms_part_update(struct CmsWriter *w, const void *in, size_t n, void *out)
{
	if (n > w->left)
		return -EINVAL;
	w->left -= n;
	return crypto_gcm_update(w->gcm, in, n, out);
}

int cms_part_end(struct CmsWriter *w, uint8_t ret[static CMS_TAIL])
{
	if (w->left > 0)
		return -EINVAL;
	ret[0] = DER_OCTETS;
	ret[1] = CRYPTO_TAG;
	return crypto_gcm_tag(w->gcm, ret + 2);
}
