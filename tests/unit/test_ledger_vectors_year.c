/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs/ledger.md's vectors of a year's end, made by the code that ends years: `--print` writes the blocks for
 * the document. The clock stands still and the new key is not random; everything else is as in the agent.
 */
#include "clock.h"
#include "enrolment.h"
#include "file.h"
#include "fold.h"
#include "hex.h"
#include "line.h"
#include "store.h"
#include "str.h"
#include "year.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#define TERMINAL "madoguchi-01"
#define DOMAIN   "city.example.jp"
#define ROOM     12288

static char document[1 << 17];

/* The fenced block of that name; to be freed. NULL: the document has none. */
static char *block(const char *name)
{
	char fence[64];
	const char *start, *end;

	snprintf(fence, sizeof(fence), "\n```%s\n", name);
	start = strstr(document, fence);
	if (!start)
		return NULL;
	start += strlen(fence);
	end = strstr(start, "```\n");
	return end ? strndup(start, (size_t)(end - start)) : NULL;
}

/* ------------------------------------------------------------------ what is fixed */

static int64_t now;

int64_t __wrap_clock_now(void);
int __wrap_ledger_crypto_random(void *ret, size_t n);

int64_t __wrap_clock_now(void)
{
	return now;
}

/* Seeds count up: 404142…5f is the new year's first. */
int __wrap_ledger_crypto_random(void *ret, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)ret)[i] = (uint8_t)(0x40 + i);
	return 0;
}

/* ------------------------------------------------------------------ the year that ends */

static void medium(struct Record *r)
{
	record_start(r, RECORD_REGISTER, RESULT_DONE);
	STR_SET(r->actor, "supervisor1");
	r->roles = 1u << 1;
	STR_SET(r->medium, "USB-0007");
	record_bytes(r, KEY_IDENTITY, "0123456789abcdef0123456789abcdef", 32);
	record_text(r, KEY_SUPERVISOR, "supervisor1");
	record_number(r, KEY_SIZE, 15518924800);
	record_text(r, KEY_REGISTRATION, "madoguchi-01-2026-R01");
	record_number(r, KEY_COUNTER, 4);
	record_bytes(r, KEY_LABEL, "fedcba9876543210fedcba9876543210", 32);
}

static void overdue(struct Record *r)
{
	record_start(r, RECORD_OVERDUE, RESULT_DONE);
	STR_SET(r->medium, "USB-0007");
	STR_SET(r->checkout, "2026-000001");
	record_text(r, KEY_CLERK, "clerk1");
}

static void copy(struct Record *r)
{
	record_start(r, RECORD_COPY, RESULT_INTENT);
	STR_SET(r->actor, "clerk1");
	r->roles = 1u << 3;
	STR_SET(r->medium, "USB-0007");
	STR_SET(r->checkout, "2026-000001");
	record_text(r, KEY_COPY, "C-2026-000001-01");
}

/* Records 5 to 7. */
static char *last_lines(void)
{
	static void (*const made[])(struct Record * r) = {medium, overdue, copy};
	char *text = malloc(ROOM);
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		struct LineHead head = {
		        .n = 5 + i, .time = now - 60000 + (int64_t)i * 1000, .terminal = TERMINAL};
		struct Record r;
		size_t n;

		made[i](&r);
		assert_int_equal(line_build(&r, &head, text + at, &n), 0);
		at += n;
		text[at++] = '\n';
	}
	text[at] = '\0';
	return text;
}

struct Years {
	char path[64];
	int root, keys, terminal;
	struct Seal seal;
	struct Store store;
	struct Fold fold;
	struct Enrolment enrolment;
};

static void write_file(int dir, const char *name, const void *bytes, size_t n)
{
	assert_int_equal(file_replace_at(dir, name, bytes, n, 0600), 0);
}

static int fold_line(void *owner, const struct LedgerEntry *e)
{
	struct View v;

	view_make(e, &v);
	return fold_record(owner, &v);
}

static void old_year(struct Years *y, const char *last)
{
	_cleanup_free_ char *records = block("records"), *rekey = block("rekey-records");
	const struct SealNames names = {DOMAIN, TERMINAL, 2026};
	_cleanup_fd_ int year = -1;
	struct LedgerReport report;
	uint8_t seed[SEED_SIZE];
	char text[ROOM];

	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)(0x20 + i);
	assert_int_equal(file_dir_make_at(y->root, "keys", 0700, &y->keys), 0);
	assert_int_equal(file_dir_make_at(y->root, TERMINAL, 0700, &y->terminal), 0);
	assert_int_equal(file_dir_make_at(y->terminal, "2026", 0700, &year), 0);
	write_file(y->keys, SEAL_LEDGER_FILE, seed, sizeof(seed));
	write_file(y->keys, SEAL_LABEL_FILE, seed, sizeof(seed));
	snprintf(text, sizeof(text), "%s%s%s", records, rekey, last);
	write_file(year, STORE_RECORDS, text, 0);
	assert_int_equal(seal_open(&y->seal, y->keys, &names), 0);
	assert_int_equal(store_open(&y->store, y->terminal, "2026"), 0);
	y->store.seal = &y->seal;
	assert_int_equal(store_append(&y->store, text, strlen(text), false), 0);
	assert_int_equal(store_checkpoint(&y->store), 0);
	y->fold = (struct Fold){.terminal = TERMINAL, .next_checkout = 1};
	lseek(y->store.records, 0, SEEK_SET);
	assert_int_equal(ledger_read(y->store.records, fold_line, &y->fold, &report), 0);
	assert_string_equal(report.error, "");
}

static void new_year(struct Years *y)
{
	struct YearTurn turn = {&y->store, &y->fold, &y->enrolment, y->terminal, 2027};

	STR_SET(y->enrolment.terminal, TERMINAL);
	STR_SET(y->enrolment.domain, DOMAIN);
	assert_int_equal(year_turn(&turn), 0);
}

static int remove_one(
        const char *path, const struct stat *st _unused_, int type _unused_, struct FTW *ftw _unused_)
{
	return remove(path);
}

static char *file_of(int dir, const char *name)
{
	char *text = malloc(ROOM);
	ssize_t n = file_read_at(dir, name, text, ROOM - 1);

	assert_true(n > 0);
	text[n] = '\0';
	return text;
}

/* ------------------------------------------------------------------ beside the document */

struct Vector {
	const char *name, *file; /* NULL: the lines made here */
};
static const struct Vector vectors[] = {
        {"year-records", NULL},
        {"year-head", "heads/2026.note"},
        {"year-vkey", "2027/vkey"},
        {"next-records", "2027/records.jsonl"},
        {"next-checkpoint", "2027/checkpoint"},
};

typedef void (*Use)(const char *name, const char *made);

static void use_all(Use use)
{
	static struct Years y = {
	        .root = -1, .keys = -1, .terminal = -1, .seal = SEAL_NULL, .store = STORE_NULL};
	_cleanup_free_ char *last = last_lines();

	strcpy(y.path, "/tmp/mediagate-vectors-XXXXXX");
	assert_non_null(mkdtemp(y.path));
	y.root = open(y.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	old_year(&y, last);
	new_year(&y);
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		_cleanup_free_ char *text =
		        vectors[i].file ? file_of(y.terminal, vectors[i].file) : strdup(last);

		use(vectors[i].name, text);
	}
	fold_done(&y.fold);
	store_close(&y.store);
	seal_done(&y.seal);
	fd_close(y.keys);
	fd_close(y.terminal);
	fd_close(y.root);
	nftw(y.path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void print(const char *name, const char *made)
{
	printf("```%s\n%s```\n", name, made);
}

static void compare(const char *name, const char *made)
{
	_cleanup_free_ char *said = block(name);

	assert_non_null(said);
	assert_string_equal(said, made);
}

static void test_the_documents_year_is_what_the_code_makes(void **state _unused_)
{
	use_all(compare);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_the_documents_year_is_what_the_code_makes),
	};

	setenv("TZ", "JST-9", 1);
	tzset();
	if (file_read_at(AT_FDCWD, "docs/ledger.md", document, sizeof(document) - 1) < 0 ||
	        clock_parse("2027-04-01T00:00:00.000+09:00", 29, &now))
		return 1;
	if (argc == 2 && str_eq(argv[1], "--print")) {
		use_all(print);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
