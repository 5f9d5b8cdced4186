#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""history by the index shows what history without it shows, and reads only that: test_history.py BIN_DIR"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

BINARIES = pathlib.Path(sys.argv[1])
RECORDS = 66000  # an index is believed from 16 MiB on
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "", "TZ": "JST-9"}
faults = []


def check(good, claim):
    print(f"{'ok' if good else 'not ok'} {claim}", flush=True)
    if not good:
        faults.append(claim)


def history(folder, *words):
    r = subprocess.run([BINARIES / "mediagate", "history", "--ledger", folder, *words], capture_output=True, text=True,
                       timeout=300, env=ENVIRONMENT)
    return r.returncode, r.stdout.splitlines()


def alter(folder, share):
    """One bit of a record about there."""
    with open(folder / "records.jsonl", "r+b") as f:
        at = int(f.seek(0, 2) * share)
        f.seek(at)
        text = f.read(8192)
        at += text.index(b'"actor":"') + 9
        f.seek(at)
        byte = f.read(1)
        f.seek(at)
        f.write(bytes([byte[0] ^ 1]))


def choose(lines, medium=None, since=None):
    entries = [(x, json.loads(x)) for x in lines]
    return [x for x, e in entries if (not medium or e.get("medium") == medium) and (not since or e["t"] >= since)]


def main(top):
    made = subprocess.run([BINARIES / "bench_open", "--keep", "--dir", top, str(RECORDS)], capture_output=True, text=True,
                          check=True, timeout=500, env=ENVIRONMENT).stdout.splitlines()[-1]
    folder, bare = pathlib.Path(made), pathlib.Path(top) / "bare"
    shutil.copytree(folder, bare)
    (bare / "index").unlink()
    status, everything = history(bare, "--json")
    check(status == 0 and len(everything) > RECORDS, "without_an_index_everything_is_read")
    medium = json.loads(everything[-40]).get("medium") or next(json.loads(x)["medium"] for x in everything if '"medium"' in x)
    since = json.loads(everything[len(everything) // 2])["t"][:19]
    for n in (1, 2, 255, 256, 257, 1000, 10 * RECORDS):
        for words, chosen in (((), {}), (("--medium", medium), {"medium": medium}), (("--since", since), {"since": since})):
            want = choose(everything, **chosen)[-n:] if chosen else everything[-n:]
            got = history(folder, "--json", "--last", str(n), *words)
            check(got == (0, want), f"the_last_{n}_{'_'.join(chosen) or 'of_all'}_are_those_of_the_whole")
            check(history(bare, "--json", "--last", str(n), *words) == (0, want), f"and_without_an_index_{n}_{'_'.join(chosen)}")
    check("those shown here are verified" in history(folder, "--last", "3")[1][0], "who_asks_for_the_last_is_told_what_is_verified")
    check(history(folder, "--last", "3", "--person", "nobody")[1][-1] == "no such records", "none_is_said")
    with open(folder / "records.jsonl", "ab") as f:
        f.write(b'{"n":')  # torn
    check(history(folder, "--json", "--last", "300") == (0, everything[-300:]), "a_torn_line_is_none")
    alter(folder, 0.2)
    check(history(folder, "--json", "--last", "300") == (0, everything[-300:]), "what_is_not_shown_is_not_read")
    check(history(folder, "--json")[0] == 6, "what_is_shown_is")
    alter(folder, 0.2)
    alter(folder, 0.999)
    check(history(folder, "--json", "--last", "300")[0] == 6, "what_is_altered_among_the_last_is_found")


with tempfile.TemporaryDirectory(dir="/dev/shm") as top:
    main(top)
print(f"history: {len(faults)} faults")
sys.exit(1 if faults else 0)
