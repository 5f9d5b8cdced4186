/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Starting the console's processes: which descriptors they get, and nothing else. */
#include "std.h"

#include <sys/types.h>

struct Spawn {
	const char *program; /* file name below `folder` */
	const char *folder;
	const char *const *argv; /* from argv[1] on; NULL closes it */
	int fds[2];              /* become 3 and 4; -1: none */
	int third;               /* becomes 5; 0: none */
	int out;                 /* becomes standard output; -1: as it is */
};

/* A child that dies with this process. 0 or -errno. */
_must_check_ int spawn(const struct Spawn *s, pid_t *ret);

/* Waits: its exit status, or 128 + the signal that ended it. */
int spawn_wait(pid_t pid);

/* A connected pair of packet sockets with room for the largest packet. */
int spawn_pair(int ret[2]);
