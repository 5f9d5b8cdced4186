#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes corpus/policy/: the shipped configuration and the small files with one mistake each, each behind
the byte that chooses its file."""
import pathlib

here = pathlib.Path(__file__).parent
tests, corpus = here.parent, here / "corpus/policy"
KINDS = ["terminal", "policy", "roster", "recipients"]

corpus.mkdir(parents=True, exist_ok=True)
for old in corpus.iterdir():
    old.unlink()
sources = [tests.parent / "packaging/etc" / f"{kind}.conf" for kind in KINDS]
sources += sorted((tests / "bad/policy").glob("*.conf"))
written = 0
for path in sources:
    text = path.read_bytes()
    kind = path.name.split(".")[-2]
    if len(text) > 4096:
        continue
    name = path.name if path.parent.name == "policy" else f"shipped.{path.name}"
    (corpus / name.removesuffix(".conf")).write_bytes(bytes([KINDS.index(kind)]) + text)
    written += 1
print(f"{written} seeds")
