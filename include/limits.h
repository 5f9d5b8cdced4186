/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Every cap in one table: code, wire and documents take the numbers from here.
 * Sizes of text fields count the closing NUL.
 */
#define LIMIT_TABLE(X)                                                               \
	X(LIMIT_PORT, 32, "kernel's USB name, such as 2-1.4:1.0")                    \
	X(LIMIT_SERIAL, 384, "serial number as sysfs prints it, at most 126 UTF-16 units") \
	X(LIMIT_DESCRIPTORS, 4096, "bytes of a device's descriptors; longer ones are refused") \
	X(LIMIT_INTERFACES, 32, "interface settings of one device; more are refused") \
	X(LIMIT_LOGIN, 33, "login name")                                             \
	X(LIMIT_NAME, 129, "a person's or thing's name for people")                  \
	X(LIMIT_NUMBER, 17, "management number of a medium")                         \
	X(LIMIT_CODE, 33, "purpose, ground, duty, section, terminal, recipient")     \
	X(LIMIT_DOMAIN, 129, "organisation domain")                                  \
	X(LIMIT_TERMINALS, 257, "list of terminals, separated by commas")            \
	X(LIMIT_TEXT, 257, "free text: destination, reason, note")                   \
	X(LIMIT_FILE_NAME, 1025, "name of a copied file with its folders")           \
	X(LIMIT_ID, 41, "checkout id, copy id")                                      \
	X(LIMIT_VKEY, 385, "C2SP verifier key: name+hex8+base64")                    \
	X(LIMIT_DETAIL, 3584, "typed detail of a record, before it is JSON")         \
	X(LIMIT_LINE, 4096, "bytes of a record's line, without newline")             \
	X(LIMIT_REQUEST, 8192, "bytes of a request on the socket")                   \
	X(LIMIT_CLIENTS, 64, "clients connected at once")                            \
	X(LIMIT_CLIENTS_UID, 8, "of these, of one user")                             \
	X(LIMIT_DEVICES, 64, "storage devices at once")                              \
	X(LIMIT_PEOPLE, 512, "rows of the roster")                                   \
	X(LIMIT_ROWS, 256, "rows of every other table of the configuration")         \
	X(LIMIT_MEDIA, 4096, "registered media")                                     \
	X(LIMIT_CHECKOUTS, 1024, "open or overdue checkouts")                        \
	X(LIMIT_JOBS, 8, "jobs at once, one per medium")                             \
	X(LIMIT_IN_FLIGHT, 16, "descriptors in flight to a job")                     \
	X(LIMIT_CONFIG, 262144, "bytes of one configuration file")                   \
	X(LIMIT_SUBJECT, 513, "what a sentence is about")                            \
	X(LIMIT_FDS, 4, "descriptors in one message")                                \
	X(LIMIT_FILES, 50000, "files in one copy")                                   \
	X(LIMIT_FILE_NAMES, 4194304, "bytes of all their names")                     \
	X(LIMIT_EVENTS, 64, "events kept for those who watch")                       \
	X(LIMIT_YEAR, 5, "fiscal year, four digits")                                 \
	X(LIMIT_ASKED_DAYS, 7, "days in which another person confirms that a year is dropped")

#define LIMIT_ENUM(name, value, what) name = value,
enum Limit { LIMIT_TABLE(LIMIT_ENUM) };
#undef LIMIT_ENUM
