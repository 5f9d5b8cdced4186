/* SPDX-License-Identifier: Apache-2.0 */
#include "confine.h"

#include "sandbox.h"

#include <fcntl.h>
#include <sys/syscall.h>

static const struct SandboxRow rows[] = {
        SANDBOX_COMMON,
        /* core's channel */
        SANDBOX_ALLOW(recvmsg),
        SANDBOX_ALLOW(sendmsg),
        SANDBOX_ALLOW(poll),
        /* records.jsonl, and descriptors whose digest is asked */
        SANDBOX_ALLOW(read),
        SANDBOX_ALLOW(pread64),
        SANDBOX_ALLOW(lseek),
        SANDBOX_ALLOW(fdatasync),
        SANDBOX_ALLOW(ftruncate),
        SANDBOX_ALLOW(fallocate),
        /* a new file for each checkpoint, read-only descriptors for auditors: by name below the year's
           folder, for which the kernel has no filter; what this user may write is its own folder and keys */
        SANDBOX_ALLOW(openat),
        SANDBOX_ALLOW(newfstatat),
        SANDBOX_ALLOW(renameat),
        SANDBOX_ALLOW(fsync),
        SANDBOX_ALLOW(unlinkat),
        SANDBOX_ALLOW(mkdirat), /* a new year */
        /* sealed files: copy notes, one person's records */
        SANDBOX_ALLOW(memfd_create),
        SANDBOX_WITH(fcntl, 1, F_ADD_SEALS),
        SANDBOX_WITH(fcntl, 1, F_SETFL),
};

int ledger_confine(void)
{
	return sandbox_enter(rows, ARRAY_SIZE(rows));
}
