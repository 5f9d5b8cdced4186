/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources are kept in a small array and looked up by descriptor when an event arrives, never through a
 * pointer stored in the kernel: a callback may remove any source, its own included.
 */
#include "dispatch.h"

#include "clock.h"

struct Source {
	int fd;
	DispatchReady ready;
	void *owner;
};

struct Timer {
	int64_t boot;
	DispatchDue due;
	void *owner;
};

struct Dispatch {
	int epoll;
	bool stop;
	size_t n_sources, sources_room;
	struct Source *sources;
	size_t n_timers, timers_room;
	struct Timer *timers;
};

int dispatch_new(struct Dispatch **ret)
{
	struct Dispatch *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (d->epoll < 0) {
		int r = -errno;

		free(d);
		return r;
	}
	*ret = d;
	return 0;
}

struct Dispatch *dispatch_free(struct Dispatch *d)
{
	if (!d)
		return NULL;
	d->epoll = fd_close(d->epoll);
	free(d->sources);
	free(d->timers);
	free(d);
	return NULL;
}

void dispatch_freep(struct Dispatch **d)
{
	*d = dispatch_free(*d);
}

static struct Source *source_find(struct Dispatch *d, int fd)
{
	for (size_t i = 0; i < d->n_sources; i++)
		if (d->sources[i].fd == fd)
			return &d->sources[i];
	return NULL;
}

int dispatch_add(struct Dispatch *d, int fd, uint32_t events, DispatchReady ready, void *owner)
{
	struct epoll_event e = {.events = events, .data.fd = fd};

	if (d->n_sources == d->sources_room) {
		size_t room = d->sources_room ? 2 * d->sources_room : 16;
		struct Source *more = reallocarray(d->sources, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		d->sources = more;
		d->sources_room = room;
	}
	if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &e))
		return -errno;
	d->sources[d->n_sources++] = (struct Source){fd, ready, owner};
	return 0;
}

int dispatch_change(struct Dispatch *d, int fd, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.fd = fd};

	return epoll_ctl(d->epoll, EPOLL_CTL_MOD, fd, &e) ? -errno : 0;
}

void dispatch_remove(struct Dispatch *d, int fd)
{
	struct Source *s = source_find(d, fd);

	if (!s)
		return;
	epoll_ctl(d->epoll, EPOLL_CTL_DEL, fd, NULL);
	*s = d->sources[--d->n_sources];
}

static struct Timer *timer_find(struct Dispatch *d, DispatchDue due, void *owner)
{
	for (size_t i = 0; i < d->n_timers; i++)
		if (d->timers[i].due == due && d->timers[i].owner == owner)
			return &d->timers[i];
	return NULL;
}

int dispatch_at(struct Dispatch *d, int64_t boot, DispatchDue due, void *owner)
{
	struct Timer *t = timer_find(d, due, owner);

	if (t && boot == INT64_MAX) {
		*t = d->timers[--d->n_timers];
		return 0;
	}
	if (t) {
		t->boot = boot;
		return 0;
	}
	if (boot == INT64_MAX)
		return 0;
	if (d->n_timers == d->timers_room) {
		size_t room = d->timers_room ? 2 * d->timers_room : 8;
		struct Timer *more = reallocarray(d->timers, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		d->timers = more;
		d->timers_room = room;
	}
	d->timers[d->n_timers++] = (struct Timer){boot, due, owner};
	return 0;
}

static int next_timeout(struct Dispatch *d, int timeout)
{
	int64_t next = INT64_MAX, wait;

	for (size_t i = 0; i < d->n_timers; i++)
		next = MIN(next, d->timers[i].boot);
	if (next == INT64_MAX)
		return timeout;
	wait = next - clock_boot();
	wait = wait < 0 ? 0 : MIN(wait, (int64_t)INT32_MAX);
	return timeout < 0 ? (int)wait : MIN(timeout, (int)wait);
}

static int run_timers(struct Dispatch *d)
{
	int64_t now = clock_boot();

	for (size_t i = 0; i < d->n_timers;) {
		struct Timer t = d->timers[i];
		int r;

		if (t.boot > now) {
			i++;
			continue;
		}
		d->timers[i] = d->timers[--d->n_timers];
		r = t.due(t.owner);
		if (r < 0)
			return r;
		i = 0; /* the callback may have changed the table */
	}
	return 0;
}

int dispatch_once(struct Dispatch *d, int timeout)
{
	struct epoll_event events[16];
	int n = epoll_wait(d->epoll, events, ARRAY_SIZE(events), next_timeout(d, timeout));

	if (n < 0 && errno != EINTR)
		return -errno;
	for (int i = 0; i < n; i++) {
		struct Source *s = source_find(d, events[i].data.fd);
		int r = s ? s->ready(s->owner, s->fd, events[i].events) : 0;

		if (r < 0)
			return r;
	}
	return run_timers(d);
}

int dispatch_run(struct Dispatch *d)
{
	d->stop = false;
	while (!d->stop) {
		int r = dispatch_once(d, -1);

		if (r < 0)
			return r;
	}
	return 0;
}

void dispatch_stop(struct Dispatch *d)
{
	d->stop = true;
}

bool dispatch_stopped(const struct Dispatch *d)
{
	return d->stop;
}
