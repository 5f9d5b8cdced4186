/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A process that core started and the channel to it: spawn, send without ever blocking, receive.
 */
#include "channel.h"
#include "dispatch.h"

#include <sys/types.h>

struct Peer;

/* Called for each whole message; what it does not steal from m->fds is closed afterwards.
   Negative ends the agent, CHANNEL_BROKEN the peer. */
typedef int (*PeerMessage)(void *owner, struct Peer *p, struct Message *m);
/* The channel ended or broke; the peer is stopped and may be freed here. */
typedef int (*PeerEnd)(void *owner, struct Peer *p);

struct PeerQueue {
	struct PeerItem *first, **last;
	size_t n;
};

struct Peer {
	const char *name;
	struct Dispatch *dispatch;
	int fd; /* -1: not running */
	pid_t pid;
	bool prompt; /* it keeps core's own priority: what it tells is waited for */
	bool paused; /* not read from until peer_resume */
	bool asleep; /* paused, and gone: what it said last is read when it is resumed */
	int64_t ended, wait; /* of a helper: when it last did (boot milliseconds), and how long its successor waited then */
	struct PeerQueue queue;
	PeerMessage message;
	PeerEnd end;
	void *owner;
};

#define PEER_NULL {.fd = -1, .pid = -1}

/* Starts program with the peer's end at 3 and extra[i] at 4 + i. Nothing else is inherited. */
int peer_spawn(struct Peer *p, const char *program, const int *extra, size_t n_extra);

/* Takes over a channel whose other end a child holds already. */
int peer_adopt(struct Peer *p, int fd, pid_t pid);

/* Queues when the socket is full; 0, CHANNEL_CLOSED or -errno. Descriptors are duplicated as needed. */
int peer_send(struct Peer *p, enum MessageType type, const void *body, const int *fds, size_t n_fds);

int peer_pause(struct Peer *p);
int peer_resume(struct Peer *p);

/* Closes the channel; with kill also ends the process. What was queued is dropped. */
void peer_stop(struct Peer *p, bool kill_it);
