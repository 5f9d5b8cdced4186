#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `mediagate policy check` says of every file of this folder, and how it ends: check.py BIN_DIR"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
top = here.parents[2]
command = pathlib.Path(sys.argv[1]) / "mediagate"
HINT = "hint: mend the file; the last good configuration stays in force"
FILES = ["terminal.conf", "policy.conf", "roster.conf", "recipients.conf"]
faults = 0
known_leaks = tempfile.NamedTemporaryFile("w")
print("leak:strbuf_append", file=known_leaks, flush=True)


def check(*words):
    # of leaks, only the one that tests/lsan_libconfig.h tells of
    env = dict(os.environ, LC_ALL="C.UTF-8", LANGUAGE="", LSAN_OPTIONS=f"suppressions={known_leaks.name}:print_suppressions=0")
    r = subprocess.run([command, *words], env=env, capture_output=True, text=True, timeout=60)
    return r.returncode, r.stdout, r.stderr.splitlines()


def must(holds, what):
    global faults
    if not holds:
        faults += 1
        print(f"not ok {what}")


def expected_read():
    found = {}
    for line in (here / "expected.txt").read_text().splitlines():
        if line.startswith("\t"):
            found[name].append(line[1:])
        else:
            name, found[line] = line, []
    return found


def file_check(folder, name, mistakes):
    kind = name.split(".", 1)[1]
    path = f"{folder}/{kind}"
    shutil.copy(here / name, path)
    status, out, err = check("policy", "check", path)
    said = [x for x in err if not x.startswith("warning: ")]
    if mistakes:
        must(said == [f"error: {folder}/{x}" for x in mistakes] + [HINT], f"{name}: {said}")
        must((status, out) == (8, ""), f"{name}: status {status}, {out!r}")
    else:
        must((status, out, said) == (0, f"{path}: ok\n", []), f"{name}: {status} {out!r} {said}")
    status, out, err = check("policy", "check", "--json", path)
    answer = json.loads(out)["files"]
    must(len(answer) == 1 and answer[0]["file"] == path, f"{name}: {answer}")
    must([x["text"] for x in answer[0]["messages"] if x["type"] == "mistake"] == mistakes, f"{name}: {answer}")
    must(answer[0]["outcome"] == ("bad-config" if mistakes else "ok"), f"{name}: {answer}")
    must((status, err) == (8 if mistakes else 0, []), f"{name}: status {status} {err}")
    os.unlink(path)


def folders_check(folder):
    for shipped in (top / "packaging/etc", top / "tests/vm/etc"):
        status, out, err = check("policy", "check", str(shipped))
        must((status, out.splitlines(), err) == (0, [f"{shipped}/{x}: ok" for x in FILES], []), f"{shipped}: {out} {err}")
    status, out, err = check("policy", "check", folder)
    must(status == 4, f"an empty folder: {status}")
    must(err.count("hint: check the path and your rights") == 4, f"an empty folder: {err}")
    path = f"{folder}/other.conf"
    pathlib.Path(path).write_text("")
    status, out, err = check("policy", "check", path)
    must(status == 8 and "the file's name must be terminal.conf" in err[0], f"another name: {status} {err}")
    status, out, err = check("policy", "Check")
    must(status == 2, f"another word: {status} {err}")
    # the worst decides, and every file is looked at
    right = str(here.parents[1] / "vm/etc/terminal.conf")
    status, out, err = check("policy", "check", path, right, f"{folder}/roster.conf")
    must((status, out) == (8, f"{right}: ok\n"), f"several: {status} {out}")


def issuers_check(folder):
    """A key that was not copied whole is named with file and line; the file is taken, as the agent takes it."""
    text, key = (here / "nothing-is-wrong.policy.conf").read_text(), "city.example.jp/mediagate/madoguchi-01/label+2a53e3a9+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    line = next(i for i, x in enumerate(text.splitlines(), 1) if x.startswith("issuers"))
    path = f"{folder}/policy.conf"
    for given, good in ((key, True), (key.replace("-01/", "-02/"), False), (key.replace("2a53", "2a54"), False), (key.replace("SVTG4", "SVTG5"), False)):
        rows = [f'issuers = [ "{given}" ];' if x.startswith("issuers") else x for x in text.splitlines()]
        pathlib.Path(path).write_text("\n".join(rows) + "\n")
        status, out, err = check("policy", "check", path)
        notes = [x for x in err if "issuers" in x]
        must((status, out) == (0, f"{path}: ok\n"), f"an issuer: {status} {out}")
        must(notes == [] if good else len(notes) == 1 and notes[0].startswith(f"warning: {path}:{line}: issuers has no effect for "), f"{given}: {err}")
    os.unlink(path)


expected = expected_read()
with tempfile.TemporaryDirectory() as folder:
    for name, mistakes in expected.items():
        file_check(folder, name, mistakes)
    folders_check(folder)
    issuers_check(folder)
print(f"policy check: {len(expected)} files, {faults} faults")
sys.exit(1 if faults else 0)
