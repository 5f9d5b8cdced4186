/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the console last gave for a ledger (docs/forward.md): a checkpoint seen before, with who says so and
 * when. */
#include "limits.h"
#include "mediagate/ledger.h"
#include "std.h"

#define RECEIPT_ROOT "/var/lib/mediagate-forward"

struct Receipt {
	struct LedgerSeen seen;
	char by[LIMIT_VKEY];
	int64_t time; /* milliseconds */
};

/* The note itself, of <…>/<terminal>/<year>: a folder, or an origin. Its size; -ENOENT: there is none;
   -EBADMSG: it is too long; -errno. */
#define RECEIPT_MOST 65536
_must_check_ ssize_t receipt_read(const char *root, const char *folder, char ret[static RECEIPT_MOST]);

/* Of the ledger in `folder`, <…>/<terminal>/<year>, below `root`: 0; -ENOENT: there is none; -EBADMSG;
 * -errno. */
_must_check_ int receipt_last(const char *root, const char *folder, struct Receipt *ret);
