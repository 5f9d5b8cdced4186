#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""history --journal: an entry for each record, as systemd itself reads it where its tools are: test_journal.py BIN_DIR"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import ledger_fixture

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "packaging/catalog"))
import make as catalog  # noqa: E402

BINARIES = pathlib.Path(sys.argv[1])
REMOTE = os.environ.get("JOURNAL_REMOTE", "/lib/systemd/systemd-journal-remote")
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "", "TZ": "JST-9"}
MEMBERS = {"t": "TIME", "kind": "KIND", "terminal": "TERMINAL", "actor": "ACTOR", "role": "ROLE", "for": "FOR", "medium": "MEDIUM",
           "checkout": "CHECKOUT", "result": "RESULT", "reason": "REASON", "numbers": "NUMBERS"}
faults = []


def check(good, claim):
    print(f"{'ok' if good else 'not ok'} {claim}", flush=True)
    if not good:
        faults.append(claim)


def entries_read(data):
    """Journal Export Format, by its description."""
    entries, entry = [], {}
    while data:
        line, data = data.split(b"\n", 1)
        if not line:
            entries.append(entry)
            entry = {}
        elif b"=" in line:
            name, value = line.split(b"=", 1)
            entry[name.decode()] = value
        else:
            size = int.from_bytes(data[:8], "little")
            entry[line.decode()] = data[8:8 + size]
            data = data[8 + size + 1:]
    return entries, entry


def export(folder, *words):
    r = subprocess.run([BINARIES / "mediagate", "history", "--ledger", folder, "--journal", *words], capture_output=True,
                       timeout=60, env=ENVIRONMENT)
    return r.returncode, r.stdout


def same(entry, line, origin):
    record = json.loads(line)
    want = {f"MEDIAGATE_{name}": str(record[key]).encode() for key, name in MEMBERS.items() if key in record}
    want.update(MEDIAGATE_N=str(record["n"]).encode(), MEDIAGATE_ORIGIN=origin.encode(),
                MESSAGE_ID=catalog.message_id(record["kind"]).encode(), SYSLOG_IDENTIFIER=b"mediagate")
    if "detail" in record:
        want["MEDIAGATE_DETAIL"] = line[line.index(b'"detail":') + 9:-1]
    free = {"MESSAGE", "PRIORITY", "__REALTIME_TIMESTAMP", "__MONOTONIC_TIMESTAMP"}
    return all(entry.get(k) == v for k, v in want.items()) and set(entry) == set(want) | free


def through_systemd(top, data, count):
    if not os.access(REMOTE, os.X_OK) or not shutil.which("journalctl"):
        print("skipped: no systemd-journal-remote here")
        return
    file = top / "m.journal"
    subprocess.run([REMOTE, "-o", file, "-"], input=data, check=True, capture_output=True, timeout=60)

    def read(*words):
        return subprocess.run(["journalctl", "--file", file, "--no-pager", *words], capture_output=True, text=True, timeout=60)

    lines = [json.loads(x) for x in read("-o", "json").stdout.splitlines()]
    check([x["MEDIAGATE_N"] for x in lines] == [str(n) for n in range(count)], "journalctl_reads_every_record_in_order")
    check(len(read("-o", "cat", "MEDIAGATE_KIND=copy").stdout.splitlines()) == 2, "journalctl_finds_by_field")
    check(read("--verify").returncode == 0, "journalctl_finds_the_file_in_order")


def catalogs(top):
    root = top / "root"
    (root / "usr/lib/systemd/catalog").mkdir(parents=True)
    (root / "var/lib/systemd/catalog").mkdir(parents=True)
    catalog.main(root / "usr/lib/systemd/catalog")
    texts = [(root / "usr/lib/systemd/catalog" / name).read_text() for name in catalog.FILES.values()]
    check(len(catalog.kinds()) > 25, "the_table_of_kinds_is_read")
    for kind, people in catalog.kinds():
        check(all(text.count(f"-- {catalog.message_id(kind)}\n") == 1 for text in texts), f"{kind}_is_explained_once")
        check(f"Subject: {people}\n" in texts[0] and f"Subject: {people}\n" not in texts[1], f"{kind}_in_both_languages")
    check(set(catalog.ADVICE) <= {kind for kind, _ in catalog.kinds()}, "advice_is_of_kinds_that_there_are")
    if not shutil.which("journalctl"):
        return
    r = subprocess.run(["journalctl", f"--root={root}", "--update-catalog"], capture_output=True, text=True, timeout=60)
    check(r.returncode == 0 and not r.stderr, f"systemd_takes_the_catalog {r.stderr[:200]}")
    listed = subprocess.run(["journalctl", f"--root={root}", "--list-catalog"], capture_output=True, text=True, timeout=60).stdout
    check(all(catalog.message_id(kind) in listed for kind, _ in catalog.kinds()), "every_kind_is_explained")


def main(top):
    ledgers = top / "ledgers"
    ledgers.mkdir()
    ledger_fixture.write_all(ledgers)
    lines = ledger_fixture.records()
    status, data = export(ledgers / "good")
    entries, rest = entries_read(data)
    check(status == 0 and not rest and len(entries) == len(lines), "one_entry_for_each_record")
    check(all(same(e, x, ledger_fixture.ORIGIN) for e, x in zip(entries, lines)), "every_member_is_a_field")
    check(entries[6]["MEDIAGATE_DETAIL"].decode().startswith('{"copy":'), "detail_is_json")
    check([e["PRIORITY"] for e in entries[:2]] == [b"6", b"4"], "a_refusal_is_a_warning")
    check(export(ledgers / "flip") [1:] == (b"",) and export(ledgers / "flip")[0] == 6, "an_altered_ledger_is_not_exported")
    check(entries_read(export(ledgers / "good", "--person", "clerk2")[1])[0] == [entries[8]], "what_is_chosen_is_exported")
    through_systemd(top, data, len(lines))
    catalogs(top)


with tempfile.TemporaryDirectory() as folder:
    main(pathlib.Path(folder))
print(f"journal: {len(faults)} faults")
sys.exit(1 if faults else 0)
