/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The watch process' flow over devices as text. Runs under umockdev-wrapper; the recordings are of Debian's
 * kernel, made in the VM and cut by trim.py.
 */
#include "channel.h"
#include "watch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <umockdev.h>

#include <cmocka.h>

#define HUB2  "/sys/devices/pci0000:00/0000:00:04.0/usb2"
#define STICK HUB2 "/2-1"
#define PHONE "/sys/devices/pci0000:00/0000:00:04.0/usb1/1-5"
#define DISK  STICK "/2-1:1.0/host0/target0:0:0/0:0:0:0/block/sda"

/* Only the test bed uses GLib here, and it leaks (umockdev 0.17, add_device). */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libglib-2.0\n";
}

struct Rig {
	UMockdevTestbed *bed;
	struct Monitor *monitor;
	struct Aliases *aliases;
	struct Watch watch;
	int core; /* our end of the channel */
	struct Message m;
};

/* The kernel dropped events: said once, by the call after this is set. */
static bool events_lost;

int __real_monitor_receive(struct Monitor *m, struct Uevent *ret);
int __wrap_monitor_receive(struct Monitor *m, struct Uevent *ret);

int __wrap_monitor_receive(struct Monitor *m, struct Uevent *ret)
{
	if (events_lost) {
		events_lost = false;
		return MONITOR_LOST;
	}
	return __real_monitor_receive(m, ret);
}

/* The path of the event that waits; the test bed's own events are udev's, which say no such thing. */
static const char *next_added;

bool __wrap_monitor_next_added(struct Monitor *m, char *ret, size_t size);

bool __wrap_monitor_next_added(struct Monitor *m, char *ret, size_t size)
{
	const char *path = next_added;

	(void)m;
	next_added = NULL; /* it is received next */
	return path && snprintf(ret, size, "%s", path) < (int)size;
}

static int set_up(void **state)
{
	static const char table[] = "alias usb:v4971p8024d*dc*dsc*dp*ic*isc*ip*in* usb_storage\n";
	struct Rig *rig = calloc(1, sizeof(*rig));
	int ends[2];

	assert_non_null(rig);
	next_added = NULL;
	rig->bed = umockdev_testbed_new();
	assert_int_equal(monitor_new(&rig->monitor), 0);
	assert_int_equal(aliases_new(&rig->aliases), 0);
	assert_int_equal(aliases_add_text(rig->aliases, table, sizeof(table) - 1, false), 0);
	assert_int_equal(channel_pair(ends), 0);
	rig->core = ends[0];
	assert_int_equal(fcntl(rig->core, F_SETFL, O_NONBLOCK), 0);
	rig->watch = (struct Watch){.channel = ends[1], .aliases = rig->aliases, .monitor = rig->monitor};
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	struct Rig *rig = *state;

	message_done(&rig->m);
	watch_done(&rig->watch);
	close(rig->watch.channel);
	close(rig->core);
	monitor_free(rig->monitor);
	aliases_free(rig->aliases);
	g_object_unref(rig->bed);
	free(rig);
	return 0;
}

static void plug(struct Rig *rig, const char *recording)
{
	char path[256];
	struct Uevent e;

	snprintf(path, sizeof(path), "tests/device/%s.umockdev", recording);
	assert_true(umockdev_testbed_add_from_file(rig->bed, path, NULL));
	/* the test bed says `add` for each by itself; tests say what the kernel says */
	while (__real_monitor_receive(rig->monitor, &e) == 0)
		;
}

static void event(struct Rig *rig, const char *path, const char *action)
{
	umockdev_testbed_uevent(rig->bed, path, action);
	assert_int_equal(watch_drain(&rig->watch), 0);
}

static void start(struct Rig *rig)
{
	assert_int_equal(watch_start(&rig->watch), 0);
}

/* The next message, which must be of this type. */
static const union MessageBody *told(struct Rig *rig, enum MessageType type)
{
	int r;

	message_done(&rig->m);
	r = channel_receive(rig->core, &rig->m);
	if (r)
		fail_msg("nothing was told, %s was due (%d)", channel_name(type), r);
	if (rig->m.type != type)
		fail_msg("%s was told, %s was due", channel_name(rig->m.type), channel_name(type));
	return &rig->m.body;
}

static void told_nothing(struct Rig *rig)
{
	message_done(&rig->m);
	if (channel_receive(rig->core, &rig->m) != CHANNEL_AGAIN)
		fail_msg("%s was told, nothing was due", channel_name(rig->m.type));
}

/* What is there at the start, then that it was all. */
static const struct MsgUsbAdd *started_with(struct Rig *rig, const char *recording)
{
	plug(rig, recording);
	start(rig);
	return &told(rig, MSG_USB_ADD)->USB_ADD;
}

/* ------------------------------------------------------------------ what is there at the start */

static void test_with_nothing_there_ready_is_told_at_once(void **state)
{
	struct Rig *rig = *state;

	start(rig);
	assert_int_equal(told(rig, MSG_WATCH_READY)->WATCH_READY.rescan, 0);
	told_nothing(rig);
}

static void test_a_closed_stick_is_told_with_its_raw_bytes(void **state)
{
	static const uint8_t descriptors[] = {
	        0x12, 0x01, 0x00, 0x03, 0x00, 0x00, 0x00, 0x09, 0xF4, 0x46, 0x01, 0x00};
	struct Rig *rig = *state;
	const struct MsgUsbAdd *add = started_with(rig, "stick-closed");

	assert_string_equal(add->interface, "2-1:1.0");
	assert_string_equal(add->identity.port, "2-1");
	assert_int_equal(add->authorized, 0);
	assert_int_equal(add->coldplug, 1);
	assert_int_equal(add->busnum, 2);
	assert_int_equal(add->devnum, 2);
	assert_int_equal(add->identity.vendor, 0x46f4);
	assert_int_equal(add->identity.strength, IDENTITY_STRONG);
	assert_int_equal(add->identity.storage_like, 1);
	assert_int_equal(add->identity.composite, 0);
	assert_int_equal(add->identity.serial_size, strlen("STICK-0001"));
	assert_memory_equal(add->identity.serial, "STICK-0001", strlen("STICK-0001"));
	assert_int_equal(add->identity.descriptors_size, 62);
	assert_memory_equal(add->identity.descriptors, descriptors, sizeof(descriptors));
	told(rig, MSG_WATCH_READY);
	told_nothing(rig);
}

static void test_the_descriptors_handed_on_are_the_device_and_the_interface(void **state)
{
	struct Rig *rig = *state;
	char text[32];
	ssize_t n;
	int fd;

	(void)started_with(rig, "stick-closed");
	assert_int_equal(rig->m.n_fds, 2);
	fd = openat(rig->m.fds[0], "serial", O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text));
	assert_int_equal(n, 11);
	close(fd);
	fd = openat(rig->m.fds[1], "bInterfaceClass", O_RDONLY);
	assert_true(fd >= 0);
	close(fd);
}

static void test_a_stick_found_open_is_told_open_bound_and_with_its_disk(void **state)
{
	struct Rig *rig = *state;
	const struct MsgBlockAdd *disk;

	assert_int_equal(started_with(rig, "stick-open")->authorized, 1);
	assert_string_equal(told(rig, MSG_USB_BIND)->USB_BIND.driver, "usb-storage");
	disk = &told(rig, MSG_BLOCK_ADD)->BLOCK_ADD;
	assert_string_equal(disk->interface, "2-1:1.0");
	assert_string_equal(disk->disk, "sda");
	assert_string_equal(disk->partition, "sda1");
	assert_int_equal(disk->major, 8);
	assert_int_equal(disk->partition_minor, 1);
	assert_int_equal(disk->size, 65536 * 512);
	assert_int_equal(disk->diskseq, 2);
	assert_int_equal(disk->lun, 0);
	assert_int_equal(rig->m.n_fds, 1);
	told(rig, MSG_WATCH_READY);
	told_nothing(rig);
}

static void test_a_uas_stick_is_storage(void **state)
{
	const struct MsgUsbAdd *add = started_with(*state, "uas");

	assert_int_equal(add->identity.storage_like, 1);
	assert_int_equal(add->identity.composite, 0);
	assert_int_equal(add->identity.interfaces[0].protocol, 0x62);
}

static void test_a_hub_is_passed_over_and_the_stick_behind_it_told(void **state)
{
	struct Rig *rig = *state;

	assert_string_equal(started_with(rig, "hub-stick")->identity.port, "1-14.2");
	told(rig, MSG_WATCH_READY);
	told_nothing(rig);
}

static void test_a_keyboard_is_not_told(void **state)
{
	struct Rig *rig = *state;

	plug(rig, "keyboard");
	start(rig);
	told(rig, MSG_WATCH_READY);
	told_nothing(rig);
}

static void test_a_phone_is_told_as_storage(void **state)
{
	const struct MsgUsbAdd *add = started_with(*state, "phone");

	assert_int_equal(add->identity.storage_like, 1);
	assert_int_equal(add->identity.interfaces[0].class, 6);
}

static void test_half_a_composite_is_told_as_composite(void **state)
{
	struct Rig *rig = *state;
	const struct MsgUsbAdd *add = started_with(rig, "composite");

	assert_string_equal(add->interface, "6-1:1.0");
	assert_int_equal(add->identity.composite, 1);
	told(rig, MSG_WATCH_READY);
	told_nothing(rig);
}

static void test_storage_behind_a_keyboards_class_is_told(void **state)
{
	const struct MsgUsbAdd *add = started_with(*state, "liar");

	assert_int_equal(add->identity.interfaces[0].class, 3);
	assert_int_equal(add->identity.storage_like, 1);
	assert_int_equal(add->identity.by_alias, 1);
}

static void test_a_stick_without_serial_is_told_so(void **state)
{
	const struct MsgUsbAdd *add = started_with(*state, "no-serial");

	assert_int_equal(add->identity.strength, IDENTITY_NO_SERIAL);
	assert_int_equal(add->identity.serial_size, 0);
}

static void test_a_placeholder_is_told_so(void **state)
{
	assert_int_equal(started_with(*state, "placeholder")->identity.strength, IDENTITY_PLACEHOLDER);
}

/* ------------------------------------------------------------------ hostile and unlucky */

static void descriptors_become(struct Rig *rig, const uint8_t *bytes, size_t n)
{
	char *root = umockdev_testbed_get_root_dir(rig->bed);
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s" STICK "/descriptors", root);
	g_free(root);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void test_descriptors_cut_short_are_told_malformed(void **state)
{
	struct Rig *rig = *state;
	const struct MsgUsbAdd *add;
	static const uint8_t cut[] = {18, 1, 0, 3, 0, 0, 0, 9, 0xf4, 0x46, 1, 0, 0, 0, 1, 2, 3, 1, 9, 2, 0x2c,
	        0, 1, 1, 6, 0xc0, 0, 9, 4, 0, 0, 2, 8, 6, 0x50, 0};

	plug(rig, "stick-closed");
	descriptors_become(rig, cut, sizeof(cut));
	start(rig);
	add = &told(rig, MSG_USB_ADD)->USB_ADD;
	assert_int_equal(add->identity.strength, IDENTITY_MALFORMED);
	assert_int_equal(add->identity.storage_like, 1);
}

static void test_descriptors_without_end_are_told_malformed(void **state)
{
	struct Rig *rig = *state;
	static uint8_t many[3 * LIMIT_DESCRIPTORS] = {18, 1, 0, 3, 0, 0, 0, 9, 0xf4, 0x46, 1, 0, 0, 0, 1, 2,
	        3, 1, 9, 2, 0xff, 0x2f, 1, 1, 6, 0xc0, 0, 9, 4, 0, 0, 2, 8, 6, 0x50, 0};
	const struct MsgUsbAdd *add;

	for (size_t i = 36; i + 3 <= sizeof(many); i += 3)
		memcpy(many + i, "\3\x24", 3);
	plug(rig, "stick-closed");
	descriptors_become(rig, many, sizeof(many));
	start(rig);
	add = &told(rig, MSG_USB_ADD)->USB_ADD;
	assert_int_equal(add->identity.strength, IDENTITY_MALFORMED);
	assert_int_equal(add->identity.descriptors_size, LIMIT_DESCRIPTORS);
	assert_int_equal(add->identity.storage_like, 1);
}

static void test_a_serial_without_end_is_told_malformed(void **state)
{
	struct Rig *rig = *state;
	char serial[2 * LIMIT_SERIAL];

	memset(serial, 'x', sizeof(serial));
	serial[0] = 'A';
	serial[sizeof(serial) - 1] = '\0';
	plug(rig, "stick-closed");
	umockdev_testbed_set_attribute(rig->bed, STICK, "serial", serial);
	start(rig);
	assert_int_equal(told(rig, MSG_USB_ADD)->USB_ADD.identity.strength, IDENTITY_MALFORMED);
}

static void test_an_interface_whose_sysfs_has_vanished_is_dropped(void **state)
{
	struct Rig *rig = *state;
	static const struct Uevent gone = {UEVENT_ADD, UEVENT_INTERFACE, STICK "/2-1:1.0", ""};
	static const struct Uevent disk = {UEVENT_ADD, UEVENT_DISK, DISK, ""};

	assert_int_equal(watch_event(&rig->watch, &gone), 0);
	assert_int_equal(watch_event(&rig->watch, &disk), 0);
	told_nothing(rig);
}

static void test_an_interface_that_loses_an_attribute_while_it_is_read_is_dropped(void **state)
{
	static const char *const attributes[] = {"descriptors", "busnum", "devnum"};
	struct Rig *rig = *state;
	char *root = umockdev_testbed_get_root_dir(rig->bed);

	plug(rig, "stick-closed");
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		char path[512], away[520];

		snprintf(path, sizeof(path), "%s" STICK "/%s", root, attributes[i]);
		snprintf(away, sizeof(away), "%s.away", path);
		assert_int_equal(rename(path, away), 0);
		event(rig, STICK "/2-1:1.0", "add");
		told_nothing(rig);
		assert_int_equal(rename(away, path), 0);
	}
	g_free(root);
	event(rig, STICK "/2-1:1.0", "add");
	told(rig, MSG_USB_ADD);
}

/* ------------------------------------------------------------------ as it happens */

static void test_plugging_and_unplugging_are_told_in_order(void **state)
{
	struct Rig *rig = *state;

	start(rig);
	told(rig, MSG_WATCH_READY);
	plug(rig, "stick-closed");
	event(rig, STICK, "add");
	assert_string_equal(told(rig, MSG_USB_EXPECT)->USB_EXPECT.interface, "2-1:1.0");
	told_nothing(rig);
	event(rig, STICK "/2-1:1.0", "add");
	assert_int_equal(told(rig, MSG_USB_ADD)->USB_ADD.coldplug, 0);
	event(rig, STICK "/2-1:1.0", "remove");
	assert_string_equal(told(rig, MSG_USB_REMOVE)->USB_REMOVE.name, "2-1:1.0");
	event(rig, STICK, "remove");
	told_nothing(rig);
}

/* The kernel has it, and udev has not yet let it have its interfaces. */
static const struct MsgUsbExpect *device_there(struct Rig *rig, const char *recording)
{
	start(rig);
	told(rig, MSG_WATCH_READY);
	plug(rig, recording);
	event(rig, STICK, "add");
	return &told(rig, MSG_USB_EXPECT)->USB_EXPECT;
}

static void test_a_device_with_storage_is_expected_as_what_its_interface_says_later(void **state)
{
	struct Rig *rig = *state;
	struct MsgUsbExpect expected = *device_there(rig, "stick-closed");
	const struct MsgUsbAdd *add;

	event(rig, STICK "/2-1:1.0", "add");
	add = &told(rig, MSG_USB_ADD)->USB_ADD;
	assert_string_equal(add->interface, expected.interface);
	assert_int_equal(add->busnum, expected.busnum);
	assert_int_equal(add->devnum, expected.devnum);
	assert_memory_equal(&add->identity, &expected.identity, sizeof(add->identity));
}

static void attribute_hides(struct Rig *rig, const char *name, bool hide)
{
	char *root = umockdev_testbed_get_root_dir(rig->bed);
	char path[512], away[520];

	snprintf(path, sizeof(path), "%s" STICK "/%s", root, name);
	snprintf(away, sizeof(away), "%s.away", path);
	g_free(root);
	assert_int_equal(hide ? rename(path, away) : rename(away, path), 0);
}

static void test_an_interface_that_is_awaited_is_told_before_it_is_read(void **state)
{
	struct Rig *rig = *state;

	(void)device_there(rig, "stick-closed");
	assert_int_equal(rig->m.n_fds, 1); /* the device's directory */
	next_added = STICK "/2-1:1.0";
	event(rig, STICK "/2-1:1.0", "add");
	assert_string_equal(told(rig, MSG_USB_CAME)->USB_CAME.interface, "2-1:1.0");
	told(rig, MSG_USB_ADD);
	told_nothing(rig);
	next_added = STICK "/2-1:1.0"; /* once more, and nobody awaits it */
	event(rig, STICK "/2-1:1.0", "add");
	told(rig, MSG_USB_ADD);
	told_nothing(rig);
}

/* Made and gone again before its event is read: core knows of the first and has to hear of its end. */
static void test_an_awaited_interface_that_is_gone_when_it_is_read_is_told_to_be_gone(void **state)
{
	struct Rig *rig = *state;

	(void)device_there(rig, "stick-closed");
	next_added = STICK "/2-1:1.0";
	attribute_hides(rig, "2-1:1.0/authorized", true);
	event(rig, STICK "/2-1:1.0", "add");
	told(rig, MSG_USB_CAME);
	told_nothing(rig);
	attribute_hides(rig, "2-1:1.0/authorized", false);
	event(rig, STICK "/2-1:1.0", "remove");
	assert_string_equal(told(rig, MSG_USB_REMOVE)->USB_REMOVE.name, "2-1:1.0");
	event(rig, STICK "/2-1:1.0", "add");
	told(rig, MSG_USB_ADD);
}

/* `serial` waits for the device's lock, which udev holds while it authorises. */
static void test_what_an_expected_device_said_is_not_read_again(void **state)
{
	struct Rig *rig = *state;

	(void)device_there(rig, "stick-closed");
	attribute_hides(rig, "descriptors", true);
	event(rig, STICK "/2-1:1.0", "add");
	assert_int_equal(told(rig, MSG_USB_ADD)->USB_ADD.identity.descriptors_size, 62);
	attribute_hides(rig, "descriptors", false);
}

static void test_another_device_in_the_port_of_an_expected_one_is_read_anew(void **state)
{
	struct Rig *rig = *state;
	const struct MsgUsbAdd *add;

	(void)device_there(rig, "stick-closed");
	umockdev_testbed_set_attribute(rig->bed, STICK, "devnum", "9");
	umockdev_testbed_set_attribute(rig->bed, STICK, "serial", "ANOTHER-ONE");
	event(rig, STICK "/2-1:1.0", "add");
	add = &told(rig, MSG_USB_ADD)->USB_ADD;
	assert_int_equal(add->devnum, 9);
	assert_memory_equal(add->identity.serial, "ANOTHER-ONE", strlen("ANOTHER-ONE"));
}

static void test_an_expected_device_that_goes_is_told(void **state)
{
	struct Rig *rig = *state;

	(void)device_there(rig, "stick-closed");
	event(rig, STICK, "add");
	told_nothing(rig);
	event(rig, STICK, "remove");
	assert_string_equal(told(rig, MSG_USB_REMOVE)->USB_REMOVE.name, "2-1");
	event(rig, STICK, "remove");
	told_nothing(rig);
}

static void test_a_device_that_is_known_is_not_expected_once_more(void **state)
{
	struct Rig *rig = *state;

	(void)started_with(rig, "stick-closed");
	told(rig, MSG_WATCH_READY);
	event(rig, STICK, "add");
	told_nothing(rig);
}

static void test_a_keyboard_is_not_expected(void **state)
{
	struct Rig *rig = *state;

	start(rig);
	told(rig, MSG_WATCH_READY);
	plug(rig, "keyboard");
	event(rig, "/sys/devices/pci0000:00/0000:00:04.0/usb1/1-6", "add");
	event(rig, HUB2, "add");
	told_nothing(rig);
}

static void test_a_device_with_two_configurations_is_not_expected(void **state)
{
	struct Rig *rig = *state;
	static const uint8_t two[] = {18, 1, 0, 2, 0, 0, 0, 64, 0xf4, 0x46, 1, 0, 0, 1, 1, 2, 3, 2,
	        /* one with a disk, one with another */
	        9, 2, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, 8, 6, 0x50, 4, 9, 2, 18, 0, 1, 2, 0, 0x80, 50,
	        9, 4, 0, 0, 0, 8, 6, 0x50, 4};

	start(rig);
	told(rig, MSG_WATCH_READY);
	plug(rig, "stick-closed");
	descriptors_become(rig, two, sizeof(two));
	event(rig, STICK, "add");
	told_nothing(rig);
}

static void test_more_devices_than_are_expected_are_told_with_their_interfaces(void **state)
{
	struct Rig *rig = *state;

	start(rig);
	told(rig, MSG_WATCH_READY);
	plug(rig, "stick-closed");
	for (size_t i = 0; i < EXPECTED_MOST; i++) {
		rig->watch.expected[i] = calloc(1, sizeof(*rig->watch.expected[i]));
		assert_non_null(rig->watch.expected[i]);
	}
	rig->watch.n_expected = EXPECTED_MOST;
	event(rig, STICK, "add");
	told_nothing(rig);
	event(rig, STICK "/2-1:1.0", "add");
	told(rig, MSG_USB_ADD);
}

static void test_after_lost_events_nothing_is_expected(void **state)
{
	struct Rig *rig = *state;

	(void)device_there(rig, "stick-closed");
	events_lost = true;
	assert_int_equal(watch_drain(&rig->watch), 0);
	assert_int_equal(rig->watch.n_expected, 0);
	told(rig, MSG_USB_ADD); /* the recording has its interface */
	told(rig, MSG_WATCH_READY);
	event(rig, STICK, "remove");
	assert_string_equal(told(rig, MSG_USB_REMOVE)->USB_REMOVE.name, "2-1:1.0");
	told_nothing(rig);
}

static void test_a_device_takes_the_interfaces_along_that_the_kernel_did_not_name(void **state)
{
	struct Rig *rig = *state;

	(void)started_with(rig, "stick-closed");
	told(rig, MSG_WATCH_READY);
	event(rig, STICK, "remove");
	assert_string_equal(told(rig, MSG_USB_REMOVE)->USB_REMOVE.name, "2-1:1.0");
	told_nothing(rig);
}

static void test_a_storage_driver_that_binds_is_told(void **state)
{
	struct Rig *rig = *state;

	(void)started_with(rig, "stick-closed");
	told(rig, MSG_WATCH_READY);
	umockdev_testbed_set_property(rig->bed, STICK "/2-1:1.0", "DRIVER", "uas");
	event(rig, STICK "/2-1:1.0", "bind");
	assert_string_equal(told(rig, MSG_USB_BIND)->USB_BIND.driver, "uas");
	told_nothing(rig);
}

static void test_another_driver_that_binds_is_not_told(void **state)
{
	struct Rig *rig = *state;

	plug(rig, "keyboard");
	start(rig);
	told(rig, MSG_WATCH_READY);
	umockdev_testbed_set_property(
	        rig->bed, "/sys/devices/pci0000:00/0000:00:04.0/usb1/1-6/1-6:1.0", "DRIVER", "usbhid");
	event(rig, "/sys/devices/pci0000:00/0000:00:04.0/usb1/1-6/1-6:1.0", "bind");
	told_nothing(rig);
}

/* echo VENDOR PRODUCT > /sys/bus/usb/drivers/usb-storage/new_id */
static void test_a_storage_driver_forced_on_a_keyboard_is_told_with_the_means_to_close_it(void **state)
{
	struct Rig *rig = *state;
	const struct MsgUsbAdd *add;

	plug(rig, "keyboard");
	start(rig);
	told(rig, MSG_WATCH_READY);
	umockdev_testbed_set_property(
	        rig->bed, "/sys/devices/pci0000:00/0000:00:04.0/usb1/1-6/1-6:1.0", "DRIVER", "usb-storage");
	event(rig, "/sys/devices/pci0000:00/0000:00:04.0/usb1/1-6/1-6:1.0", "bind");
	add = &told(rig, MSG_USB_ADD)->USB_ADD;
	assert_string_equal(add->interface, "1-6:1.0");
	assert_int_equal(add->identity.by_alias, 1);
	assert_int_equal(add->identity.storage_like, 1);
	assert_string_equal(told(rig, MSG_USB_BIND)->USB_BIND.interface, "1-6:1.0");
	told_nothing(rig);
}

static void test_mtp_under_a_class_of_its_own_is_told_by_its_name(void **state)
{
	struct Rig *rig = *state;
	static const uint8_t own[] = {18, 1, 0, 2, 0, 0, 0, 64, 0xd1, 0x18, 0xe1, 0x4e, 0, 1, 1, 2, 3, 1, 9,
	        2, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, 0xff, 0xff, 0, 4};
	const struct MsgUsbAdd *add;

	plug(rig, "stick-closed");
	descriptors_become(rig, own, sizeof(own));
	start(rig);
	told(rig, MSG_WATCH_READY);
	umockdev_testbed_set_attribute(rig->bed, STICK "/2-1:1.0", "interface", "MTP");
	event(rig, STICK "/2-1:1.0", "add");
	add = &told(rig, MSG_USB_ADD)->USB_ADD;
	assert_int_equal(add->identity.storage_like, 1);
	assert_int_equal(add->identity.by_alias, 1);
}

/* ------------------------------------------------------------------ disks */

static void disk_there(struct Rig *rig)
{
	(void)started_with(rig, "stick-open");
	told(rig, MSG_USB_BIND);
	told(rig, MSG_BLOCK_ADD);
	told(rig, MSG_WATCH_READY);
}

static void test_a_change_that_changes_nothing_is_not_told(void **state)
{
	struct Rig *rig = *state;

	disk_there(rig);
	event(rig, DISK, "change");
	event(rig, DISK "/sda1", "change");
	told_nothing(rig);
}

static void test_another_medium_in_the_same_reader_is_told(void **state)
{
	struct Rig *rig = *state;

	disk_there(rig);
	umockdev_testbed_set_attribute(rig->bed, DISK, "diskseq", "7");
	event(rig, DISK, "change");
	assert_int_equal(told(rig, MSG_BLOCK_ADD)->BLOCK_ADD.diskseq, 7);
}

static void test_a_disk_that_shrinks_to_nothing_is_gone_once(void **state)
{
	struct Rig *rig = *state;

	disk_there(rig);
	umockdev_testbed_set_attribute(rig->bed, DISK, "size", "0");
	event(rig, DISK "/sda1", "remove");
	assert_string_equal(told(rig, MSG_BLOCK_REMOVE)->BLOCK_REMOVE.disk, "sda");
	event(rig, DISK, "remove");
	told_nothing(rig);
	umockdev_testbed_set_attribute(rig->bed, DISK, "size", "4096");
	event(rig, DISK, "change");
	assert_int_equal(told(rig, MSG_BLOCK_ADD)->BLOCK_ADD.size, 4096 * 512);
}

static void test_a_partition_that_appears_is_told_with_its_disk(void **state)
{
	struct Rig *rig = *state;

	disk_there(rig);
	umockdev_testbed_remove_device(rig->bed, DISK "/sda1");
	event(rig, DISK, "change");
	assert_string_equal(told(rig, MSG_BLOCK_ADD)->BLOCK_ADD.partition, "");
	for (unsigned int n = 3; n >= 2; n--) {
		char name[8], number[8], dev[8];

		snprintf(name, sizeof(name), "sda%u", n);
		snprintf(number, sizeof(number), "%u", n);
		snprintf(dev, sizeof(dev), "8:%u", n);
		assert_non_null(umockdev_testbed_add_device(rig->bed, "block", name, DISK, "partition",
		        number, "dev", dev, NULL, "DEVTYPE", "partition", NULL));
		event(rig, DISK, "change");
		assert_string_equal(told(rig, MSG_BLOCK_ADD)->BLOCK_ADD.partition, name);
	}
	told_nothing(rig);
}

static void test_a_disk_that_is_not_below_usb_is_told_without_an_interface(void **state)
{
	struct Rig *rig = *state;

	umockdev_testbed_add_device(rig->bed, "block", "pci0000:00/block/vda", NULL, "size", "4096", "dev", "254:0", NULL,
	        "DEVTYPE", "disk", NULL);
	umockdev_testbed_add_device(rig->bed, "block", "pci0000:00/nvme/nvme0/nvme0n1", NULL, "size", "4096", "dev", "259:0",
	        NULL, "DEVTYPE", "disk", NULL);
	start(rig);
	for (int i = 0; i < 2; i++) {
		const struct MsgBlockAdd *disk = &told(rig, MSG_BLOCK_ADD)->BLOCK_ADD;

		assert_string_equal(disk->interface, "");
		assert_true(!strcmp(disk->disk, "vda") || !strcmp(disk->disk, "nvme0n1"));
	}
	told(rig, MSG_WATCH_READY);
	assert_int_equal(watch_drain(&rig->watch), 0); /* the test bed's own `add` of each: told again */
	told(rig, MSG_BLOCK_ADD);
	told(rig, MSG_BLOCK_ADD);
	event(rig, "/sys/devices/pci0000:00/block/vda", "change");
	told_nothing(rig);
}

static void test_a_loop_without_a_file_is_not_told(void **state)
{
	struct Rig *rig = *state;

	umockdev_testbed_add_device(rig->bed, "block", "virtual/block/loop0", NULL, "size", "0", "dev", "7:0", NULL, "DEVTYPE",
	        "disk", NULL);
	start(rig);
	told(rig, MSG_WATCH_READY);
	umockdev_testbed_set_attribute(rig->bed, "/sys/devices/virtual/block/loop0", "size", "8");
	event(rig, "/sys/devices/virtual/block/loop0", "change");
	assert_string_equal(told(rig, MSG_BLOCK_ADD)->BLOCK_ADD.disk, "loop0");
}

/* ------------------------------------------------------------------ lost events */

static void test_after_lost_events_everything_is_told_again_and_what_went_is_named(void **state)
{
	struct Rig *rig = *state;

	disk_there(rig);
	umockdev_testbed_remove_device(rig->bed, STICK);
	plug(rig, "phone");
	/* older than the scan: it must not undo what the scan tells */
	umockdev_testbed_uevent(rig->bed, PHONE "/1-5:1.0", "remove");
	events_lost = true;
	assert_int_equal(watch_drain(&rig->watch), 0);
	assert_string_equal(told(rig, MSG_BLOCK_REMOVE)->BLOCK_REMOVE.disk, "sda");
	assert_string_equal(told(rig, MSG_USB_REMOVE)->USB_REMOVE.name, "2-1:1.0");
	assert_string_equal(told(rig, MSG_USB_ADD)->USB_ADD.interface, "1-5:1.0");
	assert_int_equal(told(rig, MSG_WATCH_READY)->WATCH_READY.rescan, 1);
	told_nothing(rig);
	events_lost = true;
	assert_int_equal(watch_drain(&rig->watch), 0);
	told(rig, MSG_USB_ADD);
	assert_int_equal(told(rig, MSG_WATCH_READY)->WATCH_READY.rescan, 2);
}

static void test_when_core_is_gone_watch_ends(void **state)
{
	struct Rig *rig = *state;

	plug(rig, "stick-closed");
	close(rig->core);
	rig->core = open("/dev/null", O_RDONLY);
	assert_int_equal(watch_start(&rig->watch), CHANNEL_CLOSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(with_nothing_there_ready_is_told_at_once),
	        TEST(a_closed_stick_is_told_with_its_raw_bytes),
	        TEST(the_descriptors_handed_on_are_the_device_and_the_interface),
	        TEST(a_stick_found_open_is_told_open_bound_and_with_its_disk),
	        TEST(a_uas_stick_is_storage),
	        TEST(a_hub_is_passed_over_and_the_stick_behind_it_told),
	        TEST(a_keyboard_is_not_told),
	        TEST(a_phone_is_told_as_storage),
	        TEST(half_a_composite_is_told_as_composite),
	        TEST(storage_behind_a_keyboards_class_is_told),
	        TEST(a_stick_without_serial_is_told_so),
	        TEST(a_placeholder_is_told_so),
	        TEST(descriptors_cut_short_are_told_malformed),
	        TEST(descriptors_without_end_are_told_malformed),
	        TEST(a_serial_without_end_is_told_malformed),
	        TEST(an_interface_whose_sysfs_has_vanished_is_dropped),
	        TEST(an_interface_that_loses_an_attribute_while_it_is_read_is_dropped),
	        TEST(plugging_and_unplugging_are_told_in_order),
	        TEST(a_device_with_storage_is_expected_as_what_its_interface_says_later),
	        TEST(an_interface_that_is_awaited_is_told_before_it_is_read),
	        TEST(an_awaited_interface_that_is_gone_when_it_is_read_is_told_to_be_gone),
	        TEST(what_an_expected_device_said_is_not_read_again),
	        TEST(another_device_in_the_port_of_an_expected_one_is_read_anew),
	        TEST(an_expected_device_that_goes_is_told),
	        TEST(a_device_that_is_known_is_not_expected_once_more),
	        TEST(a_keyboard_is_not_expected),
	        TEST(a_device_with_two_configurations_is_not_expected),
	        TEST(more_devices_than_are_expected_are_told_with_their_interfaces),
	        TEST(after_lost_events_nothing_is_expected),
	        TEST(a_device_takes_the_interfaces_along_that_the_kernel_did_not_name),
	        TEST(a_storage_driver_that_binds_is_told),
	        TEST(another_driver_that_binds_is_not_told),
	        TEST(a_storage_driver_forced_on_a_keyboard_is_told_with_the_means_to_close_it),
	        TEST(mtp_under_a_class_of_its_own_is_told_by_its_name),
	        TEST(a_change_that_changes_nothing_is_not_told),
	        TEST(another_medium_in_the_same_reader_is_told),
	        TEST(a_disk_that_shrinks_to_nothing_is_gone_once),
	        TEST(a_partition_that_appears_is_told_with_its_disk),
	        TEST(a_disk_that_is_not_below_usb_is_told_without_an_interface),
	        TEST(a_loop_without_a_file_is_not_told),
	        TEST(after_lost_events_everything_is_told_again_and_what_went_is_named),
	        TEST(when_core_is_gone_watch_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
