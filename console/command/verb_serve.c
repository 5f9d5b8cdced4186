/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve: store and web, and at intervals an import. This process holds no data, talks to nobody and starts
 * again what ends; web and store go together, for one without the other is of no use.
 */
#include "command.h"
#include "log.h"
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

struct Serve {
	const struct Command *command;
	int listener, signals;
	pid_t store, web, import;        /* 0: not running */
	int64_t next_import, next_start; /* clock_boot */
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

static int start_pair(struct Serve *s)
{
	const struct Settings *settings = &s->command->settings;
	char url[300], days[16];
	const char *const store_argv[] = {settings->data, days, url, NULL};
	const char *const web_argv[] = {
	        settings->office, settings->language, settings->host, settings->proxied ? "1" : "0", NULL};
	struct Spawn store = {
	        .program = "console-store", .folder = s->command->programs, .argv = store_argv, .out = -1};
	struct Spawn web = {
	        .program = "console-web", .folder = s->command->programs, .argv = web_argv, .out = -1};
	int pair[2], r = spawn_pair(pair);

	if (r < 0)
		return r;
	address_of(s, url, sizeof(url));
	snprintf(days, sizeof(days), "%u", settings->silent_days);
	store.fds[0] = pair[0];
	store.fds[1] = -1;
	web.fds[0] = pair[1];
	web.fds[1] = s->listener;
	r = spawn(&store, &s->store);
	if (r >= 0)
		r = spawn(&web, &s->web);
	fd_close(pair[0]);
	fd_close(pair[1]);
	return r;
}

/* The same program with the verb import: whatever befalls it befalls no page. */
_noreturn_ static void import_child(const struct Command *c)
{
	char *argv[IMPORT_ARG + SETTINGS_FOLDERS] = {};
	const char *const first[] = {"mediagate-console", "import", "--quiet", "--no-config", "--libexec",
	        c->programs, "--data", c->settings.data};
	size_t n = 0;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (; n < ARRAY_SIZE(first); n++)
		memcpy(&argv[n], &first[n], sizeof(argv[0]));
	for (size_t i = 0; i < c->settings.n_ledgers; i++) {
		const char *folder = c->settings.ledgers[i];

		memcpy(&argv[n++], &folder, sizeof(argv[0]));
	}
	execv("/proc/self/exe", argv);
	_exit(127);
}

static int start_import(struct Serve *s)
{
	s->next_import = clock_boot() + (int64_t)s->command->settings.every * 60000;
	if (s->import || !s->command->settings.n_ledgers)
		return 0;
	s->import = fork();
	if (s->import < 0)
		return -errno;
	if (!s->import)
		import_child(s->command);
	return 0;
}

static void stop(pid_t pid, int signal)
{
	if (pid > 0)
		kill(pid, signal);
}

/* Web first: the store ends when nobody asks any more. */
static void end(struct Serve *s)
{
	s->ending = true;
	stop(s->web, SIGTERM);
	stop(s->import, SIGTERM);
}

static void reap(struct Serve *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == s->import)
			s->import = 0;
		if (pid == s->store || pid == s->web) {
			const char *name = pid == s->store ? "console-store" : "console-web";

			if (!s->ending)
				log_error("%s ended (%s %d): both start again", name,
				        WIFSIGNALED(status) ? "signal" : "status",
				        WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
			stop(pid == s->store ? s->web : 0, SIGTERM);
			*(pid == s->store ? &s->store : &s->web) = 0;
			s->next_start = clock_boot() + AGAIN_MS;
		}
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
	if (!s->store && !s->web)
		next = s->next_start;
	if (s->command->settings.every)
		next = MIN(next, s->next_import);
	return next == INT64_MAX ? -1 : (int)MAX(0, MIN(next - now, 3600000));
}

static int step(struct Serve *s)
{
	int64_t now = clock_boot();
	int r = 0;

	if (!s->store && !s->web && now >= s->next_start)
		r = start_pair(s);
	if (r >= 0 && s->command->settings.every && now >= s->next_import)
		r = start_import(s);
	return r;
}

static int loop(struct Serve *s)
{
	struct pollfd signals = {.fd = s->signals, .events = POLLIN};
	int r = 0;

	while (!s->ending || s->store || s->web || s->import) {
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
	struct Serve s = {.command = c, .listener = -1, .signals = -1};
	char url[300];
	int r = command_data(c);

	if (r)
		return r;
	s.listener = listen_on(c->settings.port);
	if (s.listener < 0)
		return command_error(
		        COMMAND_FAILED, _("port %u: %s"), c->settings.port, strerrordesc_np(-s.listener));
	s.signals = signals_open();
	if (s.signals < 0)
		return command_error(COMMAND_FAILED, "%s", strerrordesc_np(-s.signals));
	address_of(&s, url, sizeof(url));
	printf(_("the console is at %s\n"), url);
	fflush(stdout);
	r = loop(&s);
	fd_close(s.listener);
	fd_close(s.signals);
	return r < 0 ? command_error(COMMAND_FAILED, "%s", strerrordesc_np(-r)) : COMMAND_OK;
}
