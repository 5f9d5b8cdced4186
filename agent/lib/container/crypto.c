/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcrypto behind plain calls. Every failure empties libcrypto's error queue: what matters is in the
 * result, and a queue that grows is memory.
 */
#include "crypto.h"
#include "fault.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/random.h>

struct CryptoDigest {
	EVP_MD_CTX *context;
	EVP_MD *sha256;
};

struct CryptoGcm {
	EVP_CIPHER_CTX *context;
	EVP_CIPHER *aes;
};

struct Certificate {
	X509 *x509;
	EVP_PKEY *key; /* the certificate's own */
	enum CryptoKind kind;
	uint8_t *issuer, *serial;
	size_t issuer_size, serial_size;
	uint8_t digest[CRYPTO_DIGEST];
};

struct PrivateKey {
	EVP_PKEY *key;
	enum CryptoKind kind;
};

static void context_freep(EVP_PKEY_CTX **c)
{
	EVP_PKEY_CTX_free(*c);
}

static void cipher_context_freep(EVP_CIPHER_CTX **c)
{
	EVP_CIPHER_CTX_free(*c);
}

static void key_freep(EVP_PKEY **k)
{
	EVP_PKEY_free(*k);
}

static void bio_freep(BIO **b)
{
	BIO_free(*b);
}

static void x509_freep(X509 **x)
{
	X509_free(*x);
}

static void openssl_freep(uint8_t **p)
{
	OPENSSL_free(*p);
}

/* What a failed call answers: the queue is emptied, `outcome` passed on. */
static int failed(int outcome)
{
	ERR_clear_error();
	return outcome;
}

int crypto_prepare(void)
{
	uint8_t seed[CRYPTO_DIGEST];

	/* openssl.cnf is somebody else's text: it could name other providers */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return failed(-EIO);
	if (RAND_bytes(seed, sizeof(seed)) != 1)
		return failed(-EIO);
	return crypto_sha256(seed, sizeof(seed), seed);
}

int crypto_random(void *ret, size_t n)
{
	uint8_t *p = ret;

	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

void crypto_cleanse(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}

bool crypto_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

/* ---- digest */

void crypto_digest_freep(struct CryptoDigest **d)
{
	if (!*d)
		return;
	EVP_MD_CTX_free((*d)->context);
	EVP_MD_free((*d)->sha256);
	free(ptr_steal(d));
}

int crypto_digest_new(struct CryptoDigest **ret)
{
	_cleanup_(crypto_digest_freep) struct CryptoDigest *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->context = EVP_MD_CTX_new();
	d->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!d->context || !d->sha256)
		return failed(-ENOMEM);
	*ret = ptr_steal(&d);
	return 0;
}

int crypto_digest_start(struct CryptoDigest *d)
{
	return EVP_DigestInit_ex2(d->context, d->sha256, NULL) == 1 ? 0 : failed(-EIO);
}

int crypto_digest_update(struct CryptoDigest *d, const void *bytes, size_t n)
{
	return EVP_DigestUpdate(d->context, bytes, n) == 1 ? 0 : failed(-EIO);
}

int crypto_digest_end(struct CryptoDigest *d, uint8_t ret[static CRYPTO_DIGEST])
{
	return EVP_DigestFinal_ex(d->context, ret, NULL) == 1 ? 0 : failed(-EIO);
}

int crypto_sha256(const void *bytes, size_t n, uint8_t ret[static CRYPTO_DIGEST])
{
	return EVP_Q_digest(NULL, "SHA256", NULL, bytes, n, ret, NULL) == 1 ? 0 : failed(-EIO);
}

/* ---- AES-256-GCM */

void crypto_gcm_freep(struct CryptoGcm **g)
{
	if (!*g)
		return;
	EVP_CIPHER_CTX_free((*g)->context);
	EVP_CIPHER_free((*g)->aes);
	free(ptr_steal(g));
}

int crypto_gcm_new(struct CryptoGcm **ret)
{
	_cleanup_(crypto_gcm_freep) struct CryptoGcm *g = calloc(1, sizeof(*g));

	if (!g)
		return -ENOMEM;
	g->context = EVP_CIPHER_CTX_new();
	g->aes = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (!g->context || !g->aes)
		return failed(-ENOMEM);
	*ret = ptr_steal(&g);
	return 0;
}

int crypto_gcm_start(struct CryptoGcm *g, bool encrypt, const uint8_t key[static CRYPTO_KEY],
        const uint8_t nonce[static CRYPTO_NONCE])
{
	/* the nonce's default length is the 12 bytes we use */
	if (EVP_CIPHER_CTX_reset(g->context) != 1 ||
	        EVP_CipherInit_ex2(g->context, g->aes, key, nonce, encrypt, NULL) != 1)
		return failed(-EIO);
	return 0;
}

int crypto_gcm_update(struct CryptoGcm *g, const void *in, size_t n, void *out)
{
	const uint8_t *from = in;
	uint8_t *to = out;

	while (n > 0) {
		int piece = (int)MIN(n, (size_t)1 << 30), done;

		if (EVP_CipherUpdate(g->context, to, &done, from, piece) != 1 || done != piece)
			return failed(-EIO);
		from += piece;
		to += piece;
		n -= (size_t)piece;
	}
	return 0;
}

int crypto_gcm_tag(struct CryptoGcm *g, uint8_t ret[static CRYPTO_TAG])
{
	uint8_t none[CRYPTO_BLOCK];
	int n;

	if (EVP_CipherFinal_ex(g->context, none, &n) != 1 ||
	        EVP_CIPHER_CTX_ctrl(g->context, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG, ret) != 1)
		return failed(-EIO);
	return 0;
}

int crypto_gcm_check(struct CryptoGcm *g, const uint8_t tag[static CRYPTO_TAG])
{
	uint8_t copy[CRYPTO_TAG], none[CRYPTO_BLOCK];
	int n;

	memcpy(copy, tag, sizeof(copy)); /* the call wants it writable */
	if (EVP_CIPHER_CTX_ctrl(g->context, EVP_CTRL_AEAD_SET_TAG, CRYPTO_TAG, copy) != 1)
		return failed(-EIO);
	return EVP_CipherFinal_ex(g->context, none, &n) == 1 ? 0 : failed(CRYPTO_REFUSED);
}

/* ---- keys from passwords, keys under keys */

int crypto_pbkdf2(const void *password, size_t size, const uint8_t *salt, size_t salt_size, uint32_t rounds,
        uint8_t ret[static CRYPTO_KEY])
{
	if (size > 65536 || salt_size > 1024 || rounds > INT32_MAX)
		return -EINVAL;
	if (PKCS5_PBKDF2_HMAC(password, (int)size, salt, (int)salt_size, (int)rounds, EVP_sha256(),
	            CRYPTO_KEY, ret) != 1)
		return failed(-EIO);
	return 0;
}

static int cipher_once(EVP_CIPHER_CTX *c, const void *in, size_t n, void *out, size_t out_size)
{
	int done;

	if (EVP_CipherUpdate(c, out, &done, in, (int)n) != 1)
		return failed(CRYPTO_REFUSED);
	return done == (int)out_size ? 0 : CRYPTO_REFUSED;
}

int crypto_cbc(bool encrypt, const uint8_t key[static CRYPTO_KEY], uint8_t iv[static CRYPTO_BLOCK],
        const void *in, size_t n, void *out)
{
	_cleanup_(cipher_context_freep) EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t last[CRYPTO_BLOCK];
	int r;

	if (!c)
		return failed(-ENOMEM);
	if (n == 0 || n > 65536 || n % CRYPTO_BLOCK)
		return -EINVAL;
	memcpy(last, (const uint8_t *)in + n - CRYPTO_BLOCK, CRYPTO_BLOCK);
	if (EVP_CipherInit_ex2(c, EVP_aes_256_cbc(), key, iv, encrypt, NULL) != 1 ||
	        EVP_CIPHER_CTX_set_padding(c, 0) != 1)
		return failed(-EIO);
	r = cipher_once(c, in, n, out, n);
	if (r)
		return -EIO;
	memcpy(iv, encrypt ? (uint8_t *)out + n - CRYPTO_BLOCK : last, CRYPTO_BLOCK);
	return 0;
}

static int wrap_either(bool encrypt, const uint8_t *kek, const void *in, size_t n, void *out, size_t out_size)
{
	_cleanup_(cipher_context_freep) EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	if (!c)
		return failed(-ENOMEM);
	EVP_CIPHER_CTX_set_flags(c, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_CipherInit_ex2(c, EVP_aes_256_wrap(), kek, NULL, encrypt, NULL) != 1)
		return failed(-EIO);
	return cipher_once(c, in, n, out, out_size);
}

int crypto_wrap(const uint8_t kek[static CRYPTO_KEY], const uint8_t key[static CRYPTO_KEY],
        uint8_t ret[static CRYPTO_WRAPPED])
{
	int r = wrap_either(true, kek, key, CRYPTO_KEY, ret, CRYPTO_WRAPPED);

	return r > 0 ? -EIO : r;
}

int crypto_unwrap(const uint8_t kek[static CRYPTO_KEY], const uint8_t wrapped[static CRYPTO_WRAPPED],
        uint8_t ret[static CRYPTO_KEY])
{
	uint8_t room[CRYPTO_WRAPPED];
	int r = wrap_either(false, kek, wrapped, CRYPTO_WRAPPED, room, CRYPTO_KEY);

	if (r == 0)
		memcpy(ret, room, CRYPTO_KEY);
	crypto_cleanse(room, sizeof(room));
	return r;
}

/* ---- certificates and private keys */

/* The kind of a public or private key, or -1; RSA of fewer than `least` bits is none. */
static int key_kind(const EVP_PKEY *key, int least)
{
	char group[32];

	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
		int bits = EVP_PKEY_get_bits(key);

		return bits >= least && bits <= 8 * CRYPTO_RSA ? CRYPTO_RSA_KEY : -1;
	}
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
	        EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1)
		return failed(-1);
	if (strcmp(group, "prime256v1") == 0)
		return CRYPTO_P256_KEY;
	return strcmp(group, "secp384r1") == 0 ? CRYPTO_P384_KEY : -1;
}

/* Exactly one certificate, PEM or DER, or NULL. */
static X509 *x509_read(const void *bytes, size_t n)
{
	_cleanup_(bio_freep) BIO *bio = NULL;
	_cleanup_(x509_freep) X509 *x = NULL, *second = NULL;
	const uint8_t *p = bytes;

	if (n == 0 || n > CRYPTO_PEM)
		return NULL;
	if (*p == 0x30) {
		x = d2i_X509(NULL, &p, (long)n);
		return x && p == (const uint8_t *)bytes + n ? ptr_steal(&x) : NULL;
	}
	bio = BIO_new_mem_buf(bytes, (int)n);
	if (!bio)
		return NULL;
	x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	/* of a chain we would have to guess which one is meant */
	second = x ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	return second ? NULL : ptr_steal(&x);
}

static const char *certificate_flaw(X509 *x, int kind, int64_t now)
{
	uint32_t wanted = kind == CRYPTO_RSA_KEY ? KU_KEY_ENCIPHERMENT : KU_KEY_AGREEMENT;
	time_t at = (time_t)(now / 1000);

	if (kind < 0)
		return "its key is neither RSA of 3072 to 8192 bits nor on P-256 or P-384";
	if (X509_cmp_time(X509_get0_notBefore(x), &at) >= 0)
		return "it is not valid yet";
	if (X509_cmp_time(X509_get0_notAfter(x), &at) <= 0)
		return "it has expired";
	if (X509_get_extension_flags(x) & (EXFLAG_INVALID | EXFLAG_CRITICAL))
		return "it has an extension that is not understood";
	if (!(X509_get_key_usage(x) & wanted)) /* all bits are set when there is no such extension */
		return "its key is not for encryption";
	return NULL;
}

static int certificate_fill(struct Certificate *c)
{
	int issuer = i2d_X509_NAME(X509_get_issuer_name(c->x509), &c->issuer);
	int serial = i2d_ASN1_INTEGER(X509_get0_serialNumber(c->x509), &c->serial);

	if (issuer <= 0 || serial <= 0 || X509_digest(c->x509, EVP_sha256(), c->digest, NULL) != 1)
		return failed(-ENOMEM);
	c->issuer_size = (size_t)issuer;
	c->serial_size = (size_t)serial;
	return 0;
}

int certificate_read(
        const void *bytes, size_t n, int64_t now, struct Certificate **ret, const char **ret_reason)
{
	_cleanup_(certificate_freep) struct Certificate *c = calloc(1, sizeof(*c));
	int kind, r;

	if (!c)
		return -ENOMEM;
	c->x509 = x509_read(bytes, n);
	c->key = c->x509 ? X509_get0_pubkey(c->x509) : NULL;
	ERR_clear_error();
	kind = c->key ? key_kind(c->key, 3072) : -1;
	*ret_reason = c->x509 ? certificate_flaw(c->x509, kind, now) : "it is not one X.509 certificate";
	if (*ret_reason)
		return failed(FAULT_BAD_CERTIFICATE);
	c->kind = (enum CryptoKind)kind;
	r = certificate_fill(c);
	if (r)
		return r;
	*ret = ptr_steal(&c);
	return 0;
}

struct Certificate *certificate_free(struct Certificate *c)
{
	if (c) {
		X509_free(c->x509);
		OPENSSL_free(c->issuer);
		OPENSSL_free(c->serial);
		free(c);
	}
	return NULL;
}

void certificate_freep(struct Certificate **c)
{
	*c = certificate_free(*c);
}

enum CryptoKind certificate_kind(const struct Certificate *c)
{
	return c->kind;
}

void certificate_digest(const struct Certificate *c, uint8_t ret[static CRYPTO_DIGEST])
{
	memcpy(ret, c->digest, CRYPTO_DIGEST);
}

void certificate_issuer(const struct Certificate *c, const uint8_t **ret, size_t *ret_size)
{
	*ret = c->issuer;
	*ret_size = c->issuer_size;
}

void certificate_serial(const struct Certificate *c, const uint8_t **ret, size_t *ret_size)
{
	*ret = c->serial;
	*ret_size = c->serial_size;
}

static bool oaep_set(EVP_PKEY_CTX *c)
{
	return EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_OAEP_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_oaep_md(c, EVP_sha256()) == 1 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(c, EVP_sha256()) == 1;
}

int certificate_rsa_encrypt(const struct Certificate *c, const uint8_t key[static CRYPTO_KEY],
        uint8_t ret[static CRYPTO_RSA], size_t *ret_size)
{
	_cleanup_(context_freep) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, c->key, NULL);
	size_t size = CRYPTO_RSA;

	if (!context)
		return failed(-ENOMEM);
	if (EVP_PKEY_encrypt_init(context) != 1 || !oaep_set(context) ||
	        EVP_PKEY_encrypt(context, ret, &size, key, CRYPTO_KEY) != 1)
		return failed(-EIO);
	*ret_size = size;
	return 0;
}

/* ECDH of a private and a public key of one curve, then X9.63 with SHA-256. */
static int agree(EVP_PKEY *own, EVP_PKEY *peer, const void *info, size_t info_size, uint8_t *ret_kek)
{
	_cleanup_(context_freep) EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	_cleanup_(openssl_freep) uint8_t *copy = OPENSSL_memdup(info, info_size);
	size_t size = CRYPTO_KEY;

	if (!c || !copy)
		return failed(-ENOMEM);
	if (EVP_PKEY_derive_init(c) != 1 || EVP_PKEY_derive_set_peer(c, peer) != 1)
		return failed(CRYPTO_REFUSED);
	if (EVP_PKEY_CTX_set_ecdh_kdf_type(c, EVP_PKEY_ECDH_KDF_X9_63) != 1 ||
	        EVP_PKEY_CTX_set_ecdh_kdf_md(c, EVP_sha256()) != 1 ||
	        EVP_PKEY_CTX_set_ecdh_kdf_outlen(c, CRYPTO_KEY) != 1 ||
	        EVP_PKEY_CTX_set0_ecdh_kdf_ukm(c, copy, (int)info_size) != 1)
		return failed(-EIO);
	copy = NULL; /* the context's now */
	if (EVP_PKEY_derive(c, ret_kek, &size) != 1 || size != CRYPTO_KEY)
		return failed(CRYPTO_REFUSED);
	return 0;
}

int certificate_agree(const struct Certificate *c, const void *info, size_t info_size,
        uint8_t ret_kek[static CRYPTO_KEY], uint8_t ret_point[static CRYPTO_POINT], size_t *ret_point_size)
{
	_cleanup_(key_freep) EVP_PKEY *fresh =
	        EVP_PKEY_Q_keygen(NULL, NULL, "EC", c->kind == CRYPTO_P256_KEY ? "P-256" : "P-384");
	_cleanup_(openssl_freep) uint8_t *point = NULL;
	size_t size;
	int r;

	if (!fresh)
		return failed(-ENOMEM);
	size = EVP_PKEY_get1_encoded_public_key(fresh, &point);
	if (size == 0 || size > CRYPTO_POINT)
		return failed(-EIO);
	r = agree(fresh, c->key, info, info_size, ret_kek);
	if (r)
		return r < 0 ? r : -EIO;
	memcpy(ret_point, point, size);
	*ret_point_size = size;
	return 0;
}

struct Passphrase {
	PassphraseAsk ask;
	void *owner;
};

/* Always given, as libcrypto would ask on the terminal otherwise. */
static int passphrase_ask(char *ret, int size, int writing _unused_, void *owner)
{
	struct Passphrase *p = owner;

	return p->ask ? p->ask(p->owner, ret, (size_t)size) : -1;
}

int private_key_read(const void *pem, size_t n, PassphraseAsk ask, void *owner, struct PrivateKey **ret)
{
	_cleanup_(private_key_freep) struct PrivateKey *k = calloc(1, sizeof(*k));
	_cleanup_(bio_freep) BIO *bio = n > 0 && n <= CRYPTO_PEM ? BIO_new_mem_buf(pem, (int)n) : NULL;
	struct Passphrase p = {ask, owner};
	int kind;

	if (!k)
		return -ENOMEM;
	if (!bio)
		return failed(CRYPTO_REFUSED);
	k->key = PEM_read_bio_PrivateKey(bio, NULL, passphrase_ask, &p);
	if (!k->key)
		return failed(CRYPTO_REFUSED);
	kind = key_kind(k->key, 2048);
	if (kind < 0)
		return CRYPTO_REFUSED;
	k->kind = (enum CryptoKind)kind;
	*ret = ptr_steal(&k);
	return 0;
}

struct PrivateKey *private_key_free(struct PrivateKey *k)
{
	if (k)
		EVP_PKEY_free(k->key);
	free(k);
	return NULL;
}

void private_key_freep(struct PrivateKey **k)
{
	*k = private_key_free(*k);
}

enum CryptoKind private_key_kind(const struct PrivateKey *k)
{
	return k->kind;
}

int private_key_rsa_decrypt(
        const struct PrivateKey *k, const uint8_t *in, size_t n, uint8_t ret[static CRYPTO_KEY])
{
	_cleanup_(context_freep) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, k->key, NULL);
	uint8_t room[CRYPTO_RSA];
	size_t size = sizeof(room);
	int r = CRYPTO_REFUSED;

	if (!context)
		return failed(-ENOMEM);
	if (EVP_PKEY_decrypt_init(context) != 1 || !oaep_set(context))
		return failed(-EIO);
	if (EVP_PKEY_decrypt(context, room, &size, in, n) == 1 && size == CRYPTO_KEY) {
		memcpy(ret, room, CRYPTO_KEY);
		r = 0;
	}
	crypto_cleanse(room, sizeof(room));
	return r ? failed(r) : 0;
}

int private_key_agree(const struct PrivateKey *k, const uint8_t *point, size_t point_size, const void *info,
        size_t info_size, uint8_t ret_kek[static CRYPTO_KEY])
{
	_cleanup_(key_freep) EVP_PKEY *peer = EVP_PKEY_new();

	if (!peer)
		return failed(-ENOMEM);
	/* a point that is not on the curve is refused here */
	if (EVP_PKEY_copy_parameters(peer, k->key) != 1 ||
	        EVP_PKEY_set1_encoded_public_key(peer, point, point_size) != 1)
		return failed(CRYPTO_REFUSED);
	return agree(k->key, peer, info, info_size, ret_kek);
}
