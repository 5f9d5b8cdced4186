/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A descriptor that a client sends may be anything. Closing one can wait for as long as its owner
 * likes (a file of a hanging FUSE mount is flushed, a TCP socket lingers), and the gate has one thread.
 * So what is no AF_UNIX SOCK_SEQPACKET socket is never closed: it is left open, and its sender may not
 * come again until the gate restarts. That costs one descriptor for each such user. The command never
 * sends anything of the kind.
 */
#include "gate.h"

#include "clock.h"
#include "fault.h"
#include "log.h"
#include "parse.h"

#include <fcntl.h>
#include <sys/socket.h>

#define RETRY 1000 /* milliseconds, when there is no descriptor to accept with */

static int client_due(void *owner);

/* ------------------------------------------------------------------ clients */

static void gate_resume(struct Gate *g);

static void client_drop(struct Client *c)
{
	struct Gate *g = c->gate;

	for (size_t i = 0; i < g->n_clients; i++)
		if (g->clients[i] == c) {
			g->clients[i] = g->clients[--g->n_clients];
			break;
		}
	(void)dispatch_at(g->dispatch, INT64_MAX, client_due, c);
	dispatch_remove(g->dispatch, c->fd);
	client_free(c);
	gate_resume(g);
}

/* Too slow with the request, or with reading the answer. */
static int client_due(void *owner)
{
	client_drop(owner);
	return 0;
}

static struct Client *client_find(struct Gate *g, uint32_t id)
{
	for (size_t i = 0; i < g->n_clients; i++)
		if (g->clients[i]->id == id)
			return g->clients[i];
	return NULL;
}

/* What follows from the outcome of client_answer or client_flush. */
static int client_settle(struct Client *c, int outcome)
{
	struct Dispatch *d = c->gate->dispatch;
	int r;

	if (outcome == CLIENT_OVER) {
		client_drop(c);
		return 0;
	}
	r = dispatch_change(d, c->fd, outcome == CLIENT_WAITS ? EPOLLIN | EPOLLOUT : EPOLLIN);
	if (r < 0)
		return r;
	return dispatch_at(
	        d, outcome == CLIENT_WAITS ? clock_boot() + CLIENT_PATIENCE : INT64_MAX, client_due, c);
}

/* ------------------------------------------------------------------ to core */

static int gate_forward(struct Gate *g, struct Client *c)
{
	int fds[] = {c->fd, c->channel};
	int r = channel_send(g->core, MSG_REQUEST, c->request, fds, c->channel >= 0 ? 2 : 1);

	if (r == CHANNEL_AGAIN)
		return dispatch_change(g->dispatch, g->core, EPOLLIN | EPOLLOUT);
	if (r == CHANNEL_CLOSED)
		return -EPIPE;
	c->channel = fd_close(c->channel);
	free(c->request);
	c->request = NULL;
	if (r < 0) /* too many descriptors on their way: this one client's trouble */
		return client_settle(c, client_refuse(c, FAULT_TOO_MANY, "requests"));
	return 0;
}

/* Core has room again. */
static int gate_forward_all(struct Gate *g)
{
	int r = dispatch_change(g->dispatch, g->core, EPOLLIN);

	for (size_t i = g->n_clients; r >= 0 && i > 0; i--)
		if (i <= g->n_clients && g->clients[i - 1]->request)
			r = gate_forward(g, g->clients[i - 1]);
	return r;
}

static bool is_banned(const struct Gate *g, uid_t uid)
{
	for (size_t i = 0; i < g->n_banned; i++)
		if (g->banned[i] == uid)
			return true;
	return false;
}

static bool is_channel(int fd)
{
	int listening;
	socklen_t n = sizeof(listening);

	return channel_verify(fd) == 0 && getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) == 0 &&
	       !listening;
}

/* Closes what may be closed; what may not bans its sender. True when all were channels. */
static bool asked_check(struct Client *c, struct Asked *a, bool keep)
{
	struct Gate *g = c->gate;
	bool good = true;

	for (size_t i = 0; i < a->n_fds; i++) {
		if (channel_verify(a->fds[i]) == 0) {
			good = good && is_channel(a->fds[i]);
			if (!keep || !good)
				a->fds[i] = fd_close(a->fds[i]);
			continue;
		}
		good = false;
		if (!is_banned(g, c->uid) && g->n_banned < ARRAY_SIZE(g->banned)) {
			g->banned[g->n_banned++] = c->uid;
			log_warning("uid %u sent a descriptor that is no channel: its requests are refused",
			        c->uid);
		}
	}
	return good;
}

static int client_ask(struct Client *c, struct Asked *a)
{
	char subject[PARSE_SUBJECT];
	int fault;

	c->asked = true;
	if (!asked_check(c, a, a->n_fds == 1))
		return client_settle(c, client_refuse(c, FAULT_BAD_REQUEST, "channel"));
	if (a->n_fds == 1)
		c->channel = a->fds[0];
	c->request = calloc(1, sizeof(*c->request));
	if (!c->request)
		return client_settle(c, client_refuse(c, FAULT_TOO_MANY, "requests"));
	fault = parse_request(a->text, a->n, a->n_fds, &c->request->request, subject);
	if (fault) {
		free(c->request);
		c->request = NULL;
		return client_settle(c, client_refuse(c, fault, subject));
	}
	c->request->client = c->id;
	(void)dispatch_at(c->gate->dispatch, INT64_MAX, client_due, c);
	return gate_forward(c->gate, c);
}

static int client_ready(void *owner, int fd _unused_, uint32_t events)
{
	struct Client *c = owner;
	struct Asked asked;
	int r;

	if (events & EPOLLOUT && c->queue) {
		int outcome = client_flush(c);

		if (outcome == CLIENT_OVER || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
			return client_settle(c, outcome);
	}
	r = client_read(c, &asked);
	if (r == CHANNEL_AGAIN)
		return 0;
	if (r == 0 && !c->asked)
		return client_ask(c, &asked);
	/* gone, broken, or a second request */
	(void)asked_check(c, &asked, false);
	if (r == CHANNEL_BROKEN && !c->asked) {
		c->asked = true;
		return client_settle(c, client_refuse(c, FAULT_BAD_REQUEST, "too long"));
	}
	client_drop(c);
	return 0;
}

/* ------------------------------------------------------------------ the listening socket */

static size_t clients_of(const struct Gate *g, uid_t uid)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_clients; i++)
		n += g->clients[i]->uid == uid;
	return n;
}

static uint32_t next_id(struct Gate *g)
{
	do
		g->last_id++;
	while (!g->last_id || client_find(g, g->last_id));
	return g->last_id;
}

static int gate_add(struct Gate *g, int *fd, uid_t uid)
{
	struct Client *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	*c = (struct Client){.gate = g, .id = next_id(g), .uid = uid, .fd = fd_steal(fd), .channel = -1};
	c->end = &c->queue;
	r = dispatch_add(g->dispatch, c->fd, EPOLLIN, client_ready, c);
	if (r >= 0)
		r = dispatch_at(g->dispatch, clock_boot() + CLIENT_PATIENCE, client_due, c);
	if (r < 0) {
		dispatch_remove(g->dispatch, c->fd);
		client_free(c);
		return r;
	}
	g->clients[g->n_clients++] = c;
	return 0;
}

/* One user's share is used up: said at once, if the person's socket takes it. */
static void refuse_at_once(int fd)
{
	struct MsgReply reply = {.fault = FAULT_TOO_MANY, .n = UINT64_MAX, .subject = "requests"};

	if (channel_send(fd, MSG_REPLY, &reply, NULL, 0))
		log_info("one user has too many requests, ignoring the next");
}

static int gate_due(void *owner)
{
	gate_resume(owner);
	return 0;
}

static void gate_pause(struct Gate *g)
{
	dispatch_remove(g->dispatch, g->listener);
	g->paused = true;
	if (!g->n_clients) /* nobody whose end would wake us */
		(void)dispatch_at(g->dispatch, clock_boot() + RETRY, gate_due, g);
}

static int gate_accept(void *owner, int listener, uint32_t events _unused_)
{
	struct Gate *g = owner;
	struct ucred peer;
	socklen_t n = sizeof(peer);
	_cleanup_fd_ int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			gate_pause(g);
		return 0;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) || is_banned(g, peer.uid))
		return 0;
	if (clients_of(g, peer.uid) >= LIMIT_CLIENTS_UID) {
		refuse_at_once(fd);
		return 0;
	}
	if (gate_add(g, &fd, peer.uid) < 0)
		log_warning("no memory for one more client, ignoring it");
	if (g->n_clients == ARRAY_SIZE(g->clients))
		gate_pause(g);
	return 0;
}

static void gate_resume(struct Gate *g)
{
	if (!g->paused)
		return;
	if (dispatch_add(g->dispatch, g->listener, EPOLLIN, gate_accept, g) < 0) {
		(void)dispatch_at(g->dispatch, clock_boot() + RETRY, gate_due, g);
		return;
	}
	g->paused = false;
	(void)dispatch_at(g->dispatch, INT64_MAX, gate_due, g);
}

/* ------------------------------------------------------------------ from core */

/* Their numbers are a group of their own in wire.h, and every one begins with the client's. A list of them
   here did not have the newest, and a person who asked for a year to be dropped ended the gate for all. */
static bool is_answer(uint32_t type)
{
	return type > MSG_REQUEST && type < MSG_LOAD_TERMINAL;
}

static int core_ready(void *owner, int fd, uint32_t events)
{
	struct Gate *g = owner;
	int r;

	if (events & EPOLLOUT) {
		r = gate_forward_all(g);
		if (r < 0)
			return r;
	}
	/* all that is there, so that a client's rows leave in one go; others come after 256 */
	for (int i = 0; i < 256; i++) {
		_cleanup_message_ struct Message m;
		struct Client *c;
		uint32_t id;

		r = channel_receive(fd, &m);
		if (r == CHANNEL_AGAIN)
			return 0;
		if (r)
			return r == CHANNEL_CLOSED ? -EPIPE : r < 0 ? r : -EPROTO;
		if (!is_answer(m.type))
			return -EPROTO;
		memcpy(&id, &m.body, sizeof(id));
		c = client_find(g, id);
		if (!c) /* went away before its answer */
			continue;
		r = client_settle(c, client_answer(c, &m));
		if (r < 0)
			return r;
	}
	return 0;
}

/* ------------------------------------------------------------------ the whole */

static int set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) ? -errno : 0;
}

struct Gate *gate_free(struct Gate *g)
{
	if (!g)
		return NULL;
	while (g->n_clients)
		client_free(g->clients[--g->n_clients]);
	g->dispatch = dispatch_free(g->dispatch);
	free(g);
	return NULL;
}

void gate_freep(struct Gate **g)
{
	*g = gate_free(*g);
}

int gate_new(int core, int listener, struct Gate **ret)
{
	_cleanup_gate_ struct Gate *g = calloc(1, sizeof(*g));
	int r;

	if (!g)
		return -ENOMEM;
	g->core = core;
	g->listener = listener;
	r = dispatch_new(&g->dispatch);
	if (r >= 0)
		r = set_nonblocking(core);
	if (r >= 0)
		r = set_nonblocking(listener);
	if (r >= 0)
		r = dispatch_add(g->dispatch, core, EPOLLIN, core_ready, g);
	if (r >= 0)
		r = dispatch_add(g->dispatch, listener, EPOLLIN, gate_accept, g);
	if (r < 0)
		return r;
	*ret = ptr_steal(&g);
	return 0;
}

int gate_run(struct Gate *g)
{
	return dispatch_run(g->dispatch);
}
