#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the first inputs of fuzz_client and fuzz_record_text: seed-client.py WIRE_TABLES"""
import pathlib
import re
import struct
import subprocess
import sys

corpus = pathlib.Path(__file__).parent / "corpus"
sys.path.insert(0, str(corpus.parent.parent / "cli"))
import ledger_fixture  # noqa: E402

tables = subprocess.run([sys.argv[1], "messages"], check=True, capture_output=True, text=True).stdout
sizes = {m[2]: (int(m[1]), int(m[3])) for m in re.finditer(r"\| (\d+) \| `(\w+)` \| `[^`]+` \| (\d+) \|", tables)}


def message(name: str, body: bytes = b"") -> bytes:
    number, size = sizes[name]
    packet = struct.pack("<II", number, size) + body.ljust(size, b"\0")
    return struct.pack(">H", len(packet)) + packet


def write(folder: str, name: str, payload: bytes) -> None:
    path = corpus / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(payload)


device = struct.pack("<I", 0) + b"2-1".ljust(32, b"\0") + struct.pack("<HH", 0x951, 0x1666) + b"60A4\x1b"
reply = message("REPLY")
rows = {0: ["STATUS", "MEDIUM", "DEVICE"], 1: ["DEVICE"], 2: ["DEVICE", "STEP"], 3: ["FOUND"], 4: []}
for verb, names in rows.items():
    for json in (0, 1):
        body = b"".join(message(x, device if x == "DEVICE" else b"") for x in names)
        write("client", f"verb{verb}-json{json}", bytes([verb, json]) + body + reply)
write("client", "refused", bytes([4, 0]) + message("REPLY", struct.pack("<IH", 0, 8) + b"USB-1"))
write("client", "fault-out-of-range", bytes([4, 1]) + message("REPLY", struct.pack("<IH", 0, 65535)))
write("client", "no-reply", bytes([1, 0]) + message("DEVICE", device))
write("client", "garbage", bytes([0, 0]) + b"\0\5hello")
write("client", "unclosed-text", bytes([1, 0]) + message("DEVICE", b"\xff" * sizes["DEVICE"][1]))
for i, line in enumerate(ledger_fixture.records()):
    write("record_text", f"record{i}", line)
