/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What `mediagate watch` hears: the last things that went on record, numbered. Whoever watches asks for what
 * came after a number; core answers when there is something, or after a minute, so that nobody who has
 * gone is remembered.
 */
#include "std.h"
#include "wire.h"

struct Core;

struct Events {
	struct MsgEvent ring[LIMIT_EVENTS];
	uint64_t first, next; /* of the first ever told, of the next one */
};

/* Numbers go on from the clock: those of an agent before are behind them. */
void events_begin(struct Events *e, int64_t now);

/* What there is to see of a record. */
void event_of(const struct Record *r, struct MsgEvent *ret);

/* Whether people are told of it when it is on record. A device's refusal is told at once, also when it is
   folded with others on record. */
bool event_is_told(const struct Record *r);

/* Numbers and keeps it; those who wait hear of it in their own time. */
int event_tell(struct Core *core, const struct MsgEvent *event);
