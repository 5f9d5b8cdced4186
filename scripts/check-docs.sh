#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The documents say what the tables say: check-docs.sh BIN_DIR [--update]
#   mediagate(1)   every verb and option that --help lists, and no other
#   README.md      its table of packages has every one of scripts/packages, and no other, each with what it is for
#   docs/wire.md   its tables are those of include/ (--update writes them)
#   every source, document and shipped file says its licence
set -eu
here=$(dirname "$(readlink -f "$0")")
bin=$(realpath "${1:?the folder with the programs}")
exec env LC_ALL=C.UTF-8 LANGUAGE= python3 - "$here/.." "$bin" "${2:-}" <<'PYTHON'
import pathlib
import re
import subprocess
import sys

top, binaries, update = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3] == "--update"
faults = []


def said(*words):
    return subprocess.run([binaries / words[0], *words[1:]], check=True, capture_output=True, text=True).stdout


def command_options():
    """{verb: {option}}, as the command itself lists them; "" holds those of all verbs."""
    overview = said("mediagate", "--help")
    verbs = re.findall(r"^  ([a-z][a-z-]*) ", overview.split("\noptions:")[0], re.M)
    found = {"": set(re.findall(r"^  --([a-z-]+)", overview, re.M))}
    for verb in verbs:
        found[verb] = set(re.findall(r"^  --([a-z-]+)", said("mediagate", verb, "--help"), re.M)) - found[""]
    return found


def man_options(path):
    found, verb, section = {"": set()}, "", ""
    for line in path.read_text().splitlines():
        if line.startswith(".Sh "):
            section, verb = line[4:], ""
        match = re.match(r"\.It Cm ([a-z-]+)", line)
        if match and section == "VERBS":
            verb = match[1]
            found.setdefault(verb, set())
        match = re.match(r"\.It Fl \\-([a-z-]+)", line)
        if match:
            found[verb].add(match[1])
    return found


def man_check():
    have, want = man_options(top / "packaging/man/mediagate.1"), command_options()
    for verb in sorted(have.keys() | want.keys()):
        if verb not in have or verb not in want:
            faults.append(f"verb {verb} is only in {'mediagate(1)' if verb in have else 'the command'}")
            continue
        for option in sorted(have[verb] ^ want[verb]):
            where = "mediagate(1)" if option in have[verb] else "the command"
            faults.append(f"option --{option} of {verb or 'all verbs'} is only in {where}")
    if len(want) < 5:
        faults.append("the command lists no verbs")


def packages_check():
    lines = [line for line in (top / "scripts/packages").read_text().splitlines() if not line.startswith("#")]
    want = {name for line in lines for name in line.partition(":")[2].split()}
    table = (top / "README.md").read_text().partition("| Debian package | for |\n|---|---|\n")[2].partition("\n\n")[0]
    have = []
    for row in table.splitlines():
        names, reason = (cell.strip() for cell in row.strip("|").split("|"))
        have += re.sub(r"\([^)]*\)", "", names).replace(",", " ").split()
        if not reason:
            faults.append(f"README.md: nothing says what {names} is for")
    for name in sorted(want ^ set(have)):
        faults.append(f"package {name} is only in {'README.md' if name in have else 'scripts/packages'}")
    faults.extend(f"README.md: package {name} has two rows" for name in sorted(set(have)) if have.count(name) > 1)


def wire_check():
    path = top / "docs/wire.md"
    text = path.read_text()
    names = re.findall(r"<!-- table: (\w+) -->", text)
    for name in names:
        table = said("wire_tables", name)
        text = re.sub(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", lambda m: m[1] + table + m[2], text, flags=re.S)
    if update:
        path.write_text(text)
    elif text != path.read_text():
        faults.append("docs/wire.md: a table is not that of include/: scripts/check-docs.sh BIN_DIR --update")
    if sorted(names) != ["faults", "fields", "limits", "messages", "verbs"]:
        faults.append("docs/wire.md: a table is missing")


man_check()
packages_check()
wire_check()
print("\n".join(faults + [f"documents: {len(faults)} faults"]))
sys.exit(1 if faults else 0)
PYTHON
