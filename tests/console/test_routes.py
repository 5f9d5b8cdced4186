#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every address of the console's table is attacked, whatever stands there: test_routes.py BINARIES. A new page is tried without
being named here."""
import pathlib
import re
import sys
import urllib.parse

from store_double import ADMINISTRATOR, AUDITOR, CHIEF, CLERK, REFUSED, SUPERVISOR
from story import Office
from web import Web

TOP = pathlib.Path(__file__).parents[2]
WEB = TOP / "console/web"
binary = pathlib.Path(sys.argv[1]) / "console-web"
ROLES = dict(CHIEF=CHIEF, SUPERVISOR=SUPERVISOR, AUDITOR=AUDITOR, CLERK=CLERK, ADMINISTRATOR=ADMINISTRATOR)
OPEN = {"WHO", "COUNTS", "LINK"}  # what a visitor and the frame of a page ask
failed = 0


class Any(Office):
    """It has no tables for what a new page may ask."""

    def data(self, name, params):
        try:
            return super().data(name, params)
        except KeyError:
            return REFUSED


def ok(claim, good, seen=""):
    global failed
    failed += not good
    if not good:
        print(f"not ok {claim}: {seen}", flush=True)


def roles(words):
    """The bits of a route's roles, by the headers' own words."""
    text = (TOP / "console/lib/query.h").read_text() + (WEB / "routes.c").read_text()
    while re.search("[A-Z]", words):
        words = re.sub(r"\bROLE_(\w+)", lambda m: str(ROLES[m[1]]), words)
        words = re.sub(r"\b[A-Z][A-Z_]+\b", lambda m: re.search(rf"#define {m[0]} +(.*)", text)[1], words)
    assert re.fullmatch(r"[\d |()]+", words), words
    return eval(words)


def routes():
    text = (WEB / "routes.c").read_text()
    rows = re.findall(r'\{"(/[^"]*)",\s*REQUEST_(GET|POST),\s*([^,{}]+),\s*(?:N_\("[^"]*"\)|NULL),\s*(?:true|false),\s*(\w+)\}', text)
    shows = re.findall(r"^int (\w+)\(struct Page \*p\);", (WEB / "pages.h").read_text(), re.M)
    assert {r[3] for r in rows} == set(shows), set(shows) ^ {r[3] for r in rows}
    ends = {"/api/v1/": "history", "/csv/": "history", "/link/": "first"}
    return [(path + ends.get(path, ""), method, roles(who)) for path, method, who, _ in rows]


def parameters():
    """Every name that a page looks for among what is sent."""
    names = set()
    for source in WEB.glob("*.c"):
        names |= set(re.findall(r'fields_(?:text|number|get)\([^,()]*(?:\([^()]*\))?[^,()]*,\s*"(\w+)"', source.read_text()))
    names |= set(re.findall(r'^\s*[PC]\(\w+, \w+, "(\w+)", CELL', (TOP / "console/lib/query.h").read_text(), re.M))
    assert {"id", "year", "plan", "from", "before_t", "words"} <= names, names
    return sorted(names)


HOSTILE = ["-1", "9" * 18, "9" * 40, "x", "' OR 1=1 --", "\"><script>alert(1)</script>", "税" * 12, "../../etc/passwd", "", " ", "0",
           "\n\n", "%s%n", "2026-13-99", "1e9"]
MALFORMED = ["%00", "%ff", "%c0%80", "%ed%a0%80", "%1b", "%7f", "%zz", "%"]


def ask(web, method, path, query="", form=None, session=None, **headers):
    if session:
        headers["Cookie"] = f"mediagate={session}"
    return web.ask(method, path + ("?" + query if query else ""), form, **headers)


def asked(web):
    names = {name for name, _, _ in web.store.asked}
    web.store.asked.clear()
    return names


def without_a_session(web, path, method, who):
    asked(web)
    answer = ask(web, method, path, form={"a": "b"} if method == "POST" else None)
    if who:
        ok(f"{method} {path} asks to sign in", answer.status == (303 if method == "GET" else 403) or answer.status in (401, 403)
           and path.startswith("/api/"), answer.status)
        ok(f"{method} {path} tells a stranger nothing", asked(web) <= {"WHO"}, answer.text[:200])
    else:
        ok(f"{method} {path} answers a stranger", answer.status < 500, answer.status)
    other = "POST" if method == "GET" else "GET"
    if (path, other) not in {(p, m) for p, m, _ in routes()}:
        answer = ask(web, other, path, form={"a": "b"} if other == "POST" else None)
        ok(f"{other} {path} is refused", answer.status in (403, 404, 405), answer.status)
    for verb in ("PUT", "DELETE", "OPTIONS", "TRACE"):
        ok(f"{verb} {path} is refused", ask(web, verb, path).status in (400, 405, 501), verb)


def wrong_roles(web, office, path, method, who):
    for name, role in ROLES.items():
        if not who or who & role:
            continue
        office.role = role
        session = office.open_session(name.lower())
        asked(web)
        answer = ask(web, method, path, form={"csrf": office.sessions[session]["csrf"]} if method == "POST" else None, session=session)
        ok(f"{method} {path} is not for a {name.lower()}", answer.status == 403, answer.status)
        ok(f"{method} {path} asks nothing for a {name.lower()}", asked(web) <= OPEN)


def malformed(web, path, method, session, csrf):
    for bad in MALFORMED:
        for text in (f"id={bad}", f"{bad}=1"):
            answer = ask(web, method, path, text, {"csrf": csrf} if method == "POST" else None, session)
            ok(f"{method} {path}?{text} is malformed", answer.status == 400, answer.status)
            if method == "POST":
                answer = ask(web, method, path, "", f"csrf={csrf}&{text}", session, Content_Type="application/x-www-form-urlencoded")
                ok(f"{method} {path} {text} is malformed", answer.status == 400, answer.status)


def too_much(web, path, method, session, csrf):
    many = "&".join(f"a{i}=1" for i in range(60))
    ok(f"{method} {path} with sixty parameters", ask(web, method, path, many, {} if method == "POST" else None, session).status in (413, 415, 400))
    ok(f"{method} {path} with a long address", ask(web, method, path, "a=" + "x" * 5000, {} if method == "POST" else None, session).status
       in (400, 413, 414, 431))
    if method == "POST":
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        ok(f"{path} with a large form", ask(web, method, path, "", f"csrf={csrf}&words=" + "x" * 70_000, session, **form).status == 413)
        ok(f"{path} with sixty fields", ask(web, method, path, "", f"csrf={csrf}&" + many, session, **form).status in (400, 413))
        ok(f"{path} as JSON", ask(web, method, path, "", "{}", session, Content_Type="application/json").status == 415)


def strange_values(web, path, method, session, csrf, names):
    for value in HOSTILE:
        for part in range(0, len(names), 30):
            fields = {name: value for name in names[part:part + 30] if name not in ("lang", "csrf")}
            query, form = urllib.parse.urlencode(fields), None
            if method == "POST":
                query, form = "", dict(fields, csrf=csrf)
            answer = ask(web, method, path, query, form, session)
            ok(f"{method} {path} with {value[:20]!r} in every parameter", answer.status in (200, 303, 400, 403, 404, 413, 429),
               (answer.status, answer.text[:200]))
            ok(f"{method} {path} shows no markup of a visitor's", "<script>alert" not in answer.text, value)


def forged(web, office, path, session, csrf):
    before = len(office.sessions)
    for fields, headers in (({}, {}), ({"csrf": csrf[:-1] + "X"}, {}), ({"csrf": csrf}, {"Origin": "https://evil.example"})):
        asked(web)
        answer = ask(web, "POST", path, "", dict(fields, a="b"), session, **headers)
        ok(f"a forged form to {path} is refused", answer.status == 403 and asked(web) <= OPEN and len(office.sessions) == before, answer.status)


def main():
    names = parameters()
    all_routes = routes()
    ok("the table was read", len(all_routes) > 35, len(all_routes))
    for path, method, who in all_routes:
        office = Any()
        with Web(binary, office, "en", rate="100000") as web:
            without_a_session(web, path, method, who)
            wrong_roles(web, office, path, method, who)
            office.role = next((role for role in ROLES.values() if who & role), AUDITOR)

            def session_new():
                session = office.open_session("auditor1")
                return session, office.sessions[session]["csrf"]

            if method == "POST":
                forged(web, office, path, *session_new())
            malformed(web, path, method, *session_new())
            too_much(web, path, method, *session_new())
            strange_values(web, path, method, *session_new(), names)
            ok(f"after {method} {path} the console answers", web.get("/sign-in").status == 200 and web.process.poll() is None)
    print(f"{len(all_routes)} routes, {len(names)} parameters: {failed} faults")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
