#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `mediagate doctor` finds on made-up systems: test_doctor.py BIN_DIR"""
import json
import pathlib
import subprocess
import sys
import tempfile

import doctor_fixture as fixture

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
sys.exit(1 if failed else 0)
