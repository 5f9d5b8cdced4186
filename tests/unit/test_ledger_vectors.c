/* SPDX-License-Identifier: Apache-2.0 */
/* docs/ledger.md's test vectors against the code: what others build their verifiers by. */
#include "base64.h"
#include "file.h"
#include "hex.h"
#include "mediagate/ledger.h"
#include "note.h"
#include "std.h"
#include "tree.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#include <cmocka.h>

static char document[1 << 17];
static struct Crypto *crypto;

/* The fenced block of that name: its lines, the last newline included. */
static char *block(const char *name, size_t *ret)
{
	char fence[64];
	const char *start, *end;

	snprintf(fence, sizeof(fence), "\n```%s\n", name);
	start = strstr(document, fence);
	assert_non_null(start);
	start += strlen(fence);
	end = strstr(start, "```\n");
	assert_non_null(end);
	*ret = (size_t)(end - start);
	return strndup(start, *ret);
}

static char *line_block(const char *name)
{
	size_t n;
	char *text = block(name, &n);

	assert_true(n > 0 && text[n - 1] == '\n');
	text[n - 1] = '\0';
	return text;
}

static void test_the_leaves_and_roots_are_those_of_the_records(void **state _unused_)
{
	size_t n;
	_cleanup_free_ char *records = block("records", &n), *leaves = block("leaves", &n),
	                    *roots = block("roots", &n);
	struct Tree t = TREE_NULL;
	char all_leaves[512] = "", all_roots[512] = "";

	for (char *line = strtok(records, "\n");; line = strtok(NULL, "\n")) {
		uint8_t hash[HASH_SIZE];
		char text[2 * HASH_SIZE + 1];
		size_t at = strlen(all_roots);

		assert_int_equal(tree_root(&t, crypto, hash), 0);
		base64_encode(hash, HASH_SIZE, text);
		snprintf(all_roots + at, sizeof(all_roots) - at, "%u %s\n", (unsigned int)t.size, text);
		if (!line)
			break;
		assert_int_equal(crypto_leaf(crypto, line, strlen(line), hash), 0);
		assert_int_equal(tree_add(&t, crypto, hash), 0);
		hex_encode(hash, HASH_SIZE, text);
		at = strlen(all_leaves);
		snprintf(all_leaves + at, sizeof(all_leaves) - at, "%s\n", text);
	}
	assert_string_equal(all_leaves, leaves);
	assert_string_equal(all_roots, roots);
}

static void test_the_keys_are_those_of_the_seed(void **state _unused_)
{
	_cleanup_free_ char *seed = line_block("seed"), *public = line_block("public"),
	                    *vkey = line_block("vkey");
	_cleanup_(key_freep) struct Key *key = NULL;
	uint8_t bytes[SEED_SIZE], made[HASH_SIZE];
	char text[LIMIT_VKEY];
	struct Vkey v;

	assert_int_equal(hex_decode(seed, strlen(seed), bytes, sizeof(bytes)), 0);
	assert_int_equal(key_new(bytes, &key), 0);
	assert_int_equal(key_public(key, made), 0);
	hex_encode(made, sizeof(made), text);
	assert_string_equal(text, public);
	assert_int_equal(vkey_make(crypto, "city.example.jp/mediagate/madoguchi-01/2026", made, &v), 0);
	assert_int_equal(vkey_format(&v, text, sizeof(text)), 0);
	assert_string_equal(text, vkey);
}

static void test_the_checkpoint_is_what_we_sign(void **state _unused_)
{
	size_t n, text;
	_cleanup_free_ char *note = block("checkpoint", &n), *seed = line_block("seed"),
	                    *vkey = line_block("vkey"), *on_paper = line_block("paper");
	_cleanup_(key_freep) struct Key *key = NULL;
	uint8_t bytes[SEED_SIZE];
	char paper[LEDGER_PAPER_MOST];
	char tail[NOTE_LINE_SIZE];
	struct Checkpoint c;
	struct Vkey v;

	assert_int_equal(hex_decode(seed, strlen(seed), bytes, sizeof(bytes)), 0);
	assert_int_equal(key_new(bytes, &key), 0);
	assert_int_equal(vkey_parse(crypto, vkey, strlen(vkey), &v), 0);
	assert_int_equal(note_split(note, n, &text), 0);
	assert_int_equal(checkpoint_parse(note, text, &c), 0);
	assert_int_equal(c.size, 3);
	ledger_paper_write(c.size, c.root, paper);
	assert_string_equal(paper, on_paper);
	assert_int_equal(note_signature(&v, key, note, text, tail, sizeof(tail)), n - text);
	assert_string_equal(tail, note + text);
}

static void test_the_ledger_verifies(void **state _unused_)
{
	size_t n, size;
	_cleanup_free_ char *records = block("records", &n), *note = block("checkpoint", &size);
	_cleanup_free_ char *vkey = line_block("vkey");
	_cleanup_fd_ int fd = memfd_create("records", MFD_CLOEXEC);
	struct LedgerInput in = {.records = fd, .checkpoint = note, .checkpoint_size = size, .vkey = vkey};
	struct LedgerReport r;
	char bytes[32];

	assert_int_equal(write(fd, records, n), n);
	assert_int_equal(ledger_verify(&in, &r), 0);
	assert_string_equal(r.error, "");
	assert_int_equal(r.covered, 3);
	snprintf(bytes, sizeof(bytes), "(%zu bytes)", n);
	assert_non_null(strstr(document, bytes));
}

static void test_the_ledger_verifies_after_its_change_of_key(void **state _unused_)
{
	size_t n, more, size;
	_cleanup_free_ char *records = block("records", &n), *rest = block("rekey-records", &more);
	_cleanup_free_ char *note = block("rekey-checkpoint", &size), *vkey = line_block("vkey");
	_cleanup_fd_ int fd = memfd_create("records", MFD_CLOEXEC);
	struct LedgerInput in = {.records = fd, .checkpoint = note, .checkpoint_size = size, .vkey = vkey};
	struct LedgerReport r;

	assert_int_equal(write(fd, records, n), n);
	assert_int_equal(write(fd, rest, more), more);
	assert_int_equal(ledger_verify(&in, &r), 0);
	assert_string_equal(r.error, "");
	assert_int_equal(r.keys, 1);
	assert_int_equal(r.last_key, 3);
	assert_string_equal(r.vkey, r.last_vkey);
	assert_string_not_equal(r.vkey, vkey);
}

static void test_the_proof_is_what_we_write_and_opens(void **state _unused_)
{
	size_t n, size, n_proof, made_size;
	_cleanup_free_ char *records = block("records", &n), *note = block("checkpoint", &size);
	_cleanup_free_ char *vkey = line_block("vkey"), *proof = block("proof", &n_proof);
	_cleanup_fd_ int fd = memfd_create("records", MFD_CLOEXEC);
	struct LedgerInput in = {.records = fd, .checkpoint = note, .checkpoint_size = size, .vkey = vkey};
	static struct LedgerProof opened;
	struct LedgerReader *reader;
	struct LedgerReport r;
	char made[4096];

	assert_int_equal(write(fd, records, n), n);
	assert_int_equal(ledger_reader_new(&in, &reader), 0);
	assert_int_equal(ledger_reader_verify(reader, NULL, NULL, &r), 0);
	assert_int_equal(ledger_reader_prove(reader, 1, made, sizeof(made), &made_size), 0);
	assert_string_equal(made, proof);
	assert_int_equal(ledger_proof_verify(proof, n_proof, vkey, &opened), 0);
	assert_int_equal(opened.code, LEDGER_E_NONE);
	ledger_reader_free(reader);
}

static void test_the_specifications_note_verifies(void **state _unused_)
{
	size_t n, text, signer;
	_cleanup_free_ char *note = block("note", &n), *vkey = line_block("note-vkey");
	struct Vkey v;

	assert_int_equal(vkey_parse(crypto, vkey, strlen(vkey), &v), 0);
	assert_int_equal(note_verify(note, n, &v, 1, &text, &signer), 0);
}

static int start(void **state _unused_)
{
	ssize_t n = file_read_at(AT_FDCWD, "docs/ledger.md", document, sizeof(document) - 1);

	return n < 0 ? (int)n : crypto_new(&crypto);
}

static int end(void **state _unused_)
{
	crypto_freep(&crypto);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_the_leaves_and_roots_are_those_of_the_records),
	        cmocka_unit_test(test_the_keys_are_those_of_the_seed),
	        cmocka_unit_test(test_the_checkpoint_is_what_we_sign),
	        cmocka_unit_test(test_the_ledger_verifies),
	        cmocka_unit_test(test_the_ledger_verifies_after_its_change_of_key),
	        cmocka_unit_test(test_the_proof_is_what_we_write_and_opens),
	        cmocka_unit_test(test_the_specifications_note_verifies),
	};

	return cmocka_run_group_tests(tests, start, end);
}
