/* SPDX-License-Identifier: Apache-2.0 */
/* A system that lives on a memory card keeps that slot: what carries a mounted system is never touched. */
#include "enforce.h"
#include "file.h"
#include "str.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#define DEPTH_MOST 8 /* dm over dm over … */

/* Where people have a card mounted while `enforce on` runs. */
static const char *const peoples[] = {"/media/", "/run/media/", "/mnt"};

static bool is_card(const char *disk, unsigned int depth);

static bool is_any_slave_card(const char *disk, unsigned int depth)
{
	_cleanup_free_ char *folder = NULL;
	const struct dirent *entry;
	bool found = false;
	DIR *dir;

	if (asprintf(&folder, "%s/slaves", disk) < 0)
		abort();
	dir = opendir(folder);
	while (dir && !found && (entry = readdir(dir))) {
		_cleanup_free_ char *slave = NULL;

		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&slave, "%s/%s", folder, entry->d_name) < 0)
			abort();
		found = is_card(slave, depth + 1);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* A block device's folder in sysfs: …/mmc0:aaaa/block/mmcblk0/mmcblk0p1, with the card's type beside `block`.
 */
static bool is_card(const char *disk, unsigned int depth)
{
	_cleanup_free_ char *path = realpath(disk, NULL);
	_cleanup_fd_ int card = -1;
	char type[16], *block = path ? strstr(path, "/block/") : NULL;

	if (!path || depth > DEPTH_MOST)
		return false;
	if (!strstr(path, "/mmc_host/") || !block)
		return is_any_slave_card(path, depth);
	*block = '\0';
	card = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return card >= 0 && file_read_text_at(card, "type", type, sizeof(type)) > 0 &&
	       !strncmp(type, "SD", 2);
}

static bool is_peoples(const char *mount_point)
{
	for (size_t i = 0; i < ARRAY_SIZE(peoples); i++)
		if (!strncmp(mount_point, peoples[i], strlen(peoples[i])))
			return true;
	return false;
}

bool enforce_system_on_card(void)
{
	_cleanup_free_ char *line = NULL;
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	bool found = false;
	size_t size = 0;

	while (mounts && !found && getline(&line, &size, mounts) > 0) {
		char disk[64], mount_point[PATH_MAX];
		unsigned int major, minor;

		if (sscanf(line, "%*u %*u %u:%u %*s %4095s", &major, &minor, mount_point) != 3 || !major ||
		        is_peoples(mount_point))
			continue;
		snprintf(disk, sizeof(disk), "/sys/dev/block/%u:%u", major, minor);
		found = is_card(disk, 0);
	}
	if (mounts)
		fclose(mounts);
	return found;
}
