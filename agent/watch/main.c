/* SPDX-License-Identifier: Apache-2.0 */
/* watch: tells core which storage devices come and go. Its own user; reads sysfs, writes to core only. */
#include "channel.h"
#include "dispatch.h"
#include "fault.h"
#include "log.h"
#include "privs.h"
#include "sandbox.h"
#include "watch.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#define USER "mediagate-watch"
/* Few are open, but the kernel counts those too that are in the channel and core has not taken yet: as many as
   fit into a full one. */
#define FILES 512

/* Nothing but reading: no file is made or written, no process started, no address but core's. */
static const struct SandboxRow calls[] = {
        SANDBOX_COMMON,
        SANDBOX_BITS(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
        SANDBOX_ALLOW(read),
        SANDBOX_ALLOW(readlinkat),
        SANDBOX_ALLOW(getdents64),
        SANDBOX_ALLOW(lseek),
        SANDBOX_ALLOW(epoll_wait),
        SANDBOX_ALLOW(poll),
        SANDBOX_ALLOW(ppoll),
        SANDBOX_ALLOW(recvmsg),
        SANDBOX_ALLOW(recvfrom), /* libudev empties its socket with it */
        SANDBOX_ALLOW(sendmsg),
};

struct Loop {
	struct Dispatch *dispatch;
	struct Watch watch;
};

static int events_came(void *owner, int fd _unused_, uint32_t events _unused_)
{
	struct Loop *l = owner;
	int r = watch_drain(&l->watch);

	if (r == CHANNEL_CLOSED)
		dispatch_stop(l->dispatch);
	return r < 0 ? r : 0;
}

/* Core sends nothing: what comes is its end. */
static int core_came(void *owner, int fd, uint32_t events _unused_)
{
	struct Loop *l = owner;
	struct Message m;
	int r = channel_receive(fd, &m);

	if (r == CHANNEL_CLOSED) {
		dispatch_stop(l->dispatch);
		return 0;
	}
	message_done(&m);
	return r < 0 ? r : -EBADMSG;
}

static int aliases_of_this_kernel(struct Aliases *aliases)
{
	struct utsname kernel;
	int r;

	if (uname(&kernel))
		return -errno;
	r = aliases_load(aliases, "", kernel.release);
	if (r < 0)
		log_warning("module table of %s: %s; storage is told by class alone", kernel.release,
		        strerror(-r));
	return r == -ENOMEM ? r : 0;
}

static int give_up_rights(void)
{
	uid_t uid;
	gid_t gid;
	int r = privs_lookup(USER, &uid, &gid);

	if (r >= 0)
		r = privs_drop(uid, gid, FILES);
	return r < 0 ? r : sandbox_enter(calls, ARRAY_SIZE(calls));
}

static int watch_run(struct Loop *l)
{
	int r = dispatch_add(l->dispatch, WIRE_CHANNEL, EPOLLIN, core_came, l);

	if (r >= 0)
		r = dispatch_add(l->dispatch, monitor_fd(l->watch.monitor), EPOLLIN, events_came, l);
	if (r >= 0)
		r = give_up_rights();
	if (r >= 0)
		r = watch_start(&l->watch);
	if (r == CHANNEL_CLOSED)
		return 0;
	return r ? r : dispatch_run(l->dispatch);
}

int main(void)
{
	_cleanup_(monitor_freep) struct Monitor *monitor = NULL;
	_cleanup_(aliases_freep) struct Aliases *aliases = NULL;
	struct Loop l = {};
	int r;

	log_open("watch");
	r = channel_verify(WIRE_CHANNEL);
	if (r >= 0)
		r = dispatch_new(&l.dispatch);
	if (r >= 0)
		r = monitor_new(&monitor);
	if (r >= 0)
		r = aliases_new(&aliases);
	if (r >= 0)
		r = aliases_of_this_kernel(aliases);
	if (r >= 0) {
		l.watch = (struct Watch){.channel = WIRE_CHANNEL, .aliases = aliases, .monitor = monitor};
		r = watch_run(&l);
	}
	watch_done(&l.watch);
	l.dispatch = dispatch_free(l.dispatch);
	if (r < 0)
		log_error("%s", strerror(-r));
	return r < 0 ? EXIT_INTERNAL : EXIT_OK;
}
