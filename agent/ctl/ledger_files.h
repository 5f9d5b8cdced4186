/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A ledger's three files, from a folder or from descriptors the agent handed over. */
#include "std.h"

#include "mediagate/ledger.h"

#define LEDGER_ROOT "/var/lib/mediagate/ledger"

struct LedgerFiles {
	int records;
	char *checkpoint, *vkey; /* closed by NUL; NULL: no such file */
	size_t checkpoint_size;
	int index; /* -1: none */
};
#define LEDGER_FILES_NULL                  \
	{                                  \
		.records = -1, .index = -1 \
	}

void ledger_files_done(struct LedgerFiles *f);
#define _cleanup_ledger_files_ _cleanup_(ledger_files_done)

/* 0, or FAULT_UNREADABLE when records.jsonl cannot be opened. The checkpoint is read before the records
   are opened: a ledger that grows meanwhile is whole. */
_must_check_ int ledger_files_open(const char *folder, struct LedgerFiles *ret);
/* Takes the descriptors: records, checkpoint, vkey, and an index if there is one. */
_must_check_ int ledger_files_take(int *fds, size_t n, struct LedgerFiles *ret);

/* What a ledger is verified with: instead of the folder's own vkey, or NULL; checkpoints seen before. */
struct LedgerCheck {
	const char *key;
	const struct LedgerSeen *seen;
	size_t n_seen;
};

/* 0 with *ret, or FAULT_*. */
_must_check_ int ledger_files_verify(
        const struct LedgerFiles *f, const struct LedgerCheck *check, struct LedgerReport *ret);
/* A reader of it. Without a key of the caller's by the index (docs/cache.md), where there is one: then not
 * all has been read.
 */
_must_check_ int ledger_files_reader(const struct LedgerFiles *f, const char *key, struct LedgerReport *ret,
        struct LedgerReader **ret_reader);
/* Only by the index: 0 with *ret_reader NULL where that cannot be. */
_must_check_ int ledger_files_quick(
        const struct LedgerFiles *f, struct LedgerReport *ret, struct LedgerReader **ret_reader);

/* Folders of ledgers below a path: itself, its years, or its terminals' years. Sorted. */
struct Folders {
	char **paths;
	size_t n;
};
#define FOLDERS_NULL   \
	{              \
		.n = 0 \
	}
void folders_done(struct Folders *f);
#define _cleanup_folders_ _cleanup_(folders_done)
/* 0, FAULT_UNREADABLE. None found is n = 0. */
_must_check_ int folders_find(const char *path, struct Folders *ret);
