/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * After a start that believed its index: the whole ledger is read all the same, a piece at a time when nothing else
 * waits. Found are alterations of what the index stood for, and an index that did not say what the records say.
 */
#include "cache.h"

struct Audit;

/* `from` is what was believed, and the files as they were then; the descriptor stays open meanwhile. 0 or -errno. */
struct AuditInput {
	int records;
	const char *checkpoint;
	size_t checkpoint_size;
	const char *vkey;
	const char *terminal;
	const struct Index *from;
};
int audit_new(const struct AuditInput *in, struct Audit **ret);
void audit_freep(struct Audit **a);

/* Some of it: AUDIT_MORE; 0: all is as it was believed to be; FAULT_* with its subject; -errno. */
#define AUDIT_MORE -1000
_must_check_ int audit_step(struct Audit *a, char subject[static LIMIT_SUBJECT]);
