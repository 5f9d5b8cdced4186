#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How the console bears a large office: console.py BUILD [--terminals 1000] [--days 80] [--rounds 20] [--keep DIR]

Ledgers of tests/year (some thirteen records a terminal and day) are taken in, beside `mediagate verify` and the bare insertion
of the same rows and indexes into SQLite, a transaction for each ledger; Debian's goaccess makes its report of as many
lines. Then twenty readers at once ask for every page that a chief finds. One JSON object on the last line. --keep: the ledgers stay in
DIR for the next time."""
import argparse
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/console"))
from programs import BIN, PASSWORD, Browser, Console  # noqa: E402
from readers import read_all  # noqa: E402

READERS = 20
LINKS_OF_A_PAGE = 6  # addresses of one path that are read: a list with its filters, a record of each kind


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Cost:
    """A child's time, its processor time and that of all its children, its most memory."""

    def __init__(self, words, watch=False, **kw):
        start = time.monotonic()
        child = subprocess.Popen(words, stdout=subprocess.DEVNULL, **kw)
        most = Most(child.pid) if watch else None
        _, status, used = os.wait4(child.pid, 0)
        self.elapsed, self.cpu, self.rss_mb = time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        self.pss_mb = most.end() if most else 0
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"error: {words[0]} ended with {child.returncode}")


def pss(pid):
    """MB of a process and all below it."""
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        own = re.search(r"^Pss: +(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    except OSError:
        return 0
    return (int(own[1]) / 1024 if own else 0) + sum(pss(c) for c in children)


class Most(threading.Thread):
    """The most memory that the processes below one have had, looked at five times a second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.over, self.most = pid, threading.Event(), 0
        self.start()

    def run(self):
        while not self.over.wait(0.2):
            self.most = max(self.most, pss(self.pid))

    def end(self):
        self.over.set()
        self.join()
        return self.most


def bare_insertion(made, scratch):
    """The same rows and indexes in another database, a transaction for each ledger, as durable. Seconds, of a processor."""
    start, cpu = time.monotonic(), time.process_time()
    db = sqlite3.connect(scratch / "bare.db", isolation_level=None)
    db.execute("ATTACH ? AS made", (str(made),))
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000; PRAGMA wal_autocheckpoint=4000")
    schema = db.execute("SELECT type, name, sql FROM made.sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
    for _, _, sql in schema:
        db.execute(sql)

    def insert(table, where, *values):
        # with a condition: without one SQLite would copy the tree's pages instead of inserting rows
        db.execute("BEGIN")
        db.execute(f"INSERT INTO main.{table} SELECT * FROM made.{table} WHERE {where}", values)
        db.execute("COMMIT")

    for kind, name, _ in schema:
        if kind == "table" and name != "records":
            insert(name, "rowid IS NOT NULL")
    for ledger, in db.execute("SELECT id FROM made.ledgers ORDER BY id").fetchall():
        insert("records", "id >= ? AND id < ?", ledger << 36, ledger + 1 << 36)
    db.close()
    return time.monotonic() - start, time.process_time() - cpu


MONTHS = ",Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec".split(",")
FIELDS = re.compile(r'^{"n":(\d+),"t":"(\d+)-(\d+)-(\d+)T([\d:]+)[^"]*","kind":"([^"]*)"')
ACTOR = re.compile(r'"actor":"([^"]*)"')


def log_lines(ledgers, to):
    """A web server's log of as many lines as there are records: what is read by goaccess."""
    lines = 0
    with open(to, "w") as out:
        for i, path in enumerate(sorted(ledgers.rglob("records.jsonl"))):
            host = f"10.1.{i >> 8}.{i & 255}"
            for line in open(path):
                n, year, month, day, clock, kind = FIELDS.match(line).groups()
                actor = ACTOR.search(line)
                out.write(f'{host} - {actor[1] if actor else "-"} [{day}/{MONTHS[int(month)]}/{year}:{clock} +0900] "GET /{kind}/{i}/{n} HTTP/1.1" '
                          f'{403 if "refused" in line else 200} {len(line)} "-" "-"\n')
                lines += 1
    return lines


def intake(work, console, ledgers):
    say("the console takes them in")
    ours = Cost([BIN / "mediagate-console", "import", *console.common, "--quiet", ledgers], watch=True)
    say("mediagate verify, and bare insertion of the same rows")
    verify = Cost([BIN / "mediagate", "verify", ledgers])
    inserted, inserted_cpu = bare_insertion(console.data / "ledgers.db", work)
    say(f"{ours.elapsed:.1f} s; verify {verify.elapsed:.1f}, insertion {inserted:.1f}; CPU {ours.cpu:.1f}; {verify.cpu:.1f}, "
        f"{inserted_cpu:.1f}; {ours.pss_mb:.1f} MB")
    ratios = dict(intake_to_floor=ours.elapsed / (verify.elapsed + inserted), intake_cpu_to_floor=ours.cpu / (verify.cpu + inserted_cpu))
    figures = dict(intake_s=ours.elapsed, intake_cpu_s=ours.cpu, intake_pss_mb=ours.pss_mb, verify_all_s=verify.elapsed,
                   verify_all_cpu_s=verify.cpu, insertion_s=inserted, insertion_cpu_s=inserted_cpu)
    return ratios, figures, ours


def goaccess(work, ledgers, ours):
    if not shutil.which("goaccess"):
        say("goaccess is not installed; left out")
        return {}, {}
    say("goaccess makes a report of as many lines")
    lines = log_lines(ledgers, work / "access.log")
    peer = Cost(["goaccess", work / "access.log", "-o", work / "report.html", "--log-format=COMBINED", "--no-progress",
                 "--no-global-config"], stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return (dict(intake_to_goaccess=ours.elapsed / peer.elapsed, intake_pss_to_goaccess=ours.pss_mb / peer.rss_mb),
            dict(goaccess_lines=lines, goaccess_s=peer.elapsed, goaccess_rss_mb=peer.rss_mb))


def signed_in(port, login, address):
    browser = Browser(port, address)
    _, page, _ = browser.ask("GET", "/sign-in")
    status, page, _ = browser.post(page, "/sign-in", login=login, password=PASSWORD)
    if status != 303:
        raise SystemExit(f"error: signing in was answered by {status}: {page[:300]}")
    return browser


def people(port, link):
    """The first administrator, who makes a chief."""
    browser = Browser(port)
    for login, name in (("admin1", "管理者"), ("chief1", "課長")):
        _, page, _ = browser.ask("GET", urllib.parse.urlparse(link).path)
        browser.post(page, "/link", login=login, name=name, password=PASSWORD, again=PASSWORD)
        if login == "chief1":
            break
        admin = signed_in(port, login, "127.0.0.1")
        _, page, _ = admin.ask("GET", "/people")
        _, page, _ = admin.post(page, "/people/add", login="chief1", name="課長", role="chief")
        link = re.search(r"http://[^<\s\"]*/link/[\w-]+", page)[0]


def pages_of(browser):
    """What a chief comes to by links: for each path a few addresses; exports and files are no pages. And how many failed."""
    seen, ahead, found, failures = set(), ["/"], {}, 0
    while ahead:
        address = ahead.pop(0)
        path = address.split("?")[0]
        if address in seen or len(found.setdefault(path, [])) >= LINKS_OF_A_PAGE:
            continue
        seen.add(address)
        status, page, headers = browser.ask("GET", address)
        if status != 200:
            say(f"error: {address} was answered by {status}")
            failures += 1
        elif headers["Content-Type"].startswith("text/html"):
            found[path].append(address)
            links = [link.replace("&amp;", "&").split("#")[0] for link in re.findall(r'href="(/[^"]*)"', page)]
            random.Random(1).shuffle(links)
            ahead += [a for a in links if not a.startswith("/csv/") and "lang=" not in a]
    return {path: addresses for path, addresses in found.items() if addresses}, failures


def histories(browser):
    """The history by each of its filters, and far behind its first page."""
    rows = json.loads(browser.ask("GET", "/api/v1/history?limit=500")[1])["rows"]
    pick = random.Random(1)

    def one(name):
        return urllib.parse.quote(str(pick.choice([r[name] for r in rows if r[name]])))

    day = rows[-1]["t"] - 40 * 86400_000
    return ["/history?" + q for q in (
        f"actor={one('actor')}", f"medium={one('medium')}", f"terminal={one('terminal')}", "kind=copy", "result=refused", "numbers=1",
        f"checkout={one('checkout')}", f"actor={one('actor')}&kind=copy", f"before_t={day}&before_id=0",
        f"actor={one('actor')}&result=refused", "actor=nobody", "kind=copy&result=refused")]


def below(pid):
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield child
        yield from below(child)


def cpu_of(browser, server, addresses):
    """{address: ms of processor time that all processes of the console take for it}, the mean of ten requests alone."""
    times = [pathlib.Path(f"/proc/{pid}/schedstat") for pid in below(server.pid)]

    def taken():
        # what takes in at the start ends by itself
        return sum(int(t.read_text().split()[0]) for t in times if t.exists())

    found = {}
    for address in addresses:
        before = taken()
        for _ in range(10):
            browser.ask("GET", address)
        found[address] = max(taken() - before, 0) / 1e7
    return found


def percentile(values, part):
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def serve(console, rounds):
    """Twenty readers at once ask for all pages, over and over: first bytes in ms by path."""
    server = console.serve()
    try:
        port, link = int(server.stdout.readline().rsplit(":", 1)[1]), server.stdout.readline().strip()
        people(port, link)
        readers = [signed_in(port, "chief1", f"127.0.0.{i + 2}") for i in range(READERS)]
        plan = readers[0].ask("GET", "/review")[1]
        readers[0].post(plan, "/review/plan", what="all", months="1", **{"from": "2026-09", "subjects": ""})
        found, failures = pages_of(readers[0])
        found["/history"] = sorted({*found["/history"], *histories(readers[0])})
        addresses = [a for path in found.values() for a in path]
        cpu = cpu_of(readers[0], server, addresses)
        say(f"{READERS} readers of {len(addresses)} addresses on {len(found)} paths")
        most = Most(server.pid)
        times, elapsed = read_all(port, [(r.address, r.cookies) for r in readers], addresses, rounds)
        return times, elapsed, most.end(), cpu, failures
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)


def pages(console, rounds):
    times, elapsed, memory, cpu, failures = serve(console, rounds)
    paths = {}
    for address, values in times.items():
        paths.setdefault(address.split("?")[0], []).extend(values)
    for address, ms in sorted(cpu.items(), key=lambda i: i[1]):
        values = times.get(address, [0])
        say(f"CPU {ms:7.2f} ms; first byte {statistics.median(values):8.1f} ms, p99 {percentile(values, 0.99):8.1f} {address[:90]}")
    every = [v for values in times.values() for v in values]
    if not every:
        return {}
    return dict(page_cpu_ms=statistics.mean(cpu.values()), page_cpu_worst_ms=max(cpu.values()),
                page_p50_ms=statistics.median(every), page_p99_ms=percentile(every, 0.99),
                page_worst_p50_ms=max(statistics.median(v) for v in paths.values()),
                page_worst_p99_ms=max(percentile(v, 0.99) for v in paths.values()),
                page_failures=failures, page_paths=len(paths), page_requests=len(every), page_requests_per_s=len(every) / elapsed, console_pss_mb=memory)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--terminals", type=int, default=1000)
    parser.add_argument("--days", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--keep")
    parser.add_argument("--pages", action="store_true", help="of what an earlier run has kept and taken in")
    o = parser.parse_args()
    os.environ["TZ"] = "Asia/Tokyo"  # where the made-up office is
    work = pathlib.Path(o.keep or tempfile.mkdtemp(prefix="bench-console-", dir="/var/tmp"))
    try:
        ledgers, console = work / "year", Console(work / "data")
        if o.pages:
            (work / "data" / "people.db").unlink(missing_ok=True)
            print(json.dumps(dict(figures=pages(console, o.rounds))))
            return
        until = time.time() - 86400
        dates = [time.strftime("%Y-%m-%d", time.localtime(t)) for t in (until - o.days * 86400, until)]
        if not ledgers.exists():
            say(f"ledgers of {o.terminals} terminals and {o.days} days are written and signed")
            subprocess.run([BIN / "ledger_year", "--out", ledgers, "--terminals", str(o.terminals), "--from", dates[0], "--to",
                            dates[1], "--seed", "1"], check=True, stdout=subprocess.DEVNULL)
        ratios, figures, ours = intake(work, console, ledgers)
        other, beside = goaccess(work, ledgers, ours)
        figures["intake_records"] = sqlite3.connect(console.data / "ledgers.db").execute("SELECT COUNT(*) FROM records").fetchone()[0]
        figures |= beside | dict(intake_terminals=o.terminals) | pages(console, o.rounds)
        print(json.dumps(dict(ratios={k: round(v, 3) for k, v in (ratios | other).items()},
                              figures={k: round(v, 2) for k, v in figures.items()})))
    finally:
        if not o.keep:
            shutil.rmtree(work)


main()
