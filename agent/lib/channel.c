/* SPDX-License-Identifier: Apache-2.0 */
#include "channel.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

struct WireRow {
	uint32_t type, size;
	uint8_t least, most;
	const char *name;
};

#define WIRE_ROW(name, number, type, least, most) {number, sizeof(type), least, most, #name},
static const struct WireRow rows[] = {WIRE_TABLE(WIRE_ROW)};

struct TextRow {
	uint32_t type;
	size_t offset, size;
};

#define WIRE_TEXT(message, member)                                                        \
	{MSG_##message, offsetof(union MessageBody, message.member),                      \
		sizeof(((union MessageBody *)NULL)->message.member)},
static const struct TextRow texts[] = {WIRE_TEXTS(WIRE_TEXT)};

struct Header {
	uint32_t type, size;
};

static const struct WireRow *wire_row(uint32_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].type == type)
			return &rows[i];
	return NULL;
}

const char *channel_name(uint32_t type)
{
	const struct WireRow *row = wire_row(type);

	return row ? row->name : "unknown";
}

size_t channel_size(uint32_t type)
{
	const struct WireRow *row = wire_row(type);

	return row ? row->size : 0;
}

void message_done(struct Message *m)
{
	for (size_t i = 0; i < m->n_fds; i++)
		m->fds[i] = fd_close(m->fds[i]);
	m->n_fds = 0;
}

int channel_pair(int ret[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) ? -errno : 0;
}

int channel_verify(int fd)
{
	int domain, type;
	socklen_t n = sizeof(domain);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) || domain != AF_UNIX)
		return -EBADF;
	n = sizeof(type);
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) || type != SOCK_SEQPACKET)
		return -EBADF;
	return 0;
}

int channel_send(int fd, enum MessageType type, const void *body, const int *fds, size_t n_fds)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * LIMIT_FDS)];
		struct cmsghdr align;
	} control = {};
	const struct WireRow *row = wire_row(type);
	struct Header header;
	struct iovec iov[2];
	struct msghdr m = {.msg_iov = iov, .msg_iovlen = 2};

	if (!row || n_fds < row->least || n_fds > row->most)
		return -EINVAL;
	header = (struct Header){type, row->size};
	iov[0] = (struct iovec){&header, sizeof(header)};
	memcpy(&iov[1].iov_base, &body, sizeof(body)); /* sendmsg only reads what iovec calls void * */
	iov[1].iov_len = row->size;
	if (n_fds) {
		struct cmsghdr *c;

		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
	}
	for (;;) {
		if (sendmsg(fd, &m, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return CHANNEL_AGAIN;
		if (errno == EPIPE || errno == ECONNRESET)
			return CHANNEL_CLOSED;
		return -errno;
	}
}

static bool texts_closed(const struct Message *m)
{
	const char *body = (const char *)&m->body;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].type == m->type && !memchr(body + texts[i].offset, '\0', texts[i].size))
			return false;
	return true;
}

int channel_check(const void *packet, size_t size, size_t n_fds, struct Message *ret)
{
	const struct WireRow *row;
	struct Header header;

	if (size < sizeof(header))
		return CHANNEL_BROKEN;
	memcpy(&header, packet, sizeof(header));
	row = wire_row(header.type);
	if (!row || header.size != row->size || size != sizeof(header) + row->size)
		return CHANNEL_BROKEN;
	if (n_fds < row->least || n_fds > row->most)
		return CHANNEL_BROKEN;
	ret->type = header.type;
	ret->size = header.size;
	memcpy(&ret->body, (const uint8_t *)packet + sizeof(header), row->size);
	return texts_closed(ret) ? 0 : CHANNEL_BROKEN;
}

static int take_fds(struct msghdr *m, struct Message *ret)
{
	int r = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (ret->n_fds < LIMIT_FDS)
				ret->fds[ret->n_fds++] = fd;
			else {
				fd_close(fd);
				r = CHANNEL_BROKEN;
			}
		}
	}
	return m->msg_flags & (MSG_CTRUNC | MSG_TRUNC) ? CHANNEL_BROKEN : r;
}

int channel_receive(int fd, struct Message *ret)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * LIMIT_FDS)];
		struct cmsghdr align;
	} control;
	struct {
		struct Header header;
		union MessageBody body;
	} packet;
	struct iovec iov = {&packet, sizeof(packet)};
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t n;
	int r;

	ret->n_fds = 0;
	ret->type = 0;
	do
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	/* the peer left without reading all we sent; what it had said before that still waits behind this error */
	if (n < 0 && errno == ECONNRESET)
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return CHANNEL_AGAIN;
	if (n < 0 && errno == ECONNRESET)
		return CHANNEL_CLOSED;
	if (n < 0)
		return -errno;
	r = take_fds(&m, ret);
	if (!r && n == 0)
		r = CHANNEL_CLOSED;
	if (!r)
		r = channel_check(&packet, (size_t)n, ret->n_fds, ret);
	if (r) {
		message_done(ret);
		ret->type = 0;
	}
	return r;
}
