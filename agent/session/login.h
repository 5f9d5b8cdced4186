/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The door of sd-bus: logind's delay lock and its word of sleep (org.freedesktop.login1). Nothing here waits but
 * login_open's connecting to a socket of this machine.
 */
#include "std.h"

struct Login;

/* Negative results end login_process with them. */
struct LoginCalls {
	int (*lock)(void *owner, bool held);  /* logind waits for us; it does not any more */
	int (*sleep)(void *owner, bool begins); /* as logind has it; the same may be said twice */
};

/* 0 or -errno: there is no bus. */
_must_check_ int login_open(const struct LoginCalls *calls, void *owner, struct Login **ret);
struct Login *login_free(struct Login *l);
void login_freep(struct Login **l);

/* What to wait for: a descriptor, its epoll events, and until when (CLOCK_MONOTONIC microseconds; UINT64_MAX: no limit). */
int login_fd(const struct Login *l);
int login_events(struct Login *l);
int login_until(struct Login *l, uint64_t *ret);

/* Everything that has come. 0, or -errno: the bus is gone. */
_must_check_ int login_process(struct Login *l);

/* logind need not wait any longer for the sleep that begins. The lock is asked for anew when it is over. */
void login_release(struct Login *l);
