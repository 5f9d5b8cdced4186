/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client and core that say anything: the gate must answer the client at most once, never crash, and
 * end only over core. Input: packets {who, size, size, bytes}; who's lowest bit: 0 the client, 1 core.
 */
#include "fault.h"
#include "gate.h"

#include <sys/socket.h>
#include <sys/un.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int person_connect(int listener)
{
	struct sockaddr_un address;
	socklen_t n = sizeof(address);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || getsockname(listener, (struct sockaddr *)&address, &n) ||
	        connect(fd, (const struct sockaddr *)&address, n))
		abort();
	return fd;
}

static size_t replies_count(int fd)
{
	struct Message m;
	size_t n = 0;

	while (channel_receive(fd, &m) == 0) {
		n += m.type == MSG_REPLY;
		message_done(&m);
	}
	return n;
}

/* Plays the packets; stops when the gate ends. */
static void play(struct Gate *g, int person, int core, const uint8_t *data, size_t size)
{
	while (size >= 3) {
		size_t n = (size_t)data[1] << 8 | data[2];
		int to = data[0] & 1 ? core : person;

		data += 3;
		size -= 3;
		n = MIN(n, size);
		if (n && send(to, data, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EPIPE &&
		        errno != EAGAIN && errno != ECONNRESET)
			abort();
		data += n;
		size -= n;
		for (int i = 0; i < 4; i++) {
			int r = dispatch_once(g->dispatch, 0);

			if (r < 0) {
				if (r != -EPROTO)
					abort();
				return;
			}
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_gate_ struct Gate *g = NULL;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_fd_ int listener = -1, person = -1, core = -1, end = -1;
	int pair[2];

	if (channel_pair(pair))
		abort();
	core = pair[0];
	end = pair[1];
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (const struct sockaddr *)&address, sizeof(sa_family_t)) ||
	        listen(listener, 8) || gate_new(end, listener, &g) < 0)
		abort();
	person = person_connect(listener);
	play(g, person, core, data, size);
	if (replies_count(person) > 1)
		abort();
	return 0;
}
