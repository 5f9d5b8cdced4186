/* SPDX-License-Identifier: Apache-2.0 */
#include "notifier.h"

#include "channel.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define NOTICE_MOST 4096

int notifier_start(struct Notifier *n, const char *program)
{
	int pair[2], r = channel_pair(pair);

	if (r < 0)
		return r;
	n->pid = fork();
	if (n->pid == 0) {
		if (dup2(pair[1], STDIN_FILENO) >= 0)
			execl(program, program, (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	if (n->pid < 0) {
		r = -errno;
		close(pair[0]);
		return r;
	}
	n->fd = pair[0];
	return 0;
}

int notifier_show(struct Notifier *n, const char *summary, const char *body)
{
	char text[NOTICE_MOST];
	int size = snprintf(text, sizeof(text), "%s%c%s", summary, '\0', body);

	if (size < 0 || size >= (int)sizeof(text))
		return -E2BIG;
	return send(n->fd, text, (size_t)size, MSG_NOSIGNAL) == size ? 0 : -EPIPE;
}

int notifier_end(struct Notifier *n)
{
	int status = 0;

	if (n->fd < 0)
		return 0;
	n->fd = fd_close(n->fd);
	while (waitpid(n->pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}
