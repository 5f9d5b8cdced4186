/* SPDX-License-Identifier: Apache-2.0 */
/* gate: reads what strangers send, opens no file, knows no secret. */
#include "channel.h"
#include "gate.h"
#include "log.h"
#include "privs.h"
#include "sandbox.h"

static const struct SandboxRow sandbox[] = {
	SANDBOX_COMMON,
	SANDBOX_ALLOW(epoll_wait), SANDBOX_ALLOW(epoll_pwait), SANDBOX_ALLOW(epoll_ctl),
	SANDBOX_ALLOW(accept4), SANDBOX_ALLOW(getsockopt), SANDBOX_ALLOW(recvmsg), SANDBOX_ALLOW(sendmsg),
	SANDBOX_ALLOW(fcntl), SANDBOX_ALLOW(fstat), SANDBOX_ALLOW(newfstatat),
};

static int give_up_rights(void)
{
	uid_t uid;
	gid_t gid;
	int r = privs_lookup("mediagate-gate", &uid, &gid);

	if (r >= 0)
		r = privs_drop(uid, gid, 2 * LIMIT_CLIENTS + 32);
	return r < 0 ? r : sandbox_enter(sandbox, ARRAY_SIZE(sandbox));
}

int main(void)
{
	struct Gate g = {.channel = WIRE_CHANNEL, .listening = WIRE_EXTRA};
	int r;

	log_open("gate");
	r = channel_verify(g.channel);
	if (r >= 0)
		r = channel_verify(g.listening);
	if (r >= 0)
		r = dispatch_new(&g.dispatch);
	if (r >= 0)
		r = give_up_rights();
	if (r >= 0)
		r = gate_run(&g);
	if (r < 0)
		log_error("%s", strerror(-r));
	g.dispatch = dispatch_free(g.dispatch);
	return r < 0 ? 1 : 0;
}
