/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The filter of this process: its channel, and the disk by its one descriptor. */
#include "std.h"

_must_check_ int label_confine(void);
