/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Configuration files → rows: the grammar is libconfig's, the keys are a table. Unknown keys, wrong
 * types, doubles and values out of range are errors with file and line.
 */
#include "channel.h"
#include "std.h"

#include <stdio.h>

enum ConfigFile {
	CONFIG_TERMINAL,
	CONFIG_POLICY,
	CONFIG_ROSTER,
	CONFIG_RECIPIENTS,
	_CONFIG_FILE_N,
};

/* terminal.conf, … */
const char *config_name(enum ConfigFile file);
/* By its base name; -ENOENT. */
int config_by_name(const char *name);

/* Gets each row as it is read. Negative ends the reading. */
typedef int (*ConfigRow)(void *owner, enum MessageType type, const void *row);

/* Finds a login's uid; -ENOENT: no account here, and the person is left out of this terminal's roster. */
typedef int (*ConfigUid)(void *owner, const char *login, uid_t *ret);

/* A row of recipients.conf. It goes to the command alone: which certificate a code stands for. */
struct Recipient {
	char code[LIMIT_CODE];
	char name[LIMIT_NAME];
	char certificate[LIMIT_FILE_NAME]; /* path of its file */
};
typedef int (*ConfigRecipient)(void *owner, const struct Recipient *recipient);

struct ConfigReader {
	ConfigRow row; /* NULL: only check */
	ConfigUid uid; /* NULL: everybody gets uid 0 and no row */
	void *owner;
	char error[LIMIT_SUBJECT]; /* roster.conf:12: what is wrong; what to do */
	ConfigRecipient recipient; /* may be NULL */
};

/* 0, FAULT_BAD_CONFIG with r->error, or -errno. Reads the stream to its end. */
int config_file_read(struct ConfigReader *r, enum ConfigFile file, FILE *stream);
