/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"
#include "hex.h"
#include "std.h"
#include "tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct Crypto *crypto;

static void root_text(const struct Tree *t, char *ret)
{
	uint8_t root[HASH_SIZE];

	assert_int_equal(tree_root(t, crypto, root), 0);
	base64_encode(root, HASH_SIZE, ret);
}

static void test_three_lines_give_the_roots_that_others_computed(void **state _unused_)
{
	static const char *const roots[] = {"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
	        "pAKw429aroVFc2D88AolRbh91H8xBVPnsNMtbQrEQA0=",
	        "/FLXGjaKeY/Zbsflt+5fj5/dEMf/mrFGxOrB5qChsQo=",
	        "PbZ2Ze6owm3jQWaMHTGZ9h3kt4CoKFaaiYzkjCjZMfM="};
	struct Tree t = TREE_NULL;

	for (int i = 0; i < 4; i++) {
		char line[32], text[BASE64_SIZE(HASH_SIZE)];
		uint8_t leaf[HASH_SIZE];

		root_text(&t, text);
		assert_string_equal(text, roots[i]);
		snprintf(line, sizeof(line), "{\"seq\":%d}", i);
		assert_int_equal(crypto_leaf(crypto, line, strlen(line), leaf), 0);
		assert_int_equal(tree_add(&t, crypto, leaf), 0);
	}
}

/* Inputs and roots of Certificate Transparency's own tests. */
static void test_eight_leaves_give_the_roots_of_certificate_transparency(void **state _unused_)
{
	static const char *const leaves[] = {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
	        "606162636465666768696a6b6c6d6e6f"};
	static const char *const roots[] = {
	        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
	struct Tree t = TREE_NULL;

	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++) {
		uint8_t bytes[16], leaf[HASH_SIZE], root[HASH_SIZE];
		char text[2 * HASH_SIZE + 1];
		size_t n = strlen(leaves[i]) / 2;

		assert_int_equal(hex_decode(leaves[i], 2 * n, bytes, n), 0);
		assert_int_equal(crypto_leaf(crypto, bytes, n, leaf), 0);
		assert_int_equal(tree_add(&t, crypto, leaf), 0);
		assert_int_equal(tree_root(&t, crypto, root), 0);
		hex_encode(root, HASH_SIZE, text);
		assert_string_equal(text, roots[i]);
	}
}

/* RFC 6962's definition, word for word. */
static void definition(uint8_t (*leaves)[HASH_SIZE], size_t n, uint8_t ret[static HASH_SIZE])
{
	uint8_t left[HASH_SIZE], right[HASH_SIZE];
	size_t k = 1;

	if (n == 1) {
		memcpy(ret, leaves[0], HASH_SIZE);
		return;
	}
	while (2 * k < n)
		k *= 2;
	definition(leaves, k, left);
	definition(leaves + k, n - k, right);
	assert_int_equal(crypto_node(crypto, left, right, ret), 0);
}

static void test_a_grown_tree_has_the_root_of_the_definition(void **state _unused_)
{
	static uint8_t leaves[300][HASH_SIZE];
	struct Tree t = TREE_NULL;

	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++) {
		uint8_t root[HASH_SIZE], expected[HASH_SIZE];

		assert_int_equal(crypto_leaf(crypto, &i, sizeof(i), leaves[i]), 0);
		assert_int_equal(tree_add(&t, crypto, leaves[i]), 0);
		assert_int_equal(t.size, i + 1);
		assert_int_equal(tree_root(&t, crypto, root), 0);
		definition(leaves, i + 1, expected);
		assert_memory_equal(root, expected, HASH_SIZE);
	}
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
	        cmocka_unit_test(test_three_lines_give_the_roots_that_others_computed),
	        cmocka_unit_test(test_eight_leaves_give_the_roots_of_certificate_transparency),
	        cmocka_unit_test(test_a_grown_tree_has_the_root_of_the_definition),
	};

	return cmocka_run_group_tests(tests, start, end);
}
