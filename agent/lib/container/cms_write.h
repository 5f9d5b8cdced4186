/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Writes one part: a CMS AuthEnvelopedData (RFC 5083, 5084) under AES-256-GCM, DER, of known size.
 *
 *   header | ciphertext, as long as the plaintext | tail
 *
 * One writer serves all parts of a copy: salt and derived key are made once, content key, nonce and
 * wrapping values afresh for each part. docs/container.md has the bytes.
 */
#include "crypto.h"

#define CMS_ROUNDS     600000u
#define CMS_SALT       16
#define CMS_TAIL       (2 + CRYPTO_TAG) /* OCTET STRING mac */
#define CMS_HEADER     65536            /* the longest header written or read */
#define CMS_RECIPIENTS 16
#define CMS_CONTENT    ((UINT64_C(1) << 36) - 32) /* bytes of one GCM message at most */

struct CmsRecipients {
	const char *password; /* NULL: none */
	size_t password_size;
	const struct Certificate *const *certificates;
	size_t n_certificates;
};

struct CmsWriter;

/* The certificates must outlive the writer; the password is used here and not kept. At least one recipient.
 */
int cms_writer_new(const struct CmsRecipients *recipients, struct CmsWriter **ret);
struct CmsWriter *cms_writer_free(struct CmsWriter *w);
void cms_writer_freep(struct CmsWriter **w);

/* Starts a part of exactly `size` bytes: its header, at most CMS_HEADER bytes, owned by the writer. */
int cms_part_start(struct CmsWriter *w, uint64_t size, const uint8_t **ret, size_t *ret_size);
/* Encrypts the next n bytes; -EINVAL when they run over the size. in and out may be the same place. */
int cms_part_update(struct CmsWriter *w, const void *in, size_t n, void *out);
/* -EINVAL when bytes are missing. */
int cms_part_end(struct CmsWriter *w, uint8_t ret[static CMS_TAIL]);
