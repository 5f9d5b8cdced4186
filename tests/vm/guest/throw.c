/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Throws packets at the agent's socket as a hostile user would: noise, half requests, well-formed requests
 * with noise in them, descriptors nobody asked for, connections left open. throw SOCKET PACKETS SEED
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const words[] = {
	"mediagate/1 status\n", "mediagate/1 devices\n", "mediagate/1 copy\n", "mediagate/1 register\n",
	"mediagate/1 checkout\n", "mediagate/1 return\n", "mediagate/1 get\n", "mediagate/1 records\n",
	"mediagate/1 ", "mediagate/2 status\n", "device=2-1\n", "number=USB-0001\n", "to=clerk2\n",
	"until=99999999999999999999\n", "purpose=", "=", "\n", "name=../../etc/shadow\n", "carry-out=1\n",
};

static int reach(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	for (int i = 0; s >= 0 && i < 200; i++) {
		if (connect(s, (struct sockaddr *)&a, sizeof(a)) == 0)
			return s;
		usleep(10000);
	}
	if (s >= 0)
		close(s);
	return -1;
}

static size_t fill(char *buffer, size_t size)
{
	size_t at = 0, n = (size_t)random() % 6;

	if (random() % 3 == 0) {
		at = (size_t)random() % size;
		for (size_t i = 0; i < at; i++)
			buffer[i] = (char)random();
		return at;
	}
	for (size_t i = 0; i <= n; i++) {
		const char *w = words[(size_t)random() % (sizeof(words) / sizeof(*words))];

		memcpy(buffer + at, w, strlen(w));
		at += strlen(w);
	}
	if (random() % 3 == 0)
		buffer[(size_t)random() % at] = (char)random();
	return at;
}

static ssize_t throw_one(int s, char *buffer, size_t n)
{
	union {
		char bytes[CMSG_SPACE(3 * sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec part = {buffer, n};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
	int fds[3] = {0, s, 1}, n_fds = (int)(random() % 4);

	if (n_fds) {
		struct cmsghdr *c;

		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE((size_t)n_fds * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN((size_t)n_fds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, (size_t)n_fds * sizeof(int));
	}
	return sendmsg(s, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int main(int argc, char **argv)
{
	static char buffer[12000];
	unsigned long sent = 0, dropped = 0, n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	int s = -1;

	if (argc != 4)
		return 2;
	srandom((unsigned)strtoul(argv[3], NULL, 10));
	for (unsigned long i = 0; i < n; i++) {
		if (s < 0 || random() % 8 == 0) {
			if (s >= 0)
				close(s);
			s = reach(argv[1]);
			if (s < 0)
				break;
		}
		if (throw_one(s, buffer, fill(buffer, sizeof(buffer) - 1)) < 0) {
			dropped++;
			close(s);
			s = -1;
		} else {
			sent++;
		}
		while (s >= 0 && recv(s, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
			;
	}
	printf("%lu packets sent, %lu times dropped\n", sent, dropped);
	return sent + dropped == n ? 0 : 1;
}
