/* SPDX-License-Identifier: Apache-2.0 */
/* Archives and folders that somebody has changed: whatever is answered with 0 is what went in. */
#include "container_cheap.h"
#include "container_fixture.h"
#include "fault.h"
#include "hex.h"
#include "sums.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* ---- archives */

struct Memory {
	const uint8_t *bytes;
	size_t n, at, piece;
};

static int memory_next(void *owner, const void **ret, size_t *ret_size)
{
	struct Memory *m = owner;

	*ret = m->bytes + m->at;
	*ret_size = MIN(m->piece, m->n - m->at);
	m->at += *ret_size;
	return 0;
}

struct Archive {
	uint8_t bytes[65536];
	size_t n;
	char sums[4096];
	size_t sums_size;
	unsigned int files;
};

static void archive_raw(struct Archive *a, const struct TarMember *m, const char *content)
{
	ssize_t n = tar_header(m, a->bytes + a->n, sizeof(a->bytes) - a->n);

	assert_true(n > 0);
	a->n += (size_t)n;
	memcpy(a->bytes + a->n, content, m->size);
	a->n += m->size + tar_padding(m->size);
}

static void archive_add(struct Archive *a, const char *name, const char *content)
{
	struct TarMember m = {name, strlen(content), 1, 0600};
	uint8_t sha256[32];

	archive_raw(a, &m, content);
	assert_int_equal(crypto_sha256(content, strlen(content), sha256), 0);
	a->sums_size += sums_line(name, sha256, a->sums + a->sums_size);
	a->files++;
}

static void archive_sums(struct Archive *a, const char *copy, unsigned int files)
{
	char all[8192];
	size_t n = sums_first(copy, files, all);
	struct TarMember m = {SUMS_NAME, 0, 1, 0644};

	memcpy(all + n, a->sums, a->sums_size);
	m.size = n + a->sums_size;
	archive_raw(a, &m, all);
}

static int archive_read(const struct Archive *a, size_t piece)
{
	struct Memory memory = {.bytes = a->bytes, .n = a->n, .piece = piece};
	struct TarSource source = {&memory, memory_next};
	struct TarTally tally;

	return tar_read(&source, FIXTURE_COPY, NULL, &tally);
}

static void header_sum(uint8_t *block)
{
	unsigned int sum = 0;

	memset(block + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += block[i];
	sprintf((char *)block + 148, "%06o", sum);
}

enum Harm {
	HARM_NONE,
	HARM_NO_SUMS,
	HARM_AFTER_SUMS,
	HARM_TWO_SUMS,
	HARM_OTHER_COPY,
	HARM_OTHER_COUNT,
	HARM_UNLISTED,
	HARM_MISSING,
	HARM_DIGEST,
	HARM_ORDER,
	HARM_PADDING,
	HARM_ONE_END,
	HARM_TRAILING,
	HARM_LINK,
	HARM_HARD_LINK,
	HARM_DEVICE,
	HARM_DIRECTORY,
	HARM_LONG_NAME,
	HARM_OWNER,
	HARM_SETUID,
	HARM_CHECKSUM,
	_HARM_N,
};

/* The harms done to a header's fields: offset, byte. */
static const struct {
	enum Harm harm;
	size_t offset;
	char byte;
} FIELDS[] = {
        {HARM_LINK, 156, '2'},
        {HARM_HARD_LINK, 156, '1'},
        {HARM_DEVICE, 156, '3'},
        {HARM_DIRECTORY, 156, '5'},
        {HARM_LONG_NAME, 156, 'L'},
        {HARM_OWNER, 114, '1'},
        {HARM_SETUID, 103, '4'},
};

static void archive_make(struct Archive *a, enum Harm harm)
{
	*a = (struct Archive){};
	archive_add(a, "one", "first");
	archive_add(a, "two", "second");
	for (size_t i = 0; i < ARRAY_SIZE(FIELDS); i++)
		if (FIELDS[i].harm == harm) {
			a->bytes[FIELDS[i].offset] = (uint8_t)FIELDS[i].byte;
			header_sum(a->bytes);
		}
	if (harm == HARM_CHECKSUM)
		a->bytes[150] ^= 1;
	if (harm == HARM_UNLISTED)
		archive_raw(a, &(struct TarMember){"three", 3, 1, 0600}, "abc");
	if (harm == HARM_MISSING)
		a->sums_size += sums_line("three", a->bytes, a->sums + a->sums_size);
	if (harm == HARM_DIGEST)
		a->sums[3] = a->sums[3] == '0' ? '1' : '0';
	if (harm == HARM_ORDER) {
		char t[70];

		memcpy(t, a->sums, 70);
		memcpy(a->sums, a->sums + 70, 70);
		memcpy(a->sums + 70, t, 70);
	}
	if (harm == HARM_PADDING)
		a->bytes[a->n - 1] = 1;
	if (harm != HARM_NO_SUMS)
		archive_sums(a, harm == HARM_OTHER_COPY ? "c1" : FIXTURE_COPY,
		        a->files + (harm == HARM_OTHER_COUNT));
	if (harm == HARM_TWO_SUMS)
		archive_sums(a, FIXTURE_COPY, a->files);
	if (harm == HARM_AFTER_SUMS)
		archive_raw(a, &(struct TarMember){"three", 3, 1, 0600}, "abc");
	a->n += harm == HARM_ONE_END ? 512 : 1024;
	if (harm == HARM_TRAILING)
		a->n += 512;
}

static void test_archives_that_are_not_ours_are_refused(void **state)
{
	static const size_t PIECES[] = {1, 511, 512, 65536};
	static struct Archive a;

	(void)state;
	for (enum Harm harm = 0; harm < _HARM_N; harm++)
		for (size_t i = 0; i < ARRAY_SIZE(PIECES); i++) {
			int r;

			archive_make(&a, harm);
			r = archive_read(&a, PIECES[i]);
			if (harm == HARM_NONE)
				assert_int_equal(r, 0);
			else
				assert_true(r == FAULT_DAMAGED || r == FAULT_INCOMPLETE);
		}
}

static void test_names_that_lead_elsewhere_are_refused(void **state)
{
	static const char *const NAMES[] = {
	        "/etc/passwd", "../up", "a/../../b", "a/..", "./a", "a//b", "a/", ".", "..", "/", ""};
	static struct Archive a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
		assert_int_equal(tar_name_check(NAMES[i]), FAULT_BAD_REQUEST);
		if (!NAMES[i][0])
			continue;
		a = (struct Archive){};
		archive_add(&a, NAMES[i], "x");
		archive_sums(&a, FIXTURE_COPY, 1);
		a.n += 1024;
		assert_int_equal(archive_read(&a, 65536), FAULT_DAMAGED);
	}
	assert_int_equal(tar_name_check(SUMS_NAME), FAULT_NAME_TWICE);
	assert_int_equal(tar_name_check("folder/" SUMS_NAME), 0);
	assert_int_equal(tar_name_check("...") | tar_name_check(".a") | tar_name_check("a..b/..c"), 0);
}

static void test_every_flip_and_cut_of_an_archive_is_seen(void **state)
{
	static struct Archive a;

	(void)state;
	archive_make(&a, HARM_NONE);
	for (size_t i = 0; i < a.n; i++) {
		a.bytes[i] ^= (uint8_t)(1u << i % 8);
		/* times and modes are all that SHA256SUMS does not bind; the tag of a part does */
		if (archive_read(&a, 65536) == 0)
			assert_true((i % 512 >= 100 && i % 512 < 108) || (i % 512 >= 136 && i % 512 < 156));
		a.bytes[i] ^= (uint8_t)(1u << i % 8);
	}
	while (a.n-- > 0)
		assert_true(archive_read(&a, 4096) == FAULT_INCOMPLETE);
}

/* ---- folders whose note was made anew, as anybody can without the signing key */

static void note_again(int dir, uint32_t count)
{
	char text[8192], name[PART_NAME], hex[65];
	size_t n = (size_t)sprintf(text, NOTE_HEAD FIXTURE_COPY "\n");

	for (uint32_t i = 0; i <= count; i++) {
		struct PartName p = {FIXTURE_COPY, i + 1, count};
		uint8_t sha256[32];
		size_t size;
		uint8_t *bytes;

		if (i < count)
			part_name(&p, name);
		else
			strcpy(name, OPEN_NAME);
		bytes = fixture_read(dir, name, &size);
		assert_int_equal(crypto_sha256(bytes, size, sha256), 0);
		free(bytes);
		hex_encode(sha256, 32, hex);
		n += (size_t)sprintf(text + n, "%s  %s\n", hex, name);
	}
	n += (size_t)sprintf(text + n, "\n— nobody AAAA\n");
	note_name(FIXTURE_COPY, name);
	fixture_write(dir, name, text, n);
}

static void test_parts_exchanged_under_a_new_note_are_refused(void **state)
{
	static const char *const HARM[] = {
	        ":", "mv a-2 t && mv a-3 a-2 && mv t a-3", /* swapped */
	        "cp a-2 a-3",                              /* doubled */
	        "mv a-4 a-3 && mv a-5 a-4 && mv a-6 a-5",  /* dropped, the others renumbered */
	        "rm a-6",                                  /* the last dropped */
	        "cp ../other/*003of* a-3",                 /* of another copy with the same password */
	        "cp ../other/*-00[12345]of* . && for i in 1 2 3 4 5; do mv *-00${i}of* a-$i; done", /* all but
	                                                                                               the
	                                                                                               last */
	};
	const struct Fixture *f = *state;
	_cleanup_free_ uint8_t *bytes = malloc(40000);
	struct FixtureFile file = {"data.bin", bytes, 40000};
	int other;

	fixture_fill(bytes, 40000, 3);
	other = fixture_seal(f, "other", &file, 1, 8192, true, NULL, 0);
	fd_close(other);
	for (size_t i = 0; i < ARRAY_SIZE(HARM); i++) {
		struct CmsKeys keys = {
		        .password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
		int r, dir = fixture_seal(f, "copy", &file, 1, 8192, true, NULL, 0);
		uint32_t count = i == 3 || i == 4 ? 5 : 6;

		assert_int_equal(
		        fixture_run(f,
		                "cd copy && for i in 1 2 3 4 5 6; do mv *-00${i}of* a-$i; done && { %s; } && "
		                "for i in 1 2 3 4 5 6; do test ! -e a-$i || mv a-$i " FIXTURE_COPY
		                "-00${i}of00%u.p7m; done",
		                HARM[i], count),
		        0);
		note_again(dir, count);
		r = fixture_unseal(dir, &keys, &file, 1);
		assert_true(i == 0 ? r == 0 : r == FAULT_DAMAGED || r == FAULT_INCOMPLETE);
		cms_keys_done(&keys);
		fd_close(dir);
	}
}

/* Whoever knows the password can make parts that open and agree; only the note says whose they are. */
static void test_another_copy_of_the_same_files_is_not_what_the_note_names(void **state)
{
	const struct Fixture *f = *state;
	_cleanup_free_ uint8_t *bytes = calloc(1, 40000);
	struct FixtureFile file = {"data.bin", bytes, 40000};
	struct CmsKeys keys = {.password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
	int other = fixture_seal(f, "other", &file, 1, 8192, true, NULL, 0);
	int dir = fixture_seal(f, "copy", &file, 1, 8192, true, NULL, 0);

	assert_int_equal(fixture_unseal(other, &keys, &file, 1), 0);
	assert_int_equal(fixture_run(f, "cp other/*.p7m copy"), 0);
	assert_int_equal(fixture_unseal(dir, &keys, &file, 1), FAULT_DAMAGED);
	note_again(dir, 6);
	assert_int_equal(fixture_unseal(dir, &keys, &file, 1), 0);
	cms_keys_done(&keys);
	fd_close(other);
	fd_close(dir);
}

/* A folder of an archive cut where we like. */
static int cut_archive(const struct Fixture *f, const struct Archive *a, const size_t *cuts, uint32_t count)
{
	struct CmsRecipients recipients = {FIXTURE_PASSWORD, strlen(FIXTURE_PASSWORD), NULL, 0};
	_cleanup_(cms_writer_freep) struct CmsWriter *w = NULL;
	static uint8_t part[sizeof(a->bytes) + 1024];
	int dir = fixture_seal(f, "copy", NULL, 0, 0, true, NULL, 0);
	size_t at = 0;

	assert_int_equal(fixture_run(f, "rm copy/*.p7m"), 0);
	assert_int_equal(cms_writer_new(&recipients, &w), 0);
	for (uint32_t i = 0; i < count; i++) {
		size_t size = cuts[i] ? cuts[i] : a->n - at, n;
		struct PartName p = {FIXTURE_COPY, i + 1, count};
		const uint8_t *header;
		char name[PART_NAME];

		assert_int_equal(cms_part_start(w, size, &header, &n), 0);
		memcpy(part, header, n);
		assert_int_equal(cms_part_update(w, a->bytes + at, size, part + n), 0);
		assert_int_equal(cms_part_end(w, part + n + size), 0);
		at += size;
		part_name(&p, name);
		fixture_write(dir, name, part, n + size + CMS_TAIL);
	}
	note_again(dir, count);
	return dir;
}

static void test_parts_are_cut_evenly_or_refused(void **state)
{
	static const struct {
		size_t cuts[3]; /* 0: the rest */
		uint32_t count;
		int outcome;
	} ROWS[] = {
	        {{0}, 1, 0},
	        {{2048, 0}, 2, 0},
	        {{1024, 1024, 0}, 3, FAULT_DAMAGED},
	        {{1500, 1500, 0}, 3, 0},
	        {{512, 0}, 2, FAULT_DAMAGED},
	        {{1500, 1400, 0}, 3, FAULT_DAMAGED},
	        {{1400, 1500, 0}, 3, FAULT_DAMAGED},
	};
	const struct Fixture *f = *state;
	static struct Archive a;

	archive_make(&a, HARM_NONE);
	assert_int_equal(a.n, 4096);
	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		struct CmsKeys keys = {
		        .password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
		int dir = cut_archive(f, &a, ROWS[i].cuts, ROWS[i].count);
		_cleanup_free_ uint8_t *note = NULL;
		struct UnsealWhere where;
		struct TarTally tally;
		struct Folder folder;
		size_t n;

		assert_int_equal(folder_look(dir, NULL, &folder), 0);
		note = fixture_read(dir, FIXTURE_COPY ".note", &n);
		n = note_text_size((const char *)note, n);
		assert_int_equal(unseal_folder(&(struct SealedFolder){dir, &folder, (const char *)note, n},
		                         &keys, NULL, &tally, &where),
		        ROWS[i].outcome);
		cms_keys_done(&keys);
		fd_close(dir);
	}
}

static void test_a_part_of_more_than_64_mib_is_refused(void **state)
{
	const struct Fixture *f = *state;
	_cleanup_free_ uint8_t *bytes = calloc(1, PART_SIZE);
	struct FixtureFile file = {"data.bin", bytes, PART_SIZE};
	struct CmsKeys keys = {.password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
	int dir = fixture_seal(f, "copy", &file, 1, PART_SIZE + 4096, true, NULL, 0);

	assert_int_equal(fixture_unseal(dir, &keys, &file, 1), FAULT_DAMAGED);
	cms_keys_done(&keys);
	fd_close(dir);
}

static void test_a_folder_is_looked_at_by_its_names(void **state)
{
	static const struct {
		const char *harm;
		int outcome;
	} ROWS[] = {
	        {"touch desktop.ini .DS_Store x.p7m", 0},
	        {"rm *003of*", FAULT_INCOMPLETE},
	        {"touch " FIXTURE_COPY "-001of009.p7m", FAULT_DAMAGED},
	        {"touch other-001of006.p7m", FAULT_DAMAGED},
	        {"rm *.p7m", FAULT_NO_SUCH_COPY},
	};
	const struct Fixture *f = *state;
	_cleanup_free_ uint8_t *bytes = calloc(1, 40000);
	struct FixtureFile file = {"data.bin", bytes, 40000};

	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		int dir = fixture_seal(f, "copy", &file, 1, 8192, true, NULL, 0);
		struct Folder folder;

		assert_int_equal(fixture_run(f, "cd copy && %s", ROWS[i].harm), 0);
		assert_int_equal(folder_look(dir, FIXTURE_COPY, &folder), ROWS[i].outcome);
		assert_int_equal(folder_look(dir, NULL, &folder), ROWS[i].outcome);
		fd_close(dir);
	}
}

static void test_what_is_no_plain_file_is_refused(void **state)
{
	static const char *const HARM[] = {"mv *001of* ../a && ln -s ../a " FIXTURE_COPY "-001of001.p7m",
	        "rm *001of* && mkfifo " FIXTURE_COPY "-001of001.p7m",
	        "rm *001of* && mkdir " FIXTURE_COPY "-001of001.p7m", "rm OPEN.txt && mkfifo OPEN.txt"};
	const struct Fixture *f = *state;
	struct FixtureFile file = {"data.bin", "secret", 6};

	for (size_t i = 0; i < ARRAY_SIZE(HARM); i++) {
		struct CmsKeys keys = {
		        .password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
		int dir = fixture_seal(f, "copy", &file, 1, 8192, true, NULL, 0);

		assert_int_equal(fixture_run(f, "cd copy && %s", HARM[i]), 0);
		assert_int_equal(fixture_unseal(dir, &keys, &file, 1), FAULT_DAMAGED);
		fd_close(dir);
	}
}

static void test_without_a_key_the_note_still_tells_damage(void **state)
{
	const struct Fixture *f = *state;
	_cleanup_free_ uint8_t *bytes = calloc(1, 20000);
	struct FixtureFile file = {"data.bin", bytes, 20000};
	int dir = fixture_seal(f, "copy", &file, 1, 8192, true, NULL, 0);
	struct UnsealWhere where;
	struct Folder folder;
	_cleanup_free_ uint8_t *note = NULL;
	uint64_t size;
	size_t n;

	assert_int_equal(folder_look(dir, NULL, &folder), 0);
	note = fixture_read(dir, FIXTURE_COPY ".note", &n);
	n = note_text_size((const char *)note, n);
	assert_int_equal(
	        folder_check(&(struct SealedFolder){dir, &folder, (const char *)note, n}, &size, &where), 0);
	assert_true(size > 20000);
	assert_int_equal(fixture_run(f, "printf x | dd of=copy/" FIXTURE_COPY
	                                "-002of003.p7m bs=1 seek=9 conv=notrunc"),
	        0);
	assert_int_equal(
	        folder_check(&(struct SealedFolder){dir, &folder, (const char *)note, n}, &size, &where),
	        FAULT_DAMAGED);
	assert_string_equal(where.name, FIXTURE_COPY "-002of003.p7m");
	for (size_t i = 0; i < n; i++) { /* every byte of the note counts */
		note[i] ^= 1;
		assert_int_equal(folder_check(&(struct SealedFolder){dir, &folder, (const char *)note, n},
		                         &size, &where),
		        FAULT_DAMAGED);
		note[i] ^= 1;
	}
	fd_close(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_archives_that_are_not_ours_are_refused),
	        cmocka_unit_test(test_names_that_lead_elsewhere_are_refused),
	        cmocka_unit_test(test_every_flip_and_cut_of_an_archive_is_seen),
	        cmocka_unit_test(test_parts_exchanged_under_a_new_note_are_refused),
	        cmocka_unit_test(test_another_copy_of_the_same_files_is_not_what_the_note_names),
	        cmocka_unit_test(test_parts_are_cut_evenly_or_refused),
	        cmocka_unit_test(test_a_part_of_more_than_64_mib_is_refused),
	        cmocka_unit_test(test_a_folder_is_looked_at_by_its_names),
	        cmocka_unit_test(test_what_is_no_plain_file_is_refused),
	        cmocka_unit_test(test_without_a_key_the_note_still_tells_damage),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_end);
}
