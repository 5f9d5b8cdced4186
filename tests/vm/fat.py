# SPDX-License-Identifier: Apache-2.0
"""Damage to a stick's file system, as power cuts and hostile hands do it: on the image, while it is not plugged in."""
import contextlib, os, random, struct, subprocess

from stick import ENV, partition

EXFAT_FLAGS = 106


class Fat:
    """FAT32 in an open image."""

    def __init__(self, f, start):
        self.f, self.start = f, start
        boot = self.at(0, 512)
        self.sector, self.cluster, self.reserved, self.tables = struct.unpack_from("<HBHB", boot, 11)
        self.length, = struct.unpack_from("<I", boot, 36)

    def at(self, offset, size):
        self.f.seek(self.start + offset)
        return self.f.read(size)

    def put(self, offset, data):
        self.f.seek(self.start + offset)
        self.f.write(data)

    def entry(self, cluster, value, tables=(0, 1)):
        for t in tables:
            self.put((self.reserved + t * self.length) * self.sector + 4 * cluster, struct.pack("<I", value))

    def dirty(self):
        """As after a mount that nobody ended."""
        self.put(65, b"\x01")

    def is_dirty(self):
        return bool(self.at(65, 1)[0] & 1)

    def root(self):
        return (self.reserved + self.tables * self.length) * self.sector

    def first(self, name):
        """The first cluster of what has this long name in the root's first cluster."""
        rows, long = self.at(self.root(), self.cluster * self.sector), ""
        for i in range(0, len(rows), 32):
            e = rows[i:i + 32]
            if e[11] == 0x0f:
                piece = (e[1:11] + e[14:26] + e[28:32]).decode("utf-16-le").split("\0")[0].rstrip("\uffff")
                long = piece + long
                continue
            if long == name:
                return struct.unpack_from("<H", e, 26)[0] | struct.unpack_from("<H", e, 20)[0] << 16
            long = ""
        raise KeyError(name)


@contextlib.contextmanager
def opened(image):
    start = int(partition(image).partition("@@")[2] or 0)
    with open(image, "r+b") as f:
        yield Fat(f, start)


def folder(image, name):
    """A folder as any system makes it."""
    subprocess.run(["mmd", "-i", partition(image), f"::/{name}"], check=True, env=ENV, stdin=subprocess.DEVNULL)


def random_table(fat):
    fat.put(fat.reserved * fat.sector, random.Random(1).randbytes(fat.tables * fat.length * fat.sector))


def loops(fat):
    for c in range(3, 64):
        fat.entry(c, c if c % 2 else 3)


def larger_than_any(fat):
    fat.put(32, struct.pack("<II", 0xffffffff, 0x01ffffff))


def root_in_itself(fat):
    """Every folder of the root is the root."""
    rows = bytearray(fat.at(fat.root(), fat.cluster * fat.sector))
    for i in range(0, len(rows), 32):
        if rows[i] and rows[i + 11] != 0x0f and rows[i + 11] & 0x10:
            struct.pack_into("<H", rows, i + 26, 2)
    fat.put(fat.root(), bytes(rows))


def root_that_never_ends(fat):
    fat.entry(2, 2)


def random_root(fat):
    fat.put(fat.root(), random.Random(2).randbytes(fat.sector * 600))


HOSTILE = (random_table, loops, larger_than_any, root_in_itself, root_that_never_ends, random_root)
