/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child between core and a job, and the door of libmount: its own mount, network and IPC
 * namespace, a look whether the medium was taken out cleanly (mend.h), one mount with forced flags, then every right is given up and agent/copy takes over. The
 * mount is seen by nobody else and goes with the last process of the job.
 */
#include "channel.h"
#include "fault.h"
#include "job.h"
#include "label.h"
#include "privs.h"
#include "str.h"
#include "volume.h"

#include <fcntl.h>
#include <libmount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define MOUNT_POINT "/run/mediagate/mnt"

static void context_freep(struct libmnt_context **c)
{
	mnt_free_context(*c);
}

static int open_fault(void)
{
	return errno == ENXIO || errno == ENOENT || errno == ENODEV ? FAULT_MEDIUM_GONE : FAULT_MEDIUM_ERROR;
}

/* The node is the disk that was judged: number, size and sequence. */
static int disk_is(const struct Disk *disk)
{
	_cleanup_fd_ int fd = -1;
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s", disk->name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return open_fault();
	return disk_is_same(fd, disk);
}

static int mount_type(const struct MountOrder *o, const char *type)
{
	_cleanup_(context_freep) struct libmnt_context *c = mnt_new_context();
	char source[64], options[160];
	int r;

	if (!c)
		return -ENOMEM;
	snprintf(source, sizeof(source), "/dev/%s", o->disk.partition[0] ? o->disk.partition : o->disk.name);
	snprintf(options, sizeof(options), "%s,nosuid,nodev,noexec,nosymfollow,noatime,uid=%u,gid=%u,umask=0077%s",
		o->writable ? "rw" : "ro", (unsigned int)o->uid, (unsigned int)o->gid,
		str_eq(type, "vfat") ? ",utf8,errors=remount-ro" : "");
	mnt_context_disable_helpers(c, 1);
	mnt_context_disable_mtab(c, 1);
	mnt_context_disable_canonicalize(c, 1);
	r = mnt_context_set_source(c, source);
	if (!r)
		r = mnt_context_set_target(c, MOUNT_POINT);
	if (!r)
		r = mnt_context_set_fstype(c, type);
	if (!r)
		r = mnt_context_set_options(c, options);
	return r ? r : mnt_context_mount(c);
}

static int mount_any(const struct MountOrder *o)
{
	for (size_t i = 0; o->file_systems[i]; i++) {
		int r = mount_type(o, o->file_systems[i]);

		if (!r)
			return 0;
		if (errno == EROFS || errno == EACCES)
			return FAULT_READ_ONLY_MEDIUM;
		if (errno == ENXIO || errno == ENODEV)
			return disk_is(&o->disk) ? FAULT_MEDIUM_GONE : FAULT_NO_FILE_SYSTEM;
	}
	return FAULT_NO_FILE_SYSTEM;
}

/* *ret: the file system that has to be mended first, or NULL. */
static int unclean(const struct MountOrder *o, const char **ret)
{
	_cleanup_fd_ int fd = -1;
	struct Volume v;
	char path[64];

	*ret = NULL;
	if (o->look == LOOK_NOT)
		return 0;
	snprintf(path, sizeof(path), "/dev/%s", o->disk.partition[0] ? o->disk.partition : o->disk.name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return open_fault();
	if (volume_look(fd, &v) < 0)
		return FAULT_MEDIUM_ERROR;
	for (size_t i = 0; v.type && (v.unclean || o->look == LOOK_SUSPECT) && o->file_systems[i]; i++)
		if (str_eq(o->file_systems[i], v.type))
			*ret = v.type;
	return 0;
}

/* Says so, gives back the person's end, and is through. */
_noreturn_ static void unclean_and_exit(const char *type, int channel, int person)
{
	struct MsgJobUnclean body = {};

	STR_CUT(body.file_system, type);
	_exit(channel_send(channel, MSG_JOB_UNCLEAN, &body, &person, person >= 0) ? 1 : 0);
}

/* *ret_unclean: not mounted, it is to be mended first. */
static int mount_all(const struct MountOrder *o, const char **ret_unclean)
{
	uint32_t minor = o->disk.partition[0] ? o->disk.partition_minor : o->disk.minor;
	_cleanup_fd_ int root = -1;
	struct stat st;
	int fault;

	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC))
		return FAULT_INTERNAL;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return FAULT_INTERNAL;
	fault = disk_is(&o->disk);
	if (!fault)
		fault = unclean(o, ret_unclean);
	if (!fault && !*ret_unclean)
		fault = mount_any(o);
	if (fault || *ret_unclean)
		return fault;
	root = open(MOUNT_POINT, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (root < 0 || fstat(root, &st))
		return FAULT_MEDIUM_ERROR;
	/* the mount is of the very disk, and the disk is still the one */
	if (st.st_dev != makedev(o->disk.major, minor))
		return FAULT_CHANGED_DEVICE;
	return disk_is(&o->disk);
}

/* Core's and the person's end to their numbers; nothing else stays open. */
static int place(int channel, int person)
{
	int from[2] = {fcntl(channel, F_DUPFD, 64), fcntl(person, F_DUPFD, 64)};

	if (from[0] < 0 || from[1] < 0 || dup2(from[0], WIRE_CHANNEL) < 0 || dup2(from[1], WIRE_EXTRA) < 0)
		return FAULT_INTERNAL;
	return close_range(WIRE_EXTRA + 1, ~0u, 0) ? FAULT_INTERNAL : 0;
}

/* As the jobs' user: the medium's root belongs to it, and to nobody else. */
static int open_root(void)
{
	int root = open(MOUNT_POINT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

	if (root < 0)
		return FAULT_MEDIUM_ERROR;
	return root == WIRE_EXTRA + 1 || dup2(root, WIRE_EXTRA + 1) >= 0 ? 0 : FAULT_INTERNAL;
}

void mount_and_become(const struct MountOrder *o, int channel, int person)
{
	struct MsgJobDone done = {};
	const char *mend = NULL;
	sigset_t none;
	int fault;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	fault = privs_no_haste() < 0 ? FAULT_INTERNAL : mount_all(o, &mend);
	if (mend)
		unclean_and_exit(mend, channel, person);
	if (person < 0)
		person = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (!fault) {
		fault = place(channel, person);
		channel = fault ? channel : WIRE_CHANNEL; /* until then 3 is something else of core's */
	}
	if (!fault && privs_drop(o->uid, o->gid, 64) < 0)
		fault = FAULT_INTERNAL;
	if (!fault)
		fault = open_root();
	if (!fault) {
		execl(LIBEXECDIR "/copy", LIBEXECDIR "/copy", (char *)NULL);
		fault = FAULT_INTERNAL;
	}
	done.fault = (uint16_t)fault;
	if (channel_send(channel, MSG_JOB_DONE, &done, NULL, 0))
		_exit(1);
	_exit(0);
}
