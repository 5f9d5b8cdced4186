/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Every key of the configuration files: one table, from which reading, `mediagate policy check`,
 * docs/configuration.md and mediagate.conf(5) come. No libconfig here.
 */
#include "std.h"

enum ConfigFile {
	CONFIG_TERMINAL,
	CONFIG_POLICY,
	CONFIG_ROSTER,
	CONFIG_RECIPIENTS,
	_CONFIG_FILE_N,
};

/* In the order of the files and of the documents: the keys of a list's groups follow the list. */
enum Setting {
	SETTING_DOMAIN,
	SETTING_TERMINAL,
	SETTING_TERMINAL_SECTION,
	SETTING_ZONE,

	SETTING_PURPOSES,
	SETTING_PURPOSE_CODE,
	SETTING_PURPOSE_NAME,
	SETTING_GROUNDS,
	SETTING_GROUND_CODE,
	SETTING_GROUND_NAME,
	SETTING_FILE_SYSTEMS,
	SETTING_CHECKOUT_DAYS,
	SETTING_OWN_PASSWORD,
	SETTING_OWN_PASSWORD_LENGTH,
	SETTING_RECIPIENT_FILES,
	SETTING_ISSUERS,
	SETTING_DUTIES,
	SETTING_DUTY_CODE,
	SETTING_DUTY_NAME,
	SETTING_USB_CLASSES,
	SETTING_MODE,
	SETTING_HOURS,
	SETTING_HOURS_DAYS,
	SETTING_HOURS_FROM,
	SETTING_HOURS_UNTIL,
	SETTING_HOLIDAYS,
	SETTING_THRESHOLDS,
	SETTING_THRESHOLD_CODE,
	SETTING_THRESHOLD_MOST,
	SETTING_RETENTION_YEARS,
	SETTING_NAMES,

	SETTING_PEOPLE,
	SETTING_LOGIN,
	SETTING_NAME,
	SETTING_ROLES,
	SETTING_SECTION,
	SETTING_VALID_UNTIL,
	SETTING_TRAINING_UNTIL,
	SETTING_PERSON_DUTIES,
	SETTING_DEPUTIES,

	SETTING_RECIPIENTS,
	SETTING_RECIPIENT_CODE,
	SETTING_RECIPIENT_NAME,
	SETTING_CERTIFICATE,
	_SETTING_N,
};

enum ValueType {
	VALUE_NAME,   /* letters, digits . _ -; begins with a letter or digit */
	VALUE_LOGIN,  /* the same and @ $ */
	VALUE_LINE,   /* one line of UTF-8 */
	VALUE_PATH,   /* one line that begins with / */
	VALUE_DATE,   /* YYYY-MM-DD */
	VALUE_TIME,   /* HH:MM */
	VALUE_VKEY,   /* a label key */
	VALUE_CLASS,  /* a USB class: 07, or ff:1234:5678 */
	VALUE_NUMBER, /* from least to most */
	VALUE_FLAG,   /* true, false */
	VALUE_GROUPS, /* ( { … }, { … } ) */
	_VALUE_TYPE_N,
};

struct KeyRow {
	const char *name;
	uint8_t file;        /* enum ConfigFile */
	uint8_t type;        /* enum ValueType */
	bool list;           /* several values of that type: [ …, … ] */
	bool required;       /* and, of a list, not empty */
	bool later;          /* checked, and without effect in this version */
	int16_t within;      /* the list of groups it stands in (enum Setting); SETTING_TOP: none */
	int least, most;     /* of a number; most: bytes of a text, entries of a list of groups */
	const char *choices; /* the only words allowed, separated by blanks; NULL: any */
	const char *preset;  /* what holds when it is left out; NULL: nothing */
	const char *help;
};

/* A USB class that the site lets in: of any device, or of one product alone. */
struct UsbClass {
	uint8_t class;
	bool by_product;
	uint16_t vendor, product;
};

#define SETTING_TOP (-1)

/* Indexed by enum Setting. */
extern const struct KeyRow config_keys[_SETTING_N];

/* terminal.conf, … */
const char *config_name(enum ConfigFile file);
/* By its base name; -ENOENT. */
int config_by_name(const char *name);

/* The key `name` of a file, at its top or within a list of groups; -ENOENT. */
int config_key_find(enum ConfigFile file, int within, const char *name);
/* The one that tells the groups of a list apart: the first of theirs. */
enum Setting config_key_identity(enum Setting list);
