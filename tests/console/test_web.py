#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""console-web over a store of the tests: what it shows, what it refuses, and that no client can hold it.
test_web.py BINARIES [TEST…]"""
import concurrent.futures
import csv
import html.parser
import http.client
import io
import json
import pathlib
import re
import socket
import sys
import time
import urllib.parse

from store_double import ADMINISTRATOR, AUDITOR, CHIEF, FAILED, INVALID, LATER, NO_SESSION, REFUSED, ROWS_MOST, SUPERVISOR, TEXTS, Endless, keys
from story import ALTERED, DUTY, HISTORY, NOW, VERIFIED, Office, record_line
from web import Web

binary = pathlib.Path(sys.argv[1]) / "console-web"
PAGES = ["/", "/media", "/checkouts", "/history", "/terminals", "/terminal?id=T-103", "/record?id=68719476743", "/me",
         "/people", "/reports", "/report/media", "/report/carry-out", "/report/handling", "/report/survey", "/report/disposal",
         "/report/incident", "/report/incident?id=1", "/report/card",
         "/report/disposal?medium=USB-0008", "/calendar", "/calendar/notice",
         "/incidents", "/incident?id=1", "/incident/new", "/incidents/route", "/findings", "/finding?id=4"]
# tables of what people wrote, the pages that show them, the forms that write them (None: a text) and what those ask
WRITTEN = ["CALENDAR", "DUTIES", "ROUTE", "INCIDENTS", "INCIDENT_LIST", "FINDINGS", "FINDING_LIST"]
WRITTEN_PAGES = ["/", "/calendar", "/calendar/notice", f"/calendar/duty?duty=4&from={DUTY}", "/incidents",
                 "/incidents/route", "/findings", "/report/card", "/record?id=68719476743", *(f"/incident?id={i + 1}" for i in range(17)),
                 *(f"/finding?id={i + 1}" for i in range(17)), *(f"/report/incident?id={i + 1}" for i in range(17))]
WRITING = {"/calendar/add": {"kind": "2", "what": None, "months": "6", "month": "2026-06", "lead": "30", "responsible": None,
                             "subjects": None},
           "/calendar/done": {"duty": "4", "from": str(DUTY), "words": None},
           "/incident/open": {"what": None, "noticed": "2026-11-21T10:00", "noticer": None, "facts": None},
           "/incident/add": {"id": "1", "kind": "6", "to": "1", "about": None, "at": None, "words": None},
           "/incident/close": {"id": "1", "closed": "1", "words": None},
           "/incidents/route-add": {"step": "1", "post": None, "name": None, "contact": None, "deputy": None, "deputy_contact": None},
           "/finding/open": {"audit": None, "what": None, "owner": None, "due": "2026-12-01"},
           "/finding/add": {"id": "4", "kind": "2", "words": None}, "/finding/confirm": {"id": "4", "good": "1", "words": None}}
REFUSING = {"DUTY_ADD", "DUTY_DONE", "INCIDENT_OPEN", "INCIDENT_ADD", "INCIDENT_CLOSE", "ROUTE_ADD", "FINDING_OPEN", "FINDING_ADD",
            "FINDING_CONFIRM"}
VOID = {"meta", "link", "input", "br", "wbr", "hr", "img"}
HOSTILE = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "javascript:alert(1)",
           "\u202egpj.exe", "x\u200b\u2066y", "\x9b2J", "</table></main>", "{{7*7}}", "=HYPERLINK(\"http://x\")", "%3Cb%3E",
           "&lt;script&gt;", "＝1+1", "＠SUM(A1)", "A" * 120, "税" * 80, "a\tb\nc"]


class Page(html.parser.HTMLParser):
    """Well-formed, and what it holds."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.links, self.scripts, self.words, self.ids = [], [], [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        for name, value in attrs:
            assert not name.startswith("on") and name != "style", f"<{tag} {name}>"
            if name in ("href", "src", "action"):
                self.links.append(value)
            if name == "id":
                assert value not in self.ids, f"id {value} twice"
                self.ids.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


def test_every_page_is_there_in_both_languages():
    for language, title in (("ja", "媒体管理簿"), ("en", "Media register")):
        with Web(binary, Office(), language) as web:
            session, _ = web.sign_in()
            for path in PAGES:
                answer = web.get(path, session)
                page = Page(answer.text)
                assert answer.status == 200 and title in page.text, path
                assert ("html", {"lang": language}) in page.tags
                heading = [t for t, _ in page.tags].count("h1")
                assert heading == 1, f"{path}: {heading} h1"


def test_a_heading_stands_on_the_side_of_its_cells():
    seen = 0
    with Web(binary, Office(), "en") as web:
        session, _ = web.sign_in()
        for path in PAGES:
            for table in re.findall(r"<table>(.*?)</table>", web.get(path, session).text, re.S):
                if "<thead>" not in table:
                    continue
                head, body = table.split("</thead>")
                rows = [re.findall(r"<t[hd]\b([^>]*)>", row) for row in re.findall(r"<tr\b[^>]*>(.*?)</tr>", body, re.S)]
                heads = re.findall(r"<t[hd]\b([^>]*)>", head.split("<thead>")[1])
                for i, heading in enumerate(heads):
                    cells = {'class="number"' in row[i] for row in rows if "colspan" not in row[0]}
                    assert cells <= {'class="number"' in heading}, (path, i, heading)
                    seen += 'class="number"' in heading
        assert re.search(r"td\.number, th\.number { text-align: right;", web.get("/style.css").text)
    assert seen >= 10, seen


POSTED = ("/sign-out", "/sign-out-everywhere", "/me/password", "/people/add", "/people/change", "/people/token", "/people/token-end", "/review/plan", "/review/plan-close",
          "/review/decide", "/review/sign", "/review/confirm", "/calendar/close", "/incidents/route-end", *WRITING)


def test_no_link_is_dead():
    with Web(binary, Office()) as web:
        session, _ = web.sign_in()
        seen, ahead = set(), ["/"]
        while ahead:
            path = ahead.pop()
            if path in seen or len(seen) > 150:
                continue
            seen.add(path)
            answer = web.get(path, session)
            assert answer.status == 200, f"{path}: {answer.status}"
            if not answer.headers["Content-Type"].startswith("text/html"):
                continue
            page = Page(answer.text)
            for link in page.links:
                if link.startswith("#") or "#" in link:
                    target = link.split("#")[1]
                    assert not link.startswith("#") or target in page.ids, f"{path}: {link}"
                elif link not in POSTED:
                    assert link.startswith("/") and not link.startswith("//"), f"{path}: {link}"
                    ahead.append(link)
        assert {"/history", "/media"} <= seen and len(seen) > 30, seen


def test_japanese_pages_are_japanese():
    with Web(binary, Office(), "ja") as web:
        session, _ = web.sign_in()
        names = set("yamada suzuki sato tanaka kato submission mediagate English USB T auditor1 clerk x record".split())
        for path in PAGES[:5] + ["/sign-in", "/nope"]:
            for word in re.findall(r"(?<![-\w:])[A-Za-z]{3,}(?![-\w])", Page(web.get(path, session).text).text):
                assert word in names, f"{path}: {word}"


def test_the_browsers_language_is_taken_and_a_choice_kept():
    with Web(binary, Office()) as web:
        assert 'lang="ja"' in web.get("/sign-in", Accept_Language="ja-JP,en;q=0.5").text
        assert 'lang="en"' in web.get("/sign-in", Accept_Language="en-US,ja;q=0.5").text
        assert 'lang="ja"' in web.get("/sign-in", Accept_Language="fr").text
        chosen = web.get("/sign-in?lang=en", Accept_Language="ja", Cookie="mediagate-before=" + "0" * 32)
        assert chosen.cookies["mediagate-language"] == "en"
        assert 'lang="en"' in web.get("/sign-in", Accept_Language="ja", Cookie="mediagate-language=en").text


def test_every_answer_carries_the_headers():
    with Web(binary, Office()) as web:
        session, _ = web.sign_in()
        for path in [*PAGES, "/sign-in", "/nope", "/api/v1/history", "/api/v1/nope", "/csv/media", "/?a=%ff", "/style.css"]:
            headers = web.get(path, session).headers
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
            assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
            assert headers["Referrer-Policy"] == "same-origin"
            assert headers["Cache-Control"] == ("private, max-age=3600" if path == "/style.css" else "no-store"), path


def test_nothing_is_seen_without_a_session():
    with Web(binary, Office()) as web:
        for path in PAGES:
            answer = web.get(path)
            assert answer.status == 303 and answer.headers["Location"].startswith("/sign-in?next=%2F"), path
            assert not answer.text
        assert web.get("/history", "session-9-nobody").status == 303
        for path in ("/api/v1/history", "/api/v1/accounts"):
            assert web.get(path).status == 401
        assert web.get("/csv/history").status == 303
        assert {name for name, _, _ in web.store.asked} <= {"WHO"}


def test_a_session_is_new_at_sign_in():
    office = Office()
    with Web(binary, office) as web:
        planted = office.open_session("attacker")
        session, answer = web.sign_in(cookie=f"mediagate={planted}")
        # signed in already as somebody: the form's token is theirs, and still a new session comes
        assert session != planted
        session, answer = web.sign_in(cookie="mediagate=session-7-auditor1")
        assert session and session != "session-7-auditor1"
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie and "Secure" not in cookie
    with Web(binary, Office(), proxied="1", host="console.example.jp") as web:
        page = web.get("/sign-in", Host="console.example.jp")
        assert page.headers["Set-Cookie"].startswith("__Host-mediagate-before=")
        assert "; Secure" in page.headers["Set-Cookie"]
        assert page.headers["Strict-Transport-Security"]


def test_a_wrong_password_says_nothing_of_the_name():
    with Web(binary, Office(), "en") as web:
        session, answer = web.sign_in(password="wrong")
        assert session is None and answer.status == 403
        assert "The login name or the password is wrong." in Page(answer.text).text
        asked = dict(next(p for n, p, _ in web.store.asked if n == "SIGN_IN"))
        assert asked["from"] == "127.0.0.1"


def test_too_many_tries_are_told_to_wait():
    office = Office()
    office.sign_in = lambda params: LATER
    with Web(binary, office) as web:
        session, answer = web.sign_in()
        assert session is None and answer.status == 429


def test_after_signing_in_only_our_own_pages_follow():
    with Web(binary, Office()) as web:
        page = web.get("/sign-in")
        before = page.cookies["mediagate-before"]
        for to, follows in (("/history?actor=yamada", "/history?actor=yamada"), ("//evil.example", "/"),
                            ("https://evil.example", "/"), ("/\\evil.example", "/"), ("/nope", "/"),
                            ("/history?\r\nSet-Cookie: a=b", "/"), ("/history?x=\"><b>", "/"), ("", "/")):
            answer = web.ask("POST", "/sign-in", {"csrf": before, "login": "a", "password": web.office.password, "next": to},
                             Cookie=f"mediagate-before={before}")
            assert (answer.status, answer.headers.get("Location")) in ((303, follows), (400, None)), to
            assert "a" not in answer.cookies


def test_forms_of_others_are_refused():
    office = Office()
    with Web(binary, office) as web:
        session, _ = web.sign_in()
        csrf = office.sessions[session]["csrf"]
        other = office.open_session("other")
        cookie = f"mediagate={session}"
        origin = f"http://127.0.0.1:{web.port}"
        for fields, headers in (({}, {}), ({"csrf": ""}, {}), ({"csrf": csrf[:-1] + "X"}, {}), ({"csrf": csrf + "0"}, {}),
                                ({"csrf": office.sessions[other]["csrf"]}, {}),
                                ({"csrf": csrf}, {"Origin": "https://evil.example"}), ({"csrf": csrf}, {"Origin": "null"}),
                                ({"csrf": csrf}, {"Origin": origin + ".evil.example"})):
            answer = web.ask("POST", "/sign-out", fields, Cookie=cookie, **headers)
            assert answer.status == 403, (fields, headers)
            assert session in office.sessions
        assert web.get("/sign-out", session).status == 405
        answer = web.ask("POST", "/sign-out", "csrf=" + csrf, Cookie=cookie, Content_Type="text/plain")
        assert answer.status == 415 and session in office.sessions
        assert web.ask("POST", "/sign-out", {"csrf": csrf}, Cookie=cookie, Origin=origin).status == 303
        assert session not in office.sessions
    with Web(binary, Office()) as web:  # without a session, too
        assert web.ask("POST", "/sign-in", {"login": "a", "password": "b"}).status == 403
        assert web.ask("POST", "/sign-in", {"csrf": "0" * 32, "login": "a", "password": "b"},
                       Cookie="mediagate-before=" + "1" * 32).status == 403
        assert not [n for n, _, _ in web.store.asked if n == "SIGN_IN"]


def test_a_token_for_programs_reads_and_does_nothing():
    office = Office()
    with Web(binary, office) as web:
        token = office.open_session("program")
        answer = web.get("/api/v1/history?limit=3&actor=yamada", Authorization=f"Bearer {token}")
        rows = json.loads(answer.text)
        assert answer.status == 200 and len(rows["rows"]) == 3 and rows["more"]
        assert all(row["actor"] == "yamada" and row["verdict"] in ("verified", "altered", "forked", "truncated",
                                                                   "rolled-back") for row in rows["rows"])
        answer = web.ask("POST", "/sign-out", {"csrf": office.sessions[token]["csrf"]}, Authorization=f"Bearer {token}")
        assert answer.status == 403 and token in office.sessions


def test_the_interface_for_programs_refuses_what_it_does_not_know():
    with Web(binary, Office()) as web:
        session, _ = web.sign_in()
        for path, status in (("/api/v1/history?colour=red", 400), ("/api/v1/history?from=x", 400), ("/api/v1/nope", 404),
                             ("/api/v1/sign_in", 404), ("/api/v1/", 404), ("/api/v1/account_add", 404),
                             ("/api/v1/history?limit=9", 200), ("/api/v1/history/", 404), ("/api/v1/../media", 404)):
            answer = web.get(path, session)
            assert answer.status == status, f"{path}: {answer.status}"
            json.loads(answer.text)


class Long(Office):
    """One list that is long."""

    def __init__(self, name, n):
        super().__init__()
        self.name, self.list, self.fail_at, self.role = name, Endless(name, n), None, ADMINISTRATOR

    def data(self, name, params):
        if name != self.name:
            return super().data(name, params)
        if self.fail_at and any(p in params for p, _ in keys(name)[0]):
            return self.fail_at
        return self.list.page(params)


def test_a_csv_holds_every_row_of_its_table():
    for name in ("ACCOUNTS", "SIGN_INS", "LEDGERS", "INTAKES", "HISTORY", "CHOICES", "MEDIA", "CHECKOUTS", "DAYS"):
        office = Long(name, 1234)
        with Web(binary, office) as web:
            session, _ = web.sign_in()
            path = "/csv/" + name.lower().replace("_", "-")
            beside = "?what=actor" if name == "CHOICES" else "?result=done" if name == "HISTORY" else ""
            answer = web.get(path + beside, session)
            rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
            for key, column in office.list.keys:
                assert [r[column] for r in rows] == [str(r[column]) for r in office.list.rows], f"{name}.{column}"
            asked = [p for n, p, _ in web.store.asked if n == name]
            assert len(asked) == 3 and all(p.get("result") == asked[0].get("result") and p.get("what") == asked[0].get("what")
                                           for p in asked), name
            # who says how many wants no more; and HEAD wants none
            assert web.get(path + "?limit=7", session).text.count("\r\n") == 8
            assert web.ask("HEAD", path, Cookie=f"mediagate={session}").status == 200


def test_a_csv_that_breaks_off_is_seen_to():
    for outcome in (FAILED, NO_SESSION):
        office = Long("HISTORY", 1234)
        office.fail_at = outcome
        with Web(binary, office) as web:
            session, _ = web.sign_in()
            try:
                web.get("/csv/history", session)
                raise AssertionError("taken for whole")
            except http.client.IncompleteRead as e:
                assert e.partial.count(b"\r\n") == ROWS_MOST + 1
            assert web.get("/history", session).status in (200, 303)
    # a list without keys cannot be followed: never a shorter one
    office = Office()
    office.data = lambda name, params: ([{"weekday": 1, "hour": 1}], True)
    with Web(binary, office) as web:
        session, _ = web.sign_in()
        try:
            web.get("/csv/heat", session)
            raise AssertionError("taken for whole")
        except http.client.IncompleteRead:
            pass


def test_a_csv_is_read_no_faster_than_it_is_taken():
    pages = 400
    office = Long("HISTORY", pages * ROWS_MOST)
    with Web(binary, office) as web:
        session, _ = web.sign_in()
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(60)
        s.connect(("127.0.0.1", web.port))
        s.sendall(b"GET /csv/history HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: mediagate="
                  + session.encode() + b"\r\n\r\n")

        def asked():
            return len([1 for n, _, _ in web.store.asked if n == "HISTORY"])

        before = -1
        s.recv(1, socket.MSG_PEEK)
        while before != asked():
            before = asked()
            assert web.get("/me", session).status == 200
            time.sleep(0.3)
        # what fits the sockets' buffers, and one piece
        assert 1 <= asked() < pages / 2, asked()
        answer = http.client.HTTPResponse(s)
        answer.begin()
        assert answer.read().count(b"\r\n") == pages * ROWS_MOST + 1 and asked() == pages


def test_pages_of_the_history_follow_each_other():
    with Web(binary, Office()) as web:
        session, _ = web.sign_in()
        path, ids = "/history?result=done", []
        while path:
            text = web.get(path, session).text
            ids += re.findall(r'href="/record\?id=(\d+)"', text)
            following = re.search(r'rel="next" href="([^"]+)"', text)
            path = following and following[1].replace("&amp;", "&")
        assert ids == [str(r["id"]) for r in HISTORY if r["result"] == "done"]


def test_filters_reach_the_store():
    with Web(binary, Office()) as web:
        session, _ = web.sign_in()
        query = {"actor": "山田", "medium": "USB-0001", "terminal": "T-1", "kind": "copy", "result": "refused",
                 "from": "2026-04-01", "until": "2026-04-01", "numbers": "5"}
        page = web.get("/history?" + urllib.parse.urlencode(query), session)
        asked = [p for n, p, _ in web.store.asked if n == "HISTORY"][-1]
        assert asked["until"] - asked["from"] == 86_400_000 and asked["from"] == 1_774_969_200_000
        assert {k: v for k, v in asked.items() if k not in ("from", "until")} == {**{k: query[k] for k in (
            "actor", "medium", "terminal", "kind", "result")}, "numbers": 5}
        assert 'value="山田"' in page.text
        assert 'role="alert"' in web.get("/history?from=yesterday", session).text


def test_rows_of_a_bad_ledger_cannot_be_taken_for_verified_ones():
    with Web(binary, Office(), "en") as web:
        session, _ = web.sign_in()
        for path in ("/history", "/checkouts", "/media", "/terminals"):
            text = web.get(path, session).text
            rows = re.findall(r"<tr( class=\"unverified\")?>(.*?)</tr>", text.split("<tbody>")[1], re.S)
            bad = [r for marked, r in rows if marked]
            assert bad and len(bad) < len(rows), path
            for marked, row in rows:
                assert ("mark bad" in row and "✓</span>&nbsp;verified" not in row) or not marked, row
                assert "✓</span>&nbsp;verified" in row or marked, row
        record = web.get(f"/record?id={next(r['id'] for r in HISTORY if r['verdict'] == ALTERED)}", session)
        assert '<section class="unverified">' in record.text


def test_documents_hold_every_row_of_their_year_and_their_ledgers():
    office = Office()
    spring = 1_774_969_200_000  # 1 April 2026 in Tokyo
    office.checkouts = [dict(office.checkouts[3], id=f"C-{i:05d}", medium=f"M{i:05d}", carry_out=i % 2, **{
        "from": spring + 43_200_000 + (600 - i) * 3_600_000}) for i in range(1200)]
    with Web(binary, office, "ja") as web:
        session, _ = web.sign_in()
        page = web.get("/report/carry-out?year=2026", session).text
        # 12:00 of 1 April is hour 600; the pages of the store are 500 rows
        assert re.findall(r"M\d{5}", page) == [f"M{i:05d}" for i in range(612) if i % 2]
        assert "令和8年度" in page and page.count("example.city/T-") == 8
        assert re.findall(r"M\d{5}", web.get("/report/carry-out?year=2025", session).text)[0] == "M00613"
        assert "令和元年" not in page
        for year in ("1999", "x", "2100"):
            assert web.get(f"/report/carry-out?year={year}", session).status == 400
        assert all(m["number"] in web.get("/report/media", session).text for m in office.media)


def test_a_document_is_whole_however_much_there_is():
    office = Office()
    spring = 1_774_969_200_000  # 1 April 2026 in Tokyo
    office.checkouts = [dict(office.checkouts[3], id=f"C-{i:05d}", medium=f"M{i:05d}", carry_out=int(i >= 21_000), **{
        "from": spring + (20_999 - i) * 1000}) for i in range(21_100)]
    # a terminal of a stranger's: numbers that differ only behind what a number of ours can hold
    office.media = sorted((dict(office.media[0], number=number) for number in
                           ["USB-9999", *(f"A-STRANGERS-MEDIUM-WITH-A-LONG-NAME-{i:04d}" for i in range(1200))]),
                          key=lambda m: m["number"])
    office.ledgers = [dict(office.ledgers[2 if i % 2 else 4], id=i, terminal=f"T-{i:04d}", origin=f"o/T-{i:04d}")
                      for i in range(600)]
    with Web(binary, office, "en") as web:
        session, _ = web.sign_in()
        assert len(re.findall(r"M\d{5}", web.get("/report/carry-out?year=2025", session).text)) == 100
        office.checkouts = [dict(c, carry_out=1) for c in office.checkouts[21_000 - 1100:]]
        seen, path = [], "/report/carry-out?year=2026"
        while path:  # more than a sheet
            text = web.get(path, session).text
            seen.append(re.findall(r"M\d{5}", text))
            more = re.search(r'<p class="more"><a href="([^"]+)"', text)
            path = more and more[1].replace("&amp;", "&")
        assert [len(s) for s in seen] == [500, 500, 100], [len(s) for s in seen]
        assert sum(seen, []) == [c["medium"] for c in office.checkouts if c["from"] >= spring]
        text = web.get("/report/media", session).text
        assert re.findall(r'<th scope="row">([^<]+)</th>', text) == [m["number"] for m in office.media]
        # the cabinet is shown a part at a time, and the links lead to all of it
        shown, path = [], "/media"
        while path:
            text = web.get(path, session).text
            part = re.findall('href="#m-([^"]+)"', text)
            assert part and len(part) <= 200 and sorted(part) == sorted(re.findall('id="m-([^"]+)"', text))
            shown += part
            more = re.search(r'href="(/media\?after_number=[^"&]+)"', text)
            path = more and more[1]
        assert sorted(shown) == [m["number"] for m in office.media]
        first = web.get("/", session).text
        assert first.count("First bad record:") == 300 and first.count("last heard of:") == 300


def rows_of(text):
    return [Page(f"<table><tr>{row}</tr></table>").text for row in re.findall(r"<tr[^>]*>(.*?)</tr>", text.split("<tbody>")[1], re.S)]


def test_the_management_register_says_what_was_given_out_and_what_was_left():
    office = Office()
    with Web(binary, office, "en") as web:
        session, _ = web.sign_in()
        rows = rows_of(web.get("/report/handling", session).text)
        by_medium = {(h["medium"], h["id"]): row for h, row in zip(office.handlings, rows)}
        assert len(by_medium) == len(office.handlings)
        for (_, name), row in by_medium.items():
            i = int(name[2:])
            terms = "encryption, password or key" + (", locked case" if i % 6 == 0 else "")
            assert (terms in row) == (i % 3 == 0) and ("not carried out" in row) == (i % 3 != 0), row
            assert ("locked case" in row) == (i % 6 == 0), row
            assert (f"copies still there: {i % 3}" in row) == (i % 8 > 3), row
            assert ("other files: 1" in row) == (i % 8 > 3 and i % 2 == 1) and "damaged" not in row, row
        # a line that is not held vouches for nothing
        office.handlings = [dict(h, line="", return_line="{}") for h in office.handlings]
        text = Page(web.get("/report/handling", session).text).text
        assert "locked case" not in text and "copies still there" not in text and "USB-0001" in text


def test_a_medium_that_is_out_has_no_certificate_of_disposal():
    with Web(binary, Office(), "en") as web:
        session, _ = web.sign_in()
        page = Page(web.get("/report/disposal", session).text)
        chosen = [x.split("=")[1] for x in page.links if x.startswith("/report/disposal?medium=")]
        assert chosen == [m["number"] for m in web.office.media if m["state"] == 0]
        text = Page(web.get("/report/disposal?medium=USB-0005", session).text).text
        assert "lent out: nothing can be certified" in text and "We certify" not in text
        assert web.get("/report/disposal?medium=USB-9999", session).status == 404
        # one whose loans say that it is out, whatever its own row says
        past = web.office.handlings
        web.office.handlings = [dict(past[4], medium="USB-0001", returned=None)]
        assert "nothing can be certified" in web.get("/report/disposal?medium=USB-0001", session).text
        web.office.handlings = [dict(past[i], medium="USB-0001") for i in (4, 5)]
        page = Page(web.get("/report/disposal?medium=USB-0001", session).text)
        assert "We certify" in page.text and "copies still there: 1" in page.text and "Times it was lent2" in page.text, page.text
        assert "a new file system was made" not in page.text and "example.city/T-101/202618,204" in page.text
        web.office.line = record_line(7, kind="register", detail={"file_system": "vfat"})
        assert "a new file system was made" in web.get("/report/disposal?medium=USB-0001", session).text


def survey(web, session):
    """Item: (result, evidence)."""
    text = web.get("/report/survey", session).text.split("Technical and physical")[1].split("</table>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", text.split("<tbody>")[1], re.S)]
    return {int(c[0]): (Page(c[2]).text, Page(c[3]).text) for c in cells}


def test_the_survey_says_done_only_where_the_ledgers_show_it():
    office = Office()
    with Web(binary, office, "en") as web:
        session, _ = web.sign_in()
        year = web.get("/report/survey", session).text
        ours = re.search(r'aria-current="true">[^<]*?(\d{4})', year)[1]
        office.ledgers = [dict(row, year=int(ours)) for row in office.ledgers]
        seen = survey(web, session)
        assert sorted(seen) == [11, *range(20, 30)]
        assert all(seen[i][0] == "A. done" for i in (11, 20, 27)), seen
        assert "Devices refused: 17" in seen[11][1] and "Encrypted copies: 310" in seen[20][1]
        assert all(seen[i][0] == "to be answered by the office" for i in (23, 24, 25, 26)), seen
        # four of eight ledgers do not verify; half of what was carried out had no locked case
        assert seen[28][0] == "B. done in part" and "that verify: 4" in seen[28][1]
        assert seen[22][0] == "B. done in part" and seen[21][0] == "B. done in part"
        office.ledgers = [dict(row, verdict=VERIFIED) for row in office.ledgers]
        office.handlings = [h for h in office.handlings if int(h["id"][2:]) % 6 == 0]
        office.tables["PLANS"] = []
        seen = survey(web, session)
        assert seen[28][0] == seen[22][0] == "A. done" and seen[29][0] == "C. not done", seen
        # nothing that was let in all the same, and nothing that nobody did
        office.tables["EVIDENCE"] = [dict(row, observed=1, unnamed=1) for row in office.tables["EVIDENCE"]]
        seen = survey(web, session)
        assert all(seen[i][0] == "B. done in part" for i in (11, 20, 27)), seen
        assert "observe mode): 10" in seen[11][1]
        office.tables["EVIDENCE"], office.handlings, office.ledgers = [], [], []
        seen = survey(web, session)
        assert all(seen[i][0] == "to be answered by the office" for i in seen if i != 29), seen
        office.role = ADMINISTRATOR
        assert web.get("/report/survey", session).status == 403


def test_an_incidents_report_has_every_entry_in_its_part():
    office = Office()
    with Web(binary, office, "en") as web:
        session, _ = web.sign_in()
        text = Page(web.get("/report/incident?id=1", session).text).text
        places = [text.index(x) for x in ("USBメモリの紛失", "Facts", "電車内で紛失", "concerned", "USB-0007", "Cause", "Nothing is written", "Effect", "12 人分",
                                          "Measures taken", "駅に届け出た", "Prevention of recurrence", "二人で搬送", "Reports made",
                                          "to the next on the report route", "Report route in force", "加藤 一郎", "example.city/T-101")]
        assert places == sorted(places), places
        office.tables["INCIDENTS"] = []
        assert web.get("/report/incident?id=2", session).status == 404
        assert web.get("/report/incident?id=x", session).status == 400


def test_the_card_is_of_the_route_in_force():
    office = Office()
    with Web(binary, office, "ja") as web:
        session, _ = web.sign_in()
        text = web.get("/report/card", session).text
        assert all(r["contact"] in text and r["deputy_contact"] in text for r in office.tables["ROUTE"])
        office.tables["ROUTE"] = []
        assert "報告経路が登録されていません" in web.get("/report/card", session).text
        office.role = ADMINISTRATOR
        assert web.get("/report/card", session).status == 403
        assert "/report/card" not in web.get("/reports", session).text


def test_what_is_left_out_is_linked_to():
    office = Office()
    office.checkouts = [dict(office.checkouts[0], id=f"C-{i:03d}", state=0) for i in range(51)]
    with Web(binary, office, "en") as web:
        session, _ = web.sign_in()
        text = web.get("/", session).text
        assert text.count("/record?id=") == 50 and '<a href="/checkouts?state=out">More</a>' in text


def test_what_went_wrong_stands_first():
    with Web(binary, Office(), "en") as web:
        session, _ = web.sign_in()
        text = Page(web.get("/", session).text).text
        places = [text.index(x) for x in ("T-103", "T-104", "T-107", "T-108", "Nothing has been heard", "media out", "Out now")]
        assert places == sorted(places)
        for words in ("records were altered", "not those that were received before", "First bad record: 512",
                      "one of: 1792–2047", "Alarms: 4", "Silent: 1"):
            assert words in text, words


def test_a_hostile_terminal_reaches_no_page():
    office = Office()
    fields = ("terminal", "actor", "role", "medium", "checkout", "kind", "result", "reason")
    office.history = [{"id": (1 << 36) | i, "t": NOW - i, "numbers": 1, "verdict": VERIFIED,
                       **{f: text for f in fields}} for i, text in enumerate(HOSTILE)]
    office.checkouts = [dict(office.checkouts[0], id=text, medium=text, clerk=text, supervisor=text, purpose=text,
                             destination=text, terminal=text) for text in HOSTILE]
    office.media = [dict(office.media[0], number=text, series=text, holder=text, supervisor=text, vendor=text,
                         product=text, terminal=text, state=i % 2) for i, text in enumerate(sorted(HOSTILE))]
    office.handlings = [dict(office.handlings[4], id=text, medium=text, clerk=text, supervisor=text, purpose=text, ground=text,
                             destination=text, terminal=text, line=text, return_line=text) for text in HOSTILE]
    office.tables["ROUTE"] = [dict(office.tables["ROUTE"][0], post=text, name=text, contact=text, deputy=text, deputy_contact=text) for text in HOSTILE]
    office.tables["INCIDENTS"] = [dict(office.tables["INCIDENTS"][0], what=text, noticer=text, by=text, closed_by=text, state=i - 2)
                                  for i, text in enumerate(HOSTILE)]
    office.tables["INCIDENT_LIST"] = [dict(office.tables["INCIDENT_LIST"][0], kind=i - 1, to=i - 1, about=text, words=text, by=text)
                                      for i, text in enumerate(HOSTILE)]
    office.tables["EVIDENCE"] = [dict(office.tables["EVIDENCE"][0], kind=text) for text in sorted(HOSTILE)]
    office.ledgers = [dict(office.ledgers[2], terminal=text, origin=text, error=text, root=text, vkey=text)
                      for text in HOSTILE]
    with Web(binary, office) as web:
        session, _ = web.sign_in()
        clean = {}
        paths = PAGES[:5] + ["/terminal?id=" + urllib.parse.quote(t) for t in HOSTILE
                                                if not re.search("[\x80-\x9f\t]", t)]
        paths += [path for path in PAGES[8:] if "USB-0008" not in path] + ["/report/disposal?medium=" + urllib.parse.quote(m["number"]) for m in office.media
                              if m["state"] == 0 and not re.search("[\x80-\x9f\t]", m["number"])]
        for text in HOSTILE:
            office.line = record_line(7, actor=text, medium=text, destination=text) if "\n" not in text else record_line(7)
            paths.append("/record?id=68719476743")
        for path in paths:
            answer = web.get(path, session)
            page = Page(answer.text)
            assert answer.status == 200, path
            assert not [t for t, _ in page.tags if t in ("script", "img", "iframe", "b0")], path
            assert all(link.startswith(("/", "#")) and not link.startswith("//") for link in page.links), path
            assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\x80-\x9f]", answer.text), path
        assert "\\u{202E}" in web.get("/history", session).text
        # what a spreadsheet would run is text
        for line in web.get("/csv/history", session).text.split("\r\n")[1:]:
            assert not re.search(r'(^|,)"?[=+@＝＋－＠-]', line.replace(",-1,", ",1,")), line
        json.loads(web.get("/api/v1/history", session).text)
        # and what a visitor sends is answered as text
        for text in HOSTILE:
            text = text.replace("\x9b", "").replace("\t", "")
            Page(web.get("/history?" + urllib.parse.urlencode({"actor": text, "from": text}), session).text)
            Page(web.get("/sign-in?next=" + urllib.parse.quote(text)).text)


def test_what_json_lets_stand_in_a_line_is_made_visible():
    office = Office()
    office.line = record_line(7, destination="a\x7fb\x9b2J")
    assert "\x7f" in office.line
    with Web(binary, office, "en") as web:
        session, _ = web.sign_in()
        page = web.get("/record?id=68719476743", session)
        Page(page.text)
        assert page.status == 200 and not re.search("[\x7f-\x9f]", page.text) and "\\u{007F}" in page.text
        assert web.get("/record/line?id=68719476743", session).text.rstrip("\n") == office.line
        assert json.loads(web.get("/api/v1/record?id=68719476743", session).text)["rows"][0]["line"] == office.line


def is_harmless(answer, path):
    page = Page(answer.text)
    assert answer.status in (200, 400), (path, answer.status)
    assert not [t for t, _ in page.tags if t in ("script", "img", "iframe", "b0")], path
    assert all(link.startswith(("/", "#")) and not link.startswith("//") for link in page.links), path
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\x80-\x9f]", answer.text), path


def test_what_people_wrote_is_text_on_every_page():
    office = Office()

    def spoil(name):
        """Every text of the table's rows is one of the hostile ones."""
        rows = office.tables[name]
        for i in range(max(len(rows), len(HOSTILE))):
            row, text = rows[i % len(rows)], HOSTILE[i % len(HOSTILE)]
            yield dict(row, key=i + 1, id=i + 1, **{k: text for k in row if (name, k) in TEXTS})

    for name in WRITTEN:
        office.tables[name] = list(spoil(name))
    with Web(binary, office) as web:
        session, _ = web.sign_in()
        for path in WRITTEN_PAGES:
            is_harmless(web.get(path, session), path)
        for name in WRITTEN:
            text = web.get("/csv/" + name.lower().replace("_", "-"), session).text
            for line in csv.reader(io.StringIO(text[1:])):
                assert not any(re.match("[=+@＝＋－＠\t\r\n-]", cell) and not cell.lstrip("-").isdigit() for cell in line), line
        # what the store refuses comes back as a page, and never as what was typed
        office.data = lambda name, params, data=office.data: INVALID if name in REFUSING else data(name, params)
        csrf = office.sessions[session]["csrf"]
        for path, fields in WRITING.items():
            office.role = CHIEF if "route" in path else AUDITOR
            for text in HOSTILE:
                form = {"csrf": csrf, **{k: text if v is None else v for k, v in fields.items()}}
                is_harmless(web.ask("POST", path, form, Cookie=f"mediagate={session}"), path)


def test_no_path_leads_out():
    with Web(binary, Office()) as web:
        session, _ = web.sign_in()
        for path in ("/../../../etc/passwd", "/style.css/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/style.css%00",
                     "//etc/passwd", "/./history", "/history/", "/HISTORY", "/csv/../../etc/passwd", "/link/../../etc"):
            answer = web.get(path, session)
            assert answer.status in (400, 404) and "root:" not in answer.text, f"{path}: {answer.status}"


def raw(web, data, wait=30):
    with socket.create_connection(("127.0.0.1", web.port), timeout=wait) as s:
        s.sendall(data)
        got = b""
        while True:
            try:
                part = s.recv(65536)
            except ConnectionResetError:
                return got
            if not part:
                return got
            got += part


def test_no_bytes_of_an_address_end_the_store():
    # the store ends when it is asked what is no text: that must not be in a stranger's hands
    with Web(binary, Office(), proxied="1") as web:
        for path in (b"/link/\xff", b"/link/\x01", b"/link/\x7f", b"/link/\xe2\x80", b"/\xff", b"/csv/\xff", b"/link/x?a=\xff"):
            got = raw(web, b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert got[9:12] in (b"400", b""), (path, got[:40])
        page = web.get("/sign-in")
        csrf, before = re.search(r'name="csrf" value="(\w+)"', page.text)[1], page.cookies["__Host-mediagate-before"]
        form = f"csrf={csrf}&login=kato&password=x".encode()
        # a proxy may write a line of its own behind the client's: the last word is the proxy's
        for said, address in (([b"10.0.0.9"], "10.0.0.9"), ([b"10.0.0.9, 192.0.2.7"], "192.0.2.7"),
                              ([b"10.0.0.9", b"192.0.2.7"], "192.0.2.7"), ([b"\xff\x01"], "?"), ([b"a\xe2\x80"], "?"),
                              ([b"<b>"], "?"), ([b"2001:db8::7"], "2001:db8::7"), ([b"10.0.0.9,"], "?"), ([b"1" * 99], "?")):
            got = raw(web, b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: __Host-mediagate-before="
                      + before.encode() + b"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n"
                      % len(form) + b"".join(b"X-Forwarded-For: %s\r\n" % s for s in said) + b"\r\n" + form)
            assert got[9:12] == b"403", (said, got[:40])
            assert [p["from"] for n, p, _ in web.store.asked if n == "SIGN_IN"][-1] == address, said


def test_too_much_is_refused():
    with Web(binary, Office()) as web:
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        host = b"Host: localhost\r\n"
        assert web.ask("POST", "/sign-in", "a=" + "x" * 70_000, **form).status == 413
        endless = raw(web, b"POST /sign-in HTTP/1.1\r\n" + host + b"Content-Type: application/x-www-form-urlencoded\r\n"
                      b"Transfer-Encoding: chunked\r\n\r\n" + (b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 6 + b"0\r\n\r\n")
        assert b" 200 " not in endless[:20] and b" 303 " not in endless[:20]
        assert web.ask("GET", "/" + "x" * 5000).status in (414, 431, 400)
        many = raw(web, b"GET / HTTP/1.1\r\n" + host + b"".join(b"X-%d: %s\r\n" % (i, b"y" * 100) for i in range(1000)) + b"\r\n")
        assert many[9:12] in (b"431", b"413", b"400", b""), many[:40]
        assert web.ask("GET", "/?" + "&".join(f"a{i}=1" for i in range(60))).status == 413
        assert web.ask("PUT", "/sign-in").status in (405, 501)
        assert web.ask("GET", "/sign-in", Host="evil.example").status == 421
        assert web.get("/sign-in").status == 200


def test_a_flood_is_slowed_and_others_are_served():
    with Web(binary, Office()) as web:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: web.get("/sign-in").status, range(1500)))
        assert 429 in answers and answers[0] == 200 and answers.count(200) >= 400, answers.count(429)
        time.sleep(1.1)
        assert web.get("/sign-in").status == 200


def test_slow_clients_are_let_go():
    with Web(binary, Office()) as web:
        slow = [socket.create_connection(("127.0.0.1", web.port)) for _ in range(20)]
        for s in slow:
            s.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX: ")
        started, gone = time.monotonic(), set()
        while len(gone) < len(slow) and time.monotonic() - started < 60:
            for s in set(slow) - gone:
                try:
                    s.sendall(b"y")
                    s.setblocking(False)
                    if s.recv(1) == b"":
                        gone.add(s)
                except BlockingIOError:
                    s.setblocking(True)
                except OSError:
                    gone.add(s)
            assert web.get("/sign-in").status == 200
            time.sleep(0.2)
        assert len(gone) == len(slow), len(gone)
        assert 5 < time.monotonic() - started < 40


def test_a_thousand_connections_do_not_shut_others_out():
    with Web(binary, Office()) as web:
        held = []
        for _ in range(1000):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", web.port))
            held.append(s)
        started = time.monotonic()
        assert web.get("/sign-in").status == 200
        assert time.monotonic() - started < 20
        for s in held:
            s.close()
        assert web.get("/sign-in").status == 200


def test_roles_and_failures_have_their_answers():
    office = Office()
    office.role = SUPERVISOR
    with Web(binary, office, "en") as web:
        session, _ = web.sign_in()
        assert web.get("/api/v1/accounts", session).status == 403
        office.data = lambda name, params: REFUSED
        assert web.get("/record?id=5", session).status == 404
        office.data = lambda name, params: LATER
        assert web.get("/history", session).status == 503
        assert web.get("/record?id=5x", session).status == 400


def test_a_programs_token_opens_no_page_and_no_form():
    office = Office()
    with Web(binary, office, "en") as web:
        session, _ = web.sign_in()
        office.role = 1 << 16
        bearer = {"Authorization": f"Bearer {session}"}
        for path in PAGES + ["/csv/history", "/record/line?id=68719476743"]:
            assert web.get(path, **bearer).status == 403 and web.get(path, session).status == 403, path
        for name in ("history", "media", "checkouts", "handlings", "ledgers", "evidence", "counts"):
            assert web.get(f"/api/v1/{name}", **bearer).status == 200, name
        for name in ("accounts", "sign-ins", "hits", "reviews", "plans", "incidents", "findings", "route", "duties"):
            assert web.get(f"/api/v1/{name}", **bearer).status == 403, name
        csrf = office.sessions[session]["csrf"]
        asked = len(web.store.asked)
        for path in POSTED:
            for headers in (bearer, {"Cookie": f"mediagate={session}"}, dict(bearer, Cookie=f"mediagate={session}")):
                assert web.ask("POST", path, {"csrf": csrf, "login": "x", "name": "x", "role": "auditor", "id": "1", "days": "30"}, **headers).status in (303, 403)
        acts = {name for name, _, _ in web.store.asked[asked:]}
        assert acts <= {"WHO", "COUNTS"}, acts


def test_the_administrator_makes_and_revokes_tokens():
    office = Office()
    office.role = ADMINISTRATOR
    with Web(binary, office, "en") as web:
        session, _ = web.sign_in()
        page = web.get("/people", session)
        text = Page(page.text).text
        assert "夜間集計" in text and "in force" in text and "run out" in text and "revoked:" in text
        assert page.text.count('action="/people/token-end"') == 1  # of the one that is in force
        csrf = re.search(r'name="csrf" value="(\w+)"', page.text)[1]
        cookie = {"Cookie": f"mediagate={session}"}
        made = web.ask("POST", "/people/token", {"csrf": csrf, "name": HOSTILE[0], "days": "30"}, **cookie)
        assert made.status == 200 and "a-token-for-a-program" in made.text and "<script" not in made.text
        assert web.store.asked[-3:] and ("TOKEN_ADD", {"name": HOSTILE[0], "days": 30}, session) in web.store.asked
        assert "a-token-for-a-program" not in web.get("/people", session).text
        assert web.ask("POST", "/people/token", {"csrf": csrf, "name": "x", "days": "x"}, **cookie).status == 400
        assert web.ask("POST", "/people/token-end", {"csrf": csrf, "id": "1"}, **cookie).status == 303
        assert web.ask("POST", "/people/token-end", {"csrf": "wrong", "id": "1"}, **cookie).status == 403
        office.role = SUPERVISOR
        assert web.ask("POST", "/people/token", {"csrf": csrf, "name": "x", "days": "30"}, **cookie).status == 403
        office.role = AUDITOR
        assert "夜間集計" in web.get("/people", session).text and "/people/token" not in web.get("/people", session).text
        office.tables["TOKENS"] = [dict(office.tables["TOKENS"][0], name=text, by=text, ended_by=text) for text in HOSTILE]
        page = Page(web.get("/people", session).text)
        assert not [t for t, _ in page.tags if t in ("script", "img")]


def test_links_of_new_accounts_set_a_password_once():
    office = Office()
    office.role = ADMINISTRATOR
    with Web(binary, office, "en") as web:
        page = web.get("/link/first")
        before = page.cookies["mediagate-before"]
        assert "The first administrator" in page.text
        form = {"csrf": before, "link": "first", "login": "root", "name": "山田", "password": "short", "again": "short"}
        assert "too short" in web.ask("POST", "/link", form, Cookie=f"mediagate-before={before}").text
        form["again"] = "other"
        assert "not the same" in web.ask("POST", "/link", form, Cookie=f"mediagate-before={before}").text
        form["password"] = form["again"] = "a long enough password"
        answer = web.ask("POST", "/link", form, Cookie=f"mediagate-before={before}")
        assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
        assert web.get("/link/used").status == 404


def test_only_the_administrator_changes_accounts():
    office = Office()
    with Web(binary, office, "en") as web:
        session, _ = web.sign_in()
        assert "New account" not in web.get("/people", session).text  # an auditor reads
        form = {"csrf": office.sessions[session]["csrf"], "login": "suzuki", "name": "鈴木", "role": "supervisor"}
        cookie = f"mediagate={session}"
        assert web.ask("POST", "/people/add", form, Cookie=cookie).status == 403
        office.role = SUPERVISOR
        assert web.get("/people", session).status == 403
        office.role = ADMINISTRATOR
        page = web.get("/people", session)
        assert "New account" in page.text and page.text.count('action="/people/change"') == 2  # not one's own
        made = web.ask("POST", "/people/add", form, Cookie=cookie)
        assert f"http://127.0.0.1:{web.port}/link/new-link-for-somebody" in made.text
        asked = [(n, p) for n, p, _ in web.store.asked if n.startswith("ACCOUNT_")][-1]
        assert asked == ("ACCOUNT_ADD", {"login": "suzuki", "name": "鈴木", "role": SUPERVISOR})
        assert web.ask("POST", "/people/change", {**form, "do": "close"}, Cookie=cookie).status == 303
        assert [p for n, p, _ in web.store.asked if n == "ACCOUNT_CHANGE"] == [{"login": "suzuki", "closed": 1}]
        assert web.ask("POST", "/people/change", {**form, "do": "delete"}, Cookie=cookie).status == 400


def test_the_process_ends_with_its_store():
    with Web(binary, Office()) as web:
        assert web.get("/sign-in").status == 200
        web.store.end.shutdown(socket.SHUT_RDWR)
        web.store.end.close()
        web.process.wait(timeout=20)


def main():
    wanted = sys.argv[2:]
    failed = 0
    for name, test in sorted(globals().items()):
        if not name.startswith("test_") or (wanted and name not in wanted):
            continue
        try:
            test()
            print(f"ok {name}", flush=True)
        except Exception as error:  # each test is told of
            failed += 1
            print(f"FAILED {name}: {type(error).__name__}: {str(error)[:600]}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
