#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One message of every type, byte for byte, laid out from include/ by rules of our own: wire_vectors.py BIN_DIR [--update]

docs/wire-vectors.md holds them. That they are what the agent reads is asked of its own reader (tests/docs/wire_vectors.c):
the sizes, the texts, and where each text stands.
"""
import pathlib
import re
import subprocess
import sys

top = pathlib.Path(__file__).resolve().parents[2]
PAGE = top / "docs/wire-vectors.md"
SIZES = {"char": 1, "bool": 1, "uint8_t": 1, "uint16_t": 2, "uint32_t": 4, "int": 4, "uid_t": 4, "uint64_t": 8, "int64_t": 8}


def source(name):
    text = re.sub(r"/\*.*?\*/", " ", (top / "include" / name).read_text(), flags=re.S)
    return text.replace("\\\n", " ")


def numbers(text):
    """The constants that arrays are sized by: rows of the table of limits, and #define of a plain number."""
    found = {k: int(v) for k, v in re.findall(r"X\((LIMIT_\w+), (\d+),", text)}
    found |= {k: int(v) for k, v in re.findall(r"^#define (\w+)\s+(\d+)\s*$", text, re.M)}
    return found


def structures(text):
    """{name: [(member, type, [dimension])]} in the order of the members."""
    found = {}
    for name, body in re.findall(r"^struct (\w+) \{([^{}*]*)\};", text, re.M):  # one with a pointer crosses no channel
        found[name] = []
        for line in filter(None, map(str.strip, body.split(";"))):
            kind, rest = re.match(r"((?:struct )?\w+)\s+(.*)", line, re.S).groups()
            for one in rest.split(","):
                member, dimensions = re.match(r"\s*(\w+)\s*((?:\[\w+\])*)\s*$", one).groups()
                found[name].append((member, kind, re.findall(r"\[(\w+)\]", dimensions)))
    return found


class Layout:
    """Natural alignment, little endian: what gcc and clang do on x86-64."""

    def __init__(self, text):
        self.numbers, self.structures = numbers(text), structures(text)

    def align(self, kind):
        if kind in SIZES:
            return SIZES[kind]
        return max(self.align(k) for _, k, _ in self.structures[kind.removeprefix("struct ")])

    def fill(self, kind, member, value):
        """The bytes of one member or structure; value: an iterator of the numbers to come."""
        if kind in SIZES:
            return next(value).to_bytes(SIZES[kind], "little")
        out = b""
        for name, k, dimensions in self.structures[kind.removeprefix("struct ")]:
            out += bytes(-len(out) % self.align(k))
            out += self.array(k, name, dimensions, value)
        return out + bytes(-len(out) % self.align(kind))

    def array(self, kind, name, dimensions, value):
        n = 1
        for d in dimensions:
            n *= self.numbers.get(d) or int(d)
        if not dimensions:
            return self.fill(kind, name, value)
        if kind == "char":
            return name.encode()[:n - 1].ljust(n, b"\0")
        first = self.fill(kind, name, value)
        return first.ljust(n * len(first), b"\0")


def shown(packet):
    """Hex; eight zeros or more as 00*n."""
    return re.sub(rb"\0{8,}|.", lambda m: b" 00*%d " % len(m[0]) if len(m[0]) > 1 else m[0].hex().encode(), packet,
                  flags=re.S).decode().replace("  ", " ").strip()


def vectors():
    text = "\n".join(source(x) for x in ("limits.h", "state.h", "label.h", "identity.h", "settings.h", "request.h", "record.h",
                                         "verdict.h", "wire.h"))
    layout = Layout(text)
    for name, number, kind in re.findall(r"X\((\w+), (\d+), (struct \w+), \w+, \w+\)", text):
        body = layout.fill(kind, "", iter(range(1, 256)))
        head = int(number).to_bytes(4, "little") + len(body).to_bytes(4, "little")
        yield int(number), name, head + body


def main():
    binaries, all_of_them = pathlib.Path(sys.argv[1]), list(vectors())
    text = PAGE.read_text()
    head, _, rest = text.partition("<!-- vectors -->\n")
    table = "```\n" + "".join(f"{number} {name}\n    {shown(packet)}\n" for number, name, packet in all_of_them) + "```\n"
    wanted = head + "<!-- vectors -->\n" + table + rest[rest.index("<!-- end -->"):]
    if "--update" in sys.argv:
        PAGE.write_text(wanted)
    elif wanted != text:
        print("docs/wire-vectors.md: not what include/ lays out: tests/docs/wire_vectors.py BIN_DIR --update")
        return 1
    # as they stand on the page, not as they were made
    page = re.findall(r"^(\d+) (\w+)\n    (.*)$", PAGE.read_text(), re.M)
    said = "".join(f"{number} {re.sub(r'00[*]([0-9]+)', lambda m: '00' * int(m[1]), bytes_).replace(' ', '')}\n"
                   for number, _, bytes_ in page)
    return subprocess.run([binaries / "wire_vectors"], input=said, text=True).returncode


if __name__ == "__main__":
    sys.exit(main())
