/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 by libcrypto's own functions for it: EVP's do the same, and allocate and clean up a context for each hash, which
 * is a third of the time where a million short lines are hashed. They are there for as long as 3.x is.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/random.h>

/* What is kept between hashes: nothing needs to be yet. */
struct Crypto {
	SHA256_CTX context;
};

struct Key {
	EVP_PKEY *key;
};

void crypto_freep(struct Crypto **c)
{
	free(*c);
	*c = NULL;
}

int crypto_new(struct Crypto **ret)
{
	_cleanup_(crypto_freep) struct Crypto *c = NULL;

	/* no configuration file decides what our signatures are made with */
	if (!OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS, NULL))
		return -EIO;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	*ret = c;
	c = NULL;
	return 0;
}

int crypto_hash(struct Crypto *c, const struct Bytes *pieces, size_t n, uint8_t ret[static HASH_SIZE])
{
	if (SHA256_Init(&c->context) != 1)
		return -EIO;
	for (size_t i = 0; i < n; i++)
		if (SHA256_Update(&c->context, pieces[i].bytes, pieces[i].size) != 1)
			return -EIO;
	return SHA256_Final(ret, &c->context) == 1 ? 0 : -EIO;
}

int crypto_leaf(struct Crypto *c, const void *line, size_t size, uint8_t ret[static HASH_SIZE])
{
	const struct Bytes pieces[] = {{"\0", 1}, {line, size}};

	return crypto_hash(c, pieces, ARRAY_SIZE(pieces), ret);
}

int crypto_node(struct Crypto *c, const uint8_t *left, const uint8_t *right, uint8_t ret[static HASH_SIZE])
{
	uint8_t both[1 + 2 * HASH_SIZE] = {1};
	const struct Bytes pieces[] = {{both, sizeof(both)}};

	memcpy(both + 1, left, HASH_SIZE);
	memcpy(both + 1 + HASH_SIZE, right, HASH_SIZE);
	return crypto_hash(c, pieces, ARRAY_SIZE(pieces), ret);
}

int crypto_hash_file(struct Crypto *c, int fd, uint8_t ret[static HASH_SIZE])
{
	uint8_t buffer[8192];
	off_t at = 0;

	if (SHA256_Init(&c->context) != 1)
		return -EIO;
	for (;;) {
		ssize_t n = pread(fd, buffer, sizeof(buffer), at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return SHA256_Final(ret, &c->context) == 1 ? 0 : -EIO;
		if (SHA256_Update(&c->context, buffer, (size_t)n) != 1)
			return -EIO;
		at += n;
	}
}

int crypto_random(void *ret, size_t n)
{
	/* the kernel's own: libcrypto's generator in between would be one more state to protect, and memory
	 */
	for (uint8_t *p = ret; n;) {
		ssize_t k = getrandom(p, n, 0);

		if (k < 0 && errno != EINTR)
			return -errno;
		p += MAX(k, 0);
		n -= (size_t)MAX(k, 0);
	}
	return 0;
}

void crypto_cleanse(void *bytes, size_t n)
{
	OPENSSL_cleanse(bytes, n);
}

int key_memory_lock(void)
{
	/* two keys and what libcrypto keeps beside them; 1: all of it done, the guards and the lock, too */
	return CRYPTO_secure_malloc_init(4096, 32) == 1 ? 0 : -EPERM;
}

int key_new(const uint8_t seed[static SEED_SIZE], struct Key **ret)
{
	struct Key *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	k->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SEED_SIZE);
	if (!k->key) {
		free(k);
		return -EIO;
	}
	*ret = k;
	return 0;
}

void key_freep(struct Key **k)
{
	if (!*k)
		return;
	EVP_PKEY_free((*k)->key);
	free(*k);
	*k = NULL;
}

int key_public(const struct Key *k, uint8_t ret[static HASH_SIZE])
{
	size_t n = HASH_SIZE;

	return EVP_PKEY_get_raw_public_key(k->key, ret, &n) == 1 && n == HASH_SIZE ? 0 : -EIO;
}

static void context_freep(EVP_MD_CTX **c)
{
	EVP_MD_CTX_free(*c);
}

int key_sign(const struct Key *k, const void *bytes, size_t n, uint8_t ret[static SIGNATURE_SIZE])
{
	_cleanup_(context_freep) EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t size = SIGNATURE_SIZE;

	if (!c)
		return -ENOMEM;
	if (EVP_DigestSignInit(c, NULL, NULL, NULL, k->key) != 1 ||
	        EVP_DigestSign(c, ret, &size, bytes, n) != 1)
		return -EIO;
	return size == SIGNATURE_SIZE ? 0 : -EIO;
}

static void pkey_freep(EVP_PKEY **k)
{
	EVP_PKEY_free(*k);
}

int signature_verify(const uint8_t public_key[static HASH_SIZE], const void *bytes, size_t n,
        const uint8_t signature[static SIGNATURE_SIZE])
{
	_cleanup_(context_freep) EVP_MD_CTX *c = EVP_MD_CTX_new();
	_cleanup_(pkey_freep) EVP_PKEY *k =
	        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, HASH_SIZE);

	if (!c)
		return -ENOMEM;
	if (!k)
		return 0;
	if (EVP_DigestVerifyInit(c, NULL, NULL, NULL, k) != 1)
		return -EIO;
	return EVP_DigestVerify(c, signature, SIGNATURE_SIZE, bytes, n) == 1;
}
