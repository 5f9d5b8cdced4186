#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command's verify beside Go's golang.org/x/mod on the same ledger, and `journalctl --verify` on the same records:
verify_peers.py BIN_DIR [RECORDS]

CPU seconds of whole processes, the best of three in turn. One JSON object; a peer that is not installed is left out, and
standard error says so. The journal is not sealed: it is read for being in order, not for signatures."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
binaries, records = pathlib.Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "200000"


def cpu(words, **kw):
    p = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **kw)
    out = p.stdout.read()
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    assert p.returncode == 0 and "bad" not in out, out
    return used.ru_utime + used.ru_stime


REMOTE = os.environ.get("JOURNAL_REMOTE", "/lib/systemd/systemd-journal-remote")


def left_out(ratio, what):
    print(f"{ratio}: left out; {what} not installed", file=sys.stderr, flush=True)


def go_peer(scratch):
    """What verifies by Go's library, or None."""
    if not shutil.which("go") or not pathlib.Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog").exists():
        return left_out("verify_to_go", "golang-go or golang-golang-x-mod-dev is")
    peer = pathlib.Path(scratch) / "peer"
    environment = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOCACHE=scratch + "/cache", GOFLAGS="")
    subprocess.run(["go", "build", "-o", peer, TOP / "tests/peer/ledger.go"], check=True, env=environment)
    return peer


def journal_of(folder, scratch):
    """The same records as systemd keeps them, or None."""
    if not os.access(REMOTE, os.X_OK) or not shutil.which("journalctl"):
        return left_out("verify_to_journalctl", "systemd or systemd-journal-remote is")
    file = pathlib.Path(scratch) / "m.journal"
    records = subprocess.Popen([binaries / "mediagate", "history", "--ledger", folder, "--journal"], stdout=subprocess.PIPE)
    subprocess.run([REMOTE, "-o", file, "-"], stdin=records.stdout, check=True, stderr=subprocess.DEVNULL)
    assert records.wait() == 0
    return file


def main():
    made = json.loads(subprocess.run([binaries / "bench_open", "--json", "--keep", records], check=True, text=True,
                                     stdout=subprocess.PIPE).stdout)
    folder = pathlib.Path(made["folder"])
    with tempfile.TemporaryDirectory(dir="/dev/shm") as scratch:
        peer, question, journal = go_peer(scratch), pathlib.Path(scratch) / "question", journal_of(folder, scratch)
        question.write_text(f"ledger\t{folder}\n")
        ours, go, systemd = [], [], []
        for _ in range(3):
            ours.append(cpu([binaries / "mediagate", "verify", folder]))
            if peer:
                go.append(cpu([peer], stdin=question.open()))
            if journal:
                systemd.append(cpu(["journalctl", "--verify", "--file", journal]))
        size = journal.stat().st_size if journal else 0
    lines = (folder / "records.jsonl").stat().st_size
    shutil.rmtree(folder.parents[2])
    r = {"ratios": {}, "figures": {"verify_peers_records": int(records), "verify_command_s": round(min(ours), 3)}}
    if peer:
        r["ratios"]["verify_to_go"] = round(min(ours) / min(go), 3)
        r["figures"]["go_tlog_s"] = round(min(go), 3)
    if journal:
        r["ratios"]["verify_to_journalctl"] = round(min(ours) / min(systemd), 3)
        r["figures"].update(journalctl_verify_s=round(min(systemd), 3), journal_mb=round(size / 1e6, 1),
                            journal_ledger_mb=round(lines / 1e6, 1))
    return r


print(json.dumps(main()))
