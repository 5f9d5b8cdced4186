/* SPDX-License-Identifier: Apache-2.0 */
/* What watch makes of a uevent's own words: the path of the device, out of which come the interface above it, its port and
   whether it is a whole disk. */
#include "sysfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *path = malloc(size + 1);
	char interface[LIMIT_PORT], port[LIMIT_PORT];
	uint8_t lun;

	if (!path)
		return 0;
	memcpy(path, data, size);
	path[size] = '\0';
	require(sysfs_name(path) >= path && !strchr(sysfs_name(path), '/'));
	if (!sysfs_is_disk(path, &lun))
		require(lun == 0);
	if (sysfs_is_interface(sysfs_name(path)))
		require(sysfs_port(sysfs_name(path), port) == 0);
	if (sysfs_interface_above(path, interface) == 0) {
		require(strlen(interface) < LIMIT_PORT && strstr(path, interface));
		require(sysfs_is_interface(interface) && sysfs_port(interface, port) == 0);
		/* a port is named by numbers, as it is joined to a path */
		require(*port && !port[strspn(port, "0123456789-.")] && !strncmp(interface, port, strlen(port)));
	}
	return 0;
}
