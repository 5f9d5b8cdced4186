#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One whole review over HTTP, from the plan and its hits to the second person's confirmation and the report: review.py BUILD."""
import html
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse

from programs import BIN, PASSWORD, Browser, Console, failed, ok

WORDS = "課長に確認済み。<b>締切前の作業</b>"


def account(admin: Browser, login: str, role: str) -> Browser:
    """A person with a session of their own."""
    _, page, _ = admin.ask("GET", "/people")
    status, page, _ = admin.post(page, "/people/add", login=login, name=login, role=role)
    link = re.search(r"/link/[A-Za-z0-9_-]+", page)
    ok(f"an account for {login}", status == 200 and link, (status, page[:500]))
    browser = Browser(admin.port)
    _, page, _ = browser.ask("GET", link[0])
    browser.post(page, "/link", password=PASSWORD, again=PASSWORD)
    sign_in(browser, login)
    return browser


def sign_in(browser: Browser, login: str) -> None:
    _, page, _ = browser.ask("GET", "/sign-in")
    status, _, _ = browser.post(page, "/sign-in", login=login, password=PASSWORD)
    ok(f"{login} signs in", status == 303, status)


def form(page: str, name: str) -> dict[str, str]:
    """The hidden fields of the form of that id or action."""
    text = re.search(rf'<form[^>]*{re.escape(name)}.*?</form>', page, re.S)
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text[0])) if text else {}


def plan(chief: Browser, auditor: Browser, supervisor: Browser) -> str:
    """The path of a review that is overdue and has hits."""
    _, page, _ = chief.ask("GET", "/review")
    fields = form(page, "/review/plan")
    status, _, _ = chief.ask("POST", "/review/plan", {**fields, "what": "USBメモリの使用記録", "months": "1", "from": "2025-10",
                                                      "subjects": "税務課, 国民健康保険課"})
    ok("a chief makes a plan", status == 303, status)
    status, _, _ = chief.ask("POST", "/review/plan", {**fields, "what": "x", "months": "5", "from": "2025-10", "subjects": ""})
    ok("every five months is no plan", status == 400, status)
    status, _, _ = supervisor.ask("POST", "/review/plan", {**fields, "what": "x", "months": "1", "from": "2025-10", "subjects": ""})
    ok("a supervisor makes none", status == 403, status)
    _, page, _ = auditor.ask("GET", "/")
    ok("what is overdue stands on the auditor's first page", 'id="reviews"' in page and "2025-11-01" in page, page[:200])
    _, page, _ = supervisor.ask("GET", "/")
    ok("and not on the supervisor's", 'id="reviews"' not in page)
    _, page, _ = auditor.ask("GET", "/review?lang=ja")
    row = re.search(r'<tr><th scope="row"><a href="([^"]*)">2025-11-01 – 2025-11-30</a>.*?</tr>', page, re.S)
    ok("the subject changes with the period", row and "国民健康保険<wbr>課" in row[0] and "期限" in page, page[-3000:])
    return html.unescape(row[1])


def decide(auditor: Browser, chief: Browser, path: str) -> str:
    """Each hit is looked at. The address of one of them."""
    _, page, _ = auditor.ask("GET", path)
    hits = sorted(set(html.unescape(h) for h in re.findall(r'href="(/review/hit[^"]*)"', page)))
    ok("the review has hits", hits, (path, page[-1500:]))
    ok("nothing is signed off before they are looked at", 'id="sign"' not in page)
    query = urllib.parse.parse_qs(urllib.parse.urlparse(path).query)
    where = {"plan": query["plan"][0], "from": query["from"][0]}
    _, page, _ = auditor.ask("GET", hits[0])
    csrf = {"csrf": form(page, "decide")["csrf"]}
    status, _, _ = auditor.ask("POST", "/review/sign", {**csrf, **where, "words": "早すぎる"})
    ok("not even when it is asked for", status == 400, status)
    for i, hit in enumerate(hits):
        _, page, _ = auditor.ask("GET", hit)
        if i == 0:
            check_hit(auditor, page)
        auditor.ask("POST", "/review/decide", {**form(page, "decide"), "decision": "1" if i else "2", "words": "" if i else WORDS})
    _, page, _ = auditor.ask("GET", path)
    ok("every hit has its decision and its words", "未確認" not in page and html.escape(WORDS, False) in page.replace("<wbr>", ""),
       page[-2000:])
    ok("words stay words", "<b>締切" not in page.replace("<wbr>", ""))
    return hits[0]


def check_hit(auditor: Browser, page: str) -> None:
    records = re.findall(r'href="(/record\?id=\d+)"', page)
    ok("a hit says why, in a sentence", re.search(r"です（|ています（", page), page[:3000])
    ok("and names its records", records, page)
    status, _, _ = auditor.ask("GET", records[0])
    ok("which open", status == 200, status)
    status, _, _ = auditor.ask("POST", "/review/decide", {**form(page, "decide"), "decision": "3", "words": ""})
    ok("what is not in order needs words", status == 400, status)
    status, _, _ = auditor.ask("POST", "/review/decide", {**form(page, "decide"), "csrf": "x", "decision": "1", "words": ""})
    ok("a form of another is refused", status == 403, status)


def sign(auditor: Browser, chief: Browser, path: str, hit: str) -> None:
    def act(who: Browser, to: str, name: str, **fields: str) -> int:
        _, page, _ = who.ask("GET", path)
        return who.ask("POST", to, {**form(page, name), **fields})[0]

    ok("the review is signed off", act(auditor, "/review/sign", 'id="sign"', words="問題なし") == 303)
    _, page, _ = auditor.ask("GET", hit)
    status, _, _ = auditor.ask("POST", "/review/decide", {**form(page, "decide"), "decision": "1", "words": ""})
    ok("what was signed for stays", status == 404, status)
    _, page, _ = auditor.ask("GET", path)
    ok("who signed it off is not asked to confirm it", 'id="confirm"' not in page)
    status, _, _ = auditor.ask("POST", "/review/confirm", {**form(page, "/sign-out"), "plan": "1", "from": re.search(r"from=(\d+)", path)[1],
                                                           "good": "1", "words": ""})
    ok("and cannot", status == 403, status)
    ok("nothing goes back without a remark", act(chief, "/review/confirm", 'id="confirm"', good="0", words="") == 400)
    ok("with one it does", act(chief, "/review/confirm", 'id="confirm"', good="0", words="二件目の説明が足りない") == 303)
    _, page, _ = auditor.ask("GET", path)
    ok("it is overdue again, with the remark", "二件目の説明が足りない" in page and 'id="sign"' in page, page[:3000])
    ok("it is signed off again", act(auditor, "/review/sign", 'id="sign"', words="再確認し、問題なし") == 303)
    ok("a second person confirms it", act(chief, "/review/confirm", 'id="confirm"', good="1", words="妥当") == 303)
    _, page, _ = auditor.ask("GET", path)
    ok("so it says", "第二の確認済み" in page and "chief1" in page, page[:3000])


def check_report(auditor: Browser, path: str) -> None:
    status, page, _ = auditor.ask("GET", path.replace("/review/period", "/report/review"))
    ok("the report is a document", status == 200 and 'class="document"' in page and "ログ分析・確認報告書" in page, page[:500])
    ok("with who, when and what came out", all(t in page for t in ("auditor1", "chief1", "再確認し、問題なし", "2025-11-01")), page[:4000])
    ok("and the ledgers it rests on", "/mediagate/" in page)
    _, page, _ = auditor.ask("GET", path.replace("/review/period", "/report/review") + "&lang=en")
    ok("in English, too", "Report on a review of the records" in page)
    status, text, _ = auditor.ask("GET", "/api/v1/reviews?due=1")
    ok("programs are told what is due", status == 200 and '"state":2' in text.replace(" ", ""), text[:300])


def walk(console: Console) -> None:
    server = console.serve()
    try:
        port, link = int(server.stdout.readline().rsplit(":", 1)[1]), server.stdout.readline()
        admin = Browser(port)
        _, page, _ = admin.ask("GET", urllib.parse.urlparse(link.strip()).path)
        admin.post(page, "/link", login="admin1", name="管理者", password=PASSWORD, again=PASSWORD)
        sign_in(admin, "admin1")
        chief, auditor, supervisor = (account(admin, f"{r}1", r) for r in ("chief", "auditor", "supervisor"))
        ok("an administrator reviews nothing", admin.ask("GET", "/review")[0] == 403)
        path = plan(chief, auditor, supervisor)
        sign(auditor, chief, path, decide(auditor, chief, path))
        check_report(auditor, path)
    finally:
        server.send_signal(signal.SIGTERM)
        out, _ = server.communicate(timeout=60)
    ok("the console ends as it should", server.returncode == 0, out)


def hits(data: pathlib.Path) -> set:
    """Every hit with its records, by names and not by the numbers of one database."""
    db = sqlite3.connect(f"file:{data}/ledgers.db?mode=ro", uri=True)
    names = dict(db.execute("SELECT id, origin FROM ledgers"))
    records: dict[str, set] = {}
    for hit, record in db.execute("SELECT hit, record FROM hit_records"):
        records.setdefault(hit, set()).add((names[record >> 36], record & ((1 << 36) - 1)))
    return {row + (frozenset(records[row[0]]),)
            for row in db.execute("SELECT id, rule, day, t, actor, terminal, thing, count, usual FROM hits")}


def check_order(work: pathlib.Path, at_once: Console) -> None:
    """The same ledgers, one terminal after the other, the last one first."""
    late = Console(work / "late")
    for folder in sorted((work / "year").iterdir(), reverse=True):
        ok(f"{folder.name} comes by itself", late.run_import(folder).returncode == 0)
    wanted, seen = hits(at_once.data), hits(late.data)
    ok("the same records give the same hits under the same ids, in whatever order they come", wanted and wanted == seen,
       wanted ^ seen)


def main() -> int:
    with tempfile.TemporaryDirectory() as d:
        work = pathlib.Path(d)
        subprocess.run([BIN / "ledger_year", "--out", work / "year", "--terminals", "4", "--from", "2025-07-01", "--to", "2025-12-31",
                        "--seed", "1"], check=True, stdout=subprocess.DEVNULL, timeout=120)
        console = Console(work / "data")
        r = console.run_import(work / "year")
        ok("half a year is taken in", r.returncode == 0, r)
        check_order(work, console)
        walk(console)
        own = next((console.data / "own" / "ledger").glob("console/*/records.jsonl"))
        verbs = re.findall(r'"verb":"([a-z-]+)"', own.read_text())
        ok("each act stands in the console's own ledger", {"plan", "hit", "review", "review-back", "review-confirmed"} <= set(verbs), verbs)
        ok("with its words", "再確認し、問題なし" in own.read_text())
        r = console.run_import(own.parent.parent)
        ok("which verifies", r.returncode == 0 and "(verified)" in r.stdout, r)
    return 1 if failed else 0


sys.exit(main())
