/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What may be asked of the store, by number: web and the command know these rows and no SQL. Numbers, names
 * and places are for ever; parameters and columns are added at the end of their list.
 *
 * A parameter that is not given (CELL_NONE) does not restrict. Times are milliseconds since 1970 UTC, a day
 * is the number of days since 1970 by the terminal's own clock. Flags are 0 and 1. A record's `id` holds its
 * ledger and its number: RECORD_ID.
 *
 * Lists come a page at a time, by keys and never by offsets: the last row's values of the columns that are
 * named `before_…` or `after_…` among the parameters give the next page, while the answer says `more`.
 */
#include "settings.h"
#include "std.h"

#define RECORD_ID(ledger, n) (((int64_t)(ledger) << 36) | (int64_t)(n))
#define RECORD_LEDGER(id)    ((int64_t)(id) >> 36)
#define RECORD_NUMBER(id)    ((int64_t)(id) & (((int64_t)1 << 36) - 1))

/* Who may ask: a bit for each role of settings.h; QUERY_OPEN: without a session, too. */
#define QUERY_OPEN  0
#define QUERY_ADMIN ROLE_ADMINISTRATOR
#define QUERY_READ  (ROLE_CHIEF | ROLE_SUPERVISOR | ROLE_AUDITOR | ROLE_ADMINISTRATOR)
/* A program with a read-only token. It is nobody's role: what has this bit only reads, and nothing that is
 * about people. */
#define QUERY_PROGRAM (1U << 16)
#define QUERY_DATA    (QUERY_READ | QUERY_PROGRAM)
/* Who looks through the records; who plans it, and confirms that it was done well. */
#define WHO_REVIEWS  (ROLE_CHIEF | ROLE_SUPERVISOR | ROLE_AUDITOR)
#define WHO_CONFIRMS (ROLE_CHIEF | ROLE_AUDITOR)

/* Where a ledger stands: word, sentence (a gettext id), whether it is an alarm. A higher row outweighs a
   lower one. OLDER and the like are no state: they are outcomes of one intake (INTAKE_OUTCOMES). */
#define VERDICTS(X)                                                                                 \
	X(VERIFIED, "verified", "verified", 0)                                                      \
	X(UNREADABLE, "unreadable", "the ledger cannot be read", 1)                                 \
	X(TRUNCATED, "truncated", "records that its checkpoint covers are missing", 1)              \
	X(ROLLED_BACK, "rolled-back", "the terminal sent fewer records than it had sent before", 1) \
	X(ALTERED, "altered", "records were altered", 1)                                            \
	X(FOREIGN, "foreign", "a record is of another terminal", 1)                                 \
	X(OTHER_KEY, "other-key", "it is signed by another key than the one that was enrolled", 1)  \
	X(FORKED, "forked", "the records are not those that were received before", 1)

#define VERDICT_ENUM(name, word, sentence, alarm) VERDICT_##name,
enum Verdicts { VERDICTS(VERDICT_ENUM) _VERDICT_N };
#undef VERDICT_ENUM

/* What one intake did: word, sentence. */
#define INTAKE_OUTCOMES(X)                                 \
	X(NEW, "new", "a ledger seen for the first time")  \
	X(MORE, "more", "new records")                     \
	X(SAME, "same", "nothing new")                     \
	X(OLDER, "older", "an older copy of what is held") \
	X(WRONG, "wrong", "not taken over: see the ledger's verdict")

#define INTAKE_ENUM(name, word, sentence) INTAKE_##name,
enum IntakeOutcome { INTAKE_OUTCOMES(INTAKE_ENUM) _INTAKE_N };
#undef INTAKE_ENUM

/* Where a medium, a checkout stands: word, sentence. */
#define MEDIUM_STATES(X)              \
	X(IN, "in", "in the cabinet") \
	X(OUT, "out", "lent out")     \
	X(OVERDUE, "overdue", "overdue")

#define CHECKOUT_STATES(X)               \
	X(OUT, "out", "out")             \
	X(DUE, "due", "due today")       \
	X(OVERDUE, "overdue", "overdue") \
	X(RETURNED, "returned", "returned")

#define MEDIUM_STATE_ENUM(name, word, sentence)   MEDIUM_##name,
#define CHECKOUT_STATE_ENUM(name, word, sentence) CHECKOUT_STATE_##name,
enum MediumState { MEDIUM_STATES(MEDIUM_STATE_ENUM) _MEDIUM_N };
enum CheckoutState { CHECKOUT_STATES(CHECKOUT_STATE_ENUM) _CHECKOUT_STATE_N };
#undef MEDIUM_STATE_ENUM
#undef CHECKOUT_STATE_ENUM

/* Where one review of a plan stands: word, sentence. */
#define REVIEW_STATES(X)                                    \
	X(RUNNING, "running", "the period is not over yet") \
	X(DUE, "due", "to be done")                         \
	X(OVERDUE, "overdue", "the time for it has passed") \
	X(SIGNED, "signed", "signed off, to be confirmed")  \
	X(CONFIRMED, "confirmed", "confirmed")

/* What a person makes of a hit: number for ever, word, sentence. */
#define HIT_DECISIONS(X)                                     \
	X(ORDINARY, 1, "ordinary", "ordinary work")          \
	X(EXPLAINED, 2, "explained", "asked, and explained") \
	X(FOLLOW, 3, "follow", "not in order: followed up")

#define REVIEW_STATE_ENUM(name, word, sentence)         REVIEW_STATE_##name,
#define HIT_DECISION_ENUM(name, number, word, sentence) HIT_##name = number,
enum ReviewState { REVIEW_STATES(REVIEW_STATE_ENUM) _REVIEW_STATE_N };
enum HitDecision { HIT_DECISIONS(HIT_DECISION_ENUM) _HIT_DECISION_END };
#undef REVIEW_STATE_ENUM
#undef HIT_DECISION_ENUM

/* The year's duties: number for ever, word, sentence. REVIEW comes out of the plans of reviews (PLANS) and is
   never entered a second time. */
#define DUTY_KINDS(X)                                                               \
	X(REVIEW, 1, "review", "review of the records")                             \
	X(RIGHTS, 2, "rights", "check of rights")                                   \
	X(STOCK, 3, "stock", "stocktaking of the media")                            \
	X(TRAINING, 4, "training", "training of the staff")                         \
	X(AUDIT, 5, "audit", "audit")                                               \
	X(ASSESSMENT, 6, "assessment", "review of the protection assessment")       \
	X(NOTICE, 7, "notice", "notice to the staff that the records are reviewed") \
	X(OTHER, 8, "other", "another duty")

/* Where a duty stands in one of its periods: word, sentence. */
#define DUTY_STATES(X)                                      \
	X(COMING, "coming", "planned")                      \
	X(DUE, "due", "to be done")                         \
	X(OVERDUE, "overdue", "the time for it has passed") \
	X(DONE, "done", "done")

#define INCIDENT_STATES(X)                                    \
	X(OPEN, "open", "not reported yet")                   \
	X(REPORTED, "reported", "reported, being dealt with") \
	X(CLOSED, "closed", "concluded")

/* What is written down about an incident, one entry after the other: number for ever, word, sentence. */
#define INCIDENT_ENTRIES_OF(X)                                  \
	X(FACTS, 1, "facts", "facts")                           \
	X(CAUSE, 2, "cause", "cause")                           \
	X(EFFECT, 3, "effect", "effect")                        \
	X(MEASURES, 4, "measures", "measures")                  \
	X(PREVENTION, 5, "prevention", "recurrence prevention") \
	X(REPORT, 6, "report", "report")                        \
	X(RECORD, 7, "record", "record")                        \
	X(MEDIUM, 8, "medium", "medium")                        \
	X(CHECKOUT, 9, "checkout", "checkout")                  \
	X(NOTE, 10, "note", "note")                             \
	X(CLOSED, 11, "closed", "concluded")                    \
	X(REOPENED, 12, "reopened", "opened again")

/* To whom an incident was reported: number for ever, word, sentence. */
#define REPORTS_TO(X)                                                                          \
	X(ROUTE, 1, "route", "to the next on the report route")                                \
	X(FIRST, 2, "first", "first report to the Personal Information Protection Commission") \
	X(FINAL, 3, "final", "final report to the Personal Information Protection Commission") \
	X(PERSONS, 4, "persons", "to the persons concerned")                                   \
	X(OTHERS, 5, "others", "to others")                                                    \
	X(NONE, 6, "none", "no report to the Commission is required")

#define FINDING_STATES(X)                                   \
	X(OPEN, "open", "to be improved")                   \
	X(OVERDUE, "overdue", "the time for it has passed") \
	X(PROVED, "proved", "improved, to be confirmed")    \
	X(CONFIRMED, "confirmed", "improvement confirmed")

#define FINDING_ENTRIES_OF(X)                                 \
	X(MEASURES, 1, "measures", "measures")                \
	X(PROOF, 2, "proof", "proof of improvement")          \
	X(CONFIRMED, 3, "confirmed", "improvement confirmed") \
	X(BACK, 4, "back", "given back")                      \
	X(NOTE, 5, "note", "note")

#define DUTY_KIND_ENUM(name, number, word, text) DUTY_##name = number,
#define DUTY_STATE_ENUM(name, word, text)        DUTY_STATE_##name,
#define INCIDENT_STATE_ENUM(name, word, text)    INCIDENT_STATE_##name,
#define INCIDENT_ENUM(name, number, word, text)  INCIDENT_##name = number,
#define REPORT_TO_ENUM(name, number, word, text) REPORT_TO_##name = number,
#define FINDING_STATE_ENUM(name, word, text)     FINDING_STATE_##name,
#define FINDING_ENUM(name, number, word, text)   FINDING_##name = number,
enum DutyKind { DUTY_KINDS(DUTY_KIND_ENUM) _DUTY_KIND_END };
enum DutyState { DUTY_STATES(DUTY_STATE_ENUM) _DUTY_STATE_N };
enum IncidentState { INCIDENT_STATES(INCIDENT_STATE_ENUM) _INCIDENT_STATE_N };
enum IncidentEntry { INCIDENT_ENTRIES_OF(INCIDENT_ENUM) _INCIDENT_END };
enum ReportTo { REPORTS_TO(REPORT_TO_ENUM) _REPORT_TO_END };
enum FindingState { FINDING_STATES(FINDING_STATE_ENUM) _FINDING_STATE_N };
enum FindingEntry { FINDING_ENTRIES_OF(FINDING_ENUM) _FINDING_END };
#undef DUTY_KIND_ENUM
#undef DUTY_STATE_ENUM
#undef INCIDENT_STATE_ENUM
#undef INCIDENT_ENUM
#undef REPORT_TO_ENUM
#undef FINDING_STATE_ENUM
#undef FINDING_ENUM

enum CellType {
	CELL_NONE,
	CELL_NUMBER,
	CELL_TEXT,
};

/* ------------------------------------------------------------------ parameters P(query, NAME, "name", type),
   columns C(query, NAME, "name", type) */

#define NONE_P(P)
#define NONE_C(C)

/* Who the session is of. */
#define WHO_C(C)                            \
	C(WHO, LOGIN, "login", CELL_TEXT)   \
	C(WHO, NAME, "name", CELL_TEXT)     \
	C(WHO, ROLE, "role", CELL_NUMBER)   \
	C(WHO, CSRF, "csrf", CELL_TEXT)     \
	C(WHO, SINCE, "since", CELL_NUMBER) \
	C(WHO, IDLE_UNTIL, "idle_until", CELL_NUMBER)

/* REFUSED for a wrong name, a wrong password and a closed account alike, after the same work. LATER: too many
 * tries. */
#define SIGN_IN_P(P)                                \
	P(SIGN_IN, LOGIN, "login", CELL_TEXT)       \
	P(SIGN_IN, PASSWORD, "password", CELL_TEXT) \
	P(SIGN_IN, FROM, "from", CELL_TEXT)
#define SIGN_IN_C(C)                          \
	C(SIGN_IN, TOKEN, "token", CELL_TEXT) \
	C(SIGN_IN, CSRF, "csrf", CELL_TEXT)   \
	C(SIGN_IN, LOGIN, "login", CELL_TEXT) \
	C(SIGN_IN, ROLE, "role", CELL_NUMBER)

/* A link that the first start or an administrator printed: for whom it is. Without a login: the first
 * administrator's. */
#define LINK_P(P) P(LINK, LINK, "link", CELL_TEXT)
#define LINK_C(C)                          \
	C(LINK, LOGIN, "login", CELL_TEXT) \
	C(LINK, NAME, "name", CELL_TEXT)   \
	C(LINK, UNTIL, "until", CELL_NUMBER)

/* Sets the account's password (the first administrator's login and name, too) and ends the link. REFUSED: no
   such link, or it ran out; INVALID: the password is too short or too plain, or the login is malformed. */
#define LINK_USE_P(P)                          \
	P(LINK_USE, LINK, "link", CELL_TEXT)   \
	P(LINK_USE, LOGIN, "login", CELL_TEXT) \
	P(LINK_USE, NAME, "name", CELL_TEXT)   \
	P(LINK_USE, PASSWORD, "password", CELL_TEXT)

/* One's own; ends one's other sessions. REFUSED: the old one is wrong, which counts as a wrong sign-in does;
   LATER: too many tries; INVALID: as LINK_USE. */
#define PASSWORD_P(P)                      \
	P(PASSWORD, OLD, "old", CELL_TEXT) \
	P(PASSWORD, NEW, "new", CELL_TEXT) \
	P(PASSWORD, FROM, "from", CELL_TEXT)

/* Read-only tokens for programs, those that ended, too: `ended` NULL and `until` to come: in force. */
#define TOKENS_P(P) P(TOKENS, AFTER_ID, "after_id", CELL_NUMBER)
#define TOKENS_C(C)                            \
	C(TOKENS, ID, "id", CELL_NUMBER)       \
	C(TOKENS, NAME, "name", CELL_TEXT)     \
	C(TOKENS, BY, "by", CELL_TEXT)         \
	C(TOKENS, MADE, "made", CELL_NUMBER)   \
	C(TOKENS, UNTIL, "until", CELL_NUMBER) \
	C(TOKENS, USED, "used", CELL_NUMBER)   \
	C(TOKENS, ENDED, "ended", CELL_NUMBER) \
	C(TOKENS, ENDED_BY, "ended_by", CELL_TEXT)

/* For so many days, at most 366. The token is told this once. INVALID: no name, or not so many. */
#define TOKEN_ADD_P(P)                        \
	P(TOKEN_ADD, NAME, "name", CELL_TEXT) \
	P(TOKEN_ADD, DAYS, "days", CELL_NUMBER)
#define TOKEN_ADD_C(C)                          \
	C(TOKEN_ADD, TOKEN, "token", CELL_TEXT) \
	C(TOKEN_ADD, UNTIL, "until", CELL_NUMBER)

/* REFUSED: there is none, or it has ended. */
#define TOKEN_END_P(P) P(TOKEN_END, ID, "id", CELL_NUMBER)

#define ACCOUNTS_P(P) P(ACCOUNTS, AFTER_LOGIN, "after_login", CELL_TEXT)
#define ACCOUNTS_C(C)                                          \
	C(ACCOUNTS, LOGIN, "login", CELL_TEXT)                 \
	C(ACCOUNTS, NAME, "name", CELL_TEXT)                   \
	C(ACCOUNTS, ROLE, "role", CELL_NUMBER)                 \
	C(ACCOUNTS, CLOSED, "closed", CELL_NUMBER)             \
	C(ACCOUNTS, LAST_SIGN_IN, "last_sign_in", CELL_NUMBER) \
	C(ACCOUNTS, SESSIONS, "sessions", CELL_NUMBER)

/* A new account, or with a login that exists a new link for it: nobody knows another's password. */
#define ACCOUNT_ADD_P(P)                          \
	P(ACCOUNT_ADD, LOGIN, "login", CELL_TEXT) \
	P(ACCOUNT_ADD, NAME, "name", CELL_TEXT)   \
	P(ACCOUNT_ADD, ROLE, "role", CELL_NUMBER)
#define ACCOUNT_ADD_C(C)                        \
	C(ACCOUNT_ADD, LINK, "link", CELL_TEXT) \
	C(ACCOUNT_ADD, UNTIL, "until", CELL_NUMBER)

/* Role or closing; ends the account's sessions. One's own account: FORBIDDEN. */
#define ACCOUNT_CHANGE_P(P)                          \
	P(ACCOUNT_CHANGE, LOGIN, "login", CELL_TEXT) \
	P(ACCOUNT_CHANGE, ROLE, "role", CELL_NUMBER) \
	P(ACCOUNT_CHANGE, CLOSED, "closed", CELL_NUMBER)

#define SIGN_INS_P(P)                                    \
	P(SIGN_INS, BEFORE_ID, "before_id", CELL_NUMBER) \
	P(SIGN_INS, LOGIN, "login", CELL_TEXT)
#define SIGN_INS_C(C)                          \
	C(SIGN_INS, ID, "id", CELL_NUMBER)     \
	C(SIGN_INS, T, "t", CELL_NUMBER)       \
	C(SIGN_INS, LOGIN, "login", CELL_TEXT) \
	C(SIGN_INS, WHAT, "what", CELL_TEXT)   \
	C(SIGN_INS, FROM, "from", CELL_TEXT)

/* The figures of the first page. */
#define COUNTS_C(C)                                            \
	C(COUNTS, TERMINALS, "terminals", CELL_NUMBER)         \
	C(COUNTS, LEDGERS, "ledgers", CELL_NUMBER)             \
	C(COUNTS, ALARMS, "alarms", CELL_NUMBER)               \
	C(COUNTS, SILENT, "silent", CELL_NUMBER)               \
	C(COUNTS, RECORDS, "records", CELL_NUMBER)             \
	C(COUNTS, MEDIA, "media", CELL_NUMBER)                 \
	C(COUNTS, OUT, "out", CELL_NUMBER)                     \
	C(COUNTS, DUE, "due", CELL_NUMBER)                     \
	C(COUNTS, OVERDUE, "overdue", CELL_NUMBER)             \
	C(COUNTS, COPIES_TODAY, "copies_today", CELL_NUMBER)   \
	C(COUNTS, REFUSED_TODAY, "refused_today", CELL_NUMBER) \
	C(COUNTS, NUMBERS_TODAY, "numbers_today", CELL_NUMBER) \
	C(COUNTS, LAST_INTAKE, "last_intake", CELL_NUMBER)

/* Ledgers by terminal and year; `alarm` 1: only those with one, the gravest first.
   `silent` 1: those of the running year that were not heard of for the configured time. `clock` 1: those
   whose clock was set in that time, or was five minutes off when their last records came (`clock_off`: ms
   ahead, behind when negative). `heard` NULL: never. `error` is the public reader's
   sentence (a gettext id), `bad` the first bad record's number, -1: not of one record. `from` and `to`: of a
   fork, the first record that differs is one of from..to-1. */
#define LEDGERS_P(P)                                            \
	P(LEDGERS, AFTER_TERMINAL, "after_terminal", CELL_TEXT) \
	P(LEDGERS, AFTER_ID, "after_id", CELL_NUMBER)           \
	P(LEDGERS, ALARM, "alarm", CELL_NUMBER)                 \
	P(LEDGERS, SILENT, "silent", CELL_NUMBER)               \
	P(LEDGERS, ID, "id", CELL_NUMBER)                       \
	P(LEDGERS, TERMINAL, "terminal", CELL_TEXT)             \
	P(LEDGERS, CLOCK, "clock", CELL_NUMBER)
#define LEDGERS_C(C)                                    \
	C(LEDGERS, ID, "id", CELL_NUMBER)               \
	C(LEDGERS, TERMINAL, "terminal", CELL_TEXT)     \
	C(LEDGERS, YEAR, "year", CELL_NUMBER)           \
	C(LEDGERS, ORIGIN, "origin", CELL_TEXT)         \
	C(LEDGERS, VERDICT, "verdict", CELL_NUMBER)     \
	C(LEDGERS, SINCE, "since", CELL_NUMBER)         \
	C(LEDGERS, ERROR, "error", CELL_TEXT)           \
	C(LEDGERS, BAD, "bad", CELL_NUMBER)             \
	C(LEDGERS, FROM, "from", CELL_NUMBER)           \
	C(LEDGERS, TO, "to", CELL_NUMBER)               \
	C(LEDGERS, SIZE, "size", CELL_NUMBER)           \
	C(LEDGERS, ROOT, "root", CELL_TEXT)             \
	C(LEDGERS, UNCOVERED, "uncovered", CELL_NUMBER) \
	C(LEDGERS, EARLIER, "earlier", CELL_NUMBER)     \
	C(LEDGERS, KEYS, "keys", CELL_NUMBER)           \
	C(LEDGERS, FIRST_T, "first_t", CELL_NUMBER)     \
	C(LEDGERS, LAST_T, "last_t", CELL_NUMBER)       \
	C(LEDGERS, HEARD, "heard", CELL_NUMBER)         \
	C(LEDGERS, VKEY, "vkey", CELL_TEXT)             \
	C(LEDGERS, CLOCK_OFF, "clock_off", CELL_NUMBER)

/* What was taken in when, the newest first. */
#define INTAKES_P(P)                                    \
	P(INTAKES, BEFORE_ID, "before_id", CELL_NUMBER) \
	P(INTAKES, LEDGER, "ledger", CELL_NUMBER)
#define INTAKES_C(C)                                \
	C(INTAKES, ID, "id", CELL_NUMBER)           \
	C(INTAKES, T, "t", CELL_NUMBER)             \
	C(INTAKES, LEDGER, "ledger", CELL_NUMBER)   \
	C(INTAKES, TERMINAL, "terminal", CELL_TEXT) \
	C(INTAKES, YEAR, "year", CELL_NUMBER)       \
	C(INTAKES, OUTCOME, "outcome", CELL_NUMBER) \
	C(INTAKES, SIZE, "size", CELL_NUMBER)       \
	C(INTAKES, ADDED, "added", CELL_NUMBER)     \
	C(INTAKES, VERDICT, "verdict", CELL_NUMBER) \
	C(INTAKES, SOURCE, "source", CELL_TEXT)

/* Records, the newest first. `result` and `kind` are the ledger's words; `verdict` is the ledger's, and says
   whether this row may be called verified. `numbers` NULL: not counted. */
#define HISTORY_P(P)                                  \
	P(HISTORY, FROM, "from", CELL_NUMBER)         \
	P(HISTORY, UNTIL, "until", CELL_NUMBER)       \
	P(HISTORY, ACTOR, "actor", CELL_TEXT)         \
	P(HISTORY, MEDIUM, "medium", CELL_TEXT)       \
	P(HISTORY, TERMINAL, "terminal", CELL_TEXT)   \
	P(HISTORY, KIND, "kind", CELL_TEXT)           \
	P(HISTORY, RESULT, "result", CELL_TEXT)       \
	P(HISTORY, NUMBERS, "numbers", CELL_NUMBER)   \
	P(HISTORY, CHECKOUT, "checkout", CELL_TEXT)   \
	P(HISTORY, BEFORE_T, "before_t", CELL_NUMBER) \
	P(HISTORY, BEFORE_ID, "before_id", CELL_NUMBER)
/* One record of a list: HIT_RECORDS has the same. */
#define RECORD_COLUMNS(C, Q)                  \
	C(Q, ID, "id", CELL_NUMBER)           \
	C(Q, T, "t", CELL_NUMBER)             \
	C(Q, TERMINAL, "terminal", CELL_TEXT) \
	C(Q, KIND, "kind", CELL_TEXT)         \
	C(Q, ACTOR, "actor", CELL_TEXT)       \
	C(Q, ROLE, "role", CELL_TEXT)         \
	C(Q, MEDIUM, "medium", CELL_TEXT)     \
	C(Q, CHECKOUT, "checkout", CELL_TEXT) \
	C(Q, RESULT, "result", CELL_TEXT)     \
	C(Q, REASON, "reason", CELL_TEXT)     \
	C(Q, NUMBERS, "numbers", CELL_NUMBER) \
	C(Q, VERDICT, "verdict", CELL_NUMBER)
#define HISTORY_C(C) RECORD_COLUMNS(C, HISTORY)

/* One record with its line as it stands in the ledger. `held` 0: the console's copy no longer has those
 * bytes. */
#define RECORD_P(P) P(RECORD, ID, "id", CELL_NUMBER)
#define RECORD_C(C)                                \
	C(RECORD, ID, "id", CELL_NUMBER)           \
	C(RECORD, LINE, "line", CELL_TEXT)         \
	C(RECORD, HELD, "held", CELL_NUMBER)       \
	C(RECORD, ORIGIN, "origin", CELL_TEXT)     \
	C(RECORD, SIZE, "size", CELL_NUMBER)       \
	C(RECORD, ROOT, "root", CELL_TEXT)         \
	C(RECORD, VERDICT, "verdict", CELL_NUMBER) \
	C(RECORD, VKEY, "vkey", CELL_TEXT)

/* Its proof (docs/ledger.md section 9) as text; REFUSED: none can be made. */
#define PROOF_P(P) P(PROOF, ID, "id", CELL_NUMBER)
#define PROOF_C(C) C(PROOF, PROOF, "proof", CELL_TEXT)

/* The register. `slot`: the number at the end of the management number, `series` what stands before it; slot
   NULL: there is none. */
#define MEDIA_P(P)                                        \
	P(MEDIA, AFTER_NUMBER, "after_number", CELL_TEXT) \
	P(MEDIA, STATE, "state", CELL_NUMBER)             \
	P(MEDIA, NUMBER, "number", CELL_TEXT)
#define MEDIA_C(C)                                      \
	C(MEDIA, NUMBER, "number", CELL_TEXT)           \
	C(MEDIA, SERIES, "series", CELL_TEXT)           \
	C(MEDIA, SLOT, "slot", CELL_NUMBER)             \
	C(MEDIA, STATE, "state", CELL_NUMBER)           \
	C(MEDIA, SUPERVISOR, "supervisor", CELL_TEXT)   \
	C(MEDIA, HOLDER, "holder", CELL_TEXT)           \
	C(MEDIA, CHECKOUT, "checkout", CELL_TEXT)       \
	C(MEDIA, UNTIL, "until", CELL_NUMBER)           \
	C(MEDIA, REGISTERED, "registered", CELL_NUMBER) \
	C(MEDIA, TERMINAL, "terminal", CELL_TEXT)       \
	C(MEDIA, VENDOR, "vendor", CELL_TEXT)           \
	C(MEDIA, PRODUCT, "product", CELL_TEXT)         \
	C(MEDIA, SIZE, "size", CELL_NUMBER)             \
	C(MEDIA, RECORD, "record", CELL_NUMBER)         \
	C(MEDIA, VERDICT, "verdict", CELL_NUMBER)

/* `state` not given: all of them, the newest first; OUT: all that are not back, DUE and OVERDUE included. */
#define CHECKOUTS_P(P)                                        \
	P(CHECKOUTS, STATE, "state", CELL_NUMBER)             \
	P(CHECKOUTS, MEDIUM, "medium", CELL_TEXT)             \
	P(CHECKOUTS, CLERK, "clerk", CELL_TEXT)               \
	P(CHECKOUTS, BEFORE_FROM, "before_from", CELL_NUMBER) \
	P(CHECKOUTS, BEFORE_ID, "before_id", CELL_TEXT)
/* One checkout of a list: HANDLINGS has the same. */
#define CHECKOUT_COLUMNS(C, Q)                      \
	C(Q, ID, "id", CELL_TEXT)                   \
	C(Q, MEDIUM, "medium", CELL_TEXT)           \
	C(Q, CLERK, "clerk", CELL_TEXT)             \
	C(Q, SUPERVISOR, "supervisor", CELL_TEXT)   \
	C(Q, PURPOSE, "purpose", CELL_TEXT)         \
	C(Q, GROUND, "ground", CELL_TEXT)           \
	C(Q, DESTINATION, "destination", CELL_TEXT) \
	C(Q, TERMINALS, "terminals", CELL_TEXT)     \
	C(Q, CARRY_OUT, "carry_out", CELL_NUMBER)   \
	C(Q, FROM, "from", CELL_NUMBER)             \
	C(Q, UNTIL, "until", CELL_NUMBER)           \
	C(Q, RETURNED, "returned", CELL_NUMBER)     \
	C(Q, STATE, "state", CELL_NUMBER)           \
	C(Q, TERMINAL, "terminal", CELL_TEXT)       \
	C(Q, RECORD, "record", CELL_NUMBER)         \
	C(Q, VERDICT, "verdict", CELL_NUMBER)
#define CHECKOUTS_C(C) CHECKOUT_COLUMNS(C, CHECKOUTS)

/* Checkouts as CHECKOUTS has them, with what was done under each: copies made and read back, Individual
   Numbers in the copies, and the lines of its record and of its return as they stand in the ledger ("" when
   there is none, or the console's copy no longer holds it). `verdict`: the worst of all these records'
   ledgers. */
#define HANDLINGS_P(P)                                        \
	P(HANDLINGS, STATE, "state", CELL_NUMBER)             \
	P(HANDLINGS, MEDIUM, "medium", CELL_TEXT)             \
	P(HANDLINGS, CLERK, "clerk", CELL_TEXT)               \
	P(HANDLINGS, BEFORE_FROM, "before_from", CELL_NUMBER) \
	P(HANDLINGS, BEFORE_ID, "before_id", CELL_TEXT)
#define HANDLINGS_C(C)                                \
	CHECKOUT_COLUMNS(C, HANDLINGS)                \
	C(HANDLINGS, COPIES, "copies", CELL_NUMBER)   \
	C(HANDLINGS, READS, "reads", CELL_NUMBER)     \
	C(HANDLINGS, NUMBERS, "numbers", CELL_NUMBER) \
	C(HANDLINGS, LINE, "line", CELL_TEXT)         \
	C(HANDLINGS, RETURN_LINE, "return_line", CELL_TEXT)

/* How many records of each kind a time has: by their results; `unnamed` of those that were done without an
   actor, `no_right` of refusals for want of a right, `numbers` Individual Numbers in what was done,
   `unverified` of ledgers that do not verify. */
#define EVIDENCE_P(P)                            \
	P(EVIDENCE, FROM, "from", CELL_NUMBER)   \
	P(EVIDENCE, UNTIL, "until", CELL_NUMBER) \
	P(EVIDENCE, AFTER_KIND, "after_kind", CELL_TEXT)
#define EVIDENCE_C(C)                                    \
	C(EVIDENCE, KIND, "kind", CELL_TEXT)             \
	C(EVIDENCE, RECORDS, "records", CELL_NUMBER)     \
	C(EVIDENCE, DONE, "done", CELL_NUMBER)           \
	C(EVIDENCE, REFUSED, "refused", CELL_NUMBER)     \
	C(EVIDENCE, FAILED, "failed", CELL_NUMBER)       \
	C(EVIDENCE, OBSERVED, "observed", CELL_NUMBER)   \
	C(EVIDENCE, UNNAMED, "unnamed", CELL_NUMBER)     \
	C(EVIDENCE, NO_RIGHT, "no_right", CELL_NUMBER)   \
	C(EVIDENCE, NUMBERS, "numbers", CELL_NUMBER)     \
	C(EVIDENCE, TERMINALS, "terminals", CELL_NUMBER) \
	C(EVIDENCE, UNVERIFIED, "unverified", CELL_NUMBER)

/* Hour x weekday (0 Sunday … 6) of copies over all terminals; only what is not zero. */
#define HEAT_P(P)                                  \
	P(HEAT, FROM_DAY, "from_day", CELL_NUMBER) \
	P(HEAT, UNTIL_DAY, "until_day", CELL_NUMBER)
#define HEAT_C(C)                                \
	C(HEAT, WEEKDAY, "weekday", CELL_NUMBER) \
	C(HEAT, HOUR, "hour", CELL_NUMBER)       \
	C(HEAT, RECORDS, "records", CELL_NUMBER) \
	C(HEAT, COPIES, "copies", CELL_NUMBER)   \
	C(HEAT, REFUSED, "refused", CELL_NUMBER) \
	C(HEAT, NUMBERS, "numbers", CELL_NUMBER)

/* A row for each day on which something happened; `ledger`: of that one alone. */
#define DAYS_P(P)                                    \
	P(DAYS, FROM_DAY, "from_day", CELL_NUMBER)   \
	P(DAYS, UNTIL_DAY, "until_day", CELL_NUMBER) \
	P(DAYS, LEDGER, "ledger", CELL_NUMBER)       \
	P(DAYS, AFTER_DAY, "after_day", CELL_NUMBER)
#define DAYS_C(C)                                \
	C(DAYS, DAY, "day", CELL_NUMBER)         \
	C(DAYS, RECORDS, "records", CELL_NUMBER) \
	C(DAYS, COPIES, "copies", CELL_NUMBER)   \
	C(DAYS, REFUSED, "refused", CELL_NUMBER) \
	C(DAYS, NUMBERS, "numbers", CELL_NUMBER)

#define MEDIA_STATES_C(C)                            \
	C(MEDIA_STATES, STATE, "state", CELL_NUMBER) \
	C(MEDIA_STATES, COUNT, "count", CELL_NUMBER)

/* What the filters of the history may choose from: `what` is "actor", "medium", "terminal", "kind" or
 * "reason". */
#define CHOICES_P(P)                        \
	P(CHOICES, WHAT, "what", CELL_TEXT) \
	P(CHOICES, AFTER, "after_text", CELL_TEXT)
#define CHOICES_C(C) C(CHOICES, TEXT, "text", CELL_TEXT)

/* What the rules of the review found (review/rules.h has their numbers), by day; with what was decided about
   each. `record` is the first of its records, `verdict` of that one's ledger. */
#define HITS_P(P)                                    \
	P(HITS, FROM_DAY, "from_day", CELL_NUMBER)   \
	P(HITS, UNTIL_DAY, "until_day", CELL_NUMBER) \
	P(HITS, RULE, "rule", CELL_NUMBER)           \
	P(HITS, AFTER_DAY, "after_day", CELL_NUMBER) \
	P(HITS, AFTER_ID, "after_id", CELL_TEXT)     \
	P(HITS, ID, "id", CELL_TEXT)
#define HITS_C(C)                                  \
	C(HITS, ID, "id", CELL_TEXT)               \
	C(HITS, RULE, "rule", CELL_NUMBER)         \
	C(HITS, DAY, "day", CELL_NUMBER)           \
	C(HITS, T, "t", CELL_NUMBER)               \
	C(HITS, ACTOR, "actor", CELL_TEXT)         \
	C(HITS, TERMINAL, "terminal", CELL_TEXT)   \
	C(HITS, THING, "thing", CELL_TEXT)         \
	C(HITS, COUNT, "count", CELL_NUMBER)       \
	C(HITS, USUAL, "usual", CELL_NUMBER)       \
	C(HITS, RECORD, "record", CELL_NUMBER)     \
	C(HITS, VERDICT, "verdict", CELL_NUMBER)   \
	C(HITS, DECISION, "decision", CELL_NUMBER) \
	C(HITS, WORDS, "words", CELL_TEXT)         \
	C(HITS, BY, "by", CELL_TEXT)               \
	C(HITS, DECIDED, "decided", CELL_NUMBER)

/* The records of one hit, at most 32, as HISTORY has them. */
#define HIT_RECORDS_P(P) P(HIT_RECORDS, ID, "id", CELL_TEXT)
#define HIT_RECORDS_C(C) RECORD_COLUMNS(C, HIT_RECORDS)

/* What is looked through, how often, from when on. `subjects`: what is looked at closely, one period each in
   turn, by commas. */
#define PLANS_C(C)                                  \
	C(PLANS, ID, "id", CELL_NUMBER)             \
	C(PLANS, WHAT, "what", CELL_TEXT)           \
	C(PLANS, MONTHS, "months", CELL_NUMBER)     \
	C(PLANS, FROM_DAY, "from_day", CELL_NUMBER) \
	C(PLANS, SUBJECTS, "subjects", CELL_TEXT)   \
	C(PLANS, CLOSED, "closed", CELL_NUMBER)

/* INVALID: no words, months not of 1 2 3 4 6 12, not the first of a month. */
#define PLAN_ADD_P(P)                                  \
	P(PLAN_ADD, WHAT, "what", CELL_TEXT)           \
	P(PLAN_ADD, MONTHS, "months", CELL_NUMBER)     \
	P(PLAN_ADD, FROM_DAY, "from_day", CELL_NUMBER) \
	P(PLAN_ADD, SUBJECTS, "subjects", CELL_TEXT)

/* No further reviews of it; those that were stay. */
#define PLAN_CLOSE_P(P) P(PLAN_CLOSE, ID, "id", CELL_NUMBER)

/* The reviews of all plans, at most the last 24 of each, the newest first. `due` 1: only those that are due
   or overdue. `due_day`: after it, it is overdue. */
#define REVIEWS_P(P)                                  \
	P(REVIEWS, PLAN, "plan", CELL_NUMBER)         \
	P(REVIEWS, FROM_DAY, "from_day", CELL_NUMBER) \
	P(REVIEWS, DUE, "due", CELL_NUMBER)
#define REVIEWS_C(C)                                    \
	C(REVIEWS, PLAN, "plan", CELL_NUMBER)           \
	C(REVIEWS, WHAT, "what", CELL_TEXT)             \
	C(REVIEWS, SUBJECT, "subject", CELL_TEXT)       \
	C(REVIEWS, FROM_DAY, "from_day", CELL_NUMBER)   \
	C(REVIEWS, UNTIL_DAY, "until_day", CELL_NUMBER) \
	C(REVIEWS, DUE_DAY, "due_day", CELL_NUMBER)     \
	C(REVIEWS, STATE, "state", CELL_NUMBER)         \
	C(REVIEWS, HITS, "hits", CELL_NUMBER)           \
	C(REVIEWS, DECIDED, "decided", CELL_NUMBER)     \
	C(REVIEWS, RESULT, "result", CELL_TEXT)         \
	C(REVIEWS, BY, "by", CELL_TEXT)                 \
	C(REVIEWS, SIGNED, "signed", CELL_NUMBER)       \
	C(REVIEWS, REMARK, "remark", CELL_TEXT)         \
	C(REVIEWS, SECOND, "second", CELL_TEXT)         \
	C(REVIEWS, CONFIRMED, "confirmed", CELL_NUMBER)

/* REFUSED: no such hit, or its review is signed off. FORBIDDEN: it is about oneself. */
#define DECIDE_P(P)                                  \
	P(DECIDE, HIT, "hit", CELL_TEXT)             \
	P(DECIDE, DECISION, "decision", CELL_NUMBER) \
	P(DECIDE, WORDS, "words", CELL_TEXT)

/* REFUSED: the period is not over, a hit is not decided, or it is signed off already. */
#define SIGN_OFF_P(P)                                  \
	P(SIGN_OFF, PLAN, "plan", CELL_NUMBER)         \
	P(SIGN_OFF, FROM_DAY, "from_day", CELL_NUMBER) \
	P(SIGN_OFF, WORDS, "words", CELL_TEXT)

/* By somebody else than who signed off: FORBIDDEN. `good` 0: it goes back, and is to be signed off again. */
#define CONFIRM_P(P)                                  \
	P(CONFIRM, PLAN, "plan", CELL_NUMBER)         \
	P(CONFIRM, FROM_DAY, "from_day", CELL_NUMBER) \
	P(CONFIRM, GOOD, "good", CELL_NUMBER)         \
	P(CONFIRM, WORDS, "words", CELL_TEXT)

/* ------------------------------------------------------------------ the year's duties */

/* What has to be done, every how many months; `due_month`: the first day of the month by whose end it is due
   for the first time; `lead`: so many days before it stands on the first page of who is responsible;
   `subjects`: one period each in turn, by commas. */
#define DUTIES_C(C)                                      \
	C(DUTIES, ID, "id", CELL_NUMBER)                 \
	C(DUTIES, KIND, "kind", CELL_NUMBER)             \
	C(DUTIES, WHAT, "what", CELL_TEXT)               \
	C(DUTIES, MONTHS, "months", CELL_NUMBER)         \
	C(DUTIES, DUE_MONTH, "due_month", CELL_NUMBER)   \
	C(DUTIES, LEAD, "lead", CELL_NUMBER)             \
	C(DUTIES, RESPONSIBLE, "responsible", CELL_TEXT) \
	C(DUTIES, SUBJECTS, "subjects", CELL_TEXT)       \
	C(DUTIES, CLOSED, "closed", CELL_NUMBER)

/* INVALID: no words, a kind that is none or REVIEW, months not of 1 2 3 4 6 12, not the first of a month,
   lead not of 0..366, nobody of that login who could do it. */
#define DUTY_ADD_P(P)                                      \
	P(DUTY_ADD, KIND, "kind", CELL_NUMBER)             \
	P(DUTY_ADD, WHAT, "what", CELL_TEXT)               \
	P(DUTY_ADD, MONTHS, "months", CELL_NUMBER)         \
	P(DUTY_ADD, DUE_MONTH, "due_month", CELL_NUMBER)   \
	P(DUTY_ADD, LEAD, "lead", CELL_NUMBER)             \
	P(DUTY_ADD, RESPONSIBLE, "responsible", CELL_TEXT) \
	P(DUTY_ADD, SUBJECTS, "subjects", CELL_TEXT)

/* It is not asked for any more; what was done stays. */
#define DUTY_CLOSE_P(P) P(DUTY_CLOSE, ID, "id", CELL_NUMBER)

/* Every duty, and every plan of reviews, in each of its periods, by the day by which it is due: those due on
   from_day … until_day; without them, from two years ago until in a year. `due` 1: only what is due or
   overdue; `reviews` 0: duties alone. `duty` 0: a review, of `plan`. `from_day` is the period's first day,
   `until_day` the first behind it, `due_day` the last on which it is in time. `by` and `done`: who did it
   when, with `words`; of a review who signed it off. */
#define CALENDAR_P(P)                                    \
	P(CALENDAR, FROM_DAY, "from_day", CELL_NUMBER)   \
	P(CALENDAR, UNTIL_DAY, "until_day", CELL_NUMBER) \
	P(CALENDAR, DUE, "due", CELL_NUMBER)             \
	P(CALENDAR, AFTER_KEY, "after_key", CELL_NUMBER) \
	P(CALENDAR, REVIEWS, "reviews", CELL_NUMBER)
#define CALENDAR_C(C)                                      \
	C(CALENDAR, KEY, "key", CELL_NUMBER)               \
	C(CALENDAR, DUTY, "duty", CELL_NUMBER)             \
	C(CALENDAR, PLAN, "plan", CELL_NUMBER)             \
	C(CALENDAR, KIND, "kind", CELL_NUMBER)             \
	C(CALENDAR, WHAT, "what", CELL_TEXT)               \
	C(CALENDAR, SUBJECT, "subject", CELL_TEXT)         \
	C(CALENDAR, RESPONSIBLE, "responsible", CELL_TEXT) \
	C(CALENDAR, FROM_DAY, "from_day", CELL_NUMBER)     \
	C(CALENDAR, UNTIL_DAY, "until_day", CELL_NUMBER)   \
	C(CALENDAR, DUE_DAY, "due_day", CELL_NUMBER)       \
	C(CALENDAR, STATE, "state", CELL_NUMBER)           \
	C(CALENDAR, BY, "by", CELL_TEXT)                   \
	C(CALENDAR, DONE, "done", CELL_NUMBER)             \
	C(CALENDAR, WORDS, "words", CELL_TEXT)

/* By who is responsible, or the chief: else FORBIDDEN. REFUSED: no such period, not begun yet, done already.
 */
#define DUTY_DONE_P(P)                                  \
	P(DUTY_DONE, DUTY, "duty", CELL_NUMBER)         \
	P(DUTY_DONE, FROM_DAY, "from_day", CELL_NUMBER) \
	P(DUTY_DONE, WORDS, "words", CELL_TEXT)

/* ------------------------------------------------------------------ incidents */

/* The report route in force, step after step: who is told, and who when they are not there. `all` 1: what was
   in force before, too; `ended` NULL: it is in force. */
#define ROUTE_P(P) P(ROUTE, ALL, "all", CELL_NUMBER)
#define ROUTE_C(C)                                            \
	C(ROUTE, ID, "id", CELL_NUMBER)                       \
	C(ROUTE, STEP, "step", CELL_NUMBER)                   \
	C(ROUTE, POST, "post", CELL_TEXT)                     \
	C(ROUTE, NAME, "name", CELL_TEXT)                     \
	C(ROUTE, CONTACT, "contact", CELL_TEXT)               \
	C(ROUTE, DEPUTY, "deputy", CELL_TEXT)                 \
	C(ROUTE, DEPUTY_CONTACT, "deputy_contact", CELL_TEXT) \
	C(ROUTE, SINCE, "since", CELL_NUMBER)                 \
	C(ROUTE, BY, "by", CELL_TEXT)                         \
	C(ROUTE, ENDED, "ended", CELL_NUMBER)

/* INVALID: without post, name, contact, deputy, deputy's contact; a step not of 1..20; what could be an
   Individual Number: a contact that is starred helps nobody. */
#define ROUTE_ADD_P(P)                              \
	P(ROUTE_ADD, STEP, "step", CELL_NUMBER)     \
	P(ROUTE_ADD, POST, "post", CELL_TEXT)       \
	P(ROUTE_ADD, NAME, "name", CELL_TEXT)       \
	P(ROUTE_ADD, CONTACT, "contact", CELL_TEXT) \
	P(ROUTE_ADD, DEPUTY, "deputy", CELL_TEXT)   \
	P(ROUTE_ADD, DEPUTY_CONTACT, "deputy_contact", CELL_TEXT)

/* Not in force any more; it stays readable. */
#define ROUTE_END_P(P) P(ROUTE_END, ID, "id", CELL_NUMBER)

/* Incidents, the newest first. `open` 1: only those that are not closed. `first_due` and `final_due`: the
   days by which the Commission is to be told (5 and 30 days after it was noticed), NULL when that was done or
   is not required; `reported`, `first`, `final`: when it was reported for the first time at all, and to the
   Commission. `missing`: bits 1 << INCIDENT_* of what has to be said before it can be closed. */
#define INCIDENTS_P(P)                          \
	P(INCIDENTS, ID, "id", CELL_NUMBER)     \
	P(INCIDENTS, OPEN, "open", CELL_NUMBER) \
	P(INCIDENTS, BEFORE_ID, "before_id", CELL_NUMBER)
#define INCIDENTS_C(C)                                    \
	C(INCIDENTS, ID, "id", CELL_NUMBER)               \
	C(INCIDENTS, WHAT, "what", CELL_TEXT)             \
	C(INCIDENTS, NOTICED, "noticed", CELL_NUMBER)     \
	C(INCIDENTS, NOTICER, "noticer", CELL_TEXT)       \
	C(INCIDENTS, OPENED, "opened", CELL_NUMBER)       \
	C(INCIDENTS, BY, "by", CELL_TEXT)                 \
	C(INCIDENTS, STATE, "state", CELL_NUMBER)         \
	C(INCIDENTS, ENTRIES, "entries", CELL_NUMBER)     \
	C(INCIDENTS, REPORTED, "reported", CELL_NUMBER)   \
	C(INCIDENTS, FIRST, "first", CELL_NUMBER)         \
	C(INCIDENTS, FIRST_DUE, "first_due", CELL_NUMBER) \
	C(INCIDENTS, FINAL, "final", CELL_NUMBER)         \
	C(INCIDENTS, FINAL_DUE, "final_due", CELL_NUMBER) \
	C(INCIDENTS, MISSING, "missing", CELL_NUMBER)     \
	C(INCIDENTS, CLOSED, "closed", CELL_NUMBER)       \
	C(INCIDENTS, CLOSED_BY, "closed_by", CELL_TEXT)

/* What was written down about one, the first first: nothing is ever changed. `at`: when it happened; `to`: of
   a report, REPORT_TO_*; `about`: whom it was reported to, or the medium, the checkout, the record
   (`origin#number`, with its `record` id while the console holds it); `t`: when it was written. */
#define INCIDENT_LIST_P(P)                                  \
	P(INCIDENT_LIST, INCIDENT, "incident", CELL_NUMBER) \
	P(INCIDENT_LIST, AFTER_ID, "after_id", CELL_NUMBER)
#define ENTRY_COLUMNS(C, Q)             \
	C(Q, ID, "id", CELL_NUMBER)     \
	C(Q, KIND, "kind", CELL_NUMBER) \
	C(Q, AT, "at", CELL_NUMBER)     \
	C(Q, TO, "to", CELL_NUMBER)     \
	C(Q, ABOUT, "about", CELL_TEXT) \
	C(Q, WORDS, "words", CELL_TEXT) \
	C(Q, BY, "by", CELL_TEXT)       \
	C(Q, T, "t", CELL_NUMBER)       \
	C(Q, RECORD, "record", CELL_NUMBER)
#define INCIDENT_LIST_C(C) ENTRY_COLUMNS(C, INCIDENT_LIST)

/* INVALID: no words for what it is, noticed in the future. `facts` may follow later. */
#define INCIDENT_OPEN_P(P)                                \
	P(INCIDENT_OPEN, WHAT, "what", CELL_TEXT)         \
	P(INCIDENT_OPEN, NOTICED, "noticed", CELL_NUMBER) \
	P(INCIDENT_OPEN, NOTICER, "noticer", CELL_TEXT)   \
	P(INCIDENT_OPEN, FACTS, "facts", CELL_TEXT)
#define INCIDENT_OPEN_C(C) C(INCIDENT_OPEN, ID, "id", CELL_NUMBER)

/* One more entry. `id`: of a record, in place of `about`. REFUSED: no such incident, record; it is closed.
   INVALID: what the kind needs is missing. */
#define INCIDENT_ADD_P(P)                                  \
	P(INCIDENT_ADD, INCIDENT, "incident", CELL_NUMBER) \
	P(INCIDENT_ADD, KIND, "kind", CELL_NUMBER)         \
	P(INCIDENT_ADD, AT, "at", CELL_NUMBER)             \
	P(INCIDENT_ADD, TO, "to", CELL_NUMBER)             \
	P(INCIDENT_ADD, ABOUT, "about", CELL_TEXT)         \
	P(INCIDENT_ADD, RECORD, "record", CELL_NUMBER)     \
	P(INCIDENT_ADD, WORDS, "words", CELL_TEXT)

/* By somebody else than who opened it: FORBIDDEN. REFUSED: something is missing. `closed` 0: it is opened
   again. */
#define INCIDENT_CLOSE_P(P)                                  \
	P(INCIDENT_CLOSE, INCIDENT, "incident", CELL_NUMBER) \
	P(INCIDENT_CLOSE, CLOSED, "closed", CELL_NUMBER)     \
	P(INCIDENT_CLOSE, WORDS, "words", CELL_TEXT)

/* ------------------------------------------------------------------ findings of an audit */

/* Findings, the newest first; `open` 1: only those that are not confirmed, `owner`: of that one alone. */
#define FINDINGS_P(P)                          \
	P(FINDINGS, ID, "id", CELL_NUMBER)     \
	P(FINDINGS, OPEN, "open", CELL_NUMBER) \
	P(FINDINGS, OWNER, "owner", CELL_TEXT) \
	P(FINDINGS, BEFORE_ID, "before_id", CELL_NUMBER)
#define FINDINGS_C(C)                                    \
	C(FINDINGS, ID, "id", CELL_NUMBER)               \
	C(FINDINGS, AUDIT, "audit", CELL_TEXT)           \
	C(FINDINGS, WHAT, "what", CELL_TEXT)             \
	C(FINDINGS, OWNER, "owner", CELL_TEXT)           \
	C(FINDINGS, DUE_DAY, "due_day", CELL_NUMBER)     \
	C(FINDINGS, OPENED, "opened", CELL_NUMBER)       \
	C(FINDINGS, BY, "by", CELL_TEXT)                 \
	C(FINDINGS, STATE, "state", CELL_NUMBER)         \
	C(FINDINGS, MEASURES, "measures", CELL_TEXT)     \
	C(FINDINGS, PROOF, "proof", CELL_TEXT)           \
	C(FINDINGS, PROVED, "proved", CELL_NUMBER)       \
	C(FINDINGS, PROVED_BY, "proved_by", CELL_TEXT)   \
	C(FINDINGS, CONFIRMED, "confirmed", CELL_NUMBER) \
	C(FINDINGS, CONFIRMED_BY, "confirmed_by", CELL_TEXT)

/* What was written down about one, as INCIDENT_LIST has it; kinds are FINDING_*. */
#define FINDING_LIST_P(P)                                \
	P(FINDING_LIST, FINDING, "finding", CELL_NUMBER) \
	P(FINDING_LIST, AFTER_ID, "after_id", CELL_NUMBER)
#define FINDING_LIST_C(C) ENTRY_COLUMNS(C, FINDING_LIST)

/* INVALID: no words, nobody of that login who could own it. */
#define FINDING_OPEN_P(P)                          \
	P(FINDING_OPEN, AUDIT, "audit", CELL_TEXT) \
	P(FINDING_OPEN, WHAT, "what", CELL_TEXT)   \
	P(FINDING_OPEN, OWNER, "owner", CELL_TEXT) \
	P(FINDING_OPEN, DUE_DAY, "due_day", CELL_NUMBER)
#define FINDING_OPEN_C(C) C(FINDING_OPEN, ID, "id", CELL_NUMBER)

/* MEASURES, PROOF: the owner, or the chief; NOTE: everybody. REFUSED: no such finding, or it is confirmed. */
#define FINDING_ADD_P(P)                                \
	P(FINDING_ADD, FINDING, "finding", CELL_NUMBER) \
	P(FINDING_ADD, KIND, "kind", CELL_NUMBER)       \
	P(FINDING_ADD, WORDS, "words", CELL_TEXT)

/* By an auditor who neither owns it nor wrote its proof: else FORBIDDEN. REFUSED: there is no proof. `good`
   0: it goes back, with words. */
#define FINDING_CONFIRM_P(P)                                \
	P(FINDING_CONFIRM, FINDING, "finding", CELL_NUMBER) \
	P(FINDING_CONFIRM, GOOD, "good", CELL_NUMBER)       \
	P(FINDING_CONFIRM, WORDS, "words", CELL_TEXT)

/* ------------------------------------------------------------------ the queries: X(name, number, who,
 * parameters, columns) */

#define QUERIES(X)                                                                       \
	X(WHO, 1, QUERY_DATA, NONE_P, WHO_C)                                             \
	X(SIGN_IN, 2, QUERY_OPEN, SIGN_IN_P, SIGN_IN_C)                                  \
	X(SIGN_OUT, 3, QUERY_READ, NONE_P, NONE_C)                                       \
	X(SIGN_OUT_ALL, 4, QUERY_READ, NONE_P, NONE_C)                                   \
	X(LINK, 5, QUERY_OPEN, LINK_P, LINK_C)                                           \
	X(LINK_USE, 6, QUERY_OPEN, LINK_USE_P, NONE_C)                                   \
	X(PASSWORD, 7, QUERY_READ, PASSWORD_P, NONE_C)                                   \
	X(ACCOUNTS, 8, QUERY_ADMIN | ROLE_CHIEF | ROLE_AUDITOR, ACCOUNTS_P, ACCOUNTS_C)  \
	X(ACCOUNT_ADD, 9, QUERY_ADMIN, ACCOUNT_ADD_P, ACCOUNT_ADD_C)                     \
	X(ACCOUNT_CHANGE, 10, QUERY_ADMIN, ACCOUNT_CHANGE_P, NONE_C)                     \
	X(SIGN_INS, 11, QUERY_ADMIN | ROLE_CHIEF | ROLE_AUDITOR, SIGN_INS_P, SIGN_INS_C) \
	X(TOKENS, 12, QUERY_ADMIN | ROLE_CHIEF | ROLE_AUDITOR, TOKENS_P, TOKENS_C)       \
	X(TOKEN_ADD, 13, QUERY_ADMIN, TOKEN_ADD_P, TOKEN_ADD_C)                          \
	X(TOKEN_END, 14, QUERY_ADMIN, TOKEN_END_P, NONE_C)                               \
	X(COUNTS, 20, QUERY_DATA, NONE_P, COUNTS_C)                                      \
	X(LEDGERS, 21, QUERY_DATA, LEDGERS_P, LEDGERS_C)                                 \
	X(INTAKES, 22, QUERY_DATA, INTAKES_P, INTAKES_C)                                 \
	X(HISTORY, 30, QUERY_DATA, HISTORY_P, HISTORY_C)                                 \
	X(RECORD, 31, QUERY_DATA, RECORD_P, RECORD_C)                                    \
	X(PROOF, 32, QUERY_DATA, PROOF_P, PROOF_C)                                       \
	X(CHOICES, 33, QUERY_DATA, CHOICES_P, CHOICES_C)                                 \
	X(MEDIA, 40, QUERY_DATA, MEDIA_P, MEDIA_C)                                       \
	X(MEDIA_STATES, 41, QUERY_DATA, NONE_P, MEDIA_STATES_C)                          \
	X(CHECKOUTS, 50, QUERY_DATA, CHECKOUTS_P, CHECKOUTS_C)                           \
	X(HANDLINGS, 51, QUERY_DATA, HANDLINGS_P, HANDLINGS_C)                           \
	X(HEAT, 60, QUERY_DATA, HEAT_P, HEAT_C)                                          \
	X(DAYS, 61, QUERY_DATA, DAYS_P, DAYS_C)                                          \
	X(EVIDENCE, 62, QUERY_DATA, EVIDENCE_P, EVIDENCE_C)                              \
	X(HITS, 70, WHO_REVIEWS, HITS_P, HITS_C)                                         \
	X(HIT_RECORDS, 71, WHO_REVIEWS, HIT_RECORDS_P, HIT_RECORDS_C)                    \
	X(PLANS, 72, WHO_REVIEWS, NONE_P, PLANS_C)                                       \
	X(PLAN_ADD, 73, WHO_CONFIRMS, PLAN_ADD_P, NONE_C)                                \
	X(PLAN_CLOSE, 74, WHO_CONFIRMS, PLAN_CLOSE_P, NONE_C)                            \
	X(REVIEWS, 75, WHO_REVIEWS, REVIEWS_P, REVIEWS_C)                                \
	X(DECIDE, 76, WHO_REVIEWS, DECIDE_P, NONE_C)                                     \
	X(SIGN_OFF, 77, WHO_REVIEWS, SIGN_OFF_P, NONE_C)                                 \
	X(CONFIRM, 78, WHO_CONFIRMS, CONFIRM_P, NONE_C)                                  \
	X(DUTIES, 80, WHO_REVIEWS, NONE_P, DUTIES_C)                                     \
	X(DUTY_ADD, 81, WHO_CONFIRMS, DUTY_ADD_P, NONE_C)                                \
	X(DUTY_CLOSE, 82, WHO_CONFIRMS, DUTY_CLOSE_P, NONE_C)                            \
	X(CALENDAR, 83, WHO_REVIEWS, CALENDAR_P, CALENDAR_C)                             \
	X(DUTY_DONE, 84, WHO_REVIEWS, DUTY_DONE_P, NONE_C)                               \
	X(ROUTE, 85, WHO_REVIEWS, ROUTE_P, ROUTE_C)                                      \
	X(ROUTE_ADD, 86, ROLE_CHIEF, ROUTE_ADD_P, NONE_C)                                \
	X(ROUTE_END, 87, ROLE_CHIEF, ROUTE_END_P, NONE_C)                                \
	X(INCIDENTS, 90, WHO_REVIEWS, INCIDENTS_P, INCIDENTS_C)                          \
	X(INCIDENT_LIST, 91, WHO_REVIEWS, INCIDENT_LIST_P, INCIDENT_LIST_C)              \
	X(INCIDENT_OPEN, 92, WHO_REVIEWS, INCIDENT_OPEN_P, INCIDENT_OPEN_C)              \
	X(INCIDENT_ADD, 93, WHO_REVIEWS, INCIDENT_ADD_P, NONE_C)                         \
	X(INCIDENT_CLOSE, 94, WHO_CONFIRMS, INCIDENT_CLOSE_P, NONE_C)                    \
	X(FINDINGS, 95, WHO_REVIEWS, FINDINGS_P, FINDINGS_C)                             \
	X(FINDING_LIST, 96, WHO_REVIEWS, FINDING_LIST_P, FINDING_LIST_C)                 \
	X(FINDING_OPEN, 97, ROLE_AUDITOR, FINDING_OPEN_P, FINDING_OPEN_C)                \
	X(FINDING_ADD, 98, WHO_REVIEWS, FINDING_ADD_P, NONE_C)                           \
	X(FINDING_CONFIRM, 99, ROLE_AUDITOR, FINDING_CONFIRM_P, NONE_C)

#define QUERY_ENUM(name, number, who, params, columns) QUERY_##name = number,
enum Query { QUERIES(QUERY_ENUM) };
#undef QUERY_ENUM

/* HISTORY_FROM_P is the place of HISTORY's parameter `from`, HISTORY_ID_C that of its column `id`;
   HISTORY_N_P and HISTORY_N_C how many there are. */
#define QUERY_PARAM_ENUM(query, NAME, name, type)  query##_##NAME##_P,
#define QUERY_COLUMN_ENUM(query, NAME, name, type) query##_##NAME##_C,
#define QUERY_PLACES(name, number, who, params, columns)        \
	enum name##Params{params(QUERY_PARAM_ENUM) name##_N_P}; \
	enum name##Columns{columns(QUERY_COLUMN_ENUM) name##_N_C};
QUERIES(QUERY_PLACES)
#undef QUERY_PLACES
#undef QUERY_PARAM_ENUM
#undef QUERY_COLUMN_ENUM

#define QUERY_CELLS_MOST 24 /* parameters or columns of one query */
#define QUERY_ROWS_MOST  500

struct QueryField {
	const char *name;
	enum CellType type;
};

struct QueryRow {
	enum Query query;
	const char *name; /* as in the table */
	uint32_t who;
	const struct QueryField *params, *columns;
	size_t n_params, n_columns;
};

/* NULL: no such query. */
const struct QueryRow *query_row(uint32_t query);
/* The i-th of all, in the order of the table; NULL at the end. */
const struct QueryRow *query_at(size_t i);

const char *verdict_word(int64_t verdict);     /* "" for a number that is none */
const char *verdict_sentence(int64_t verdict); /* as above */
bool verdict_is_alarm(int64_t verdict);
const char *intake_word(int64_t outcome);
const char *intake_sentence(int64_t outcome);
