/* SPDX-License-Identifier: Apache-2.0 */
/* The index of docs/cache.md: what it says is believed only of the ledger that it was made of, and altered
 * nowhere. */
#include "ledger_fixture.h"

#include "base64.h"
#include "by_index.h"
#include "fault.h"
#include "file.h"
#include "hex.h"
#include "pass.h"
#include "str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#include <cmocka.h>

#define LINES   600
#define INDEXED 512
#define SEED    9 /* of the key that the index is signed with */

static struct Fixture *f;
static struct Key *signer;

static int memory_of(const char *bytes, size_t n)
{
	int fd = memfd_create("records", MFD_CLOEXEC);

	assert_true(fd >= 0 && !file_write_all(fd, bytes, n));
	return fd;
}

struct Building {
	struct Tree tree;
	struct Index index;
	struct LedgerReport mark, report;
};

static int build_line(void *owner, const struct LedgerEntry *e)
{
	struct Building *b = owner;

	if (e->n >= INDEXED)
		return 0;
	assert_int_equal(blocks_add(&b->index.blocks, &b->tree, e->line.size + 1), 0);
	blocks_time(&b->index.blocks, (int64_t)e->n * 1000);
	return 0;
}

static int run_each(const struct Index *from, LedgerEach each, struct Building *b)
{
	_cleanup_fd_ int records = memory_of(f->records, f->size);
	const struct LedgerInput in = {.records = records,
	        .checkpoint = f->checkpoint,
	        .checkpoint_size = f->checkpoint_size,
	        .vkey = f->vkey_text,
	        .each = each,
	        .owner = b,
	        .tree = &b->tree};

	return pass_run(
	        &in, &(struct PassExtra){.from = from, .mark = &b->mark, .mark_at = INDEXED}, &b->report);
}

static int run(const struct Index *from, struct Building *b)
{
	return run_each(from, from ? NULL : build_line, b);
}

static void refs_make(struct Index *x)
{
	static const uint64_t numbers[] = {0, 255, 256, 300, 511};
	_cleanup_(block_lines_done) struct BlockLines lines = BLOCK_LINES_NULL;
	_cleanup_fd_ int records = memory_of(f->records, f->size);

	x->n_refs = ARRAY_SIZE(numbers);
	x->refs = calloc(x->n_refs, sizeof(*x->refs));
	assert_non_null(x->refs);
	for (size_t i = 0; i < x->n_refs; i++) {
		x->refs[i].n = numbers[i];
		x->refs[i].part = (uint8_t)i;
		assert_int_equal(index_ref_fill(x, &x->refs[i], records, f->crypto, &lines), 0);
	}
}

/* 600 lines, changes of key at 100 and 560, the last of them to the signer's. */
static void make(struct Building *b)
{
	struct Index *x = &b->index;

	*b = (struct Building){.tree = TREE_NULL};
	f = fixture_new();
	fixture_lines(f, 100);
	fixture_rekey(f, 7);
	fixture_lines(f, 459);
	fixture_rekey(f, SEED);
	fixture_lines(f, LINES - 561);
	fixture_sign(f, LINES - 10);
	assert_int_equal(run(NULL, b), 0);
	assert_int_equal(b->report.fault, 0);
	assert_int_equal(b->mark.records, INDEXED);
	x->last_key = b->mark.last_key;
	x->keys = b->mark.keys;
	x->earlier = b->mark.earlier;
	STR_SET(x->first_time, b->mark.first_time);
	STR_SET(x->last_time, b->mark.last_time);
	STR_SET(x->year_vkey, f->vkey_text);
	x->year_vkey[strcspn(x->year_vkey, "\n")] = '\0';
	STR_SET(x->vkey, b->mark.last_vkey);
	STR_SET(x->signer, b->report.last_vkey);
	refs_make(x);
}

static struct Building built;

static int setup(void **state)
{
	static const uint8_t seed[SEED_SIZE] = {SEED};

	(void)state;
	assert_int_equal(key_new(seed, &signer), 0);
	make(&built);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	index_done(&built.index);
	key_freep(&signer);
	f = fixture_free(f);
	return 0;
}

static char *write_index(const struct Index *x, const struct Key *key, size_t *ret_n)
{
	char *bytes;

	assert_int_equal(index_write(x, f->crypto, key, &bytes, ret_n), 0);
	return bytes;
}

static void test_what_was_written_is_read_and_written_the_same(void **state _unused_)
{
	struct Index x;
	size_t n, m;
	_cleanup_free_ char *bytes = write_index(&built.index, signer, &n), *again = NULL;

	assert_int_equal(index_read(bytes, n, f->crypto, &x), 0);
	assert_int_equal(x.blocks.records, INDEXED);
	assert_int_equal(x.n_refs, built.index.n_refs);
	again = write_index(&x, signer, &m);
	assert_int_equal(n, m);
	assert_memory_equal(bytes, again, n);
	index_done(&x);
}

static void test_from_an_index_the_verification_says_the_same(void **state _unused_)
{
	struct Building b = {.tree = TREE_NULL};
	uint8_t root[HASH_SIZE], whole[HASH_SIZE];

	assert_int_equal(run(&built.index, &b), 0);
	assert_memory_equal(&b.report, &built.report, sizeof(b.report));
	assert_int_equal(tree_root(&b.tree, f->crypto, root), 0);
	assert_int_equal(tree_root(&built.tree, f->crypto, whole), 0);
	assert_memory_equal(root, whole, HASH_SIZE);
}

static void assert_refused(const char *bytes, size_t n)
{
	/* in memory of exactly its size: what reads beyond is found */
	_cleanup_free_ char *exact = malloc(n ? n : 1);
	struct Index x;

	assert_non_null(exact);
	memcpy(exact, bytes, n);
	assert_int_equal(index_read(exact, n, f->crypto, &x), -EBADMSG);
	assert_null(x.refs);
}

static void test_every_bit_of_an_index_counts(void **state _unused_)
{
	size_t n;
	_cleanup_free_ char *bytes = write_index(&built.index, signer, &n);

	for (size_t i = 0; i < 8 * n; i++) {
		bytes[i / 8] ^= (char)(1 << i % 8);
		assert_refused(bytes, n);
		bytes[i / 8] ^= (char)(1 << i % 8);
	}
}

static void test_an_index_that_ends_anywhere_or_goes_on_is_none(void **state _unused_)
{
	size_t n;
	_cleanup_free_ char *bytes = write_index(&built.index, signer, &n), *longer = calloc(1, n + 1);

	assert_non_null(longer);
	for (size_t i = 0; i < n; i++)
		assert_refused(bytes, i);
	memcpy(longer, bytes, n);
	assert_refused(longer, n + 1);
}

static void test_an_index_signed_by_another_key_than_it_says_is_none(void **state _unused_)
{
	static const uint8_t seed[SEED_SIZE] = {1, 2, 3};
	struct Key *other;
	size_t n;
	_cleanup_free_ char *bytes = NULL;

	assert_int_equal(key_new(seed, &other), 0);
	bytes = write_index(&built.index, other, &n);
	assert_refused(bytes, n);
	key_freep(&other);
}

/* What a key's holder may write is read; that it is not this ledger's, the verification says. */
static void assert_not_believed(const struct Index *x)
{
	struct Building b = {.tree = TREE_NULL};

	assert_int_equal(run(x, &b), 0);
	assert_int_equal(b.report.fault, FAULT_LEDGER_ALTERED);
}

static void test_an_index_of_other_records_is_not_believed(void **state _unused_)
{
	struct Index x = built.index;

	x.blocks.rows[0].root[31] ^= 1;
	assert_not_believed(&x);
	x.blocks.rows[0].root[31] ^= 1;
	x.blocks.rows[1].root[0] ^= 0x80;
	assert_not_believed(&x);
	x.blocks.rows[1].root[0] ^= 0x80;
	x.blocks.end++;
	assert_not_believed(&x);
	x.blocks.end = x.blocks.rows[1].offset;
	assert_not_believed(&x);
}

static void test_an_index_by_a_key_that_does_not_lead_to_the_checkpoint_is_not_believed(void **state _unused_)
{
	static const uint8_t public_key[HASH_SIZE] = {4};
	struct Index x = built.index;
	struct Vkey v;
	char stranger[LIMIT_VKEY];

	assert_int_equal(vkey_make(f->crypto, FIXTURE_ORIGIN, public_key, &v), 0);
	assert_int_equal(vkey_format(&v, stranger, sizeof(stranger)), 0);
	STR_SET(x.signer, stranger);
	assert_not_believed(&x);
	STR_SET(x.vkey, stranger);
	assert_not_believed(&x);
	STR_SET(x.signer, built.index.signer);
	assert_not_believed(&x);
	x = built.index;
	STR_SET(x.year_vkey, stranger);
	assert_not_believed(&x);
	/* of before: that key had signed, but not behind these records */
	x = built.index;
	STR_SET(x.signer, built.index.year_vkey);
	assert_not_believed(&x);
}

static void test_an_index_that_is_ahead_of_the_checkpoint_is_not_believed(void **state _unused_)
{
	fixture_sign(f, INDEXED - 1);
	assert_not_believed(&built.index);
}

static void test_a_record_of_the_state_is_checked_against_its_block(void **state _unused_)
{
	_cleanup_fd_ int records = memory_of(f->records, f->size);
	char line[LIMIT_LINE + 1];

	for (size_t i = 0; i < built.index.n_refs; i++) {
		const struct IndexRef *ref = &built.index.refs[i];
		struct IndexRef bad = *ref;
		char start[32];

		assert_int_equal(index_line(&built.index, ref, records, f->crypto, line), 0);
		snprintf(start, sizeof(start), "{\"n\":%ju,", (uintmax_t)ref->n);
		assert_memory_equal(line, start, strlen(start));
		bad.n ^= 1;
		assert_int_equal(index_line(&built.index, &bad, records, f->crypto, line), -EBADMSG);
		bad = *ref;
		bad.size--;
		assert_int_equal(index_line(&built.index, &bad, records, f->crypto, line), -EBADMSG);
		bad = *ref;
		bad.path[3][7] ^= 2;
		assert_int_equal(index_line(&built.index, &bad, records, f->crypto, line), -EBADMSG);
		/* the record in the file is another one now */
		assert_int_equal(pwrite(records, "x", 1, (off_t)(ref->offset + ref->size / 2)), 1);
		assert_int_equal(index_line(&built.index, ref, records, f->crypto, line), -EBADMSG);
		assert_int_equal(ftruncate(records, (off_t)ref->offset + 3), 0);
		assert_int_equal(index_line(&built.index, ref, records, f->crypto, line), -EBADMSG);
		records = fd_close(records);
		records = memory_of(f->records, f->size);
	}
}

/* ------------------------------------------------------------------ a reader by it */

static struct LedgerReader *reader_of(int records)
{
	const struct LedgerInput in = {.records = records,
	        .checkpoint = f->checkpoint,
	        .checkpoint_size = f->checkpoint_size,
	        .vkey = f->vkey_text};
	struct LedgerReader *reader;

	assert_int_equal(ledger_reader_new(&in, &reader), 0);
	return reader;
}

static int index_file(const struct Index *x)
{
	size_t n;
	_cleanup_free_ char *bytes = write_index(x, signer, &n);

	return memory_of(bytes, n);
}

static void test_a_proof_by_the_index_is_the_same(void **state _unused_)
{
	_cleanup_fd_ int records = memory_of(f->records, f->size), file = index_file(&built.index);
	struct LedgerReader *quick = reader_of(records), *whole = reader_of(records);
	static char a[LEDGER_PROOF_MOST], b[LEDGER_PROOF_MOST];
	struct LedgerReport report;
	size_t n, m;

	assert_true(reader_begin(quick, file, &report));
	assert_memory_equal(&report, &built.report, sizeof(report));
	assert_int_equal(ledger_reader_verify(whole, NULL, NULL, &report), 0);
	for (uint64_t i = 0; i < report.covered; i += 7) {
		assert_int_equal(ledger_reader_prove(quick, i, a, sizeof(a), &n), 0);
		assert_int_equal(ledger_reader_prove(whole, i, b, sizeof(b), &m), 0);
		assert_string_equal(a, b);
	}
	assert_int_equal(ledger_reader_prove(quick, report.covered, a, sizeof(a), &n), -ENOENT);
	ledger_reader_free(quick);
	ledger_reader_free(whole);
}

static void test_what_was_altered_before_the_index_is_not_handed_out(void **state _unused_)
{
	_cleanup_fd_ int records = memory_of(f->records, f->size), file = index_file(&built.index);
	struct LedgerReader *quick = reader_of(records);
	struct LedgerReport report;
	struct LedgerEntry e;

	assert_int_equal(pwrite(records, "x", 1, (off_t)built.index.blocks.rows[1].offset + 40), 1);
	assert_true(reader_begin(quick, file, &report));
	assert_int_equal(ledger_reader_find(quick, 255, &e), 0);
	assert_int_equal(ledger_reader_find(quick, 300, &e), -EBADMSG);
	assert_int_equal(ledger_reader_find(quick, 520, &e), 0);
	ledger_reader_free(quick);
}

static void test_without_an_index_that_can_be_believed_nothing_has_happened(void **state _unused_)
{
	_cleanup_fd_ int records = memory_of(f->records, f->size), file = -1, empty = memory_of("", 0);
	struct LedgerReader *reader = reader_of(records);
	struct Index x = built.index;
	struct LedgerReport report;
	struct LedgerEntry e;

	STR_SET(x.year_vkey, built.index.vkey);
	file = index_file(&x);
	assert_false(reader_begin(reader, file, &report));
	assert_false(reader_begin(reader, empty, &report));
	assert_int_equal(ledger_reader_find(reader, 1, &e), -EPERM);
	assert_int_equal(ledger_reader_verify(reader, NULL, NULL, &report), 0);
	assert_memory_equal(&report, &built.report, sizeof(report));
	ledger_reader_free(reader);
}

/* The blocks' times are 0 to 255 and 256 to 511 seconds; of the rest none is known. */
static void test_only_what_may_have_the_time_asked_for_is_read(void **state _unused_)
{
	_cleanup_fd_ int records = memory_of(f->records, f->size), file = index_file(&built.index);
	struct LedgerReader *r = reader_of(records);
	struct LedgerReport report;

	assert_true(reader_begin(r, file, &report));
	assert_int_equal(reader_within(r, 0, 10000, 11000), 0);
	assert_int_equal(reader_within(r, 17, 10000, 11000), 17);
	assert_int_equal(reader_within(r, 256, 10000, 11000), 512);
	assert_int_equal(reader_within(r, 0, 255001, 255999), 512);
	assert_int_equal(reader_within(r, 0, 255001, 256000), 256);
	assert_int_equal(reader_within(r, 0, 511001, INT64_MAX), 512);
	assert_int_equal(reader_within(r, report.covered - 1, 0, 1), report.covered - 1);
	assert_true(reader_within(r, report.covered, 0, 1) == UINT64_MAX);
	ledger_reader_free(r);
}

/* ------------------------------------------------------------------ docs/cache.md */

static char document[1 << 16];

static char *block(const char *name)
{
	char fence[64];
	const char *start, *end;

	snprintf(fence, sizeof(fence), "\n```%s\n", name);
	start = strstr(document, fence);
	assert_non_null(start);
	start += strlen(fence);
	end = strstr(start, "```\n");
	assert_non_null(end);
	return strndup(start, (size_t)(end - start));
}

/* 256 lines, one ref: what the document says how to make. */
static void vector_make(struct Index *x)
{
	f = fixture_free(f);
	index_done(&built.index);
	built.tree = (struct Tree)TREE_NULL;
	f = fixture_new();
	for (int i = 0; i < 256; i++) {
		char line[160];

		snprintf(line, sizeof(line),
		        "{\"n\":%d,\"t\":\"2026-04-01T09:00:00.%03d+09:00\",\"kind\":\"stop\",\"terminal\":"
		        "\"t1\",\"result\":\"done\"}",
		        i, i);
		fixture_line(f, line);
	}
	fixture_sign(f, 256);
	*x = (struct Index){.n_refs = 1, .refs = calloc(1, sizeof(*x->refs))};
}

static int vector_line(void *owner, const struct LedgerEntry *e)
{
	struct Building *b = owner;

	assert_int_equal(blocks_add(&b->index.blocks, &b->tree, e->line.size + 1), 0);
	blocks_time(&b->index.blocks, INT64_C(1775001600000) + (int64_t)e->n);
	return 0;
}

static void test_the_vector_of_the_document_is_what_is_written(void **state _unused_)
{
	_cleanup_free_ char *head = NULL, *body = NULL, *bytes = NULL, *hex = NULL;
	_cleanup_(block_lines_done) struct BlockLines lines = BLOCK_LINES_NULL;
	_cleanup_fd_ int records = -1;
	struct Index *x = &built.index;
	size_t n, n_head;
	ssize_t size;

	vector_make(x);
	records = memory_of(f->records, f->size);
	assert_int_equal(run_each(NULL, vector_line, &built), 0);
	assert_int_equal(built.report.fault, 0);
	x->refs[0].n = 255;
	x->refs[0].part = 6;
	assert_int_equal(index_ref_fill(x, &x->refs[0], records, f->crypto, &lines), 0);
	STR_SET(x->first_time, built.report.first_time);
	STR_SET(x->last_time, built.report.last_time);
	STR_SET(x->year_vkey, built.report.vkey);
	STR_SET(x->vkey, built.report.vkey);
	STR_SET(x->signer, built.report.vkey);
	bytes = write_index(x, f->key, &n);
	n_head = (size_t)((char *)memmem(bytes, n, "\0", 1) - bytes);
	while (bytes[n_head - 1] != '\n')
		n_head--;
	hex = malloc(2 * (n - n_head) + 1);
	assert_non_null(hex);
	hex_encode((const uint8_t *)bytes + n_head, n - n_head, hex);
	size = file_read_at(AT_FDCWD, "docs/cache.md", document, sizeof(document) - 1);
	assert_true(size > 0);
	if (getenv("PRINT_VECTOR"))
		printf("%.*s%s\n", (int)n_head, bytes, hex);
	head = block("head");
	body = block("body");
	assert_int_equal(strlen(head), n_head);
	assert_memory_equal(head, bytes, n_head);
	/* sixty-four digits a line */
	for (size_t from = 0, to = 0; from <= strlen(body); from++)
		if (body[from] != '\n')
			body[to++] = body[from];
	assert_string_equal(body, hex);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_what_was_written_is_read_and_written_the_same),
	        TEST(test_from_an_index_the_verification_says_the_same),
	        TEST(test_every_bit_of_an_index_counts),
	        TEST(test_an_index_that_ends_anywhere_or_goes_on_is_none),
	        TEST(test_an_index_signed_by_another_key_than_it_says_is_none),
	        TEST(test_an_index_of_other_records_is_not_believed),
	        TEST(test_an_index_by_a_key_that_does_not_lead_to_the_checkpoint_is_not_believed),
	        TEST(test_an_index_that_is_ahead_of_the_checkpoint_is_not_believed),
	        TEST(test_a_record_of_the_state_is_checked_against_its_block),
	        TEST(test_a_proof_by_the_index_is_the_same),
	        TEST(test_what_was_altered_before_the_index_is_not_handed_out),
	        TEST(test_without_an_index_that_can_be_believed_nothing_has_happened),
	        TEST(test_only_what_may_have_the_time_asked_for_is_read),
	        TEST(test_the_vector_of_the_document_is_what_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
