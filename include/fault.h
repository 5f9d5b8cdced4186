/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The outcomes people see, and the reasons that records carry: one table.
 *
 * A row: name, code (the `reason` of a record; never changes once released), exit status,
 * sentence, hint. `%s` in a sentence is the subject (the medium, the file, the value); `%s` in a
 * hint is the person to ask. Both are gettext message ids. Functions return these as positive
 * values; negative values are -errno and fatal to the flow that meets them; 0 is success.
 */
enum ExitStatus {
	EXIT_OK = 0,
	EXIT_INTERNAL = 1,  /* a defect or a broken machine */
	EXIT_USAGE = 2,	    /* what was typed cannot be meant */
	EXIT_REFUSED = 3,   /* the rules say no */
	EXIT_STATE = 4,	    /* not now: nothing there, already done, in use */
	EXIT_AGENT = 5,	    /* the agent or its ledger cannot answer */
	EXIT_ALTERED = 6,   /* something was altered, damaged or does not verify */
	EXIT_MEDIUM = 7,    /* the medium or a file failed under our hands */
	EXIT_CONFIG = 8,    /* configuration is wrong */
	EXIT_CANCELLED = 130,
};

#define FAULT_TABLE(X)                                                                                     \
	X(OK, "ok", EXIT_OK, "done", "")                                                                   \
	/* the gate: why a device stays closed */                                                          \
	X(NOT_REGISTERED, "not-registered", EXIT_REFUSED, "%s is not a registered medium",                 \
		"hand it to a supervisor (%s); only registered media may be used here")                    \
	X(NO_SERIAL, "no-serial", EXIT_REFUSED, "%s has no serial number, so it cannot be told from others", \
		"use a medium that has a serial number of its own; ask %s")                                \
	X(PLACEHOLDER_SERIAL, "placeholder-serial", EXIT_REFUSED,                                          \
		"the serial number of %s is a placeholder shared by many devices",                         \
		"use a medium that has a serial number of its own; ask %s")                                \
	X(TWIN, "twin", EXIT_REFUSED, "a second device with the same identity as %s is plugged in",        \
		"unplug both and tell %s: one of them is a copy")                                          \
	X(COMPOSITE, "composite", EXIT_REFUSED, "%s is storage and something else at once",                \
		"use a plain storage medium; ask %s")                                                      \
	X(NOT_CHECKED_OUT, "not-checked-out", EXIT_REFUSED, "%s is registered but not checked out",        \
		"ask %s to check it out to you")                                                           \
	X(OVERDUE, "overdue", EXIT_REFUSED, "the checkout of %s has run out", "return it to %s")           \
	X(WRONG_TERMINAL, "wrong-terminal", EXIT_REFUSED, "%s is not checked out for this terminal",       \
		"use the terminal named in the checkout, or ask %s")                                       \
	X(OTHER_LOAN, "other-loan", EXIT_REFUSED, "%s is checked out to somebody else",                    \
		"ask %s for a checkout of your own")                                                       \
	X(REVOKED, "revoked", EXIT_REFUSED, "%s has been revoked", "hand it to %s")                        \
	X(BUS_CLOSED, "bus-closed", EXIT_REFUSED, "%s is a kind of storage that is not let in here",       \
		"use a registered USB stick; ask %s")                                                      \
	X(MALFORMED_DEVICE, "malformed-device", EXIT_REFUSED, "%s describes itself wrongly",               \
		"do not use it; hand it to %s")                                                            \
	X(CHANGED_DEVICE, "changed-device", EXIT_REFUSED, "%s changed while it was looked at",             \
		"unplug it and hand it to %s")                                                             \
	X(SIZE_DIFFERS, "size-differs", EXIT_REFUSED, "%s has another size than when it was registered",   \
		"unplug it and hand it to %s")                                                             \
	X(TIME_UNSURE, "time-unsure", EXIT_REFUSED, "the clock is earlier than it has been",                \
		"ask %s to have the clock set right")                                                      \
	X(SLEPT, "slept", EXIT_MEDIUM, "the machine slept while %s was open",                              \
		"repeat it; the medium is looked at anew")                                                 \
	X(FOREIGN_MOUNT, "foreign-mount", EXIT_REFUSED, "%s was mounted by hand, past mediagate",          \
		"unplug it and tell %s")                                                                   \
	X(LABEL_MISSING, "label-missing", EXIT_REFUSED, "%s carries no label of this office",              \
		"hand it to %s; after a look at it: mediagate relabel")                                    \
	X(LABEL_ALTERED, "label-altered", EXIT_REFUSED, "the label on %s was altered or is damaged",       \
		"hand it to %s; after a look at it: mediagate relabel")                                    \
	X(LABEL_OLDER, "label-older", EXIT_REFUSED,                                                        \
		"the label on %s is an older one: it is a copy of the medium, or an old image was put back", \
		"do not use it; hand it to %s: another medium may carry a copy of it")                    \
	X(LABEL_AHEAD, "label-ahead", EXIT_REFUSED, "the label on %s is newer than this terminal's records", \
		"hand it to %s: an older state of this terminal may have been put back")                   \
	X(LABEL_OTHER, "label-other", EXIT_REFUSED, "%s carries the label of another medium or terminal",  \
		"do not use it; hand it to %s")                                                            \
	X(LABEL_TORN, "label-torn", EXIT_MEDIUM, "one of the two labels on %s was torn", "it has been mended") \
	X(LABEL_ISSUED, "label-issued", EXIT_OK, "another terminal has had %s since it was last used here", \
		"the policy names that terminal; the medium is used on from there")                        \
	/* authority */                                                                                    \
	X(NOT_ON_ROSTER, "not-on-roster", EXIT_REFUSED, "%s is not on the roster of this terminal",        \
		"ask %s to be entered")                                                                    \
	X(NOT_ALLOWED, "not-allowed", EXIT_REFUSED, "the role of %s does not allow this",                  \
		"ask %s to do it")                                                                         \
	X(SELF_LENDING, "self-lending", EXIT_REFUSED, "nobody checks a medium out to themselves (%s)",     \
		"ask another supervisor, for example %s")                                                  \
	X(NOT_A_CLERK, "not-a-clerk", EXIT_REFUSED, "%s is not a clerk on the roster",                     \
		"check the login name, or ask %s")                                                         \
	X(NOT_A_SUPERVISOR, "not-a-supervisor", EXIT_REFUSED, "%s is not a supervisor on the roster",      \
		"name a supervisor, for example %s")                                                       \
	X(RIGHT_EXPIRED, "right-expired", EXIT_REFUSED, "the right of %s has run out",                     \
		"ask %s to have it renewed")                                                               \
	X(SAME_PERSON, "same-person", EXIT_REFUSED, "%s has asked for it and cannot confirm it too",       \
		"ask %s to confirm it")                                                                    \
	X(NOT_ASKED, "not-asked", EXIT_STATE, "nobody has asked lately for the ledger of %s to be dropped", \
		"one person asks, without --confirm; then another confirms")                               \
	/* lending */                                                                                      \
	X(UNKNOWN_PURPOSE, "unknown-purpose", EXIT_REFUSED, "purpose \"%s\" is not in the policy",         \
		"choose one that the policy names, or ask %s")                                             \
	X(UNKNOWN_GROUND, "unknown-ground", EXIT_REFUSED, "ground \"%s\" is not in the policy",            \
		"choose one that the policy names, or ask %s")                                             \
	X(SAFEGUARDS_MISSING, "safeguards-missing", EXIT_REFUSED,                                          \
		"carrying %s out needs a locked carrier", "give --locked-carrier when it is in one")       \
	X(UNTIL_PAST, "until-past", EXIT_USAGE, "the time %s is over already", "give a time to come")      \
	X(UNTIL_FAR, "until-far", EXIT_REFUSED, "the time %s is further off than the policy allows",       \
		"give an earlier time")                                                                    \
	X(ALREADY_REGISTERED, "already-registered", EXIT_STATE, "%s is registered already",                \
		"see: mediagate devices")                                                                  \
	X(NUMBER_TAKEN, "number-taken", EXIT_STATE, "number %s belongs to another medium",                 \
		"give a number that is free")                                                              \
	X(ALREADY_CHECKED_OUT, "already-checked-out", EXIT_STATE, "%s is checked out already",             \
		"have it returned first: mediagate return")                                                \
	X(NO_SUCH_DEVICE, "no-such-device", EXIT_STATE, "there is no device %s", "see: mediagate devices")  \
	X(NO_SUCH_MEDIUM, "no-such-medium", EXIT_STATE, "there is no medium %s on the register",           \
		"see: mediagate, or ask %s to register it")                                                \
	X(NOT_PLUGGED_IN, "not-plugged-in", EXIT_STATE, "%s is not plugged in", "plug it in and try again") \
	X(NO_CHECKOUT, "no-checkout", EXIT_STATE, "%s is not checked out, so there is nothing to return",  \
		"see: mediagate")                                                                          \
	X(BUSY, "busy", EXIT_STATE, "%s is in use by another job", "wait until it has ended")              \
	X(TOO_MANY, "too-many", EXIT_STATE, "there are too many %s", "try again later, or tell %s")         \
	/* copies and the medium */                                                                        \
	X(NO_FILE_SYSTEM, "no-file-system", EXIT_MEDIUM, "%s holds no file system that the policy names",  \
		"ask a supervisor to register it with --prepare")                                          \
	X(MEDIUM_FULL, "medium-full", EXIT_MEDIUM, "there is not enough room on %s",                       \
		"copy fewer files, or ask for a larger medium")                                            \
	X(READ_ONLY_MEDIUM, "read-only-medium", EXIT_MEDIUM, "%s is write-protected",                      \
		"open its write-protection switch, or ask for another medium")                             \
	X(MEDIUM_GONE, "medium-gone", EXIT_MEDIUM, "%s was unplugged before the work was done",            \
		"plug it in again and repeat; nothing half-done is left in force")                         \
	X(MEDIUM_ERROR, "medium-error", EXIT_MEDIUM, "%s cannot be read or written",                       \
		"try again; if it happens again, hand it to %s")                                           \
	X(FILE_CHANGED, "file-changed", EXIT_MEDIUM, "%s changed while it was copied",                     \
		"close the programs that use it and try again")                                            \
	X(FILE_UNREADABLE, "file-unreadable", EXIT_MEDIUM, "%s cannot be read by you",                     \
		"ask its owner, or leave it out")                                                          \
	X(NOT_A_FILE, "not-a-file", EXIT_USAGE, "%s is neither a file nor a folder", "leave it out")        \
	X(FILE_STALLED, "file-stalled", EXIT_MEDIUM, "%s gave no data for 30 seconds",                     \
		"copy it to this terminal first, or leave it out")                                         \
	X(NAME_TWICE, "name-twice", EXIT_USAGE, "two files would have the name %s in the copy",            \
		"rename one, or make two copies")                                                          \
	X(NAME_TOO_LONG, "name-too-long", EXIT_USAGE, "the name %s is too long", "rename it")              \
	X(DEST_EXISTS, "destination-exists", EXIT_USAGE, "%s exists already", "give another destination")  \
	X(DEST_FAILED, "destination-failed", EXIT_MEDIUM, "%s cannot be written",                          \
		"check that the folder is there, is yours and has room")                                   \
	X(NO_SUCH_COPY, "no-such-copy", EXIT_STATE, "there is nothing called %s", "see: mediagate ls")     \
	X(WRONG_PASSWORD, "wrong-password", EXIT_ALTERED, "wrong password, or %s is damaged",              \
		"check the password; if it is right, ask the sender for a new copy")                       \
	X(WEAK_PASSWORD, "weak-password", EXIT_USAGE,                                                      \
		"the password is easy to guess: too few different characters, or the same again and again", \
		"use a phrase of several words, or give no password and one is made for you")              \
	X(BAD_CERTIFICATE, "bad-certificate", EXIT_USAGE, "the certificate %s cannot be used",             \
		"it must be valid, X.509, RSA of 3072 bits or more, or ECDH on P-256 or P-384")            \
	X(NO_SUCH_RECIPIENT, "no-such-recipient", EXIT_USAGE, "there is no recipient %s",                  \
		"see recipients.conf, or give the file of a certificate")                                  \
	X(DAMAGED, "damaged", EXIT_ALTERED, "%s is damaged or was altered", "ask the sender for a new copy") \
	X(INCOMPLETE, "incomplete", EXIT_ALTERED, "%s is not whole", "ask the sender for a new copy")      \
	X(CANCELLED, "cancelled", EXIT_CANCELLED, "stopped as asked", "nothing half-done is left on the medium") \
	X(INTERRUPTED, "interrupted", EXIT_AGENT, "%s was cut short when the agent stopped",               \
		"look at the medium and repeat")                                                           \
	X(WRONG_KEY, "wrong-key", EXIT_ALTERED, "%s is not encrypted for this key, or is damaged",           \
		"use the key that belongs to the certificate the sender has")                              \
	X(OWN_PASSWORD, "own-password", EXIT_REFUSED, "the policy here takes no password of one's own",    \
		"leave it out and one is made for you")                                                    \
	X(RECIPIENT_FILE, "recipient-file", EXIT_REFUSED,                                                  \
		"the policy here takes no certificate from a file",                                        \
		"name a recipient of recipients.conf; ask %s to have one entered")                         \
	X(IS_LINK, "is-link", EXIT_USAGE, "%s is a link", "name what it leads to, or leave it out")         \
	X(TOO_MANY_FILES, "too-many-files", EXIT_USAGE,                                                    \
		"one copy holds at most 50,000 files, and 4 MB of their names",                             \
		"copy them in several copies, or pack them into one file first")                            \
	X(NO_LABEL_ROOM, "no-label-room", EXIT_STATE, "%s has no room for a label before its first partition", \
		"--prepare makes room; it erases what is on it")                                           \
	X(NOT_MENDED, "not-mended", EXIT_MEDIUM,                                                           \
		"%s was not taken out cleanly, and its file system could not be mended",                   \
		"hand it to %s; nothing more is written to it, what can still be read can be fetched")     \
	X(SHORT_PASSWORD, "short-password", EXIT_USAGE, "the password has fewer than %s characters",       \
		"use a longer one, or give no password and one is made for you")                           \
	X(PASSWORD_KINDS, "password-kinds", EXIT_USAGE,                                                    \
		"a password of fewer than %s characters needs three of: small letters, capitals, digits, signs", \
		"mix them, use a longer phrase, or give no password and one is made for you")              \
	X(PASSWORD_TEXT, "password-text", EXIT_USAGE,                                                      \
		"the password is empty, longer than 255 bytes, or not one line of text",                   \
		"give one line of text")                                                                   \
	X(SIZE_LIES, "size-lies", EXIT_MEDIUM,                                                             \
		"%s does not hold what is written to it: it is smaller than it says, or damaged",          \
		"do not use it; hand it to %s, and have others that were bought with it tried")            \
	/* the agent, its ledger and configuration */                                                      \
	X(NO_AGENT, "no-agent", EXIT_AGENT, "the agent does not answer",                                   \
		"no medium works until it runs; tell %s")                                                  \
	X(NO_LEDGER, "no-ledger", EXIT_AGENT, "the ledger cannot be written",                              \
		"no medium works until it can be; tell %s")                                                \
	X(LEDGER_FULL, "ledger-full", EXIT_AGENT, "there is no room left for the ledger",                  \
		"no medium works until there is room; tell %s")                                            \
	X(NO_POLICY, "no-policy", EXIT_AGENT, "no valid configuration is in force",                        \
		"tell %s: mediagate policy check names the error")                                         \
	X(NOT_ENROLLED, "not-enrolled", EXIT_AGENT, "this terminal is not enrolled",                       \
		"as root: mediagate enrol")                                                                \
	X(ALREADY_ENROLLED, "already-enrolled", EXIT_OK, "this terminal is enrolled already", "")          \
	X(HELPER_LOST, "helper-lost", EXIT_AGENT, "a part of the agent failed",                            \
		"try again in a moment; if it happens again, tell %s")                                     \
	X(ASLEEP, "asleep", EXIT_AGENT, "this machine is going to sleep",                                   \
		"try again when it has woken")                                                             \
	X(BAD_REQUEST, "bad-request", EXIT_USAGE, "the request is not understood: %s", "see: mediagate --help") \
	X(BAD_CONFIG, "bad-config", EXIT_CONFIG, "%s", "mend the file; the last good configuration stays in force") \
	X(TERMINAL_DIFFERS, "terminal-differs", EXIT_CONFIG,                                               \
		"terminal.conf names another terminal than the enrolment: %s", "mend terminal.conf")       \
	X(LEDGER_ALTERED, "ledger-altered", EXIT_ALTERED, "the ledger does not verify: %s",                \
		"keep the folder as it is and tell the auditor")                                           \
	X(UNREADABLE, "unreadable", EXIT_STATE, "%s cannot be read", "check the path and your rights")     \
	X(NO_SUCH_YEAR, "no-such-year", EXIT_STATE, "there is no ledger of the year %s here",              \
		"see the folders below /var/lib/mediagate/ledger")                                         \
	X(YEAR_NOT_OVER, "year-not-over", EXIT_REFUSED, "the ledger of %s is not closed yet",              \
		"it is closed when the next one has begun")                                                \
	X(RETENTION, "retention", EXIT_REFUSED, "the ledger of %s must be kept longer",                    \
		"retention_years in policy.conf says how long")                                            \
	X(NO_RETENTION, "no-retention", EXIT_REFUSED,                                                      \
		"the policy names no retention, so the ledger of %s is kept",                              \
		"have retention_years entered in policy.conf first")                                       \
	X(NEEDS_ROOT, "needs-root", EXIT_REFUSED, "only root may do this", "use sudo, or ask %s")          \
	X(INTERNAL, "internal", EXIT_INTERNAL, "something went wrong inside: %s", "tell %s")                \
	X(RULES_CHANGED, "rules-changed", EXIT_STATE, "%s was changed or removed: it keeps the ports closed", \
		"where nobody meant it, as root: mediagate enforce on")                                    \
	X(GATE_OPENED, "gate-opened", EXIT_STATE, "%s was set to let devices in without the agent",        \
		"tell %s: only who administers the machine can do it")                                     \
	X(OTHER_AGENT, "other-agent", EXIT_STATE, "%s runs here: two programs decide about the same devices", \
		"as root: systemctl disable --now usbguard")                                               \
	X(CONFIG_CHANGED, "config-changed", EXIT_STATE, "%s was changed and is not in force",              \
		"as root: systemctl reload mediagated, or put it back as it was")

#define FAULT_ENUM(name, code, status, sentence, hint) FAULT_##name,
enum Fault { FAULT_TABLE(FAULT_ENUM) _FAULT_N };
#undef FAULT_ENUM

struct FaultRow {
	const char *code;
	int status;
	const char *sentence;
	const char *hint;
};

/* The row of an outcome; one that is out of range gives the row of FAULT_INTERNAL. */
const struct FaultRow *fault_row(int fault);

/* FAULT_* by its code, or -ENOENT. */
int fault_from_code(const char *code);
