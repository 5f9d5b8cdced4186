/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The loop: kernel events in, messages to core out. */
#include "aliases.h"

struct Udev;

struct Watch {
	int channel;
	struct Udev *udev;
	struct Aliases aliases;
	uint32_t rescans;
};

/* Tells what is there, then what comes. 0 when core closed the channel. */
int watch_run(struct Watch *w);
