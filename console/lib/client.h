/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Asking the store over a socket and waiting for the answer. Not for two threads at once. */
#include "frame.h"

#define STORE_FD  3 /* where web and intake find their end of the pair */
#define LISTEN_FD 4 /* where web finds the socket it accepts from, listening on a loopback address */

/* Web's exit status when it was to print a page that is none, or whose question is malformed. */
#define WEB_NO_SUCH_PAGE 4
/* The store's: a database of no version that it knows. */
#define STORE_STRANGE 3

struct Client {
	int fd;
	uint8_t frame[FRAME_MOST]; /* of the last answer: its cells point into it until the next question */
};

/* *ret is set whenever 0 is returned; ret->outcome says how it went. -errno: the store is gone or not to be
   trusted, and the caller must end. */
_must_check_ int client_ask(struct Client *c, const struct Ask *ask, struct Answer *ret);
