/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The two databases: what the ledgers say, and the console's own people. Two files, so that a long intake
 * holds up nobody's signing in. Only what SQLite and PostgreSQL share: no AUTOINCREMENT, no WITHOUT ROWID,
 * times and days as numbers.
 *
 * An INTEGER PRIMARY KEY is SQLite's own row number, 64 bits wide, and the end of every index (PostgreSQL:
 * BIGINT, and said there). records.id is RECORD_ID of query.h: the ledger is in it, and no second index is
 * needed for "record n of". What repeats in every record is a number of the table words; `days` and `hours`
 * are sums kept beside the records, so that no plot reads them all.
 */

#include "sqlite.h"

/* What a word is: the field that it stands in. */
enum WordOf {
	WORD_ACTOR = 1,
	WORD_MEDIUM,
	WORD_TERMINAL,
	WORD_KIND,
	WORD_REASON,
	WORD_ROLE,
	WORD_RESULT,
};

static const char schema_ledgers[] =
        "CREATE TABLE IF NOT EXISTS ledgers (id INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE,"
        " terminal TEXT NOT NULL, year INTEGER NOT NULL, vkey TEXT NOT NULL, size BIGINT NOT NULL DEFAULT 0,"
        " root TEXT NOT NULL DEFAULT '', bytes BIGINT NOT NULL DEFAULT 0, verdict INTEGER NOT NULL DEFAULT 0,"
        " since BIGINT NOT NULL, error TEXT NOT NULL DEFAULT '', bad BIGINT NOT NULL DEFAULT -1,"
        " fork_from BIGINT NOT NULL DEFAULT 0, fork_to BIGINT NOT NULL DEFAULT 0, uncovered BIGINT NOT NULL "
        "DEFAULT 0,"
        " earlier BIGINT NOT NULL DEFAULT 0, keys BIGINT NOT NULL DEFAULT 0, first_t BIGINT, last_t BIGINT,"
        " heard BIGINT NOT NULL, state TEXT NOT NULL DEFAULT '',"
        /* ms: the clock was so far ahead, or behind when negative, when the last records came */
        " clock_off BIGINT NOT NULL DEFAULT 0);"
        "CREATE INDEX IF NOT EXISTS ledgers_terminal ON ledgers (terminal, id);"
        "CREATE INDEX IF NOT EXISTS ledgers_verdict ON ledgers (verdict) WHERE verdict > 0;"

        "CREATE TABLE IF NOT EXISTS words (id INTEGER PRIMARY KEY, what INTEGER NOT NULL, text TEXT NOT NULL,"
        " UNIQUE (what, text));"

        "CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY, t BIGINT NOT NULL, terminal INTEGER NOT "
        "NULL,"
        " kind INTEGER NOT NULL, actor INTEGER, role INTEGER, medium INTEGER, checkout TEXT, result INTEGER,"
        " reason INTEGER, numbers BIGINT, place BIGINT NOT NULL, size INTEGER NOT NULL,"
        /* minutes since 1970 by the terminal's own clock; of a file, what FeedRow says */
        " local_t INTEGER NOT NULL, data BIGINT);"
        "CREATE INDEX IF NOT EXISTS records_t ON records (t);"
        "CREATE INDEX IF NOT EXISTS records_terminal ON records (terminal, t);"
        "CREATE INDEX IF NOT EXISTS records_kind ON records (kind, t);"
        "CREATE INDEX IF NOT EXISTS records_actor ON records (actor, t) WHERE actor IS NOT NULL;"
        "CREATE INDEX IF NOT EXISTS records_medium ON records (medium, t) WHERE medium IS NOT NULL;"
        "CREATE INDEX IF NOT EXISTS records_checkout ON records (checkout, t) WHERE checkout IS NOT NULL;"
        "CREATE INDEX IF NOT EXISTS records_result ON records (result, t) WHERE result IS NOT NULL;"
        /* the first column is what tells the planner that no other index will do */
        "CREATE INDEX IF NOT EXISTS records_numbers ON records ((CASE WHEN numbers > 0 THEN 1 END), t, "
        "numbers) WHERE numbers > 0;"

        "CREATE TABLE IF NOT EXISTS days (ledger INTEGER NOT NULL, day INTEGER NOT NULL, records BIGINT NOT "
        "NULL,"
        " copies BIGINT NOT NULL, refused BIGINT NOT NULL, numbers BIGINT NOT NULL, PRIMARY KEY (ledger, "
        "day));"
        "CREATE TABLE IF NOT EXISTS hours (day INTEGER NOT NULL, hour INTEGER NOT NULL, records BIGINT NOT "
        "NULL,"
        " copies BIGINT NOT NULL, refused BIGINT NOT NULL, numbers BIGINT NOT NULL, PRIMARY KEY (day, hour));"

        "CREATE TABLE IF NOT EXISTS media (number TEXT PRIMARY KEY, series TEXT NOT NULL, slot BIGINT,"
        " supervisor TEXT NOT NULL, registered BIGINT NOT NULL, terminal TEXT NOT NULL, vendor TEXT NOT NULL,"
        " product TEXT NOT NULL, size BIGINT NOT NULL, record BIGINT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS checkouts (id TEXT PRIMARY KEY, medium TEXT NOT NULL, clerk TEXT NOT "
        "NULL,"
        " supervisor TEXT NOT NULL, purpose TEXT NOT NULL, ground TEXT NOT NULL, destination TEXT NOT NULL,"
        " terminals TEXT NOT NULL, carry_out INTEGER NOT NULL, from_t BIGINT NOT NULL, until_t BIGINT NOT "
        "NULL,"
        " terminal TEXT NOT NULL, record BIGINT NOT NULL);"
        "CREATE INDEX IF NOT EXISTS checkouts_from ON checkouts (from_t, id);"
        "CREATE INDEX IF NOT EXISTS checkouts_clerk ON checkouts (clerk, from_t, id);"
        "CREATE INDEX IF NOT EXISTS checkouts_medium ON checkouts (medium, from_t, id);"
        /* a return may arrive before its checkout does: two terminals, two ledgers */
        "CREATE TABLE IF NOT EXISTS returns (checkout TEXT PRIMARY KEY, t BIGINT NOT NULL, record BIGINT NOT "
        "NULL);"
        /* the checkouts that are not back: few, however many there were */
        "CREATE TABLE IF NOT EXISTS open_checkouts (id TEXT PRIMARY KEY, medium TEXT NOT NULL, clerk TEXT "
        "NOT NULL, until_t BIGINT NOT NULL);"
        "CREATE INDEX IF NOT EXISTS open_medium ON open_checkouts (medium);"

        "CREATE TABLE IF NOT EXISTS intakes (id INTEGER PRIMARY KEY, t BIGINT NOT NULL, ledger INTEGER NOT "
        "NULL,"
        " outcome INTEGER NOT NULL, size BIGINT NOT NULL, added BIGINT NOT NULL, verdict INTEGER NOT NULL,"
        " source TEXT NOT NULL);"
        "CREATE INDEX IF NOT EXISTS intakes_ledger ON intakes (ledger, id);"

        /* what the rules of the review found, made again for the months that new records touch */
        "CREATE TABLE IF NOT EXISTS hits (id TEXT PRIMARY KEY, rule INTEGER NOT NULL, day INTEGER NOT NULL,"
        " t BIGINT NOT NULL, actor TEXT NOT NULL, terminal TEXT NOT NULL, thing TEXT NOT NULL,"
        " count BIGINT NOT NULL, usual BIGINT NOT NULL, record BIGINT NOT NULL);"
        "CREATE INDEX IF NOT EXISTS hits_day ON hits (day, id);"
        "CREATE TABLE IF NOT EXISTS hit_records (hit TEXT NOT NULL, record BIGINT NOT NULL,"
        " PRIMARY KEY (hit, record));"
        /* one row: the first day whose records the rules have not seen, and what they went by */
        "CREATE TABLE IF NOT EXISTS reviewed (id INTEGER PRIMARY KEY, day INTEGER NOT NULL, params TEXT NOT "
        "NULL);";

/* From 1 to 2; the script makes the indexes that are new. */
static const char *const steps_ledgers[] = {
        "ALTER TABLE ledgers ADD COLUMN clock_off BIGINT NOT NULL DEFAULT 0;"
        "DROP INDEX IF EXISTS records_numbers;",
};

static const char schema_people[] =
        "CREATE TABLE IF NOT EXISTS accounts (login TEXT PRIMARY KEY, name TEXT NOT NULL, role INTEGER NOT "
        "NULL,"
        " closed INTEGER NOT NULL DEFAULT 0, secret TEXT NOT NULL DEFAULT '', last_sign_in BIGINT);"
        "CREATE TABLE IF NOT EXISTS sessions (token TEXT PRIMARY KEY, login TEXT NOT NULL, csrf TEXT NOT "
        "NULL,"
        " since BIGINT NOT NULL, used BIGINT NOT NULL);"
        "CREATE INDEX IF NOT EXISTS sessions_login ON sessions (login);"
        "CREATE TABLE IF NOT EXISTS links (token TEXT PRIMARY KEY, login TEXT NOT NULL, until_t BIGINT NOT "
        "NULL);"
        "CREATE TABLE IF NOT EXISTS sign_ins (id INTEGER PRIMARY KEY, t BIGINT NOT NULL, login TEXT NOT NULL,"
        " what TEXT NOT NULL, place TEXT NOT NULL);"
        "CREATE INDEX IF NOT EXISTS sign_ins_login ON sign_ins (login, t);"

        "CREATE TABLE IF NOT EXISTS plans (id INTEGER PRIMARY KEY, what TEXT NOT NULL, months INTEGER NOT "
        "NULL,"
        " from_day INTEGER NOT NULL, subjects TEXT NOT NULL, closed INTEGER NOT NULL DEFAULT 0);"
        "CREATE TABLE IF NOT EXISTS decisions (hit TEXT PRIMARY KEY, decision INTEGER NOT NULL,"
        " words TEXT NOT NULL, login TEXT NOT NULL, t BIGINT NOT NULL);"
        /* signed NULL: it went back */
        "CREATE TABLE IF NOT EXISTS reviews (plan INTEGER NOT NULL, from_day INTEGER NOT NULL, words TEXT "
        "NOT "
        "NULL,"
        " login TEXT NOT NULL, signed BIGINT, remark TEXT NOT NULL DEFAULT '', second TEXT NOT NULL DEFAULT "
        "'',"
        " confirmed BIGINT, PRIMARY KEY (plan, from_day));"

        "CREATE TABLE IF NOT EXISTS duties (id INTEGER PRIMARY KEY, what TEXT NOT NULL, months INTEGER NOT "
        "NULL,"
        " from_day INTEGER NOT NULL, subjects TEXT NOT NULL, closed INTEGER NOT NULL DEFAULT 0,"
        " kind INTEGER NOT NULL, lead INTEGER NOT NULL, responsible TEXT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS duties_done (duty INTEGER NOT NULL, from_day INTEGER NOT NULL,"
        " words TEXT NOT NULL, login TEXT NOT NULL, t BIGINT NOT NULL, PRIMARY KEY (duty, from_day));"

        "CREATE TABLE IF NOT EXISTS route (id INTEGER PRIMARY KEY, step INTEGER NOT NULL, post TEXT NOT NULL,"
        " name TEXT NOT NULL, contact TEXT NOT NULL, deputy TEXT NOT NULL, deputy_contact TEXT NOT NULL,"
        " since BIGINT NOT NULL, login TEXT NOT NULL, ended BIGINT);"

        "CREATE TABLE IF NOT EXISTS incidents (id INTEGER PRIMARY KEY, what TEXT NOT NULL, noticed BIGINT "
        "NOT "
        "NULL,"
        " noticed_day INTEGER NOT NULL, noticer TEXT NOT NULL, opened BIGINT NOT NULL, login TEXT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS findings (id INTEGER PRIMARY KEY, audit TEXT NOT NULL, what TEXT NOT "
        "NULL,"
        " owner TEXT NOT NULL, due_day INTEGER NOT NULL, opened BIGINT NOT NULL, login TEXT NOT NULL);"
        /* what became of them: only ever added to. about 1: an incident, 2: a finding */
        "CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, about INTEGER NOT NULL,"
        " about_id INTEGER NOT NULL, kind INTEGER NOT NULL, at BIGINT NOT NULL, code INTEGER,"
        " thing TEXT NOT NULL, words TEXT NOT NULL, login TEXT NOT NULL, t BIGINT NOT NULL);"
        "CREATE INDEX IF NOT EXISTS entries_about ON entries (about, about_id, id);"

        /* read-only tokens of programs; `token` is the digest */
        "CREATE TABLE IF NOT EXISTS tokens (id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, name TEXT "
        "NOT "
        "NULL,"
        " login TEXT NOT NULL, made BIGINT NOT NULL, until_t BIGINT NOT NULL, used BIGINT, ended BIGINT,"
        " ended_by TEXT NOT NULL DEFAULT '');";

static const struct DbForm form_ledgers = {schema_ledgers, steps_ledgers, ARRAY_SIZE(steps_ledgers)};
static const struct DbForm form_people = {.script = schema_people};
