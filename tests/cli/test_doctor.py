#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `mediagate doctor` finds on made-up systems: test_doctor.py BIN_DIR"""
import json
import pathlib
import subprocess
import sys
import tempfile

import doctor_fixture as fixture
import ledger_fixture

mediagate = pathlib.Path(sys.argv[1]).resolve() / "mediagate"
STATUS = {"wrong": 8, "untold": 4, "warning": 0}
failed = 0
for claim, change, expected in fixture.CASES:
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        fixture.good(mediagate, root)
        change(root)
        r = subprocess.run([mediagate, "doctor", "--json", "--root", root, "--templates", fixture.top / "packaging"],
                           capture_output=True, text=True, timeout=60)
        said = json.loads(r.stdout)
        bad = [f for f in said["findings"] if f["level"] != "good"]
        got = [" ".join([f["check"], f["level"], f.get("subject", "").replace(folder, "@")]).strip() for f in bad]
        status = max([STATUS[f["level"]] for f in bad], default=0)
        fine = (len(got) == len(expected) and all(g.startswith(e) for g, e in zip(got, expected)) and r.returncode == status
                and all(f.get("hint") for f in bad) and not r.stderr)
        print(f"ok {claim}" if fine else f"not ok {claim}: {got}, status {r.returncode} {r.stderr}")
        failed += not fine
with tempfile.TemporaryDirectory() as folder:
    ledger_fixture.write_all(pathlib.Path(folder) / "ledgers")
    fixture.write_all(mediagate, pathlib.Path(folder) / "systems", pathlib.Path(folder) / "ledgers")
    for system, ledger, receipt in (("good", "good", None), ("setback", "wrong", 13),
                                    ("received", "good", 10)):
        r = subprocess.run([mediagate, "health", "--json", "--root", f"{folder}/systems/{system}", "--templates", fixture.top / "packaging"],
                           capture_output=True, text=True, timeout=60)
        said = json.loads(r.stdout)
        fine = said["ledger"] == ledger and (said["last_receipt"] or {}).get("records") == receipt
        if receipt:
            fine = fine and said["last_receipt"]["console"] == "city.example/mediagate/console"
        print(f"{'ok' if fine else 'not ok'} health of a terminal whose console saw {receipt} records: {ledger} {'' if fine else r}")
        failed += not fine
sys.exit(1 if failed else 0)
