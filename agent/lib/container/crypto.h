/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The door to libcrypto: digests, AES, key derivation, certificates and private keys as plain calls.
 * Nothing else of the container knows OpenSSL but cms_asn1.c, the templates of the message's header.
 *
 * Results: 0; CRYPTO_REFUSED when a key, a tag or a padding does not fit; -ENOMEM, -EIO when libcrypto
 * fails for reasons of its own.
 */
#include "std.h"

#define CRYPTO_KEY     32 /* bytes of every symmetric key here */
#define CRYPTO_NONCE   12
#define CRYPTO_TAG     16
#define CRYPTO_BLOCK   16
#define CRYPTO_DIGEST  32
#define CRYPTO_POINT   97    /* an uncompressed point on P-384 */
#define CRYPTO_RSA     1024  /* bytes of the largest RSA modulus (8192 bits) */
#define CRYPTO_WRAPPED 40    /* a key under RFC 3394 */
#define CRYPTO_PEM     65536 /* bytes of a certificate's or key's file */

enum CryptoOutcome {
	CRYPTO_REFUSED = 1,
};

/* Once, before the sandbox: no configuration file, no error text, no character set is loaded later.
   0 or -errno. */
int crypto_prepare(void);

int crypto_random(void *ret, size_t n);
void crypto_cleanse(void *p, size_t n);
bool crypto_equal(const void *a, const void *b, size_t n);

/* SHA-256 over a stream; one context serves any number of streams. */
struct CryptoDigest;
int crypto_digest_new(struct CryptoDigest **ret);
void crypto_digest_freep(struct CryptoDigest **d);
int crypto_digest_start(struct CryptoDigest *d);
int crypto_digest_update(struct CryptoDigest *d, const void *bytes, size_t n);
int crypto_digest_end(struct CryptoDigest *d, uint8_t ret[static CRYPTO_DIGEST]);
int crypto_sha256(const void *bytes, size_t n, uint8_t ret[static CRYPTO_DIGEST]);

/* AES-256-GCM over a stream; in and out may be the same place. */
struct CryptoGcm;
int crypto_gcm_new(struct CryptoGcm **ret);
void crypto_gcm_freep(struct CryptoGcm **g);
int crypto_gcm_start(struct CryptoGcm *g, bool encrypt, const uint8_t key[static CRYPTO_KEY],
        const uint8_t nonce[static CRYPTO_NONCE]);
int crypto_gcm_update(struct CryptoGcm *g, const void *in, size_t n, void *out);
int crypto_gcm_tag(struct CryptoGcm *g, uint8_t ret[static CRYPTO_TAG]);
/* After the last update of a decryption: 0, or CRYPTO_REFUSED: all that came out is worthless. */
int crypto_gcm_check(struct CryptoGcm *g, const uint8_t tag[static CRYPTO_TAG]);

int crypto_pbkdf2(const void *password, size_t size, const uint8_t *salt, size_t salt_size, uint32_t rounds,
        uint8_t ret[static CRYPTO_KEY]);

/* AES-256-CBC without padding over whole blocks; iv is advanced, so that a second call goes on. */
int crypto_cbc(bool encrypt, const uint8_t key[static CRYPTO_KEY], uint8_t iv[static CRYPTO_BLOCK],
        const void *in, size_t n, void *out);

/* RFC 3394 with a 256-bit key. */
int crypto_wrap(const uint8_t kek[static CRYPTO_KEY], const uint8_t key[static CRYPTO_KEY],
        uint8_t ret[static CRYPTO_WRAPPED]);
int crypto_unwrap(const uint8_t kek[static CRYPTO_KEY], const uint8_t wrapped[static CRYPTO_WRAPPED],
        uint8_t ret[static CRYPTO_KEY]);

enum CryptoKind {
	CRYPTO_RSA_KEY,
	CRYPTO_P256_KEY,
	CRYPTO_P384_KEY,
	_CRYPTO_KIND_N,
};

/* A recipient's certificate that passed every check. */
struct Certificate;

/* Reads one certificate, PEM or DER. 0, FAULT_BAD_CERTIFICATE with *ret_reason (static, English, for
   the operator: "expired", "key too short" …), or -errno. `now` is milliseconds since 1970. */
int certificate_read(
        const void *bytes, size_t n, int64_t now, struct Certificate **ret, const char **ret_reason);
struct Certificate *certificate_free(struct Certificate *c);
void certificate_freep(struct Certificate **c);
enum CryptoKind certificate_kind(const struct Certificate *c);
/* SHA-256 of its DER form: what people compare and records carry. */
void certificate_digest(const struct Certificate *c, uint8_t ret[static CRYPTO_DIGEST]);
/* DER of issuer (a Name) and serial number (an INTEGER), the certificate's own bytes. */
void certificate_issuer(const struct Certificate *c, const uint8_t **ret, size_t *ret_size);
void certificate_serial(const struct Certificate *c, const uint8_t **ret, size_t *ret_size);

/* RSA-OAEP with SHA-256 and MGF1-SHA-256. */
int certificate_rsa_encrypt(const struct Certificate *c, const uint8_t key[static CRYPTO_KEY],
        uint8_t ret[static CRYPTO_RSA], size_t *ret_size);
/* A fresh key pair on the certificate's curve, ECDH with its key, X9.63 KDF with SHA-256 and `info`. */
int certificate_agree(const struct Certificate *c, const void *info, size_t info_size,
        uint8_t ret_kek[static CRYPTO_KEY], uint8_t ret_point[static CRYPTO_POINT], size_t *ret_point_size);

/* A recipient's private key. */
struct PrivateKey;
typedef int (*PassphraseAsk)(void *owner, char *ret, size_t size); /* bytes, or negative: none */

/* Reads a PEM key, encrypted or not. 0, CRYPTO_REFUSED (no key of a kind we take, or wrong passphrase),
   or -errno. `ask` may be NULL. */
int private_key_read(const void *pem, size_t n, PassphraseAsk ask, void *owner, struct PrivateKey **ret);
struct PrivateKey *private_key_free(struct PrivateKey *k);
void private_key_freep(struct PrivateKey **k);
enum CryptoKind private_key_kind(const struct PrivateKey *k);
int private_key_rsa_decrypt(
        const struct PrivateKey *k, const uint8_t *in, size_t n, uint8_t ret[static CRYPTO_KEY]);
int private_key_agree(const struct PrivateKey *k, const uint8_t *point, size_t point_size, const void *info,
        size_t info_size, uint8_t ret_kek[static CRYPTO_KEY]);
