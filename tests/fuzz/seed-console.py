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



def row(n: int, *texts: bytes, t: int = 0, hour: int = 9) -> bytes:
    texts = (texts + (b"",) * 7)[:7]
    head = struct.pack("=QQqqIiBB", n, n * 100, t, -1, 99, 20000, hour, 1) + bytes(map(len, texts)) + b"\0"
    head += b"\0" * (56 - len(head))
    return head + b"".join(x + b"\0" for x in texts)


def rows(*each: bytes) -> bytes:
    return struct.pack("=II", 3, len(each)) + b"".join(each)


FEEDS = {
    "rows": rows(row(0, b"copy", b"clerk1", b"clerk", b"USB-0007", b"", b"done"), row(1, "印".encode())),
    "none": rows() + b"",
    "row-cut": rows(row(0, b"copy"))[:-3],
    "hour-25": rows(row(0, b"copy", hour=25)),
    "text-not-closed": rows(row(0, b"copy"))[:-1] + b"x",
    "control": rows(row(0, b"co\x1bpy")),
    "open": struct.pack("=II", 1, 2026) + b"city.example/mediagate/T-01/2026".ljust(400, b"\0")
            + b"T-01".ljust(256, b"\0") + b"key".ljust(400, b"\0"),
    "open-not-closed": struct.pack("=II", 1, 2026) + b"a" * 1056,
    "closed": struct.pack("=Ii", 6, 0),
    "unknown": struct.pack("=II", 99, 0),
}
CONFS = {
    "all": 'office = "城下町"; port = 9000; proxied = true; ledgers = [ "/a", "/b" ]; every = 0;'.encode(),
    "list-in-list": b"ledgers = [ [ 1 ] ];", "group": b"office = { a = 1; };", "port-large": b"port = 99999999999L;",
    "include": b'@include "/etc/passwd"', "twice": b"port = 1; port = 2;", "float": b"every = 1.5;",
    "empty-text-thrown-away": b'office = "a"; por"" ,b ]; every = 0;',
}

for name, seeds in (("console_feed", FEEDS), ("console_conf", CONFS), ("console_ask", ASKS), ("console_answer", ANSWERS)):
    (CORPUS / name).mkdir(parents=True, exist_ok=True)
    for seed, data in seeds.items():
        (CORPUS / name / seed).write_bytes(data)
