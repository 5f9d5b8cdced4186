/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session: tells core when the machine is about to sleep, and has logind wait until core says that every session has
 * ended. Its own user; speaks with the system bus and with core, and with nobody else.
 */
#include "channel.h"
#include "fault.h"
#include "log.h"
#include "privs.h"
#include "session.h"

#define USER  "mediagate-session"
#define FILES 32

int main(void)
{
	uid_t uid;
	gid_t gid;
	int r;

	log_open("session");
	r = channel_verify(WIRE_CHANNEL);
	if (r >= 0)
		r = privs_close_from(WIRE_CHANNEL + 1);
	if (r >= 0)
		r = privs_lookup(USER, &uid, &gid);
	if (r >= 0)
		r = privs_drop(uid, gid, FILES);
	if (r >= 0)
		r = session_confine();
	if (r >= 0)
		r = session_run();
	if (r < 0)
		log_error("%s", strerror(-r));
	return r < 0 ? EXIT_INTERNAL : EXIT_OK;
}
