/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The processes that take in what terminals send: receive (HTTP) – intake – store, and witness. They start
   and end together, and what befalls them befalls no page. */
#include "command.h"

#include <sys/types.h>

enum { PUSH_RECEIVE, PUSH_INTAKE, PUSH_STORE, PUSH_WITNESS, PUSH_PROCESSES };

struct PushGroup {
	const struct Command *command;
	int listener; /* -1: no terminal sends anything */
	pid_t pids[PUSH_PROCESSES];
	int64_t next_start; /* clock_boot */
};

bool push_group_runs(const struct PushGroup *g);
/* Starts it when it does not run and its time has come: 0 or -errno. */
int push_group_step(struct PushGroup *g, int64_t now);
/* A child has ended: whether it is one of these. */
bool push_group_reaped(struct PushGroup *g, pid_t pid, bool ending);
/* The others end when receive does. */
void push_group_stop(const struct PushGroup *g);
