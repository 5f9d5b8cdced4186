/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `register --prepare`: one partition from 1 MiB on and a file system in it, made by sfdisk and mkfs.
 * The tools run as the jobs' user, without a capability, in a /dev that holds the one disk alone.
 */
#include "confine.h"
#include "fault.h"
#include "job.h"
#include "log.h"
#include "privs.h"
#include "str.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

struct PrepareRow {
	const char *type;
	const char *table; /* sfdisk's script */
	const char *tool[6];
};

static const struct PrepareRow rows[] = {
	{"vfat", "label: dos\nstart=2048, type=c\n", {"/usr/sbin/mkfs.vfat", "-F", "32", "-n", "MEDIAGATE"}},
	{"exfat", "label: dos\nstart=2048, type=7\n", {"/usr/sbin/mkfs.exfat", "-L", "MEDIAGATE"}},
};

static const struct PrepareRow *prepare_row(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(rows[i].type, type))
			return &rows[i];
	return NULL;
}

static int make_node(const struct MountOrder *o, const char *name, uint32_t major, uint32_t minor)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s", name);
	/* the tools own it; root, without leave to override modes, gets at it by its group */
	if (mknod(path, S_IFBLK | 0600, makedev(major, minor)) || chmod(path, 0660) || chown(path, o->uid, 0))
		return -errno;
	return 0;
}

static int private_dev(const struct MountOrder *o)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC))
		return -errno;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	if (mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k"))
		return -errno;
	return make_node(o, o->disk.name, o->disk.major, o->disk.minor);
}

/* Runs one tool to its end as the jobs' user; `input` is its standard input. */
static int run_tool(const struct MountOrder *o, const char *const *arguments, const char *input)
{
	char *const environment[] = {(char[]){"PATH=/usr/sbin:/usr/bin"}, (char[]){"LC_ALL=C"}, NULL};
	int in[2], status;
	size_t n = strlen(input);
	pid_t pid;

	if (pipe2(in, O_CLOEXEC))
		return -errno;
	if (write(in[1], input, n) != (ssize_t)n)
		return -EIO;
	close(in[1]);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		char *copy[8] = {};

		memcpy(copy, arguments, sizeof(char *) * 7);
		if (dup2(in[0], 0) < 0 || close_range(3, ~0u, 0) || privs_drop(o->uid, o->gid, 64) < 0 ||
			tools_confine() < 0)
			_exit(126);
		execve(copy[0], copy, environment);
		_exit(127);
	}
	close(in[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* The kernel reads the new table; the first partition's number comes back. */
static int reread_table(const struct MountOrder *o, uint32_t *ret_major, uint32_t *ret_minor)
{
	char path[128], text[32];
	_cleanup_fd_ int fd = -1, dev = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/dev/%s", o->disk.name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	/* udev may hold the disk for a moment after the table was written */
	for (int i = 0; fd >= 0 && ioctl(fd, BLKRRPART); i++) {
		if (errno != EBUSY || i == 50)
			return -errno;
		usleep(100000);
	}
	snprintf(path, sizeof(path), "/sys/class/block/%.31s1/dev", o->disk.name);
	dev = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || dev < 0)
		return -errno;
	n = read(dev, text, sizeof(text) - 1);
	if (n <= 0)
		return -EIO;
	text[n] = '\0';
	return sscanf(text, "%u:%u", ret_major, ret_minor) == 2 ? 0 : -EIO;
}

static int prepare(const struct MountOrder *o, const struct PrepareRow *row)
{
	char disk[64], partition[64], name[64];
	const char *sfdisk[8] = {"/usr/sbin/sfdisk", "--quiet", "--wipe", "always", "--no-reread", "--no-tell-kernel", disk};
	const char *tool[8] = {};
	uint32_t major, minor;
	size_t n = 0;
	int r;

	snprintf(disk, sizeof(disk), "/dev/%s", o->disk.name);
	snprintf(name, sizeof(name), "%.31s1", o->disk.name);
	snprintf(partition, sizeof(partition), "/dev/%.40s", name);
	r = private_dev(o);
	if (r >= 0)
		r = run_tool(o, sfdisk, row->table);
	if (r >= 0)
		r = reread_table(o, &major, &minor);
	if (r >= 0)
		r = make_node(o, name, major, minor);
	if (r < 0)
		return r;
	for (; row->tool[n]; n++)
		tool[n] = row->tool[n];
	tool[n] = partition;
	return run_tool(o, tool, "");
}

void prepare_and_exit(const struct MountOrder *o, const char *type)
{
	const struct PrepareRow *row = prepare_row(type);
	sigset_t none;
	int r;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!row)
		_exit(2);
	r = prepare(o, row);
	if (r < 0)
		log_error("%s cannot be prepared: %s", o->disk.name, strerror(-r));
	_exit(r < 0 ? 1 : 0);
}
