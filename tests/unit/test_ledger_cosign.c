/* SPDX-License-Identifier: Apache-2.0 */
/* The other party's word that it saw a checkpoint: C2SP tlog-cosignature. */
#include "cosign.h"
#include "std.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define TEXT "city.example.jp/mediagate/t1/2026\n3\ndNdvSrEZwuTD1gcfjW7TCpqRLDnqfcfpU/kYbE0+Y2Y=\n"
#define NAME "city.example.jp/mediagate/console"

struct Witness {
	struct Crypto *crypto;
	struct Key *key;
	struct Vkey vkey;
	char line[COSIGN_LINE];
	size_t n;
};

static const struct CosignText text = {TEXT, sizeof(TEXT) - 1, 1795000000};

static int set_up(void **state)
{
	static struct Witness w;
	uint8_t seed[SEED_SIZE] = {7}, public_key[HASH_SIZE];
	ssize_t n;

	assert_int_equal(crypto_new(&w.crypto), 0);
	assert_int_equal(key_new(seed, &w.key), 0);
	assert_int_equal(key_public(w.key, public_key), 0);
	assert_int_equal(cosign_vkey_make(w.crypto, NAME, public_key, &w.vkey), 0);
	n = cosign_write(&w.vkey, w.key, &text, w.line, sizeof(w.line));
	assert_true(n > 0);
	w.n = (size_t)n;
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct Witness *w = *state;

	key_freep(&w->key);
	crypto_freep(&w->crypto);
	return 0;
}

static void test_a_cosignature_is_known_by_its_key_alone(void **state)
{
	struct Witness *w = *state;
	struct Vkey read, ledger;
	char vkey[LIMIT_VKEY];
	uint64_t time = 0;

	assert_int_equal(cosign_vkey_format(&w->vkey, vkey, sizeof(vkey)), 0);
	assert_int_equal(cosign_vkey_parse(w->crypto, vkey, strlen(vkey), &read), 0);
	assert_int_equal(cosign_verify(&read, &text, w->line, w->n, &time), 1);
	assert_int_equal(time, 1795000000);
	/* the same key as a ledger's is another key */
	assert_int_equal(vkey_parse(w->crypto, vkey, strlen(vkey), &ledger), -EINVAL);
	assert_int_equal(vkey_make(w->crypto, NAME, w->vkey.key, &ledger), 0);
	assert_int_equal(vkey_format(&ledger, vkey, sizeof(vkey)), 0);
	assert_int_equal(cosign_vkey_parse(w->crypto, vkey, strlen(vkey), &read), -EINVAL);
	assert_int_equal(cosign_verify(&ledger, &text, w->line, w->n, &time), 0);
}

static void test_no_bit_of_line_or_text_can_change(void **state)
{
	struct Witness *w = *state;
	char line[COSIGN_LINE], other[sizeof(TEXT)];
	uint64_t time;

	for (size_t i = 0; i < w->n * 8; i++) {
		memcpy(line, w->line, w->n);
		line[i / 8] = (char)(line[i / 8] ^ 1 << i % 8);
		assert_int_equal(cosign_verify(&w->vkey, &text, line, w->n, &time), 0);
	}
	for (size_t i = 0; i < text.n; i++) {
		const struct CosignText changed = {other, text.n, 0};

		memcpy(other, TEXT, sizeof(TEXT));
		other[i] ^= 1;
		assert_int_equal(cosign_verify(&w->vkey, &changed, w->line, w->n, &time), 0);
	}
	for (size_t n = 0; n < w->n; n++)
		assert_int_equal(cosign_verify(&w->vkey, &text, w->line, n, &time), 0);
}

/* A verifier of ledgers passes over it, as over every line of a stranger. */
static void test_a_note_with_a_cosignature_is_still_a_note(void **state)
{
	struct Witness *w = *state;
	char note[COSIGN_TEXT];
	size_t at;

	snprintf(note, sizeof(note), TEXT "\n%s", w->line);
	assert_int_equal(note_split(note, strlen(note), &at), 0);
	assert_int_equal(at, sizeof(TEXT) - 1);
}

static void test_a_receipt_says_whose_it_is_and_when(void **state)
{
	struct Witness *w = *state;
	struct CosignLine by;
	char note[COSIGN_TEXT];

	snprintf(note, sizeof(note), TEXT "\n— x AAAAAAA=\n%s", w->line);
	assert_int_equal(cosign_last(note, strlen(note), &by), 0);
	assert_string_equal(by.name, NAME);
	assert_int_equal(by.time, 1795000000);
	assert_memory_equal(by.bytes, w->vkey.id, sizeof(w->vkey.id));
	snprintf(note, sizeof(note), TEXT "\n%s— x AAAAAAA=\n", w->line);
	assert_int_equal(cosign_last(note, strlen(note), &by), -EBADMSG);
	assert_int_equal(cosign_last(TEXT, strlen(TEXT), &by), -EBADMSG);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        TEST(a_cosignature_is_known_by_its_key_alone),
	        TEST(no_bit_of_line_or_text_can_change),
	        TEST(a_note_with_a_cosignature_is_still_a_note),
	        TEST(a_receipt_says_whose_it_is_and_when),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
