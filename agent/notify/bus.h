/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The door of sd-bus: notices in the person's session, by org.freedesktop.Notifications. */
#include "std.h"

struct Bus;

/* 0 or -errno: no session bus here. */
_must_check_ int bus_open(struct Bus **ret);
struct Bus *bus_free(struct Bus *b);
void bus_freep(struct Bus **b);

/* One notice that stays until it is seen. 0 or -errno: nobody shows notices. */
_must_check_ int bus_notify(struct Bus *b, const char *summary, const char *body);
