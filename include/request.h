/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What people ask: verbs and their fields. gate turns bytes into struct Request by these rows; core
 * decides by its table of authority; docs/wire.md is checked against them.
 *
 * On the socket a request is one packet of lines: `mediagate/1 <verb>`, then `<field>=<value>`, each
 * closed by a newline; values are UTF-8 without control characters. A job's channel travels with it.
 */
#include "limits.h"

#include <stdint.h>

/* name, word, 1: brings the end of a job's channel */
#define REQUEST_VERBS(X)          \
	X(STATUS, "status", 0)    \
	X(DEVICES, "devices", 0)  \
	X(EXPLAIN, "explain", 0)  \
	X(REGISTER, "register", 0) \
	X(CHECKOUT, "checkout", 0) \
	X(RETURN, "return", 0)    \
	X(COPY, "copy", 1)        \
	X(LIST, "ls", 1)          \
	X(GET, "get", 1)          \
	X(RECORDS, "records", 0)  \
	X(CLOCK, "clock", 0)      \
	X(WATCH, "watch", 0)      \
	X(RELABEL, "relabel", 0)  \
	X(DROP, "drop", 0)        \
	X(RECEIPT, "receipt", 0)

#define REQUEST_VERB_ENUM(name, word, channel) VERB_##name,
enum Verb { REQUEST_VERBS(REQUEST_VERB_ENUM) _VERB_N };
#undef REQUEST_VERB_ENUM

enum FieldType {
	FIELD_CODE,   /* A-Z a-z 0-9 . _ : - , */
	FIELD_NUMBER, /* management number: A-Z 0-9 - */
	FIELD_LOGIN,
	FIELD_TEXT,
	FIELD_TIME, /* decimal milliseconds since 1970 UTC */
	FIELD_FLAG, /* 1 */
	FIELD_COUNT, /* decimal, not 0 */
};

/* member, word, type, size of the member */
#define REQUEST_FIELDS(X)                                      \
	X(device, "device", FIELD_TEXT, LIMIT_SERIAL)          \
	X(number, "number", FIELD_NUMBER, LIMIT_NUMBER)        \
	X(supervisor, "supervisor", FIELD_LOGIN, LIMIT_LOGIN)  \
	X(prepare, "prepare", FIELD_CODE, LIMIT_CODE)          \
	X(clerk, "to", FIELD_LOGIN, LIMIT_LOGIN)               \
	X(purpose, "purpose", FIELD_CODE, LIMIT_CODE)          \
	X(ground, "ground", FIELD_CODE, LIMIT_CODE)            \
	X(destination, "destination", FIELD_TEXT, LIMIT_TEXT)  \
	X(terminals, "terminals", FIELD_CODE, LIMIT_TERMINALS) \
	X(name, "name", FIELD_TEXT, LIMIT_FILE_NAME)           \
	X(recipient, "recipient", FIELD_TEXT, LIMIT_CODE)      \
	X(until, "until", FIELD_TIME, 0)                       \
	X(carry_out, "carry-out", FIELD_FLAG, 0)               \
	X(locked_carrier, "locked-carrier", FIELD_FLAG, 0)     \
	X(after, "after", FIELD_TIME, 0)                       \
	X(year, "year", FIELD_CODE, LIMIT_YEAR)                \
	X(confirm, "confirm", FIELD_FLAG, 0)                   \
	X(console, "console", FIELD_TEXT, LIMIT_TEXT)          \
	X(cosignature, "cosignature", FIELD_CODE, LIMIT_TEXT)  \
	X(covered, "covered", FIELD_COUNT, 0)                  \
	X(root, "root", FIELD_CODE, LIMIT_TEXT)                \
	X(console_covered, "console-covered", FIELD_COUNT, 0)  \
	X(console_root, "console-root", FIELD_CODE, LIMIT_TEXT)

#define REQUEST_FIELD_ENUM(member, word, type, size) REQUEST_##member,
enum RequestField { REQUEST_FIELDS(REQUEST_FIELD_ENUM) _REQUEST_FIELD_N };
#undef REQUEST_FIELD_ENUM

struct Request {
	uint32_t verb;	  /* enum Verb */
	uint32_t present; /* bit 1 << REQUEST_member for each field given */
	char device[LIMIT_SERIAL];
	char number[LIMIT_NUMBER];
	char supervisor[LIMIT_LOGIN];
	char prepare[LIMIT_CODE];
	char clerk[LIMIT_LOGIN];
	char purpose[LIMIT_CODE];
	char ground[LIMIT_CODE];
	char destination[LIMIT_TEXT];
	char terminals[LIMIT_TERMINALS];
	char name[LIMIT_FILE_NAME];
	char recipient[LIMIT_CODE];
	int64_t until;
	uint8_t carry_out, locked_carrier;
	int64_t after; /* watch: what the reply before called `next`; 0: begin */
	char year[LIMIT_YEAR]; /* fiscal year, four digits */
	uint8_t confirm;       /* drop: of what another person has asked for */
	/* receipt: whose cosignature of how many records, in hex; and the console's own checkpoint */
	char console[LIMIT_TEXT], cosignature[LIMIT_TEXT];
	int64_t covered;
	char root[LIMIT_TEXT];
	int64_t console_covered;
	char console_root[LIMIT_TEXT];
};
