/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The conversation with the console over one year's ledger: docs/forward.md. */
#include "net.h"
#include "receipt.h"

struct Sender {
	struct Net *net;
	const char *host, *port;
	bool usual_port;
	int state;           /* the folder of receipts */
	struct Vkey console; /* whose cosignature is a receipt */
};

enum SendOutcome {
	SEND_RECEIVED, /* and the receipt is kept */
	SEND_LATER,    /* the console is busy */
	SEND_WRONG,    /* the console shows an alarm */
	SEND_REFUSED,
	SEND_FORGED, /* an answer that is none of the console's */
};

/* 0 and how it ended, or -errno: nobody was reached, or a file cannot be read or written. `since`: what the
   last receipt is over, its size 0 when there is none. */
int send_year(struct Sender *s, const struct Year *y, const struct LedgerSeen *since, enum SendOutcome *ret);
