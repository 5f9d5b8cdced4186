/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Ledgers below a folder: those that hold a checkpoint or records, at most FIND_DEPTH folders down. Links are
 * not followed. */
#include "std.h"

#define FIND_DEPTH 5

/* `dir` stays the caller's. Not 0 stops and is returned. */
typedef int (*FindEach)(void *owner, int dir, const char *path);

/* 0, or -errno of what could not be opened at all. */
int find_ledgers(const char *path, FindEach each, void *owner);
