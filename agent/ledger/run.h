/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The ledger process from its open files to its end: what main.c does inside the sandbox, and tests outside.
 */
#include "ahead.h"
#include "enrolment.h"
#include "serve.h"

struct Ledger {
	struct Enrolment enrolment;
	int terminal; /* the folder of all its years */
	struct Seal seal;
	struct Store store;
	struct Cache cache;
	struct Server server;
	struct Ahead *ahead; /* a second thread for the start; NULL: one does it all */
	const char *boot;    /* id of this boot */
	char last_time[32];  /* of the last line that was there at the start */
};

#define LEDGER_NULL                                                                                      \
	{                                                                                                \
		.terminal = -1, .seal = SEAL_NULL, .store = STORE_NULL, .cache = CACHE_NULL, .server = { \
			.channel = -1,                                                                   \
			.terminal_dir = -1                                                               \
		}                                                                                        \
	}
void ledger_done(struct Ledger *l);

/* Opens everything below the state directory: 0, FAULT_* with its subject, or -errno. */
_must_check_ int ledger_open(struct Ledger *l, int state_dir, char subject[static LIMIT_SUBJECT]);

/* A second thread for a start that has much to read: inside the sandbox none can be made. */
void ledger_prepare(struct Ledger *l);

/* Verifies, tells core the state, serves until core closes the channel (which becomes non-blocking): 0.
   Otherwise core has been told by LEDGER_FAULT. */
_must_check_ int ledger_run(struct Ledger *l, int channel, const char *boot);

/* The last message of a ledger that cannot go on; `r` is FAULT_* or -errno. */
void ledger_tell(int channel, int r, const char *subject);
