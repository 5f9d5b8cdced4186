/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load: reads the configuration that core opened, sends it as rows, ends. Its own memory and nothing
 * else is at the mercy of the parser.
 */
#include "channel.h"
#include "load.h"
#include "log.h"
#include "privs.h"

#include <fcntl.h>

static int run(void)
{
	struct LoadInput in = {.channel = WIRE_CHANNEL};
	uid_t uid;
	gid_t gid;
	int r = channel_verify(WIRE_CHANNEL);

	if (r < 0)
		return r;
	for (int i = 0; i < _CONFIG_FILE_N; i++)
		in.texts[i] = WIRE_EXTRA + i;
	in.accounts = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	if (in.accounts < 0)
		return -errno;
	r = privs_lookup("mediagate-load", &uid, &gid);
	if (r >= 0)
		r = privs_drop(uid, gid, 32);
	if (r >= 0)
		r = load_confine();
	return r < 0 ? r : load_run(&in);
}

int main(void)
{
	int r;

	log_open("load");
	r = run();
	if (r < 0)
		log_error("%s", strerror(-r));
	return r < 0 ? 1 : 0;
}
