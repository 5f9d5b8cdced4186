/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The socket people's commands come to. A client sends one request and gets rows and one reply; a
 * broken or slow one is dropped, and nobody else notices.
 */
#include "dispatch.h"
#include "limits.h"
#include "std.h"

#include <sys/types.h>

struct Client {
	uint32_t id; /* 0: the slot is free */
	int fd;
	uid_t uid;
	bool asked;	  /* its request went to core */
	int64_t deadline; /* boot milliseconds, until the request is there */
};

struct Gate {
	struct Dispatch *dispatch;
	int channel, listening;
	uint32_t next_id;
	bool paused; /* not accepting: every slot is taken */
	struct Client clients[LIMIT_CLIENTS];
};

/* Takes over both descriptors' events. 0 when core closed the channel. */
int gate_run(struct Gate *g);
