#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Terminals that send their records themselves: the console's processes over a real socket.

push.py BUILD: real ledgers are made by the agent's own ledger process (tests/verifier/ledger_make.c), which keeps the
checkpoints of its stops: a terminal at an earlier time is its first lines with that checkpoint. Cosignatures are judged by
Python's cryptography, from the text of C2SP's tlog-cosignature.
"""
import base64
import hashlib
import http.client
import os
import pathlib
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

BIN = pathlib.Path(sys.argv[1]) / "bin"
failed = 0


def ok(claim: str, good: bool, seen: object = "") -> None:
    global failed
    print(("ok " if good else "not ok ") + claim, "" if good else f"\n    {seen}", flush=True)
    failed += not good


class Console:
    def __init__(self, data: pathlib.Path) -> None:
        self.common = ["--no-config", "--libexec", str(BIN), "--data", str(data)]
        if os.geteuid() == 0:
            self.common += ["--user", "root"]
        self.data = data
        self.log = open(data.parent / "serve.log", "ab")
        self.process = subprocess.Popen([BIN / "mediagate-console", "serve", *self.common, "--port", "0", "--push-port", "0"],
                                        text=True, stdout=subprocess.PIPE, stderr=self.log, env={**os.environ, "LC_ALL": "C"})
        self.process.stdout.readline()
        self.port = int(self.process.stdout.readline().split("/push")[0].rsplit(":", 1)[1])

    def key(self) -> str:
        """Who cosigns starts beside the others."""
        for _ in range(100):
            r = subprocess.run([BIN / "mediagate-console", "key", *self.common], text=True, capture_output=True, timeout=30)
            if r.returncode == 0:
                return r.stdout.strip()
            time.sleep(0.1)
        raise RuntimeError(r.stderr)

    def verdict(self) -> tuple[str, int]:
        """Of the one ledger, and how many records are held."""
        with sqlite3.connect(self.data / "ledgers.db", timeout=10) as db:
            number, size = db.execute("SELECT verdict, size FROM ledgers WHERE terminal = 'T-01'").fetchone()
        return ("verified", "unreadable", "truncated", "rolled-back", "altered", "foreign", "other-key", "forked")[number], size

    def post(self, body: bytes, path: str = "/push", method: str = "POST") -> tuple[int, bytes]:
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        c.request(method, path, body, {"Content-Type": "application/octet-stream"})
        r = c.getresponse()
        return r.status, r.read()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        return self.process.returncode


class Reply:
    def __init__(self, status: int, body: bytes) -> None:
        self.status, self.body = status, body
        title, line, rest = body.split(b"\n", 2)
        assert title == b"mediagate/reply/v1", body
        word, number, cosignature, checkpoint = line.split(b" ")
        self.word, self.number = word.decode(), int(number)
        self.cosignature, self.checkpoint = rest[:int(cosignature)], rest[int(cosignature):]
        assert len(self.checkpoint) == int(checkpoint), body


class Terminal:
    """A ledger's folder as it stands after `size` records."""

    def __init__(self, year: pathlib.Path, checkpoint: bytes) -> None:
        self.vkey = (year / "vkey").read_text().rstrip("\n")
        self.checkpoint = checkpoint
        self.size = int(checkpoint.split(b"\n")[1])
        lines = (year / "records.jsonl").read_bytes().split(b"\n")
        self.records = b"".join(line + b"\n" for line in lines[:self.size])

    def request(self, base: int, at: int, end: int, last: bool = True) -> bytes:
        part, checkpoint = self.records[at:end], self.checkpoint if last else b""
        return f"mediagate/push/v1\n{self.vkey}\n{base} {at} {len(part)} {len(checkpoint)}\n".encode() + part + checkpoint

    def send(self, console: Console, base: int, part: int = 1 << 20) -> Reply:
        at = base
        while True:
            end = min(at + part, len(self.records))
            reply = Reply(*console.post(self.request(base, at, end, end == len(self.records))))
            if reply.word != "more":
                return reply
            at = reply.number

    def send_on(self, console: Console, base: int) -> Reply:
        reply = self.send(console, base)
        for _ in range(2):
            if reply.word == "again":
                reply = self.send(console, reply.number if reply.number <= len(self.records) else 0)
        return reply


def cosigned(reply: Reply, checkpoint: bytes, vkey: str) -> bool:
    """By that key, of that checkpoint, just now."""
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    if key[0] != 4 or hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() != key_id:
        return False
    dash, who, data = reply.cosignature.decode().rstrip("\n").split(" ")
    data = base64.b64decode(data)
    if dash != "—" or who != name or data[:4].hex() != key_id:
        return False
    when = struct.unpack(">Q", data[4:12])[0]
    text = checkpoint.rsplit(b"\n\n", 1)[0] + b"\n"
    try:
        Ed25519PublicKey.from_public_bytes(key[1:]).verify(data[12:], f"cosignature/v1\ntime {when}\n".encode() + text)
    except InvalidSignature:
        return False
    return abs(when - time.time()) < 60


def make(work: pathlib.Path, seed: int) -> list[Terminal]:
    """One terminal at rising times."""
    made = subprocess.run([BIN / "ledger_make", work, str(seed), "300"], text=True, capture_output=True, check=True, timeout=120)
    top = pathlib.Path(made.stdout.strip())
    year = next((top / "ledger").glob("*/*/checkpoint")).parent
    notes = [p.read_bytes() for p in top.glob("seen-*")] + [(year / "checkpoint").read_bytes()]
    times = {t.size: t for t in (Terminal(year, n) for n in notes)}
    return [times[size] for size in sorted(times)]


def check_growth(console: Console, key: str, times: list[Terminal]) -> None:
    held = 0
    for n, t in enumerate(times[:-1]):
        reply = t.send_on(console, held)
        good = reply.word == "received" and reply.status == 200 and reply.number == len(t.records)
        ok(f"the terminal's {t.size} records are received", good, reply.body[:300])
        ok("and their checkpoint is cosigned", good and cosigned(reply, t.checkpoint, key), reply.cosignature)
        held = len(t.records)
        ok("they are held and verified", console.verdict() == ("verified", t.size), console.verdict())
        if n == 0:
            ok("the console's own checkpoint comes with it", reply.checkpoint.startswith(b"console.invalid/mediagate/console/"),
               reply.checkpoint)
    last = times[-1]
    reply = last.send(console, held, part=777)
    ok("in small parts, too", reply.word == "received" and console.verdict() == ("verified", last.size), reply.body[:300])
    reply = last.send(console, len(last.records))
    ok("with nothing new it is cosigned again", reply.word == "received" and cosigned(reply, last.checkpoint, key), reply.body[:300])


def check_rollback(console: Console, times: list[Terminal], work: pathlib.Path) -> None:
    early, last = times[0], times[-1]
    late = work / "late"
    late.mkdir()
    (late / "records.jsonl").write_bytes(early.records)
    (late / "checkpoint").write_bytes(early.checkpoint)
    (late / "vkey").write_text(early.vkey + "\n")
    r = subprocess.run([BIN / "mediagate-console", "import", *console.common, late], text=True, capture_output=True, timeout=60)
    ok("an older copy that is imported late is no alarm", r.returncode == 0 and console.verdict() == ("verified", last.size), r)
    reply = early.send_on(console, len(early.records))
    ok("the same sent by the terminal is a rollback", reply.word == "wrong" and reply.status == 422
       and console.verdict() == ("rolled-back", last.size), (reply.body, console.verdict()))
    ok("and is not cosigned", not reply.cosignature, reply.body)
    reply = last.send_on(console, len(last.records))
    ok("which ends with what was held", reply.word == "received" and console.verdict()[0] == "verified", reply.body)


def check_wrong(console: Console, times: list[Terminal], work: pathlib.Path) -> None:
    last = times[-1]
    cut = Terminal.__new__(Terminal)
    cut.vkey, cut.checkpoint, cut.size, cut.records = last.vkey, last.checkpoint, last.size, last.records[:-500]
    reply = cut.send_on(console, 0)
    ok("fewer lines than the checkpoint says are told", reply.word == "wrong" and console.verdict()[0] == "truncated", reply.body)
    cut.records = last.records.replace(b'"kind":"', b'"kind":"x', 1)
    reply = cut.send_on(console, 0)
    ok("an altered record is told", reply.word == "wrong" and console.verdict()[0] == "altered", reply.body)
    stranger = make(work, 4)[-1]
    reply = stranger.send_on(console, 0)
    ok("another key in the terminal's name is told", reply.word == "wrong" and console.verdict()[0] == "other-key", reply.body)
    ok("all the while nothing of it is held", console.verdict()[1] == last.size, console.verdict())
    reply = last.send_on(console, len(last.records))
    ok("the terminal itself is received as before", reply.word == "received" and console.verdict()[0] == "verified", reply.body)


def check_http(console: Console, last: Terminal) -> None:
    ok("another path is not there", console.post(b"x", "/")[0] == 404)
    ok("nobody reads there", console.post(b"", method="GET")[0] == 405)
    ok("what is no request is refused", console.post(b"hello")[0] == 400)
    body = last.request(0, 0, len(last.records))
    ok("nor is half of one", console.post(body[:-1])[0] == 400 and console.post(body + b"x")[0] == 400)
    c = http.client.HTTPConnection("127.0.0.1", console.port, timeout=60)
    c.putrequest("POST", "/push")
    c.putheader("Content-Length", str(2 << 20))
    c.endheaders()
    ok("what is too large is refused before it is sent", c.getresponse().status == 413)
    reply = last.send_on(console, len(last.records))
    ok("and the next terminal is served", reply.word == "received", reply.body)


def until_received(console: Console, last: Terminal) -> Reply:
    """A console that is busy, or not all there, is asked again, no faster than it allows."""
    reply = Reply(0, b"mediagate/reply/v1\nnobody 0 0 0\n")
    for _ in range(200):
        try:
            reply = last.send_on(console, len(last.records))
            if reply.word == "received":
                break
        except (OSError, http.client.HTTPException, AssertionError, ValueError):
            pass
        time.sleep(0.2)
    return reply


def check_restart(console: Console, key: str, last: Terminal) -> None:
    ok("it ends when it is told to", console.end() == 0)
    again = Console(console.data)
    ok("its key stays", again.key() == key, again.key())
    reply = until_received(again, last)  # the first import of its own ledger may be under way
    ok("and so does what is held", reply.word == "received" and cosigned(reply, last.checkpoint, key), reply.body)
    children = pathlib.Path(f"/proc/{again.process.pid}/task/{again.process.pid}/children").read_text().split()
    names = {int(p): pathlib.Path(f"/proc/{p}/comm").read_text().strip() for p in children}
    witness = next(p for p, name in names.items() if name == "console-witness")
    os.kill(witness, signal.SIGKILL)
    reply = until_received(again, last)
    ok("when one of its processes dies all of them start again", reply.word == "received", reply.body)
    again.end()


def main() -> int:
    with tempfile.TemporaryDirectory() as d:
        work = pathlib.Path(d)
        times = make(work, 2)
        ok("the ledger has an earlier time", len(times) > 2, times)
        console = Console(work / "data")
        try:
            key = console.key()
            check_growth(console, key, times)
            check_rollback(console, times, work)
            check_wrong(console, times, work)
            check_http(console, times[-1])
            check_restart(console, key, times[-1])
        finally:
            if failed:
                print((work / "serve.log").read_text())
            if console.process.poll() is None:
                console.end()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
