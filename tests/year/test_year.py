#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The made year is what it says: test_year.py [--seed N] [--terminals N] BIN_DIR

BIN_DIR holds ledger_year, ledger_spoil and mediagate. The seed and the size are of the office that is planted in; a line
`ok NAME` or `not ok NAME: why` for each test, then `N passed, N failed`.
"""
import argparse
import collections
import datetime
import filecmp
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
VERIFIER = HERE.parent / "verifier" / "verify.py"
BIN, SEED, TERMINALS = None, "11", "10"  # from the command line
TIMEOUT = 600  # a safety net


def run(*args):
    return subprocess.run([str(a) for a in args], capture_output=True, text=True, timeout=TIMEOUT)


def make(out, *args):
    done = run(BIN / "ledger_year", "--out", out, *args)
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout


def records(folder):
    with open(folder / "records.jsonl", encoding="utf-8", newline="\n") as f:
        return [json.loads(line) for line in f]


def differences(a, b):
    """Files that are not the same in both, by their bytes."""
    names = [{p.relative_to(d) for d in (d,) for p in d.rglob("*") if p.is_file()} for d in (a, b)]
    _, differ, missing = filecmp.cmpfiles(a, b, sorted(names[0] & names[1]), shallow=False)
    return sorted(str(p) for p in {*(names[0] ^ names[1]), *differ, *missing})


def check_digit(digits):
    """Of the 11 digits before it (Order 85 of 2014, article 5)."""
    total = sum(int(d) * (n + 1 if n <= 6 else n - 5) for n, d in enumerate(reversed(digits), 1))
    return 0 if total % 11 <= 1 else 11 - total % 11


def personal_numbers(text):
    text = text.translate({0xFF10 + i: str(i) for i in range(10)})
    found = re.findall(r"(?=(\d{12}))", text) + [
        "".join(m) for m in re.findall(r"(?=(\d{4})[-\s.・ー－](\d{4})[-\s.・ー－](\d{4}))", text)]
    return [n for n in found if check_digit(n[:11]) == int(n[11])]


class Ledger:
    """What a terminal's records must keep to, whoever wrote them: the state, one record after the other."""

    def __init__(self, where):
        self.where = where
        self.media, self.loans, self.open, self.pending = set(), {}, set(), {}
        self.labels = {}
        self.on = False
        self.before = ""
        self.opened_now = set()

    def fail(self, r, why):
        raise AssertionError(f"{self.where} record {r['n']}: {why}: {r}")

    def need(self, r, holds, why):
        if not holds:
            self.fail(r, why)

    def time(self, r):
        if r["kind"] != "clock":
            self.need(r, r["t"] >= self.before, "its time is before the last one's")
        self.before = r["t"]

    def outcome(self, r):
        if r.get("result") == "intent":
            self.pending[r["n"]] = r
        intent = r.get("detail", {}).get("intent")
        if r.get("result") in ("done", "failed") and intent is not None:
            begun = self.pending.pop(intent, None)
            self.need(r, begun, "it is the outcome of nothing")
            for key in ("actor", "medium", "checkout"):
                self.need(r, begun.get(key) == r.get(key), f"its intent has another {key}")
            kind = begun["detail"]["carried"] if begun["kind"] == "carry" else begun["kind"]
            self.need(r, kind == r["kind"], "its intent is of another kind")

    def feed(self, r):
        self.time(r)
        # before a start there are only the agent's own
        self.need(r, self.on or r["kind"] in ("enrol", "key", "start", "recovered", "year", "carry"), "the agent is off")
        handler = getattr(self, "on_" + r["kind"], None)
        if handler:
            handler(r, r.get("detail", {}), r.get("result"))
        self.outcome(r)

    def on_start(self, r, d, result):
        self.need(r, not self.on or self.crashed, "it was on")
        self.on, self.crashed = True, False
        self.open = set()

    crashed = False

    def on_recovered(self, r, d, result):
        self.crashed, self.on = True, False
        self.need(r, d["first"] <= d["last"] < r["n"], "lines that are not there")

    def on_stop(self, r, d, result):
        self.on = False
        self.open = set()

    def on_register(self, r, d, result):
        if result == "done":
            self.need(r, r["medium"] not in self.media, "registered twice")
            self.media.add(r["medium"])

    def on_carry(self, r, d, result):
        if d["carried"] == "register":
            self.media.add(r["medium"])
            self.labels[r["medium"]] = d["counter"]
        if d["carried"] == "checkout":
            self.loans[r["medium"]] = [r["checkout"], d["clerk"], d["until"], False]
        if d["carried"] == "overdue":
            self.loans[r["medium"]][3] = True

    def on_label(self, r, d, result):
        if result == "done":
            self.need(r, d["counter"] == self.labels.get(r["medium"], 0) + 1, "the label's counter is not the next")
            self.labels[r["medium"]] = d["counter"]

    def on_checkout(self, r, d, result):
        if result != "done":
            return
        self.need(r, r["medium"] in self.media, "not registered")
        self.need(r, r["medium"] not in self.loans, "lent already")
        self.need(r, r["actor"] == d["supervisor"] != d["clerk"] and r["role"] == "supervisor", "lent by nobody who may")
        self.need(r, d["until"] > r["t"], "it has run out already")
        self.loans[r["medium"]] = [r["checkout"], d["clerk"], d["until"], False]

    def loan(self, r):
        loan = self.loans.get(r["medium"])
        self.need(r, loan and loan[0] == r.get("checkout"), "there is no such loan")
        return loan

    def on_overdue(self, r, d, result):
        loan = self.loan(r)
        self.need(r, r["t"] >= d["until"] == loan[2] and not loan[3], "it has not run out")
        loan[3] = True

    def on_return(self, r, d, result):
        if result == "refused":
            return
        loan = self.loan(r)
        self.need(r, r["actor"] == loan[1] or r["role"] == "supervisor", "somebody else's")
        if result == "done":
            del self.loans[r["medium"]]

    def on_open(self, r, d, result):
        loan = self.loan(r)
        self.need(r, not loan[3] and r["actor"] == loan[1], "not theirs, or overdue")
        if result == "done":
            self.open.add(r["medium"])

    def on_close(self, r, d, result):
        self.open.discard(r["medium"])

    def session(self, r, d, result):
        if result == "refused" or r.get("reason") == "interrupted":
            return
        loan = self.loan(r)
        self.need(r, r["medium"] in self.open and not loan[3], "the medium is not open")
        self.need(r, r["actor"] == loan[1] and r["role"] == "clerk", "somebody else's loan")

    on_copy = on_list = on_read = on_file = session


class Year(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory()
        top = pathlib.Path(cls.dir.name)
        cls.small, cls.office, cls.plants = top / "small", top / "office", top / "plants.json"
        # across a turn of the year
        cls.args = ("--terminals", "3", "--from", "2025-02-10", "--to", "2025-04-11", "--seed", "7", "--hostile")
        make(cls.small, *cls.args)
        cls.said = make(cls.office, "--terminals", TERMINALS, "--seed", SEED, "--plant", cls.plants, "--office", top / "office.json")
        cls.ledgers = {p.parent.name: records(p) for p in sorted(cls.office.glob("*/2025"))}
        cls.planted = json.loads(cls.plants.read_text())["plants"]
        cls.about = json.loads((top / "office.json").read_text())

    @classmethod
    def tearDownClass(cls):
        cls.dir.cleanup()

    def test_the_same_seed_gives_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as again:
            make(again, *self.args)
            self.assertEqual(differences(self.small, pathlib.Path(again)), [])

    def test_another_seed_gives_another_year(self):
        with tempfile.TemporaryDirectory() as other:
            make(other, *[("8" if a == "7" else a) for a in self.args])
            differ = differences(self.small, pathlib.Path(other))
            for year in ("2024", "2025"):
                for name in ("records.jsonl", "checkpoint"):
                    self.assertIn(f"zeimu-01/{year}/{name}", differ)

    def test_every_ledger_verifies(self):
        for folder in (self.small, self.office):
            done = run(BIN / "mediagate", "verify", "--json", folder)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            said = json.loads(done.stdout)["ledgers"]
            self.assertEqual(len(said), len(list(folder.glob("*/????"))))
            for ledger in said:
                self.assertTrue(ledger["ok"] and ledger["records"] == ledger["covered"] and not ledger["torn"], ledger)

    def test_the_second_verifier_agrees(self):
        for folder in sorted(self.small.glob("*/????")):
            done = run(sys.executable, VERIFIER, folder)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_year_turns_as_the_format_says(self):
        for terminal in ("zeimu-01", "fukushi-01"):
            first = records(self.small / terminal / "2025")
            self.assertEqual([first[0]["kind"], first[1]["kind"]], ["year", "carry"])
            self.assertTrue((self.small / terminal / "heads" / "2024.note").exists())
            self.assertGreaterEqual(first[0]["t"], "2025-04-01")

    def test_nothing_is_done_that_could_not_be(self):
        for terminal, rows in self.ledgers.items():
            state = Ledger(terminal)
            for r in rows:
                state.feed(r)
            self.assertLess(len(state.pending), 2, terminal)
        for terminal in ("zeimu-01", "shimin-01", "fukushi-01", "kaigo-01"):
            for year in sorted(self.small.glob(f"{terminal}/????")):
                state = Ledger(year)
                for r in records(year):
                    state.feed(r)

    def test_every_kind_of_record_is_there(self):
        kinds = collections.Counter(r["kind"] for rows in self.ledgers.values() for r in rows)
        for kind in ("enrol start stop policy register checkout overdue return residue device open close copy file read list "
                     "request recovered clock helper label key").split():
            self.assertGreater(kinds[kind], 0, kind)

    def test_there_is_no_personal_number(self):
        free = re.compile(r'"(vkey|label_vkey|signature|certified|root)":"[^"]*"')
        for path in [*self.small.rglob("records.jsonl"), *self.office.rglob("records.jsonl"), self.plants]:
            with open(path, encoding="utf-8") as f:
                for line in f:
                    self.assertEqual(personal_numbers(free.sub("", line)), [], f"{path}: {line}")

    def test_the_check_above_would_find_one(self):
        self.assertEqual(personal_numbers("x 123456789018 y"), ["123456789018"])
        self.assertEqual(personal_numbers("１２３４-5678-9018"), ["123456789018"])
        self.assertEqual(personal_numbers("123456789017"), [])

    # ---------------------------------------------------------------- plants

    def rows(self, plant, which="telling"):
        rows = self.ledgers[plant["terminal"]]
        return [rows[n] for n in plant[which]]

    def person(self, plant):
        return next(p for p in self.about["people"] if p["login"] == plant["who"])

    def section(self, person, day):
        return [p for p in person["posts"] if p["from"] <= day][-1]["section"]

    def test_plants_are_many_and_of_every_kind(self):
        self.assertIn(f"planted {len(self.planted)}\n", self.said)
        kinds = collections.Counter(p["kind"] for p in self.planted)
        self.assertEqual(set(kinds), {"off-hours", "foreign-terminal", "without-right", "unusual", "repetition", "rise"})
        self.assertEqual({p["strength"] for p in self.planted}, {"subtle", "plain", "gross"})
        self.assertEqual([p["id"] for p in self.planted], list(range(1, len(self.planted) + 1)))

    def test_the_records_of_a_plant_are_its_actors_and_in_its_time(self):
        for p in self.planted:
            self.assertTrue(p["telling"] and set(p["telling"]) <= set(p["records"]), p)
            for r in self.rows(p, "records"):
                self.assertTrue(p["from"] <= r["t"] <= p["to"], (p, r))
            for r in self.rows(p):
                if "actor" in r and "who" in p:
                    self.assertIn(r["actor"], (p["who"], f"uid{p['uid']}"), (p, r))

    def copies(self, plant):
        return [r for r in self.rows(plant) if r["kind"] in ("copy", "read") and r["result"] == "done"]

    def test_off_hours_are_nights_or_closed_days(self):
        for p in (p for p in self.planted if p["kind"] == "off-hours"):
            self.assertTrue(self.copies(p), p)
            for r in self.copies(p):
                hour, day = int(r["t"][11:13]), datetime.date.fromisoformat(r["t"][:10])
                if p["form"] == "holiday-copy":
                    continue
                self.assertTrue(hour >= 22 or hour < 7, (p, r))
            if p["form"] == "holiday-copy":
                # a public holiday, a weekend, or the turn of the year: nobody else of the section comes
                day = self.copies(p)[0]["t"][:10]
                others = {r["actor"] for r in self.ledgers[p["terminal"]]
                          if r["t"].startswith(day) and r["kind"] == "copy" and "actor" in r}
                self.assertEqual(others, {p["who"]}, p)

    def test_a_foreign_terminal_is_of_another_section(self):
        for p in (p for p in self.planted if p["kind"] == "foreign-terminal" or p["form"] == "not-on-roster"):
            self.assertNotEqual(self.section(self.person(p), p["from"][:10]), p["terminal"].split("-")[0], p)

    def test_attempts_without_right_are_refused(self):
        reasons = {"beyond-role": "not-allowed", "others-loan": "other-loan", "not-on-roster": "not-on-roster",
                   "right-expired": "right-expired", "self-lending": "self-lending", "others-loan-there": "other-loan"}
        for p in (p for p in self.planted if p["form"] in reasons):
            for r in self.rows(p):
                self.assertEqual((r["result"], r["reason"]), ("refused", reasons[p["form"]]), (p, r))

    def test_repetition_is_within_hours_and_often(self):
        for p in (p for p in self.planted if p["kind"] == "repetition"):
            kinds = {"small-copies": ("copy", "done"), "refused-plugs": ("device", "refused"), "wrong-password": ("read", "failed")}
            rows = [r for r in self.rows(p) if (r["kind"], r["result"]) == kinds[p["form"]]]
            self.assertGreaterEqual(len(rows), 4, p)
            self.assertEqual(rows[0]["t"][:10], rows[-1]["t"][:10], p)

    def test_a_rise_is_above_what_the_person_does_otherwise(self):
        for p in (p for p in self.planted if p["kind"] == "rise"):
            days = collections.Counter()
            for r in self.ledgers[p["terminal"]]:
                if r["kind"] == "copy" and r["result"] == "done" and r["actor"] == p["who"]:
                    days[r["t"][:10]] += r["detail"]["files"]
            day = self.copies(p)[0]["t"][:10]
            rest = [n for d, n in days.items() if d != day]
            self.assertGreater(len(rest), 10, p)
            self.assertGreater(days[day], 2 * sum(rest) / len(rest), (p, days))

    def test_the_unusual_was_not_done_before(self):
        kinds = {"first-read": "read", "relabel": "request", "register": "register"}
        for p in (p for p in self.planted if p["form"] in kinds):
            begins = min(p["records"])
            for r in self.ledgers[p["terminal"]]:
                if r["n"] >= begins:
                    break
                if r.get("actor") == p["who"] and r["kind"] == kinds[p["form"]]:
                    self.assertEqual(r["result"], "refused", (p, r))
        for p in (p for p in self.planted if p["form"] == "policy-changed"):
            rows, before = self.rows(p), [r for r in self.ledgers[p["terminal"]] if r["kind"] == "policy" and r["result"] == "done"]
            self.assertEqual(len(rows), 2, p)
            self.assertNotEqual(rows[0]["detail"], rows[1]["detail"])
            self.assertEqual(rows[1]["detail"], [r for r in before if r["n"] < rows[0]["n"]][-1]["detail"])

    # ---------------------------------------------------------------- others

    def test_a_hostile_terminal_keeps_to_the_form_alone(self):
        rows = [r for y in sorted(self.small.glob("hostile-01/*")) for r in records(y)]
        text = json.dumps(rows, ensure_ascii=False)
        for part in ("<script>", "=HYPERLINK", "DROP TABLE", "\u202e", "../../"):
            self.assertIn(part, text)
        self.assertTrue(any("\x1b" in str(r.get("actor")) for r in rows))

    def test_what_is_made_of_a_ledger_is_what_it_says(self):
        year = "2025"
        seen = self.office / "zeimu-01" / year / "checkpoint"
        wanted = {"older": (0, "missing at the end"), "forked": (0, "not those a checkpoint"), "altered": (6, None),
                  "truncated": (6, "missing at the end"), "torn": (0, "missing at the end")}
        for kind, (status, beside) in wanted.items():
            with tempfile.TemporaryDirectory() as out:
                done = run(BIN / "ledger_spoil", kind, self.office, out, "zeimu-01", year, SEED)
                self.assertEqual(done.returncode, 0, done.stderr)
                folder = pathlib.Path(out) / "zeimu-01" / year
                self.assertEqual(run(BIN / "mediagate", "verify", folder).returncode, status, kind)
                said = json.loads(run(BIN / "mediagate", "verify", "--json", "--seen", seen, folder).stdout)["ledgers"][0]
                self.assertFalse(said["ok"], kind)
                self.assertIn(beside or "", said["error"], kind)


class Result(unittest.TestResult):
    passed = 0

    def said(self, test, why=None):
        name = test.id().rpartition(".")[2]
        print(f"not ok {name}: {why}" if why else f"ok {name}", flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self.said(test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.said(test, str(error[1])[:2000])

    def addError(self, test, error):
        super().addError(test, error)
        self.said(test, self.errors[-1][1])


def main():
    global BIN, SEED, TERMINALS
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", default=SEED)
    parser.add_argument("--terminals", default=TERMINALS)
    parser.add_argument("bin", type=pathlib.Path)
    given = parser.parse_args()
    BIN, SEED, TERMINALS = given.bin.resolve(), given.seed, given.terminals
    result = Result()
    unittest.defaultTestLoader.loadTestsFromTestCase(Year).run(result)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.passed} passed, {failed} failed")
    return 1 if failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
