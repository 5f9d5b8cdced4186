/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A real ledger process over a real folder, driven as core does: for tests and the benchmark. */
#include "channel.h"
#include "mediagate/ledger.h"
#include "record_detail.h"

#include <sys/types.h>

#define RIG_BOOT     "6fd14e35-5b0a-4a0f-9a64-2f1f2a2f0d11"
#define RIG_TERMINAL "T-01"
#define RIG_DOMAIN   "city.example"

struct Rig {
	char path[256];      /* the state directory */
	const char *program; /* the installed process instead of a child of ours; NULL */
	int dir;
	int channel;
	pid_t pid;
	bool small_index; /* an index is believed of a small ledger, too */
	uint32_t year;    /* whose folder is looked at; 0: the enrolment's */
	uint64_t cookie;
	struct StateEnd end; /* of the last start */
	struct MediumRow media[8];
	size_t n_media;
	struct CheckoutRow checkouts[8];
	size_t n_checkouts;
	struct PendingRow pending[8];
	size_t n_pending;
	uint64_t covered; /* as told */
};

/* An empty state directory below TMPDIR, /tmp or `below`. */
void rig_make(struct Rig *g, const char *below);
/* The state directory of this machine, enrolled, and its own ledger program: as root. */
void rig_attach(struct Rig *g, const char *path, const char *program);
/* Removes everything that rig_make made. */
void rig_remove(struct Rig *g);
/* 0, a fault, or -errno. */
int rig_enrol(struct Rig *g);

/* What the process does: opens, runs, ends. For a child. */
_noreturn_ void rig_child(struct Rig *g, int channel);
/* The process in rig_child; g->channel is this end of its channel. */
void rig_fork(struct Rig *g);
/* Starts it; 0 when its state has come, else the fault it told, or -1: it ended without a word. */
int rig_start(struct Rig *g);
/* Closes the channel, waits: the exit status. */
int rig_stop(struct Rig *g);
void rig_kill(struct Rig *g);

/* The next message that is not COVERED (noted in g->covered): 0, CHANNEL_CLOSED. */
int rig_receive(struct Rig *g, struct Message *ret);
int rig_ask(
        struct Rig *g, enum MessageType type, const void *body, enum MessageType answer, struct Message *ret);
/* Sends, waits for APPENDED: its fault; *ret_n where it stands. -1: the process ended. */
int rig_append(struct Rig *g, const struct Record *r, uint64_t *ret_n);
/* A record of a copy, waited for until it is covered: its fault. `intent`: what it is the outcome of, or 0.
 */
int rig_append_copy(struct Rig *g, enum RecordResult result, uint64_t intent);
/* A checkout of clerk1 by supervisor1, every field of it told. */
void rig_checkout(const char *number, const char *id, struct Record *ret);
/* Until a checkpoint covers `size` records: 0, or -1. */
int rig_cover(struct Rig *g, uint64_t size);

/* Verifies the folder with the public reader. */
void rig_verify(struct Rig *g, struct LedgerReport *ret);
int rig_year_dir(struct Rig *g);
/* All of a file of the year's folder, closed by NUL; to be freed. NULL: not there. */
char *rig_file(struct Rig *g, const char *name, size_t *ret_n);
