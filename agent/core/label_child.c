/* SPDX-License-Identifier: Apache-2.0 */
/* Between core and agent/label: opens the very disk that was judged, gives up every right, becomes it. */
#include "channel.h"
#include "fault.h"
#include "label.h"
#include "privs.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

int disk_is_same(int fd, const struct Disk *disk)
{
	uint64_t size, sequence;
	struct stat st;

	if (fstat(fd, &st) || !S_ISBLK(st.st_mode) || st.st_rdev != makedev(disk->major, disk->minor))
		return FAULT_CHANGED_DEVICE;
	if (ioctl(fd, BLKGETSIZE64, &size) || ioctl(fd, BLKGETDISKSEQ, &sequence))
		return FAULT_MEDIUM_GONE;
	return size == disk->size && sequence == disk->diskseq ? 0 : FAULT_CHANGED_DEVICE;
}

/* For writing alone: a disk that somebody else has mounted is not ours to write. */
static int disk_open(const struct LabelChild *c, int *ret)
{
	char path[64];
	int fd, fault;

	snprintf(path, sizeof(path), "/dev/%s", c->disk.name);
	fd = open(path, (c->write ? O_RDWR | O_EXCL : O_RDONLY) | O_DIRECT | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENXIO || errno == ENOENT || errno == ENODEV || errno == ENOMEDIUM ? FAULT_MEDIUM_GONE :
			errno == EROFS ? FAULT_READ_ONLY_MEDIUM : FAULT_MEDIUM_ERROR;
	fault = disk_is_same(fd, &c->disk);
	if (fault)
		fd_close(fd);
	else
		*ret = fd;
	return fault;
}

static int place(int channel, int disk)
{
	int from[2] = {fcntl(channel, F_DUPFD, 64), fcntl(disk, F_DUPFD, 64)};

	if (from[0] < 0 || from[1] < 0 || dup2(from[0], WIRE_CHANNEL) < 0 || dup2(from[1], WIRE_EXTRA) < 0)
		return FAULT_INTERNAL;
	return close_range(WIRE_EXTRA + 1, ~0u, 0) ? FAULT_INTERNAL : 0;
}

/* Signals stay blocked as in core: a stop lets the one write end; it takes no time worth the name. */
void label_become(const struct LabelChild *c, int channel)
{
	struct MsgLabelDone done = {};
	int disk = -1, fault = privs_no_haste() < 0 ? FAULT_INTERNAL : disk_open(c, &disk);

	if (!fault) {
		fault = place(channel, disk);
		channel = WIRE_CHANNEL;
	}
	if (!fault && privs_drop(c->uid, c->gid, 16) < 0)
		fault = FAULT_INTERNAL;
	if (!fault) {
		execl(LIBEXECDIR "/label", LIBEXECDIR "/label", (char *)NULL);
		fault = FAULT_INTERNAL;
	}
	done.fault = (uint16_t)fault;
	_exit(channel_send(channel, MSG_LABEL_DONE, &done, NULL, 0) ? 1 : 0);
}
