#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/fuzz/corpus/descriptors/: serial's length, serial, descriptors."""
import os

def device(vendor=0x0951, product=0x1666, n=1):
    return bytes([18, 1, 0, 2, 0, 0, 0, 64, vendor & 255, vendor >> 8, product & 255, product >> 8, 0, 1, 1, 2, 3, n])

def configuration(body, interfaces=1, value=1, total=None):
    total = 9 + len(body) if total is None else total
    return bytes([9, 2, total & 255, total >> 8, interfaces, value, 0, 0x80, 50]) + body

def interface(number=0, alternate=0, triple=(8, 6, 0x50)):
    return bytes([9, 4, number, alternate, 2, *triple, 0, 7, 5, 0x81, 2, 0, 2, 0, 7, 5, 2, 2, 0, 2, 0])

SEEDS = {
    "stick": (b"STICK-0001", device() + configuration(interface())),
    "uas": (b"UAS-0001", device() + configuration(interface() + interface(0, 1, (8, 6, 0x62)))),
    "composite": (b"C", device() + configuration(interface() + interface(1, 0, (3, 1, 1)), 2)),
    "two-configurations": (b"", device(n=2) + configuration(interface()) + configuration(interface(), value=2)),
    "alias": (b"0123456789", device(0x0781, 0x0100) + configuration(interface(triple=(3, 1, 1)))),
    "long-total": (b"A" * 20, device() + configuration(interface(), total=999)),
    "zero-length": (b"B", device() + configuration(bytes(20))),
    "many": (b"M", device() + configuration(b"".join(interface(i) for i in range(40)), 40)),
    "cut": (b"", device()[:11]),
}

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "descriptors")
os.makedirs(folder, exist_ok=True)
for name, (serial, bytes_) in SEEDS.items():
    with open(os.path.join(folder, name), "wb") as f:
        f.write(bytes([len(serial)]) + serial + bytes_)
