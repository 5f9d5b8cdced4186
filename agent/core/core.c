/* SPDX-License-Identifier: Apache-2.0 */
#include "core.h"

#include "clock.h"
#include "guard.h"
#include "log.h"
#include "privs.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define SOCKET_PATH "/run/mediagate/socket"

static int signal_ready(void *owner, int fd, uint32_t events)
{
	struct Core *core = owner;
	struct signalfd_siginfo s;

	(void)events;
	if (read(fd, &s, sizeof(s)) != sizeof(s))
		return 0;
	switch (s.ssi_signo) {
	case SIGCHLD:
		return boot_reap(core);
	case SIGHUP:
		return config_reload(core);
	case SIGUSR1:
	case SIGUSR2:
		return sleep_set(core, s.ssi_signo == SIGUSR1);
	default:
		return boot_stop(core);
	}
}

static int signals_open(struct Core *core)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	core->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (core->signal_fd < 0)
		return -errno;
	return dispatch_add(core->dispatch, core->signal_fd, EPOLLIN, signal_ready, core);
}

static int socket_open(struct Core *core)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET_PATH};

	core->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (core->listen_fd < 0)
		return -errno;
	if (unlink(SOCKET_PATH) && errno != ENOENT)
		return -errno;
	if (bind(core->listen_fd, (const struct sockaddr *)&address, sizeof(address)))
		return -errno;
	/* everybody may ask; who may what is decided by name */
	if (chmod(SOCKET_PATH, 0666) || listen(core->listen_fd, 64))
		return -errno;
	return 0;
}

static int make_dir(const char *path, mode_t mode)
{
	return mkdir(path, mode) && errno != EEXIST ? -errno : 0;
}

static int places_open(struct Core *core)
{
	int r = make_dir("/run/mediagate", 0755);

	if (r >= 0)
		r = make_dir("/run/mediagate/mnt", 0700);
	if (r >= 0)
		r = make_dir("/var/lib/mediagate", 0755);
	if (r < 0)
		return r;
	core->usb_dir = open("/sys/bus/usb", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	core->state_dir = open("/var/lib/mediagate", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (core->usb_dir < 0) {
		log_error("/sys/bus/usb: %s; is usbcore loaded?", strerror(errno));
		return -errno;
	}
	return core->state_dir < 0 ? -errno : observe_open(core);
}

int core_bare(struct Core **ret)
{
	_cleanup_(core_freep) struct Core *core = calloc(1, sizeof(*core));
	int r;

	if (!core)
		return -ENOMEM;
	core->listen_fd = core->signal_fd = core->clock_fd = core->mounts_fd = core->usb_dir = core->state_dir = core->observe_dir =
		-1;
	core->ledger.fd = core->watch.fd = core->gate.fd = core->load.fd = core->session.fd = -1;
	for (size_t i = 0; i < LIMIT_FDS; i++)
		core->config_texts[i] = core->config_in_force[i] = -1;
	core->forward_uid = (uid_t)-1;
	events_begin(&core->events, clock_now());
	r = dispatch_new(&core->dispatch);
	if (r < 0)
		return r;
	*ret = core;
	core = NULL;
	return 0;
}

int core_new(struct Core **ret)
{
	gid_t forward_gid;
	_cleanup_(core_freep) struct Core *core = NULL;
	int r = core_bare(&core);

	if (r >= 0)
		r = privs_lookup("mediagate-copy", &core->copy_uid, &core->copy_gid);
	if (r >= 0)
		r = privs_lookup("mediagate-label", &core->label_uid, &core->label_gid);
	/* a machine that was set up before there was a console has no such user */
	if (r >= 0 && privs_lookup("mediagate-forward", &core->forward_uid, &forward_gid) < 0)
		core->forward_uid = (uid_t)-1;
	if (r >= 0)
		r = places_open(core);
	if (r >= 0)
		r = signals_open(core);
	if (r >= 0)
		r = clock_open(core);
	if (r >= 0)
		r = mounts_open(core);
	if (r >= 0)
		r = backstop_open(core);
	if (r >= 0)
		r = guard_open(core);
	if (r >= 0)
		r = socket_open(core);
	if (r < 0)
		return r;
	*ret = core;
	core = NULL;
	return 0;
}

static void asks_free(struct Core *core)
{
	while (core->asks) {
		struct Ask *next = core->asks->next;

		fd_close(core->asks->channel);
		free(core->asks->year);
		free(core->asks);
		core->asks = next;
	}
}

struct Core *core_free(struct Core *core)
{
	struct Peer *peers[5];

	if (!core)
		return NULL;
	peers[0] = &core->ledger;
	peers[1] = &core->watch;
	peers[2] = &core->gate;
	peers[3] = &core->load;
	peers[4] = &core->session;
	for (size_t i = 0; i < ARRAY_SIZE(peers); i++)
		if (peers[i]->fd >= 0)
			peer_stop(peers[i], false);
	jobs_clear(core);
	asks_free(core);
	label_tasks_free(core);
	devices_clear(&core->devices);
	pusher_free(core->pusher);
	backstop_free(core);
	guard_free(core);
	loans_clear(&core->loans);
	loans_clear(&core->loans_incoming);
	policy_free(core->policy);
	policy_free(core->policy_incoming);
	free(core->answers.waiting);
	free(core->pending);
	free(core->refusals.rows);
	for (size_t i = 0; i < LIMIT_FDS; i++) {
		fd_close(core->config_texts[i]);
		fd_close(core->config_in_force[i]);
	}
	fd_close(core->listen_fd);
	fd_close(core->signal_fd);
	fd_close(core->clock_fd);
	fd_close(core->mounts_fd);
	fd_close(core->usb_dir);
	fd_close(core->state_dir);
	fd_close(core->observe_dir);
	dispatch_free(core->dispatch);
	free(core);
	return NULL;
}

void core_freep(struct Core **core)
{
	*core = core_free(*core);
}

int core_run(struct Core *core)
{
	int r = boot_start(core);

	return r < 0 ? r : dispatch_run(core->dispatch);
}
