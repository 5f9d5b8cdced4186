#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_volume: what mkfs writes, clean and not: seed-volume.py [FOLDER]"""
import os, subprocess, sys, tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
to = sys.argv[1] if len(sys.argv) > 1 else TOP + "/tests/fuzz/corpus/volume"
os.makedirs(to, exist_ok=True)
KINDS = dict(fat12=("mkfs.vfat", "-F", "12", "-s", "64"), fat16=("mkfs.vfat", "-F", "16"), fat32=("mkfs.vfat", "-F", "32"),
             large=("mkfs.vfat", "-F", "32", "-S", "4096"), exfat=("mkfs.exfat",))
for name, command in KINDS.items():
    with tempfile.NamedTemporaryFile() as f:
        f.truncate(64 << 20)
        subprocess.run([*command, f.name], check=True, stdout=subprocess.DEVNULL)
        sector = bytearray(f.read(512))
    at, bit = {"exfat": (106, 2), "fat12": (37, 1), "fat16": (37, 1)}.get(name, (65, 1))
    clean = bytes(sector) + b"\xff\xff\xff\x0f"
    sector[at] |= bit
    for kind, seed in {"clean": clean, "unclean": bytes(sector) + b"\xff\xff\xff\x07"}.items():
        with open(f"{to}/{name}-{kind}", "wb") as f:
            f.write(seed)
