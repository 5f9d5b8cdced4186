/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each text is read twice: once only to be checked, so that a mistake in the last one is told before any
 * row has gone out, and then for its rows.
 */
#include "load.h"

#include "channel.h"
#include "fault.h"
#include "log.h"
#include "parse.h"
#include "str.h"

#include <pwd.h>

struct Load {
	int channel;
	FILE *accounts;
	FILE *texts[_CONFIG_FILE_N];
	uint32_t n_rows;
};

static int sent(int r)
{
	return r > 0 ? -EPIPE : r;
}

static int send_row(void *owner, enum MessageType type, const void *row)
{
	struct Load *l = owner;

	l->n_rows++;
	return sent(channel_send(l->channel, type, row, NULL, 0));
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

static int read_all(struct Load *l, struct ConfigReader *reader)
{
	int r = 0;

	for (int i = 0; i < _CONFIG_FILE_N && !r; i++) {
		rewind(l->texts[i]);
		r = config_file_read(reader, (enum ConfigFile)i, l->texts[i]);
	}
	return r;
}

static int load_all(struct Load *l)
{
	struct ConfigReader check = {}, reader = {.row = send_row, .uid = find_uid, .owner = l};
	struct MsgLoadEnd end = {};
	int r = read_all(l, &check);

	STR_CUT(end.subject, check.error);
	if (!r) {
		r = read_all(l, &reader); /* what depends on this terminal's accounts is found here */
		STR_CUT(end.subject, reader.error);
	}
	if (r < 0)
		return r;
	end.fault = (uint16_t)r;
	end.n_rows = l->n_rows;
	return sent(channel_send(l->channel, MSG_LOAD_END, &end, NULL, 0));
}

static void load_done(struct Load *l)
{
	for (int i = 0; i < _CONFIG_FILE_N; i++)
		if (l->texts[i])
			fclose(l->texts[i]);
	if (l->accounts)
		fclose(l->accounts);
}

int load_run(const struct LoadInput *in)
{
	struct Load l = {.channel = in->channel, .accounts = fdopen(in->accounts, "r")};
	int r = l.accounts ? 0 : -errno;

	for (int i = 0; i < _CONFIG_FILE_N; i++) {
		l.texts[i] = fdopen(in->texts[i], "r");
		if (!l.texts[i])
			r = -errno;
	}
	if (!r)
		r = load_all(&l);
	load_done(&l);
	return r;
}
