#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_label out of docs/label.md's vector: seed-label.py [FOLDER]"""
import os, re, sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
to = sys.argv[1] if len(sys.argv) > 1 else TOP + "/tests/fuzz/corpus/label"
os.makedirs(to, exist_ok=True)
slot = bytearray(4096)
text = re.search(r"<!-- vector -->\n(.*?)<!-- end -->", open(TOP + "/docs/label.md").read(), re.S)[1]
for at, row in re.findall(r"^(\d{4}) ([0-9a-f]{64})$", text, re.M):
    slot[int(at):int(at) + 32] = bytes.fromhex(row)
bare = bytearray(slot)
bare[208:664] = bytes(456)
older = bytearray(slot)
older[24] = 6
torn = bytearray(slot)
torn[512:] = bytes(3584)
for name, seed in dict(whole=slot, bare=bare, two=older + slot, torn=older + torn, swapped=slot + older, empty=bytes(0),
                       magic=slot[:24], text=slot[:96] + b"USB 7" + slot[101:]).items():
    with open(f"{to}/{name}", "wb") as f:
        f.write(bytes(seed).rstrip(b"\0") if name in ("empty", "magic") else bytes(seed))
