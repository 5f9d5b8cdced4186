/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* 60 random bits in Crockford's letters: a name that says nothing about what it names. */
#include "std.h"

#define RANDOM_ID 13

/* 0 or -EIO. */
int random_id(char ret[static RANDOM_ID]);
