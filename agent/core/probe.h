/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Whether a disk holds as much as it says. Sticks are sold that do not: what goes beyond their real size is
 * dropped, or falls back onto what was written before (mostly modulo a power of two).
 *
 * Blocks of random content are written all over the disk, synced, and read again in that order past the page cache, so
 * that a stick's own cache has seen all others meanwhile: the last block first of all; then one at each power of
 * two from a common base; then two combs whose differences are every multiple of the disk's 16,384th part (at least
 * 1 MiB), so that of any such size that it falls back by two blocks meet. At most some 290 blocks; what is left when
 * the time is over is left out. It destroys what is on the disk.
 */
#include "std.h"

#define PROBE_SIZE 4096
#define PROBE_BASE 262144 /* neither partition table, nor label, nor file system */
#define PROBE_LIES 1

/* Disk: opened O_DIRECT for writing; until: of the boot clock, half of the time from now is for writing. 0,
   PROBE_LIES: a block does not hold what was written to it; -errno. */
_must_check_ int probe_disk(int disk, uint64_t size, int64_t until);
