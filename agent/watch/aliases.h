/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The patterns by which usb_storage, uas and ums_* claim interfaces, from the running kernel's
 * modules.alias: these drivers bind by vendor and product too, whatever class a device declares.
 */
#include "std.h"

struct Aliases {
	char *text; /* patterns, one after the other, each closed by NUL */
	size_t size;
};

#define ALIASES_NULL    \
	{               \
		NULL, 0 \
	}

/* True for a line's module: usb_storage, uas, ums_… */
bool alias_is_storage(const char *module);

/* Reads <dir>/modules.alias. -ENOENT is passed on: a kernel that has the drivers built in has none. */
int aliases_read(int dir, struct Aliases *ret);
void aliases_free(struct Aliases *a);

bool aliases_match(const struct Aliases *a, const char *modalias);
