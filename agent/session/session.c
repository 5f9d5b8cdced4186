/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include "channel.h"
#include "clock.h"
#include "dispatch.h"
#include "log.h"
#include "login.h"
#include "sandbox.h"

#include <sys/socket.h>
#include <time.h>

/* The bus may be started anew. */
#define BUS_LEAST 250 /* milliseconds */
#define BUS_MOST  30000

static const struct SandboxRow calls[] = {
	SANDBOX_COMMON,
	SANDBOX_WITH(socket, 0, AF_UNIX),
	SANDBOX_ALLOW(connect),
	SANDBOX_ALLOW(getsockopt),
	SANDBOX_ALLOW(setsockopt),
	SANDBOX_ALLOW(getsockname),
	SANDBOX_ALLOW(getpeername),
	SANDBOX_ALLOW(sendto),
	SANDBOX_ALLOW(sendmsg),
	SANDBOX_ALLOW(recvmsg),
	SANDBOX_ALLOW(recvfrom),
	SANDBOX_ALLOW(shutdown),
	SANDBOX_ALLOW(fcntl),
	SANDBOX_ALLOW(fstat),
	SANDBOX_ALLOW(newfstatat),
	SANDBOX_ALLOW(geteuid),
	SANDBOX_ALLOW(getuid),
	SANDBOX_ALLOW(poll),
	SANDBOX_ALLOW(ppoll),
	SANDBOX_ALLOW(epoll_create1),
	SANDBOX_ALLOW(epoll_wait),
	SANDBOX_ALLOW(epoll_ctl),
};

struct Session {
	struct Dispatch *dispatch;
	struct Login *login; /* NULL: there is no bus */
	int bus;	     /* its descriptor, in the loop */
	int64_t wait;	     /* milliseconds before it is looked for again */
	bool held, sleeps;   /* what core has heard last */
	bool let_go;	     /* for that sleep */
	uint32_t number;     /* of sleeps */
};

/* Core's end is ours. */
static int core_say(struct Session *s, enum MessageType type, const void *body)
{
	int r = channel_send(WIRE_CHANNEL, type, body, NULL, 0);

	if (r == CHANNEL_CLOSED)
		dispatch_stop(s->dispatch);
	return r < 0 ? r : 0;
}

static int lock_is(void *owner, bool held)
{
	struct Session *s = owner;
	struct MsgSleepLock lock = {.held = held};

	s->held = held;
	if (held)
		s->wait = 0;
	return core_say(s, MSG_SLEEP_LOCK, &lock);
}

static int sleep_is(void *owner, bool begins)
{
	struct Session *s = owner;
	struct MsgSleep m = {.begins = begins};

	/* what core knows already; but a lock that was taken since is to be let go, too */
	if (begins ? s->sleeps && !s->let_go : !s->sleeps)
		return 0;
	s->sleeps = begins;
	s->let_go = false;
	if (begins) {
		s->number = s->number == UINT32_MAX ? 1 : s->number + 1;
		m.number = s->number;
	}
	return core_say(s, MSG_SLEEP, &m);
}

static int core_came(void *owner, int fd, uint32_t events _unused_)
{
	struct Session *s = owner;
	_cleanup_message_ struct Message m;
	int r = channel_receive(fd, &m);

	if (r == CHANNEL_CLOSED) {
		dispatch_stop(s->dispatch);
		return 0;
	}
	if (r || m.type != MSG_SLEEP_READY)
		return r < 0 ? r : -EBADMSG;
	/* not for a sleep that was given up, while another begins */
	if (!s->sleeps || m.body.SLEEP_READY.number != s->number)
		return 0;
	s->let_go = true;
	if (s->login)
		login_release(s->login);
	return 0;
}

/* ------------------------------------------------------------------ the bus */

static int bus_look(void *owner);

static int bus_later(struct Session *s)
{
	s->wait = MIN(MAX(2 * s->wait, BUS_LEAST), BUS_MOST);
	return dispatch_at(s->dispatch, clock_boot() + s->wait, bus_look, s);
}

static int bus_due(void *owner);

static int bus_gone(struct Session *s, int error)
{
	log_warning("the system bus: %s", strerror(-error));
	dispatch_remove(s->dispatch, s->bus);
	(void)dispatch_at(s->dispatch, INT64_MAX, bus_due, s);
	s->login = login_free(s->login);
	return s->held && lock_is(s, false) < 0 ? -EPIPE : bus_later(s);
}

/* What has come; then what to wait for. */
static int bus_turn(struct Session *s)
{
	uint64_t until = UINT64_MAX, now;
	struct timespec t = {};
	int events, r = login_process(s->login);

	events = r < 0 ? r : login_events(s->login);
	r = events < 0 ? events : login_until(s->login, &until);
	if (r < 0)
		return bus_gone(s, r);
	r = dispatch_change(s->dispatch, s->bus, (uint32_t)events);
	if (r < 0 || until == UINT64_MAX)
		return r < 0 ? r : dispatch_at(s->dispatch, INT64_MAX, bus_due, s);
	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
	return dispatch_at(
		s->dispatch, clock_boot() + (until > now ? (int64_t)((until - now) / 1000) + 1 : 0), bus_due, s);
}

static int bus_due(void *owner)
{
	return bus_turn(owner);
}

static int bus_came(void *owner, int fd _unused_, uint32_t events _unused_)
{
	return bus_turn(owner);
}

static int bus_open(struct Session *s)
{
	static const struct LoginCalls told = {lock_is, sleep_is};

	return login_open(&told, s, &s->login);
}

static int bus_use(struct Session *s)
{
	int r;

	s->bus = login_fd(s->login);
	r = s->bus < 0 ? s->bus : dispatch_add(s->dispatch, s->bus, EPOLLIN, bus_came, s);
	if (r >= 0)
		return bus_turn(s);
	s->login = login_free(s->login);
	return bus_later(s);
}

static int bus_look(void *owner)
{
	struct Session *s = owner;

	return bus_open(s) < 0 ? bus_later(s) : bus_use(s);
}

/* ------------------------------------------------------------------ start */

int session_confine(void)
{
	return sandbox_enter(calls, ARRAY_SIZE(calls));
}

int session_run(void)
{
	struct Session s = {.bus = -1};
	int r = dispatch_new(&s.dispatch);

	if (r >= 0)
		r = dispatch_add(s.dispatch, WIRE_CHANNEL, EPOLLIN, core_came, &s);
	/* where there is none we would only take room: core looks for us again, ever more seldom */
	if (r >= 0 && bus_open(&s) < 0)
		r = SESSION_NO_BUS;
	if (!r)
		r = lock_is(&s, false); /* core knows that we are there */
	if (!r)
		r = bus_use(&s);
	if (!r)
		r = dispatch_run(s.dispatch);
	login_free(s.login);
	dispatch_free(s.dispatch);
	return r;
}
