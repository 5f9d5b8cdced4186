#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ledgers and proofs as Go's golang.org/x/mod sees them: run.py BIN_DIR SCRATCH

Debian's golang-golang-x-mod-dev verifies what ours wrote and refuses what was altered. Status 77: Go is not installed."""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
SOURCES = pathlib.Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")
sys.path.insert(0, str(TOP / "tests/cli"))
import ledger_fixture  # noqa: E402

binaries, scratch = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
if not shutil.which("go") or not SOURCES.exists():
    print("golang-go and golang-golang-x-mod-dev are not installed")
    sys.exit(77)


def peer_build():
    program = scratch / "ledger-peer"
    environment = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOCACHE=str(scratch / "go-cache"),
                       GOFLAGS="")
    scratch.mkdir(parents=True, exist_ok=True)
    subprocess.run(["go", "build", "-o", program, str(TOP / "tests/peer/ledger.go")], check=True, env=environment)
    return program


class Questions:
    """What is asked, and what the answer must begin with."""

    def __init__(self):
        self.asked = []

    def ask(self, want, *words):
        self.asked.append((want, "\t".join(map(str, words))))

    def faults(self, program):
        out = subprocess.run([program], input="".join(q + "\n" for _, q in self.asked), text=True, check=True,
                             stdout=subprocess.PIPE).stdout.splitlines()
        assert len(out) == len(self.asked)
        return [f"{question}: {answer}, not {want}" for (want, question), answer in zip(self.asked, out)
                if answer.split()[0] != want]


def proofs(q, folder, vkey, numbers, work):
    """Each proof opens; with a byte of record, path, index or checkpoint changed it does not."""
    draw = random.Random(4)
    for n in numbers:
        made = subprocess.run([binaries / "mediagate", "proof", str(n), "--ledger", folder], check=True,
                              capture_output=True).stdout
        good, bad = work / f"{n}.tlog-proof", work / f"{n}.altered"
        good.write_bytes(made)
        at = draw.randrange(len(b"c2sp.org/tlog-proof@v1\n") + 6, made.index(b"\n\n"))
        other = bytes([made[at] ^ 1]) if made[at:at + 1] not in b"\n= " else b"A"
        bad.write_bytes(made[:at] + other + made[at + 1:])
        q.ask("good", "proof", vkey, good)
        q.ask("bad", "proof", vkey, bad)


def main():
    q = Questions()
    with tempfile.TemporaryDirectory() as top:
        work = pathlib.Path(top)
        ledger_fixture.write_all(work / "ledgers")
        for name, want in (("good", "good"), ("flip", "bad"), ("tail", "good")):
            q.ask(want, "ledger", work / "ledgers" / name / "SIN-07/2026")
        proofs(q, work / "ledgers/good", ledger_fixture.key(b"ledger")[2], range(len(ledger_fixture.records())), work)
        q.ask("bad", "proof", ledger_fixture.key(b"other")[2], work / "0.tlog-proof")
        faults = q.faults(peer_build())
    print("\n".join(faults + [f"{len(q.asked)} questions, {len(faults)} faults"]))
    return 1 if faults else 0


sys.exit(main())
