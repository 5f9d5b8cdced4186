/* SPDX-License-Identifier: Apache-2.0 */
/* The marks that kernels and other systems leave on a medium they have not done with. */
#include "volume.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

#define SIZE (64 << 20)

/* An image with what mkfs makes in it, in memory; skipped where there is no such tool. */
static int image(const char *command)
{
	int fd = memfd_create("image", 0);
	char line[256];

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, SIZE), 0);
	snprintf(line, sizeof(line), "PATH=$PATH:/usr/sbin; %s /proc/%d/fd/%d > /dev/null 2>&1", command,
	        getpid(), fd);
	if (system(line)) {
		close(fd);
		skip();
	}
	return fd;
}

static struct Volume look(int fd)
{
	struct Volume v;

	assert_int_equal(volume_look(fd, &v), 0);
	return v;
}

/* XORs one byte, looks, puts it back. */
static bool unclean_with(int fd, uint64_t at, uint8_t bits)
{
	struct Volume v;
	uint8_t b;

	assert_int_equal(pread(fd, &b, 1, (off_t)at), 1);
	b ^= bits;
	assert_int_equal(pwrite(fd, &b, 1, (off_t)at), 1);
	v = look(fd);
	b ^= bits;
	assert_int_equal(pwrite(fd, &b, 1, (off_t)at), 1);
	return v.unclean;
}

struct Row {
	const char *command, *type;
	unsigned int width;
	uint64_t state;
	uint8_t bits;
};

static const struct Row rows[] = {
        {"mkfs.vfat -F 12 -s 64", "vfat", 0, 0x25, 1},
        {"mkfs.vfat -F 16", "vfat", 2, 0x25, 1},
        {"mkfs.vfat -F 32", "vfat", 4, 0x41, 1},
        {"mkfs.vfat -F 32 -S 4096", "vfat", 4, 0x41, 1},
        {"mkfs.exfat", "exfat", 0, 106, 2},
};

static void test_a_new_file_system_is_clean_and_known_by_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int fd = image(rows[i].command);
		struct Volume v = look(fd);

		close(fd);
		assert_non_null(v.type);
		assert_string_equal(v.type, rows[i].type);
		assert_int_equal(v.width, rows[i].width);
		assert_false(v.unclean);
	}
}

static void test_the_kernels_mark_in_the_first_sector_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int fd = image(rows[i].command);

		assert_true(unclean_with(fd, rows[i].state, rows[i].bits));
		assert_false(unclean_with(fd, rows[i].state, 0));
		close(fd);
	}
}

static void test_other_systems_mark_in_the_table_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int fd = image(rows[i].command);
		struct Volume v = look(fd);

		assert_int_equal(v.width != 0, v.entry != 0);
		if (v.width)
			assert_true(unclean_with(fd, v.entry + v.width - 1, v.width == 4 ? 0x08 : 0x80));
		close(fd);
	}
}

static void test_what_is_no_file_system_has_no_name_and_is_not_unclean(void **state)
{
	uint8_t sector[VOLUME_SECTOR];
	struct Volume v;

	(void)state;
	memset(sector, 0, sizeof(sector));
	volume_of(sector, &v);
	assert_null(v.type);
	memset(sector, 0xff, sizeof(sector));
	volume_of(sector, &v);
	assert_null(v.type);
	assert_false(v.unclean);
}

static void test_a_table_that_begins_beyond_the_end_is_not_looked_at(void **state)
{
	int fd = image("mkfs.vfat -F 32");
	const uint8_t far[2] = {0xff, 0xff};
	struct Volume v;

	(void)state;
	assert_int_equal(pwrite(fd, far, 2, 14), 2);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	v = look(fd);
	assert_int_equal(v.entry, 0xffffull * 512 + 4);
	assert_false(v.unclean);
	close(fd);
}

static void test_what_cannot_be_read_is_told(void **state)
{
	int fd = memfd_create("short", MFD_CLOEXEC);
	struct Volume v;

	(void)state;
	assert_int_equal(volume_look(fd, &v), -EIO);
	assert_null(v.type);
	close(fd);
	assert_int_equal(volume_look(-1, &v), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_new_file_system_is_clean_and_known_by_its_name),
	        cmocka_unit_test(test_the_kernels_mark_in_the_first_sector_is_seen),
	        cmocka_unit_test(test_other_systems_mark_in_the_table_is_seen),
	        cmocka_unit_test(test_what_is_no_file_system_has_no_name_and_is_not_unclean),
	        cmocka_unit_test(test_a_table_that_begins_beyond_the_end_is_not_looked_at),
	        cmocka_unit_test(test_what_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
