#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command's verify beside Go's golang.org/x/mod on the same ledger: verify_peers.py BIN_DIR [RECORDS]

CPU seconds of whole processes, the best of three in turn. One JSON object; empty where Go is not installed."""
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


def main():
    if not shutil.which("go") or not pathlib.Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog").exists():
        return {}
    made = json.loads(subprocess.run([binaries / "bench_open", "--json", "--keep", records], check=True, text=True,
                                     stdout=subprocess.PIPE).stdout)
    folder = pathlib.Path(made["folder"])
    with tempfile.TemporaryDirectory() as scratch:
        peer, question = pathlib.Path(scratch) / "peer", pathlib.Path(scratch) / "question"
        environment = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOCACHE=scratch + "/cache", GOFLAGS="")
        subprocess.run(["go", "build", "-o", peer, TOP / "tests/peer/ledger.go"], check=True, env=environment)
        question.write_text(f"ledger\t{folder}\n")
        ours, theirs = [], []
        for _ in range(3):
            ours.append(cpu([binaries / "mediagate", "verify", folder]))
            theirs.append(cpu([peer], stdin=question.open()))
    shutil.rmtree(folder.parents[2])
    return {"ratios": {"verify_to_go": round(min(ours) / min(theirs), 3)},
            "figures": {"verify_peers_records": int(records), "verify_command_s": round(min(ours), 3),
                        "go_tlog_s": round(min(theirs), 3)}}


print(json.dumps(main()))
