/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The gate: accepts within limits, hands valid requests to core with the client's socket, hands core's
 * rows back. It decides nothing about who may do what.
 */
#include "client.h"
#include "dispatch.h"

struct Gate {
	struct Dispatch *dispatch;
	int core, listener; /* the caller's */
	bool paused;        /* not accepting */
	uint32_t last_id;
	size_t queued; /* bytes over all clients */
	size_t n_clients;
	struct Client *clients[LIMIT_CLIENTS];
	/* Users who sent something that is no channel as one: see gate.c. */
	size_t n_banned;
	uid_t banned[LIMIT_CLIENTS];
};

/* Both descriptors are made non-blocking. */
int gate_new(int core, int listener, struct Gate **ret);
struct Gate *gate_free(struct Gate *g);
void gate_freep(struct Gate **g);
#define _cleanup_gate_ _cleanup_(gate_freep)

/* Until core's channel closes: -EPIPE; or another -errno. */
int gate_run(struct Gate *g);
