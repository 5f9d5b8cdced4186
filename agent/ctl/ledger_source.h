/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Where the command takes a ledger from: a folder that may be read, or the running agent. */
#include "ledger_files.h"
#include "verb.h"

struct LedgerSource {
	struct LedgerFiles files;
	bool whole; /* false: somebody's own lines out of it */
	char *name; /* what a sentence about it is about */
};

#define LEDGER_SOURCE_NULL                               \
	{                                                \
		.files = LEDGER_FILES_NULL, .name = NULL \
	}
void ledger_source_done(struct LedgerSource *s);
#define _cleanup_ledger_source_ _cleanup_(ledger_source_done)

/* One ledger: below `path`, or (NULL) this terminal's of the running year, from the agent where the folder
   may not be read. The exit status; what is wrong has been said. */
_must_check_ int ledger_source_open(const struct Context *c, const char *path, struct LedgerSource *ret);

/* A verifier key, or the first line of a file that holds one; to be freed. NULL: it is neither. */
char *ledger_key_text(const char *given);
/* --key: a verifier key, or a file that holds one; NULL: not given, and then *ret is NULL. It is to be freed.
   The exit status; what is wrong has been said. */
_must_check_ int ledger_key_read(const char *given, char **ret);
