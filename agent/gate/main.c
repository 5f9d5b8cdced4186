/* SPDX-License-Identifier: Apache-2.0 */
/* mediagate-gate: the unix socket. Core's channel is descriptor 3, the listening socket 4. */
#include "gate.h"
#include "log.h"
#include "privs.h"
#include "sandbox.h"

#include <sys/socket.h>
#include <sys/syscall.h>

/* Each client: its socket, its channel; a reply's three files; what is leaked by gate.c's rule; our own. */
#define FILES (2 * LIMIT_CLIENTS + LIMIT_CLIENTS * 4 + LIMIT_CLIENTS * LIMIT_FDS + 32)

static const struct SandboxRow sandbox[] = {
        SANDBOX_COMMON,
        SANDBOX_WITH(accept4, 3, SOCK_CLOEXEC | SOCK_NONBLOCK),
        SANDBOX_ALLOW(recvmsg),
        SANDBOX_ALLOW(sendmsg),
        SANDBOX_ALLOW(getsockopt),
        SANDBOX_ALLOW(shutdown),
#ifdef __NR_epoll_wait
        SANDBOX_ALLOW(epoll_wait),
#endif
        SANDBOX_ALLOW(epoll_pwait),
        SANDBOX_ALLOW(epoll_ctl),
};

static int listener_verify(int fd)
{
	int listening;
	socklen_t n = sizeof(listening);
	int r = channel_verify(fd);

	if (r < 0)
		return r;
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) || !listening ? -EBADF : 0;
}

static int start(struct Gate **ret)
{
	uid_t uid;
	gid_t gid;
	int r = channel_verify(WIRE_CHANNEL);

	if (r >= 0)
		r = listener_verify(WIRE_EXTRA);
	if (r >= 0)
		r = privs_close_from(WIRE_EXTRA + 1);
	if (r >= 0)
		r = privs_lookup("mediagate-gate", &uid, &gid);
	if (r >= 0)
		r = privs_drop(uid, gid, FILES);
	if (r >= 0)
		r = gate_new(WIRE_CHANNEL, WIRE_EXTRA, ret);
	if (r >= 0)
		r = sandbox_enter(sandbox, ARRAY_SIZE(sandbox));
	return r;
}

int main(void)
{
	_cleanup_gate_ struct Gate *gate = NULL;
	int r;

	log_open("gate");
	r = start(&gate);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return 1;
	}
	r = gate_run(gate);
	if (r == -EPIPE) /* core is gone, and so are we */
		return 0;
	log_error("cannot go on: %s", strerror(-r));
	return 1;
}
