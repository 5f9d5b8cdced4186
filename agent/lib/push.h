/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Work on sysfs that may take long. A device that answers nothing keeps the kernel in its driver, or its lock
 * held, for as long as the driver is patient; whoever opens or closes it waits for at most so much of that and
 * goes on. A thread does it; what nobody waits for any more ends by itself.
 */
#include "std.h"

#include <stdatomic.h>

/* First in a larger structure, on the heap; it belongs to pusher_run. */
struct PushWork {
	int (*run)(struct PushWork *w);
	void (*late)(struct PushWork *w); /* takes back what was done when nobody waited any more; NULL: nothing */
	void (*done)(struct PushWork *w); /* frees it */
	atomic_bool left;		  /* nobody waits any more */
};

/* A thread that is there already, and waits for work. */
struct Pusher;

int pusher_new(struct Pusher **ret);
struct Pusher *pusher_free(struct Pusher *p);

/* What run came to; or -ETIMEDOUT: it is still under way, and *p with it. *p NULL: a new thread, which stays. Without
   one it is done here: waiting is better than leaving a port open. */
int pusher_run(struct Pusher **p, struct PushWork *w, int milliseconds);

/* One write. The outcome of file_write_at: 0, -errno; or -ETIMEDOUT: it will be done or fail by itself. */
int push_at(int dir, const char *name, const char *text, int milliseconds);
