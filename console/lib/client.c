/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <sys/socket.h>

int client_ask(struct Client *c, const struct Ask *ask, struct Answer *ret)
{
	ssize_t n = ask_write(ask, c->frame), r;

	if (n < 0)
		return (int)n;
	do
		r = send(c->fd, c->frame, (size_t)n, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	if (r != n)
		return r < 0 ? -errno : -EIO;
	do
		n = recv(c->fd, c->frame, sizeof(c->frame), MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -EPIPE;
	if ((size_t)n > sizeof(c->frame) || answer_read(c->frame, (size_t)n, ret) < 0 ||
	        ret->query != ask->query)
		return -EBADMSG;
	return 0;
}
