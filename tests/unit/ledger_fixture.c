/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_fixture.h"

#include "base64.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#include <cmocka.h>

static struct Key *make_key(struct Crypto *c, uint8_t seed, struct Vkey *ret)
{
	uint8_t bytes[SEED_SIZE] = {seed}, public[HASH_SIZE];
	struct Key *key = NULL;

	assert_int_equal(key_new(bytes, &key), 0);
	assert_int_equal(key_public(key, public), 0);
	assert_int_equal(vkey_make(c, FIXTURE_ORIGIN, public, ret), 0);
	return key;
}

void fixture_key(struct Fixture *f, uint8_t seed)
{
	key_freep(&f->key);
	f->key = make_key(f->crypto, seed, &f->vkey);
}

struct Fixture *fixture_new(void)
{
	struct Fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(crypto_new(&f->crypto), 0);
	fixture_key(f, 1);
	assert_int_equal(vkey_format(&f->vkey, f->vkey_text, sizeof(f->vkey_text)), 0);
	return f;
}

struct Fixture *fixture_free(struct Fixture *f)
{
	key_freep(&f->key);
	crypto_freep(&f->crypto);
	free(f);
	return NULL;
}

void fixture_line(struct Fixture *f, const char *line)
{
	int n = snprintf(f->records + f->size, sizeof(f->records) - f->size, "%s\n", line);

	assert_true(n > 0 && (size_t)n < sizeof(f->records) - f->size);
	f->size += (size_t)n;
	f->n++;
}

void fixture_lines(struct Fixture *f, size_t n)
{
	static const char *const rests[] = {"\"result\":\"done\",\"detail\":{\"version\":\"0.1.0\"}",
	        "\"actor\":\"clerk1\",\"role\":\"clerk\",\"result\":\"intent\",\"detail\":{\"copy\":\"c1\"}",
	        "\"actor\":\"clerk1\",\"numbers\":0,\"detail\":{\"name\":\"給付\\\"\\u3042\"}"};

	for (size_t i = 0; i < n; i++) {
		char line[512];

		snprintf(line, sizeof(line),
		        "{\"n\":%zu,\"t\":\"2026-11-21T09:00:%02zu.000+09:00\",\"kind\":\"file\","
		        "\"terminal\":\"t1\",%s}",
		        f->n, f->n % 60, rests[f->n % ARRAY_SIZE(rests)]);
		fixture_line(f, line);
	}
}

void fixture_root(const struct Fixture *f, uint64_t size, uint8_t ret[static HASH_SIZE])
{
	struct Tree t = TREE_NULL;
	const char *at = f->records;

	for (uint64_t i = 0; i < size; i++) {
		const char *end = strchr(at, '\n');
		uint8_t leaf[HASH_SIZE];

		assert_non_null(end);
		assert_int_equal(crypto_leaf(f->crypto, at, (size_t)(end - at), leaf), 0);
		assert_int_equal(tree_add(&t, f->crypto, leaf), 0);
		at = end + 1;
	}
	assert_int_equal(tree_root(&t, f->crypto, ret), 0);
}

void fixture_sign(struct Fixture *f, uint64_t size)
{
	struct Checkpoint c = {.origin = FIXTURE_ORIGIN, .size = size};
	ssize_t n, tail;

	fixture_root(f, size, c.root);
	n = checkpoint_format(&c, f->checkpoint, sizeof(f->checkpoint));
	assert_true(n > 0);
	tail = note_signature(&f->vkey, f->key, f->checkpoint, (size_t)n, f->checkpoint + n,
	        sizeof(f->checkpoint) - (size_t)n);
	assert_true(tail > 0);
	f->checkpoint_size = (size_t)(n + tail);
}

void fixture_rekey(struct Fixture *f, uint8_t seed)
{
	char vkey[LIMIT_VKEY], root[BASE64_SIZE(HASH_SIZE)], signature[BASE64_SIZE(SIGNATURE_SIZE)];
	char text[1024], line[1024];
	uint8_t bytes[SIGNATURE_SIZE], hash[HASH_SIZE];
	struct Vkey next_vkey;
	struct Key *next = make_key(f->crypto, seed, &next_vkey);
	int n;

	assert_int_equal(vkey_format(&next_vkey, vkey, sizeof(vkey)), 0);
	fixture_root(f, f->n, hash);
	base64_encode(hash, sizeof(hash), root);
	n = snprintf(text, sizeof(text), "mediagate/rekey/v1\n%s\n%zu\n%s\n%s\n", FIXTURE_ORIGIN, f->n, root,
	        vkey);
	assert_int_equal(key_sign(f->key, text, (size_t)n, bytes), 0);
	base64_encode(bytes, sizeof(bytes), signature);
	snprintf(line, sizeof(line),
	        "{\"n\":%zu,\"t\":\"2026-11-21T09:00:00.000+09:00\",\"kind\":\"key\",\"terminal\":\"t1\","
	        "\"result\":\"done\",\"detail\":{\"vkey\":\"%s\",\"signature\":\"%s\"}}",
	        f->n, vkey, signature);
	fixture_line(f, line);
	key_freep(&f->key);
	f->key = next;
	f->vkey = next_vkey;
}

struct LedgerInput fixture_input(const struct Fixture *f, const char *records, size_t n)
{
	int fd = memfd_create("records", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, records, n), n);
	return (struct LedgerInput){.records = fd,
	        .checkpoint = f->checkpoint,
	        .checkpoint_size = f->checkpoint_size,
	        .vkey = f->vkey_text};
}

static void verify(struct LedgerInput *in, struct LedgerReport *ret)
{
	assert_int_equal(ledger_verify(in, ret), 0);
	fd_close(in->records);
	assert_true((ret->fault == 0) == (ret->code == LEDGER_E_NONE));
}

void fixture_verify(const struct Fixture *f, const char *records, size_t n, struct LedgerReport *ret)
{
	struct LedgerInput in = fixture_input(f, records, n);

	verify(&in, ret);
}

void fixture_verify_each(const struct Fixture *f, LedgerEach each, void *owner, struct LedgerReport *ret)
{
	struct LedgerInput in = fixture_input(f, f->records, f->size);

	in.each = each;
	in.owner = owner;
	verify(&in, ret);
}

void fixture_verify_seen(const struct Fixture *f, const struct LedgerSeen *seen, size_t n, struct LedgerReport *ret)
{
	struct LedgerInput in = fixture_input(f, f->records, f->size);

	in.seen = seen;
	in.n_seen = n;
	verify(&in, ret);
}
