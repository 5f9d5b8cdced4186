/* SPDX-License-Identifier: Apache-2.0 */
/* The slots of a disk, and what a label is after a write that broke off: a file stands in for the disk. */
#include "channel.h"
#include "confine.h"
#include "fault.h"
#include "label_io.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <cmocka.h>

/* What the wrapped calls do; everything else goes through. */
static struct {
	ssize_t cut;  /* a write ends after so many bytes; -1: it does not */
	int write_error, sync_error, read_error;
	bool lies;    /* the medium says yes and keeps the old bytes */
	off_t last_write;
	unsigned int syncs;
} medium;

ssize_t __real_pread64(int fd, void *bytes, size_t n, off_t at);
ssize_t __real_pwrite64(int fd, const void *bytes, size_t n, off_t at);
ssize_t __wrap_pread64(int fd, void *bytes, size_t n, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t n, off_t at);
ssize_t __wrap_pread(int fd, void *bytes, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t n, off_t at);
int __wrap_fsync(int fd);

ssize_t __wrap_pread64(int fd, void *bytes, size_t n, off_t at)
{
	if (medium.read_error) {
		errno = medium.read_error;
		return -1;
	}
	return __real_pread64(fd, bytes, n, at);
}

ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
	medium.last_write = at;
	if (medium.write_error) {
		errno = medium.write_error;
		return -1;
	}
	if (medium.lies)
		return (ssize_t)n;
	return __real_pwrite64(fd, bytes, medium.cut < 0 ? n : (size_t)medium.cut, at);
}

ssize_t __wrap_pread(int fd, void *bytes, size_t n, off_t at)
{
	return __wrap_pread64(fd, bytes, n, at);
}

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	return __wrap_pwrite64(fd, bytes, n, at);
}

int __wrap_fsync(int fd _unused_)
{
	medium.syncs++;
	errno = medium.sync_error;
	return medium.sync_error ? -1 : 0;
}

static int disk_new(void **state)
{
	static int fd;

	memset(&medium, 0, sizeof(medium));
	medium.cut = -1;
	fd = memfd_create("disk", MFD_CLOEXEC);
	assert_true(fd >= 0 && ftruncate(fd, 1 << 20) == 0);
	*state = &fd;
	return 0;
}

static int disk_free(void **state)
{
	close(*(int *)*state);
	return 0;
}

static void fill(struct LabelBuffer *b, uint8_t byte)
{
	memset(b->bytes, byte, sizeof(b->bytes));
}

static void test_a_slot_is_written_synced_and_read_back(void **state)
{
	static struct LabelBuffer b, back;
	int fd = *(int *)*state;

	for (unsigned int slot = 0; slot < LABEL_SLOTS; slot++) {
		fill(&b, (uint8_t)(slot + 1));
		assert_int_equal(label_write(fd, slot, &b), 0);
		assert_int_equal(medium.last_write, 524288 + 4096 * (off_t)slot);
		assert_int_equal(medium.syncs, slot + 1);
	}
	for (unsigned int slot = 0; slot < LABEL_SLOTS; slot++) {
		assert_int_equal(label_read(fd, slot, &back), 0);
		fill(&b, (uint8_t)(slot + 1));
		assert_memory_equal(back.bytes, b.bytes, LABEL_SIZE);
	}
	/* nothing but the slots was touched */
	assert_int_equal(__real_pread64(fd, b.bytes, 1, LABEL_OFFSET - 1), 1);
	assert_int_equal(b.bytes[0], 0);
	assert_int_equal(__real_pread64(fd, b.bytes, 1, LABEL_END), 1);
	assert_int_equal(b.bytes[0], 0);
}

static void test_a_write_that_breaks_off_leaves_the_other_slot_whole(void **state)
{
	static struct LabelBuffer b, back;
	int fd = *(int *)*state;

	fill(&b, 1);
	assert_int_equal(label_write(fd, 0, &b), 0);
	for (medium.cut = 0; medium.cut < LABEL_SIZE; medium.cut += 512) {
		fill(&b, 2);
		assert_int_equal(label_write(fd, 1, &b), FAULT_MEDIUM_ERROR);
		assert_int_equal(label_read(fd, 0, &back), 0);
		fill(&b, 1);
		assert_memory_equal(back.bytes, b.bytes, LABEL_SIZE);
	}
}

static void test_every_failing_call_is_a_fault(void **state)
{
	static struct LabelBuffer b;
	int fd = *(int *)*state, *const errors[] = {&medium.write_error, &medium.sync_error, &medium.read_error};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		*errors[i] = EIO;
		assert_int_equal(label_write(fd, 0, &b), FAULT_MEDIUM_ERROR);
		*errors[i] = ENODEV;
		assert_int_equal(label_write(fd, 0, &b), FAULT_MEDIUM_GONE);
		*errors[i] = 0;
	}
	assert_int_equal(label_write(fd, 0, &b), 0);
}

static void test_a_medium_that_keeps_its_old_bytes_is_found_out(void **state)
{
	static struct LabelBuffer b;

	medium.lies = true;
	fill(&b, 7);
	assert_int_equal(label_write(*(int *)*state, 0, &b), FAULT_MEDIUM_ERROR);
}

/* One order in a child of its own, in its filter; the answers. */
static int serve_once(int disk, const struct MsgLabelOrder *order, struct Message *ret, size_t *ret_n)
{
	int pair[2], status, r;
	pid_t pid;

	assert_int_equal(channel_pair(pair), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(pair[0]);
		if (label_confine() < 0)
			_exit(9);
		_exit(label_serve(pair[1], disk) < 0);
	}
	close(pair[1]);
	assert_int_equal(channel_send(pair[0], MSG_LABEL_ORDER, order, NULL, 0), 0);
	for (*ret_n = 0; *ret_n < 3; ++*ret_n) {
		r = channel_receive(pair[0], &ret[*ret_n]);
		if (r)
			break;
	}
	close(pair[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_orders_are_served_in_the_filter(void **state)
{
	static struct MsgLabelOrder order = {.write = 1, .slot = 1, .bytes = {9, 8, 7}};
	static struct Message m[3];
	size_t n;

	assert_int_equal(serve_once(*(int *)*state, &order, m, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(m[0].type, MSG_LABEL_DONE);
	assert_int_equal(m[0].body.LABEL_DONE.fault, 0);
	order.write = 0;
	assert_int_equal(serve_once(*(int *)*state, &order, m, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(m[0].body.LABEL_SLOT.slot, 0);
	assert_int_equal(m[1].body.LABEL_SLOT.slot, 1);
	assert_int_equal(m[1].body.LABEL_SLOT.bytes[1], 8);
	assert_int_equal(m[2].type, MSG_LABEL_DONE);
	order.slot = 2;
	assert_int_not_equal(serve_once(*(int *)*state, &order, m, &n), 0);
	assert_int_equal(n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, disk_new, disk_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_slot_is_written_synced_and_read_back),
		TEST(a_write_that_breaks_off_leaves_the_other_slot_whole),
		TEST(every_failing_call_is_a_fault),
		TEST(a_medium_that_keeps_its_old_bytes_is_found_out),
		TEST(orders_are_served_in_the_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
