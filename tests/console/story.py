# SPDX-License-Identifier: Apache-2.0
"""One office for the pages' tests: a supervisor, a clerk, six terminals of which some went wrong, a year of copies."""
import datetime
import json

from store_double import AUDITOR, DONE, INVALID, NO_SESSION, REFUSED, SUPERVISOR

NOW = int(datetime.datetime.now().timestamp() * 1000)
DAY = 86_400_000
TODAY = datetime.date.today()
TODAY_NUMBER = (TODAY - datetime.date(1970, 1, 1)).days
VERIFIED, UNREADABLE, TRUNCATED, ROLLED_BACK, ALTERED, FOREIGN, OTHER_KEY, FORKED = range(8)
ROOT = "f3a1" * 16
VKEY = "example.city/T-101+2b3c4d5e+AeQ1kLmN0pQrStUvWxYz0123456789abcdefghijklmno="

TERMINALS = [
    ("T-101", VERIFIED, "", -1, 18_204, NOW - 3 * 60_000), ("T-102", VERIFIED, "", -1, 9_310, NOW - 8 * 60_000),
    ("T-103", ALTERED, "the records are not those the checkpoint was signed over", 512, 4_021, NOW - 30 * 60_000),
    ("T-104", FORKED, "the records are not those a checkpoint seen before covered", -1, 2_200, NOW - 50 * 60_000),
    ("T-105", VERIFIED, "", -1, 7_713, NOW - 9 * DAY), ("T-106", VERIFIED, "", -1, 12_000, NOW - 60_000),
    ("T-107", TRUNCATED, "records that the checkpoint covers are missing at the end", -1, 911, NOW - 2 * DAY),
    ("T-108", ROLLED_BACK, "", -1, 3_000, NOW - 5 * DAY),
]


def ledger(i, row):
    terminal, verdict, error, bad, size, heard = row
    fork = verdict == FORKED
    return {"id": i + 1, "terminal": terminal, "year": 2026, "origin": f"example.city/{terminal}/2026", "verdict": verdict,
            "since": heard, "error": error, "bad": bad, "from": 1792 if fork else 0, "to": 2048 if fork else 0,
            "size": size, "root": ROOT, "uncovered": 3 if i == 1 else 0, "earlier": 2 if i == 5 else 0, "keys": i % 2,
            "first_t": NOW - 200 * DAY, "last_t": heard - 60_000, "heard": heard, "vkey": VKEY}


LEDGERS = [ledger(i, row) for i, row in enumerate(TERMINALS)]


def record_line(n, terminal="T-101", **more):
    line = {"n": n, "t": "2026-11-20T16:41:07.120+09:00", "kind": "copy", "terminal": terminal, "actor": "yamada",
            "role": "clerk", "medium": "USB-0007", "checkout": "20261120-01", "result": "done", "numbers": 12,
            "detail": {"recipient": "税務署", "files": 3, "bytes": 1_204_551}}
    line.update(more)
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


KINDS = ["copy", "checkout", "return", "device", "open", "close", "copy", "list", "file"]
PEOPLE = ["yamada", "suzuki", "sato", "tanaka"]


def history_row(i):
    terminal = LEDGERS[i % len(LEDGERS)]
    kind = KINDS[i % len(KINDS)]
    refused = i % 11 == 3
    return {"id": (terminal["id"] << 36) | (20_000 - i), "t": NOW - i * 1_234_567, "terminal": terminal["terminal"],
            "kind": "device" if refused else kind, "actor": PEOPLE[i % 4], "role": "clerk",
            "medium": f"USB-{i % 14 + 1:04d}", "checkout": "20261120-01", "result": "refused" if refused else "done",
            "reason": "not-checked-out" if refused else "", "numbers": i % 40 if kind == "copy" and not refused else None,
            "verdict": terminal["verdict"]}


HISTORY = [history_row(i) for i in range(330)]


def medium(i):
    number = i + 1 + (i > 7) + (i > 11) * 2
    state = 2 if i == 4 else 1 if i in (1, 6, 9) else 0
    return {"number": f"USB-{number:04d}", "series": "USB-", "slot": number, "state": state, "supervisor": "kato",
            "holder": PEOPLE[i % 4] if state else None, "checkout": f"2026-{i}" if state else None,
            "until": NOW - DAY if state == 2 else NOW + DAY if state else None, "registered": NOW - 150 * DAY,
            "terminal": "T-101", "vendor": "0951", "product": "1666", "size": 32_000_000_000, "record": (1 << 36) | i,
            "verdict": ALTERED if i == 10 else VERIFIED}


MEDIA = [medium(i) for i in range(18)]


def checkout(i):
    state = (2, 1, 0, 0, 3, 3, 3, 3)[i % 8]
    return {"id": f"C-{i:04d}", "medium": f"USB-{i % 14 + 1:04d}", "clerk": PEOPLE[i % 4], "supervisor": "kato",
            "purpose": "submission", "ground": "law", "destination": ("税務署", "日本年金機構", "県庁")[i % 3],
            "terminals": "T-101,T-102", "carry_out": int(i % 3 == 0), "from": NOW - i * DAY,
            "until": NOW + (DAY if state == 0 else -DAY if state == 2 else 3_600_000),
            "returned": NOW - i * DAY + 30_000_000 if state == 3 else None, "state": state, "terminal": "T-101",
            "record": (1 << 36) | (100 + i), "verdict": FORKED if i == 3 else VERIFIED}


CHECKOUTS = [checkout(i) for i in range(26)]


def handling(row):
    i = int(row["id"][2:])
    terms = {"carry_out": True, "locked_carrier": i % 6 == 0, "demands_encryption": True, "demands_password_or_key": True}
    found = {"known": i % 3, "foreign": i % 2, "damaged": 0, "missing": 1}
    return dict(row, copies=i % 4, reads=i % 2, numbers=i * 11 % 70, line=record_line(100 + i, kind="checkout", detail=terms),
                return_line=record_line(200 + i, kind="return", detail=found) if row["returned"] else "")


HANDLINGS = [handling(row) for row in CHECKOUTS]
EVIDENCE = [{"kind": kind, "records": done + refused + 7, "done": done, "refused": refused, "failed": 1, "observed": 0, "unnamed": 0,
             "no_right": 2, "numbers": numbers, "terminals": 6, "unverified": 0}
            for kind, done, refused, numbers in (("checkout", 120, 2, 0), ("copy", 310, 4, 2_870), ("device", 0, 17, 0), ("list", 90, 0, 0),
                                                 ("missing", 6, 0, 0), ("read", 44, 1, 0), ("register", 18, 0, 0), ("residue", 2, 0, 0),
                                                 ("return", 117, 0, 0), ("tamper", 1, 0, 0))]


def heat():
    for weekday in range(7):
        for hour in range(24):
            copies = max(0, 30 - 5 * abs(hour - 14)) if 1 <= weekday <= 5 else 0
            copies += 1 if (weekday, hour) in ((3, 23), (0, 2)) else 0
            if copies:
                yield {"weekday": weekday, "hour": hour, "records": copies * 4, "copies": copies, "refused": 1,
                       "numbers": copies * 3}


def days():
    for i in range(60):
        day = TODAY - datetime.timedelta(days=i)
        if day.weekday() < 5 or i == 20:
            yield {"day": TODAY_NUMBER - i, "records": 90, "copies": 20 + i * 7 % 13, "refused": 1,
                   "numbers": 40 + i * 31 % 90}


def day_number(year, month, day):
    return (datetime.date(year, month, day) - datetime.date(1970, 1, 1)).days


FISCAL = TODAY.year - (TODAY.month < 4)
DUTIES = [(1, 2, "アクセス権限の棚卸と見直し", 6, 9, "kato", ""), (2, 3, "USBメモリの棚卸", 3, 6, "kato", "税務課, 国民健康保険課"),
          (3, 4, "特定個人情報の取扱いに関する研修", 12, 7, "suzuki", ""), (4, 5, "内部監査", 12, 2, "auditor1", "税務課, 市民課"),
          (5, 6, "特定個人情報保護評価書の見直し", 12, 3, "kato", ""), (6, 7, "ログを点検していることの周知", 6, 5, "kato", "")]


def duty_items():
    """Every duty in each period that is due in this fiscal year, and a monthly review."""
    found = []
    for number, kind, what, months, month, who, subjects in DUTIES:
        for k in range(12 // months):
            year, after = divmod((month - 4 + k * months) % 12 + 4, 12)  # the month behind it, from April on
            last = day_number(FISCAL + year, after + 1, 1) - 1
            found.append((last, number, 0, kind, what, subjects.split(", ")[k % (1 + subjects.count(","))], who, months * 30))
    for m in range(12):
        found.append((day_number(FISCAL + (m + 3) // 12, (m + 3) % 12 + 1, 14), 0, 1, 1, "USBメモリの使用記録", ("税務課", "国民健康保険課")[m % 2], "", 31))
    for last, duty, plan, kind, what, subject, who, days in sorted(found):
        state = 0 if last > TODAY_NUMBER + 30 else 1 if last >= TODAY_NUMBER else 2 if last > TODAY_NUMBER - 30 else 3
        yield {"key": last << 36 | bool(duty) << 35 | (duty or plan), "duty": duty, "plan": plan, "kind": kind, "what": what,
               "subject": subject, "responsible": who, "from_day": last - days, "until_day": last + 1, "due_day": last,
               "state": state, "by": who or "auditor1" if state == 3 else "", "done": (last - 3) * DAY if state == 3 else None,
               "words": "全件を確認し、差異なし。\n次回は持出先も確認する。" if state == 3 else ""}


DUTY = next(r["from_day"] for r in duty_items() if r["duty"] == 4)  # the auditor's


class Office:
    """The store's side of the story, with accounts and sessions."""

    def __init__(self):
        self.sessions = {}
        self.password = "correct horse battery"
        self.role = AUDITOR
        self.made = 0
        self.tables = {
            "COUNTS": [{"terminals": 8, "ledgers": 8, "alarms": 4, "silent": 1, "records": 57_359, "media": 18, "out": 4,
                        "due": 1, "overdue": 1, "copies_today": 23, "refused_today": 3, "numbers_today": 184,
                        "last_intake": NOW}],
            "HEAT": list(heat()), "DAYS": list(days()),
            "MEDIA_STATES": [{"state": 0, "count": 14}, {"state": 1, "count": 3}, {"state": 2, "count": 1}],
            "INTAKES": [], "CHOICES": [{"text": p} for p in PEOPLE], "ACCOUNTS": [{"login": who, "name": name, "role": role, "closed": int(who == "old"), "last_sign_in": NOW - DAY,
                          "sessions": 1} for who, name, role in (("auditor1", "監査 花子", AUDITOR),
                         ("kato", "加藤 一郎", SUPERVISOR), ("old", "旧 担当", SUPERVISOR))],
            "SIGN_INS": [{"id": 40 - i, "t": NOW - i * 3_600_000, "login": ("auditor1", "kato")[i % 2],
                          "what": ("in", "out", "refused", "link")[i % 4], "from": "127.0.0.1"} for i in range(30)],
            "TOKENS": [{"id": i + 1, "name": name, "by": "admin1", "made": NOW - 60 * DAY, "until": NOW + (30 - 60 * (i == 2)) * DAY, "used": NOW - DAY,
                        "ended": NOW - DAY if i == 1 else None, "ended_by": "admin1" if i == 1 else ""}
                       for i, name in enumerate(("夜間集計", "旧 集計", "試験用"))],
            "TOKEN_ADD": [{"token": "a-token-for-a-program", "until": NOW + 30 * DAY}], "TOKEN_END": [],
            "ACCOUNT_ADD": [{"link": "new-link-for-somebody", "until": NOW + DAY}], "ACCOUNT_CHANGE": [],
        }
        self.tables |= {
            "REVIEWS": [{"plan": 1, "what": "USBメモリの使用記録", "subject": "国民健康保険課", "from_day": TODAY_NUMBER - 31 * (i + 1),
                         "until_day": TODAY_NUMBER - 31 * i, "due_day": TODAY_NUMBER + 14 - 31 * i, "state": (0, 1, 2, 3, 4)[i],
                         "hits": 9, "decided": 3 * i, "result": "問題なし" if i > 2 else "", "by": "kato" if i > 2 else "",
                         "signed": NOW if i > 2 else None, "remark": "妥当" if i > 3 else "", "second": "auditor1" if i > 3 else "",
                         "confirmed": NOW if i > 3 else None} for i in range(5)],
            "PLANS": [{"id": 1, "what": "USBメモリの使用記録", "months": 1, "from_day": 20_000, "subjects": "税務課, 国民健康保険課",
                       "closed": 0}, {"id": 2, "what": "旧計画", "months": 12, "from_day": 19_000, "subjects": "", "closed": 1}],
            "HITS": [{"id": f"{i:016x}", "rule": i % 6 + 1, "day": TODAY_NUMBER - 40, "t": NOW - 40 * DAY, "actor": PEOPLE[i % 4] if i else "",
                      "terminal": "T-101", "thing": ("", "T", "", "copy+numbers", "5af3", "files")[i % 6], "count": 12 + i, "usual": i,
                      "record": (1 << 36) | i, "verdict": ALTERED if i == 4 else VERIFIED, "decision": i % 4 or None,
                      "words": "課長に確認済み" if i % 4 else None, "by": "kato" if i % 4 else None, "decided": NOW if i % 4 else None}
                     for i in range(9)],
            "ROUTE": [{"id": i + 1, "step": i + 1, "post": post, "name": name, "contact": f"内線 {2100 + i}", "deputy": "代理 次郎",
                       "deputy_contact": f"090-0000-{i:04d}", "since": NOW - 90 * DAY, "by": "chief1", "ended": None}
                      for i, (post, name) in enumerate((("保護責任者(税務課長)", "加藤 一郎"), ("情報政策課長", "佐藤 二郎"), ("総括責任者(総務部長)", "鈴木 三郎")))],
            "INCIDENTS": [{"id": 1, "what": "USBメモリの紛失", "noticed": NOW - 3 * DAY, "noticer": "yamada", "opened": NOW - 3 * DAY, "by": "kato",
                           "state": 1, "entries": 6, "reported": NOW - 3 * DAY + 600_000, "first": NOW - 2 * DAY, "first_due": None, "final": None,
                           "final_due": TODAY_NUMBER + 27, "missing": 64, "closed": None, "closed_by": None}],
            "INCIDENT_LIST": [{"id": i + 1, "kind": kind, "at": NOW - 3 * DAY + i * 600_000, "to": to, "about": about, "words": text, "by": "kato",
                               "t": NOW - 2 * DAY, "record": None}
                              for i, (kind, to, about, text) in enumerate(((1, None, None, "税務署からの帰路、電車内で紛失した。"), (8, None, "USB-0007", ""),
                                                                           (3, None, None, "12 人分。すべて暗号化されている。"), (6, 1, "情報政策課長", "電話で報告"),
                                                                           (4, None, None, "媒体を使用停止とし、駅に届け出た。"), (5, None, None, "二人で搬送する。")))],
            "EVIDENCE": EVIDENCE, "HIT_RECORDS": HISTORY[:4], "DECIDE": [], "SIGN_OFF": [], "CONFIRM": [], "PLAN_ADD": [], "PLAN_CLOSE": [],
        }
        self.tables |= {
            "FINDINGS": [{"id": 4 - i, "audit": "令和8年度 定期監査", "what": what, "owner": ("kato", "auditor1")[i % 2],
                          "due_day": TODAY_NUMBER + 20 * i - 30, "opened": NOW - 60 * DAY, "by": "auditor1", "state": (2, 1, 0, 3)[i],
                          "measures": "様式を改めた" if i != 2 else "", "proof": "全件を点検した結果を提出" if i in (0, 3) else "",
                          "proved": NOW - 3 * DAY if i in (0, 3) else None, "proved_by": "kato" if i in (0, 3) else None,
                          "confirmed": NOW - DAY if i == 3 else None, "confirmed_by": "auditor1" if i == 3 else None}
                         for i, what in enumerate(("持出記録簿に返却日の記載がないものが3件ある。", "媒体の保管庫の施錠が確認されていない時間帯がある。",
                                                   "研修の未受講者への受講の確認が行われていない。", "廃棄の証明書が1件保管されていない。"))],
            "FINDING_LIST": [{"id": i + 1, "kind": kind, "at": NOW - (4 - i) * DAY, "to": None, "about": "", "words": text, "by": who,
                              "t": NOW - (4 - i) * DAY, "record": None}
                             for i, (kind, who, text) in enumerate(((5, "auditor1", "様式の写しを確認した。"), (1, "kato", "返却時に記入する様式へ改めた。"),
                                                                    (2, "kato", "9月から11月までの全件を点検し、記載漏れがないことを確認した。")))],
            "INCIDENT_OPEN": [{"id": 1}], "INCIDENT_ADD": [], "INCIDENT_CLOSE": [], "ROUTE_ADD": [], "ROUTE_END": [],
            "FINDING_OPEN": [{"id": 1}], "FINDING_ADD": [], "FINDING_CONFIRM": [],
            "CALENDAR": list(duty_items()), "DUTY_ADD": [], "DUTY_CLOSE": [], "DUTY_DONE": [],
            "DUTIES": [{"id": n, "kind": kind, "what": what, "months": months, "due_month": day_number(FISCAL, month, 1), "lead": 30,
                        "responsible": who, "subjects": subjects, "closed": int(n == 6)}
                       for n, kind, what, months, month, who, subjects in DUTIES],
        }
        self.ledgers, self.history, self.media, self.checkouts, self.handlings = LEDGERS, HISTORY, MEDIA, CHECKOUTS, HANDLINGS
        self.line = record_line(7)

    def open_session(self, login):
        self.made += 1
        token = f"session-{self.made}-{login}"
        self.sessions[token] = {"login": login, "csrf": f"csrf{self.made:028d}"}
        return token

    def sign_in(self, params):
        if params.get("password") != self.password:
            return REFUSED
        token = self.open_session(params["login"])
        return [{"token": token, "csrf": self.sessions[token]["csrf"], "login": params["login"], "role": self.role}], False

    def answer(self, name, params, session):
        if name == "SIGN_IN":
            return self.sign_in(params)
        if name == "LINK":
            return ([{"login": "", "name": "", "until": NOW + DAY}], False) if params["link"] == "first" else REFUSED
        if name == "LINK_USE":
            return DONE if len(params["password"]) >= 12 else INVALID
        if session not in self.sessions:
            return NO_SESSION
        if name == "WHO":
            who = self.sessions[session]
            return [{"login": who["login"], "name": "監査 花子", "role": self.role, "csrf": who["csrf"], "since": NOW,
                     "idle_until": NOW + 900_000}], False
        if name in ("SIGN_OUT", "SIGN_OUT_ALL"):
            del self.sessions[session]
            return DONE
        return self.data(name, params)

    def data(self, name, params):
        if name == "LEDGERS":
            return [r for r in self.ledgers if (not params.get("alarm") or r["verdict"])
                    and (not params.get("silent") or NOW - r["heard"] > 7 * DAY)
                    and (not params.get("terminal") or r["terminal"] == params["terminal"])
                    and (r["terminal"], r["id"]) > (params.get("after_terminal", ""), params.get("after_id", -1))], False
        if name == "HISTORY":
            words = [k for k in ("actor", "medium", "terminal", "kind", "result") if k in params]
            return [r for r in self.history if all(r[k] == params[k] for k in words)
                    and r["t"] >= params.get("from", 0) and r["t"] < params.get("until", 1 << 62)
                    and (r["numbers"] or 0) >= params.get("numbers", 0)
                    and (r["t"], r["id"]) < (params.get("before_t", 1 << 62), params.get("before_id", 1 << 62))], False
        if name == "HITS":
            return [r for r in self.tables["HITS"] if params.get("id", r["id"]) == r["id"]
                    and (r["day"], r["id"]) > (params.get("after_day", 0), params.get("after_id", ""))], False
        if name in ("INCIDENTS", "FINDINGS"):
            return [r for r in self.tables[name] if params.get("id", r["id"]) == r["id"] and r["id"] < params.get("before_id", 1 << 62)
                    and not (params.get("open") and r["state"] == {"INCIDENTS": 2, "FINDINGS": 3}[name])], False
        if name == "CALENDAR":
            return [r for r in self.tables[name] if r["key"] > params.get("after_key", 0)
                    and (r["duty"] or params.get("reviews", 1)) and (not params.get("due") or r["state"] in (1, 2))
                    and params.get("from_day", 0) <= r["due_day"] <= params.get("until_day", 1 << 30)], False
        if name == "MEDIA":
            return [r for r in self.media if r["number"] > params.get("after_number", "")
                    and params.get("number", r["number"]) == r["number"] and params.get("state", r["state"]) == r["state"]], False
        if name in ("CHECKOUTS", "HANDLINGS"):
            wanted = {0: (0, 1, 2), 1: (1,), 2: (2,), 3: (3,), None: (0, 1, 2, 3)}[params.get("state")]
            return [r for r in (self.checkouts if name == "CHECKOUTS" else self.handlings) if r["state"] in wanted
                    and params.get("medium", r["medium"]) == r["medium"]
                    and (r["from"], r["id"]) < (params.get("before_from", 1 << 62), params.get("before_id", "~"))], False
        if name == "RECORD":
            found = [r for r in self.history if r["id"] == params["id"]]
            return [{"id": params["id"], "line": self.line, "held": 1, "origin": "example.city/T-101/2026", "size": 18_204,
                     "root": ROOT, "verdict": found[0]["verdict"] if found else VERIFIED, "vkey": VKEY}], False
        if name == "PROOF":
            return [{"proof": "c2sp.org/tlog-proof@v1\nextra x\nindex 7\n"}], False
        return self.tables[name], False

