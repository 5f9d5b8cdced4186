/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve: store and web, and at intervals an import. This process holds no data, talks to nobody and starts
 * again what ends; web and store go together, for one without the other is of no use.
 */
#include "command.h"
#include "log.h"
#include "push_group.h"
#include "spawn.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "clock.h"

#define AGAIN_MS   1000
#define IMPORT_ARG 40

enum { STORE, WEB, JOURNAL, PROCESSES };

static const char *const names[PROCESSES] = {"console-store", "console-web", "console-journal"};

struct Serve {
	const struct Command *command;
	int listener, signals;
	pid_t pids[PROCESSES], import;   /* 0: not running */
	int64_t next_import, next_start; /* clock_boot */
	struct PushGroup push;
	bool ending;
};

static int listen_on(uint16_t port)
{
	const struct sockaddr_in address = {
	        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	        bind(fd, (const struct sockaddr *)&address, sizeof(address)) || listen(fd, SOMAXCONN)) {
		fd_close(fd);
		return -errno;
	}
	return fd;
}

static int port_of(int fd)
{
	struct sockaddr_in address;
	socklen_t n = sizeof(address);

	return getsockname(fd, (struct sockaddr *)&address, &n) ? -errno : ntohs(address.sin_port);
}

/* What people type into a browser. */
static void address_of(const struct Serve *s, char *ret, size_t size)
{
	const struct Settings *settings = &s->command->settings;

	if (*settings->host)
		snprintf(ret, size, "%s://%s", settings->proxied ? "https" : "http", settings->host);
	else
		snprintf(ret, size, "http://127.0.0.1:%d", port_of(s->listener));
}

static int start_store(struct Serve *s, int asker, int journal)
{
	const struct Settings *settings = &s->command->settings;
	char url[300], days[16], review[REVIEW_TEXT];
	const char *const argv[] = {settings->data, days, review, url, NULL};
	const struct Spawn spawned = {.program = "console-store",
	        .folder = s->command->programs,
	        .argv = argv,
	        .fds = {asker, journal},
	        .out = -1};

	address_of(s, url, sizeof(url));
	snprintf(days, sizeof(days), "%u", settings->silent_days);
	review_write(&settings->review, review);
	return spawn(&spawned, &s->pids[STORE]);
}

static int start_web(struct Serve *s, int store)
{
	const struct Settings *settings = &s->command->settings;
	const char *const argv[] = {
	        settings->office, settings->language, settings->host, settings->proxied ? "1" : "0", NULL};
	const struct Spawn spawned = {.program = "console-web",
	        .folder = s->command->programs,
	        .argv = argv,
	        .fds = {store, s->listener},
	        .out = -1};

	return spawn(&spawned, &s->pids[WEB]);
}

static int start_journal(struct Serve *s, int store)
{
	const struct Settings *settings = &s->command->settings;
	const char *const argv[] = {settings->data, settings->domain, NULL};
	const struct Spawn spawned = {.program = "console-journal",
	        .folder = s->command->programs,
	        .argv = argv,
	        .fds = {store, -1},
	        .out = -1};

	return spawn(&spawned, &s->pids[JOURNAL]);
}

static int start_all(struct Serve *s)
{
	int pages[2], acts[2], r = spawn_pair(pages);

	if (r < 0)
		return r;
	r = spawn_pair(acts);
	if (r >= 0)
		r = start_journal(s, acts[1]);
	if (r >= 0)
		r = start_store(s, pages[0], acts[0]);
	if (r >= 0)
		r = start_web(s, pages[1]);
	/* each end is with its process alone: when one goes, its peer is told */
	for (int i = 0; i < 2; i++) {
		fd_close(pages[i]);
		fd_close(acts[i]);
	}
	return r;
}

/* The same program with the verb import: whatever befalls it befalls no page. */
_noreturn_ static void import_child(const struct Command *c, const char *own)
{
	char *argv[IMPORT_ARG + ARRAY_SIZE(c->settings.ledgers.path)] = {}, review[REVIEW_TEXT];
	const char *const first[] = {"mediagate-console", "import", "--quiet", "--no-config", "--libexec",
	        c->programs, "--user", c->user, "--data", c->settings.data, "--review", review};
	size_t n = 0;
	sigset_t none;

	review_write(&c->settings.review, review);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (; n < ARRAY_SIZE(first); n++)
		memcpy(&argv[n], &first[n], sizeof(argv[0]));
	for (size_t i = 0; i < c->settings.ledgers.n; i++) {
		const char *folder = c->settings.ledgers.path[i];

		memcpy(&argv[n++], &folder, sizeof(argv[0]));
	}
	if (*own)
		memcpy(&argv[n], &own, sizeof(argv[0]));
	execv("/proc/self/exe", argv);
	_exit(127);
}

static int start_import(struct Serve *s)
{
	char own[600];

	s->next_import = clock_boot() + (int64_t)s->command->settings.every * 60000;
	if (s->import)
		return 0;
	/* the console's own acts, like everybody's; there are none before the first start */
	snprintf(own, sizeof(own), "%s/own/ledger", s->command->settings.data);
	if (access(own, F_OK))
		own[0] = '\0';
	if (!*own && !s->command->settings.ledgers.n)
		return 0;
	s->import = fork();
	if (s->import < 0)
		return -errno;
	if (!s->import)
		import_child(s->command, own);
	return 0;
}

static void stop(pid_t pid, int signal)
{
	if (pid > 0)
		kill(pid, signal);
}

/* Web first: the store ends when nobody asks any more, and then the journal. */
static void end(struct Serve *s)
{
	s->ending = true;
	stop(s->pids[WEB], SIGTERM);
	stop(s->import, SIGTERM);
	push_group_stop(&s->push);
}

static bool any_runs(const struct Serve *s)
{
	for (size_t i = 0; i < PROCESSES; i++)
		if (s->pids[i])
			return true;
	return false;
}

static void ended(struct Serve *s, size_t i, int status)
{
	s->pids[i] = 0;
	s->next_start = clock_boot() + AGAIN_MS;
	if (s->ending)
		return;
	log_error("%s ended (%s %d): all start again", names[i], WIFSIGNALED(status) ? "signal" : "status",
	        WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	stop(s->pids[WEB], SIGTERM);
}

static void reap(struct Serve *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (push_group_reaped(&s->push, pid, s->ending))
			continue;
		if (pid == s->import)
			s->import = 0;
		for (size_t i = 0; i < PROCESSES; i++)
			if (pid == s->pids[i])
				ended(s, i, status);
	}
}

static void take_signals(struct Serve *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(s);
		else
			end(s);
	}
}

static int until_next(const struct Serve *s)
{
	int64_t next = INT64_MAX, now = clock_boot();

	if (s->ending)
		return -1;
	if (!any_runs(s))
		next = s->next_start;
	if (s->push.listener >= 0 && !push_group_runs(&s->push))
		next = MIN(next, s->push.next_start);
	if (s->command->settings.every)
		next = MIN(next, s->next_import);
	return next == INT64_MAX ? -1 : (int)MAX(0, MIN(next - now, 3600000));
}

static int step(struct Serve *s)
{
	int64_t now = clock_boot();
	int r = 0;

	if (!any_runs(s) && now >= s->next_start)
		r = start_all(s);
	if (r >= 0 && s->command->settings.every && now >= s->next_import)
		r = start_import(s);
	return r < 0 ? r : push_group_step(&s->push, now);
}

static int loop(struct Serve *s)
{
	struct pollfd signals = {.fd = s->signals, .events = POLLIN};
	int r = 0;

	while (!s->ending || any_runs(s) || s->import || push_group_runs(&s->push)) {
		if (!s->ending)
			r = step(s);
		if (r < 0)
			break;
		if (poll(&signals, 1, until_next(s)) < 0 && errno != EINTR)
			return -errno;
		take_signals(s);
	}
	return r;
}

static int signals_open(void)
{
	sigset_t wanted;
	int fd;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &wanted, NULL))
		return -errno;
	fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int verb_serve(const struct Command *c)
{
	struct Serve s = {
	        .command = c, .listener = -1, .signals = -1, .push = {.command = c, .listener = -1}};
	char url[300];
	int r = command_data(c);

	if (!r)
		r = command_ready(c);
	if (r)
		return r;
	s.listener = listen_on(c->settings.port);
	if (s.listener < 0)
		return command_error(
		        COMMAND_FAILED, _("port %u: %s"), c->settings.port, strerrordesc_np(-s.listener));
	if (c->pushes) {
		s.push.listener = listen_on(c->settings.push_port);
		if (s.push.listener < 0)
			return command_error(COMMAND_FAILED, _("port %u: %s"), c->settings.push_port,
			        strerrordesc_np(-s.push.listener));
	}
	s.signals = signals_open();
	if (s.signals < 0)
		return command_error(COMMAND_FAILED, "%s", strerrordesc_np(-s.signals));
	address_of(&s, url, sizeof(url));
	printf(_("the console is at %s\n"), url);
	if (s.push.listener >= 0)
		printf(_("terminals send to http://127.0.0.1:%d/push\n"), port_of(s.push.listener));
	fflush(stdout);
	r = loop(&s);
	fd_close(s.push.listener);
	fd_close(s.listener);
	fd_close(s.signals);
	return r < 0 ? command_error(COMMAND_FAILED, "%s", strerrordesc_np(-r)) : COMMAND_OK;
}
