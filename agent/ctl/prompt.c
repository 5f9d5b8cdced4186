/* SPDX-License-Identifier: Apache-2.0 */
#include "prompt.h"

#include "say.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>

bool prompt_possible(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* 1: a line is there to read. */
static int await(int tty, int signals)
{
	struct pollfd p[2] = {{.fd = tty, .events = POLLIN}, {.fd = signals, .events = POLLIN}};

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return PROMPT_CANCELLED;
		if (p[1].revents)
			return PROMPT_CANCELLED;
		if (p[0].revents)
			return 0;
	}
}

/* A terminal gives whole lines. */
static int line_read(int tty, int signals, char *ret, size_t size)
{
	size_t at = 0;

	for (;;) {
		ssize_t n;
		int r = await(tty, signals);

		if (r)
			return r;
		n = read(tty, ret + at, size - 1 - at);
		if (n <= 0)
			return PROMPT_CANCELLED;
		at += (size_t)n;
		ret[at] = '\0';
		if (ret[at - 1] == '\n') {
			ret[at - 1] = '\0';
			return 0;
		}
		if (at == size - 1)
			return -E2BIG;
	}
}

static int line_ask(const struct Prompt *p, int tty, char *ret, size_t size)
{
	int r;

	do {
		dprintf(tty, "%s", p->question);
		r = line_read(tty, p->signals, ret, size);
		if (p->hidden)
			dprintf(tty, "\n");
		if (r == -E2BIG)
			tcflush(tty, TCIFLUSH);
	} while (r == -E2BIG);
	return r;
}

int prompt_line(const struct Prompt *p, char *ret, size_t size)
{
	_cleanup_fd_ int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios before, silent;
	int r;

	if (tty < 0 || tcgetattr(tty, &before))
		return PROMPT_NONE;
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	if (p->hidden && tcsetattr(tty, TCSAFLUSH, &silent))
		return PROMPT_NONE;
	r = line_ask(p, tty, ret, size);
	if (p->hidden && tcsetattr(tty, TCSAFLUSH, &before))
		return PROMPT_NONE;
	return r;
}

bool prompt_erase(const char *name, const char *number, bool yes)
{
	_cleanup_free_ char *shown = say_escape(name), *line = NULL;
	size_t room = 0;
	ssize_t n;

	say_warning(_("this erases everything on %s"), shown);
	if (yes || !isatty(STDIN_FILENO))
		return true;
	fprintf(stderr, _("Type %s to go on: "), number);
	fflush(stderr);
	n = getline(&line, &room, stdin);
	if (n > 0 && line[n - 1] == '\n')
		line[n - 1] = '\0';
	return n > 0 && !strcmp(line, number);
}
