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

#define PASSWORD_P(P)                      \
	P(PASSWORD, OLD, "old", CELL_TEXT) \
	P(PASSWORD, NEW, "new", CELL_TEXT)

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
   `silent` 1: those of the running year that were not heard of for the configured time. `clock` 1: those whose
   clock was set in that time, or was ahead when they were last heard of. `error` is the public
   reader's sentence (a gettext id), `bad` the first bad record's number, -1: not of one record. `from` and
   `to`: of a fork, the first record that differs is one of from..to-1. */
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
	C(LEDGERS, VKEY, "vkey", CELL_TEXT)

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
#define RECORD_COLUMNS(C, Q)                    \
	C(Q, ID, "id", CELL_NUMBER)             \
	C(Q, T, "t", CELL_NUMBER)               \
	C(Q, TERMINAL, "terminal", CELL_TEXT)   \
	C(Q, KIND, "kind", CELL_TEXT)           \
	C(Q, ACTOR, "actor", CELL_TEXT)         \
	C(Q, ROLE, "role", CELL_TEXT)           \
	C(Q, MEDIUM, "medium", CELL_TEXT)       \
	C(Q, CHECKOUT, "checkout", CELL_TEXT)   \
	C(Q, RESULT, "result", CELL_TEXT)       \
	C(Q, REASON, "reason", CELL_TEXT)       \
	C(Q, NUMBERS, "numbers", CELL_NUMBER)   \
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
#define CHECKOUTS_C(C)                                      \
	C(CHECKOUTS, ID, "id", CELL_TEXT)                   \
	C(CHECKOUTS, MEDIUM, "medium", CELL_TEXT)           \
	C(CHECKOUTS, CLERK, "clerk", CELL_TEXT)             \
	C(CHECKOUTS, SUPERVISOR, "supervisor", CELL_TEXT)   \
	C(CHECKOUTS, PURPOSE, "purpose", CELL_TEXT)         \
	C(CHECKOUTS, GROUND, "ground", CELL_TEXT)           \
	C(CHECKOUTS, DESTINATION, "destination", CELL_TEXT) \
	C(CHECKOUTS, TERMINALS, "terminals", CELL_TEXT)     \
	C(CHECKOUTS, CARRY_OUT, "carry_out", CELL_NUMBER)   \
	C(CHECKOUTS, FROM, "from", CELL_NUMBER)             \
	C(CHECKOUTS, UNTIL, "until", CELL_NUMBER)           \
	C(CHECKOUTS, RETURNED, "returned", CELL_NUMBER)     \
	C(CHECKOUTS, STATE, "state", CELL_NUMBER)           \
	C(CHECKOUTS, TERMINAL, "terminal", CELL_TEXT)       \
	C(CHECKOUTS, RECORD, "record", CELL_NUMBER)         \
	C(CHECKOUTS, VERDICT, "verdict", CELL_NUMBER)

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

/* ------------------------------------------------------------------ the queries: X(name, number, who,
 * parameters, columns) */

#define QUERIES(X)                                                                       \
	X(WHO, 1, QUERY_READ, NONE_P, WHO_C)                                             \
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
	X(COUNTS, 20, QUERY_READ, NONE_P, COUNTS_C)                                      \
	X(LEDGERS, 21, QUERY_READ, LEDGERS_P, LEDGERS_C)                                 \
	X(INTAKES, 22, QUERY_READ, INTAKES_P, INTAKES_C)                                 \
	X(HISTORY, 30, QUERY_READ, HISTORY_P, HISTORY_C)                                 \
	X(RECORD, 31, QUERY_READ, RECORD_P, RECORD_C)                                    \
	X(PROOF, 32, QUERY_READ, PROOF_P, PROOF_C)                                       \
	X(CHOICES, 33, QUERY_READ, CHOICES_P, CHOICES_C)                                 \
	X(MEDIA, 40, QUERY_READ, MEDIA_P, MEDIA_C)                                       \
	X(MEDIA_STATES, 41, QUERY_READ, NONE_P, MEDIA_STATES_C)                          \
	X(CHECKOUTS, 50, QUERY_READ, CHECKOUTS_P, CHECKOUTS_C)                           \
	X(HEAT, 60, QUERY_READ, HEAT_P, HEAT_C)                                          \
	X(DAYS, 61, QUERY_READ, DAYS_P, DAYS_C)                                          \
	X(HITS, 70, WHO_REVIEWS, HITS_P, HITS_C)                                         \
	X(HIT_RECORDS, 71, WHO_REVIEWS, HIT_RECORDS_P, HIT_RECORDS_C)                    \
	X(PLANS, 72, WHO_REVIEWS, NONE_P, PLANS_C)                                       \
	X(PLAN_ADD, 73, WHO_CONFIRMS, PLAN_ADD_P, NONE_C)                                \
	X(PLAN_CLOSE, 74, WHO_CONFIRMS, PLAN_CLOSE_P, NONE_C)                            \
	X(REVIEWS, 75, WHO_REVIEWS, REVIEWS_P, REVIEWS_C)                                \
	X(DECIDE, 76, WHO_REVIEWS, DECIDE_P, NONE_C)                                     \
	X(SIGN_OFF, 77, WHO_REVIEWS, SIGN_OFF_P, NONE_C)                                 \
	X(CONFIRM, 78, WHO_CONFIRMS, CONFIRM_P, NONE_C)

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
