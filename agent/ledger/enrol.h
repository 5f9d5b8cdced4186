/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Enrolment: keys, folders, record 0, first checkpoint, and last the file `enrolment`, whose presence says
 * that it was finished. Cut short anywhere, it can be repeated: keys that are there are kept, the rest is
 * written anew. Records beyond record 0 without an enrolment are never touched.
 */
#include "enrolment.h"

struct EnrolResult {
	char vkey[LIMIT_VKEY], label_vkey[LIMIT_VKEY];
};

/* Everything that belongs to mediagate-ledger: keys/ and ledger/ below the state directory, which must be
   there. 0, FAULT_LEDGER_ALTERED, or -errno. Fills label_vkey. */
_must_check_ int enrol_ledger(int state_dir, struct Enrolment *e, struct EnrolResult *ret);

/* The file that says it is done. */
_must_check_ int enrol_finish(int state_dir, const struct Enrolment *e);

/* The keys of a finished enrolment. 0 or -errno. */
_must_check_ int enrol_read(int state_dir, const struct Enrolment *e, struct EnrolResult *ret);

/* `ledger --enrol TERMINAL DOMAIN`, as root; disks one a line on standard input. Answers on standard output
   in lines <key>=<value>: fault, and subject, or terminal, domain, vkey, label_vkey. The exit status. */
int enrol_main(const char *terminal, const char *domain);
