/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Reads one CMS AuthEnvelopedData of our profile, and what the stock tool makes of it for certificates:
 * AES-256-GCM with a 12-byte nonce and a 16-byte tag, no attributes, nothing after the end. Definite
 * and indefinite length. Every length is bounded; memory does not grow with the message.
 *
 * Plaintext comes before the tag is known to hold: the caller keeps it apart until the result is 0.
 */
#include "cms_write.h"
#include "crypto.h"

#define CMS_ROUNDS_LEAST 100000u
#define CMS_ROUNDS_MOST  10000000u

/* What opens a message. A derived key is kept for the next part of the same salt and rounds. */
struct CmsKeys {
	const char *password; /* NULL: none. As typed; the form in which ours are shown is tried after it. */
	size_t password_size;
	const struct PrivateKey *key; /* NULL: none */
	/* kept by the reader; zero at first */
	bool derived;
	bool normalised; /* which form of the password it was */
	uint8_t salt[64];
	size_t salt_size;
	uint32_t rounds;
	uint8_t kek[CRYPTO_KEY];
};

void cms_keys_done(struct CmsKeys *k);

/* What a header says. */
struct CmsFacts {
	bool password;          /* there is a password recipient */
	unsigned int rsa, ecdh; /* recipients by certificate */
	size_t salt_size;
	uint32_t rounds;
	uint8_t salt[64];
};

struct CmsSource {
	void *owner;
	/* At most n bytes: their number, 0 at the end, -errno. */
	ssize_t (*read)(void *owner, void *ret, size_t n);
};

typedef int (*CmsSink)(void *owner, const void *bytes, size_t n); /* not 0: stop, passed on */

struct CmsReader;

int cms_reader_new(struct CmsReader **ret);
struct CmsReader *cms_reader_free(struct CmsReader *r);
void cms_reader_freep(struct CmsReader **r);

/* Reads the header. 0, FAULT_DAMAGED, FAULT_INCOMPLETE, or -errno. */
int cms_read_header(struct CmsReader *r, const struct CmsSource *source, struct CmsFacts *ret);
/* Finds the content key. 0, FAULT_WRONG_PASSWORD (also: damaged), FAULT_WRONG_KEY, FAULT_DAMAGED or -errno.
 */
int cms_read_key(struct CmsReader *r, struct CmsKeys *keys);
/* The content: the next piece, in the reader's memory; *ret_size 0 once everything, tag and end included,
   holds. FAULT_DAMAGED, FAULT_INCOMPLETE, -errno. */
int cms_read_content(struct CmsReader *r, const void **ret, size_t *ret_size);

/* All three. */
int cms_read(
        struct CmsReader *r, const struct CmsSource *source, struct CmsKeys *keys, CmsSink sink, void *owner);

/* A source that reads a descriptor; owner: the descriptor's address. */
ssize_t cms_source_fd(void *owner, void *ret, size_t n);
