/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the verbs of mediagate-console share. */
#include "console_conf.h"

#include <libintl.h>
#include <sys/types.h>

#define _(text)  gettext(text)
#define N_(text) text

enum CommandExit {
	COMMAND_OK = 0,
	COMMAND_USAGE = 2,
	COMMAND_UNREADABLE = 4,
	COMMAND_ALTERED = 6, /* a ledger is not what it should be; as `mediagate verify` */
	COMMAND_FAILED = 1,
};

struct Command {
	struct Settings settings;
	const char *user;     /* whose rights all of it has, when root started it */
	const char *programs; /* the folder of the other processes */
	bool quiet;           /* only what is wrong */
	bool pushes;          /* terminals may send their records: settings.push_port, 0: any */
};

/* The console's folder, made when it is not there: 0 or an exit status, said. */
int command_data(const struct Command *c);

int command_error(int status, const char *format, ...) _format_(2, 3);

/* Makes the databases below it of this version: 0 or an exit status, said. */
int command_ready(const struct Command *c);

/* A store that intake tells what it found, at the other end of `feed`. */
int command_feed_store(const struct Command *c, int feed, pid_t *ret);

int verb_import(const struct Command *c, char **folders);
/* The key that terminals know the console by. */
int verb_key(const struct Command *c);
int verb_serve(const struct Command *c);
/* A document or a table to standard output; `format`: html or csv; fields: NAME=VALUE, closed by NULL. */
int verb_report(const struct Command *c, const char *name, const char *format, char **fields);
/* The package for an outside auditor into the folder `to`, which is made. */
int verb_export(const struct Command *c, const char *period, const char *to);

/* Two intakes at once would only wait for one another's tables: a descriptor that holds the lock, or -errno.
 */
int command_lock(const struct Command *c);
