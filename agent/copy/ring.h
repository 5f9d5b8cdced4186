/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The memory that the reader child and the job share: a few large slots, filled by the child and emptied
 * by the job in the same order. read(2) writes straight into a slot and the cipher reads straight out of
 * it, so handing a file over costs no copy.
 *
 * The child looks at descriptors that strangers chose, so the job believes nothing here: ring_peek gives
 * a checked copy of what a slot says, and only its bytes are used in place (they are foreign anyway).
 * Each side sleeps on an eventfd, and is woken only when it said that it sleeps.
 */
#include "limits.h"
#include "std.h"

#include <stdatomic.h>

#define RING_SLOTS 4
#define RING_CHUNK (256 * 1024) /* each wake-up costs as much as sealing some ten thousand bytes */

/* What makes a file the same file as before. */
struct FileFacts {
	uint64_t size, dev, ino;
	int64_t mtime; /* nanoseconds since 1970 */
};

enum SlotKind {
	SLOT_ENTRY,  /* a file, or a piece of one */
	SLOT_END,    /* that was all; `index` files */
	SLOT_FAULT,  /* this file cannot be copied, for `fault` */
	SLOT_BROKEN, /* the person's side does not keep to the protocol */
	SLOT_CLOSED, /* the person's side is gone */
	_SLOT_KIND_N,
};

struct Slot {
	uint32_t kind;
	uint32_t size; /* bytes in it */
	uint64_t index;
	uint16_t fault;
	uint8_t first; /* `facts` are those before the first byte */
	uint8_t last;  /* `after` are those after the last */
	struct FileFacts facts, after;
	char name[LIMIT_FILE_NAME];
};

enum RingPass {
	PASS_NONE,
	PASS_FACTS,    /* names and facts of all entries */
	PASS_CONTENTS, /* the same entries with their bytes */
	_RING_PASS_N,
};

struct RingShared {
	_Atomic uint32_t filled, taken; /* slots since the start; they wrap */
	_Atomic uint32_t child_sleeps, job_sleeps;
	_Atomic uint32_t pass; /* enum RingPass, set by the job when the child is idle */
	/* The file operation the child is in, since when (clock_boot); 0: in none. A FUSE may hang in any
	   of them, fstat and close included. */
	_Atomic int64_t busy_since;
	char busy_name[LIMIT_FILE_NAME];
	struct Slot slots[RING_SLOTS];
	_Alignas(4096) uint8_t bytes[RING_SLOTS][RING_CHUNK];
};

struct Ring {
	struct RingShared *shared;
	int ready; /* eventfd: the job waits on it */
	int room;  /* eventfd: the child waits on it */
};

#define RING_NULL                       \
	(struct Ring)                   \
	{                               \
		.ready = -1, .room = -1 \
	}

int ring_new(struct Ring *ret);
void ring_free(struct Ring *r);

/* The child's half. The slot to fill (waits for one), then: it is filled. */
int ring_claim(struct Ring *r, struct Slot **ret, uint8_t **ret_bytes);
void ring_fill(struct Ring *r);
/* Waits until the job asks for a pass: that one. */
int ring_await_pass(struct Ring *r);
void ring_busy(struct Ring *r, const char *name);
void ring_idle(struct Ring *r);

/* The job's half. 1: *ret is a checked copy, *ret_bytes its bytes in place, until ring_release;
   0: nothing there, poll `ready` for POLLIN and call again; -EBADMSG: the child wrote nonsense. */
int ring_peek(struct Ring *r, struct Slot *ret, const uint8_t **ret_bytes);
void ring_release(struct Ring *r);
void ring_ask(struct Ring *r, enum RingPass pass);
/* When the present file operation began and on which file; 0: none. */
int64_t ring_busy_since(const struct Ring *r, char ret_name[static LIMIT_FILE_NAME]);
