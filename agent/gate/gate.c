/* SPDX-License-Identifier: Apache-2.0 */
#include "gate.h"

#include "channel.h"
#include "clock.h"
#include "fault.h"
#include "parse.h"
#include "str.h"

#include <fcntl.h>
#include <sys/socket.h>

#define PATIENCE 5000 /* milliseconds for a request to come */

static int gate_accept(void *owner, int fd, uint32_t events);
static int gate_late(void *owner);

static int arm(struct Gate *g)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < ARRAY_SIZE(g->clients); i++)
		if (g->clients[i].id && !g->clients[i].asked)
			next = MIN(next, g->clients[i].deadline);
	return dispatch_at(g->dispatch, next, gate_late, g);
}

static int client_drop(struct Gate *g, struct Client *c)
{
	dispatch_remove(g->dispatch, c->fd);
	fd_close(c->fd);
	*c = (struct Client){.fd = -1};
	if (g->paused) {
		g->paused = false;
		return dispatch_change(g->dispatch, g->listening, EPOLLIN);
	}
	return 0;
}

static int gate_late(void *owner)
{
	struct Gate *g = owner;
	int64_t now = clock_boot();

	for (size_t i = 0; i < ARRAY_SIZE(g->clients); i++) {
		struct Client *c = &g->clients[i];
		int r = c->id && !c->asked && c->deadline <= now ? client_drop(g, c) : 0;

		if (r < 0)
			return r;
	}
	return arm(g);
}

/* A client that does not take its answer gets none: we wait for nobody. */
static int client_tell(struct Gate *g, struct Client *c, const struct Message *m)
{
	union MessageBody body = m->body;
	uint32_t nobody = 0;
	int r;

	memcpy(&body, &nobody, sizeof(nobody));
	r = channel_send(c->fd, m->type, &body, m->fds, m->n_fds);
	if (r || m->type == MSG_REPLY)
		return client_drop(g, c);
	return 0;
}

static int client_refuse(struct Gate *g, struct Client *c, int fault, const char *subject)
{
	struct Message m = {.type = MSG_REPLY};

	m.body.REPLY.fault = (uint16_t)fault;
	m.body.REPLY.n = UINT64_MAX;
	STR_CUT(m.body.REPLY.subject, subject);
	return client_tell(g, c, &m);
}

/* What a client sent: bytes and at most one descriptor. */
struct Packet {
	char bytes[LIMIT_REQUEST + 1];
	ssize_t size;
	int fd;
	bool broken;
};

static void packet_receive(int from, struct Packet *ret)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * 4)];
		struct cmsghdr align;
	} control;
	struct iovec iov = {ret->bytes, sizeof(ret->bytes)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};

	*ret = (struct Packet){.fd = -1};
	ret->size = recvmsg(from, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (ret->size < 0)
		return;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		size_t n = c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS ?
			(c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;

		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (ret->fd >= 0) {
				fd_close(fd);
				ret->broken = true;
			} else
				ret->fd = fd;
		}
	}
	ret->broken |= (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
}

/* The end of a socketpair: connected, not listening. */
static bool is_channel(int fd)
{
	int listening = 1;
	socklen_t n = sizeof(listening);

	return channel_verify(fd) >= 0 && !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) && !listening;
}

static int client_ask(struct Gate *g, struct Client *c, const struct Packet *p)
{
	struct MsgRequest ask = {.client = c->id};
	char subject[LIMIT_SUBJECT];
	int fds[2] = {c->fd, p->fd}, r;

	r = p->broken ? FAULT_BAD_REQUEST
		      : request_parse(p->bytes, (size_t)p->size, &ask.request, subject, sizeof(subject));
	if (r)
		return client_refuse(g, c, r, p->broken ? "its form is wrong" : subject);
	if (request_has_channel(ask.request.verb) != (p->fd >= 0) || (p->fd >= 0 && !is_channel(p->fd)))
		return client_refuse(g, c, FAULT_BAD_REQUEST, "the job's channel");
	c->asked = true;
	r = channel_send(g->channel, MSG_REQUEST, &ask, fds, p->fd >= 0 ? 2 : 1);
	return r > 0 ? -EPIPE : r;
}

static struct Client *client_by_fd(struct Gate *g, int fd)
{
	for (size_t i = 0; i < ARRAY_SIZE(g->clients); i++)
		if (g->clients[i].id && g->clients[i].fd == fd)
			return &g->clients[i];
	return NULL;
}

static int client_ready(void *owner, int fd, uint32_t events)
{
	struct Gate *g = owner;
	struct Client *c = client_by_fd(g, fd);
	struct Packet p;
	int r;

	(void)events;
	if (!c)
		return 0;
	packet_receive(fd, &p);
	if (p.size < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	/* gone, or a second request where one is the rule */
	r = p.size <= 0 || c->asked ? client_drop(g, c) : client_ask(g, c, &p);
	fd_close(p.fd);
	return r < 0 ? r : arm(g);
}

static struct Client *client_slot(struct Gate *g)
{
	for (size_t i = 0; i < ARRAY_SIZE(g->clients); i++)
		if (!g->clients[i].id)
			return &g->clients[i];
	return NULL;
}

static bool has_enough(const struct Gate *g, uid_t uid)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(g->clients); i++)
		n += g->clients[i].id && g->clients[i].uid == uid;
	return n >= LIMIT_CLIENTS_UID;
}

static uint32_t next_id(struct Gate *g)
{
	if (++g->next_id == 0)
		g->next_id = 1; /* 0 is nobody */
	return g->next_id;
}

static int gate_accept(void *owner, int fd, uint32_t events)
{
	struct Gate *g = owner;
	struct Client *c = client_slot(g);
	_cleanup_fd_ int client = -1;
	struct ucred who;
	socklen_t n = sizeof(who);
	int r;

	(void)events;
	if (!c) {
		g->paused = true;
		return dispatch_change(g->dispatch, fd, 0);
	}
	client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client < 0)
		return 0;
	if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &n) || has_enough(g, who.uid))
		return 0; /* one user takes nobody else's place */
	r = dispatch_add(g->dispatch, client, EPOLLIN, client_ready, g);
	if (r < 0)
		return r;
	*c = (struct Client){next_id(g), fd_steal(&client), who.uid, false, clock_boot() + PATIENCE};
	return arm(g);
}

static int core_ready(void *owner, int fd, uint32_t events)
{
	struct Gate *g = owner;

	(void)events;
	for (;;) {
		_cleanup_message_ struct Message m;
		uint32_t id;
		int r = channel_receive(fd, &m);

		if (r == CHANNEL_AGAIN)
			return 0;
		if (r == CHANNEL_CLOSED) {
			dispatch_stop(g->dispatch);
			return 0;
		}
		if (r)
			return r < 0 ? r : -EPROTO;
		memcpy(&id, &m.body, sizeof(id));
		for (size_t i = 0; id && i < ARRAY_SIZE(g->clients); i++)
			if (g->clients[i].id == id) {
				r = client_tell(g, &g->clients[i], &m);
				break;
			}
		if (r < 0)
			return r;
	}
}

int gate_run(struct Gate *g)
{
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(g->clients); i++)
		g->clients[i].fd = -1;
	if (fcntl(g->listening, F_SETFL, O_NONBLOCK) || fcntl(g->channel, F_SETFL, O_NONBLOCK))
		return -errno;
	r = dispatch_add(g->dispatch, g->listening, EPOLLIN, gate_accept, g);
	if (r >= 0)
		r = dispatch_add(g->dispatch, g->channel, EPOLLIN, core_ready, g);
	return r < 0 ? r : dispatch_run(g->dispatch);
}
