# SPDX-License-Identifier: Apache-2.0
"""Ledgers for the tests: as bytes, made by the real programs, signed by keys of our own; and what both verifiers say."""
import base64
import collections
import dataclasses
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import verify

ORIGIN = "city.example.jp/mediagate/SIN-07/2026"


@dataclasses.dataclass(frozen=True)
class Ledger:
    """The three files' bytes; None: the file is not there."""
    records: bytes
    checkpoint: bytes
    vkey: bytes

    def change(self, **files):
        return dataclasses.replace(self, **files)

    def lines(self):
        """Complete lines without their LF."""
        return self.records.split(b"\n")[:-1]

    def tail(self):
        return self.records[self.records.rfind(b"\n") + 1:]

    def size(self):
        return verify.Checkpoint.parse(self.checkpoint).size

    def with_lines(self, lines, tail=None):
        return self.change(records=b"".join(x + b"\n" for x in lines) + (self.tail() if tail is None else tail))

    def write(self, folder):
        os.makedirs(folder)
        for name, data in (("records.jsonl", self.records), ("checkpoint", self.checkpoint), ("vkey", self.vkey)):
            if data is not None:
                (pathlib.Path(folder) / name).write_bytes(data)


def read(folder):
    files = {p.name: p.read_bytes() for p in pathlib.Path(folder).iterdir() if p.is_file()}
    return Ledger(files["records.jsonl"], files["checkpoint"], files["vkey"])


# ---------------------------------------------------------------- made by the real programs

@dataclasses.dataclass
class Made:
    ledger: Ledger
    seen: list  # older checkpoints, first first


def make(binaries, seed, records):
    """A ledger written by the agent's own process; odd seeds end with a kill."""
    with tempfile.TemporaryDirectory() as top:
        r = subprocess.run([binaries / "ledger_make", top, str(seed), str(records)], capture_output=True, text=True,
                           timeout=300, check=True, env=dict(os.environ, TMPDIR=top))
        folder = pathlib.Path(r.stdout.strip())
        seen = sorted(folder.glob("seen-*"), key=lambda p: int(p.name[5:]))
        year, = folder.glob("ledger/*/*/records.jsonl")
        return Made(read(year.parent), [p.read_bytes() for p in seen])


# ---------------------------------------------------------------- signed by us

class Signer:
    def __init__(self, name, seed):
        self.name = name
        self.private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())
        public = bytes([1]) + self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
        self.vkey = f"{name}+{self.id.hex()}+{base64.b64encode(public).decode()}"

    def signature(self, text):
        return base64.b64encode(self.private.sign(text)).decode()

    def note_line(self, text):
        return f"\u2014 {self.name} {base64.b64encode(self.id + self.private.sign(text)).decode()}\n".encode()


def root(lines):
    """RFC 6962 by its own recursion: slower than the verifier's, and made otherwise."""
    if not lines:
        return hashlib.sha256(b"").digest()
    if len(lines) == 1:
        return hashlib.sha256(b"\0" + lines[0]).digest()
    k = 1 << (len(lines) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(lines[:k]) + root(lines[k:])).digest()


def sign(lines, signer, origin=None, size=None, tail=b"", vkey=None):
    """A ledger of these lines whose checkpoint covers all of them, or the first `size`."""
    size = len(lines) if size is None else size
    top = base64.b64encode(root(lines[:size])).decode()
    text = f"{signer.name if origin is None else origin}\n{size}\n{top}\n".encode()
    return Ledger(b"".join(x + b"\n" for x in lines) + tail, text + b"\n" + signer.note_line(text),
                  ((signer.vkey if vkey is None else vkey) + "\n").encode())


def line(n, kind="list", t="2026-11-26T08:00:00.000+09:00", terminal="SIN-07", **members):
    """One record; `for` is given as for_."""
    record = dict(n=n, t=t, kind=kind, terminal=terminal)
    record.update((k.rstrip("_"), v) for k, v in members.items())
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def rekey_line(n, lines, old, new, origin=None, **over):
    """A `key` record after these lines."""
    text = f"mediagate/rekey/v1\n{origin or old.name}\n{n}\n{base64.b64encode(root(lines)).decode()}\n{new.vkey}\n"
    detail = dict(vkey=new.vkey, signature=old.signature(text.encode()))
    detail.update(over)
    return line(n, "key", result="done", detail={k: v for k, v in detail.items() if v is not None})


# ---------------------------------------------------------------- the two verifiers

# good: nothing altered; line: the bad record from 0, or None; the rest only means something when good
Verdict = collections.namedtuple("Verdict", "good line size records torn root")


def ours(ledger):
    """What verify.py says."""
    r = verify.verify(io.BytesIO(ledger.records), ledger.checkpoint or b"", ledger.vkey or b"")
    if r.why:
        return Verdict(False, r.line, None, None, None, None), r.why
    return Verdict(True, None, r.size, r.records, r.torn, r.root), ""


def theirs(binaries, ledgers):
    """What `mediagate verify` says of each."""
    top = tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    try:
        for i, ledger in enumerate(ledgers):
            ledger.write(f"{top}/{i:05}/2026")
        r = subprocess.run([binaries / "mediagate", "verify", top, "--json"], capture_output=True, timeout=300)
        said = json.loads(r.stdout)["ledgers"]
        found = {}
        for x in said:
            if x["ok"]:
                v = Verdict(True, None, x["covered"], x["records"], x["torn"], x["root"])
            else:
                v = Verdict(False, x["line"] - 1 if x["line"] else None, None, None, None, None)
            found[int(pathlib.Path(x["folder"]).parent.name)] = (v, x.get("error", ""))
        status = 0 if all(v.good for v, _ in found.values()) else 6
        assert len(found) == len(ledgers) and r.returncode == status, (r.returncode, r.stderr)
        return [found[i] for i in range(len(ledgers))]
    finally:
        shutil.rmtree(top)
