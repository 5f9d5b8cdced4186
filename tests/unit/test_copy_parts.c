/* SPDX-License-Identifier: Apache-2.0 */
/* The job's small parts: its list of members, the ring's mistrust, names on the medium, locked memory. */
#include "entries.h"
#include "fault.h"
#include "medium.h"
#include "ring.h"
#include "secrets.h"
#include "str.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* ------------------------------------------------------------------ entries */

static void test_a_name_is_taken_once(void **state)
{
	_cleanup_entries_ struct Entries e = {};
	struct FileFacts facts = {.size = 1};

	(void)state;
	assert_int_equal(entries_add(&e, "a", &facts), 0);
	assert_int_equal(entries_add(&e, "b", &facts), 0);
	assert_int_equal(entries_add(&e, "a", &facts), FAULT_NAME_TWICE);
	assert_int_equal(e.n, 2);
}

static void test_many_names_are_kept_and_told_apart(void **state)
{
	_cleanup_entries_ struct Entries e = {};
	struct FileFacts facts = {};
	char name[32];

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		facts.size = i;
		snprintf(name, sizeof(name), "n/%u", i);
		assert_int_equal(entries_add(&e, name, &facts), 0);
	}
	for (unsigned int i = 0; i < 20000; i += 77) {
		facts.size = i;
		snprintf(name, sizeof(name), "n/%u", i);
		assert_string_equal(entries_name(&e, i), name);
		assert_true(entries_same(&e, i, name, &facts));
		assert_int_equal(entries_add(&e, name, &facts), FAULT_NAME_TWICE);
	}
}

static void test_the_list_has_an_end(void **state)
{
	_cleanup_entries_ struct Entries e = {};
	struct FileFacts facts = {};
	char name[1024];
	unsigned int i;
	int r = 0;

	(void)state;
	for (i = 0; !r; i++) {
		snprintf(name, sizeof(name), "%01000u", i);
		r = entries_add(&e, name, &facts);
	}
	assert_int_equal(r, FAULT_TOO_MANY_FILES);
	assert_true(e.names_size <= LIMIT_FILE_NAMES);
	assert_in_range(i, 4000, 4300);
	entries_free(&e);
	r = 0;
	for (i = 0; !r; i++) {
		snprintf(name, sizeof(name), "%u", i);
		r = entries_add(&e, name, &facts);
	}
	assert_int_equal(r, FAULT_TOO_MANY_FILES);
	assert_int_equal(e.n, 50000);
}

static void test_each_fact_tells_another_file(void **state)
{
	_cleanup_entries_ struct Entries e = {};
	const struct FileFacts facts = {.size = 1, .dev = 2, .ino = 3, .mtime = 4};
	struct FileFacts other;

	(void)state;
	assert_int_equal(entries_add(&e, "a", &facts), 0);
	assert_true(entries_same(&e, 0, "a", &facts));
	assert_false(entries_same(&e, 0, "b", &facts));
	assert_false(entries_same(&e, 1, "a", &facts));
	other = facts;
	other.size++;
	assert_false(entries_same(&e, 0, "a", &other));
	other = facts;
	other.dev++;
	assert_false(entries_same(&e, 0, "a", &other));
	other = facts;
	other.ino++;
	assert_false(entries_same(&e, 0, "a", &other));
	other = facts;
	other.mtime++;
	assert_false(entries_same(&e, 0, "a", &other));
}

/* ------------------------------------------------------------------ ring */

static void test_slots_come_out_as_they_went_in(void **state)
{
	struct Ring ring;
	int status;

	(void)state;
	assert_int_equal(ring_new(&ring), 0);
	if (fork() == 0) {
		for (uint64_t i = 0; i < 500; i++) {
			struct Slot *s;
			uint8_t *bytes;

			if (ring_claim(&ring, &s, &bytes))
				_exit(1);
			*s = (struct Slot){.kind = SLOT_ENTRY, .index = i, .size = sizeof(i)};
			memcpy(bytes, &i, sizeof(i));
			ring_fill(&ring);
		}
		_exit(0);
	}
	for (uint64_t i = 0; i < 500; i++) {
		const uint8_t *bytes;
		uint64_t value;
		struct Slot s;
		int r;

		while ((r = ring_peek(&ring, &s, &bytes)) == 0)
			;
		assert_int_equal(r, 1);
		memcpy(&value, bytes, sizeof(value));
		assert_true(s.index == i && value == i);
		ring_release(&ring);
	}
	wait(&status);
	assert_int_equal(status, 0);
	ring_free(&ring);
}

static void test_nonsense_from_the_child_is_refused(void **state)
{
	const struct Slot nonsense[] = {
	        {.kind = _SLOT_KIND_N},
	        {.kind = SLOT_ENTRY, .size = RING_CHUNK + 1},
	        {.kind = SLOT_ENTRY, .size = UINT32_MAX},
	};
	const uint8_t *bytes;
	struct Slot s;

	(void)state;
	for (size_t i = 0; i <= ARRAY_SIZE(nonsense) + 1; i++) {
		struct Ring ring;

		assert_int_equal(ring_new(&ring), 0);
		if (i < ARRAY_SIZE(nonsense))
			ring.shared->slots[0] = nonsense[i];
		else if (i == ARRAY_SIZE(nonsense)) /* a name without its end */
			memset(ring.shared->slots[0].name, 'x', sizeof(s.name));
		atomic_store(&ring.shared->filled, i > ARRAY_SIZE(nonsense) ? 1000u : 1u);
		assert_int_equal(ring_peek(&ring, &s, &bytes), -EBADMSG);
		ring_free(&ring);
	}
}

/* ------------------------------------------------------------------ names on the medium */

static void test_only_our_names_are_ours(void **state)
{
	static const struct {
		const char *name;
		enum MediumEntry entry;
		const char *copy;
	} rows[] = {
	        {"MEDIAGATE-7KQ2M0ZBXW93", MEDIUM_COPY, "7KQ2M0ZBXW93"},
	        {".MEDIAGATE-7KQ2M0ZBXW93.tmp", MEDIUM_LEFTOVER, "7KQ2M0ZBXW93"},
	        {"MEDIAGATE-", MEDIUM_FOREIGN, ""},
	        {"MEDIAGATE-a b", MEDIUM_FOREIGN, ""},
	        {"MEDIAGATE-a/b", MEDIUM_FOREIGN, ""},
	        {"MEDIAGATE-..", MEDIUM_FOREIGN, ""},
	        {"mediagate-A", MEDIUM_FOREIGN, ""},
	        {".MEDIAGATE-.tmp", MEDIUM_FOREIGN, ""},
	        {".MEDIAGATE-A", MEDIUM_FOREIGN, ""},
	        {".MEDIAGATE-A.tmp.tmp", MEDIUM_FOREIGN, ""},
	        {".MEDIAGATE-A.TMP", MEDIUM_FOREIGN, ""},
	        {"MEDIAGATE-0123456789012345678901234567890123456789", MEDIUM_COPY,
	                "0123456789012345678901234567890123456789"},
	        {"MEDIAGATE-01234567890123456789012345678901234567890", MEDIUM_FOREIGN, ""},
	        {"", MEDIUM_FOREIGN, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char copy[LIMIT_ID];

		assert_int_equal(medium_entry(rows[i].name, copy), rows[i].entry);
		assert_string_equal(copy, rows[i].copy);
	}
	assert_true(medium_is_ours("A-001of002.p7m", "A"));
	assert_true(medium_is_ours("OPEN.txt", "A"));
	assert_true(medium_is_ours("A.note", "A"));
	assert_false(medium_is_ours("B-001of002.p7m", "A"));
	assert_false(medium_is_ours("A-003of002.p7m", "A"));
	assert_false(medium_is_ours("thesis.txt", "A"));
}

static void test_errors_of_the_medium_have_names(void **state)
{
	(void)state;
	assert_int_equal(medium_fault(ENOSPC), FAULT_MEDIUM_FULL);
	assert_int_equal(medium_fault(EROFS), FAULT_READ_ONLY_MEDIUM);
	assert_int_equal(medium_fault(ENODEV), FAULT_MEDIUM_GONE);
	assert_int_equal(medium_fault(EIO), FAULT_MEDIUM_ERROR);
	assert_int_equal(medium_fault(ENOMEM), FAULT_MEDIUM_ERROR);
}

/* ------------------------------------------------------------------ secrets */

/* AddressSanitizer makes mlock do nothing, for its shadow would be locked too. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MLOCK_IS_REAL false
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define MLOCK_IS_REAL false
#endif
#ifndef MLOCK_IS_REAL
#define MLOCK_IS_REAL true
#endif

/* The kernel's flags of the mapping that `at` lies in: " rd wr … lo dd wf". */
static void flags_of(const void *at, char *ret, size_t size)
{
	FILE *in = fopen("/proc/self/smaps", "re");
	uintptr_t from, to;
	bool here = false;
	char line[1024];

	ret[0] = '\0';
	assert_non_null(in);
	while (!ret[0] && fgets(line, sizeof(line), in)) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2)
			here = (uintptr_t)at >= from && (uintptr_t)at < to;
		else if (here && !strncmp(line, "VmFlags:", 8))
			str_cut(ret, size, line + 8);
	}
	fclose(in);
}

static void test_secrets_are_locked_and_no_child_or_core_file_has_them(void **state)
{
	struct Secrets *s;
	char flags[256];
	int status;

	(void)state;
	assert_int_equal(secrets_new(&s), 0);
	STR_CUT(s->made.password, "secret");
	flags_of(s, flags, sizeof(flags));
	assert_non_null(strstr(flags, " rd "));
	assert_non_null(strstr(flags, " dd ")); /* not in a core file */
	assert_non_null(strstr(flags, " wf ")); /* not in a child */
	if (MLOCK_IS_REAL)
		assert_non_null(strstr(flags, " lo "));
	/* fits into what an ordinary process may lock */
	assert_true(sizeof(*s) <= 64 * 1024);
	if (fork() == 0)
		_exit(s->made.password[0] != '\0');
	wait(&status);
	assert_int_equal(status, 0);
	secrets_freep(&s);
	assert_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_name_is_taken_once),
	        cmocka_unit_test(test_many_names_are_kept_and_told_apart),
	        cmocka_unit_test(test_the_list_has_an_end),
	        cmocka_unit_test(test_each_fact_tells_another_file),
	        cmocka_unit_test(test_slots_come_out_as_they_went_in),
	        cmocka_unit_test(test_nonsense_from_the_child_is_refused),
	        cmocka_unit_test(test_only_our_names_are_ours),
	        cmocka_unit_test(test_errors_of_the_medium_have_names),
	        cmocka_unit_test(test_secrets_are_locked_and_no_child_or_core_file_has_them),
	};

	return cmocka_run_group_tests_name("copy_parts", tests, NULL, NULL);
}
