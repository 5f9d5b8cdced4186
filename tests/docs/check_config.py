#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/configuration.md and mediagate.conf(5) say what the table of keys says: check_config.py BIN_DIR [--update]"""
import pathlib
import re
import subprocess
import sys

top = pathlib.Path(__file__).resolve().parents[2]
binaries, update = pathlib.Path(sys.argv[1]), "--update" in sys.argv
FILES = ["terminal.conf", "policy.conf", "roster.conf", "recipients.conf"]
PAGES = [
    ("docs/configuration.md", "md", r"<!-- table: (\S+) -->\n", r"<!-- end -->"),
    ("packaging/man/mediagate.conf.5", "mdoc", r'\.\\" table: (\S+)\n', r'\.\\" end'),
]
faults = []

for page, form, begin, end in PAGES:
    path = top / page
    text = path.read_text()

    def table(match):
        made = subprocess.run([binaries / "config_tables", form, match[2]], check=True, capture_output=True, text=True)
        return match[1] + made.stdout + match[3]

    names = re.findall(begin, text)
    made = re.sub(f"({begin}).*?({end})", table, text, flags=re.S)
    if names != FILES:
        faults.append(f"{page}: tables of {names}")
    if update:
        path.write_text(made)
    elif made != text:
        faults.append(f"{page}: a table is not that of the code: tests/docs/check_config.py BIN_DIR --update")

lint = subprocess.run(["man", "--warnings", "-l", "-Tutf8", str(top / PAGES[1][0])], capture_output=True, text=True)
if lint.returncode == 0 and lint.stderr:
    faults.append(lint.stderr)
print("\n".join(faults + [f"configuration pages: {len(faults)} faults"]))
sys.exit(1 if faults else 0)
