/* SPDX-License-Identifier: Apache-2.0 */
/* The child that has a file system mended: by the system's own tool, in the sandbox of tool.h. */
#include "fault.h"
#include "label.h"
#include "log.h"
#include "privs.h"
#include "str.h"
#include "tool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

/* What one round changes may show the next more to do; each ends with 1 when it has changed something, with 0
   when there was nothing to change. */
#define ROUNDS 10
/* What the largest stick needs; a table that claims to be larger than any must not take the terminal's
 * memory. */
#define MEMORY (1ull << 30)

struct MendRow {
	const char *type;
	const char *words[2];
};

static const struct MendRow rows[] = {
        {"vfat", {"/usr/sbin/fsck.vfat", "-a"}},
        {"exfat", {"/usr/sbin/fsck.exfat", "-a"}},
};

static const struct MendRow *mend_row(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(rows[i].type, type))
			return &rows[i];
	return NULL;
}

const char *mend_type(const char *type)
{
	const struct MendRow *row = mend_row(type);

	return row ? row->type : NULL;
}

static int rounds(const struct MountOrder *o, const struct Tool *t)
{
	int r = 1;

	for (int i = 0; i < ROUNDS && r == 1; i++)
		r = tool_run(o, t);
	return r;
}

/* The disk is held open: its number is nobody else's until the tool is through. 0: in order now. */
static int mend(const struct MountOrder *o, const struct MendRow *row)
{
	bool whole = !o->disk.partition[0];
	const char *name = whole ? o->disk.name : o->disk.partition;
	_cleanup_fd_ int disk = -1, node = -1, nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	char path[64];
	/* what it says has names of files in it */
	struct Tool tool = {
	        .words = {row->words[0], row->words[1], path}, .output = nowhere, .memory = MEMORY};
	int r;

	snprintf(path, sizeof(path), "/dev/%s", o->disk.name);
	disk = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (nowhere < 0 || disk < 0)
		return -errno;
	if (disk_is_same(disk, &o->disk))
		return -ENODEV;
	snprintf(path, sizeof(path), "/dev/%s", name);
	r = tool_dev();
	if (r >= 0)
		r = tool_node(o, name, o->disk.major, whole ? o->disk.minor : o->disk.partition_minor);
	if (r >= 0)
		r = rounds(o, &tool);
	if (r)
		return r;
	node = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (node < 0 || fsync(node))
		return -errno;
	return disk_is_same(disk, &o->disk) ? -ENODEV : 0;
}

void mend_and_exit(const struct MountOrder *o, const char *type)
{
	const struct MendRow *row = mend_row(type);
	sigset_t none;
	int r;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	r = row ? privs_no_haste() : -EINVAL;
	if (!r)
		r = mend(o, row);
	if (r < 0)
		log_error("%s cannot be mended: %s", o->disk.name, strerror(-r));
	else if (r)
		log_error("%s cannot be mended: %s ended with %d", o->disk.name, row->words[0], r);
	_exit(r ? 1 : 0);
}
