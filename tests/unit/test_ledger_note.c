/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"
#include "note.h"
#include "std.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define EM        "\xe2\x80\x94 "
#define SPEC_VKEY "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define SPEC_LINE             \
	EM "example.com/foo " \
	   "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
#define SPEC_TEXT "This is an example message.\n"

/* golang.org/x/mod/sumdb/note's own example */
#define GO_VKEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define GO_SEED "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
#define GO_TEXT                                                      \
	"If you think cryptography is the answer to your problem,\n" \
	"then you don't know what your problem is.\n"
#define GO_LINE            \
	EM "PeterNeumann " \
	   "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

static struct Crypto *crypto;

static void vkey(const char *text, struct Vkey *ret)
{
	assert_int_equal(vkey_parse(crypto, text, strlen(text), ret), 0);
}

static int verify(const char *note, const char *key)
{
	struct Vkey v;
	size_t text, signer;

	vkey(key, &v);
	return note_verify(note, strlen(note), &v, 1, &text, &signer);
}

static void test_the_specifications_example_verifies(void **state _unused_)
{
	assert_int_equal(verify(SPEC_TEXT "\n" SPEC_LINE, SPEC_VKEY), 0);
	assert_int_equal(verify(GO_TEXT "\n" GO_LINE, GO_VKEY), 0);
}

static void test_signing_gives_the_bytes_that_others_give(void **state _unused_)
{
	uint8_t seed[1 + SEED_SIZE], public[HASH_SIZE];
	_cleanup_(key_freep) struct Key *key = NULL;
	char tail[NOTE_LINE_SIZE], text[LIMIT_VKEY];
	struct Vkey v;

	assert_int_equal(base64_decode(GO_SEED, strlen(GO_SEED), seed, sizeof(seed)), sizeof(seed));
	assert_int_equal(key_new(seed + 1, &key), 0);
	assert_int_equal(key_public(key, public), 0);
	assert_int_equal(vkey_make(crypto, "PeterNeumann", public, &v), 0);
	assert_int_equal(vkey_format(&v, text, sizeof(text)), 0);
	assert_string_equal(text, GO_VKEY);
	assert_int_equal(
	        note_signature(&v, key, GO_TEXT, strlen(GO_TEXT), tail, sizeof(tail)), strlen("\n" GO_LINE));
	assert_string_equal(tail, "\n" GO_LINE);
}

static void test_every_flipped_bit_of_a_note_is_refused(void **state _unused_)
{
	char note[] = SPEC_TEXT "\n" SPEC_LINE;
	size_t n = sizeof(note) - 1;
	struct Vkey v;

	vkey(SPEC_VKEY, &v);
	for (size_t i = 0; i < 8 * n; i++) {
		size_t text, signer;

		note[i / 8] = (char)(note[i / 8] ^ 1 << i % 8);
		assert_int_not_equal(note_verify(note, n, &v, 1, &text, &signer), 0);
		note[i / 8] = (char)(note[i / 8] ^ 1 << i % 8);
	}
	for (size_t k = 0; k < n; k++) {
		size_t text, signer;

		assert_int_not_equal(note_verify(note, k, &v, 1, &text, &signer), 0);
	}
}

static void test_every_flipped_bit_of_a_vkey_is_refused(void **state _unused_)
{
	char text[] = SPEC_VKEY;
	size_t n = sizeof(text) - 1;
	struct Vkey v;

	for (size_t i = 0; i < 8 * n; i++) {
		text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
		assert_int_equal(vkey_parse(crypto, text, n, &v), -EINVAL);
		text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
	}
	for (size_t k = 0; k < n; k++)
		assert_int_equal(vkey_parse(crypto, text, k, &v), -EINVAL);
}

static void test_keys_of_other_types_and_names_with_spaces_are_refused(void **state _unused_)
{
	static const char *const bad[] = {
	        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
	        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	        GO_VKEY "\n",
	        GO_VKEY " ",
	};
	static const char *const names[] = {"", "a b", "a+b", "a\tb", "a\nb",
	        "a\xc2\xa0"
	        "b",
	        "a\xe3\x80\x80"
	        "b",
	        "a\xe2\x80\xa8"
	        "b",
	        "a\xff", "a\xc2\x85"};
	uint8_t key[HASH_SIZE] = {1};
	struct Vkey v;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(vkey_parse(crypto, bad[i], strlen(bad[i]), &v), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(vkey_make(crypto, names[i], key, &v), -EINVAL);
	assert_int_equal(vkey_make(crypto, "窓口.example/a", key, &v), 0);
}

static void test_unknown_keys_are_passed_over_and_known_ones_must_hold(void **state _unused_)
{
	/* of another key; of that name with another id; of another type and longer */
	static const char other[] = EM "witness.example AAAAAAAAAAA=\n";
	static const char renamed[] = EM "example.com/foo AAAAAAAAAAA=\n";
	static const char forged[] = EM "example.com/foo Uw2QOgAAAAA=\n";
	char note[8192];
	size_t n;

	snprintf(note, sizeof(note), SPEC_TEXT "\n%s%s" SPEC_LINE, other, renamed);
	assert_int_equal(verify(note, SPEC_VKEY), 0);
	assert_int_equal(verify(note, GO_VKEY), NOTE_UNSIGNED);
	snprintf(note, sizeof(note), SPEC_TEXT "\n" SPEC_LINE "%s", forged);
	assert_int_equal(verify(note, SPEC_VKEY), NOTE_FORGED);
	snprintf(note, sizeof(note), "%s", SPEC_TEXT "\n" SPEC_LINE SPEC_LINE);
	assert_int_equal(verify(note, SPEC_VKEY), 0);
	/* a post-quantum cosignature is some 3.3 KB of base64 */
	n = (size_t)snprintf(note, sizeof(note), "%s", SPEC_TEXT "\n" SPEC_LINE EM "pq.example ");
	memset(note + n, 'A', 4000);
	strcpy(note + n + 4000, "\n");
	assert_int_equal(verify(note, SPEC_VKEY), 0);
	strcpy(note + n + 3999, "\n");
	assert_int_equal(verify(note, SPEC_VKEY), NOTE_MALFORMED);
}

static void test_sixty_four_signature_lines_are_read_and_no_more(void **state _unused_)
{
	for (int lines = 64; lines <= 65; lines++) {
		char note[8192] = SPEC_TEXT "\n";

		for (int i = 1; i < lines; i++)
			strcat(note, EM "witness.example AAAAAAAAAAA=\n");
		strcat(note, SPEC_LINE);
		assert_int_equal(verify(note, SPEC_VKEY), lines == 64 ? 0 : NOTE_MALFORMED);
	}
}

static void test_the_text_ends_at_the_last_empty_line(void **state _unused_)
{
	static const char note[] = "one\n\ntwo\n\n" SPEC_LINE;
	size_t text;

	assert_int_equal(note_split(note, sizeof(note) - 1, &text), 0);
	assert_int_equal(text, strlen("one\n\ntwo\n"));
}

static void test_malformed_notes_are_refused(void **state _unused_)
{
	static const char *const bad[] = {"", "\n", "\n\n", SPEC_TEXT, SPEC_TEXT "\n", SPEC_TEXT SPEC_LINE,
	        SPEC_LINE, "\n" SPEC_LINE, SPEC_TEXT "\n" SPEC_LINE "\n", SPEC_TEXT "\n" SPEC_LINE "x\n",
	        "a\tb\n\n" SPEC_LINE, "a\r\n\n" SPEC_LINE, "\xff\n\n" SPEC_LINE, "a\n\n- name AAAAAAAAAAA=\n",
	        "a\n\n" EM "name\n", "a\n\n" EM "name \n", "a\n\n" EM " AAAAAAAAAAA=\n",
	        "a\n\n" EM "na+me AAAAAAAAAAA=\n", "a\n\n" EM "name AAAAAA==\n",
	        "a\n\n" EM "name AAAAAAAAAAA\n", "a\n\n" EM "name AAAAAAAAAAB=\n",
	        "a\n\n" EM "name AAAAAAAAAAA= \n", "a\n\n" EM "name  AAAAAAAAAAA=\n",
	        "a\n\n" EM "name AAAAA*AAAAA=\n"};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		size_t text;

		if (note_split(bad[i], strlen(bad[i]), &text) != NOTE_MALFORMED)
			fail_msg("%zu: %s", i, bad[i]);
	}
}

static void test_checkpoints_have_three_lines_of_one_form(void **state _unused_)
{
#define ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
	static const char *const bad[] = {"", "a\n", "a\n1\n", "\n1\n" ROOT, "a\n01\n" ROOT, "a\n-1\n" ROOT,
	        "a\n+1\n" ROOT, "a\n\n" ROOT, "a\n1 \n" ROOT, "a\n1\n" ROOT "x\n", "a\n1\n" ROOT "\n",
	        "a\n1\n47DEQpj8HBSa\n", "a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
	        "a\n1x\n" ROOT, "a\n10000000000000000000\n" ROOT,
	        "a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=AAAA\n"};
	static const char good[] = "a\n9999999999999999999\n" ROOT;
	struct Checkpoint c;
	char text[256];

	assert_int_equal(checkpoint_parse(good, sizeof(good) - 1, &c), 0);
	assert_string_equal(c.origin, "a");
	assert_true(c.size == UINT64_C(9999999999999999999));
	assert_int_equal(checkpoint_format(&c, text, sizeof(text)), sizeof(good) - 1);
	assert_string_equal(text, good);
	assert_int_equal(checkpoint_parse("a\n0\n" ROOT, strlen("a\n0\n" ROOT), &c), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (checkpoint_parse(bad[i], strlen(bad[i]), &c) != -EINVAL)
			fail_msg("%zu: %s", i, bad[i]);
}

static void test_base64_has_one_form_for_all_bytes(void **state _unused_)
{
	static const char *const bad[] = {"A", "AA", "AAA", "AA=A",
	        "A===", "====", "AB==", "AAB=", "AA==AAAA", "AA=\n", "AA-_", " AAA"};
	uint8_t bytes[64] = {}, back[64];
	char text[BASE64_SIZE(64) + 1];

	for (size_t n = 0; n <= sizeof(bytes); n++) {
		for (size_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)(i * 37 + n);
		base64_encode(bytes, n, text);
		assert_int_equal(base64_decode(text, strlen(text), back, sizeof(back)), n);
		assert_memory_equal(bytes, back, n);
		assert_int_equal(base64_decode(text, strlen(text), NULL, SIZE_MAX), n);
		if (n)
			assert_int_equal(base64_decode(text, strlen(text), back, n - 1), -E2BIG);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(base64_decode(bad[i], strlen(bad[i]), back, sizeof(back)), -EINVAL);
}

static int start(void **state _unused_)
{
	return crypto_new(&crypto);
}

static int end(void **state _unused_)
{
	crypto_freep(&crypto);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_the_specifications_example_verifies),
	        cmocka_unit_test(test_signing_gives_the_bytes_that_others_give),
	        cmocka_unit_test(test_every_flipped_bit_of_a_note_is_refused),
	        cmocka_unit_test(test_every_flipped_bit_of_a_vkey_is_refused),
	        cmocka_unit_test(test_keys_of_other_types_and_names_with_spaces_are_refused),
	        cmocka_unit_test(test_unknown_keys_are_passed_over_and_known_ones_must_hold),
	        cmocka_unit_test(test_sixty_four_signature_lines_are_read_and_no_more),
	        cmocka_unit_test(test_the_text_ends_at_the_last_empty_line),
	        cmocka_unit_test(test_malformed_notes_are_refused),
	        cmocka_unit_test(test_checkpoints_have_three_lines_of_one_form),
	        cmocka_unit_test(test_base64_has_one_form_for_all_bytes),
	};

	return cmocka_run_group_tests(tests, start, end);
}
