/* SPDX-License-Identifier: Apache-2.0 */
/* A label's bytes, its signature, and docs/label.md's table and vectors against the code. */
#include "file.h"
#include "hex.h"
#include "label_sign.h"
#include "str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static char document[1 << 16];

struct Rig {
	struct Crypto *crypto;
	struct Key *key, *other_key;
	struct Vkey vkey, other;
};

static struct Key *make_key(struct Crypto *c, uint8_t first, const char *name, struct Vkey *ret)
{
	uint8_t seed[SEED_SIZE], public[HASH_SIZE];
	struct Key *key = NULL;

	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)(first + i);
	assert_int_equal(key_new(seed, &key), 0);
	assert_int_equal(key_public(key, public), 0);
	assert_int_equal(vkey_make(c, name, public, ret), 0);
	return key;
}

static int rig_new(void **state)
{
	static struct Rig rig;

	assert_int_equal(crypto_new(&rig.crypto), 0);
	rig.key = make_key(rig.crypto, 0, "city.example.jp/mediagate/madoguchi-01/label", &rig.vkey);
	rig.other_key = make_key(rig.crypto, 9, "city.example.jp/mediagate/madoguchi-02/label", &rig.other);
	*state = &rig;
	return 0;
}

static int rig_free(void **state)
{
	struct Rig *rig = *state;

	key_freep(&rig->key);
	key_freep(&rig->other_key);
	crypto_freep(&rig->crypto);
	return 0;
}

/* The label of the document's vector. */
static struct Label example(void)
{
	struct Label l = {
		.counter = 7,
		.number = "USB-0007",
		.registration = "madoguchi-01-R4T9QX2M7C0VB",
		.terminal = "madoguchi-01",
		.loan = {.checkout = "madoguchi-01-2026-0012",
			.clerk = "clerk1",
			.purpose = "submission",
			.ground = "law",
			.terminals = "madoguchi-01,madoguchi-02",
			.from = 1795680000000,
			.until = 1795708800000,
			.carry_out = 1},
	};

	memset(l.random, 0x5a, sizeof(l.random));
	memset(l.identity, 0xc3, sizeof(l.identity));
	return l;
}

static void test_what_is_encoded_decodes_to_the_same(void **state _unused_)
{
	struct Label l = example(), back;
	uint8_t slot[LABEL_SIZE], again[LABEL_SIZE];

	assert_int_equal(label_encode(&l, slot), 0);
	assert_int_equal(label_decode(slot, &back), 0);
	assert_memory_equal(&back, &l, sizeof(l));
	assert_int_equal(label_encode(&back, again), 0);
	assert_memory_equal(again, slot, sizeof(slot));
}

static void test_a_label_without_a_loan_holds_nothing_of_one(void **state _unused_)
{
	struct Label l = example(), back;
	uint8_t slot[LABEL_SIZE];

	l.loan.checkout[0] = '\0';
	assert_int_equal(label_encode(&l, slot), 0);
	for (size_t i = 208; i < 664; i++)
		assert_int_equal(slot[i], 0);
	assert_int_equal(label_decode(slot, &back), 0);
	assert_string_equal(back.loan.clerk, "");
	slot[256] = 'c'; /* a clerk without a loan */
	assert_int_equal(label_decode(slot, &back), LABEL_STATE_MALFORMED);
}

static void test_no_free_text_can_stand_in_a_label(void **state _unused_)
{
	static const char *const texts[] = {"USB 7", "USB\n7", "\xe7\xab\xaf", ""};
	uint8_t slot[LABEL_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct Label l = example();

		STR_CUT(l.number, texts[i]);
		assert_int_equal(label_encode(&l, slot), -EINVAL);
	}
}

static bool is_inside(size_t at)
{
	for (size_t k = 0; label_field(k); k++)
		if (at >= label_field(k)->at && at < (size_t)label_field(k)->at + label_field(k)->size)
			return true;
	return false;
}

static void test_every_byte_outside_the_fields_must_be_zero(void **state)
{
	struct Rig *rig = *state;
	struct Label l = example(), back;
	uint8_t slot[LABEL_SIZE];

	assert_int_equal(label_sign(&l, &rig->vkey, rig->key, slot), 0);
	for (size_t i = 0; i < LABEL_SIZE; i++) {
		if (slot[i] || is_inside(i))
			continue;
		slot[i] = 1;
		assert_int_not_equal(label_decode(slot, &back), 0);
		slot[i] = 0;
	}
}

static void test_no_bit_of_a_label_can_be_altered(void **state)
{
	struct Rig *rig = *state;
	struct Label l = example();
	uint8_t slot[LABEL_SIZE];
	struct LabelSeen seen;

	assert_int_equal(label_sign(&l, &rig->vkey, rig->key, slot), 0);
	assert_int_equal(label_look(rig->crypto, &rig->vkey, slot, &seen), 0);
	assert_int_equal(seen.state, LABEL_STATE_VALID);
	assert_int_equal(seen.counter, 7);
	assert_string_equal(seen.checkout, "madoguchi-01-2026-0012");
	for (size_t i = 0; i < LABEL_SIZE; i++) {
		uint8_t bit = (uint8_t)(1 << i % 8);

		slot[i] ^= bit;
		assert_int_equal(label_look(rig->crypto, &rig->vkey, slot, &seen), 0);
		assert_int_not_equal(seen.state, LABEL_STATE_VALID);
		slot[i] ^= bit;
	}
}

static void test_another_terminals_label_is_a_strangers(void **state)
{
	struct Rig *rig = *state;
	struct Label l = example();
	uint8_t slot[LABEL_SIZE];
	struct LabelSeen seen;

	assert_int_equal(label_sign(&l, &rig->other, rig->other_key, slot), 0);
	assert_int_equal(label_look(rig->crypto, &rig->vkey, slot, &seen), 0);
	assert_int_equal(seen.state, LABEL_STATE_STRANGER);
	/* one that only claims our key */
	assert_int_equal(label_sign(&l, &rig->vkey, rig->other_key, slot), 0);
	assert_int_equal(label_look(rig->crypto, &rig->vkey, slot, &seen), 0);
	assert_int_equal(seen.state, LABEL_STATE_FORGED);
	assert_int_equal(seen.counter, 0);
}

static void test_an_issuers_label_is_known_by_its_key_and_its_name(void **state)
{
	struct Rig *rig = *state;
	struct Label l = example();
	uint8_t slot[LABEL_SIZE];
	struct LabelSeen seen;

	STR_CUT(l.terminal, "madoguchi-02");
	assert_int_equal(label_sign(&l, &rig->other, rig->other_key, slot), 0);
	assert_int_equal(label_look_issued(rig->crypto, &rig->other, slot, &seen), 0);
	assert_int_equal(seen.state, LABEL_STATE_ISSUED);
	assert_string_equal(seen.terminal, "madoguchi-02");
	assert_int_equal(seen.counter, 7);
	assert_int_equal(label_look_issued(rig->crypto, &rig->vkey, slot, &seen), 0);
	assert_int_equal(seen.state, LABEL_STATE_STRANGER);
	slot[300] ^= 1;
	assert_int_equal(label_look_issued(rig->crypto, &rig->other, slot, &seen), 0);
	assert_int_equal(seen.state, LABEL_STATE_FORGED);
	/* a terminal does not sign in another's name, nor in one that ends like its own */
	static const char *const names[] = {"madoguchi-01", "guchi-02", "2"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		STR_CUT(l.terminal, names[i]);
		assert_int_equal(label_sign(&l, &rig->other, rig->other_key, slot), 0);
		assert_int_equal(label_look_issued(rig->crypto, &rig->other, slot, &seen), 0);
		assert_int_equal(seen.state, LABEL_STATE_FORGED);
		assert_int_equal(seen.counter, 0);
	}
}

static void test_what_does_not_begin_like_a_label_is_none(void **state)
{
	struct Rig *rig = *state;
	uint8_t slot[LABEL_SIZE] = {};
	struct LabelSeen seen;

	assert_int_equal(label_look(rig->crypto, &rig->vkey, slot, &seen), 0);
	assert_int_equal(seen.state, LABEL_STATE_EMPTY);
	memset(slot, 0xff, sizeof(slot));
	assert_int_equal(label_look(rig->crypto, &rig->vkey, slot, &seen), 0);
	assert_int_equal(seen.state, LABEL_STATE_EMPTY);
}

/* ------------------------------------------------------------------ docs/label.md */

static void assert_block(const char *name, const char *want)
{
	char fence[64];
	const char *start, *end;

	snprintf(fence, sizeof(fence), "\n<!-- %s -->\n", name);
	start = strstr(document, fence);
	assert_non_null(start);
	start += strlen(fence);
	end = strstr(start, "<!-- end -->");
	assert_non_null(end);
	if ((size_t)(end - start) == strlen(want) && !memcmp(start, want, strlen(want)))
		return;
	printf("docs/label.md, %s, is to be\n%s", name, want);
	fail();
}

static void test_the_documents_table_is_the_codes(void **state _unused_)
{
	static const char *const types[] = {
		[LABEL_TEXT] = "text", [LABEL_BYTES] = "bytes", [LABEL_NUMBER] = "number", [LABEL_FLAG] = "flag"};
	char text[4096];
	int n = snprintf(text, sizeof(text), "| at | bytes | field | type |\n|---|---|---|---|\n| 0 | 19 | magic | "
					     "`mediagate/label/v1` and a newline |\n");

	for (size_t i = 0; label_field(i); i++) {
		const struct LabelField *f = label_field(i);

		n += snprintf(text + n, sizeof(text) - (size_t)n, "| %u | %u | %s | %s%s |\n", f->at, f->size, f->name,
			types[f->type], f->loan ? ", of the loan" : "");
	}
	assert_block("table: fields", text);
}

/* The slot as rows of 32 bytes; rows of zeros are left out. */
static void test_the_documents_vector_is_what_the_code_signs(void **state)
{
	struct Rig *rig = *state;
	struct Label l = example();
	uint8_t slot[LABEL_SIZE], hash[HASH_SIZE];
	char text[8192] = "```\n", hex[65], vkey[LIMIT_VKEY];
	size_t n = strlen(text);

	assert_int_equal(label_sign(&l, &rig->vkey, rig->key, slot), 0);
	assert_int_equal(vkey_format(&rig->vkey, vkey, sizeof(vkey)), 0);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "vkey %s\n", vkey);
	for (size_t at = 0; at < LABEL_SIZE; at += 32) {
		static const uint8_t zeros[32];

		if (!memcmp(slot + at, zeros, 32))
			continue;
		hex_encode(slot + at, 32, hex);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%04zu %s\n", at, hex);
	}
	assert_int_equal(crypto_hash(rig->crypto, &(struct Bytes){slot, sizeof(slot)}, 1, hash), 0);
	hex_encode(hash, sizeof(hash), hex);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "sha256 %s\n```\n", hex);
	assert_block("vector", text);
}

static int document_read(void **state)
{
	ssize_t n = file_read_at(AT_FDCWD, "docs/label.md", document, sizeof(document) - 1);

	assert_true(n > 0);
	return rig_new(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_encoded_decodes_to_the_same),
		cmocka_unit_test(test_a_label_without_a_loan_holds_nothing_of_one),
		cmocka_unit_test(test_no_free_text_can_stand_in_a_label),
		cmocka_unit_test(test_every_byte_outside_the_fields_must_be_zero),
		cmocka_unit_test(test_no_bit_of_a_label_can_be_altered),
		cmocka_unit_test(test_another_terminals_label_is_a_strangers),
		cmocka_unit_test(test_an_issuers_label_is_known_by_its_key_and_its_name),
		cmocka_unit_test(test_what_does_not_begin_like_a_label_is_none),
		cmocka_unit_test(test_the_documents_table_is_the_codes),
		cmocka_unit_test(test_the_documents_vector_is_what_the_code_signs),
	};

	return cmocka_run_group_tests(tests, document_read, rig_free);
}
