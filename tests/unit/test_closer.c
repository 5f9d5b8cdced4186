/* SPDX-License-Identifier: Apache-2.0 */
/* The last one out, over a folder that looks like /sys/bus/usb/devices. */
#include "closer.h"

#include "clock.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

static int writes_that_fail;
static int hangs; /* the next write waits until this descriptor can be read; 0: it does not */

int __real_file_write_at(int dir, const char *name, const char *text);
int __wrap_file_write_at(int dir, const char *name, const char *text);

int __wrap_file_write_at(int dir, const char *name, const char *text)
{
	if (hangs) {
		int fd = hangs;
		char c;

		hangs = 0;
		(void)!read(fd, &c, 1);
	}
	if (writes_that_fail) {
		writes_that_fail--;
		return -EIO;
	}
	return __real_file_write_at(dir, name, text);
}

struct Fixture {
	char path[64];
	int dir;
	char said[256];
};

static int set_up(void **state)
{
	struct Fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->path, "/tmp/test-closer.XXXXXX");
	assert_non_null(mkdtemp(f->path));
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY);
	assert_true(f->dir >= 0);
	*state = f;
	return 0;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int tear_down(void **state)
{
	struct Fixture *f = *state;

	close(f->dir);
	nftw(f->path, drop, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

static void put(struct Fixture *f, const char *name, const char *attribute, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", f->path, name);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s/%s", f->path, name, attribute);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void interface(
        struct Fixture *f, const char *name, const char *class, const char *driver, const char *authorized)
{
	char path[256], target[64];

	put(f, name, "bInterfaceClass", class);
	put(f, name, "authorized", authorized);
	if (!driver)
		return;
	snprintf(path, sizeof(path), "%s/%s/driver", f->path, name);
	snprintf(target, sizeof(target), "../drivers/%s", driver);
	assert_int_equal(symlink(target, path), 0);
}

static char authorized(struct Fixture *f, const char *name)
{
	char path[256];
	FILE *file;
	int c;

	snprintf(path, sizeof(path), "%s/%s/authorized", f->path, name);
	file = fopen(path, "r");
	assert_non_null(file);
	c = fgetc(file);
	fclose(file);
	return (char)c;
}

static void said(void *owner, const char *name, int r)
{
	struct Fixture *f = owner;
	size_t n = strlen(f->said);

	snprintf(f->said + n, sizeof(f->said) - n, "%s:%d ", name, r);
}

static void test_storage_is_closed_by_class_and_by_driver(void **state)
{
	struct Fixture *f = *state;

	interface(f, "2-1:1.0", "08\n", "usb-storage", "1\n");
	interface(f, "2-2:1.0", "06\n", NULL, "1\n");
	interface(f, "2-3:1.0", "03\n", "ums-karma", "1\n");
	interface(f, "2-4:1.0", "ff\n", "uas", "1\n");
	assert_int_equal(closer_close(f->dir, said, f), 0);
	assert_int_equal(authorized(f, "2-1:1.0"), '0');
	assert_int_equal(authorized(f, "2-2:1.0"), '0');
	assert_int_equal(authorized(f, "2-3:1.0"), '0');
	assert_int_equal(authorized(f, "2-4:1.0"), '0');
	assert_int_equal(strlen(f->said), 4 * strlen("2-1:1.0:0 "));
}

static void test_a_device_that_does_not_answer_keeps_no_other_open(void **state)
{
	static const char *const names[] = {"2-1:1.0", "2-2:1.0"};
	struct Fixture *f = *state;
	struct timespec pause = {.tv_nsec = 5000000};
	int64_t start = clock_boot();
	int ends[2], open_still = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		interface(f, names[i], "08\n", "usb-storage", "1\n");
	assert_int_equal(pipe(ends), 0);
	hangs = ends[0];
	assert_int_equal(closer_close(f->dir, said, f), 1);
	assert_true(clock_boot() - start >= 1000);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		open_still += authorized(f, names[i]) == '1';
	assert_int_equal(open_still, 1);
	assert_non_null(strstr(f->said, ":-110 ")); /* ETIMEDOUT, told as what it is */
	close(ends[1]); /* its driver gives up */
	for (int i = 0; open_still && i < 12000; i++, nanosleep(&pause, NULL))
		open_still = authorized(f, names[0]) == '1' || authorized(f, names[1]) == '1';
	assert_int_equal(open_still, 0);
	close(ends[0]);
}

static void test_keyboards_hubs_devices_and_root_hubs_are_never_touched(void **state)
{
	struct Fixture *f = *state;

	interface(f, "1-1:1.0", "03\n", "usbhid", "1\n");
	interface(f, "1-2:1.0", "09\n", "hub", "1\n");
	interface(f, "1-0:1.0", "08\n", "usb-storage", "1\n"); /* a root hub's own, whatever it says */
	interface(f, "usb1", "08\n", "usb-storage", "1\n");
	interface(f, "2-1", "08\n", "usb-storage", "1\n");
	assert_int_equal(closer_close(f->dir, said, f), 0);
	assert_int_equal(authorized(f, "1-1:1.0"), '1');
	assert_int_equal(authorized(f, "1-2:1.0"), '1');
	assert_int_equal(authorized(f, "1-0:1.0"), '1');
	assert_int_equal(authorized(f, "usb1"), '1');
	assert_int_equal(authorized(f, "2-1"), '1');
	assert_string_equal(f->said, "");
}

static void test_what_is_closed_already_is_not_mentioned(void **state)
{
	struct Fixture *f = *state;

	interface(f, "2-1:1.0", "08\n", NULL, "0\n");
	assert_int_equal(closer_close(f->dir, said, f), 0);
	assert_string_equal(f->said, "");
}

static void test_what_cannot_be_closed_is_said_and_the_rest_is_closed(void **state)
{
	struct Fixture *f = *state;

	interface(f, "2-1:1.0", "08\n", NULL, "1\n");
	interface(f, "2-2:1.0", "08\n", NULL, "1\n");
	writes_that_fail = 1;
	assert_int_equal(closer_close(f->dir, said, f), 1);
	assert_int_not_equal(authorized(f, "2-1:1.0"), authorized(f, "2-2:1.0"));
	assert_non_null(strstr(f->said, ":-5 "));
	assert_non_null(strstr(f->said, ":0 "));
}

/* ------------------------------------------------------------------ jobs */

#define SOMEBODY 60123

static pid_t job(bool ends)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGTERM, SIG_IGN);
		if (setgid(SOMEBODY) || setuid(SOMEBODY) || write(ready[1], "x", 1) != 1)
			_exit(1);
		if (ends) {
			usleep(100000); /* a job that is still syncing */
			_exit(0);
		}
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void test_jobs_that_end_are_waited_for_and_not_killed(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = job(true);
	assert_int_equal(closer_wait(SOMEBODY, 10000), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
}

static void test_jobs_that_do_not_end_are_killed(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = job(false);
	assert_int_equal(closer_wait(SOMEBODY, 50), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void test_without_jobs_nothing_is_waited_for(void **state)
{
	(void)state;
	assert_int_equal(closer_wait(SOMEBODY + 1, 1000000), 0);
}

static void test_no_mark_of_observe_mode_is_left(void **state)
{
	struct Fixture *f = *state;
	int marks;

	assert_return_code(mkdirat(f->dir, "observe", 0700), errno);
	marks = openat(f->dir, "observe", O_RDONLY | O_DIRECTORY);
	close(openat(marks, "usb-1-2", O_WRONLY | O_CREAT, 0600));
	close(openat(marks, "usb-1-2:1.0", O_WRONLY | O_CREAT, 0600));
	assert_int_equal(faccessat(marks, "usb-1-2:1.0", F_OK, 0), 0);
	assert_int_equal(closer_unmark(marks), 0);
	assert_int_not_equal(faccessat(marks, "usb-1-2", F_OK, 0), 0);
	assert_int_not_equal(faccessat(marks, "usb-1-2:1.0", F_OK, 0), 0);
	assert_int_equal(closer_unmark(marks), 0);
	close(marks);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(storage_is_closed_by_class_and_by_driver),
	        TEST(a_device_that_does_not_answer_keeps_no_other_open),
	        TEST(keyboards_hubs_devices_and_root_hubs_are_never_touched),
	        TEST(what_is_closed_already_is_not_mentioned),
	        TEST(what_cannot_be_closed_is_said_and_the_rest_is_closed),
	        TEST(jobs_that_end_are_waited_for_and_not_killed),
	        TEST(jobs_that_do_not_end_are_killed),
	        TEST(without_jobs_nothing_is_waited_for),
	        TEST(no_mark_of_observe_mode_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
