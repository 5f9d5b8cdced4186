#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""trim.py RECORDING > NAME.umockdev: keeps of umockdev-record's output what the kernel says of USB and disks."""
import re, sys

KEEP = re.compile(r"[NP]:|E: (DEVTYPE|SUBSYSTEM|MODALIAS|DRIVER|PRODUCT|INTERFACE|BUSNUM|DEVNUM|DEVNAME|MAJOR|MINOR)=|"
                  r"H: descriptors=|L: driver=|A: (authorized|bAlternateSetting|bInterface\w+|bNumEndpoints|busnum|devnum|dev|"
                  r"serial|idVendor|idProduct|bcdDevice|interface|interface_authorized_default|authorized_default|"
                  r"size|ro|diskseq|removable|partition|start|type)=")
for block in open(sys.argv[1]).read().split("\n\n"):
    lines = [l for l in block.splitlines() if KEEP.match(l)]
    # from the root hub downwards
    if lines and re.match(r"P: \S*/usb\d+(/|$)", lines[0]):
        print("\n".join(lines), end="\n\n")
