/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Messages of include/wire.h over a socket: sends one, receives and checks one.
 */
#include "std.h"
#include "wire.h"

#define WIRE_MEMBER(name, number, type, least, most) type name;
union MessageBody {
	WIRE_TABLE(WIRE_MEMBER)
};
#undef WIRE_MEMBER

struct Message {
	uint32_t type; /* enum MessageType */
	uint32_t size; /* of the body */
	union MessageBody body;
	size_t n_fds;
	int fds[LIMIT_FDS]; /* owned by the message until stolen */
};

enum ChannelOutcome {
	CHANNEL_AGAIN = 1, /* nothing there now */
	CHANNEL_CLOSED,	   /* the peer is gone */
	CHANNEL_BROKEN,	   /* the peer does not keep to the protocol */
};

/* Closes the descriptors that nobody took. */
void message_done(struct Message *m);
#define _cleanup_message_ _cleanup_(message_done)

/* 0, CHANNEL_AGAIN (only when the socket is non-blocking), CHANNEL_CLOSED, or -errno.
   The size of the body comes from the table. Descriptors stay the caller's. */
_must_check_ int channel_send(int fd, enum MessageType type, const void *body, const int *fds, size_t n_fds);

/* 0 and *ret, or an outcome. Waits unless the socket is non-blocking. On an outcome *ret is empty. */
_must_check_ int channel_receive(int fd, struct Message *ret);

/* Checks a packet: the pure half of channel_receive, for tests and fuzzing. 0 or CHANNEL_BROKEN. */
int channel_check(const void *packet, size_t size, size_t n_fds, struct Message *ret);

/* A pair of connected sockets, close-on-exec. */
int channel_pair(int ret[2]);

/* That an inherited descriptor is an AF_UNIX SOCK_SEQPACKET socket; -EBADF otherwise. */
int channel_verify(int fd);

const char *channel_name(uint32_t type);

/* Size of a message's body; 0: no such message. */
size_t channel_size(uint32_t type);
