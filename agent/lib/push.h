/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One write to sysfs that may take long. A device that answers nothing keeps the kernel in its driver for as
 * long as the driver is patient; whoever closes it waits for at most so much of that and goes on.
 */
#include "std.h"

/* The outcome of file_write_at: 0, -errno; or -ETIMEDOUT: it is still under way and will be done or fail by
   itself. */
int push_at(int dir, const char *name, const char *text, int milliseconds);
