/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* console.conf: libconfig's door. docs/console.md has the keys. */
#include "params.h"
#include "std.h"

#define SETTINGS_FOLDERS 16

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
	size_t n_ledgers;
	char ledgers[SETTINGS_FOLDERS][512]; /* folders that are taken in */
};

void settings_default(struct Settings *s);

/* 0; 1 and a sentence for people "FILE:LINE: …"; -ENOENT; -errno. */
int settings_read(const char *path, struct Settings *s, char *ret_error, size_t size);

/* The text of the file: 0, or 1 with the line and what is wrong with it. For the fuzzer, too. */
int settings_parse(const char *text, struct Settings *s, int *ret_line, const char **ret_what);
