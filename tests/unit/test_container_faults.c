/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call to libcrypto, the allocator and the kernel fails once, in turn: sealing or opening then fails
 * too, with an error and without a crash or a leak (the sanitizers look), and never calls a result good.
 */
#include "container_cheap.h"
#include "container_fixture.h"
#include "fault.h"

#include <fcntl.h>
#include <openssl/asn1t.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/random.h>

#include <cmocka.h>

/* One counter for all: the call number `fail_at` fails. Single-threaded tests may have globals. */
static unsigned long calls, fail_at;

static bool fails(void)
{
	return fail_at > 0 && ++calls == fail_at;
}

/* result, name, what a failure gives, parameters, arguments */
#define WRAPPED(X)                                                                                           \
	X(void *, malloc, NULL, (size_t n), (n))                                                             \
	X(void *, calloc, NULL, (size_t n, size_t size), (n, size))                                          \
	X(void *, realloc, NULL, (void *p, size_t n), (p, n))                                                \
	X(void *, aligned_alloc, NULL, (size_t a, size_t n), (a, n))                                         \
	X(ssize_t, getrandom, -1, (void *p, size_t n, unsigned int flags), (p, n, flags))                    \
	X(ssize_t, read, -1, (int fd, void *p, size_t n), (fd, p, n))                                        \
	X(EVP_MD_CTX *, EVP_MD_CTX_new, NULL, (void), ())                                                    \
	X(EVP_MD *, EVP_MD_fetch, NULL, (OSSL_LIB_CTX * c, const char *a, const char *p), (c, a, p))         \
	X(int, EVP_DigestInit_ex2, 0, (EVP_MD_CTX * c, const EVP_MD *m, const OSSL_PARAM *p), (c, m, p))     \
	X(int, EVP_DigestUpdate, 0, (EVP_MD_CTX * c, const void *p, size_t n), (c, p, n))                    \
	X(int, EVP_DigestFinal_ex, 0, (EVP_MD_CTX * c, unsigned char *p, unsigned int *n), (c, p, n))        \
	X(EVP_CIPHER_CTX *, EVP_CIPHER_CTX_new, NULL, (void), ())                                            \
	X(int, EVP_CIPHER_CTX_reset, 0, (EVP_CIPHER_CTX * c), (c))                                           \
	X(EVP_CIPHER *, EVP_CIPHER_fetch, NULL, (OSSL_LIB_CTX * c, const char *a, const char *p), (c, a, p)) \
	X(int, EVP_CipherInit_ex2, 0,                                                                        \
	        (EVP_CIPHER_CTX * c, const EVP_CIPHER *e, const unsigned char *k, const unsigned char *iv,   \
	                int enc, const OSSL_PARAM *p),                                                       \
	        (c, e, k, iv, enc, p))                                                                       \
	X(int, EVP_CipherUpdate, 0,                                                                          \
	        (EVP_CIPHER_CTX * c, unsigned char *o, int *n, const unsigned char *i, int m),               \
	        (c, o, n, i, m))                                                                             \
	X(int, EVP_CipherFinal_ex, 0, (EVP_CIPHER_CTX * c, unsigned char *o, int *n), (c, o, n))             \
	X(int, EVP_CIPHER_CTX_ctrl, 0, (EVP_CIPHER_CTX * c, int t, int a, void *p), (c, t, a, p))            \
	X(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_from_pkey, NULL, (OSSL_LIB_CTX * c, EVP_PKEY * k, const char *p), \
	        (c, k, p))                                                                                   \
	X(int, EVP_PKEY_encrypt, 0,                                                                          \
	        (EVP_PKEY_CTX * c, unsigned char *o, size_t *n, const unsigned char *i, size_t m),           \
	        (c, o, n, i, m))                                                                             \
	X(int, EVP_PKEY_decrypt, 0,                                                                          \
	        (EVP_PKEY_CTX * c, unsigned char *o, size_t *n, const unsigned char *i, size_t m),           \
	        (c, o, n, i, m))                                                                             \
	X(int, EVP_PKEY_derive_init, 0, (EVP_PKEY_CTX * c), (c))                                             \
	X(int, EVP_PKEY_derive_set_peer, 0, (EVP_PKEY_CTX * c, EVP_PKEY * k), (c, k))                        \
	X(int, EVP_PKEY_derive, 0, (EVP_PKEY_CTX * c, unsigned char *p, size_t *n), (c, p, n))               \
	X(EVP_PKEY *, EVP_PKEY_new, NULL, (void), ())                                                        \
	X(int, EVP_PKEY_copy_parameters, 0, (EVP_PKEY * a, const EVP_PKEY *b), (a, b))                       \
	X(int, EVP_PKEY_set1_encoded_public_key, 0, (EVP_PKEY * k, const unsigned char *p, size_t n),        \
	        (k, p, n))                                                                                   \
	X(size_t, EVP_PKEY_get1_encoded_public_key, 0, (EVP_PKEY * k, unsigned char **p), (k, p))            \
	X(ASN1_VALUE *, ASN1_item_new, NULL, (const ASN1_ITEM *i), (i))                                      \
	X(int, ASN1_item_i2d, -1, (const ASN1_VALUE *v, unsigned char **p, const ASN1_ITEM *i), (v, p, i))   \
	X(ASN1_VALUE *, ASN1_item_d2i, NULL,                                                                 \
	        (ASN1_VALUE * *v, const unsigned char **p, long n, const ASN1_ITEM *i), (v, p, n, i))        \
	X(ASN1_TYPE *, d2i_ASN1_TYPE, NULL, (ASN1_TYPE * *t, const unsigned char **p, long n), (t, p, n))    \
	X(int, ASN1_OCTET_STRING_set, 0, (ASN1_OCTET_STRING * s, const unsigned char *p, int n), (s, p, n))

#define WRAP(type, name, failure, parameters, arguments) \
	type __real_##name parameters;                   \
	type __wrap_##name parameters;                   \
	type __wrap_##name parameters                    \
	{                                                \
		if (fails()) {                           \
			errno = EIO;                     \
			return failure;                  \
		}                                        \
		return __real_##name arguments;          \
	}
WRAPPED(WRAP)

static int output_none(void *owner, const struct PartName *part, const char *name, uint64_t size)
{
	(void)owner;
	(void)part;
	(void)name;
	(void)size;
	return 0;
}

static int output_write(void *owner, const void *bytes, size_t n)
{
	(void)owner;
	(void)bytes;
	return n > 0 && fails() ? -ENOSPC : 0;
}

static int output_close(
        void *owner, const struct PartName *part, const char *name, const uint8_t sha256[static 32])
{
	(void)owner;
	(void)part;
	(void)name;
	(void)sha256;
	return fails() ? FAULT_MEDIUM_GONE : 0;
}

static int seal_once(const struct CmsRecipients *recipients)
{
	struct SealOutput output = {NULL, output_none, output_write, output_close};
	_cleanup_(seal_freep) struct Seal *s = NULL;
	struct TarMember m = {"data", 5000, 0, 0};
	uint8_t bytes[5000] = {}, sha256[32];
	struct SealPlan plan;
	int r = seal_plan_start(&plan, FIXTURE_COPY, 0);

	plan.part_size = 2048;
	if (r == 0)
		r = seal_plan_add(&plan, &m);
	if (r == 0)
		r = seal_plan_end(&plan);
	if (r == 0)
		r = seal_new(&plan, recipients, &output, &s);
	if (r == 0)
		r = seal_begin(s, &m);
	if (r == 0)
		r = seal_data(s, bytes, sizeof(bytes));
	if (r == 0)
		r = seal_end(s, sha256);
	if (r == 0)
		r = seal_finish(s);
	/* a seal that failed takes nothing more */
	if (r && s)
		assert_int_not_equal(seal_finish(s), 0);
	return r;
}

static void test_no_failing_call_makes_a_good_copy(void **state)
{
	const struct Fixture *f = *state;
	const struct Certificate *all[] = {f->rsa, f->p256};
	struct CmsRecipients recipients = {FIXTURE_PASSWORD, strlen(FIXTURE_PASSWORD), all, 2};
	unsigned long n = 0;
	int r;

	do {
		calls = 0;
		fail_at = ++n;
		r = seal_once(&recipients);
		fail_at = 0;
		/* beyond the last call nothing has failed */
		assert_true(calls < n ? r == 0 : r != 0);
	} while (calls >= n);
	assert_true(n > 100);
}

static int unseal_once(int dir, const uint8_t *note, size_t size, struct CmsKeys *keys)
{
	struct Folder folder = {FIXTURE_COPY, 3};
	struct UnsealWhere where;
	struct TarTally tally = {};
	int r = unseal_folder(
	        &(struct SealedFolder){dir, &folder, (const char *)note, size}, keys, NULL, &tally, &where);

	if (r == 0)
		assert_int_equal(tally.bytes, 5000);
	return r;
}

static void unseal_with_failures(int dir, const char *password, struct PrivateKey *key)
{
	size_t size;
	_cleanup_free_ uint8_t *note = fixture_read(dir, FIXTURE_COPY ".note", &size);
	unsigned long n = 0;
	int r;

	size = note_text_size((const char *)note, size);
	do {
		struct CmsKeys keys = {
		        .password = password, .password_size = strlen(FIXTURE_PASSWORD), .key = key};

		calls = 0;
		fail_at = ++n;
		r = unseal_once(dir, note, size, &keys);
		fail_at = 0;
		assert_true(calls < n ? r == 0 : r != 0);
		cms_keys_done(&keys);
	} while (calls >= n);
	assert_true(n > 50);
}

static void test_no_failing_call_calls_a_copy_good(void **state)
{
	const struct Fixture *f = *state;
	const struct Certificate *all[] = {f->rsa, f->p256};
	uint8_t bytes[5000];
	struct FixtureFile file = {"data", bytes, sizeof(bytes)};
	_cleanup_(private_key_freep) struct PrivateKey *rsa = fixture_key(f, "rsa.key"),
	                                               *p256 = fixture_key(f, "p256.key");
	int dir;

	fixture_fill(bytes, sizeof(bytes), 9);
	dir = fixture_seal(f, "copy", &file, 1, 3000, true, all, 2);
	unseal_with_failures(dir, FIXTURE_PASSWORD, NULL);
	unseal_with_failures(dir, NULL, rsa);
	unseal_with_failures(dir, NULL, p256);
	fd_close(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_no_failing_call_makes_a_good_copy),
	        cmocka_unit_test(test_no_failing_call_calls_a_copy_good),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_end);
}
