#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of fuzz_ledger_fold, fuzz_ledger_message and fuzz_enrolment."""
import pathlib
import struct

here = pathlib.Path(__file__).parent / "corpus"


def seed(name, file, content):
    folder = here / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(content)


def line(n, kind, rest):
    return ('{"n":%d,"t":"2026-11-21T17:00:00.000+09:00","kind":"%s","terminal":"T-01"%s}\n' % (n, kind, rest)).encode()


loan = ('"clerk":"clerk1","supervisor":"supervisor1","purpose":"submission","ground":"law","destination":"x",'
        '"from":"2026-11-21T17:00:00.000+09:00","until":"2026-11-22T17:00:00.000+09:00","terminals":"T-01,T-02",'
        '"carry_out":true,"locked_carrier":false')
story = [
    line(0, "enrol", ',"result":"done"'),
    line(1, "register", ',"actor":"s","medium":"USB-1","result":"intent"'),
    line(2, "register", ',"medium":"USB-1","result":"done","detail":{"identity":"%s","supervisor":"s","size":5,"intent":1}' % ("a5" * 32)),
    line(3, "checkout", ',"medium":"USB-1","checkout":"T-01-2026-0007","result":"done","detail":{%s}' % loan),
    line(4, "copy", ',"actor":"c","medium":"USB-1","checkout":"T-01-2026-0007","result":"intent","detail":{"copy":"C-1"}'),
    line(5, "copy", ',"result":"failed","detail":{"copy":"C-1","intent":4}'),
    line(6, "overdue", ',"medium":"USB-1","checkout":"T-01-2026-0007","result":"done"'),
    line(7, "return", ',"medium":"USB-1","checkout":"T-01-2026-0007","result":"done","detail":{"intent":6}'),
    line(8, "recovered", ',"result":"done","detail":{"torn":"00ff"}'),
]
for i in range(1, len(story) + 1):
    seed("ledger_fold", "story-%d" % i, b"".join(story[:i]))


def text(value, size):
    return value.encode().ljust(size, b"\0")


def item(key, value):
    return struct.pack("<BH", key, len(value)) + value


def append(cookie, kind, result, items, reason=0, actor="clerk1"):
    detail = b"".join(items)
    record = struct.pack("<BBHIq", kind, result, reason, 0, -1)
    record += text(actor, 33) + text("", 33) + text("USB-1", 17) + text("", 41)
    record += struct.pack("<H", len(detail)) + detail  # LIMIT_ sizes as in include/limits.h
    body = struct.pack("<Q", cookie) + record
    return b"\0" + struct.pack("<H", len(body)) + body


def message(index, body):
    return bytes([index]) + struct.pack("<H", len(body)) + body


COPY, COPY_KEY, NAME_KEY, INTENT_KEY = 12, 22, 25, 34
intent = append(1, COPY, 1, [item(COPY_KEY, b"C-1")])
part = message(5, text("C-1", 41) + text("C-1-001of001.p7m", 64) + b"\x5a" * 32)
last = message(5, text("C-1", 41) + text("OPEN.txt", 64) + b"\x5a" * 32)
sign = message(6, struct.pack("<Q", 2) + text("C-1", 41) + b"\0" * 3 + struct.pack("<I", 2))
done = append(3, COPY, 2, [item(COPY_KEY, b"C-1"), item(INTENT_KEY, struct.pack("<Q", 1))])
seed("ledger_message", "copy", intent + part + last + sign + done)
seed("ledger_message", "read", intent + message(7, struct.pack("<Q", 1) + text("clerk1", 33)) + message(7, struct.pack("<Q", 1)))
seed("ledger_message", "find", intent + message(8, struct.pack("<Q", 1) + text("C-1", 41)))
seed("ledger_message", "digest", message(3, struct.pack("<Q", 1) + text("2-1", 32) + struct.pack("<HHH", 0x781, 0x5581, 0x100)))
seed("ledger_message", "files", message(4, struct.pack("<Q", 1)))
seed("ledger_message", "names", append(1, 13, 2, [item(NAME_KEY, b"\xff 123456789018"), item(NAME_KEY, b"\x01" * 900)]))
seed("ledger_message", "malformed", append(1, 200, 9, [item(250, b"x")]) + message(9, b""))
seed("ledger_message", "own-kinds", b"".join(append(i, kind, 2, []) for i, kind in enumerate((0, 17, 19))))
seed("ledger_message", "batch", intent * 70)

enrolment = ("mediagate/enrolment/v1\nterminal=T-01\ndomain=city.example\nyear=2026\n"
             "label_vkey=city.example/mediagate/T-01/label+00000000+AAAA\n")
seed("enrolment", "bare", enrolment.encode())
seed("enrolment", "disks", (enrolment + "disk=/devices/x naa.5000\ndisk=y\n").encode())
seed("enrolment", "path", enrolment.replace("T-01", "../T").encode())
seed("enrolment", "year-zero", enrolment.replace("2026", "0226", 1).encode())
