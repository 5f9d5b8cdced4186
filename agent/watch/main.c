/* SPDX-License-Identifier: Apache-2.0 */
/* watch: hears the kernel, reads sysfs, writes nothing. */
#include "channel.h"
#include "log.h"
#include "privs.h"
#include "sandbox.h"
#include "udev.h"
#include "watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/utsname.h>

static const struct SandboxRow sandbox[] = {
	SANDBOX_COMMON,
	SANDBOX_ALLOW(poll), SANDBOX_ALLOW(ppoll), SANDBOX_ALLOW(recvmsg), SANDBOX_ALLOW(sendmsg),
	/* sysfs and udev's database, to read */
	SANDBOX_BITS(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY), SANDBOX_ALLOW(read), SANDBOX_ALLOW(pread64),
	SANDBOX_ALLOW(newfstatat), SANDBOX_ALLOW(fstat), SANDBOX_ALLOW(statx), SANDBOX_ALLOW(getdents64),
	SANDBOX_ALLOW(readlink), SANDBOX_ALLOW(readlinkat), SANDBOX_ALLOW(access), SANDBOX_ALLOW(faccessat),
	SANDBOX_ALLOW(faccessat2), SANDBOX_ALLOW(lseek), SANDBOX_ALLOW(fcntl), SANDBOX_ALLOW(stat), SANDBOX_ALLOW(lstat),
	SANDBOX_ALLOW(fstatfs), SANDBOX_ALLOW(statfs), SANDBOX_ALLOW(getsockopt), SANDBOX_ALLOW(getuid),
	SANDBOX_ALLOW(geteuid), SANDBOX_ALLOW(name_to_handle_at), SANDBOX_ALLOW(uname), SANDBOX_ALLOW(prlimit64),
	SANDBOX_ALLOW(sched_getaffinity), SANDBOX_DENY(ioctl, ENOTTY), SANDBOX_DENY(socket, EACCES),
	SANDBOX_DENY(open, EACCES),
};

static int read_aliases(struct Aliases *ret)
{
	struct utsname kernel;
	char path[256];
	_cleanup_fd_ int dir = -1;
	int r;

	if (uname(&kernel))
		return -errno;
	snprintf(path, sizeof(path), "/lib/modules/%.100s", kernel.release);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = dir < 0 ? -errno : aliases_read(dir, ret);
	if (r == -ENOENT)
		log_warning("%s/modules.alias is missing: disks are known by their class only", path);
	return r == -ENOENT ? 0 : r;
}

static int give_up_rights(void)
{
	uid_t uid;
	gid_t gid;
	int r = privs_lookup("mediagate-watch", &uid, &gid);

	if (r >= 0)
		r = privs_drop(uid, gid, 64);
	return r < 0 ? r : sandbox_enter(sandbox, ARRAY_SIZE(sandbox));
}

int main(void)
{
	struct Watch w = {.channel = WIRE_CHANNEL};
	int r;

	log_open("watch");
	r = channel_verify(WIRE_CHANNEL);
	if (r >= 0)
		r = read_aliases(&w.aliases);
	if (r >= 0)
		r = udev_open(&w.udev);
	if (r >= 0)
		r = give_up_rights();
	if (r >= 0)
		r = watch_run(&w);
	if (r < 0)
		log_error("%s", strerror(-r));
	udev_closep(&w.udev);
	aliases_free(&w.aliases);
	return r < 0 ? 1 : 0;
}
