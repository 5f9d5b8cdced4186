#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mediagate watch --notify on a session bus of its own, with a scripted desktop and a scripted agent: notify.py BIN_DIR LOCALE_DIR"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

binaries, locales = (pathlib.Path(x).resolve() for x in sys.argv[1:3])
bad = 0


def check(claim: str, holds: bool, more: object = "") -> None:
    global bad
    print(f"{'ok' if holds else 'not ok'} {claim} {'' if holds else more}")
    bad += not holds


def watch(folder: pathlib.Path, name: str, language: str, environment: dict, *words: str) -> subprocess.CompletedProcess:
    socket = folder / f"{name}.socket"
    agent = subprocess.Popen([binaries / "cli_agent", socket, "watch", folder / "asked"], stdout=subprocess.PIPE)
    assert agent.stdout.readline() == b"listening\n"
    r = subprocess.run([binaries / "mediagate", "--socket", socket, "--locale-dir", locales, "watch", "--notify",
                        "--notify-program", binaries / "notify", *words], timeout=60, capture_output=True, text=True,
                       env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": language, "TZ": "JST-9", **environment})
    agent.wait(timeout=10)
    return r


def shown(desktop: subprocess.Popen, n: int) -> list[str]:
    return [desktop.stdout.readline().rstrip("\n") for _ in range(n)]


def main() -> int:
    if not shutil.which("dbus-daemon"):
        print("skipped: no dbus-daemon")
        return 77
    with tempfile.TemporaryDirectory() as top:
        folder = pathlib.Path(top)
        bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:path={folder}/bus"],
                               stdout=subprocess.PIPE, text=True)
        session = {"DBUS_SESSION_BUS_ADDRESS": bus.stdout.readline().strip()}
        r = watch(folder, "nobody", "", session, "--count", "5")
        check("without_a_desktop_events_are_told_all_the_same", r.stdout.count("2026-11-26") == 5, r)
        desktop = subprocess.Popen([binaries / "notify_daemon"], stdout=subprocess.PIPE, text=True,
                                   env={**os.environ, **session})
        assert desktop.stdout.readline() == "ready\n"
        r = watch(folder, "en", "", session, "--count", "4")
        check("it_ends_well", r.returncode == 0 and not r.stderr, r)
        got = shown(desktop, 3)
        check("what_was_refused_why_and_whom_to_ask_is_shown", got[0] ==
              "2-\\x1b[2J1 is not a registered medium|"
              "hand it to a supervisor (山田 花子 (supervisor1)); only registered media may be used here|2|0", got[0])
        check("a_loan_that_ran_out_is_shown", got[1] == "checkout ran out: USB-0007||2|0", got[1])
        check("a_copy_that_failed_is_shown", got[2].startswith("USB-0007 was unplugged before the work was done|plug it in again"), got[2])
        r = watch(folder, "ja", "ja", session, "--count", "4", "--json")
        got = shown(desktop, 3)
        check("notices_are_in_the_readers_language", got[0].startswith("2-\\x1b[2J1 は登録された媒体ではありません|"), got[0])
        check("and_json_beside_them", r.stdout.count("\n") == 4 and r.stdout.startswith('{"number":'), r.stdout)
        desktop.terminate()
        rest = desktop.stdout.read()
        check("one_notice_for_each_event", rest == "", rest)
        r = watch(folder, "nowhere", "", {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/none"}, "--count", "99")
        check("without_a_session_it_says_so", r.returncode == 4 and "notices cannot be shown in this session" in r.stderr, r)
        bus.terminate()
        bus.wait(10)
        desktop.wait(10)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
