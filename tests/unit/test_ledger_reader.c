/* SPDX-License-Identifier: Apache-2.0 */
/* The public reader: records by number, and proofs of them. */
#include "ledger_fixture.h"

#include "str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#include <cmocka.h>

/* A reader over the fixture as it is now; *ret_fd is its file. */
static struct LedgerReader *reader_over(const struct Fixture *f, int *ret_fd)
{
	int fd = memfd_create("records", MFD_CLOEXEC);
	const struct LedgerInput in = {.records = fd,
	        .checkpoint = f->checkpoint,
	        .checkpoint_size = f->checkpoint_size,
	        .vkey = f->vkey_text};
	struct LedgerReader *r = NULL;

	assert_int_equal(write(fd, f->records, f->size), f->size);
	assert_int_equal(ledger_reader_new(&in, &r), 0);
	*ret_fd = fd;
	return r;
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
	struct Fixture *f = fixture_new();
	struct LedgerReport report;
	struct LedgerReader *r;
	struct LedgerEntry e;
	const char *at;
	int fd;

	fixture_lines(f, size + 3); /* three that are not signed yet */
	fixture_sign(f, size);
	r = reader_over(f, &fd);
	assert_int_equal(ledger_reader_verify(r, NULL, NULL, &report), 0);
	assert_int_equal(report.fault, 0);
	at = f->records;
	for (uint64_t n = 0; n < size; n++) {
		assert_int_equal(ledger_reader_next(r, &e), 1);
		assert_int_equal(e.n, n);
		assert_memory_equal(e.line.text, at, e.line.size);
		at += e.line.size + 1;
	}
	assert_int_equal(ledger_reader_next(r, &e), 0);
	assert_int_equal(ledger_reader_find(r, size, &e), -ENOENT);
	for (uint64_t n = 0; n < size; n += size < 40 ? 1 : 7)
		prove_one(r, f, n);
	if (size)
		prove_one(r, f, size - 1);
	ledger_reader_free(r);
	fd_close(fd);
	fixture_free(f);
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
	struct Fixture *f = fixture_new();
	struct LedgerReport report;
	struct LedgerReader *r;
	struct LedgerEntry e;
	char proof[4096];
	size_t size;
	int fd;

	fixture_lines(f, 10);
	fixture_sign(f, 10);
	r = reader_over(f, &fd);
	assert_int_equal(ledger_reader_next(r, &e), -EPERM);
	assert_int_equal(ledger_reader_prove(r, 0, proof, sizeof(proof), &size), -EPERM);
	assert_int_equal(pwrite(fd, "9", 1, 5), 1);
	assert_int_equal(ledger_reader_verify(r, NULL, NULL, &report), 0);
	assert_int_not_equal(report.fault, 0);
	assert_int_equal(ledger_reader_find(r, 3, &e), -EPERM);
	ledger_reader_free(r);
	fd_close(fd);
	fixture_free(f);
}

static void test_a_record_altered_after_verifying_is_not_handed_out(void **state _unused_)
{
	struct Fixture *f = fixture_new();
	struct LedgerReport report;
	struct LedgerReader *r;
	struct LedgerEntry e;
	char proof[4096];
	size_t size;
	int fd;

	fixture_lines(f, 600);
	fixture_sign(f, 600);
	r = reader_over(f, &fd);
	assert_int_equal(ledger_reader_verify(r, NULL, NULL, &report), 0);
	/* a year of the last record's time */
	assert_int_equal(pwrite(fd, "3", 1, (off_t)(strrchr(f->records, 't') - f->records)), 1);
	assert_int_equal(ledger_reader_find(r, 100, &e), 0);
	assert_int_equal(ledger_reader_find(r, 599, &e), -EBADMSG);
	assert_int_equal(ledger_reader_prove(r, 520, proof, sizeof(proof), &size), -EBADMSG);
	assert_int_equal(ftruncate(fd, 1000), 0);
	assert_int_equal(ledger_reader_find(r, 300, &e), -EBADMSG);
	ledger_reader_free(r);
	fd_close(fd);
	fixture_free(f);
}

static void test_a_proof_with_any_bit_flipped_is_refused(void **state _unused_)
{
	struct Fixture *f = fixture_new();
	static struct LedgerProof opened;
	struct LedgerReport report;
	struct LedgerReader *r;
	char proof[4096];
	size_t size;
	int fd;

	fixture_lines(f, 300);
	fixture_sign(f, 300);
	r = reader_over(f, &fd);
	assert_int_equal(ledger_reader_verify(r, NULL, NULL, &report), 0);
	assert_int_equal(ledger_reader_prove(r, 77, proof, sizeof(proof), &size), 0);
	for (size_t bit = 0; bit < size * 8; bit++) {
		proof[bit / 8] = (char)(proof[bit / 8] ^ (1 << bit % 8));
		assert_int_equal(ledger_proof_verify(proof, size, f->vkey_text, &opened), 0);
		assert_int_not_equal(opened.code, LEDGER_E_NONE);
		proof[bit / 8] = (char)(proof[bit / 8] ^ (1 << bit % 8));
	}
	for (size_t n = 0; n < size; n++) {
		assert_int_equal(ledger_proof_verify(proof, n, f->vkey_text, &opened), 0);
		assert_int_not_equal(opened.code, LEDGER_E_NONE);
	}
	assert_int_equal(ledger_proof_verify(proof, size, f->vkey_text, &opened), 0);
	assert_int_equal(opened.code, LEDGER_E_NONE);
	ledger_reader_free(r);
	fd_close(fd);
	fixture_free(f);
}

/* The record of one proof in the proof of another, and a proof under another number. */
static void test_a_proof_does_not_open_another_record(void **state _unused_)
{
	struct Fixture *f = fixture_new();
	static struct LedgerProof opened;
	static char one[4096], other[4096], mixed[8192];
	char *rest;
	struct LedgerReport report;
	struct LedgerReader *r;
	size_t size;
	int fd;

	fixture_lines(f, 50);
	fixture_sign(f, 50);
	r = reader_over(f, &fd);
	assert_int_equal(ledger_reader_verify(r, NULL, NULL, &report), 0);
	assert_int_equal(ledger_reader_prove(r, 7, one, sizeof(one), &size), 0);
	assert_int_equal(ledger_reader_prove(r, 9, other, sizeof(other), &size), 0);
	rest = strstr(other, "\nindex ");
	snprintf(mixed, sizeof(mixed), "%.*s%s", (int)(strstr(one, "\nindex ") - one), one, rest);
	assert_int_equal(ledger_proof_verify(mixed, strlen(mixed), f->vkey_text, &opened), 0);
	assert_int_equal(opened.code, LEDGER_E_NOT_IN_TREE);
	rest = strstr(other, "\nindex 9");
	rest[7] = '7';
	assert_int_equal(ledger_proof_verify(other, strlen(other), f->vkey_text, &opened), 0);
	assert_int_equal(opened.code, LEDGER_E_NOT_IN_TREE);
	assert_int_equal(ledger_proof_verify(one, strlen(one), "no+key", &opened), 0);
	assert_int_equal(opened.code, LEDGER_E_BAD_VKEY);
	ledger_reader_free(r);
	fd_close(fd);
	fixture_free(f);
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
