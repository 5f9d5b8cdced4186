/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Every message between the processes, one row each. All channels are AF_UNIX SOCK_SEQPACKET, so a
 * message is a packet: {uint32 type, uint32 size} and one structure of fixed size; a different size,
 * an unknown type, a wrong number of descriptors or a text without its NUL is a broken peer. A broken
 * helper is stopped; a broken client is dropped. Both ends come from one build: integers are native.
 *
 * Channels: helpers find theirs to core at descriptor 3. A job finds the person's end at 4 and the
 * medium's root directory at 5; load finds the configuration files from 4 on in the order
 * terminal, policy, roster, recipients; gate finds the listening socket at 4, label the disk.
 */
#include "identity.h"
#include "label.h"
#include "limits.h"
#include "record.h"
#include "request.h"
#include "settings.h"
#include "state.h"
#include "verdict.h"

#include <stdint.h>

#define WIRE_CHANNEL 3
#define WIRE_EXTRA   4

/* ------------------------------------------------------------------ core and ledger */

struct MsgAppend {
	uint64_t cookie;
	struct Record record;
};
/* The line is durable: the act may begin. `fault`: it is not, and nothing was written. */
struct MsgAppended {
	uint64_t cookie, n;
	uint16_t fault;
};
/* A durable checkpoint covers every record below `size`: success may be told. As YEAR: another fiscal year's ledger goes on
   from here, its records numbered anew; all before were covered and none was an intent without outcome. */
struct MsgCovered {
	uint64_t size;
	uint8_t root[DIGEST_SIZE];
};
struct MsgDigest {
	uint64_t cookie;
	struct Identity identity;
};
struct MsgDigested {
	uint64_t cookie;
	uint8_t digest[DIGEST_SIZE];
};
/* SHA-256 of each descriptor's bytes (1 to 4), in order. */
struct MsgFilesDigest {
	uint64_t cookie;
};
struct MsgFilesDigested {
	uint64_t cookie;
	uint8_t n;
	uint8_t digest[LIMIT_FDS][DIGEST_SIZE];
};
/* One line of a copy's note, in the order parts, OPEN.txt. */
struct MsgNoteLine {
	char copy[LIMIT_ID];
	char name[64];
	uint8_t sha256[DIGEST_SIZE];
};
struct MsgNoteSign {
	uint64_t cookie;
	char copy[LIMIT_ID];
	uint32_t n_lines; /* how many were sent */
};
/* With the note as a sealed memfd when fault is 0. */
struct MsgNote {
	uint64_t cookie;
	uint16_t fault;
	uint8_t sha256[DIGEST_SIZE];
};
/* Descriptors of records.jsonl, checkpoint, vkey, read-only. With an actor: a sealed memfd of that
   person's lines alone. */
struct MsgRead {
	uint64_t cookie;
	char actor[LIMIT_LOGIN];
};
struct MsgReadable {
	uint64_t cookie;
	uint16_t fault;
};
/* A label built and signed from these fields: for the slot counter mod 2. */
struct MsgLabelMake {
	uint64_t cookie;
	uint64_t counter;
	char number[LIMIT_NUMBER];
	char registration[LIMIT_ID];
	uint8_t identity[DIGEST_SIZE];
	struct CheckoutRow checkout; /* the loan in force; id empty: none */
};
struct MsgLabelMade {
	uint64_t cookie;
	uint16_t fault; /* not FAULT_OK: a field that no label can hold */
	uint8_t sha256[DIGEST_SIZE];
	uint8_t bytes[LABEL_SIZE];
};
/* What stands in a slot. */
struct MsgLabelLook {
	uint64_t cookie;
	uint8_t bytes[LABEL_SIZE];
	char vkey[LIMIT_VKEY]; /* by this issuer's eyes: STRANGER, FORGED or ISSUED; empty: this terminal's own */
};
struct MsgLabelSeen {
	uint64_t cookie;
	struct LabelSeen seen;
};
/* What the ledger knows of a copy found on a medium. */
struct MsgFindCopy {
	uint64_t cookie;
	char copy[LIMIT_ID];
};
struct MsgFoundCopy {
	uint64_t cookie;
	uint8_t known;	  /* 0: never recorded here */
	uint8_t complete; /* 1: an outcome `done` names its note */
	char medium[LIMIT_NUMBER];
	uint8_t note[DIGEST_SIZE];
};
/* What is to be known of a year before it is dropped. Read and verified whole for it. */
struct MsgYearLook {
	uint64_t cookie;
	uint32_t year;
};
struct MsgYearSeen {
	uint64_t cookie;
	uint16_t fault; /* not FAULT_OK: it is not there, not over, or not as it was closed */
	char origin[LIMIT_VKEY];
	uint64_t size; /* of its last checkpoint */
	uint8_t root[DIGEST_SIZE];
	char vkey[LIMIT_VKEY]; /* of the key that signed it */
	/* who asked for it last, in the running year's ledger, and has not been confirmed yet; empty: nobody */
	char asked_by[LIMIT_LOGIN];
	uint64_t asked; /* that record */
	int64_t asked_at;
	char subject[LIMIT_SUBJECT];
};
/* The year's folder goes. The intent is durable. */
struct MsgYearDrop {
	uint64_t cookie;
	uint32_t year;
	uint64_t size; /* as it was seen */
	uint8_t root[DIGEST_SIZE];
};
struct MsgYearDropped {
	uint64_t cookie;
	uint16_t fault; /* not FAULT_OK: it is there still, whole */
};
/* Whole copies that the records say are on this medium: made since it was registered, not found missing since, of the
   ledger that is being written. All but the first `from`. */
struct MsgCopiesOn {
	uint64_t cookie;
	uint64_t from;
	char medium[LIMIT_NUMBER];
};
struct MsgCopiesAre {
	uint64_t cookie;
	uint64_t next;	   /* where to go on; 0: these were the last */
	char copies[2048]; /* their ids, a newline after each */
};
/* The ledger cannot go on; it exits after this. */
struct MsgLedgerFault {
	uint16_t fault;
	char subject[LIMIT_SUBJECT];
};

/* ------------------------------------------------------------------ core and watch */

/* A storage-like interface appeared (or was found at start or at a rescan).
   Descriptors: the device's sysfs directory, the interface's. */
struct MsgUsbAdd {
	char interface[LIMIT_PORT]; /* 2-1:1.0 */
	uint8_t authorized;	    /* as watch read it */
	uint8_t coldplug;	    /* 1: was there before watch looked */
	uint32_t busnum, devnum;
	struct Identity identity;
};
/* A device with storage in it appeared, and its interface will: what can be settled beforehand may be. Nothing
   is owed after it: the interface may never come, and USB_ADD says all of it again. Descriptor: the device's
   sysfs directory. */
struct MsgUsbExpect {
	char interface[LIMIT_PORT]; /* the first one that is storage-like */
	uint32_t busnum, devnum;
	struct Identity identity;
};
/* The kernel has just made the interface that was expected. USB_ADD follows, and stands for this where it was of
   no use. */
struct MsgUsbCame {
	char interface[LIMIT_PORT];
};
struct MsgUsbRemove {
	char name[LIMIT_PORT]; /* of a device (2-1) or an interface (2-1:1.0) */
};
/* A storage driver bound itself to an interface. */
struct MsgUsbBind {
	char interface[LIMIT_PORT];
	char driver[LIMIT_CODE];
};
/* A disk below a USB interface. Descriptor: its sysfs directory. */
struct MsgBlockAdd {
	char interface[LIMIT_PORT];
	char disk[LIMIT_PORT];	/* sda */
	char partition[LIMIT_PORT]; /* first partition (sda1), empty: none */
	uint32_t major, minor;	/* of the disk */
	uint32_t partition_minor;
	uint64_t size;		/* bytes */
	uint64_t diskseq;
	uint8_t read_only;
	uint8_t lun;
	uint64_t first_start; /* bytes before the partition that begins first; 0: no partition */
};
struct MsgBlockRemove {
	char disk[LIMIT_PORT];
};
/* All that was there has been told: after start, and after each rescan. */
struct MsgWatchReady {
	uint32_t rescan; /* 0 at start; else the number of the rescan that ENOBUFS forced */
};

/* ------------------------------------------------------------------ core and gate */

/* Descriptors: the client's socket, then for verbs with a channel its end. */
struct MsgRequest {
	uint32_t client;
	struct Request request;
};

/* Rows of a reply. gate passes them on to the client as they are, with client = 0. */
struct MsgStatus {
	uint32_t client;
	char terminal[LIMIT_CODE];
	char login[LIMIT_LOGIN];
	char name[LIMIT_NAME];
	uint32_t roles;
	uint16_t fault; /* why the gate is closed as a whole; FAULT_OK: it works */
	char subject[LIMIT_SUBJECT];
	uint64_t n; /* records in the ledger */
	char contact[LIMIT_SUBJECT]; /* supervisors of this terminal, for people */
	uint8_t observe; /* 1: the policy observes; what is refused is not closed */
	struct SettingsRow settings; /* of the policy in force: what may be asked for; zeros: there is none */
};
struct MsgDevice {
	uint32_t client;
	char port[LIMIT_PORT];
	uint16_t vendor, product;
	char serial[LIMIT_SERIAL]; /* printable: other bytes as \xHH */
	char number[LIMIT_NUMBER]; /* empty: not registered */
	char disk[LIMIT_PORT];	   /* empty: none */
	uint64_t size;
	uint8_t open;
	uint16_t reason; /* enum Fault; FAULT_OK when open */
	uint8_t observed; /* 1: refused, and let in all the same: observe mode */
};
struct MsgMedium {
	uint32_t client;
	struct MediumRow medium;
	uint8_t present; /* plugged in */
	uint8_t checked_out;
	struct CheckoutRow checkout;
	char clerk_name[LIMIT_NAME]; /* the checkout's, as the roster has it now; empty: not on it */
};
struct MsgStep {
	uint32_t client;
	struct WalkStep step;
};
/* Something found on a medium at its return. */
struct MsgFound {
	uint32_t client;
	uint8_t found; /* enum Found */
	uint64_t size;
	char name[LIMIT_FILE_NAME];
};
enum Found {
	FOUND_COPY,	/* a copy on record, whole */
	FOUND_DAMAGED,	/* a copy on record, not as it was written */
	FOUND_LEFTOVER, /* a copy that was cut short */
	FOUND_FOREIGN,	/* not written by mediagate */
	FOUND_MISSING,	/* a copy on record that is not there; of core, never of a job */
	_FOUND_N,
};
/* Descriptors: as in MsgReadable. */
struct MsgReplyFiles {
	uint32_t client;
	uint8_t whole; /* 1: records, checkpoint, vkey; 0: one person's lines */
};
/* The year that a drop is about: its last checkpoint, for people to compare, and who has asked for it. */
struct MsgYear {
	uint32_t client;
	uint8_t root[DIGEST_SIZE];
	uint64_t size;
	char asked_by[LIMIT_LOGIN];
	int64_t asked_at;
};
/* Exactly one for each request, the last. */
struct MsgReply {
	uint32_t client;
	uint16_t fault;
	char subject[LIMIT_SUBJECT];
	char contact[LIMIT_SUBJECT];
	char number[LIMIT_NUMBER];
	char checkout[LIMIT_ID];
	char copy[LIMIT_ID];
	uint64_t n; /* record that covers it; UINT64_MAX: none */
	uint64_t files, bytes, parts;
	uint64_t known, foreign, damaged;
	uint64_t covered; /* the checkpoint that covers n, for people to keep; 0: none */
	uint8_t root[DIGEST_SIZE];
	uint64_t next; /* of watch: what to ask `after` the next time */
	uint8_t observe; /* as in MsgStatus */
	uint64_t missing;
};
/* Something that went on record just now, for those who watch. */
struct MsgEvent {
	uint32_t client;
	uint64_t number; /* one more than that of the event before: a gap is what was lost */
	int64_t time;
	uint8_t kind, result; /* enum RecordKind, enum RecordResult */
	uint16_t reason;      /* enum Fault */
	char actor[LIMIT_LOGIN];
	char medium[LIMIT_NUMBER]; /* empty: none */
	char device[LIMIT_PORT];   /* empty: none; of `tamper` also what was changed: a file, a hub, a program */
	uint8_t observed; /* 1: said, and not enforced: observe mode */
};

/* ------------------------------------------------------------------ core and load */

struct MsgLoadEnd {
	uint16_t fault; /* FAULT_OK, or FAULT_BAD_CONFIG with the subject: file:line: what */
	uint32_t n_rows;
	char subject[LIMIT_SUBJECT];
};

/* ------------------------------------------------------------------ core and job */

enum JobKind {
	JOB_COPY,
	JOB_LIST,
	JOB_GET,
	JOB_INSPECT, /* no person's end */
	_JOB_KIND_N,
};
struct MsgJob {
	uint8_t kind;
	char medium[LIMIT_NUMBER];
	char checkout[LIMIT_ID];
	char copy[LIMIT_ID]; /* of the copy to make */
	char name[LIMIT_FILE_NAME]; /* what to get */
	char domain[LIMIT_DOMAIN];
	char terminal[LIMIT_CODE];
	struct SettingsRow settings;
	uint16_t n_issuers; /* rows that follow at once */
};
/* A file went in or out: becomes a `file` record. */
struct MsgJobFile {
	char name[LIMIT_FILE_NAME];
	uint64_t size;
	uint8_t sha256[DIGEST_SIZE];
};
/* Everything is written (or checked) but not in force. Core answers MsgProceed when all is on record. */
struct MsgJobReady {
	uint64_t files, bytes, parts;
	uint32_t n_lines;
	uint8_t by_password;
	uint8_t by_certificate;
	char recipient[LIMIT_CODE];
	uint8_t certificate[DIGEST_SIZE]; /* SHA-256 of the first one */
};
struct MsgProceed {
	uint16_t fault; /* not FAULT_OK: give up */
};
struct MsgJobFound {
	uint8_t found; /* enum Found as the job can tell it: a copy whose parts agree with its note is FOUND_COPY */
	char copy[LIMIT_ID];
	uint8_t note[DIGEST_SIZE];
	uint64_t size;
	char name[LIMIT_FILE_NAME];
};
/* The last message of a job. */
struct MsgJobDone {
	uint16_t fault;
	char subject[LIMIT_SUBJECT];
	uint64_t files, bytes, parts;
};
/* Before the mount, from the child that is to become the job: the file system was not taken out cleanly. Its last
   message; it ends, and core has it mended. With the person's end, where there is one. */
struct MsgJobUnclean {
	char file_system[LIMIT_CODE];
};
/* Core ends the job: clean the medium, answer MsgJobDone with this fault, exit. */
struct MsgJobStop {
	uint16_t fault;
};

/* ------------------------------------------------------------------ core and label */

/* The one order of a child that holds the disk: read both slots, or write one. */
struct MsgLabelOrder {
	uint8_t write;
	uint8_t slot;
	uint8_t bytes[LABEL_SIZE];
};
/* Reading: both, in order, then LABEL_DONE. */
struct MsgLabelSlot {
	uint8_t slot;
	uint8_t bytes[LABEL_SIZE];
};
/* The last message: FAULT_OK when all was read, or written, synced and read back the same. */
struct MsgLabelDone {
	uint16_t fault;
};

/* ------------------------------------------------------------------ core and session */

/* Whether logind waits for us before the machine sleeps: the first message, and each change. */
struct MsgSleepLock {
	uint8_t held;
};
/* The machine is about to sleep, or is awake, or will not sleep after all. */
struct MsgSleep {
	uint32_t number; /* of the sleep that begins, never 0; 0 when none does */
	uint8_t begins;
};
/* Every session has ended and is on record: logind need not wait any longer. */
struct MsgSleepReady {
	uint32_t number;
};

/* ------------------------------------------------------------------ job and person */

/* person to job: what is to be copied. First pass: all entries, without descriptors held for long;
   second pass: the same order, when the job asks. A descriptor comes with each. */
struct MsgEntry {
	uint64_t index;
	char name[LIMIT_FILE_NAME]; /* as the member is to be called */
	uint16_t fault;		    /* the person's side could not open it: FAULT_FILE_UNREADABLE … */
};
struct MsgEntriesEnd {
	uint64_t n;
};
/* job to person: send entries from `index` on, at most `n`. */
struct MsgWant {
	uint64_t index;
	uint32_t n;
};
/* person to job: how it is to be encrypted; a certificate follows as one descriptor or none.
   An empty password asks for one to be made. */
struct MsgSecret {
	char password[256];
	char recipient[LIMIT_CODE];
	uint8_t has_certificate;
};
/* job to person: the password that was made. */
struct MsgPassword {
	char password[256];
};
struct MsgProgress {
	uint64_t bytes, of;
	uint64_t files, of_files;
};
/* job to person: one thing on the medium. */
struct MsgListed {
	uint8_t found; /* enum Found */
	uint64_t size;
	uint64_t files; /* parts of a copy; 1 of a file */
	int64_t time;
	char name[LIMIT_FILE_NAME];
};
/* job to person: make this file, hand me a descriptor to write it; answered by MsgMade with one. */
struct MsgMake {
	uint64_t size;
	char name[LIMIT_FILE_NAME];
};
struct MsgMade {
	uint16_t fault;
};
/* job to person: all is checked and on record; give the files their names. Answered by MsgMade. */
struct MsgPublish {
	uint8_t verified; /* 1: the sender's note verified */
};
/* job to person: ask for the password of this copy (answered by MsgSecret). */
struct MsgAskSecret {
	char copy[LIMIT_ID];
	uint8_t again;	     /* 1: the one before was wrong */
	uint8_t certificate; /* 1: the copy is for certificates: the key comes as the descriptor */
};

/* name, number (ask even, answer odd), structure, least and most descriptors */
#define WIRE_TABLE(X)                                                     \
	/* ledger's rows at start */                                      \
	X(STATE_MEDIUM, 101, struct MediumRow, 0, 0)                      \
	X(STATE_CHECKOUT, 103, struct CheckoutRow, 0, 0)                  \
	X(STATE_PENDING, 105, struct PendingRow, 0, 0)                    \
	X(STATE_END, 107, struct StateEnd, 0, 0)                          \
	X(APPEND, 110, struct MsgAppend, 0, 0)                            \
	X(APPENDED, 111, struct MsgAppended, 0, 0)                        \
	X(COVERED, 113, struct MsgCovered, 0, 0)                          \
	X(DIGEST, 114, struct MsgDigest, 0, 0)                            \
	X(DIGESTED, 115, struct MsgDigested, 0, 0)                        \
	X(FILES_DIGEST, 116, struct MsgFilesDigest, 1, LIMIT_FDS)         \
	X(FILES_DIGESTED, 117, struct MsgFilesDigested, 0, 0)             \
	X(NOTE_LINE, 118, struct MsgNoteLine, 0, 0)                       \
	X(NOTE_SIGN, 120, struct MsgNoteSign, 0, 0)                       \
	X(NOTE, 121, struct MsgNote, 0, 1)                                \
	X(READ, 122, struct MsgRead, 0, 0)                                \
	X(READABLE, 123, struct MsgReadable, 0, 4)                        \
	X(FIND_COPY, 124, struct MsgFindCopy, 0, 0)                       \
	X(FOUND_COPY, 125, struct MsgFoundCopy, 0, 0)                     \
	X(LEDGER_FAULT, 127, struct MsgLedgerFault, 0, 0)                 \
	X(LABEL_MAKE, 140, struct MsgLabelMake, 0, 0)                     \
	X(LABEL_MADE, 141, struct MsgLabelMade, 0, 0)                     \
	X(LABEL_LOOK, 142, struct MsgLabelLook, 0, 0)                     \
	X(LABEL_SEEN, 143, struct MsgLabelSeen, 0, 0)                     \
	X(YEAR, 145, struct MsgCovered, 0, 0)                             \
	X(COPIES_ON, 146, struct MsgCopiesOn, 0, 0)                       \
	X(COPIES_ARE, 147, struct MsgCopiesAre, 0, 0)                     \
	X(YEAR_LOOK, 160, struct MsgYearLook, 0, 0)                       \
	X(YEAR_SEEN, 161, struct MsgYearSeen, 0, 0)                       \
	X(YEAR_DROP, 162, struct MsgYearDrop, 0, 0)                       \
	X(YEAR_DROPPED, 163, struct MsgYearDropped, 0, 0)                 \
	/* watch */                                                       \
	X(USB_ADD, 201, struct MsgUsbAdd, 2, 2)                           \
	X(USB_REMOVE, 203, struct MsgUsbRemove, 0, 0)                     \
	X(USB_BIND, 205, struct MsgUsbBind, 0, 0)                         \
	X(BLOCK_ADD, 207, struct MsgBlockAdd, 1, 1)                       \
	X(BLOCK_REMOVE, 209, struct MsgBlockRemove, 0, 0)                 \
	X(WATCH_READY, 211, struct MsgWatchReady, 0, 0)                   \
	X(USB_EXPECT, 213, struct MsgUsbExpect, 1, 1)                     \
	X(USB_CAME, 215, struct MsgUsbCame, 0, 0)                         \
	/* gate and client */                                             \
	X(REQUEST, 300, struct MsgRequest, 1, 2)                          \
	X(STATUS, 301, struct MsgStatus, 0, 0)                            \
	X(DEVICE, 303, struct MsgDevice, 0, 0)                            \
	X(MEDIUM, 305, struct MsgMedium, 0, 0)                            \
	X(STEP, 307, struct MsgStep, 0, 0)                                \
	X(FOUND, 309, struct MsgFound, 0, 0)                              \
	X(REPLY_FILES, 311, struct MsgReplyFiles, 1, 4)                   \
	X(REPLY, 313, struct MsgReply, 0, 0)                              \
	X(EVENT, 315, struct MsgEvent, 0, 0)                              \
	X(YEAR_ROW, 317, struct MsgYear, 0, 0)                            \
	/* load */                                                        \
	X(LOAD_TERMINAL, 401, struct TerminalRow, 0, 0)                   \
	X(LOAD_PERSON, 403, struct PersonRow, 0, 0)                       \
	X(LOAD_CODE, 405, struct CodeRow, 0, 0)                           \
	X(LOAD_FILE_SYSTEM, 407, struct FileSystemRow, 0, 0)              \
	X(LOAD_SETTINGS, 409, struct SettingsRow, 0, 0)                   \
	X(LOAD_ISSUER, 411, struct IssuerRow, 0, 0)                       \
	X(LOAD_END, 413, struct MsgLoadEnd, 0, 0)                         \
	/* job */                                                         \
	X(JOB, 500, struct MsgJob, 0, 0)                                  \
	X(JOB_ISSUER, 502, struct IssuerRow, 0, 0)                        \
	X(JOB_FILE, 503, struct MsgJobFile, 0, 0)                         \
	X(JOB_LINE, 505, struct MsgNoteLine, 0, 0)                        \
	X(JOB_READY, 507, struct MsgJobReady, 0, 0)                       \
	X(PROCEED, 508, struct MsgProceed, 0, 1)                          \
	X(JOB_FOUND, 509, struct MsgJobFound, 0, 0)                       \
	X(JOB_DONE, 511, struct MsgJobDone, 0, 0)                         \
	X(JOB_STOP, 512, struct MsgJobStop, 0, 0)                         \
	X(JOB_UNCLEAN, 513, struct MsgJobUnclean, 0, 1)                   \
	X(LABEL_ORDER, 520, struct MsgLabelOrder, 0, 0)                   \
	X(LABEL_SLOT, 521, struct MsgLabelSlot, 0, 0)                     \
	X(LABEL_DONE, 523, struct MsgLabelDone, 0, 0)                     \
	/* person and job */                                              \
	X(ENTRY, 600, struct MsgEntry, 0, 1)                              \
	X(ENTRIES_END, 602, struct MsgEntriesEnd, 0, 0)                   \
	X(WANT, 603, struct MsgWant, 0, 0)                                \
	X(SECRET, 604, struct MsgSecret, 0, 1)                            \
	X(PASSWORD, 605, struct MsgPassword, 0, 0)                        \
	X(PROGRESS, 607, struct MsgProgress, 0, 0)                        \
	X(LISTED, 609, struct MsgListed, 0, 0)                            \
	X(MAKE, 611, struct MsgMake, 0, 0)                                \
	X(MADE, 612, struct MsgMade, 0, 1)                                \
	X(PUBLISH, 613, struct MsgPublish, 0, 0)                          \
	X(ASK_SECRET, 615, struct MsgAskSecret, 0, 0)                     \
	/* session */                                                     \
	X(SLEEP_LOCK, 701, struct MsgSleepLock, 0, 0)                     \
	X(SLEEP, 703, struct MsgSleep, 0, 0)                              \
	X(SLEEP_READY, 704, struct MsgSleepReady, 0, 0)

#define WIRE_ENUM(name, number, type, least, most) MSG_##name = number,
enum MessageType { WIRE_TABLE(WIRE_ENUM) };
#undef WIRE_ENUM

/* Text members, for the check that their NUL is there: message, member. */
#define WIRE_TEXTS(X)                                                                         \
	X(STATE_MEDIUM, number) X(STATE_MEDIUM, supervisor)                                   \
	X(STATE_CHECKOUT, id) X(STATE_CHECKOUT, medium) X(STATE_CHECKOUT, clerk)              \
	X(STATE_CHECKOUT, supervisor) X(STATE_CHECKOUT, purpose) X(STATE_CHECKOUT, ground)    \
	X(STATE_CHECKOUT, destination) X(STATE_CHECKOUT, terminals)                           \
	X(STATE_PENDING, medium) X(STATE_PENDING, checkout) X(STATE_PENDING, copy)            \
	X(STATE_PENDING, actor) X(STATE_END, terminal) X(STATE_END, domain) X(STATE_END, label_vkey)                   \
	X(APPEND, record.actor) X(APPEND, record.deputy_for) X(APPEND, record.medium)         \
	X(APPEND, record.checkout) X(DIGEST, identity.port)                                   \
	X(NOTE_LINE, copy) X(NOTE_LINE, name) X(NOTE_SIGN, copy) X(READ, actor)               \
	X(FIND_COPY, copy) X(FOUND_COPY, medium) X(LEDGER_FAULT, subject)                     \
	X(STATE_MEDIUM, registration) X(LABEL_MAKE, number) X(LABEL_MAKE, registration)       \
	X(LABEL_MAKE, checkout.id) X(LABEL_MAKE, checkout.clerk) X(LABEL_MAKE, checkout.purpose) \
	X(LABEL_MAKE, checkout.ground) X(LABEL_MAKE, checkout.terminals)                      \
	X(LABEL_SEEN, seen.number) X(LABEL_SEEN, seen.registration) X(LABEL_SEEN, seen.checkout) \
	X(LABEL_SEEN, seen.terminal) X(LABEL_LOOK, vkey)                                      \
	X(USB_ADD, interface) X(USB_ADD, identity.port) X(USB_REMOVE, name)                   \
	X(USB_BIND, interface) X(USB_BIND, driver) X(BLOCK_ADD, interface) X(BLOCK_ADD, disk) \
	X(BLOCK_ADD, partition) X(BLOCK_REMOVE, disk)                                         \
	X(REQUEST, request.device) X(REQUEST, request.number) X(REQUEST, request.supervisor)  \
	X(REQUEST, request.prepare) X(REQUEST, request.clerk) X(REQUEST, request.purpose)     \
	X(REQUEST, request.ground) X(REQUEST, request.destination)                            \
	X(REQUEST, request.terminals) X(REQUEST, request.name) X(REQUEST, request.recipient)  \
	X(STATUS, terminal) X(STATUS, login) X(STATUS, name) X(STATUS, subject)               \
	X(STATUS, contact) X(DEVICE, port) X(DEVICE, serial) X(DEVICE, number)                \
	X(DEVICE, disk) X(MEDIUM, medium.number) X(MEDIUM, medium.supervisor)                 \
	X(MEDIUM, medium.registration)                                                        \
	X(MEDIUM, checkout.id) X(MEDIUM, checkout.medium) X(MEDIUM, checkout.clerk)           \
	X(MEDIUM, checkout.supervisor) X(MEDIUM, checkout.purpose) X(MEDIUM, checkout.ground) \
	X(MEDIUM, checkout.destination) X(MEDIUM, checkout.terminals)                         \
	X(STEP, step.compared) X(FOUND, name) X(REPLY, subject) X(REPLY, contact)             \
	X(REPLY, number) X(REPLY, checkout) X(REPLY, copy)                                    \
	X(LOAD_TERMINAL, domain) X(LOAD_TERMINAL, id) X(LOAD_TERMINAL, section)               \
	X(LOAD_TERMINAL, zone) X(LOAD_PERSON, login) X(LOAD_PERSON, name)                     \
	X(LOAD_PERSON, section) X(LOAD_CODE, code) X(LOAD_CODE, name)                         \
	X(LOAD_FILE_SYSTEM, type) X(LOAD_ISSUER, vkey) X(LOAD_END, subject)                   \
	X(JOB, medium) X(JOB, checkout) X(JOB, copy) X(JOB, name) X(JOB, domain)              \
	X(JOB, terminal) X(JOB_ISSUER, vkey) X(JOB_FILE, name) X(JOB_LINE, copy)              \
	X(JOB_LINE, name) X(JOB_READY, recipient) X(JOB_FOUND, copy) X(JOB_FOUND, name)       \
	X(JOB_DONE, subject) X(ENTRY, name) X(SECRET, password) X(SECRET, recipient)          \
	X(PASSWORD, password) X(LISTED, name) X(MAKE, name) X(ASK_SECRET, copy)               \
	X(USB_EXPECT, interface) X(USB_EXPECT, identity.port) X(USB_CAME, interface)           \
	X(EVENT, actor) X(EVENT, medium) X(EVENT, device) X(JOB_UNCLEAN, file_system) \
	X(YEAR_SEEN, origin) X(YEAR_SEEN, vkey) X(YEAR_SEEN, asked_by) X(YEAR_SEEN, subject)   \
	X(REQUEST, request.year) X(YEAR_ROW, asked_by) X(COPIES_ON, medium) X(COPIES_ARE, copies) \
	X(MEDIUM, clerk_name)
