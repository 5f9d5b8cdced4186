/* SPDX-License-Identifier: Apache-2.0 */
/* --prepare of `register` and `relabel`: the child that makes a disk anew (prepare.c), its time, its end. */
#include "clock.h"
#include "core.h"

#include <signal.h>
#include <sys/wait.h>

#define PREPARE_TIME 120000 /* milliseconds */

/* One timer for all: at the earliest of their deadlines. */
static int prepare_late(void *owner)
{
	struct Core *core = owner;
	int64_t next = INT64_MAX;

	for (struct Ask *a = core->asks; a; a = a->next)
		if (a->prepare && a->deadline <= clock_boot())
			kill(a->prepare, SIGKILL);
		else if (a->prepare)
			next = MIN(next, a->deadline);
	return dispatch_at(core->dispatch, next, prepare_late, core);
}

int ask_prepare(struct Core *core, struct Ask *ask, int (*prepared)(struct Core *core, struct Ask *ask))
{
	struct Device *d = devices_by_id(&core->devices, ask->device);
	struct MountOrder order = {.writable = true, .uid = core->copy_uid, .gid = core->copy_gid};
	int fault = device_absent(d);
	pid_t pid;

	if (fault)
		return ask_failed(core, ask, fault, NULL);
	order.disk = d->disk;
	pid = fork();
	if (pid < 0)
		return ask_failed(core, ask, FAULT_INTERNAL, NULL);
	if (pid == 0)
		prepare_and_exit(&order, ask->request.prepare);
	ask->prepare = pid;
	ask->prepared = prepared;
	ask->deadline = clock_boot() + PREPARE_TIME;
	return prepare_late(core);
}

int request_prepared(struct Core *core, struct Ask *ask, int status)
{
	int fault = !WIFEXITED(status)		      ? FAULT_MEDIUM_ERROR :
		WEXITSTATUS(status) == PREPARE_LIES ? FAULT_SIZE_LIES :
		WEXITSTATUS(status)		      ? FAULT_MEDIUM_ERROR :
							0;

	ask->prepare = 0;
	return fault ? ask_failed(core, ask, fault, NULL) : ask->prepared(core, ask);
}
