#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shared reader as a stranger meets it: run.py BUILD_DIR CC

Installs it into an empty folder, finds it by pkg-config, builds the example with nothing else and runs it on good and
altered ledgers. What the library shows is what the header declares, each name with its version."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/cli"))
import ledger_fixture  # noqa: E402

build, compiler = sys.argv[1], sys.argv[2]
faults = []


def check(good, claim):
    if not good:
        faults.append(claim)


def said(*words, **kw):
    return subprocess.run(words, check=True, text=True, capture_output=True, **kw).stdout


def names(library):
    header = (TOP / "include/mediagate/ledger.h").read_text()
    header = re.sub(r"/\*.*?\*/|^#.*?(?<!\\)$", "", header, flags=re.S | re.M)
    inlined = set(re.findall(r"^static inline \w+ (ledger_\w+)\(", header, re.M))
    declared = set(re.findall(r"\b(ledger_\w+)\(", header)) - inlined
    shown = dict(line.split()[-1].split("@@") for line in said("nm", "-D", "--defined-only", library).splitlines()
                 if "@@" in line)
    check(set(shown) == declared, f"shown and declared differ: {sorted(set(shown) ^ declared)}")
    check(set(shown.values()) == {"MEDIAGATE_LEDGER_0.1"}, f"versions are {set(shown.values())}")
    check(len(declared) > 10, "the header declares nothing")
    check("(SONAME)" in (d := said("readelf", "-d", library)) and "[libmediagate-ledger.so.0]" in d, "its soname")


with tempfile.TemporaryDirectory() as work:
    prefix, out = pathlib.Path(work) / "usr", pathlib.Path(work) / "ledger-reader"
    said("cmake", "--install", build, "--component", "reader", "--prefix", str(prefix))
    pc = next(prefix.rglob("mediagate-ledger.pc"))
    config = dict(os.environ, PKG_CONFIG_PATH=str(pc.parent))
    flags = said("pkg-config", f"--define-variable=prefix={prefix}", "--cflags", "--libs", "mediagate-ledger", env=config).split()
    said(compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-D_POSIX_C_SOURCE=200809L", "-o", str(out),
         str(TOP / "docs/examples/ledger-reader.c"), *flags)
    library = next(prefix.rglob("libmediagate-ledger.so.0"))
    names(str(library))
    environment = dict(os.environ, LD_LIBRARY_PATH=str(library.parent))
    ledgers = pathlib.Path(work) / "ledgers"
    ledger_fixture.write_all(ledgers)
    folder = next((ledgers / "good").rglob("records.jsonl")).parent
    good = said(str(out), str(folder), env=environment).splitlines()
    lines = (folder / "records.jsonl").read_text().splitlines()
    signed = int((folder / "checkpoint").read_text().splitlines()[1])
    check(len(lines) >= signed > 0, "the fixture has records")
    check(re.fullmatch(r"\S+ enrol ", good[0]) is not None, f"first line: {good[0]!r}")
    check(good[signed] == "c2sp.org/tlog-proof@v1", f"behind {signed} records comes a proof: {good[signed]!r}")
    bad = next((ledgers / "flip").rglob("records.jsonl")).parent
    r = subprocess.run([str(out), str(bad)], env=environment, text=True, capture_output=True)
    check(r.returncode == 1 and not r.stdout and "line " in r.stderr, f"an altered ledger: {r}")
    check(subprocess.run([str(out), work], env=environment, capture_output=True).returncode == 1, "no ledger")

print("\n".join(faults + [f"reader: {len(faults)} faults"]))
sys.exit(1 if faults else 0)
