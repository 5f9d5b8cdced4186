/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A ledger's folder on disk: its three files by name. */
#include "mediagate/ledger.h"
#include "std.h"

#define FOLDER_VKEY 1024

struct LedgerFolder {
	int records;
	char *checkpoint;
	char vkey[FOLDER_VKEY];
	struct LedgerInput input; /* of these, or of the caller's vkey; `each` and `tree` unset */
};

#define LEDGER_FOLDER_NULL    \
	{                     \
		.records = -1 \
	}
void ledger_folder_done(struct LedgerFolder *f);
#define _cleanup_ledger_folder_ _cleanup_(ledger_folder_done)

/* The checkpoint is read before any line, for the ledger may grow meanwhile. `vkey` NULL: the folder's own.
   0, or -errno with the file that it is about. */
int ledger_folder_open(struct LedgerFolder *f, int dir, const char *vkey, const char **ret_file);
