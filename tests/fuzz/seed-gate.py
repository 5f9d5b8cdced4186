#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the first inputs of fuzz_request and fuzz_gate: one of each verb, one of each mistake."""
import pathlib
import struct

corpus = pathlib.Path(__file__).parent / "corpus"
fields = {
    "status": "", "devices": "", "explain": "device=2-1\n",
    "register": "device=2-1\nnumber=USB-0007\nsupervisor=supervisor1\nprepare=exfat\n",
    "checkout": "number=USB-0007\nto=clerk1\npurpose=submission\nground=law\ndestination=税務署\n"
                "until=1795680000000\nterminals=T-1,T-2\ncarry-out=1\nlocked-carrier=1\n",
    "return": "number=USB-0007\n", "copy": "number=USB-0007\nrecipient=office\n",
    "ls": "number=USB-0007\n", "get": "number=USB-0007\nname=報告.pdf\n", "records": "",
}
requests = {verb: f"mediagate/1 {verb}\n{text}".encode() for verb, text in fields.items()}
bad = {
    "bad-version": b"mediagate/9 status\n", "bad-twice": b"mediagate/1 return\nnumber=A\nnumber=A\n",
    "bad-field": b"mediagate/1 return\ncolour=red\n", "bad-newline": b"mediagate/1 status",
    "bad-utf8": b"mediagate/1 explain\ndevice=\xff\xfe\n", "bad-nul": b"mediagate/1 explain\ndevice=a\0b\n",
    "bad-time": b"mediagate/1 checkout\nuntil=99999999999999999999\n",
}


def packet(who: int, payload: bytes) -> bytes:
    return bytes([who]) + struct.pack(">H", len(payload)) + payload


def write(folder: str, name: str, payload: bytes) -> None:
    path = corpus / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(payload)


for name, text in {**requests, **bad}.items():
    channel = 1 if name in ("copy", "ls", "get") else 0
    write("request", name, bytes([channel]) + text)
    write("gate", name, packet(0, text))
# core's REPLY (313), to the first client and to nobody; a wrong type; a cut one
body = struct.pack("<IH", 1, 0) + bytes(2000)
for name, kind, size in (("core-reply", 313, 1672), ("core-type", 9, 8), ("core-short", 313, 40)):
    write("gate", name, packet(0, requests["status"]) + packet(1, struct.pack("<II", kind, size) + body[:size]))
write("gate", "core-first", packet(1, struct.pack("<II", 313, 8) + bytes(8)))
write("gate", "twice", packet(0, requests["status"]) * 2)
