/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load: reads the configuration that core opened, sends it as rows, ends. Its own memory and nothing
 * else is at the mercy of the parser.
 */
#include "channel.h"
#include "fault.h"
#include "log.h"
#include "parse.h"
#include "privs.h"
#include "sandbox.h"
#include "str.h"

#include <fcntl.h>
#include <pwd.h>
#include <time.h>

static const struct SandboxRow sandbox[] = {
	SANDBOX_COMMON,
	SANDBOX_ALLOW(read), SANDBOX_ALLOW(lseek), SANDBOX_ALLOW(fstat), SANDBOX_ALLOW(newfstatat),
	SANDBOX_BITS(fcntl, 1, ~0u, F_GETFL), SANDBOX_ALLOW(sendmsg),
	/* the local time of a date; libconfig's look for @include's folder */
	SANDBOX_DENY(openat, ENOENT), SANDBOX_DENY(ioctl, ENOTTY),
};

struct Load {
	FILE *accounts; /* /etc/passwd, opened before the filter */
	uint32_t n_rows;
};

static int send_row(void *owner, enum MessageType type, const void *row)
{
	struct Load *l = owner;
	int r = channel_send(WIRE_CHANNEL, type, row, NULL, 0);

	l->n_rows++;
	return r > 0 ? -EPIPE : r;
}

static int find_uid(void *owner, const char *login, uid_t *ret)
{
	struct Load *l = owner;

	rewind(l->accounts);
	for (struct passwd *p; (p = fgetpwent(l->accounts));)
		if (str_eq(p->pw_name, login)) {
			*ret = p->pw_uid;
			return 0;
		}
	log_warning("roster.conf: %s has no account on this terminal; left out", login);
	return -ENOENT;
}

static void file_closep(FILE **f)
{
	if (*f)
		fclose(*f);
}

static int load_all(struct Load *l)
{
	struct ConfigReader reader = {.row = send_row, .uid = find_uid, .owner = l};
	struct MsgLoadEnd end = {};
	int r = 0;

	for (int i = 0; i < _CONFIG_FILE_N && !r; i++) {
		_cleanup_(file_closep) FILE *f = fdopen(WIRE_EXTRA + i, "r");

		r = f ? config_file_read(&reader, (enum ConfigFile)i, f) : -errno;
	}
	if (r < 0)
		return r;
	end.fault = (uint16_t)r;
	end.n_rows = l->n_rows;
	STR_CUT(end.subject, reader.error);
	r = channel_send(WIRE_CHANNEL, MSG_LOAD_END, &end, NULL, 0);
	return r > 0 ? -EPIPE : r;
}

static int give_up_rights(void)
{
	uid_t uid;
	gid_t gid;
	int r = privs_lookup("mediagate-load", &uid, &gid);

	tzset(); /* the zone's file cannot be opened later */
	if (r >= 0)
		r = privs_drop(uid, gid, 32);
	return r < 0 ? r : sandbox_enter(sandbox, ARRAY_SIZE(sandbox));
}

int main(void)
{
	_cleanup_(file_closep) FILE *accounts = fopen("/etc/passwd", "re");
	struct Load l = {.accounts = accounts};
	int r = accounts ? channel_verify(WIRE_CHANNEL) : -errno;

	log_open("load");
	if (r >= 0)
		r = give_up_rights();
	if (r >= 0)
		r = load_all(&l);
	if (r < 0)
		log_error("%s", strerror(-r));
	return r < 0 ? 1 : 0;
}
