#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a package for an auditor: check.py [KEYS]

Every ledger of the list is verified under the key of the list, and must be of the size and root that the list has; every
proof under the key that signed its checkpoint. No ledger may be here that the list does not name. KEYS: a file with the
keys as they were noted at enrolment, one a line; then those are the ones that count.
Status: 0 nothing is altered, 6 something is, 4 a file cannot be read. Needs Python 3 and, where python3-cryptography is
not installed, the command openssl (3.0 or later).
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
import verify  # noqa: E402


def noted(path):
    """Keys by their names."""
    with open(path, encoding="utf-8") as f:
        return {line.split("+")[0]: line.strip() for line in f if line.strip()}


def inside(top, name):
    """A path below `top`, whatever the list says."""
    path = os.path.join(HERE, top, name)
    if not os.path.realpath(path).startswith(os.path.join(os.path.realpath(HERE), top) + os.sep):
        raise verify.Refused(f"{name}: not a place in the package")
    return path


def ledger_check(entry, keys):
    """Its report; `why` says what is wrong."""
    key = keys.get(entry["origin"]) if keys is not None else entry["key"]
    report = verify.verify_folder(inside("ledgers", entry["folder"]), (key or "").encode())
    if keys is not None and not key:
        report.why = "no key was noted for it"
    elif not report.why and (report.origin, report.size, report.root) != (entry["origin"], entry["size"], entry["root"]):
        report.why = "it is not the ledger of the list, or has another size or root"
    return report


def proof_check(entry, reports):
    report = reports.get(entry["folder"])
    if not report or report.why:
        raise verify.Refused("its ledger is not verified")
    line = verify.verify_proof(verify.file_read(inside("proofs", entry["file"]), 2 * verify.NOTE_MAX), report.key.encode())
    if json.loads(line)["n"] != entry["n"]:
        raise verify.Refused("it is of another record than the list says")


def main(arguments):
    faults = 0
    with open(os.path.join(HERE, "list.json"), encoding="utf-8") as f:
        listed = json.load(f)
    keys = noted(arguments[0]) if arguments else None
    reports = {entry["folder"]: ledger_check(entry, keys) for entry in listed["ledgers"]}
    verify.years_compare([(inside("ledgers", folder), r) for folder, r in reports.items()])
    for entry in listed["ledgers"]:
        report = reports[entry["folder"]]
        verify.report_print(entry["folder"], report)
        if entry["verdict"] != "verified":
            print(f"  NOTE: the console has it as: {entry['verdict']}; what is here is what it held before")
        faults += bool(report.why)
    found = {os.path.relpath(path, os.path.join(HERE, "ledgers")) for path in verify.folders_find(os.path.join(HERE, "ledgers"))}
    for folder in sorted(found - reports.keys()):
        print(f"{folder}: REFUSED\n  it is not on the list")
        faults += 1
    for entry in listed["proofs"]:
        try:
            proof_check(entry, reports)
        except (verify.Refused, OSError) as e:
            print(f"proofs/{entry['file']}: REFUSED\n  {e}")
            faults += 1
    print(f"\n{len(reports)} ledgers, {len(listed['proofs'])} proofs: " + (f"{faults} REFUSED" if faults else "nothing is altered"))
    return 6 if faults else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except verify.Refused as e:
        print(f"REFUSED: {e.why}")
        sys.exit(6)
    except (OSError, KeyError, TypeError, ValueError) as e:
        print(f"error: {e!r}", file=sys.stderr)
        sys.exit(4)
