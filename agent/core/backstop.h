/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Disks that did not come through an interface that core opened. */
#include "std.h"

struct Core;
struct MsgBlockAdd;

/* A disk that is to go, until it has gone. */
struct Stray;

/* The list of fixed disks, as it is when the agent starts. */
int backstop_open(struct Core *core);
void backstop_free(struct Core *core);

/* Below no USB interface, or below one that is not known. */
int backstop_disk(struct Core *core, const struct MsgBlockAdd *m, int disk_dir);
/* Another mode is in force. */
int backstop_look(struct Core *core);
int backstop_gone(struct Core *core, const char *disk);
