# SPDX-License-Identifier: Apache-2.0
"""A store for console-web that answers from tables in memory: what pages do with good, bad and hostile rows can be
tried without a ledger. Numbers and columns come from console/lib/query.h itself."""
import pathlib
import re
import socket
import struct
import threading

HEADER = pathlib.Path(__file__).parents[2] / "console/lib/query.h"
ROWS_MOST, FRAME_MOST = 500, 128 << 10
DONE, REFUSED, INVALID, NO_SESSION, FORBIDDEN, LATER, FAILED = range(7)
CHIEF, SUPERVISOR, AUDITOR, CLERK, ADMINISTRATOR = (1 << i for i in range(5))


def header():
    """The header with the columns that several questions share written out for each."""
    text = HEADER.read_text()
    for name, shared in re.findall(r"#define (\w+_COLUMNS)\(C, Q\)(.*?[^\\])\n", text, re.S):
        text = re.sub(rf"(?<!define ){name}\(C, (\w+)\)", lambda m: shared.replace("C(Q,", f"C({m[1]},"), text)
    return text


def table():
    text = header()
    params, columns = {}, {}
    for into, letter in ((params, "P"), (columns, "C")):
        for query, name in re.findall(rf"\b{letter}\((\w+), \w+, \"(\w+)\", CELL_\w+\)", text):
            into.setdefault(query, []).append(name)
    numbers = {name: int(n) for name, n in re.findall(r"X\((\w+), (\d+), ", text)}
    assert len(numbers) > 15 and "HISTORY" in columns, "console/lib/query.h is not read rightly"
    return {n: (name, params.get(name, []), columns.get(name, [])) for name, n in numbers.items()}


TABLE = table()
TEXTS = {(query, name) for query, name in re.findall(r"\bC\((\w+), \w+, \"(\w+)\", CELL_TEXT\)", header())}


def keys(name):
    """[(parameter, column)] by which the next page of a query is asked for, and whether it goes downwards."""
    _, params, columns = next(row for row in TABLE.values() if row[0] == name)
    found = [(p, p.split("_", 1)[1]) for p in params if p.startswith(("before_", "after_"))]
    return [(p, c) for p, c in found if c in columns], any(p.startswith("before_") for p, _ in found)


class Endless:
    """Any list of `n` rows, in the order of its keys, as long as they fit a page of the store."""

    def __init__(self, name, n):
        _, _, columns = next(row for row in TABLE.values() if row[0] == name)
        self.keys, down = keys(name)
        numbers = range(n, 0, -1) if down else range(1, n + 1)
        self.rows = [{c: (f"{i:07d}" if (name, c) in TEXTS else i) if c in [k for _, k in self.keys]
                      else ("税 \"x\", y" if (name, c) in TEXTS else i % 3) for c in columns} for i in numbers]
        self.places = {self.key(row): i + 1 for i, row in enumerate(self.rows)}

    def key(self, row):
        return tuple(row[c] for _, c in self.keys)

    def page(self, params):
        given = tuple(params.get(p) for p, _ in self.keys)
        at = self.places[given] if None not in given else 0
        return self.rows[at:at + ROWS_MOST], at + ROWS_MOST < len(self.rows)


def cell(value):
    if value is None:
        return b"\0"
    if isinstance(value, bool) or isinstance(value, int):
        return struct.pack("=Bq", 1, int(value))
    raw = value.encode()
    return struct.pack("=BI", 2, len(raw)) + raw + b"\0"


def cells_read(data, at, n):
    values = []
    for _ in range(n):
        kind = data[at]
        at += 1
        if kind == 0:
            values.append(None)
        elif kind == 1:
            values.append(struct.unpack_from("=q", data, at)[0])
            at += 8
        else:
            size = struct.unpack_from("=I", data, at)[0]
            values.append(data[at + 4:at + 4 + size].decode())
            at += 4 + size + 1
    return values, at


class Store:
    """answer(name, params, session) gives an outcome, or (rows as dicts, more)."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []
        self.end, self.web_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        self.thread.start()

    def run(self):
        while True:
            try:
                data = self.end.recv(1 << 18)
            except OSError:
                return  # the test has ended
            if not data:
                return
            (session,), at = cells_read(data, 0, 1)
            query, limit, n = struct.unpack_from("=III", data, at)
            values, _ = cells_read(data, at + 12, n)
            name, names, columns = TABLE[query]
            params = {k: v for k, v in zip(names, values) if v is not None}
            self.asked.append((name, params, session))
            result = self.answer(name, params, session or "")
            outcome, rows, more = (result, [], False) if isinstance(result, int) else (DONE, *result)
            if len(rows) > (limit or ROWS_MOST):
                rows, more = rows[:limit or ROWS_MOST], True
            body, n = b"", 0
            for row in rows:
                packed = b"".join(cell(row.get(c)) for c in columns)
                if len(body) + len(packed) > FRAME_MOST - 64:
                    more = True
                    break
                body, n = body + packed, n + 1
            self.end.send(struct.pack("=IiIII", query, outcome, int(more), len(columns), n) + body)
