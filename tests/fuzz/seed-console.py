#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of the console's frames: what console/lib/frame.h says, and small mistakes in it."""
import pathlib
import struct

CORPUS = pathlib.Path(__file__).parent / "corpus"


def text(s: str) -> bytes:
    b = s.encode()
    return b"\x02" + struct.pack("=I", len(b)) + b + b"\0"


def number(n: int) -> bytes:
    return b"\x01" + struct.pack("=q", n)


NONE = b"\x00"


def ask(query: int, *cells: bytes, session: str = "", limit: int = 0, n: int | None = None) -> bytes:
    return text(session) + struct.pack("=III", query, limit, len(cells) if n is None else n) + b"".join(cells)


def answer(query: int, columns: int, *rows: bytes, outcome: int = 0, more: int = 0) -> bytes:
    return struct.pack("=IiIII", query, outcome, more, columns, len(rows)) + b"".join(rows)


ASKS = {
    "who": ask(1, session="a" * 43),
    "sign-in": ask(2, text("auditor1"), text("correct horse battery"), text("127.0.0.1")),
    "history": ask(30, number(0), NONE, text("事務1"), NONE, NONE, text("copy"), limit=50, session="b" * 43),
    "record": ask(31, number(1 << 36)),
    "too-many-cells": ask(31, number(1), number(2)),
    "wrong-type": ask(31, text("1")),
    "cells-promised": ask(30, number(1), n=11),
    "huge-count": ask(30, n=0xFFFFFFFF),
    "unknown-query": ask(999),
    "not-utf8": ask(5, b"\x02" + struct.pack("=I", 2) + b"\xff\xfe\0"),
    "long-size": ask(5, b"\x02" + struct.pack("=I", 0xFFFFFFFF) + b"a\0"),
    "session-too-long": ask(1, session="c" * 64),
    "session-not-text": number(1) + struct.pack("=III", 1, 0, 0),
}
ANSWERS = {
    "choices": answer(33, 1, text("clerk1"), text("書記2"), more=1),
    "states": answer(41, 2, number(0) + number(12), number(1) + number(3)),
    "refused": answer(2, 4, outcome=1),
    "nothing": answer(33, 1),
    "rows-promised": answer(33, 1, text("a"))[:16] + struct.pack("=I", 400) + text("a"),
    "columns-wrong": answer(33, 2, text("a") + text("b")),
    "outcome-unknown": answer(33, 1, outcome=77),
    "nul-inside": answer(33, 1, b"\x02" + struct.pack("=I", 3) + b"a\0b\0"),
}

for name, seeds in (("console_ask", ASKS), ("console_answer", ANSWERS)):
    (CORPUS / name).mkdir(parents=True, exist_ok=True)
    for seed, data in seeds.items():
        (CORPUS / name / seed).write_bytes(data)
