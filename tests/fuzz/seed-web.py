#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the first inputs of fuzz_web_request: what browsers send, and one of each mistake."""
import pathlib

corpus = pathlib.Path(__file__).parent / "corpus" / "web_request"
seeds = {
    "page": (b"/history?person=%E5%B1%B1%E7%94%B0&from=2026-04-01&page=2", b"mediagate=0123; lang=ja",
             b"ja-JP,ja;q=0.9,en;q=0.8", b""),
    "form": (b"/sign-in", b"before=00", b"en", b"login=auditor1&password=a%26b+c&csrf=00ff"),
    "area": (b"/", b"", b"", b"note=%E8%A1%8C%0D%0Atwo"),
    "bad-escape": (b"/?a=%4", b"", b"", b""), "bad-nul": (b"/?a=%00", b"", b"", b""),
    "bad-twice": (b"/?a=1&a=2", b"", b"", b""), "bad-utf8": (b"/?a=%c0%af", b"\xff", b"\xff", b"%ff"),
    "traversal": (b"/../../etc/passwd", b"", b"", b""), "cookies": (b"/", b"a;b=;=c;d=e=f;;a=2", b"*;q=1", b""),
    "weights": (b"/", b"", b"en;q=0.0001,ja;q=9,;q=,fr", b""),
}
corpus.mkdir(parents=True, exist_ok=True)
for name, parts in seeds.items():
    (corpus / name).write_bytes(b"\0".join(parts))
