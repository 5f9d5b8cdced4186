/* SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include "hex.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#define SALT 16
#define KEY  32

/* OWASP's floor for scrypt is N = 2^17, r = 8, p = 1 (128 MiB); within this process' memory the same work is
 * N = 2^15, p = 3. */
#define COST   15
#define BLOCK  8
#define LANES  3
#define MEMORY (64 << 20)

static void ctx_freep(EVP_KDF_CTX **c)
{
	EVP_KDF_CTX_free(*c);
}

static void kdf_freep(EVP_KDF **k)
{
	EVP_KDF_free(*k);
}

static int derive(const char *password, const uint8_t salt[static SALT], uint8_t ret[static KEY])
{
	_cleanup_(kdf_freep) EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
	_cleanup_(ctx_freep) EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	_cleanup_free_ char *copy = strdup(password);
	uint8_t salt_copy[SALT];
	uint64_t n = UINT64_C(1) << COST, memory = MEMORY;
	uint32_t r = BLOCK, p = LANES;
	int good;

	if (!ctx || !copy)
		return -ENOMEM;
	memcpy(salt_copy, salt, SALT);
	OSSL_PARAM params[] = {
	        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, copy, strlen(copy)),
	        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt_copy, SALT),
	        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
	        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
	        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
	        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
	        OSSL_PARAM_construct_end(),
	};
	good = EVP_KDF_derive(ctx, ret, KEY, params);
	OPENSSL_cleanse(copy, strlen(copy));
	return good > 0 ? 0 : -EIO;
}

int secret_make(const char *password, char ret[static SECRET_TEXT])
{
	char salt_text[2 * SALT + 1], key_text[2 * KEY + 1];
	uint8_t salt[SALT], key[KEY];
	int r;

	if (RAND_bytes(salt, SALT) != 1)
		return -EIO;
	r = derive(password, salt, key);
	if (r < 0)
		return r;
	hex_encode(salt, SALT, salt_text);
	hex_encode(key, KEY, key_text);
	OPENSSL_cleanse(key, KEY);
	snprintf(ret, SECRET_TEXT, "scrypt:%d:%d:%d:%s:%s", COST, BLOCK, LANES, salt_text, key_text);
	return 0;
}

int secret_check(const char *password, const char *kept)
{
	char head[32];
	uint8_t salt[SALT] = {}, key[KEY], wanted[KEY] = {};
	size_t n = (size_t)snprintf(head, sizeof(head), "scrypt:%d:%d:%d:", COST, BLOCK, LANES);
	bool known = !strncmp(kept, head, n) && strlen(kept) == n + 2 * SALT + 1 + 2 * KEY &&
	             hex_decode(kept + n, 2 * SALT, salt, SALT) == 0 &&
	             hex_decode(kept + n + 2 * SALT + 1, 2 * KEY, wanted, KEY) == 0;
	int r = derive(password, salt, key);

	if (r < 0)
		return r;
	r = CRYPTO_memcmp(key, wanted, KEY) == 0;
	OPENSSL_cleanse(key, KEY);
	return known && r;
}

int token_make(char ret[static TOKEN_TEXT])
{
	uint8_t bytes[33] = {};
	unsigned char text[48];

	if (RAND_bytes(bytes, 32) != 1)
		return -EIO;
	EVP_EncodeBlock(text, bytes, 33);
	for (size_t i = 0; i < 43; i++)
		ret[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : (char)text[i];
	ret[43] = '\0';
	return 0;
}

int token_digest(const char *token, char ret[static DIGEST_TEXT])
{
	uint8_t digest[32];
	size_t n = 0;

	if (EVP_Q_digest(NULL, "SHA256", NULL, token, strlen(token), digest, &n) != 1 || n != sizeof(digest))
		return -EIO;
	hex_encode(digest, sizeof(digest), ret);
	return 0;
}
