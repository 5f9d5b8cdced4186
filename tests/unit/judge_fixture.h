/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The people and codes of a small office, for the judge's tests. */
#include "judge.h"

#define NOW  1000000
#define SOON (NOW + 1000)

extern struct Policy *policy;

/* Group setup and teardown of cmocka. */
int judge_policy(void **state);
int judge_policy_free(void **state);
