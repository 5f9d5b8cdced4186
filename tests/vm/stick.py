# SPDX-License-Identifier: Apache-2.0
"""A stick's image seen from the host, with stock tools only: its folders, whether its copies open, whether anything
readable is on it, raw or compressed."""
import bz2, glob, lzma, os, re, shutil, subprocess, tempfile, zlib

ENV = dict(os.environ, MTOOLS_SKIP_CHECK="1")


def partition(image):
    """mtools' name of the file system in an image: the first partition, or the whole disk."""
    with open(image, "rb") as f:
        head = f.read(512)
    start = int.from_bytes(head[454:458], "little")
    table = head[510:512] == b"\x55\xaa" and head[450] in (0x01, 0x04, 0x06, 0x07, 0x0b, 0x0c, 0x0e) and head[446] in (0, 0x80) and start
    return f"{image}@@{start * 512}" if table else image


def folders(image):
    r = subprocess.run(["mdir", "-b", "-i", partition(image), "::"], capture_output=True, text=True, env=ENV)
    return [l.strip()[3:].rstrip("/") for l in r.stdout.splitlines() if l.startswith("::/")]


def empty(image):
    """Deletes every copy, as a person would who needs room; the label in the gap before the partition stays."""
    for f in folders(image):
        subprocess.run(["mdeltree", "-i", partition(image), f"::/{f}"], capture_output=True, env=ENV)


def take(image, folder, dest):
    """Copies a folder of the stick to the host."""
    os.makedirs(dest, exist_ok=True)
    r = subprocess.run(["mcopy", "-n", "-s", "-i", partition(image), f"::/{folder}/*", dest], capture_output=True, text=True, env=ENV)
    return r.returncode == 0, r.stderr


def part(path, password, recipient=None):
    """Decrypts one part with stock openssl, for a certificate (cert, key) or a password: (opens, plaintext or why not)."""
    base, why = ["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-in", path], b""
    for how in ([["-recip", recipient[0], "-inkey", recipient[1]]] if recipient else []) + [["-pwri_password", password]]:
        r = subprocess.run(base + how, capture_output=True)
        if r.returncode == 0:
            return True, r.stdout
        why += r.stderr
    return False, why


def opens(folder, password, recipient=None):
    """Opens a copy's folder with openssl, tar and sha256sum alone: (holds, why). Every part that decrypts must be
    whole, and SHA256SUMS must agree."""
    parts = sorted(glob.glob(folder + "/*.p7m"))
    note = glob.glob(folder + "/*.note")
    if not parts or not note:
        return False, f"{os.listdir(folder)}"
    total = int(re.search(r"of(\d+)\.p7m$", parts[0])[1])
    if len(parts) != total:
        return False, f"{len(parts)} parts of {total}"
    r = subprocess.run("grep -E '^[0-9a-f]{64}  ' *.note | sha256sum -c --quiet -", shell=True, cwd=folder, capture_output=True, text=True)
    if r.returncode:
        return False, r.stdout + r.stderr
    with tempfile.TemporaryDirectory() as t:
        for p in parts:
            ok, plain = part(p, password, recipient)
            if not ok:
                return False, f"{p}: {plain}"
            with open(f"{t}/{os.path.basename(p)}.tar", "wb") as f:
                f.write(plain)
        r = subprocess.run("cat *.tar | tar -xf - && rm *.tar && sha256sum -c --quiet SHA256SUMS", shell=True, cwd=t, capture_output=True, text=True)
        return r.returncode == 0, r.stdout + r.stderr


def readable(image, canary):
    """Where a byte sequence of the plaintext stands in an image: raw, or inside any deflate, xz or bzip2 stream."""
    with open(image, "rb") as f:
        data = f.read()
    found = [("raw", m.start()) for m in re.finditer(re.escape(canary), data)]
    for name, magic, make in (("zlib", rb"\x78[\x01\x5e\x9c\xda]", lambda: zlib.decompressobj()), ("gzip", rb"\x1f\x8b\x08", lambda: zlib.decompressobj(31)),
                              ("zip", rb"PK\x03\x04", None), ("xz", rb"\xfd7zXZ\x00", lzma.LZMADecompressor), ("bzip2", rb"BZh[1-9]1AY", bz2.BZ2Decompressor)):
        for m in re.finditer(magic, data):
            at = m.start()
            if name == "zip":
                skip = 30 + int.from_bytes(data[at + 26:at + 28], "little") + int.from_bytes(data[at + 28:at + 30], "little")
                d, at = zlib.decompressobj(-15), at + skip
            else:
                d = make()
            try:
                out = d.decompress(data[at:at + (4 << 20)], 16 << 20)
            except (zlib.error, lzma.LZMAError, OSError, EOFError):
                continue
            if canary in out:
                found.append((name, m.start()))
    return found
