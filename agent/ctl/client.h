/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The command's side of the agent's socket: one request, rows, one reply. All functions give 0 or a
 * FAULT_*; nothing is said here.
 */
#include "channel.h"
#include "json.h"
#include "request.h"
#include "verb.h"

#define CLIENT_SOCKET "/run/mediagate/socket"

/* A request's text while it is built. What does not fit or holds control characters is remembered in
   `bad` (the field's word) and refused by client_send. */
struct Ask {
	char text[LIMIT_REQUEST];
	size_t n;
	const char *bad;
};

void ask_start(struct Ask *a, enum Verb verb);
void ask_text(struct Ask *a, enum RequestField field, const char *value); /* NULL: left out */
void ask_time(struct Ask *a, enum RequestField field, int64_t ms);
void ask_flag(struct Ask *a, enum RequestField field, bool given);

/* Connects and sends; `channel` (-1: none) travels with it and stays the caller's. *ret is the socket
   to poll and hand to client_receive. FAULT_NO_AGENT when nobody listens. */
_must_check_ int client_send(const struct Context *c, const struct Ask *a, int channel, int *ret);

/* Next row or the reply. FAULT_NO_AGENT when the agent went away without a reply, FAULT_INTERNAL when it
   does not keep to the protocol. */
_must_check_ int client_receive(int fd, struct Message *ret);

/* Send, then every row to `row` (owner, message; may steal its descriptors; NULL: rows are dropped),
   until the reply is in *ret. Returns the reply's fault, or one of those above with *ret filled in
   such a way that client_say(ret) says the right thing. */
typedef void (*ClientRow)(void *owner, struct Message *m);
int client_call(
        const struct Context *c, const struct Ask *a, ClientRow row, void *owner, struct MsgReply *ret);

/* On standard error, when the agent that replied only observes: every command says so. */
void client_mode_say(const struct MsgReply *reply);

/* The members "ok" and, when it is not, "fault", "subject", "sentence" of an open object. */
void client_reply_json(struct Json *j, const struct MsgReply *reply);

/* For verbs that show no rows: with --json one object of those members, "number", "checkout", "record";
   then say_fault. Returns the exit status. */
int client_say(const struct Context *c, const struct MsgReply *reply);
