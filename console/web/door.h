/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * HTTP: the one door to libmicrohttpd. It listens, keeps every client within its limits, turns what comes
 * into struct RequestRaw and adds the headers that every answer carries. One thread, one loop: no client can
 * hold it longer than the limits below.
 */
#include "http_answer.h"
#include "http_request.h"

enum DoorLimit {
	DOOR_CONNECTIONS = 512,
	DOOR_PATIENCE = 10000,      /* milliseconds for a request to come in whole */
	DOOR_PATIENCE_SHORT = 1000, /* the same when three quarters of the connections are taken */
	DOOR_ANSWER = 60000,        /* for an answer to be taken, or a piece of it */
	DOOR_MEMORY = 24576,        /* bytes of request line and headers */
	DOOR_BLOCK = 16384,         /* bytes of a stream that are sent at once */
	DOOR_ADDRESSES = 1024,      /* addresses whose rate is watched */
};

/* What its process calls once it serves (sandbox.h). */
#define DOOR_CALLS                                                                                           \
	SANDBOX_ALLOW(poll), SANDBOX_ALLOW(epoll_wait), SANDBOX_ALLOW(epoll_ctl), SANDBOX_ALLOW(accept4),    \
	        SANDBOX_ALLOW(recvfrom), SANDBOX_ALLOW(sendto), SANDBOX_ALLOW(sendmsg),                      \
	        SANDBOX_ALLOW(shutdown), SANDBOX_ALLOW(setsockopt), SANDBOX_ALLOW(getsockopt),               \
	        SANDBOX_ALLOW(fcntl)

struct DoorSettings {
	int listener; /* a listening TCP socket */
	bool proxied; /* a proxy of ours stands before it: TLS ends there, it names the client's address */
	const char *host;         /* the name people use, beside localhost; NULL: none */
	unsigned int rate;        /* requests a second and address, lasting */
	unsigned int burst;       /* at once */
	size_t body;              /* bytes of a body at most; 0: REQUEST_BODY_MOST */
	unsigned int connections; /* at once; 0: DOOR_CONNECTIONS */
};

typedef void (*DoorServe)(void *owner, const struct RequestRaw *raw, struct HttpAnswer *ret);

struct Door;

int door_open(const struct DoorSettings *settings, DoorServe serve, void *owner, struct Door **ret);
struct Door *door_free(struct Door *d);

/* Serves until `stop` is readable: 0 or -errno. */
int door_run(struct Door *d, int stop);

/* A listening socket on the loopback address; port 0: any. *ret_port: which. */
int door_listen(uint16_t port, int *ret, uint16_t *ret_port);
