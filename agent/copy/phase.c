/* SPDX-License-Identifier: Apache-2.0 */
#include "phase.h"

#include "sandbox.h"

#include <fcntl.h>

/* Waiting, the channels, and what errors and ends need. fstat is newfstatat with an empty path or fstat,
   by the C library's version. */
#define TALK                                                                               \
	SANDBOX_COMMON, SANDBOX_ALLOW(poll), SANDBOX_ALLOW(ppoll), SANDBOX_ALLOW(recvmsg), \
	        SANDBOX_ALLOW(sendmsg), SANDBOX_ALLOW(read), SANDBOX_ALLOW(fstat)

/* Names and contents below the root. */
#define LOOK                                                                                                \
	SANDBOX_ALLOW(openat2), SANDBOX_ALLOW(newfstatat), SANDBOX_ALLOW(getdents64), SANDBOX_ALLOW(lseek), \
	        SANDBOX_WITH(fcntl, 1, F_GETFL), SANDBOX_WITH(fcntl, 1, F_SETFD)

/* The container's library opens names of a copy's folder the plain way; for reading only. */
#define OPEN_FOLDER SANDBOX_BITS(openat, 2, O_ACCMODE | O_CREAT, O_RDONLY)

/* Locked memory that no child sees; pipes. */
#define KEYS SANDBOX_ALLOW(mlock), SANDBOX_WITH(fcntl, 1, F_GETPIPE_SZ), SANDBOX_WITH(fcntl, 1, F_SETFL)

static const struct SandboxRow reader[] = {
        TALK,
        SANDBOX_WITH(newfstatat, 3, AT_EMPTY_PATH),
        SANDBOX_WITH(fcntl, 1, F_GETFL),
};

static const struct SandboxRow copy[] = {
        TALK,
        LOOK,
        KEYS,
        SANDBOX_ALLOW(fstatfs),
        SANDBOX_ALLOW(mkdirat),
        SANDBOX_ALLOW(renameat),
        SANDBOX_ALLOW(unlinkat),
        SANDBOX_ALLOW(fsync),
        SANDBOX_ALLOW(syncfs),
        SANDBOX_ALLOW(sync_file_range),
        SANDBOX_ALLOW(pread64), /* the note */
        SANDBOX_WITH(kill, 1, 9 /* SIGKILL: the reader child; the kernel lets it signal no other user */),
        SANDBOX_ALLOW(wait4),
        SANDBOX_ALLOW(getcpu), /* the reader follows the job's processor */
        SANDBOX_ALLOW(sched_setaffinity),
};

static const struct SandboxRow list[] = {TALK, LOOK, OPEN_FOLDER};

static const struct SandboxRow get[] = {TALK, LOOK, OPEN_FOLDER, KEYS, SANDBOX_ALLOW(pread64)};

static const struct SandboxRow inspect[] = {TALK, LOOK, OPEN_FOLDER, SANDBOX_ALLOW(pread64)};

struct PhaseRow {
	const struct SandboxRow *rows;
	size_t n;
};

#define PHASE(table)                       \
	{                                  \
		(table), ARRAY_SIZE(table) \
	}

int phase_enter(enum Phase phase)
{
	static const struct PhaseRow phases[_PHASE_N] = {
	        [PHASE_READER] = PHASE(reader),
	        [PHASE_COPY] = PHASE(copy),
	        [PHASE_LIST] = PHASE(list),
	        [PHASE_GET] = PHASE(get),
	        [PHASE_INSPECT] = PHASE(inspect),
	};

	return sandbox_enter(phases[phase].rows, phases[phase].n);
}
