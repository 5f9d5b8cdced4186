/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Dropping rights, in the one right order. Every failure is fatal to the start. */
#include "std.h"

#include <sys/types.h>

/* uid and primary gid of a system user; -ENOENT. Call before privs_drop. */
int privs_lookup(const char *user, uid_t *ret_uid, gid_t *ret_gid);

/* Groups, ids, every capability set, no-new-privileges, not dumpable, no core file, descriptors capped
   at `files`; then checks that none of it can be taken back. A process that is that user already and
   has no capability only gets the rest. */
int privs_drop(uid_t uid, gid_t gid, unsigned int files);

/* For root that stays root: no capability but those of `set` (bits), in force of them those of `effective`;
   no-new-privileges, not dumpable, no core file. */
int privs_keep(uint64_t set, uint64_t effective);

/* Back to the ordinary scheduling class from the real-time one that the unit gives core. No way back: nobody
   of ours has CAP_SYS_NICE. */
int privs_no_haste(void);

/* Closes every descriptor from `least` on. */
int privs_close_from(int least);
