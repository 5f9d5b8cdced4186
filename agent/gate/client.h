/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One connection to the socket: a request comes in, rows and one reply go out. A client that does not
 * read is waited for a while and then dropped; nothing here ever blocks.
 */
#include "channel.h"
#include "std.h"

#include <sys/types.h>

/* What clients that do not read may make us hold. Every registered medium fits in one's share. */
#define QUEUE_CLIENT (5u << 20)
#define QUEUE_TOTAL  (20u << 20)

/* Milliseconds: from connecting to the whole request, and for an answer that does not move. */
#define CLIENT_PATIENCE 5000

struct Packet {
	struct Packet *next;
	enum MessageType type;
	size_t size, n_fds;
	int fds[LIMIT_FDS];
	uint8_t body[];
};

struct Client {
	struct Gate *gate;
	uint32_t id;
	uid_t uid; /* for the count only: core asks the kernel itself */
	int fd;
	int channel;                /* until core has it */
	struct MsgRequest *request; /* until core has it */
	bool asked;                 /* the one request came */
	bool answered;              /* the reply is queued: over when the queue is empty */
	struct Packet *queue, **end;
	size_t queued;
};

struct Client *client_free(struct Client *c);

enum ClientOutcome {
	CLIENT_WAITS = 1, /* something is still queued */
	CLIENT_OVER,      /* answered, gone, or too slow */
};

/* Takes one row or the reply for the client; descriptors of `m` are stolen. */
int client_answer(struct Client *c, struct Message *m);
/* Sends what is queued. 0: all of it. */
int client_flush(struct Client *c);
/* Queues a reply of our own. */
int client_refuse(struct Client *c, int fault, const char *subject);

struct Asked {
	char text[LIMIT_REQUEST + 1];
	size_t n;
	size_t n_fds;
	int fds[LIMIT_FDS];
};
/* The request's packet: 0, CHANNEL_AGAIN, CHANNEL_CLOSED, CHANNEL_BROKEN (too long, too many descriptors;
   those that came are in *ret). */
int client_read(struct Client *c, struct Asked *ret);
