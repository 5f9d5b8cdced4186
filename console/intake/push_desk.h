/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Terminals that send their records themselves, a part after the other. Parts wait in a file of ours
 * (<data>/pushed/) until the last one brings the checkpoint; then they are judged as a folder's are, and go.
 */
#include "intake.h"
#include "push_text.h"

struct PushDesk {
	struct Intake *in;
	int folder;     /* <data>/pushed */
	int lock;       /* <data>/intake.lock: an import and a push are never at once */
	int witness;    /* the channel to who cosigns */
	uint64_t quota; /* bytes of one ledger's records */
	bool newcomers; /* ledgers of which nothing is held are taken in, too */
};

#define PUSH_DESK_NULL                                   \
	{                                                \
		.folder = -1, .lock = -1, .witness = -1, \
	}
/* What waited when this console last ended is thrown away. 0 or -errno. */
int push_desk_open(struct PushDesk *d, struct Intake *in, int witness);
void push_desk_done(struct PushDesk *d);

/* One request's bytes, and the answer to it in `ret` of PUSH_REPLY_MOST: its length, or -errno: store or
   witness are gone. */
ssize_t push_take(struct PushDesk *d, const char *bytes, size_t n, char *ret);
