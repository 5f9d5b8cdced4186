/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what `mediagate watch --notify` hands it on standard input, a packet each: summary, NUL, body. Runs as
 * the person in their session; it is a program of its own so that the command links no bus.
 */
#include "bus.h"
#include "log.h"

#include <sys/socket.h>

#define NOTICE_MOST 4096

static int show(struct Bus *b, char *text, size_t n)
{
	char *end = memchr(text, '\0', n);
	int r;

	text[n] = '\0';
	if (!end)
		return -EBADMSG;
	r = bus_notify(b, text, end + 1);
	/* who shows notices may be started anew: the next one may be seen again */
	if (r < 0)
		log_warning("a notice was not shown: %s", strerror(-r));
	return r == -ENOTCONN || r == -ECONNRESET ? r : 0;
}

int main(void)
{
	_cleanup_(bus_freep) struct Bus *b = NULL;
	char text[NOTICE_MOST + 1];
	int r;

	log_open("mediagate-notify");
	r = bus_open(&b);
	while (r >= 0) {
		ssize_t n = recv(STDIN_FILENO, text, NOTICE_MOST, 0);

		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			r = -errno;
		if (n > 0)
			r = show(b, text, (size_t)n);
	}
	log_error("notices cannot be shown: %s", strerror(-r));
	return 1;
}
