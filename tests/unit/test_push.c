/* SPDX-License-Identifier: Apache-2.0 */
/* A write that may hang, over a FIFO: opening one for writing waits until somebody reads. */
#include "push.h"

#include "clock.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#define LONG 60000 /* milliseconds: for what does not hang */

struct Fixture {
	char path[64];
	int dir;
};

static int set_up(void **state)
{
	struct Fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->path, sizeof(f->path), "/tmp/push.XXXXXX");
	assert_non_null(mkdtemp(f->path));
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY);
	assert_true(f->dir >= 0);
	assert_int_equal(mkfifoat(f->dir, "hangs", 0600), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct Fixture *f = *state;

	unlinkat(f->dir, "hangs", 0);
	unlinkat(f->dir, "file", 0);
	close(f->dir);
	assert_int_equal(rmdir(f->path), 0);
	free(f);
	return 0;
}

static void test_what_does_not_hang_is_written_and_its_outcome_told(void **state)
{
	struct Fixture *f = *state;
	int fd = openat(f->dir, "file", O_RDWR | O_CREAT, 0600);
	char text[4] = "";

	assert_int_equal(push_at(f->dir, "file", "1", LONG), 0);
	assert_int_equal(read(fd, text, sizeof(text)), 1);
	assert_string_equal(text, "1");
	close(fd);
	assert_int_equal(push_at(f->dir, "none", "1", LONG), -ENOENT);
}

static void test_what_hangs_is_left_in_time_and_done_all_the_same(void **state)
{
	struct Fixture *f = *state;
	int64_t start = clock_boot();
	struct pollfd p = {.events = POLLIN};
	char text[4] = "";

	assert_int_equal(push_at(f->dir, "hangs", "0", 50), -ETIMEDOUT);
	assert_true(clock_boot() - start >= 50);
	p.fd = openat(f->dir, "hangs", O_RDONLY | O_NONBLOCK);
	assert_true(p.fd >= 0);
	assert_int_equal(poll(&p, 1, LONG), 1);
	assert_int_equal(read(p.fd, text, sizeof(text)), 1);
	assert_string_equal(text, "0");
	/* the end of the writer: nothing of it is left open */
	assert_int_equal(poll(&p, 1, LONG), 1);
	assert_int_equal(read(p.fd, text, sizeof(text)), 0);
	close(p.fd);
}

static void test_what_is_written_and_where_need_not_outlive_the_wait(void **state)
{
	struct Fixture *f = *state;
	int dir = dup(f->dir), fd;
	char name[8] = "hangs", value[4] = "0", text[4] = "";
	struct pollfd p = {.events = POLLIN};

	assert_int_equal(push_at(dir, name, value, 1), -ETIMEDOUT);
	close(dir);
	memset(name, 'x', sizeof(name));
	memset(value, 'x', sizeof(value));
	fd = openat(f->dir, "hangs", O_RDONLY | O_NONBLOCK);
	p.fd = fd;
	assert_int_equal(poll(&p, 1, LONG), 1);
	assert_int_equal(read(fd, text, sizeof(text)), 1);
	assert_string_equal(text, "0");
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_does_not_hang_is_written_and_its_outcome_told),
	        TEST(what_hangs_is_left_in_time_and_done_all_the_same),
	        TEST(what_is_written_and_where_need_not_outlive_the_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
