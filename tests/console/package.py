#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reports and the package for an auditor, as scripts make them; the package is verified in a place that knows no mediagate:
package.py BUILD."""
import csv
import io
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from programs import BIN, Console, failed, ok


def check(package: pathlib.Path, *arguments: str, stock: bool = False) -> subprocess.CompletedProcess:
    """As an auditor runs it: nothing of ours on the path; stock: nor any Python package."""
    command = ["python3", "-I", *(["-S"] if stock else []), str(package / "check.py"), *arguments]
    return subprocess.run(command, cwd="/", env={"PATH": "/usr/bin:/bin"}, text=True, capture_output=True, timeout=300)


def run(console: Console, *arguments: str, locale: str = "C") -> subprocess.CompletedProcess:
    return subprocess.run([BIN / "mediagate-console", arguments[0], *console.common, *arguments[1:]], text=True, capture_output=True,
                          timeout=300, env={**os.environ, "LC_ALL": locale, "TZ": "Asia/Tokyo"})


def copied(package: pathlib.Path, work: pathlib.Path, name: str) -> pathlib.Path:
    return pathlib.Path(shutil.copytree(package, work / name))


def check_refused(package: pathlib.Path, work: pathlib.Path) -> None:
    folders = sorted(p.parent for p in package.glob("ledgers/*/*/records.jsonl"))
    inner = folders[0].relative_to(package)

    def spoil(name: str, claim: str, change, says: str) -> None:
        bad = copied(package, work, name)
        change(bad)
        r = check(bad)
        ok(claim, r.returncode == 6 and says in r.stdout and "nothing is altered\n" not in r.stdout.splitlines()[-1] + "\n", (r.returncode, r.stdout[-600:], r.stderr))

    def edit(path: str, old: bytes, new: bytes):
        def change(bad: pathlib.Path) -> None:
            data = (bad / path).read_bytes()
            assert old in data
            (bad / path).write_bytes(data.replace(old, new, 1))
        return change

    def list_edit(change):
        def apply(bad: pathlib.Path) -> None:
            listed = json.loads((bad / "list.json").read_text())
            change(listed)
            (bad / "list.json").write_text(json.dumps(listed))
        return apply

    spoil("a", "an altered record is refused", edit(f"{inner}/records.jsonl", b'"result":"done"', b'"result":"none"'), "REFUSED")
    spoil("b", "a line that was taken away is refused",
          lambda bad: (bad / inner / "records.jsonl").write_bytes(b"\n".join((bad / inner / "records.jsonl").read_bytes().split(b"\n")[:-2])),
          "REFUSED")
    spoil("c", "an older state under an older list's size is refused", list_edit(lambda x: x["ledgers"][0].update(size=3)), "another size or root")
    spoil("d", "a ledger that the list does not name is refused", lambda bad: shutil.copytree(bad / inner, bad / "ledgers/more/2025"),
          "not on the list")
    proof = sorted(package.glob("proofs/*"))[0].name
    spoil("e", "an altered proof is refused", lambda bad: (bad / "proofs" / proof).write_text(
        (bad / "proofs" / proof).read_text().replace("index ", "index 1", 1)), f"proofs/{proof}: REFUSED")
    spoil("f", "a proof of another record is refused", lambda bad: shutil.copy(sorted(bad.glob("proofs/*"))[1], bad / "proofs" / proof),
          "another record")
    spoil("g", "no path of the list leads out", list_edit(lambda x: x["ledgers"][0].update(folder="../../../etc")), "not a place")
    swapped = folders[1].relative_to(package)
    spoil("h", "a ledger in another's place is refused",
          lambda bad: (shutil.rmtree(bad / inner), shutil.copytree(bad / swapped, bad / inner)), "REFUSED")
    keys = [x["key"] for x in json.loads((package / "list.json").read_text())["ledgers"]]
    noted = work / "noted"
    noted.write_text("\n".join(keys) + "\n")
    ok("keys noted elsewhere are what counts", check(package, str(noted)).returncode == 0)
    noted.write_text("\n".join(keys[1:]) + "\n")
    r = check(package, str(noted))
    ok("a ledger without a noted key is refused", r.returncode == 6 and "no key was noted" in r.stdout, r.stdout[-500:])
    noted.write_text("\n".join([keys[0].split("+")[0] + "+" + keys[1].split("+", 1)[1], *keys[1:]]) + "\n")
    ok("and one under another key", check(package, str(noted)).returncode == 6)


def check_package(console: Console, work: pathlib.Path) -> None:
    to = work / "package"
    r = run(console, "export", "--period", "2025-10", str(to))
    ok("a package is made", r.returncode == 0 and "proofs" in r.stdout, r)
    away = pathlib.Path(shutil.move(str(to), work / "elsewhere"))
    r = check(away)
    listed = json.loads((away / "list.json").read_text())
    ok("elsewhere it verifies", r.returncode == 0 and len(listed["ledgers"]) == 3 and r.stdout.count("nothing is altered") == 4,
       (r.returncode, r.stdout[-800:], r.stderr))
    # each signature costs a process: one ledger and one proof are enough
    small = copied(away, work, "small")
    listed["ledgers"] = listed["ledgers"][:1]
    listed["proofs"] = [x for x in listed["proofs"] if x["folder"] == listed["ledgers"][0]["folder"]][:1]
    for folder in (small / "ledgers").iterdir():
        if folder.name != listed["ledgers"][0]["folder"].split("/")[0]:
            shutil.rmtree(folder)
    (small / "list.json").write_text(json.dumps(listed))
    r = check(small, stock=True)
    ok("with stock Python and openssl alone, too", r.returncode == 0 and len(listed["proofs"]) == 1, (r.stdout[-500:], r.stderr))
    proof = small / "proofs" / listed["proofs"][0]["file"]
    proof.write_text(re.sub(r"(?<=^extra ).", lambda m: "B" if m[0] == "A" else "A", proof.read_text(), flags=re.M))
    ok("which refuse an altered proof", check(small, stock=True).returncode == 6)
    carried = [line for path in away.glob("ledgers/*/*/records.jsonl") for line in path.read_text().splitlines()
               if '"kind":"checkout"' in line and '"carry_out":true' in line and '"t":"2025-10-' in line and '"result":"done"' in line]
    proofs = len(list(away.glob("proofs/*")))
    ok("with a proof for each carry-out of the period", carried and proofs == len(carried), (proofs, len(carried)))
    ok("and words on how to verify it", "python3 check.py" in (away / "README.txt").read_text())
    ok("nobody else may read it", all(p.stat().st_mode & 0o077 == 0 for p in (away, away / "ledgers", away / "list.json")))
    check_refused(away, work)
    r = run(console, "export", "--period", "2025-10", str(away))
    ok("nothing is written over", r.returncode == 1, r)
    for period in ("2025-13", "x", "2025-10-01..2025-09-01", "2025-02-30..2025-03-01", "2025-10 ", "-1"):
        ok(f"{period!r} is no period", run(console, "export", f"--period={period}", str(work / "no")).returncode == 2)
    r = run(console, "export", "--period", "2020", str(work / "none"))
    ok("a period without records has no ledger", r.returncode == 0 and not list((work / "none").glob("ledgers/*")), r)


def check_hostile(console: Console, work: pathlib.Path) -> None:
    """Names out of a stranger's ledger become no paths."""
    data = Console(pathlib.Path(shutil.copytree(console.data, work / "hostile")))
    db = sqlite3.connect(data.data / "ledgers.db")
    for i, name in enumerate(("../../../escaped", "..", "same"), 1):
        db.execute("UPDATE ledgers SET terminal = ?, year = 2025 WHERE id = ?", (name, i))
    db.commit()
    db.close()
    to = work / "hostile-package"
    r = run(data, "export", "--period", "2025", str(to))
    names = sorted(p.name for p in (to / "ledgers").iterdir())
    ok("a terminal's name leads nowhere", r.returncode == 0 and names == ["ledger-1", "ledger-2", "same"] and not list(work.glob("**/escaped")),
       (r, names))
    db = sqlite3.connect(data.data / "ledgers.db")
    db.execute("UPDATE ledgers SET terminal = 'same'")
    db.commit()
    db.close()
    r = run(data, "export", "--period", "2025", str(work / "twins"))
    ok("two of one name have two folders", r.returncode == 0 and len(list((work / "twins" / "ledgers").glob("*/*/checkpoint"))) == 3, r)


def check_reports(console: Console, work: pathlib.Path) -> None:
    for name in ("handling", "media", "carry-out", "review", "survey", "disposal", "incident", "card"):
        r = run(console, "report", name)
        ok(f"the report {name} is a page of its own", r.returncode == 0 and r.stdout.startswith("<!DOCTYPE html>") and r.stdout.endswith("</html>\n")
           and '<html lang="en">' in r.stdout and "<script" not in r.stdout and "href=\"/style.css" not in r.stdout and "@page" in r.stdout,
           (r.returncode, r.stderr, r.stdout[:200]))
    r = run(console, "report", "handling", "year=2025")
    rows = r.stdout.split("<tbody>")[1].split("</tbody>")[0].count("<tr")
    ok("it states the heads of the ledgers",
       all(f"/mediagate/{t.name}/2025" in re.sub("<wbr>", "", r.stdout) for t in (work / "year").iterdir()), r.stdout[-2000:])
    r = run(console, "report", "--format", "csv", "handling")
    table = list(csv.reader(io.StringIO(r.stdout.lstrip("\ufeff"))))
    ok("as a table it has the rows of the document", r.returncode == 0 and table[0][0] == "id" and len(table) - 1 == rows, (len(table), rows))
    r = run(console, "report", "history", "--format=csv", "kind=checkout", "result=done")
    table = list(csv.reader(io.StringIO(r.stdout.lstrip("\ufeff"))))
    ok("a table is asked with its fields", len(table) > 10 and all(row[3] == "checkout" for row in table[1:]), table[:3])
    for name, *more in (("nonsense",), ("handling", "year=x"), ("../style.css",), ("handling", "year"), ("review%00",), ("history",)):
        r = run(console, "report", name, *more)
        ok(f"{name} {more} is none", r.returncode == 2 and not r.stdout and r.stderr.startswith("error: "), r)
    for name, *more in (("accounts",), ("sign-ins",), ("history", "nonsense=1"), ("/etc/passwd",)):
        r = run(console, "report", "--format", "csv", name, *more)
        ok(f"the table {name} {more} is none for scripts", r.returncode != 0 and not r.stdout, r)
    ok("no other form", run(console, "report", "--format", "pdf", "handling").returncode == 2)
    r = run(Console(work / "empty"), "report", "handling")
    ok("a folder in which nothing was taken in is told", r.returncode == 4 and not (work / "empty").exists(), r)


def main() -> int:
    with tempfile.TemporaryDirectory() as d:
        work = pathlib.Path(d)
        subprocess.run([BIN / "ledger_year", "--out", work / "year", "--terminals", "3", "--from", "2025-09-15", "--to", "2025-11-15",
                        "--seed", "5"], check=True, stdout=subprocess.DEVNULL, timeout=120)
        console = Console(work / "data")
        ok("two months are taken in", console.run_import(work / "year").returncode == 0)
        check_reports(console, work)
        check_package(console, work)
        check_hostile(console, work)
    return 1 if failed else 0


sys.exit(main())
