/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's names say. */
#include "sysfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void test_interfaces_are_told_from_devices_and_root_hubs(void **state)
{
	static const char *const yes[] = {"2-1:1.0", "1-14.2:1.0", "3-1.4.2.1:2.13", "10-2:1.0"};
	static const char *const no[] = {"2-1", "usb1", "2-0:1.0", "10-0:1.0", "2-1:1", "2-:1.0", "-1:1.0",
	        "2:1.0-1", "2-1:1.0/x", "", ":", "2-1:1.0x", "0:0:0:0", "1-1.1.1.1.1.1.1.1.1.1.1.1.1.1:1.0"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		if (!sysfs_is_interface(yes[i]))
			fail_msg("%s is an interface", yes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		if (sysfs_is_interface(no[i]))
			fail_msg("%s is no interface", no[i]);
}

static void test_the_port_is_what_stands_before_the_colon(void **state)
{
	char port[LIMIT_PORT];

	(void)state;
	assert_int_equal(sysfs_port("1-14.2:1.0", port), 0);
	assert_string_equal(port, "1-14.2");
	assert_int_equal(sysfs_port("usb1", port), -EINVAL);
}

static void test_the_interface_above_a_disk_is_found(void **state)
{
	char interface[LIMIT_PORT];

	(void)state;
	assert_int_equal(sysfs_interface_above(
	                         "/sys/devices/pci0000:00/0000:00:04.0/usb1/1-14/1-14.2/1-14.2:1.0/host2/"
	                         "target2:0:0/2:0:0:0/block/sda",
	                         interface),
	        0);
	assert_string_equal(interface, "1-14.2:1.0");
	assert_int_equal(
	        sysfs_interface_above(
	                "/sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda",
	                interface),
	        -ENOENT);
	assert_int_equal(sysfs_interface_above("", interface), -ENOENT);
}

static void test_a_disk_is_told_from_its_partitions_with_its_unit(void **state)
{
	uint8_t lun = 9;

	(void)state;
	assert_true(sysfs_is_disk("/sys/devices/x/2-1:1.0/host2/target2:0:0/2:0:0:3/block/sdb", &lun));
	assert_int_equal(lun, 3);
	assert_true(sysfs_is_disk("/sys/devices/x/2-1:1.0/mmc0/mmc0:0001/block/mmcblk0", &lun));
	assert_int_equal(lun, 0);
	assert_true(sysfs_is_disk("/sys/devices/x/2:0:0:4000000/block/sdb", &lun));
	assert_int_equal(lun, UINT8_MAX);
	assert_false(sysfs_is_disk("/sys/devices/x/2:0:0:0/block/sda/sda1", &lun));
	assert_false(sysfs_is_disk("block/sda", &lun));
	assert_false(sysfs_is_disk("", &lun));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_interfaces_are_told_from_devices_and_root_hubs),
	        cmocka_unit_test(test_the_port_is_what_stands_before_the_colon),
	        cmocka_unit_test(test_the_interface_above_a_disk_is_found),
	        cmocka_unit_test(test_a_disk_is_told_from_its_partitions_with_its_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
