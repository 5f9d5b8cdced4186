/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"
#include "ledger_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cmocka.h>

#define LINES 7

static int setup(void **state)
{
	struct Fixture *f = fixture_new();

	fixture_lines(f, LINES);
	fixture_sign(f, LINES);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_free(*state);
	return 0;
}

static void expect(
        const struct Fixture *f, const char *records, size_t n, enum LedgerError code, uint64_t line)
{
	struct LedgerReport r;

	fixture_verify(f, records, n, &r);
	if (r.code != code || (line && r.line != line))
		fail_msg("line %lu: %s; instead of line %lu: %s", (unsigned long)r.line, r.error,
		        (unsigned long)line, ledger_error_sentence(code));
}

static void refused(const struct Fixture *f, const char *records, size_t n, const char *what, size_t where)
{
	struct LedgerReport r;

	fixture_verify(f, records, n, &r);
	if (r.fault != FAULT_LEDGER_ALTERED)
		fail_msg("%s at %zu is not seen", what, where);
}

static void test_a_ledger_as_it_was_written_verifies(void **state)
{
	struct Fixture *f = *state;
	struct LedgerReport r;
	uint8_t root[HASH_SIZE];

	fixture_verify(f, f->records, f->size, &r);
	assert_int_equal(r.fault, 0);
	assert_int_equal(r.records, LINES);
	assert_int_equal(r.covered, LINES);
	assert_int_equal(r.torn, 0);
	assert_int_equal(r.bytes, f->size);
	assert_int_equal(r.earlier, 0);
	assert_string_equal(r.origin, FIXTURE_ORIGIN);
	assert_string_equal(r.first_time, "2026-11-21T09:00:00.000+09:00");
	assert_string_equal(r.last_time, "2026-11-21T09:00:06.000+09:00");
	assert_string_equal(r.vkey, f->vkey_text);
	fixture_root(f, LINES, root);
	assert_memory_equal(r.root, root, HASH_SIZE);
}

static void test_every_flipped_bit_of_the_records_is_seen(void **state)
{
	struct Fixture *f = *state;

	for (size_t i = 0; i < 8 * f->size; i++) {
		f->records[i / 8] = (char)(f->records[i / 8] ^ 1 << i % 8);
		refused(f, f->records, f->size, "a flipped bit", i);
		f->records[i / 8] = (char)(f->records[i / 8] ^ 1 << i % 8);
	}
}

static void test_every_flipped_bit_of_checkpoint_and_vkey_is_seen(void **state)
{
	struct Fixture *f = *state;

	for (size_t i = 0; i < 8 * f->checkpoint_size; i++) {
		f->checkpoint[i / 8] = (char)(f->checkpoint[i / 8] ^ 1 << i % 8);
		refused(f, f->records, f->size, "a flipped bit of the checkpoint", i);
		f->checkpoint[i / 8] = (char)(f->checkpoint[i / 8] ^ 1 << i % 8);
	}
	for (size_t i = 0; i < 8 * strlen(f->vkey_text); i++) {
		f->vkey_text[i / 8] = (char)(f->vkey_text[i / 8] ^ 1 << i % 8);
		refused(f, f->records, f->size, "a flipped bit of the vkey", i);
		f->vkey_text[i / 8] = (char)(f->vkey_text[i / 8] ^ 1 << i % 8);
	}
}

static void test_every_truncation_is_seen(void **state)
{
	struct Fixture *f = *state;
	size_t whole = f->checkpoint_size;

	for (size_t n = 0; n < f->size; n++)
		refused(f, f->records, n, "a cut", n);
	for (size_t n = 0; n < whole; n++) {
		f->checkpoint_size = n;
		refused(f, f->records, f->size, "a cut of the checkpoint", n);
	}
	f->checkpoint_size = whole;
	expect(f, f->records, f->size - 1, LEDGER_E_MISSING, 0);
}

static size_t lines_of(struct Fixture *f, const char *ret[LINES + 1])
{
	size_t n = 0;

	for (const char *p = f->records; p < f->records + f->size; p = strchr(p, '\n') + 1)
		ret[n++] = p;
	ret[n] = f->records + f->size;
	return n;
}

static size_t put(char *out, size_t at, const char *from, const char *to)
{
	memcpy(out + at, from, (size_t)(to - from));
	return at + (size_t)(to - from);
}

static void test_every_line_dropped_doubled_or_moved_is_seen(void **state)
{
	struct Fixture *f = *state;
	const char *l[LINES + 1];
	char out[8192];

	assert_int_equal(lines_of(f, l), LINES);
	for (size_t i = 0; i < LINES; i++) {
		size_t n = put(out, 0, l[0], l[i]);

		expect(f, out, put(out, n, l[i + 1], l[LINES]),
		        i + 1 < LINES ? LEDGER_E_SEQUENCE : LEDGER_E_MISSING, i + 1 < LINES ? i + 1 : 0);
		n = put(out, put(out, 0, l[0], l[i + 1]), l[i], l[LINES]);
		expect(f, out, n, LEDGER_E_SEQUENCE, i + 2);
		for (size_t k = i + 1; k < LINES; k++) { /* the two change places */
			n = put(out, 0, l[0], l[i]);
			n = put(out, n, l[k], l[k + 1]);
			n = put(out, n, l[i + 1], l[k]);
			n = put(out, n, l[i], l[i + 1]);
			expect(f, out, put(out, n, l[k + 1], l[LINES]), LEDGER_E_SEQUENCE, i + 1);
		}
	}
}

static void test_every_line_spliced_in_from_another_ledger_is_seen(void **state)
{
	struct Fixture *f = *state, *other = fixture_new();
	const char *l[LINES + 1], *o[LINES + 1];
	char out[8192];

	fixture_line(other,
	        "{\"n\":0,\"t\":\"2026-11-21T09:00:00.000+09:00\",\"kind\":\"start\",\"terminal\":\"t1\"}");
	fixture_lines(other, LINES - 1);
	for (char *p = other->records; (p = strstr(p, "09:00:0")); p++)
		p[6] = '1';
	assert_int_equal(lines_of(f, l), LINES);
	assert_int_equal(lines_of(other, o), LINES);
	for (size_t i = 0; i < LINES; i++) {
		size_t n = put(out, 0, l[0], l[i]);

		n = put(out, n, o[i], o[i + 1]);
		expect(f, out, put(out, n, l[i + 1], l[LINES]), LEDGER_E_BAD_ROOT, 0);
		n = put(out, 0, l[0], l[i]);
		expect(f, out, put(out, n, o[i], o[LINES]), LEDGER_E_BAD_ROOT, 0);
	}
	fixture_free(other);
}

static void test_other_spellings_of_the_same_lines_are_seen(void **state)
{
	struct Fixture *f = *state;
	char out[8192];
	size_t n = 0;

	for (size_t i = 0; i < f->size; i++) {
		if (f->records[i] == '\n')
			out[n++] = '\r';
		out[n++] = f->records[i];
	}
	expect(f, out, n, LEDGER_E_SYNTAX, 1);
	memcpy(out, "\xEF\xBB\xBF", 3);
	expect(f, out, put(out, 3, f->records, f->records + f->size), LEDGER_E_KEYS, 1);
	out[0] = '\n';
	expect(f, out, put(out, 1, f->records, f->records + f->size), LEDGER_E_KEYS, 1);
	n = put(out, 0, f->records, f->records + f->size);
	out[n] = '\n';
	expect(f, out, n + 1, LEDGER_E_KEYS, LINES + 1);
}

static void test_what_a_crash_leaves_is_told_and_not_called_altered(void **state)
{
	struct Fixture *f = *state;
	struct LedgerReport r;

	fixture_lines(f, 2);
	memcpy(f->records + f->size, "{\"n\":9,\"t", 9);
	fixture_verify(f, f->records, f->size + 9, &r);
	assert_int_equal(r.fault, 0);
	assert_int_equal(r.covered, LINES);
	assert_int_equal(r.records, LINES + 2);
	assert_int_equal(r.torn, 9);
	assert_int_equal(r.bytes, f->size);
}

static void test_lines_beyond_the_checkpoint_must_have_the_form(void **state)
{
	struct Fixture *f = *state;

	fixture_line(f,
	        "{\"n\":8,\"t\":\"2026-11-21T09:00:00.000+09:00\",\"kind\":\"start\",\"terminal\":\"t1\"}");
	expect(f, f->records, f->size, LEDGER_E_SEQUENCE, LINES + 1);
}

static void test_a_torn_tail_is_at_most_a_line_long(void **state)
{
	struct Fixture *f = *state;
	struct LedgerReport r;

	memset(f->records + f->size, 'x', 4097);
	fixture_verify(f, f->records, f->size + 4096, &r);
	assert_int_equal(r.fault, 0);
	assert_int_equal(r.torn, 4096);
	expect(f, f->records, f->size + 4097, LEDGER_E_TOO_LONG, LINES + 1);
}

static void test_a_record_of_another_terminal_is_refused(void **state)
{
	struct Fixture *f = *state;
	char *second = strchr(f->records, '\n') + 1;

	strstr(second, "\"t1\"")[2] = '2';
	expect(f, f->records, f->size, LEDGER_E_TERMINAL, 2);
	fixture_sign(f, LINES);
	expect(f, f->records, f->size, LEDGER_E_TERMINAL, 2);
}

static void test_a_checkpoint_of_another_key_or_ledger_is_refused(void **state)
{
	struct Fixture *f = *state;
	struct Checkpoint c;
	size_t text;

	fixture_key(f, 2);
	fixture_sign(f, LINES);
	expect(f, f->records, f->size, LEDGER_E_NOT_SIGNED, 0);
	assert_int_equal(note_split(f->checkpoint, f->checkpoint_size, &text), 0);
	assert_int_equal(checkpoint_parse(f->checkpoint, text, &c), 0);
	strcpy(f->vkey_text, "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
	expect(f, f->records, f->size, LEDGER_E_BAD_ORIGIN, 0);
	strcpy(f->vkey_text, "");
	expect(f, f->records, f->size, LEDGER_E_BAD_VKEY, 0);
}

static void test_an_older_checkpoint_of_the_same_ledger_holds_for_its_prefix(void **state)
{
	struct Fixture *f = *state;

	for (uint64_t size = 0; size <= LINES; size++) {
		struct LedgerReport r;

		fixture_sign(f, size);
		fixture_verify(f, f->records, f->size, &r);
		assert_int_equal(r.fault, 0);
		assert_int_equal(r.covered, size);
	}
	fixture_sign(f, 0);
	expect(f, "", 0, LEDGER_E_NONE, 0);
}

static int count(void *owner, const struct LedgerEntry *e)
{
	uint64_t *n = owner;

	assert_int_equal(e->n, *n);
	return ++*n == 3 ? -ECANCELED : 0;
}

static void test_each_is_called_in_order_and_may_stop(void **state)
{
	struct Fixture *f = *state;
	_cleanup_fd_ int fd = memfd_create("records", MFD_CLOEXEC);
	uint64_t n = 0;
	struct LedgerReport r;
	struct LedgerInput in = {.records = fd,
	        .checkpoint = f->checkpoint,
	        .checkpoint_size = f->checkpoint_size,
	        .vkey = f->vkey_text,
	        .each = count,
	        .owner = &n};

	assert_int_equal(write(fd, f->records, f->size), f->size);
	assert_int_equal(ledger_verify(&in, &r), -ECANCELED);
	assert_int_equal(n, 3);
}

static void test_the_tree_goes_on_where_verifying_ended(void **state)
{
	struct Fixture *f = *state;
	_cleanup_fd_ int fd = memfd_create("records", MFD_CLOEXEC);
	struct Tree tree = TREE_NULL;
	uint8_t root[HASH_SIZE], expected[HASH_SIZE];
	struct LedgerReport r;
	struct LedgerInput in = {.records = fd,
	        .checkpoint = f->checkpoint,
	        .checkpoint_size = f->checkpoint_size,
	        .vkey = f->vkey_text,
	        .tree = &tree};

	fixture_lines(f, 1);
	assert_int_equal(write(fd, f->records, f->size), f->size);
	assert_int_equal(ledger_verify(&in, &r), 0);
	assert_int_equal(tree.size, LINES + 1);
	assert_int_equal(tree_root(&tree, f->crypto, root), 0);
	fixture_root(f, LINES + 1, expected);
	assert_memory_equal(root, expected, HASH_SIZE);
}

static void test_time_going_back_is_counted_unless_it_is_said(void **state)
{
	struct Fixture *f = *state;
	struct LedgerReport r;
	char line[256];
	static const char *const rows[][2] = {
	        {"file", "2026-11-21T09:00:03.000+09:00"},
	        {"clock", "2026-11-21T09:00:02.000+09:00"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(line, sizeof(line), "{\"n\":%zu,\"t\":\"%s\",\"kind\":\"%s\",\"terminal\":\"t1\"}",
		        f->n, rows[i][1], rows[i][0]);
		fixture_line(f, line);
	}
	/* the same moment under another offset, and one millisecond before it */
	snprintf(line, sizeof(line),
	        "{\"n\":%zu,\"t\":\"2026-11-21T00:00:02.000+00:00\",\"kind\":\"file\",\"terminal\":\"t1\"}",
	        f->n);
	fixture_line(f, line);
	fixture_verify(f, f->records, f->size, &r);
	assert_int_equal(r.fault, 0);
	assert_int_equal(r.earlier, 1);
	snprintf(line, sizeof(line),
	        "{\"n\":%zu,\"t\":\"2026-11-21T09:00:01.999+09:00\",\"kind\":\"file\",\"terminal\":\"t1\"}",
	        f->n);
	fixture_line(f, line);
	fixture_verify(f, f->records, f->size, &r);
	assert_int_equal(r.earlier, 2);
}

static void test_a_change_of_key_is_followed(void **state)
{
	struct Fixture *f = *state;
	struct LedgerReport r;

	fixture_rekey(f, 2);
	fixture_lines(f, 3);
	fixture_rekey(f, 3);
	fixture_sign(f, f->n);
	fixture_verify(f, f->records, f->size, &r);
	assert_int_equal(r.fault, 0);
	assert_int_equal(r.keys, 2);
	assert_string_not_equal(r.vkey, f->vkey_text);
	/* and a checkpoint before the last change is the key's before it */
	fixture_sign(f, f->n - 1);
	expect(f, f->records, f->size, LEDGER_E_NOT_SIGNED, 0);
	fixture_key(f, 2);
	fixture_sign(f, f->n - 1);
	expect(f, f->records, f->size, LEDGER_E_NONE, 0);
	/* the first key is over */
	fixture_key(f, 1);
	fixture_sign(f, f->n);
	expect(f, f->records, f->size, LEDGER_E_NOT_SIGNED, 0);
}

static void test_a_change_of_key_that_the_key_before_did_not_sign_is_refused(void **state)
{
	struct Fixture *f = *state;
	char *at;

	fixture_key(f, 9);
	fixture_rekey(f, 2);
	fixture_sign(f, f->n);
	expect(f, f->records, f->size, LEDGER_E_KEY_CHANGE, LINES + 1);
	/* before the record, history was rewritten: the old signature does not cover it */
	fixture_free(f);
	setup(state);
	f = *state;
	fixture_rekey(f, 2);
	at = strstr(f->records, "0.1.0");
	*at = '9';
	fixture_sign(f, f->n);
	expect(f, f->records, f->size, LEDGER_E_KEY_CHANGE, LINES + 1);
}

static void write_file(int dir, const char *name, const char *bytes, size_t n)
{
	_cleanup_fd_ int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
}

static void test_a_folder_is_verified_by_its_own_or_a_given_key(void **state)
{
	struct Fixture *f = *state;
	char path[] = "/tmp/test-ledger-XXXXXX", vkey[LIMIT_VKEY + 1];
	struct LedgerReport r;
	int dir;

	assert_non_null(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(ledger_verify_folder(dir, NULL, NULL, NULL, &r), 0);
	assert_int_equal(r.fault, FAULT_UNREADABLE);
	assert_string_equal(r.error, "records.jsonl");
	write_file(dir, "records.jsonl", f->records, f->size);
	write_file(dir, "checkpoint", f->checkpoint, f->checkpoint_size);
	snprintf(vkey, sizeof(vkey), "%s\n", f->vkey_text);
	write_file(dir, "vkey", vkey, strlen(vkey));
	assert_int_equal(ledger_verify_folder(dir, NULL, NULL, NULL, &r), 0);
	assert_int_equal(r.fault, 0);
	assert_int_equal(r.covered, LINES);
	write_file(dir, "vkey", "", 0);
	assert_int_equal(ledger_verify_folder(dir, NULL, NULL, NULL, &r), 0);
	assert_int_equal(r.code, LEDGER_E_BAD_VKEY);
	assert_int_equal(ledger_verify_folder(dir, f->vkey_text, NULL, NULL, &r), 0);
	assert_int_equal(r.fault, 0);
	unlinkat(dir, "records.jsonl", 0);
	assert_int_equal(mkfifoat(dir, "records.jsonl", 0600), 0);
	assert_int_equal(ledger_verify_folder(dir, f->vkey_text, NULL, NULL, &r), 0);
	assert_int_equal(r.fault, FAULT_UNREADABLE);
	unlinkat(dir, "records.jsonl", 0);
	unlinkat(dir, "checkpoint", 0);
	unlinkat(dir, "vkey", 0);
	close(dir);
	assert_int_equal(rmdir(path), 0);
}

static int any(void *owner, const struct LedgerEntry *e _unused_)
{
	++*(uint64_t *)owner;
	return 0;
}

static void test_an_excerpt_has_rising_numbers_and_no_checkpoint(void **state)
{
	struct Fixture *f = *state;
	const char *l[LINES + 1];
	char out[8192];
	size_t n = 0;

	lines_of(f, l);
	n = put(out, 0, l[1], l[2]);
	n = put(out, n, l[4], l[6]);
	for (int twice = 0; twice < 2; twice++) {
		_cleanup_fd_ int fd = memfd_create("excerpt", MFD_CLOEXEC);
		struct LedgerReport r;
		uint64_t calls = 0;

		assert_int_equal(write(fd, out, n), n);
		assert_int_equal(ledger_read(fd, any, &calls, &r), 0);
		assert_int_equal(calls, 3);
		assert_int_equal(r.code, twice ? LEDGER_E_SEQUENCE : LEDGER_E_NONE);
		n = put(out, n, l[5], l[6]);
	}
}

/* Lines that begin and end at every place of the reader's window. */
static void test_a_long_ledger_is_read_through_its_window(void **state)
{
	struct Fixture *f = *state;
	_cleanup_fd_ int fd = memfd_create("records", MFD_CLOEXEC);
	struct Tree tree = TREE_NULL;
	struct Checkpoint c = {.origin = FIXTURE_ORIGIN, .size = 3000};
	struct LedgerInput in = {.records = fd, .checkpoint = f->checkpoint, .vkey = f->vkey_text};
	struct LedgerReport r;
	ssize_t text;

	for (size_t i = 0; i < c.size; i++) {
		uint8_t leaf[HASH_SIZE];
		char line[4200];
		size_t n = (size_t)snprintf(line, sizeof(line),
		        "{\"n\":%zu,\"t\":\"2026-11-21T09:00:00.000+09:00\",\"kind\":\"a\",\"terminal\":"
		        "\"t1\","
		        "\"detail\":{\"a\":\"%0*d\"}}",
		        i, (int)(i * 977 % 3900 + 1), 7);

		assert_int_equal(crypto_leaf(f->crypto, line, n, leaf), 0);
		assert_int_equal(tree_add(&tree, f->crypto, leaf), 0);
		line[n] = '\n';
		assert_int_equal(write(fd, line, n + 1), n + 1);
	}
	assert_int_equal(tree_root(&tree, f->crypto, c.root), 0);
	text = checkpoint_format(&c, f->checkpoint, sizeof(f->checkpoint));
	in.checkpoint_size =
	        (size_t)(text + note_signature(&f->vkey, f->key, f->checkpoint, (size_t)text,
	                                f->checkpoint + text, sizeof(f->checkpoint) - (size_t)text));
	assert_int_equal(ledger_verify(&in, &r), 0);
	assert_int_equal(r.code, LEDGER_E_NONE);
	assert_int_equal(r.records, c.size);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_ledger_as_it_was_written_verifies),
	        TEST(test_every_flipped_bit_of_the_records_is_seen),
	        TEST(test_every_flipped_bit_of_checkpoint_and_vkey_is_seen),
	        TEST(test_every_truncation_is_seen),
	        TEST(test_every_line_dropped_doubled_or_moved_is_seen),
	        TEST(test_every_line_spliced_in_from_another_ledger_is_seen),
	        TEST(test_other_spellings_of_the_same_lines_are_seen),
	        TEST(test_what_a_crash_leaves_is_told_and_not_called_altered),
	        TEST(test_lines_beyond_the_checkpoint_must_have_the_form),
	        TEST(test_a_torn_tail_is_at_most_a_line_long),
	        TEST(test_a_record_of_another_terminal_is_refused),
	        TEST(test_a_checkpoint_of_another_key_or_ledger_is_refused),
	        TEST(test_an_older_checkpoint_of_the_same_ledger_holds_for_its_prefix),
	        TEST(test_each_is_called_in_order_and_may_stop),
	        TEST(test_the_tree_goes_on_where_verifying_ended),
	        TEST(test_time_going_back_is_counted_unless_it_is_said),
	        TEST(test_a_change_of_key_is_followed),
	        TEST(test_a_change_of_key_that_the_key_before_did_not_sign_is_refused),
	        TEST(test_a_folder_is_verified_by_its_own_or_a_given_key),
	        TEST(test_an_excerpt_has_rising_numbers_and_no_checkpoint),
	        TEST(test_a_long_ledger_is_read_through_its_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
