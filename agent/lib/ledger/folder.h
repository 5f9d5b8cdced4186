/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A ledger's folder on disk: its three files by name. */
#include "mediagate/ledger.h"
#include "std.h"

#define FOLDER_VKEY 1024

struct Folder {
	int records;
	char *checkpoint;
	char vkey[FOLDER_VKEY];
	struct LedgerInput input; /* of these, or of the caller's vkey; `each` and `tree` unset */
};

#define FOLDER_NULL           \
	{                     \
		.records = -1 \
	}
void folder_done(struct Folder *f);
#define _cleanup_folder_ _cleanup_(folder_done)

/* The checkpoint is read before any line, for the ledger may grow meanwhile. `vkey` NULL: the folder's own.
   0, or -errno with the file that it is about. */
int folder_open(struct Folder *f, int dir, const char *vkey, const char **ret_file);
