/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "ring.h"

/* In the child: enters its sandbox, serves passes until it is killed. -errno. */
int reader_child(struct Ring *ring, int person);
