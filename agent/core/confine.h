/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The filters of core and of the tools that make and mend file systems. Helpers and jobs are born in core's and enter
 * their own, narrower one on top: a filter cannot be left.
 */
#include "std.h"

/* 0, or -errno: core must not go on. */
_must_check_ int core_confine(void);

/* For sfdisk, mkfs.* and fsck.*, programs that are not ours: what is not listed is answered with EPERM. */
_must_check_ int tools_confine(void);
