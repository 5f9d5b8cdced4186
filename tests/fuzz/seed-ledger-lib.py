#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of fuzz_ledger_index, fuzz_ledger_line, fuzz_ledger_note, fuzz_ledger_proof, fuzz_ledger_seen and
fuzz_ledger_verify, out of docs/ledger.md and docs/cache.md."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests/fuzz/corpus"
text = (ROOT / "docs/ledger.md").read_text()
block = {m[1]: m[2] for m in re.finditer(r"^```([\w-]+)\n(.*?)^```$", text, re.M | re.S)}


def seed(folder, name, content):
    path = CORPUS / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


HEAD = '{"n":0,"t":"2026-11-21T09:00:00.000+09:00","kind":"start","terminal":"t1"'
lines = block["records"].splitlines()
for i, line in enumerate(lines):
    seed("ledger_line", f"record-{i}", line)
for name, rest in {
    "all-keys": ',"actor":"a","role":"clerk","for":"b","medium":"USB-1","checkout":"c","result":"intent",'
                '"reason":"ok","numbers":0,"detail":{}',
    "deep": ',"detail":{"a":{"b":[{"c":1}]},"d":[true,false,null,-1,18446744073709551615]}',
    "escapes": ',"detail":{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u3042\\ud83d\\ude00"}',
    "long-text": ',"detail":{"a":"' + "0123456789abcdef" * 8 + '"}',
    "utf8": ',"detail":{"name":"給付金○○😀.csv"}',
    "twice": ',"detail":{"a":1,"b":2,"a":3}',
}.items():
    seed("ledger_line", name, HEAD + rest + "}")

seed("ledger_note", "specification", block["note-vkey"] + "\n" + block["note"])
seed("ledger_note", "checkpoint", block["vkey"] + "\n" + block["checkpoint"])
seed("ledger_note", "two-signatures", block["vkey"] + "\n" + block["checkpoint"] +
     "\u2014 witness.example AAAAAAAAAAA=\n")
seed("ledger_note", "key-alone", block["vkey"].rstrip())

seed("ledger_proof", "second", block["vkey"] + block["proof"])
seed("ledger_proof", "no-hashes", block["vkey"] + re.sub(r"(index 1\n).*?\n\n", r"\1\n", block["proof"], flags=re.S))
seed("ledger_proof", "no-extra", block["vkey"] + re.sub(r"extra .*\n", "", block["proof"]))

seed("ledger_seen", "note", block["checkpoint"])
seed("ledger_seen", "paper", block["paper"].rstrip())
seed("ledger_seen", "typed", block["paper"].rstrip().lower().replace(" ", "-"))

whole = block["vkey"] + block["checkpoint"]
seed("ledger_verify", "whole", whole + block["records"])
seed("ledger_verify", "uncovered", whole + block["records"] + lines[2].replace('"n":2', '"n":3') + "\n")
seed("ledger_verify", "torn", whole + block["records"] + '{"n":3,"t":"2026')
seed("ledger_verify", "missing", whole + "\n".join(lines[:2]) + "\n")
seed("ledger_verify", "key-change", whole + HEAD.replace("start", "key").replace('"t1"', '"madoguchi-01"') +
     ',"detail":{"vkey":"' + block["vkey"].rstrip() + '","signature":"' + "A" * 86 + '=="}}\n')

cache = {m[1]: m[2] for m in re.finditer(r"^```([\w-]+)\n(.*?)^```$", (ROOT / "docs/cache.md").read_text(), re.M | re.S)}
body = bytes.fromhex(cache["body"])
seed("ledger_index", "whole", b"\0" + cache["head"].encode() + body)
seed("ledger_index", "body", b"\1" + body)
seed("ledger_index", "no-refs", b"\1" + body[:40] + bytes(8) + body[48:168])
seed("ledger_index", "cut", b"\1" + body[:-1])
