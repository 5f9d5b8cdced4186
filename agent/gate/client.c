/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include "fault.h"
#include "gate.h"
#include "str.h"

#include <sys/socket.h>

/* core's rows carry the client first, so that one assignment serves all */
static_assert(offsetof(struct MsgStatus, client) == 0, "client comes first");
static_assert(LIMIT_MEDIA * (8 + sizeof(struct MsgMedium)) < QUEUE_CLIENT, "every registered medium fits");
static_assert(offsetof(struct MsgDevice, client) == 0, "client comes first");
static_assert(offsetof(struct MsgMedium, client) == 0, "client comes first");
static_assert(offsetof(struct MsgStep, client) == 0, "client comes first");
static_assert(offsetof(struct MsgFound, client) == 0, "client comes first");
static_assert(offsetof(struct MsgReplyFiles, client) == 0, "client comes first");
static_assert(offsetof(struct MsgReply, client) == 0, "client comes first");

static struct Packet *packet_free(struct Packet *p)
{
	for (size_t i = 0; i < p->n_fds; i++)
		fd_close(p->fds[i]);
	free(p);
	return NULL;
}

/* Takes the first packet off the queue. */
static void packet_drop(struct Client *c)
{
	struct Packet *p = c->queue;

	c->queue = p->next;
	if (!c->queue)
		c->end = &c->queue;
	c->queued -= p->size;
	c->gate->queued -= p->size;
	packet_free(p);
}

struct Client *client_free(struct Client *c)
{
	if (!c)
		return NULL;
	while (c->queue)
		packet_drop(c);
	if (c->fd >= 0)
		shutdown(c->fd, SHUT_RDWR); /* core may hold a copy: the end must be seen all the same */
	c->fd = fd_close(c->fd);
	c->channel = fd_close(c->channel);
	free(c->request);
	free(c);
	return NULL;
}

int client_flush(struct Client *c)
{
	while (c->queue) {
		struct Packet *p = c->queue;
		int r = channel_send(c->fd, p->type, p->body, p->fds, p->n_fds);

		if (r == CHANNEL_AGAIN)
			return CLIENT_WAITS;
		if (r)
			return CLIENT_OVER;
		packet_drop(c);
	}
	return c->answered ? CLIENT_OVER : 0;
}

int client_answer(struct Client *c, struct Message *m)
{
	struct Packet *p;

	if (c->answered)
		return CLIENT_OVER;
	if (c->queued + m->size > QUEUE_CLIENT || c->gate->queued + m->size > QUEUE_TOTAL)
		return CLIENT_OVER;
	p = malloc(sizeof(*p) + m->size);
	if (!p)
		return CLIENT_OVER;
	*p = (struct Packet){.type = m->type, .size = m->size, .n_fds = m->n_fds};
	memcpy(p->body, &m->body, m->size);
	memset(p->body, 0, sizeof(uint32_t)); /* the number of the client is our own affair */
	for (size_t i = 0; i < m->n_fds; i++)
		p->fds[i] = fd_steal(&m->fds[i]);
	m->n_fds = 0;
	*c->end = p;
	c->end = &p->next;
	c->queued += p->size;
	c->gate->queued += p->size;
	c->answered = m->type == MSG_REPLY;
	return client_flush(c);
}

int client_refuse(struct Client *c, int fault, const char *subject)
{
	struct Message m = {.type = MSG_REPLY, .size = sizeof(m.body.REPLY)};

	m.body.REPLY = (struct MsgReply){.fault = (uint16_t)fault, .n = UINT64_MAX};
	STR_CUT(m.body.REPLY.subject, subject);
	return client_answer(c, &m);
}

static void take_fds(struct msghdr *m, struct Asked *ret)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		assert(ret->n_fds + n <= LIMIT_FDS); /* the buffer has room for no more */
		memcpy(ret->fds + ret->n_fds, CMSG_DATA(c), n * sizeof(int));
		ret->n_fds += n;
	}
}

int client_read(struct Client *c, struct Asked *ret)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * LIMIT_FDS)];
		struct cmsghdr align;
	} control;
	struct iovec iov = {ret->text, sizeof(ret->text)};
	struct msghdr m = {
	        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t n;

	ret->n_fds = 0;
	do
		n = recvmsg(c->fd, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? CHANNEL_AGAIN : CHANNEL_CLOSED;
	take_fds(&m, ret);
	if (m.msg_flags & (MSG_CTRUNC | MSG_TRUNC) || n > LIMIT_REQUEST)
		return CHANNEL_BROKEN;
	ret->n = (size_t)n;
	return n ? 0 : CHANNEL_CLOSED;
}
