/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody with the right to mounts a medium by hand. Jobs mount in namespaces that nobody sees, so any mount of a medium
 * that is seen is foreign: its port is closed, which takes the disk away, and stays so until it is unplugged.
 */
#include "core.h"
#include "log.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>

#define MOUNTS "/proc/self/mountinfo"

static int foreign_mount(struct Core *core, struct Device *d)
{
	struct Record r;
	int e;

	log_warning("device %s: mounted by hand", d->interface);
	d->pinned = FAULT_FOREIGN_MOUNT;
	record_start(&r, RECORD_TAMPER, RESULT_DONE);
	r.reason = FAULT_FOREIGN_MOUNT;
	device_describe(d, &r);
	record_text(&r, KEY_INTERFACE, d->interface);
	e = ledger_append(core, &r, WANT_DURABLE, NULL, 0);
	return e < 0 ? e : device_flow_close(core, d, FAULT_FOREIGN_MOUNT);
}

/* …/block/sda, …/block/sda/sda2 */
static bool is_on_disk(const char *path, const char *disk)
{
	const char *at = strstr(path, "/block/");
	size_t n = strlen(disk);

	return at && n && !strncmp(at + 7, disk, n) && (at[7 + n] == '\0' || at[7 + n] == '/');
}

int mounts_judge(struct Core *core, const char *path)
{
	for (struct Device *d = core->devices.first; d; d = d->next)
		if (d->pinned != FAULT_FOREIGN_MOUNT && is_on_disk(path, d->disk.name))
			return foreign_mount(core, d);
	return 0;
}

static int number_judge(struct Core *core, unsigned int major, unsigned int minor)
{
	char name[64], path[PATH_MAX];
	ssize_t n;

	snprintf(name, sizeof(name), "/sys/dev/block/%u:%u", major, minor);
	n = readlink(name, path, sizeof(path) - 1);
	if (n <= 0)
		return 0; /* no disk of this machine, or gone already */
	path[n] = '\0';
	return mounts_judge(core, path);
}

int mounts_look(struct Core *core)
{
	_cleanup_free_ char *line = NULL;
	FILE *mounts = fopen(MOUNTS, "re");
	size_t size = 0;
	int r = mounts ? 0 : -errno;

	/* the third field; what follows is written by whoever mounts, and is not read */
	while (r >= 0 && getline(&line, &size, mounts) > 0) {
		unsigned int major, minor;

		if (sscanf(line, "%*u %*u %u:%u ", &major, &minor) == 2 && major)
			r = number_judge(core, major, minor);
	}
	if (mounts)
		fclose(mounts);
	return r;
}

static int mounts_changed(void *owner, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	return mounts_look(owner);
}

int mounts_open(struct Core *core)
{
	core->mounts_fd = open(MOUNTS, O_RDONLY | O_CLOEXEC);
	if (core->mounts_fd < 0)
		return -errno;
	return dispatch_add(core->dispatch, core->mounts_fd, EPOLLPRI, mounts_changed, core);
}
