/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The recipientInfos of a message, between DER and plain structs, by libcrypto's ASN.1 templates. One
 * form of each kind; decoding encodes again and demands the same bytes.
 */
#include "cms_write.h"
#include "crypto.h"
#include "pwri.h"

enum CmsKind {
	CMS_PASSWORD, /* PasswordRecipientInfo: PBKDF2-HMAC-SHA-256, RFC 3211 with AES-256-CBC */
	CMS_RSA,      /* KeyTransRecipientInfo: RSA-OAEP, SHA-256 */
	CMS_ECDH,     /* KeyAgreeRecipientInfo: ephemeral ECDH, X9.63 KDF SHA-256, AES-256 key wrap */
	_CMS_KIND_N,
};

struct CmsRecipient {
	enum CmsKind kind;
	/* password */
	uint32_t rounds;
	uint8_t salt[64], iv[CRYPTO_BLOCK];
	size_t salt_size;
	/* certificates: whose it is, when encoding only */
	const uint8_t *issuer, *serial;
	size_t issuer_size, serial_size;
	uint8_t point[CRYPTO_POINT];
	size_t point_size;
	/* the content key: PWRI_WRAPPED, up to CRYPTO_RSA, or CRYPTO_WRAPPED bytes */
	uint8_t wrapped[CRYPTO_RSA];
	size_t wrapped_size;
};

/* The SET with its head; *ret is freed with cms_der_free. 0 or -ENOMEM, -EIO. */
int cms_recipients_encode(const struct CmsRecipient *recipients, size_t n, uint8_t **ret, size_t *ret_size);
void cms_der_freep(uint8_t **der);

/* Exactly one SET of 1 to CMS_RECIPIENTS recipients, at most one by password. 0, -EBADMSG, -ENOMEM. */
int cms_recipients_decode(
        const uint8_t *der, size_t size, struct CmsRecipient ret[static CMS_RECIPIENTS], size_t *ret_n);
