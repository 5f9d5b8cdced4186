/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Configuration files → rows: the grammar is libconfig's, the keys are the table of config_keys.h. Unknown
 * keys, wrong types, doubles and values out of range are mistakes with file and line.
 */
#include "channel.h"
#include "config_keys.h"
#include "std.h"

#include <stdio.h>

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

/* A row of usb_classes. It goes to the command alone: it writes the udev rules. */
typedef int (*ConfigUsbClass)(void *owner, const struct UsbClass *class);

/* Whether a label key's hash is that of its name and key: for who has the means to know. */
typedef bool (*ConfigIssuer)(void *owner, const char *vkey);

enum ConfigSaying {
	CONFIG_MISTAKE,
	CONFIG_NOTE, /* what has no effect: a key that has none yet, an issuer that no label is signed by */
};
/* roster.conf:12: what is wrong; what to do */
typedef void (*ConfigSay)(void *owner, enum ConfigSaying what, const char *text);

struct ConfigReader {
	ConfigRow row; /* NULL: only check */
	ConfigUid uid; /* NULL: everybody gets uid 0 and no row */
	void *owner;
	char error[LIMIT_SUBJECT]; /* the first mistake */
	ConfigRecipient recipient; /* may be NULL */
	ConfigSay
	        say; /* NULL: reading ends at the first mistake; otherwise all of them are said, and notes */
	ConfigUsbClass usb_class; /* may be NULL */
	ConfigIssuer issuer; /* may be NULL */
};

/* 0, FAULT_BAD_CONFIG with r->error, or -errno. Reads the stream to its end. */
int config_file_read(struct ConfigReader *r, enum ConfigFile file, FILE *stream);
