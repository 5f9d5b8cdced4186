/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"

#include "spawn.h"

int ask_store(const struct Command *c, int *ret_asker, pid_t *ret)
{
	char review[REVIEW_TEXT], days[16];
	const char *const argv[] = {c->settings.data, days, review, NULL};
	int pair[2], r = spawn_pair(pair);
	struct Spawn s = {
	        .program = "console-store", .folder = c->programs, .argv = argv, .fds = {-1, -1}, .out = -1};

	if (r < 0)
		return r;
	s.fds[0] = pair[0];
	snprintf(days, sizeof(days), "%u", c->settings.silent_days);
	review_write(&c->settings.review, review);
	r = spawn(&s, ret);
	fd_close(pair[0]);
	if (r < 0)
		fd_close(pair[1]);
	else
		*ret_asker = pair[1];
	return r;
}

int ask_ready(const struct Command *c)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/ledgers.db", c->settings.data);
	if (access(path, R_OK | W_OK) == 0)
		return command_ready(c);
	return errno == ENOENT ? command_error(COMMAND_UNREADABLE, _("%s: nothing was taken in here yet"),
	                                 c->settings.data)
	                       : command_error(COMMAND_UNREADABLE, "%s: %s", path, strerrordesc_np(errno));
}
