/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A ledger record before it is JSON: typed fields that core fills and ledger turns into one line.
 *
 * The line's keys in order: n, t, kind, terminal, actor, role, for, medium, checkout, result, reason,
 * numbers, detail. ledger adds n, t and terminal; the rest stands here. `detail` is a run of items
 * {uint8 key, uint16 size (native), bytes}; the key decides the JSON name and how the bytes are
 * checked, masked and written. docs/ledger.md lists what each kind carries.
 */
#include "fault.h"
#include "limits.h"

#include <stdint.h>

/* name, JSON word, what people call it */
#define RECORD_KINDS(X)                                                                     \
	X(ENROL, "enrol", "terminal enrolled")                                              \
	X(START, "start", "agent started")                                                  \
	X(STOP, "stop", "agent stopped")                                                    \
	X(POLICY, "policy", "configuration in force")                                       \
	X(REGISTER, "register", "medium registered")                                        \
	X(CHECKOUT, "checkout", "medium checked out")                                       \
	X(OVERDUE, "overdue", "checkout ran out")                                           \
	X(RETURN, "return", "medium returned")                                              \
	X(RESIDUE, "residue", "found at return, not written by mediagate")                  \
	X(DEVICE, "device", "device plugged in")                                            \
	X(OPEN, "open", "medium let in")                                                    \
	X(CLOSE, "close", "medium closed")                                                  \
	X(COPY, "copy", "encrypted copy")                                                   \
	X(FILE, "file", "file copied")                                                      \
	X(READ, "read", "read from medium")                                                 \
	X(LIST, "list", "medium listed")                                                    \
	X(REQUEST, "request", "request")                                                    \
	X(KEY, "key", "ledger key changed")                                                 \
	X(RECOVERED, "recovered", "recovered after a break")                                \
	X(CARRY, "carry", "carried over from the year before")                              \
	X(TAMPER, "tamper", "tampering")                                                    \
	X(GAP, "gap", "kernel events lost")                                                 \
	X(CLOCK, "clock", "clock was set")                                                \
	X(HELPER, "helper", "part of the agent failed")                                     \
	X(FLOOD, "flood", "many refusals")                                                  \
	X(YEAR, "year", "ledger of a new year begun")                                         \
	X(LABEL, "label", "label of a medium")                                              \
	X(MEND, "mend", "file system mended")                                               \
	X(DROP_ASKED, "drop-asked", "drop of a year's ledger asked for")                    \
	X(DROP, "drop", "year's ledger dropped")                                            \
	X(OBSERVE, "observe", "let in although refused: OBSERVE MODE")  \
	X(RECEIPT, "receipt", "received by the console") \
	X(MISSING, "missing", "on record, not found at return")

#define RECORD_KIND_ENUM(name, word, people) RECORD_##name,
enum RecordKind { RECORD_KINDS(RECORD_KIND_ENUM) _RECORD_KIND_N };
#undef RECORD_KIND_ENUM

#define RECORD_RESULTS(X) \
	X(NONE, "")       \
	X(INTENT, "intent") \
	X(DONE, "done")   \
	X(REFUSED, "refused") \
	X(FAILED, "failed")

#define RECORD_RESULT_ENUM(name, word) RESULT_##name,
enum RecordResult { RECORD_RESULTS(RECORD_RESULT_ENUM) _RESULT_N };
#undef RECORD_RESULT_ENUM

enum RecordType {
	TYPE_CODE,   /* ids and codes: printable ASCII, written as it is */
	TYPE_TEXT,   /* free text: masked; bytes that are not UTF-8 become <name>_hex */
	TYPE_HEX,    /* bytes in hex, never masked: device strings, digests */
	TYPE_NUMBER, /* uint64 */
	TYPE_TIME,   /* int64, milliseconds since 1970 UTC; RFC 3339 in the line */
	TYPE_FLAG,   /* uint8, true or false */
};

/* name, JSON word, type */
#define RECORD_KEYS(X)                          \
	X(DEVICE, "device", TYPE_CODE)          \
	X(INTERFACE, "interface", TYPE_CODE)    \
	X(VENDOR, "vendor", TYPE_CODE)          \
	X(PRODUCT, "product", TYPE_CODE)        \
	X(REVISION, "revision", TYPE_CODE)      \
	X(SERIAL, "serial", TYPE_HEX)           \
	X(IDENTITY, "identity", TYPE_HEX)       \
	X(CLASSES, "classes", TYPE_CODE)        \
	X(SIZE, "size", TYPE_NUMBER)            \
	X(FILE_SYSTEM, "file_system", TYPE_CODE) \
	X(SUPERVISOR, "supervisor", TYPE_CODE)  \
	X(CLERK, "clerk", TYPE_CODE)            \
	X(PURPOSE, "purpose", TYPE_CODE)        \
	X(GROUND, "ground", TYPE_CODE)          \
	X(DESTINATION, "destination", TYPE_TEXT) \
	X(FROM, "from", TYPE_TIME)              \
	X(UNTIL, "until", TYPE_TIME)            \
	X(TERMINALS, "terminals", TYPE_CODE)    \
	X(CARRY_OUT, "carry_out", TYPE_FLAG)    \
	X(ENCRYPTION, "encryption", TYPE_FLAG)  \
	X(PASSWORD, "password", TYPE_FLAG)      \
	X(LOCKED_CARRIER, "locked_carrier", TYPE_FLAG) \
	X(COPY, "copy", TYPE_CODE)              \
	X(RECIPIENT, "recipient", TYPE_TEXT)    \
	X(CERTIFICATE, "certificate", TYPE_HEX) \
	X(NAME, "name", TYPE_TEXT)              \
	X(SHA256, "sha256", TYPE_HEX)           \
	X(NOTE, "note", TYPE_HEX)               \
	X(PARTS, "parts", TYPE_NUMBER)          \
	X(FILES, "files", TYPE_NUMBER)          \
	X(BYTES, "bytes", TYPE_NUMBER)          \
	X(KNOWN, "known", TYPE_NUMBER)          \
	X(FOREIGN, "foreign", TYPE_NUMBER)      \
	X(DAMAGED, "damaged", TYPE_NUMBER)      \
	X(INTENT, "intent", TYPE_NUMBER)        \
	X(COUNT, "count", TYPE_NUMBER)          \
	X(FIRST, "first", TYPE_NUMBER)          \
	X(LAST, "last", TYPE_NUMBER)            \
	X(TORN, "torn", TYPE_HEX)               \
	X(VERB, "verb", TYPE_CODE)              \
	X(DRIVER, "driver", TYPE_CODE)          \
	X(PROCESS, "process", TYPE_CODE)        \
	X(VERSION, "version", TYPE_CODE)        \
	X(BOOT, "boot", TYPE_CODE)              \
	X(BOOT_TIME, "boot_time", TYPE_NUMBER)  \
	X(BEFORE, "before", TYPE_TIME)          \
	X(VKEY, "vkey", TYPE_CODE)              \
	X(LABEL_VKEY, "label_vkey", TYPE_CODE)  \
	X(DISK, "disk", TYPE_TEXT)              \
	X(CONFIG, "config", TYPE_HEX)           \
	X(SUBJECT, "subject", TYPE_TEXT)        \
	X(SIGNATURE, "signature", TYPE_CODE)    \
	X(ORIGIN, "origin", TYPE_CODE)          \
	X(ROOT, "root", TYPE_HEX)               \
	X(CERTIFIED, "certified", TYPE_CODE)    \
	X(CARRIED, "carried", TYPE_CODE)        \
	X(COUNTER, "counter", TYPE_NUMBER)      \
	X(LABEL, "label", TYPE_HEX)             \
	X(REGISTRATION, "registration", TYPE_CODE) \
	X(EXPECTED, "expected", TYPE_NUMBER)    \
	X(ASKED, "asked", TYPE_NUMBER)          \
	X(ASKED_BY, "asked_by", TYPE_CODE)      \
	X(OBSERVED, "observed", TYPE_FLAG)      \
	X(MODE, "mode", TYPE_CODE)              \
	X(NAME_HASH, "name_hash", TYPE_HEX)     \
	X(NAME_SALT, "name_salt", TYPE_HEX)     \
	X(ZONE_BEFORE, "zone_before", TYPE_CODE) \
	X(ZONE, "zone", TYPE_CODE)              \
	X(CONSOLE, "console", TYPE_TEXT)        \
	X(COSIGNATURE, "cosignature", TYPE_HEX) \
	X(COVERED, "covered", TYPE_NUMBER)      \
	X(CONSOLE_COVERED, "console_covered", TYPE_NUMBER) \
	X(CONSOLE_ROOT, "console_root", TYPE_HEX) \
	X(MISSING, "missing", TYPE_NUMBER)      \
	X(DEMANDS_ENCRYPTION, "demands_encryption", TYPE_FLAG) \
	X(DEMANDS_SECRET, "demands_password_or_key", TYPE_FLAG) \
	X(ISSUER, "issuer", TYPE_CODE)

/* How names of files are written: ledger obeys, whoever filled the record. */
enum RecordNames {
	NAMES_CLEAR,
	NAMES_MASKED, /* a star for each character; folders and the kind of file stay */
	NAMES_HASH,   /* SHA-256 of a salt of its own and the name */
	_NAMES_N,
};

#define RECORD_KEY_ENUM(name, word, type) KEY_##name,
enum RecordKey { RECORD_KEYS(RECORD_KEY_ENUM) _KEY_N };
#undef RECORD_KEY_ENUM

struct Record {
	uint8_t kind;	/* enum RecordKind */
	uint8_t result; /* enum RecordResult */
	uint16_t reason; /* enum Fault; FAULT_OK: none */
	uint32_t roles; /* enum Role of the act, one bit; 0: none */
	int64_t numbers; /* Individual Numbers counted; -1: not examined, not written */
	char actor[LIMIT_LOGIN];
	char deputy_for[LIMIT_LOGIN];
	char medium[LIMIT_NUMBER];
	char checkout[LIMIT_ID];
	uint8_t names; /* enum RecordNames */
	uint16_t detail_size;
	uint8_t detail[LIMIT_DETAIL];
};
