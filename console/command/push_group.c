/* SPDX-License-Identifier: Apache-2.0 */
#include "push_group.h"

#include "clock.h"
#include "log.h"
#include "spawn.h"

#include <signal.h>
#include <sys/socket.h>

#define AGAIN_MS 1000

/* Each pair joins two of them. */
struct Ends {
	int pushes[2], feed[2], witness[2];
};

bool push_group_runs(const struct PushGroup *g)
{
	for (size_t i = 0; i < PUSH_PROCESSES; i++)
		if (g->pids[i])
			return true;
	return false;
}

static int start_receive(struct PushGroup *g, const struct Ends *e)
{
	const struct Settings *settings = &g->command->settings;
	const char *const argv[] = {settings->host, settings->proxied ? "1" : "0", NULL};
	const struct Spawn s = {.program = "console-receive",
	        .folder = g->command->programs,
	        .argv = argv,
	        .fds = {e->pushes[0], g->listener},
	        .out = -1};

	return spawn(&s, &g->pids[PUSH_RECEIVE]);
}

static int start_intake(struct PushGroup *g, const struct Ends *e)
{
	const struct Settings *settings = &g->command->settings;
	char quota[16];
	const char *const argv[] = {"--push", settings->data, quota, settings->newcomers ? "1" : "0", NULL};
	const struct Spawn s = {.program = "console-intake",
	        .folder = g->command->programs,
	        .argv = argv,
	        .fds = {e->feed[1], e->pushes[1]},
	        .third = e->witness[1],
	        .out = -1};

	snprintf(quota, sizeof(quota), "%u", settings->quota);
	return spawn(&s, &g->pids[PUSH_INTAKE]);
}

static int start_witness(struct PushGroup *g, const struct Ends *e)
{
	const struct Settings *settings = &g->command->settings;
	const char *const argv[] = {settings->data, settings->domain, NULL};
	const struct Spawn s = {.program = "console-witness",
	        .folder = g->command->programs,
	        .argv = argv,
	        .fds = {e->witness[0], -1},
	        .out = -1};

	return spawn(&s, &g->pids[PUSH_WITNESS]);
}

static int start_all(struct PushGroup *g, const struct Ends *e)
{
	int r = start_witness(g, e);

	if (r >= 0)
		r = command_feed_store(g->command, e->feed[0], &g->pids[PUSH_STORE]);
	if (r >= 0)
		r = start_intake(g, e);
	return r < 0 ? r : start_receive(g, e);
}

/* The bytes of one request are more than a packet can hold: a stream. */
static int ends_open(struct Ends *e)
{
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, e->pushes))
		return -errno;
	r = spawn_pair(e->feed);
	return r < 0 ? r : spawn_pair(e->witness);
}

static void ends_close(struct Ends *e)
{
	for (int i = 0; i < 2; i++) {
		e->pushes[i] = fd_close(e->pushes[i]);
		e->feed[i] = fd_close(e->feed[i]);
		e->witness[i] = fd_close(e->witness[i]);
	}
}

int push_group_step(struct PushGroup *g, int64_t now)
{
	struct Ends e = {{-1, -1}, {-1, -1}, {-1, -1}};
	int r;

	if (g->listener < 0 || push_group_runs(g) || now < g->next_start)
		return 0;
	r = ends_open(&e);
	if (r >= 0)
		r = start_all(g, &e);
	ends_close(&e);
	return r;
}

bool push_group_reaped(struct PushGroup *g, pid_t pid, bool ending)
{
	for (size_t i = 0; i < PUSH_PROCESSES; i++) {
		if (g->pids[i] != pid)
			continue;
		g->pids[i] = 0;
		g->next_start = clock_boot() + AGAIN_MS;
		if (!ending)
			log_error("what takes in from terminals ended: all of it starts again");
		push_group_stop(g);
		return true;
	}
	return false;
}

void push_group_stop(const struct PushGroup *g)
{
	/* the ends of their channels tell the others; receive alone serves somebody outside */
	if (g->pids[PUSH_RECEIVE])
		kill(g->pids[PUSH_RECEIVE], SIGTERM);
}
