/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call of watch to libudev, sysfs and core's channel fails once while sticks are there, come, bind and
 * go. What is told may be less, or the process ends and core closes the gate; it is never something else than
 * what is there. Runs under umockdev-wrapper.
 */
#include "channel.h"
#include "watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <libudev.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <umockdev.h>

#include <cmocka.h>

#define HUB2  "/sys/devices/pci0000:00/0000:00:04.0/usb2"
#define STICK HUB2 "/2-1"
#define DISK  STICK "/2-1:1.0/host0/target0:0:0/0:0:0:0/block/sda"

/* Only the test bed uses GLib here, and it leaks (umockdev 0.17, add_device). */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libglib-2.0\n";
}

/* name, what is returned, the errno that goes with it */
#define CALLS(X)                                                     \
	X(udev_new, NULL, ENOMEM)                                    \
	X(udev_monitor_new_from_netlink, NULL, EAFNOSUPPORT)         \
	X(udev_monitor_filter_add_match_subsystem_devtype, -1, ENOMEM) \
	X(udev_monitor_set_receive_buffer_size, -1, EPERM)           \
	X(udev_monitor_enable_receiving, -1, EPERM)                  \
	X(udev_monitor_receive_device, NULL, ENOBUFS)                \
	X(udev_device_get_syspath, NULL, 0)                          \
	X(udev_device_get_property_value, NULL, 0)                   \
	X(udev_device_get_action, NULL, 0)                           \
	X(udev_device_get_devtype, NULL, 0)                          \
	X(open64, -1, EMFILE)                                        \
	X(openat64, -1, ENODEV)                                      \
	X(read, -1, EIO)                                             \
	X(readlinkat, -1, ENODEV)                                    \
	X(getdents64, -1, EIO)                                       \
	X(lseek64, -1, EIO)                                          \
	X(sendmsg, -1, ENOMEM)                                       \
	X(calloc, NULL, ENOMEM)                                      \
	X(reallocarray, NULL, ENOMEM)

#define CALL_ENUM(name, result, error) CALL_##name,
enum Call { CALLS(CALL_ENUM) _CALL_N };

struct CallRow {
	const char *name;
	int error;
};

#define CALL_ROW(name, result, error) {#name, error},
static const struct CallRow calls[_CALL_N] = {CALLS(CALL_ROW)};

struct Plan {
	bool on;
	enum Call call;
	unsigned int at; /* 0: only counted */
	bool happened;
	unsigned int seen[_CALL_N];
};

static struct Plan plan;

static bool fails(enum Call call)
{
	if (!plan.on || ++plan.seen[call] != plan.at || call != plan.call)
		return false;
	plan.happened = true;
	errno = calls[call].error;
	return true;
}

#define WRAP(type, name, failed, call, ...)        \
	type __real_##name(__VA_ARGS__);           \
	type __wrap_##name(__VA_ARGS__);           \
	type __wrap_##name(__VA_ARGS__)            \
	{                                          \
		if (fails(CALL_##name))            \
			return failed;             \
		return __real_##name call;         \
	}

WRAP(struct udev *, udev_new, NULL, (), void)
WRAP(struct udev_monitor *, udev_monitor_new_from_netlink, NULL, (u, n), struct udev *u, const char *n)
WRAP(int, udev_monitor_filter_add_match_subsystem_devtype, -1, (m, s, d), struct udev_monitor *m, const char *s,
	const char *d)
WRAP(int, udev_monitor_set_receive_buffer_size, -1, (m, n), struct udev_monitor *m, int n)
WRAP(int, udev_monitor_enable_receiving, -1, (m), struct udev_monitor *m)
WRAP(struct udev_device *, udev_monitor_receive_device, NULL, (m), struct udev_monitor *m)
WRAP(const char *, udev_device_get_syspath, NULL, (d), struct udev_device *d)
WRAP(const char *, udev_device_get_property_value, NULL, (d, k), struct udev_device *d, const char *k)
WRAP(const char *, udev_device_get_action, NULL, (d), struct udev_device *d)
WRAP(const char *, udev_device_get_devtype, NULL, (d), struct udev_device *d)
WRAP(ssize_t, read, -1, (fd, bytes, n), int fd, void *bytes, size_t n)
WRAP(ssize_t, readlinkat, -1, (d, p, b, n), int d, const char *p, char *b, size_t n)
WRAP(ssize_t, getdents64, -1, (d, b, n), int d, void *b, size_t n)
WRAP(off64_t, lseek64, -1, (d, at, from), int d, off64_t at, int from)
WRAP(ssize_t, sendmsg, -1, (fd, m, flags), int fd, const struct msghdr *m, int flags)
WRAP(void *, calloc, NULL, (n, size), size_t n, size_t size)
WRAP(void *, reallocarray, NULL, (p, n, size), void *p, size_t n, size_t size)

/* Nothing here makes a file: no mode. */
int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __real_openat64(int dir, const char *path, int flags, ...);
int __wrap_openat64(int dir, const char *path, int flags, ...);

int __wrap_open64(const char *path, int flags, ...)
{
	return fails(CALL_open64) ? -1 : __real_open64(path, flags);
}

int __wrap_openat64(int dir, const char *path, int flags, ...)
{
	return fails(CALL_openat64) ? -1 : __real_openat64(dir, path, flags);
}

struct Bench {
	UMockdevTestbed *bed;
	struct Monitor *monitor;
	struct Aliases *aliases;
	struct Watch watch;
	int core;
	size_t told[2]; /* USB_ADD, BLOCK_ADD */
};

/* The whole truth of the only stick there is; less is no longer it. */
static void check(struct Bench *b, const struct Message *m)
{
	const struct MsgUsbAdd *add = &m->body.USB_ADD;
	const struct MsgBlockAdd *disk = &m->body.BLOCK_ADD;
	bool strong = m->type == MSG_USB_ADD && add->identity.strength == IDENTITY_STRONG;

	b->told[0] += m->type == MSG_USB_ADD;
	b->told[1] += m->type == MSG_BLOCK_ADD;
	if (m->type == MSG_USB_ADD) {
		assert_string_equal(add->interface, "2-1:1.0");
		assert_int_equal(add->identity.storage_like, 1);
	}
	if (strong) {
		assert_int_equal(add->identity.serial_size, strlen("STICK-0001"));
		assert_memory_equal(add->identity.serial, "STICK-0001", strlen("STICK-0001"));
		assert_int_equal(add->identity.descriptors_size, 62);
		assert_int_equal(add->identity.vendor, 0x46f4);
		assert_int_equal(add->identity.composite, 0);
	}
	if (m->type == MSG_BLOCK_ADD) {
		assert_string_equal(disk->disk, "sda");
		assert_int_equal(disk->major, 8);
		assert_int_equal(disk->size, 65536 * 512);
	}
}

static void hear(struct Bench *b)
{
	struct Message m;
	bool on = plan.on;

	plan.on = false;
	while (channel_receive(b->core, &m) == 0) {
		check(b, &m);
		message_done(&m);
	}
	plan.on = on;
}

static int event(struct Bench *b, const char *path, const char *action)
{
	int r;

	plan.on = false;
	umockdev_testbed_uevent(b->bed, path, action);
	plan.on = true;
	r = watch_drain(&b->watch);
	hear(b);
	return r;
}

/* What process watch does from its start; ends at the first thing that it cannot go on from. */
static int live(struct Bench *b)
{
	static const struct {
		const char *path, *action;
	} events[] = {{STICK "/2-1:1.0", "bind"}, {DISK, "change"}, {DISK, "remove"}, {STICK "/2-1:1.0", "remove"},
		{STICK, "remove"}, {STICK, "add"}, {STICK "/2-1:1.0", "add"}, {DISK, "add"}};
	static const char table[] = "alias usb:v4971p8024d*dc*dsc*dp*ic*isc*ip*in* usb_storage\n";
	int r;

	plan.on = true;
	r = monitor_new(&b->monitor);
	if (r >= 0)
		r = aliases_new(&b->aliases);
	if (r >= 0)
		r = aliases_add_text(b->aliases, table, sizeof(table) - 1, false);
	b->watch.monitor = b->monitor;
	b->watch.aliases = b->aliases;
	if (r >= 0)
		r = watch_start(&b->watch);
	hear(b);
	for (size_t i = 0; i < ARRAY_SIZE(events) && r == 0; i++)
		r = event(b, events[i].path, events[i].action);
	plan.on = false;
	return r;
}

static int bench_run(struct Bench *b)
{
	int ends[2], r;

	*b = (struct Bench){.bed = umockdev_testbed_new()};
	assert_true(umockdev_testbed_add_from_file(b->bed, "tests/device/stick-open.umockdev", NULL));
	assert_int_equal(channel_pair(ends), 0);
	b->core = ends[0];
	assert_int_equal(fcntl(b->core, F_SETFL, O_NONBLOCK), 0);
	b->watch.channel = ends[1];
	r = live(b);
	watch_done(&b->watch);
	close(ends[0]);
	close(ends[1]);
	monitor_free(b->monitor);
	aliases_free(b->aliases);
	g_object_unref(b->bed);
	return r;
}

static void test_without_a_failure_all_of_it_is_told(void **state)
{
	struct Bench b;

	(void)state;
	plan = (struct Plan){};
	assert_int_equal(bench_run(&b), 0);
	assert_int_equal(b.told[0], 2);
	assert_true(b.told[1] >= 2);
	for (enum Call i = 0; i < _CALL_N; i++) {
		if (!plan.seen[i])
			print_error("%s is not called\n", calls[i].name);
		assert_int_not_equal(plan.seen[i], 0);
	}
}

static void test_no_call_that_fails_makes_watch_tell_what_is_not(void **state)
{
	unsigned int seen[_CALL_N], runs = 0, ended = 0;
	struct Bench b;

	(void)state;
	plan = (struct Plan){};
	assert_int_equal(bench_run(&b), 0);
	memcpy(seen, plan.seen, sizeof(seen));
	for (enum Call call = 0; call < _CALL_N; call++)
		for (unsigned int at = 1; at <= seen[call]; at++) {
			plan = (struct Plan){.call = call, .at = at};
			ended += bench_run(&b) != 0;
			runs++;
			if (!plan.happened)
				print_error("%s, call %u: did not come\n", calls[call].name, at);
			assert_true(plan.happened);
		}
	printf("%u calls failed, watch ended at %u of them\n", runs, ended);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_failure_all_of_it_is_told),
		cmocka_unit_test(test_no_call_that_fails_makes_watch_tell_what_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
