/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* console.conf: docs/console.md has the keys. */
#include "config_flat.h"
#include "params.h"

struct Settings {
	char data[512];
	char domain[129]; /* in the origin of the console's own ledger, from the first start on */
	char office[129];
	char language[8]; /* ja, en, "": what browsers prefer */
	char host[254];   /* the name people use; "": this machine alone */
	bool proxied;
	uint16_t port;
	uint32_t every;       /* minutes between intakes; 0: never by itself */
	uint16_t push_port;   /* where terminals post; 0: none does */
	bool newcomers;       /* of terminals of which nothing is held, too */
	uint32_t quota;       /* MiB that one ledger may have */
	uint32_t silent_days; /* a terminal that was not heard of for so long is silent */
	struct ReviewParams review;
	struct FlatPaths ledgers; /* folders that are taken in */
};

void settings_default(struct Settings *s);

/* Its keys, which fill a struct Settings. */
extern const struct FlatFile console_conf;
