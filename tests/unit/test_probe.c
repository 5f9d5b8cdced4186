/* SPDX-License-Identifier: Apache-2.0 */
/* Disks that say what they are, and disks that do not: what wraps, what drops, what hides it in a cache. */
#include "probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include <cmocka.h>

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)

#define HELD 1024 /* more than any probe writes */

struct Block {
	uint64_t at;
	uint8_t bytes[PROBE_SIZE];
};

/* The disk: what it says, what it has, and what it does beyond. */
static struct {
	uint64_t size, real;
	bool wraps;	    /* beyond `real` it begins anew; otherwise that is dropped */
	size_t cache;	    /* so many of the last blocks are given back wherever they went */
	int64_t cost;	    /* milliseconds for each call */
	int64_t now;
	unsigned int calls, fail_at; /* 0: none fails */
	int error;
	bool synced;
	struct Block *held, *last;
	size_t n_held, n_last;
} disk;

static bool fails(void)
{
	disk.now += disk.cost;
	if (++disk.calls != disk.fail_at)
		return false;
	errno = disk.error;
	return true;
}

int64_t __wrap_clock_boot(void);
int64_t __wrap_clock_boot(void)
{
	return disk.now;
}

ssize_t __wrap_getrandom(void *bytes, size_t n, unsigned int flags);
ssize_t __wrap_getrandom(void *bytes, size_t n, unsigned int flags)
{
	(void)flags;
	if (fails())
		return -1;
	for (size_t i = 0; i < n; i++)
		((uint8_t *)bytes)[i] = (uint8_t)rand();
	return (ssize_t)n;
}

int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	(void)fd;
	disk.synced = true;
	return fails() ? -1 : 0;
}

static struct Block *block(struct Block *all, size_t n, uint64_t at)
{
	for (size_t i = n; i--;)
		if (all[i].at == at)
			return &all[i];
	return NULL;
}

static void put(struct Block *all, size_t *n, uint64_t at, const void *bytes)
{
	struct Block *b = block(all, *n, at);

	if (!b) {
		assert_true(*n < HELD);
		b = &all[(*n)++];
	}
	b->at = at;
	memcpy(b->bytes, bytes, PROBE_SIZE);
}

ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t n, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
	uint64_t to = (uint64_t)at;

	(void)fd;
	assert_int_equal(n, PROBE_SIZE);
	assert_int_equal((uintptr_t)bytes % PROBE_SIZE, 0); /* past the page cache */
	assert_int_equal(to % 512, 0);
	assert_true(to + n <= disk.size);
	assert_true(to >= PROBE_BASE || to + n == disk.size);
	assert_false(disk.synced);
	if (fails())
		return -1;
	put(disk.last, &disk.n_last, to, bytes);
	if (disk.wraps)
		to %= disk.real;
	if (to + n <= disk.real)
		put(disk.held, &disk.n_held, to, bytes);
	return (ssize_t)n;
}

ssize_t __wrap_pread64(int fd, void *bytes, size_t n, off_t at);
ssize_t __wrap_pread64(int fd, void *bytes, size_t n, off_t at)
{
	uint64_t from = (uint64_t)at;
	struct Block *b;

	(void)fd;
	assert_true(disk.synced);
	if (fails())
		return -1;
	b = block(disk.last, disk.n_last, from);
	if (!b || (size_t)(b - disk.last) + disk.cache < disk.n_last)
		b = block(disk.held, disk.n_held, disk.wraps ? from % disk.real : from);
	memset(bytes, 0, n);
	if (b)
		memcpy(bytes, b->bytes, n);
	return (ssize_t)n;
}

static void disk_make(uint64_t size, uint64_t real, bool wraps)
{
	struct Block *held = disk.held, *last = disk.last;

	memset(&disk, 0, sizeof(disk));
	disk.held = held;
	disk.last = last;
	disk.size = size;
	disk.real = real;
	disk.wraps = wraps;
}

static int probed(void)
{
	return probe_disk(3, disk.size, 20000);
}

static int disks_new(void **state)
{
	(void)state;
	disk.held = calloc(HELD, sizeof(*disk.held));
	disk.last = calloc(HELD, sizeof(*disk.last));
	return disk.held && disk.last ? 0 : -1;
}

static int disks_free(void **state)
{
	(void)state;
	free(disk.held);
	free(disk.last);
	return 0;
}

static const uint64_t sizes[] = {4 * KIB, 300 * KIB, MIB, 7 * MIB + 512, 16 * MIB, 500 * MIB, 4 * GIB - 512, 8 * GIB,
	15518924800, 32 * GIB, 512 * GIB, TIB, 2 * TIB};

static void test_a_disk_that_holds_what_it_says_passes_whatever_its_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		disk_make(sizes[i], sizes[i], false);
		assert_int_equal(probed(), 0);
		assert_in_range(disk.n_last, 1, 300);
	}
	disk_make(4095, 4095, false);
	assert_int_equal(probed(), -EINVAL);
}

static void test_a_disk_that_drops_what_is_beyond_its_size_is_found(void **state)
{
	(void)state;
	for (size_t i = 1; i < ARRAY_SIZE(sizes); i++) {
		const uint64_t reals[] = {0, sizes[i] / 2, sizes[i] / 3 * 2, sizes[i] - PROBE_SIZE, sizes[i] - 512};

		for (size_t k = 0; k < ARRAY_SIZE(reals); k++) {
			disk_make(sizes[i], reals[k], false);
			assert_int_equal(probed(), PROBE_LIES);
		}
	}
}

static void test_a_disk_that_wraps_at_a_power_of_two_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (uint64_t real = MIB; real + PROBE_BASE + PROBE_SIZE <= sizes[i]; real *= 2) {
			disk_make(sizes[i], real, true);
			if (probed() != PROBE_LIES)
				fail_msg("%ju of %ju", (uintmax_t)real, (uintmax_t)sizes[i]);
		}
}

static void test_a_disk_that_wraps_at_a_whole_part_is_found(void **state)
{
	static const struct {
		uint64_t size, unit;
	} disks[] = {{200 * MIB, MIB}, {16 * GIB, MIB}, {15518924800, MIB}, {64 * GIB, 4 * MIB}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(disks); i++) {
		uint64_t n = disks[i].size / disks[i].unit;

		/* the last of 128 parts is as good as whole */
		for (uint64_t k = 1; k < n - n / 100 - 14; k += 1 + n / 300) {
			disk_make(disks[i].size, k * disks[i].unit, true);
			if (probed() != PROBE_LIES)
				fail_msg("%ju parts of %ju", (uintmax_t)k, (uintmax_t)n);
		}
	}
}

static void test_a_cache_does_not_hide_it(void **state)
{
	(void)state;
	for (unsigned int wraps = 0; wraps < 2; wraps++) {
		disk_make(64 * GIB, 8 * GIB, wraps);
		disk.cache = 128; /* half a megabyte */
		assert_int_equal(probed(), PROBE_LIES);
	}
}

static void test_a_slow_disk_costs_its_time_and_no_more(void **state)
{
	(void)state;
	for (int64_t cost = 10; cost <= 3000; cost *= 3) {
		disk_make(64 * GIB, 64 * GIB, false);
		disk.cost = cost;
		assert_int_equal(probed(), 0);
		assert_in_range(disk.now, 1, 20000 + 8 * cost);
		/* and what is missing altogether is found in any time */
		disk_make(64 * GIB, 8 * GIB, false);
		disk.cost = cost;
		assert_int_equal(probed(), PROBE_LIES);
		disk_make(64 * GIB, GIB, true);
		disk.cost = MIN(cost, 300);
		assert_int_equal(probed(), PROBE_LIES);
	}
}

static void test_no_call_that_fails_passes_for_a_whole_disk(void **state)
{
	unsigned int calls;

	(void)state;
	disk_make(16 * MIB, 16 * MIB, false);
	assert_int_equal(probed(), 0);
	calls = disk.calls;
	assert_in_range(calls, 10, 100);
	for (unsigned int at = 1; at <= calls; at++) {
		disk_make(16 * MIB, 16 * MIB, false);
		disk.fail_at = at;
		disk.error = EIO;
		assert_int_equal(probed(), -EIO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_disk_that_holds_what_it_says_passes_whatever_its_size),
		cmocka_unit_test(test_a_disk_that_drops_what_is_beyond_its_size_is_found),
		cmocka_unit_test(test_a_disk_that_wraps_at_a_power_of_two_is_found),
		cmocka_unit_test(test_a_disk_that_wraps_at_a_whole_part_is_found),
		cmocka_unit_test(test_a_cache_does_not_hide_it),
		cmocka_unit_test(test_a_slow_disk_costs_its_time_and_no_more),
		cmocka_unit_test(test_no_call_that_fails_passes_for_a_whole_disk),
	};

	return cmocka_run_group_tests(tests, disks_new, disks_free);
}
