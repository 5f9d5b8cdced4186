/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The process' sandbox: what it may still ask of the kernel once it runs. */
#include "std.h"

/* 0, or -errno: the caller must not go on. */
_must_check_ int ledger_confine(void);
