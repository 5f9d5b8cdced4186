/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The child that asks the person's side for entries and reads them into the ring.
 *
 * Why a child: a descriptor may lead to a FUSE of the clerk's, where read, fstat and even close can hang
 * for as long as the clerk likes. The job itself never touches such a descriptor; when the child
 * hangs in one for too long it is killed and the copy fails with the file's name. (A process that hangs
 * inside the kernel dies only when the FUSE lets go. The job does not wait for that: the child holds
 * nothing of the medium and no channel to core.)
 */
#include "job.h"
#include "ring.h"

#include <sys/types.h>

struct Reader {
	struct Ring ring;
	pid_t pid;
	int pidfd;
	int cpu; /* where the child runs: where the job ran last */
};

#define READER_NULL                                            \
	(struct Reader)                                        \
	{                                                      \
		.ring = {.ready = -1, .room = -1}, .pidfd = -1 \
	}

/* Forks it. `person` is what it shall talk on; core and root are closed in it. 0 or -errno. */
int reader_start(struct Reader *r, int person, int core, int root);
/* Ends the child. */
void reader_stop(struct Reader *r);
#define _cleanup_reader_ _cleanup_(reader_stop)

/*
 * The child follows the job to its processor: what it has read is then in that processor's cache when the
 * job encrypts it, and a byte costs a tenth less than when it crosses to another core. One core
 * encrypts some 700 MB/s, more than the media of this trade take; waiting for a slow source overlaps
 * with encrypting as before.
 */

/* Has it begin a pass; the one before must have come to its end. */
void reader_pass(struct Reader *r, enum RingPass pass);
/* The next slot, waited for: 0, FAULT_* (FILE_STALLED and BAD_REQUEST among them), -errno. */
int reader_next(struct Reader *r, struct Job *j, struct Slot *ret, const uint8_t **ret_bytes);
void reader_release(struct Reader *r);
