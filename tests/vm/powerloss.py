# SPDX-License-Identifier: Apache-2.0
"""What a disk keeps when the power goes: all that was flushed, and of what was written since then some sectors and
not others, as a disk with a volatile cache does. QEMU logs the writes (blklogwrites, the format of Linux's
dm-log-writes); the image is made anew from how it was when it was plugged in, and that log."""
import os, shutil, struct

SECTOR = 512
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8


def begin(image, folder, name):
    """Keeps the image as it is now, and an empty log: (copy of the image, log)."""
    base, log = f"{folder}/{name}.base", f"{folder}/{name}.log"
    shutil.copyfile(image, base)
    with open(log, "wb") as f:
        f.truncate(0)
    return base, log


def entries(log):
    """(first sector, flags, data) in the order of the log."""
    with open(log, "rb") as f:
        data = f.read()
    at = SECTOR  # after the superblock
    while at + 32 <= len(data):
        sector, n, flags, _ = struct.unpack_from("<QQQQ", data, at)
        at += SECTOR
        if (sector, n, flags) == (0, 0, 0):
            continue  # a place whose write was under way when QEMU was killed
        size = 0 if flags & (DISCARD | MARK) else n * SECTOR
        yield sector, flags, data[at:at + size]
        at += size


def lose(image, base, log, unit, rng):
    """Makes the image what the disk has kept. unit: sectors of the disk's own that are written as one, or not at all (a
    file system counts on that for its blocks). (writes flushed, writes not flushed, pieces of them that were lost)"""
    rows = list(entries(log))
    flushed = max((i for i, r in enumerate(rows) if r[1] & FLUSH), default=-1)
    lost, share = 0, rng.choice((0.0, 0.2, 0.5, 0.8, 1.0))
    new = image + ".new"
    shutil.copyfile(base, new)
    with open(new, "r+b") as f:
        for i, (sector, flags, data) in enumerate(rows):
            end = sector + len(data) // SECTOR
            at = sector
            while at < end:
                to = min(end, (at // unit + 1) * unit)
                if i > flushed and not flags & FUA and rng.random() < share:
                    lost += 1
                else:
                    f.seek(at * SECTOR)
                    f.write(data[(at - sector) * SECTOR:(to - sector) * SECTOR])
                at = to
    os.replace(new, image)
    return flushed + 1, len(rows) - flushed - 1, lost
