/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The flow: logind's word of sleep to core, core's word that all has ended to logind. */
#include "std.h"

/* The filter that all of it runs in. */
_must_check_ int session_confine(void);

/* Until core's channel ends: 0; SESSION_NO_BUS at once, and core has heard nothing; or -errno. */
#define SESSION_NO_BUS 1
int session_run(void);
