/* SPDX-License-Identifier: Apache-2.0 */
/* The public reader: records by number, and proofs of them. */
#include "ledger_fixture.h"

#include "str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* A ledger of `lines` lines of which `size` are signed, and a reader over its file. */
struct Open {
	struct Fixture *f;
	struct LedgerReader *r;
	int fd;
};

static struct Open open_over(size_t lines, uint64_t size)
{
	struct Open o = {.f = fixture_new()};
	struct LedgerInput in;

	fixture_lines(o.f, lines);
	fixture_sign(o.f, size);
	in = fixture_input(o.f, o.f->records, o.f->size);
	o.fd = in.records;
	assert_int_equal(ledger_reader_new(&in, &o.r), 0);
	return o;
}

static struct Open open_verified(size_t lines, uint64_t size)
{
	struct Open o = open_over(lines, size);
	struct LedgerReport report;

	assert_int_equal(ledger_reader_verify(o.r, NULL, NULL, &report), 0);
	assert_int_equal(report.fault, 0);
	return o;
}

static void open_free(struct Open *o)
{
	ledger_reader_free(o->r);
	fd_close(o->fd);
	fixture_free(o->f);
}

static void prove_one(struct LedgerReader *r, const struct Fixture *f, uint64_t n)
{
	_cleanup_free_ char *proof = malloc(LEDGER_PROOF_MOST);
	static struct LedgerProof opened;
	struct LedgerEntry e;
	size_t size;

	assert_int_equal(ledger_reader_prove(r, n, proof, LEDGER_PROOF_MOST, &size), 0);
	assert_int_equal(strlen(proof), size);
	assert_true(size <= 2048);
	assert_int_equal(ledger_proof_verify(proof, size, f->vkey_text, &opened), 0);
	assert_int_equal(opened.code, LEDGER_E_NONE);
	assert_int_equal(opened.entry.n, n);
	assert_string_equal(opened.origin, FIXTURE_ORIGIN);
	assert_int_equal(ledger_reader_find(r, n, &e), 0);
	assert_int_equal(opened.entry.line.size, e.line.size);
	assert_memory_equal(opened.line, e.line.text, e.line.size);
}

/* All records in order, then each by number, then each proved. */
static void check_size(uint64_t size)
{
	struct Open o = open_verified(size + 3, size); /* three that are not signed yet */
	struct LedgerEntry e;
	const char *at;

	at = o.f->records;
	for (uint64_t n = 0; n < size; n++) {
		assert_int_equal(ledger_reader_next(o.r, &e), 1);
		assert_int_equal(e.n, n);
		assert_memory_equal(e.line.text, at, e.line.size);
		at += e.line.size + 1;
	}
	assert_int_equal(ledger_reader_next(o.r, &e), 0);
	assert_int_equal(ledger_reader_find(o.r, size, &e), -ENOENT);
	for (uint64_t n = 0; n < size; n += size < 40 ? 1 : 7)
		prove_one(o.r, o.f, n);
	if (size)
		prove_one(o.r, o.f, size - 1);
	open_free(&o);
}

static void test_every_record_is_found_and_proved_in_ledgers_of_every_shape(void **state _unused_)
{
	static const uint64_t sizes[] = {255, 256, 257, 511, 512, 513, 768, 1000};

	for (uint64_t size = 0; size <= 33; size++)
		check_size(size);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		check_size(sizes[i]);
}

static void test_nothing_is_handed_out_before_the_ledger_is_verified(void **state _unused_)
{
	struct Open o = open_over(10, 10);
	struct LedgerReport report;
	struct LedgerEntry e;
	char proof[4096];
	size_t size;

	assert_int_equal(ledger_reader_next(o.r, &e), -EPERM);
	assert_int_equal(ledger_reader_prove(o.r, 0, proof, sizeof(proof), &size), -EPERM);
	assert_int_equal(pwrite(o.fd, "9", 1, 5), 1);
	assert_int_equal(ledger_reader_verify(o.r, NULL, NULL, &report), 0);
	assert_int_not_equal(report.fault, 0);
	assert_int_equal(ledger_reader_find(o.r, 3, &e), -EPERM);
	open_free(&o);
}

static void test_a_record_altered_after_verifying_is_not_handed_out(void **state _unused_)
{
	struct Open o = open_verified(600, 600);
	struct LedgerEntry e;
	char proof[4096];
	size_t size;

	/* a year of the last record's time */
	assert_int_equal(pwrite(o.fd, "3", 1, (off_t)(strrchr(o.f->records, 't') - o.f->records)), 1);
	assert_int_equal(ledger_reader_find(o.r, 100, &e), 0);
	assert_int_equal(ledger_reader_find(o.r, 599, &e), -EBADMSG);
	assert_int_equal(ledger_reader_prove(o.r, 520, proof, sizeof(proof), &size), -EBADMSG);
	assert_int_equal(ftruncate(o.fd, 1000), 0);
	assert_int_equal(ledger_reader_find(o.r, 300, &e), -EBADMSG);
	open_free(&o);
}

static void test_a_proof_with_any_bit_flipped_is_refused(void **state _unused_)
{
	struct Open o = open_verified(300, 300);
	static struct LedgerProof opened;
	char proof[4096];
	size_t size;

	assert_int_equal(ledger_reader_prove(o.r, 77, proof, sizeof(proof), &size), 0);
	for (size_t bit = 0; bit < size * 8; bit++) {
		proof[bit / 8] = (char)(proof[bit / 8] ^ (1 << bit % 8));
		assert_int_equal(ledger_proof_verify(proof, size, o.f->vkey_text, &opened), 0);
		assert_int_not_equal(opened.code, LEDGER_E_NONE);
		proof[bit / 8] = (char)(proof[bit / 8] ^ (1 << bit % 8));
	}
	for (size_t n = 0; n < size; n++) {
		assert_int_equal(ledger_proof_verify(proof, n, o.f->vkey_text, &opened), 0);
		assert_int_not_equal(opened.code, LEDGER_E_NONE);
	}
	assert_int_equal(ledger_proof_verify(proof, size, o.f->vkey_text, &opened), 0);
	assert_int_equal(opened.code, LEDGER_E_NONE);
	open_free(&o);
}

/* The record of one proof in the proof of another, and a proof under another number. */
static void test_a_proof_does_not_open_another_record(void **state _unused_)
{
	struct Open o = open_verified(50, 50);
	static struct LedgerProof opened;
	static char one[4096], other[4096], mixed[8192];
	char *rest;
	size_t size;

	assert_int_equal(ledger_reader_prove(o.r, 7, one, sizeof(one), &size), 0);
	assert_int_equal(ledger_reader_prove(o.r, 9, other, sizeof(other), &size), 0);
	rest = strstr(other, "\nindex ");
	snprintf(mixed, sizeof(mixed), "%.*s%s", (int)(strstr(one, "\nindex ") - one), one, rest);
	assert_int_equal(ledger_proof_verify(mixed, strlen(mixed), o.f->vkey_text, &opened), 0);
	assert_int_equal(opened.code, LEDGER_E_NOT_IN_TREE);
	rest = strstr(other, "\nindex 9");
	rest[7] = '7';
	assert_int_equal(ledger_proof_verify(other, strlen(other), o.f->vkey_text, &opened), 0);
	assert_int_equal(opened.code, LEDGER_E_NOT_IN_TREE);
	assert_int_equal(ledger_proof_verify(one, strlen(one), "no+key", &opened), 0);
	assert_int_equal(opened.code, LEDGER_E_BAD_VKEY);
	open_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_record_is_found_and_proved_in_ledgers_of_every_shape),
	        cmocka_unit_test(test_nothing_is_handed_out_before_the_ledger_is_verified),
	        cmocka_unit_test(test_a_record_altered_after_verifying_is_not_handed_out),
	        cmocka_unit_test(test_a_proof_with_any_bit_flipped_is_refused),
	        cmocka_unit_test(test_a_proof_does_not_open_another_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
