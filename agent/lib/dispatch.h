/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The event loop: descriptors through epoll, one timer per moment asked for, no periodic wake-up.
 * A callback's negative result ends dispatch_run with it.
 */
#include "std.h"

#include <sys/epoll.h>

struct Dispatch;

typedef int (*DispatchReady)(void *owner, int fd, uint32_t events);
typedef int (*DispatchDue)(void *owner);

int dispatch_new(struct Dispatch **ret);
struct Dispatch *dispatch_free(struct Dispatch *d);
void dispatch_freep(struct Dispatch **d);

/* Calls ready(owner, fd, events) while fd has events (EPOLLIN …). The descriptor stays the caller's and
   must be removed before it is closed. */
int dispatch_add(struct Dispatch *d, int fd, uint32_t events, DispatchReady ready, void *owner);
int dispatch_change(struct Dispatch *d, int fd, uint32_t events);
void dispatch_remove(struct Dispatch *d, int fd);

/* Calls due(owner) once, at `boot` (clock_boot milliseconds). The same (due, owner) again moves it;
   INT64_MAX takes it back. */
int dispatch_at(struct Dispatch *d, int64_t boot, DispatchDue due, void *owner);

/* Until a callback fails or dispatch_stop: 0 or that -errno. */
int dispatch_run(struct Dispatch *d);
/* One round, waiting at most `timeout` milliseconds (-1: as long as it takes). */
int dispatch_once(struct Dispatch *d, int timeout);
void dispatch_stop(struct Dispatch *d);
bool dispatch_stopped(const struct Dispatch *d);
