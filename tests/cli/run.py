#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden output and exit status of the command: run.py BIN_DIR LOCALE_DIR [--update] [CASE…]

A case is a line of cases.txt: NAME | AGENT'S SCENARIO or - | LANGUAGE | ARGUMENTS. Its answer, with what
was asked of the agent, stands in expected/NAME. In the arguments `@L` is the folder of made ledgers, `@D` that of made systems, `@P` packaging/, <ESC> and <NL> those characters; a first word
<TTY:text> types that text at a terminal.
"""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

import doctor_fixture
import ledger_fixture

here = pathlib.Path(__file__).parent


def agent_start(binaries, socket, scenario, asked):
    agent = subprocess.Popen([binaries / "cli_agent", socket, scenario, asked], stdout=subprocess.PIPE)
    assert agent.stdout.readline() == b"listening\n", scenario
    return agent


def case_run(binaries, locales, folder, case) -> str:
    name, scenario, language, arguments = case
    socket, asked = folder / f"{name}.socket", folder / f"{name}.asked"
    agent = agent_start(binaries, socket, scenario, asked) if scenario != "-" else None
    environment = {"PATH": os.environ["PATH"], "TZ": "JST-9", "LC_ALL": "C.UTF-8", "LANGUAGE": language}
    command = [str(binaries / "mediagate"), "--socket", str(socket), "--locale-dir", str(locales)]
    words = [word.replace("@L", str(folder / "ledgers")).replace("@D", str(folder / "systems"))
             .replace("@P", str(here.parents[1] / "packaging")).replace("<ESC>", "\x1b").replace("<NL>", "\n")
             for word in shlex.split(arguments)]
    for sanitizer in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        if sanitizer in os.environ:
            environment[sanitizer] = os.environ[sanitizer]
    typed = words.pop(0)[len("<TTY:"):-1] if words and words[0].startswith("<TTY:") else None
    stdin = subprocess.DEVNULL
    if typed is not None:
        keyboard, stdin = os.openpty()
        os.write(keyboard, typed.encode() + b"\n")
    r = subprocess.run(command + words, env=environment, stdin=stdin, capture_output=True, timeout=60)
    if agent:
        agent.wait(timeout=10)
    text = f"$ mediagate {arguments}\n"
    text += r.stdout.decode("utf-8", "backslashreplace").replace("\r\n", "<CR>\n")
    text += "--- said\n" + r.stderr.decode("utf-8", "backslashreplace") + f"--- status {r.returncode}\n"
    if asked.exists():
        text += "--- asked\n" + asked.read_text()
    return text.replace(str(folder / "ledgers"), "@L").replace(str(folder / "systems"), "@D").replace("\ufeff", "<BOM>")


def cases_read():
    for line in (here / "cases.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            yield [x.strip() for x in line.split("|", 3)]


def main() -> int:
    binaries, locales = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    update = "--update" in sys.argv
    wanted = [x for x in sys.argv[3:] if x != "--update"]
    bad, names = 0, set()
    with tempfile.TemporaryDirectory() as top:
        folder = pathlib.Path(top)
        ledger_fixture.write_all(folder / "ledgers")
        doctor_fixture.write_all(binaries / "mediagate", folder / "systems", folder / "ledgers")
        for case in cases_read():
            name = case[0]
            assert name not in names, f"two cases {name}"
            names.add(name)
            if wanted and name not in wanted:
                continue
            expected, got = here / "expected" / name, case_run(binaries, locales, folder, case)
            if update:
                expected.write_text(got)
            elif not expected.exists() or expected.read_text() != got:
                bad += 1
                print(f"FAILED {name}")
                subprocess.run(["diff", "-u", expected if expected.exists() else "/dev/null", "-"], input=got.encode())
    stray = {x.name for x in (here / "expected").iterdir()} - names
    for name in sorted(stray):
        print(f"FAILED expected/{name} has no case")
    print(f"{len(wanted or names) - bad} cases good, {bad + len(stray)} not")
    return 1 if bad or stray else 0


if __name__ == "__main__":
    sys.exit(main())
