/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A console's signature under a ledger's checkpoint (docs/forward.md): somebody else saw it, and when. */
#include "limits.h"
#include "std.h"

enum CosignedHow {
	COSIGNED_NO,
	COSIGNED_SAID, /* one is there; nobody gave the key to judge it with */
	COSIGNED_HELD, /* by the key given */
};

struct Cosigned {
	enum CosignedHow how;
	char by[LIMIT_VKEY]; /* the key's name */
	int64_t time;        /* milliseconds since 1970 */
};

/* Whether this is a console's verifier key, as mediagate-console key prints it. */
bool cosigned_key_is(const char *vkey);
/* Adds what a note's signature lines say to *ret, which is never made less. `vkey` NULL: none was given. */
void cosigned_look(const char *note, size_t n, const char *vkey, struct Cosigned *ret);
