/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A store in this process over a folder of its own, asked as web asks it. */
#include "server.h"

#include <sys/types.h>

struct StoreRig {
	char path[64];
	struct Server server;
	uint8_t packet[FRAME_MOST], frame[FRAME_MOST];
	size_t frame_size;
	struct Answer answer;
	struct Cell row[QUERY_CELLS_MOST]; /* the first one */
	char token[TOKEN_MOST];
};

struct StoreRig *store_rig_new(void);
struct StoreRig *store_rig_free(struct StoreRig *g);

/* The outcome; the answer's first row is read when there is one. */
enum QueryOutcome store_rig_ask(struct StoreRig *g, enum Query query, const struct Cell *cells, size_t n);

#define RIG_ASK(g, query, ...)                                          \
	store_rig_ask((g), (query), (const struct Cell[]){__VA_ARGS__}, \
	        ARRAY_SIZE(((const struct Cell[]){__VA_ARGS__})))
#define RIG_ASK_ALONE(g, query) store_rig_ask((g), (query), NULL, 0)

/* The first administrator, with a session in g->token. */
void store_rig_admin(struct StoreRig *g);

/* An account with a password of its own, made by the administrator whose session g->token is; then g->token
   is the new one's. */
void store_rig_account(struct StoreRig *g, const char *login, uint32_t role);

/* admin1, chief1, kato (supervisor), auditor1, each with a session. */
void store_rig_office(struct StoreRig *g);
/* g->token is that person's from now on; the session lives, however far the clock went on. */
void store_rig_as(struct StoreRig *g, const char *login);

/* The store's other half in a process of its own, as its main.c runs it: intake's end of the channel. It ends
   with status 0 when that is closed. */
int store_rig_feed(const struct StoreRig *g, pid_t *ret);
