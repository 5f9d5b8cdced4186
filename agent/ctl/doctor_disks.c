/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the disks that the system lies on are on the list that the agent goes by. */
#include "dir.h"
#include "disks.h"
#include "doctor.h"
#include "file.h"
#include "mounts_walk.h"

#include <fcntl.h>
#include <linux/limits.h>

#define LIST   "/var/lib/mediagate/" DISKS_FILE
#define BLOCK  "/sys/block"
#define FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* True: it is as it should be. */
static bool disk_look(struct Doctor *d, const char *list, int dir, const char *name)
{
	char path[PATH_MAX], line[DISK_LINE];
	int r;

	if (disk_path(dir, path, sizeof(path)) >= 0 && disk_is_virtual(path))
		return true; /* what it lies on is looked at */
	r = mounts_carry_system(d->root[0] ? d->root : NULL, name);
	if (r > 0 && (disk_line(dir, line) < 0 || !disk_is_listed(list, line)))
		doctor_say(d, FINDING_DISK_UNLISTED, name);
	else if (r < 0)
		doctor_say(d, FINDING_DISK_UNKNOWN, name);
	else
		return true;
	return false;
}

void doctor_disks(struct Doctor *d)
{
	_cleanup_free_ char *at = doctor_path(d, LIST), *block = doctor_path(d, BLOCK);
	_cleanup_dir_ DIR *disks = opendir(block);
	const struct dirent *entry;
	char list[DISKS_SIZE];
	bool good = true;
	ssize_t n = file_read_text_at(AT_FDCWD, at, list, sizeof(list));

	if (n < 0) {
		doctor_say(d, n == -ENOENT ? FINDING_DISKS_NONE : FINDING_DISKS_UNTOLD, at);
		return;
	}
	if (!disks) {
		doctor_say(d, FINDING_DISKS_UNTOLD, block);
		return;
	}
	while ((entry = readdir(disks))) {
		_cleanup_fd_ int dir = entry->d_name[0] == '.' ? -1 : openat(dirfd(disks), entry->d_name, FOLDER);

		if (dir >= 0)
			good = disk_look(d, list, dir, entry->d_name) && good;
	}
	if (good)
		doctor_say(d, FINDING_DISKS, NULL);
}
