/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The half of `proof` that needs no ledger: verify --proof. */
#include "verb.h"

/* Opens the proof in `file` with a verifier key and says what it proves: the exit status. */
_must_check_ int proof_open(const struct Context *c, const char *file, const char *key);
