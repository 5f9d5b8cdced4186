-- SPDX-License-Identifier: Apache-2.0
-- The tables of a data folder as they were before its databases had versions (2026-11-21): schema.py makes such a folder.
-- ledgers.db
CREATE TABLE ledgers (id INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE, terminal TEXT NOT NULL, year INTEGER NOT NULL, vkey TEXT NOT NULL, size BIGINT NOT NULL DEFAULT 0, root TEXT NOT NULL DEFAULT '', bytes BIGINT NOT NULL DEFAULT 0, verdict INTEGER NOT NULL DEFAULT 0, since BIGINT NOT NULL, error TEXT NOT NULL DEFAULT '', bad BIGINT NOT NULL DEFAULT -1, fork_from BIGINT NOT NULL DEFAULT 0, fork_to BIGINT NOT NULL DEFAULT 0, uncovered BIGINT NOT NULL DEFAULT 0, earlier BIGINT NOT NULL DEFAULT 0, keys BIGINT NOT NULL DEFAULT 0, first_t BIGINT, last_t BIGINT, heard BIGINT NOT NULL, state TEXT NOT NULL DEFAULT '');
CREATE INDEX ledgers_terminal ON ledgers (terminal, id);
CREATE INDEX ledgers_verdict ON ledgers (verdict) WHERE verdict > 0;
CREATE TABLE words (id INTEGER PRIMARY KEY, what INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE (what, text));
CREATE TABLE records (id INTEGER PRIMARY KEY, t BIGINT NOT NULL, terminal INTEGER NOT NULL, kind INTEGER NOT NULL, actor INTEGER, role INTEGER, medium INTEGER, checkout TEXT, result INTEGER, reason INTEGER, numbers BIGINT, place BIGINT NOT NULL, size INTEGER NOT NULL, local_t INTEGER NOT NULL, data BIGINT);
CREATE INDEX records_t ON records (t);
CREATE INDEX records_terminal ON records (terminal, t);
CREATE INDEX records_kind ON records (kind, t);
CREATE INDEX records_actor ON records (actor, t) WHERE actor IS NOT NULL;
CREATE INDEX records_medium ON records (medium, t) WHERE medium IS NOT NULL;
CREATE INDEX records_checkout ON records (checkout, t) WHERE checkout IS NOT NULL;
CREATE INDEX records_numbers ON records (t) WHERE numbers > 0;
CREATE TABLE days (ledger INTEGER NOT NULL, day INTEGER NOT NULL, records BIGINT NOT NULL, copies BIGINT NOT NULL, refused BIGINT NOT NULL, numbers BIGINT NOT NULL, PRIMARY KEY (ledger, day));
CREATE TABLE hours (day INTEGER NOT NULL, hour INTEGER NOT NULL, records BIGINT NOT NULL, copies BIGINT NOT NULL, refused BIGINT NOT NULL, numbers BIGINT NOT NULL, PRIMARY KEY (day, hour));
CREATE TABLE media (number TEXT PRIMARY KEY, series TEXT NOT NULL, slot BIGINT, supervisor TEXT NOT NULL, registered BIGINT NOT NULL, terminal TEXT NOT NULL, vendor TEXT NOT NULL, product TEXT NOT NULL, size BIGINT NOT NULL, record BIGINT NOT NULL);
CREATE TABLE checkouts (id TEXT PRIMARY KEY, medium TEXT NOT NULL, clerk TEXT NOT NULL, supervisor TEXT NOT NULL, purpose TEXT NOT NULL, ground TEXT NOT NULL, destination TEXT NOT NULL, terminals TEXT NOT NULL, carry_out INTEGER NOT NULL, from_t BIGINT NOT NULL, until_t BIGINT NOT NULL, terminal TEXT NOT NULL, record BIGINT NOT NULL);
CREATE INDEX checkouts_from ON checkouts (from_t, id);
CREATE INDEX checkouts_medium ON checkouts (medium, from_t, id);
CREATE TABLE returns (checkout TEXT PRIMARY KEY, t BIGINT NOT NULL, record BIGINT NOT NULL);
CREATE TABLE open_checkouts (id TEXT PRIMARY KEY, medium TEXT NOT NULL, clerk TEXT NOT NULL, until_t BIGINT NOT NULL);
CREATE INDEX open_medium ON open_checkouts (medium);
CREATE TABLE intakes (id INTEGER PRIMARY KEY, t BIGINT NOT NULL, ledger INTEGER NOT NULL, outcome INTEGER NOT NULL, size BIGINT NOT NULL, added BIGINT NOT NULL, verdict INTEGER NOT NULL, source TEXT NOT NULL);
CREATE INDEX intakes_ledger ON intakes (ledger, id);
CREATE TABLE hits (id TEXT PRIMARY KEY, rule INTEGER NOT NULL, day INTEGER NOT NULL, t BIGINT NOT NULL, actor TEXT NOT NULL, terminal TEXT NOT NULL, thing TEXT NOT NULL, count BIGINT NOT NULL, usual BIGINT NOT NULL, record BIGINT NOT NULL);
CREATE INDEX hits_day ON hits (day, id);
CREATE TABLE hit_records (hit TEXT NOT NULL, record BIGINT NOT NULL, PRIMARY KEY (hit, record));
CREATE TABLE reviewed (id INTEGER PRIMARY KEY, day INTEGER NOT NULL, params TEXT NOT NULL);
-- people.db
CREATE TABLE accounts (login TEXT PRIMARY KEY, name TEXT NOT NULL, role INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0, secret TEXT NOT NULL DEFAULT '', last_sign_in BIGINT);
CREATE TABLE sessions (token TEXT PRIMARY KEY, login TEXT NOT NULL, csrf TEXT NOT NULL, since BIGINT NOT NULL, used BIGINT NOT NULL);
CREATE INDEX sessions_login ON sessions (login);
CREATE TABLE links (token TEXT PRIMARY KEY, login TEXT NOT NULL, until_t BIGINT NOT NULL);
CREATE TABLE sign_ins (id INTEGER PRIMARY KEY, t BIGINT NOT NULL, login TEXT NOT NULL, what TEXT NOT NULL, place TEXT NOT NULL);
CREATE INDEX sign_ins_login ON sign_ins (login, t);
CREATE TABLE plans (id INTEGER PRIMARY KEY, what TEXT NOT NULL, months INTEGER NOT NULL, from_day INTEGER NOT NULL, subjects TEXT NOT NULL, closed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE decisions (hit TEXT PRIMARY KEY, decision INTEGER NOT NULL, words TEXT NOT NULL, login TEXT NOT NULL, t BIGINT NOT NULL);
CREATE TABLE reviews (plan INTEGER NOT NULL, from_day INTEGER NOT NULL, words TEXT NOT NULL, login TEXT NOT NULL, signed BIGINT, remark TEXT NOT NULL DEFAULT '', second TEXT NOT NULL DEFAULT '', confirmed BIGINT, PRIMARY KEY (plan, from_day));
