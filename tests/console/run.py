#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The console's programs as they are installed: import, serve, a browser's first steps, and every kind of wrong ledger.

run.py BUILD: real ledgers are made by the agent's own ledger process (tests/verifier/ledger_make.c).
"""
import http.client
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

from programs import PASSWORD, Browser, Console, failed, make_ledger, ok

OWN = 'href="/terminal?id=console"'


def line_of(result: subprocess.CompletedProcess) -> str:
    return result.stdout.splitlines()[0] if result.stdout else result.stderr


def check_import(work: pathlib.Path) -> tuple[Console, pathlib.Path]:
    console = Console(work / "data")
    good = make_ledger(work, 2)
    r = console.run_import(good.parent.parent)
    ok("a ledger is taken in and verified", r.returncode == 0 and "(verified)" in line_of(r), r)
    r = console.run_import(good.parent.parent)
    ok("a repeat finds nothing new", r.returncode == 0 and "nothing new (verified)" in line_of(r), r)
    r = console.run_import(work / "nothing-here")
    ok("a folder that is not there is told", r.returncode == 1, r)
    return console, good


def check_wrong(work: pathlib.Path, console: Console, good: pathlib.Path) -> None:
    bad = work / "bad" / "year"
    shutil.copytree(good, bad)
    lines = (bad / "records.jsonl").read_bytes().split(b"\n")
    lines[7] = lines[7].replace(b'"kind":"', b'"kind":"x', 1)
    (bad / "records.jsonl").write_bytes(b"\n".join(lines))
    r = console.run_import(bad.parent)
    ok("an altered ledger is an alarm", r.returncode == 6 and "records were altered" in line_of(r), r)
    r = console.run_import(good.parent.parent)
    ok("the good one afterwards is verified", r.returncode == 0, r)
    shutil.copy(good / "records.jsonl", bad / "records.jsonl")
    with open(bad / "records.jsonl", "r+b") as f:
        f.truncate(2000)
    r = console.run_import(bad.parent)
    ok("records missing below the checkpoint are told", r.returncode == 6 and "checkpoint covers are missing" in line_of(r), r)
    (bad / "checkpoint").write_bytes(b"\0not a note")
    r = console.run_import(bad.parent)
    ok("what is no ledger is told as unreadable", r.returncode == 6 and "cannot be read" in line_of(r), r)
    other = make_ledger(work, 4)
    r = console.run_import(other)
    ok("the same origin under another key is told", r.returncode == 6 and "another key" in line_of(r), r)


def bearer(port: int, method: str, path: str, token: str) -> tuple[int, str]:
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    c.request(method, path, headers={"Authorization": f"Bearer {token}", "Content-Type": "application/x-www-form-urlencoded"})
    r = c.getresponse()
    return r.status, r.read().decode()


def check_tokens(admin: Browser, port: int) -> None:
    _, page, _ = admin.ask("GET", "/people")
    csrf = re.search(r'name="csrf" value="([^"]*)"', page)[1]
    status, page, _ = admin.ask("POST", "/people/token", {"csrf": csrf, "name": "夜間集計", "days": "30"})
    found = re.search(r"<code>([A-Za-z0-9_-]{43})</code>", page)
    ok("a token for a program is shown", status == 200 and found, (status, page[:2000]))
    token = found[1]
    ok("once", token not in admin.ask("GET", "/people")[1])
    status, text = bearer(port, "GET", "/api/v1/history?limit=2", token)
    ok("it reads what the ledgers say", status == 200 and len(json.loads(text)["rows"]) == 2, (status, text[:300]))
    for method, path in (("GET", "/api/v1/accounts"), ("GET", "/api/v1/hits"), ("GET", "/people"), ("GET", "/"), ("GET", "/csv/history"),
                         ("POST", "/people/add"), ("POST", "/people/token"), ("POST", "/sign-out-everywhere"), ("POST", "/me/password")):
        status, text = bearer(port, method, path, token)
        ok(f"and does not {method} {path}", status == 403, (status, text[:300]))
    thief = Browser(port)
    thief.cookies = {"mediagate": token}
    ok("nor as a cookie", thief.ask("GET", "/people")[0] == 403 and
       thief.ask("POST", "/people/token", {"csrf": csrf, "name": "x", "days": "1"})[0] == 403)
    status, _, _ = admin.ask("POST", "/people/token-end", {"csrf": csrf, "id": "1"})
    ok("revoked it reads nothing", status == 303 and bearer(port, "GET", "/api/v1/history", token)[0] == 401, status)


def check_password(admin: Browser, port: int) -> None:
    other = Browser(port)
    _, page, _ = other.ask("GET", "/sign-in")
    other.post(page, "/sign-in", login="admin1", password=PASSWORD)
    ok("the same person is signed in elsewhere", other.ask("GET", "/me")[0] == 200)
    _, page, _ = admin.ask("GET", "/me")
    status, _, _ = admin.post(page, "/me/password", old="wrong", new=PASSWORD + "!", again=PASSWORD + "!")
    ok("a wrong old password changes nothing", status == 403 and other.ask("GET", "/me")[0] == 200, status)
    status, _, _ = admin.post(page, "/me/password", old=PASSWORD, new=PASSWORD + "!", again=PASSWORD + "!")
    ok("a new password ends the session elsewhere and not here", status == 303 and other.ask("GET", "/me")[0] == 303 and
       admin.ask("GET", "/me")[0] == 200, status)
    admin.post(page, "/me/password", old=PASSWORD + "!", new=PASSWORD, again=PASSWORD)


def check_pages(console: Console, good: pathlib.Path) -> None:
    server = console.serve()
    try:
        address, link = server.stdout.readline(), server.stdout.readline()
        port = int(address.rsplit(":", 1)[1])
        browser = Browser(port)
        status, page, _ = browser.ask("GET", "/")
        ok("nothing is shown to who is not signed in", status in (302, 303) and "T-01" not in page, (status, page[:200]))
        status, page, _ = browser.ask("GET", urllib.parse.urlparse(link.strip()).path)
        ok("the link that the first start printed opens", status == 200, (status, link, page[:300]))
        status, page, _ = browser.post(page, "/link", login="admin1", name="管理者", password=PASSWORD, again=PASSWORD)
        ok("the first administrator is made", status in (200, 302, 303), (status, page[:2000]))
        _, page, _ = browser.ask("GET", "/sign-in")
        status, _, _ = browser.post(page, "/sign-in", login="admin1", password="wrong")
        ok("a wrong password is refused", status == 403, status)
        status, _, headers = browser.post(page, "/sign-in", login="admin1", password=PASSWORD)
        ok("and signs in", status in (302, 303) and headers.get("Location") == "/", (status, headers))
        for path in ("/", "/media", "/checkouts", "/history", "/terminals", "/record?id=%d" % ((1 << 36) | 3)):
            status, page, headers = browser.ask("GET", path)
            ok(f"{path} is shown", status == 200 and "Content-Security-Policy" in headers, (status, page[:300]))
            if path == "/":
                ok("the first page names the alarms", "another key" in page or "別の鍵" in page, page[:3000])
        check_tokens(browser, port)
        check_password(browser, port)
        wanted = good.joinpath("records.jsonl").read_text().splitlines()[3]
        status, line, _ = browser.ask("GET", "/record/line?id=%d" % ((1 << 36) | 3))
        ok("a record's line is byte for byte the ledger's", status == 200 and line.rstrip("\n") == wanted, line)
        status, proof, _ = browser.ask("GET", "/record/proof?id=%d" % ((1 << 36) | 3))
        ok("and has its proof", status == 200 and proof.startswith("c2sp.org/tlog-proof@v1"), proof[:300])
    finally:
        server.send_signal(signal.SIGTERM)
        out, _ = server.communicate(timeout=30)
    own = next((console.data / "own" / "ledger").glob("console/*/records.jsonl"))
    acts = own.read_text()
    ok("password and sign-in stand in the console's own ledger", '"actor":"admin1"' in acts and '"verb":"in"' in acts
       and '"verb":"password"' in acts and PASSWORD not in acts, acts)
    ok("tokens stand there by their names", '"verb":"token","subject":"夜間集計"' in acts and '"verb":"token-end"' in acts, acts)
    ok("a wrong old password, too", re.search(r'"result":"refused","detail":{"verb":"password"', acts), acts)
    ok("a refused sign-in, too", '"result":"refused"' in acts, acts)
    check_again(console)
    r = console.run_import(own.parent)
    ok("which verifies as everybody's does", r.returncode == 0 and "(verified)" in line_of(r), r)
    ok("it ends when it is told to, without a word of trouble", server.returncode == 0 and "ended" not in out, (server.returncode, out))


def check_again(console: Console) -> None:
    """A start that finds the console's own ledger takes it in, with the rights of who serves."""
    server = console.serve()
    try:
        browser = Browser(int(server.stdout.readline().rsplit(":", 1)[1]))
        _, page, _ = browser.ask("GET", "/sign-in")
        browser.post(page, "/sign-in", login="admin1", password=PASSWORD)
        end, page = time.monotonic() + 60, ""
        while OWN not in page and time.monotonic() < end and server.poll() is None:
            _, page, _ = browser.ask("GET", "/terminals")
    finally:
        server.send_signal(signal.SIGTERM)
        out, _ = server.communicate(timeout=30)
    ok("the next start takes the console's own ledger in by itself", OWN in page, (out, page[:3000]))
    ok("and has nothing to say", server.returncode == 0 and not out.strip(), (server.returncode, out))


def main() -> int:
    with tempfile.TemporaryDirectory() as d:
        work = pathlib.Path(d)
        console, good = check_import(work)
        check_wrong(work, console, good)
        check_pages(console, good)
    return 1 if failed else 0


sys.exit(main())
