/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A logind of which only sleep is there, told what to do by lines on standard input:
 *   sleep, wake          PrepareForSleep, true or false
 *   say 0|1              what PreparingForSleep is from now on, without a word
 *   refuse 0|1           whether a lock is refused
 *   direct NAME 0|1      PrepareForSleep to that name on the bus alone; `sent` when the bus has passed it on
 *   count                `count N`: locks taken so far
 *   odd                  PrepareForSleep with a text in it
 * On standard output: `ready NAME`, `lock WHAT MODE NAME` for each that is taken by that name, `open` when its holder has let it go.
 * With --stranger it takes no name.
 */
#include "std.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <systemd/sd-bus.h>

#define PATH	"/org/freedesktop/login1"
#define MANAGER "org.freedesktop.login1.Manager"

struct Logind {
	sd_bus *bus;
	int preparing;
	bool refuse;
	unsigned int locks;
	int lock; /* our end: it hangs up when the last holder of the other has closed it; -1: none */
};

static int inhibit(sd_bus_message *m, void *owner, sd_bus_error *error)
{
	struct Logind *l = owner;
	const char *what, *who, *why, *mode;
	int pair[2], r;

	if (sd_bus_message_read(m, "ssss", &what, &who, &why, &mode) < 0)
		return -EBADMSG;
	if (l->refuse)
		return sd_bus_error_set(error, SD_BUS_ERROR_ACCESS_DENIED, "not this one");
	if (pipe2(pair, O_CLOEXEC))
		return -errno;
	fd_close(l->lock);
	l->lock = pair[0];
	l->locks++;
	printf("lock %s %s %s\n", what, mode, sd_bus_message_get_sender(m));
	r = sd_bus_reply_method_return(m, "h", pair[1]);
	close(pair[1]);
	return r;
}

static int preparing(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply,
	void *owner, sd_bus_error *error)
{
	const struct Logind *l = owner;

	(void)bus;
	(void)path;
	(void)interface;
	(void)property;
	(void)error;
	return sd_bus_message_append(reply, "b", l->preparing);
}

static const sd_bus_vtable table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Inhibit", "ssss", "h", inhibit, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("PreparingForSleep", "b", preparing, 0, 0),
	SD_BUS_VTABLE_END,
};

static int direct(struct Logind *l, const char *to, int begins)
{
	sd_bus_message *m = NULL;
	int r = sd_bus_message_new_signal(l->bus, &m, PATH, MANAGER, "PrepareForSleep");

	if (r >= 0)
		r = sd_bus_message_append(m, "b", begins);
	if (r >= 0)
		r = sd_bus_message_set_destination(m, to);
	if (r >= 0)
		r = sd_bus_send(l->bus, m, NULL);
	sd_bus_message_unref(m);
	/* the bus takes one after the other */
	if (r >= 0)
		r = sd_bus_call_method(l->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId", NULL,
			NULL, NULL);
	if (r >= 0)
		printf("sent\n");
	return r;
}

static int command(struct Logind *l, const char *line)
{
	char name[64];
	int flag;

	if (!strcmp(line, "sleep") || !strcmp(line, "wake")) {
		l->preparing = line[0] == 's';
		return sd_bus_emit_signal(l->bus, PATH, MANAGER, "PrepareForSleep", "b", l->preparing);
	}
	if (!strcmp(line, "odd"))
		return sd_bus_emit_signal(l->bus, PATH, MANAGER, "PrepareForSleep", "s", "true");
	if (!strcmp(line, "count")) {
		printf("count %u\n", l->locks);
		return 0;
	}
	if (sscanf(line, "say %d", &l->preparing) == 1)
		return 0;
	if (sscanf(line, "refuse %d", &flag) == 1) {
		l->refuse = flag;
		return 0;
	}
	return sscanf(line, "direct %63s %d", name, &flag) == 2 ? direct(l, name, flag) : -EINVAL;
}

static int turn(struct Logind *l)
{
	struct pollfd p[] = {{0, POLLIN, 0}, {sd_bus_get_fd(l->bus), (short)sd_bus_get_events(l->bus), 0}, {l->lock, 0, 0}};
	char line[128];
	size_t n = 0;
	int r;

	do
		r = sd_bus_process(l->bus, NULL);
	while (r > 0);
	if (r < 0 || poll(p, ARRAY_SIZE(p), 100) < 0)
		return r < 0 ? r : -errno;
	if (p[2].revents) {
		printf("open\n");
		l->lock = fd_close(l->lock);
	}
	if (!p[0].revents)
		return 0;
	/* byte by byte: what follows the line stays where poll sees it */
	while (n + 1 < sizeof(line) && read(0, line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	return n ? command(l, line) : -ESHUTDOWN;
}

int main(int argc, char **argv)
{
	struct Logind l = {.lock = -1};
	const char *name = NULL;
	int r = sd_bus_open_system(&l.bus);

	(void)argv;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (r >= 0)
		r = sd_bus_add_object_vtable(l.bus, NULL, PATH, MANAGER, table, &l);
	if (r >= 0 && argc == 1)
		r = sd_bus_request_name(l.bus, "org.freedesktop.login1", 0);
	if (r >= 0)
		r = sd_bus_get_unique_name(l.bus, &name);
	if (r >= 0)
		printf("ready %s\n", name);
	while (r >= 0)
		r = turn(&l);
	fd_close(l.lock);
	sd_bus_flush_close_unref(l.bus);
	return r != -ESHUTDOWN;
}
