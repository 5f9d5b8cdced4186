#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A data folder of an earlier version is made ours, one of a later or of an unknown one is left as it is: schema.py BUILD."""
import pathlib
import re
import signal
import sqlite3
import sys
import tempfile
import urllib.parse

from programs import PASSWORD, Browser, Console, failed, make_ledger, ok

FIRST = pathlib.Path(__file__).with_name("schema-1.sql").read_text()
BASES = ("ledgers", "people")


def with_server(console, use):
    """What `use` makes of the addresses that a start prints."""
    server = console.serve()
    try:
        address = server.stdout.readline()
        link = server.stdout.readline() if use is first_account else ""
        return use(Browser(int(address.rsplit(":", 1)[1])), link)
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)


def first_account(browser, link):
    _, page, _ = browser.ask("GET", urllib.parse.urlparse(link.strip()).path)
    return browser.post(page, "/link", login="admin1", name="管理者", password=PASSWORD, again=PASSWORD)[0]


def sign_in(browser, _):
    _, page, _ = browser.ask("GET", "/sign-in")
    signed = browser.post(page, "/sign-in", login="admin1", password=PASSWORD)[0]
    return signed, browser.ask("GET", "/history"), browser.ask("GET", "/terminals")


def make_old(data):
    """The same rows in the tables of the first version."""
    for name in BASES:
        path = data / f"{name}.db"
        now = path.rename(path.with_suffix(".now"))
        script = re.search(rf"^-- {name}\.db\n(.*?)(^-- |\Z)", FIRST, re.M | re.S)[1]
        db = sqlite3.connect(path, isolation_level=None)
        db.executescript(script)
        db.execute("ATTACH ? AS now", (str(now),))
        for table, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            both = ", ".join(row[1] for row in db.execute(f"PRAGMA table_info({table})"))
            db.execute(f"INSERT INTO main.{table} ({both}) SELECT {both} FROM now.{table}")
        db.close()
        now.unlink()


def value(path, sql):
    db = sqlite3.connect(path)
    try:
        return db.execute(sql).fetchone()[0]
    finally:
        db.close()


def run(path, sql):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(sql)
    db.close()


def shape(path):
    db = sqlite3.connect(path)
    try:
        return sorted(re.sub(r"\s+", "", row[0] or "") for row in db.execute("SELECT sql FROM sqlite_master")), db.execute(
            "PRAGMA user_version").fetchone()
    finally:
        db.close()


def check_earlier(console, good):
    ledgers = console.data / "ledgers.db"
    with_server(console, first_account)
    ours = shape(ledgers)
    records = value(ledgers, "SELECT COUNT(*) FROM records")
    make_old(console.data)
    ok("the folder made for this test is of the first version", shape(ledgers) != ours
       and value(ledgers, "PRAGMA user_version") == 0, shape(ledgers)[1])
    r = console.run_import(good.parent.parent)
    ok("a folder of the first version is taken over", r.returncode == 0 and "nothing new (verified)" in r.stdout, r)
    new = shape(ledgers)
    ok("and is of this one then", new[1] == ours[1] and value(ledgers, "SELECT clock_off FROM ledgers") == 0, new[1])
    ok("with all of its records", value(ledgers, "SELECT COUNT(*) FROM records") == records > 0, records)
    signed, history, terminals = with_server(console, sign_in)
    ok("its accounts sign in with their passwords", signed == 303, signed)
    ok("its pages are there", history[0] == 200 and "/record?id=" in history[1] and terminals[0] == 200, (history[0], terminals[0]))


def refused(console, good, claim, path):
    before = shape(path)
    r = console.run_import(good.parent.parent)
    ok(f"{claim} is refused", r.returncode == 4 and "another version" in r.stderr and "hint: import" in r.stderr, r)
    ok(f"{claim} is left as it is", shape(path) == before, shape(path)[1])
    server = console.serve()
    out, _ = server.communicate(timeout=60)
    ok(f"{claim}: serve does not begin", server.returncode == 4 and "another version" in out, (server.returncode, out))


def check_hint(console, work, good):
    """What the hint says is so: the console's own copies bring everything back, and the accounts stay."""
    ledgers = console.data / "ledgers"
    r = console.run_import(ledgers)
    ok("the console's own copies are not taken in onto themselves", r.returncode == 4, r)
    old, fresh = console.data, Console(work / "fresh")
    fresh.data.mkdir(mode=0o700)
    for name in ("people.db", "people.db-wal", "people.db-shm", "own"):
        if (old / name).exists():
            (old / name).rename(fresh.data / name)
    r = fresh.run_import(ledgers)
    ok("imported into a new folder they are verified", r.returncode == 0 and "(verified)" in r.stdout, r)
    ok("each record is there", value(fresh.data / "ledgers.db", "SELECT COUNT(*) FROM records")
       >= len((good / "records.jsonl").read_text().splitlines()) - 1, r)
    ok("and the accounts stay", with_server(fresh, sign_in)[0] == 303)
    copies = next(fresh.data.glob("ledgers/*/records.jsonl")).read_bytes()
    r = fresh.run_import(fresh.data / "ledgers")
    ok("a copy that is imported onto itself is not cut off", next(fresh.data.glob("ledgers/*/records.jsonl")).read_bytes() == copies, r)


def main() -> int:
    with tempfile.TemporaryDirectory() as d:
        work = pathlib.Path(d)
        console, good = Console(work / "data"), make_ledger(work, 2)
        console.run_import(good.parent.parent)
        check_earlier(console, good)
        ledgers, people = console.data / "ledgers.db", console.data / "people.db"
        run(people, "PRAGMA user_version = 99")
        refused(console, good, "a folder of a later version", people)
        run(people, "PRAGMA user_version = 0")
        run(ledgers, "ALTER TABLE records DROP COLUMN data")
        run(ledgers, "PRAGMA user_version = 0")
        refused(console, good, "a folder of no version that is known", ledgers)
        check_hint(console, work, good)
    return 1 if failed else 0


sys.exit(main())
