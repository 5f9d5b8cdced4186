#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The helper that speaks with logind, on a system bus of its own, with a scripted logind and a scripted core: session.py BIN_DIR

No claim rests on how long anything takes: what has to come is waited for, and that something does not come is seen
by what comes after it in the same channel."""
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

binaries = pathlib.Path(sys.argv[1]).resolve()
LOCK, SLEEP, READY = 701, 703, 704
PATIENCE = 60
bad = 0


def check(claim: str, holds: bool, more: object = "") -> None:
    global bad
    print(f"{'ok' if holds else 'not ok'} {claim} {'' if holds else more}", flush=True)
    bad += not holds


class Bus:
    """dbus-daemon at one address, which can go and come back."""

    def __init__(self, folder: pathlib.Path):
        self.socket, self.process = folder / "bus", None
        self.env = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.socket}"}

    def start(self) -> None:
        self.process = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:path={self.socket}"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.process.stdout.readline()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.socket.unlink(missing_ok=True)


class Logind:
    def __init__(self, bus: Bus, *words: str):
        self.process = subprocess.Popen([binaries / "session_login", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=bus.env)
        self.name = self.line().split()[1]

    def say(self, line: str) -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def line(self) -> str:
        signal.alarm(PATIENCE)
        text = self.process.stdout.readline().rstrip("\n")
        signal.alarm(0)
        return text

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


class Session:
    """The helper; this end of its channel is core's."""

    def __init__(self, bus: Bus):
        self.core, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.core.settimeout(PATIENCE)
        self.process = subprocess.Popen([binaries / "session_bare"], env=bus.env, stderr=subprocess.PIPE, text=True, close_fds=False,
                                        preexec_fn=lambda: os.dup2(theirs.fileno(), 3))
        theirs.close()

    def hear(self) -> tuple:
        packet = self.core.recv(4096)
        if not packet:
            return ("end",)
        kind, size = struct.unpack_from("<II", packet)
        if kind == LOCK and size == 1:
            return "lock", packet[8]
        if kind == SLEEP and size == 8:
            number, begins = struct.unpack_from("<IB", packet, 8)
            return "sleep", begins, number
        return kind, size, packet

    def ready(self, number: int) -> None:
        self.core.send(struct.pack("<III", READY, 4, number))

    def end(self) -> int:
        self.core.close()
        return self.process.wait(PATIENCE)


def taken(logind: Logind, session: Session) -> str:
    """The holder's name on the bus, once logind has given it a lock and core has heard it."""
    words = logind.line().split()
    check("a_delay_lock_for_sleep_is_taken", words[:3] == ["lock", "sleep", "delay"], words)
    heard = session.hear()
    check("core_hears_that_logind_waits", heard == ("lock", 1), heard)
    return words[3] if len(words) > 3 else ""


def slept(logind: Logind, session: Session, claim: str) -> int:
    """One whole sleep; its number."""
    logind.say("sleep")
    kind, begins, number = (*session.hear(), 0, 0)[:3]
    check("core_hears_that_a_sleep_begins", (kind, begins) == ("sleep", 1) and number > 0, (claim, kind, begins, number))
    session.ready(number + 1)  # of another sleep: the lock stays, or `open` came before what follows
    session.ready(number)
    check("the_lock_is_let_go_when_core_says_so", logind.line() == "open", claim)
    logind.say("wake")
    check("core_hears_that_it_is_over", session.hear()[:2] == ("sleep", 0), claim)
    words = logind.line().split()
    check("the_lock_is_taken_anew_after_it", words[:3] == ["lock", "sleep", "delay"], (claim, words))
    return number


def held_until_told(logind: Logind, session: Session) -> None:
    """A sleep that begins, is given up and begins again: the word for the first does not open the second's lock."""
    logind.say("sleep")
    first = session.hear()
    logind.say("wake")
    check("a_sleep_that_is_given_up_is_over", session.hear()[:2] == ("sleep", 0))
    logind.say("sleep")
    second = session.hear()
    check("each_sleep_has_its_own_number", second[:2] == ("sleep", 1) and second[2] != first[2], (first, second))
    session.ready(first[2])
    logind.say("wake")  # heard after the word: the lock would be asked for anew if it had been let go
    check("it_is_over_too", session.hear()[:2] == ("sleep", 0))
    logind.say("count")
    check("no_lock_was_let_go_by_an_old_word", logind.line() == "count 2")


def strangers(bus: Bus, logind: Logind, session: Session, holder: str) -> None:
    """Whoever can reach the bus can send a signal straight to us."""
    stranger = Logind(bus, "--stranger")
    before = slept(logind, session, "before_a_stranger_speaks")
    stranger.say(f"direct {holder} 1")
    check("a_stranger_reaches_us", stranger.line() == "sent")
    logind.say("odd")
    after = slept(logind, session, "after_a_strangers_word_of_sleep_and_an_odd_one")
    check("neither_was_taken_for_a_sleep", after == before + 1, (before, after))
    logind.say("sleep")
    number = session.hear()[2]
    stranger.say(f"direct {holder} 0")
    stranger.line()
    session.ready(number)
    check("a_strangers_word_of_waking_changes_nothing", logind.line() == "open")
    logind.say("wake")
    check("and_loginds_own_does", session.hear()[:2] == ("sleep", 0))
    logind.line()
    stranger.end()


def anew(bus: Bus, session: Session, claim: str) -> Logind:
    """A logind that has just started, with which a sleep goes as it should."""
    logind = Logind(bus)
    taken(logind, session)
    slept(logind, session, claim)
    return logind


def logind_again(bus: Bus, logind: Logind, session: Session) -> Logind:
    """logind dies while a sleep is being prepared, and its successor knows of none; then one that does."""
    logind.say("sleep")
    check("a_sleep_begins_before_logind_dies", session.hear()[:2] == ("sleep", 1))
    logind.end()
    check("without_logind_core_hears_that_nobody_waits", session.hear() == ("lock", 0))
    logind = Logind(bus)
    taken(logind, session)
    check("a_successor_that_knows_of_no_sleep_ends_it", session.hear()[:2] == ("sleep", 0))
    logind.end()
    check("again_nobody_waits", session.hear() == ("lock", 0))
    return anew(bus, session, "with_a_logind_started_anew")


def bus_again(bus: Bus, logind: Logind, session: Session) -> Logind:
    bus.stop()
    logind.end()
    check("when_the_bus_dies_core_hears_that_nobody_waits", session.hear() == ("lock", 0))
    bus.start()
    return anew(bus, session, "on_a_bus_started_anew")


def refused(bus: Bus, logind: Logind, session: Session) -> None:
    """A logind that gives no lock; the next one does."""
    logind.end()
    check("that_logind_has_gone_is_heard", session.hear() == ("lock", 0))
    logind = Logind(bus)  # its first answer may be either: only the end counts
    logind.line(), session.hear()
    logind.say("refuse 1")
    logind.say("sleep")
    number = session.hear()[2]
    session.ready(number)
    check("the_lock_is_let_go_before_the_refusal", logind.line() == "open")
    logind.say("wake")
    check("waking_is_heard_from_a_logind_that_refuses", session.hear()[:2] == ("sleep", 0))
    check("that_the_lock_is_refused_is_heard", session.hear() == ("lock", 0))
    logind.say("sleep")
    check("its_word_of_sleep_is_heard_all_the_same", session.hear()[:2] == ("sleep", 1))
    logind.end()
    logind = Logind(bus)
    taken(logind, session)
    check("its_successors_word_ends_that_sleep", session.hear()[:2] == ("sleep", 0))
    logind.say("say 1")
    logind.say("refuse 0")
    late = Session(bus)
    check("a_session_that_starts_in_the_middle_says_that_it_is_there", late.hear() == ("lock", 0))
    check("takes_its_lock", late.hear() == ("lock", 1))
    check("and_hears_that_a_sleep_has_begun", late.hear()[:2] == ("sleep", 1))
    check("it_ends_well_with_core", late.end() == 0)
    logind.end()


def alone(bus: Bus) -> None:
    session = Session(bus)
    check("without_a_bus_it_ends_without_a_word", session.hear() == ("end",) and session.process.wait(PATIENCE) == 0)


def misled(bus: Bus) -> None:
    session = Session(bus)
    check("it_says_that_it_is_there_before_anything_else", session.hear() == ("lock", 0))
    session.core.send(struct.pack("<IIB", SLEEP, 1, 1))
    check("what_is_no_message_of_cores_ends_it", session.hear() == ("end",) and session.process.wait(PATIENCE) != 0)


def main() -> int:
    if not shutil.which("dbus-daemon"):
        print("skipped: no dbus-daemon")
        return 77
    with tempfile.TemporaryDirectory() as top:
        bus = Bus(pathlib.Path(top))
        alone(bus)
        bus.start()
        misled(bus)
        session = Session(bus)
        check("it_says_that_it_is_there", session.hear() == ("lock", 0))
        logind = Logind(bus)
        holder = taken(logind, session)
        slept(logind, session, "a_sleep")
        held_until_told(logind, session)
        strangers(bus, logind, session, holder)
        logind = logind_again(bus, logind, session)
        logind = bus_again(bus, logind, session)
        refused(bus, logind, session)
        check("it_ends_with_core", session.end() == 0, session.process.stderr.read())
        bus.stop()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
