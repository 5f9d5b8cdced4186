#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Verifies ledgers of mediagate. Written from docs/ledger.md alone, to be a second opinion.

  verify.py [--key KEY|FILE] [--seen CHECKPOINT]… [--json] DIR
  verify.py --proof FILE --key KEY|FILE

Years of one terminal are compared: a later one with the one before it, or with what heads/ has left of that.

DIR is a ledger's folder (records.jsonl, checkpoint, vkey) or one that holds <terminal>/<year>/ folders.
--key     the verifier key noted at enrolment; without it the folder's own, and that is said
--proof   a proof of one record, which is printed; --key is the key that signed it
--seen    a checkpoint seen before, its file or the number and letters on paper: its root must be that of the first of
          these records; only this tells whether any are missing at the end
Status: 0 unaltered, 6 refused, 4 a file cannot be read, 2 wrong arguments. Needs python3-cryptography, or the command
openssl 3.0.
"""
import argparse
import base64
import binascii
import dataclasses
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    Ed25519PublicKey = None  # then the command openssl is asked

LINE_MAX = 4096        # bytes of a line without its LF, and of a torn tail
NOTE_MAX = 65536
SIGNATURES_MAX = 64
DEPTH_MAX = 4          # detail is the first
MEMBERS_MAX = 128
HASHES_MAX = 64        # of a proof
NUMBER_RANGE = range(-(1 << 63), 1 << 64)

# key: is it always there?
RECORD_KEYS = {"n": True, "t": True, "kind": True, "terminal": True, "actor": False, "role": False, "for": False,
               "medium": False, "checkout": False, "result": False, "reason": False, "numbers": False, "detail": False}
RESULTS = ("intent", "done", "refused", "failed")


class Refused(Exception):
    """Why; `line` is the record's place, counted from 0, when it is one line's fault."""

    def __init__(self, why, line=None):
        super().__init__(why)
        self.why, self.line = why, line


# ---------------------------------------------------------------- a line (section 2)

STRING = re.compile(r'"((?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*)"')
PLAIN = re.compile(r'"([^"\\\x00-\x1f]*)"')
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)")
ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|(.))')
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})([+-])(\d\d):(\d\d)", re.ASCII)
SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def unescape(text):
    """The string's value; surrogates must stand in pairs, both escaped, and U+0000 nowhere."""
    out, at, high = [], 0, None
    for m in ESCAPE.finditer(text):
        if high is not None and (m.start() != at or not m[1] or not 0xDC00 <= int(m[1], 16) <= 0xDFFF):
            raise Refused("a high surrogate without its low one")
        out.append(text[at:m.start()])
        at = m.end()
        if not m[1]:
            out.append(SHORT.get(m[2], m[2]))
            continue
        code = int(m[1], 16)
        if high is not None:
            out.append(chr(0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)))
            high = None
        elif 0xD800 <= code <= 0xDBFF:
            high = code
        elif 0xDC00 <= code <= 0xDFFF or code == 0:
            raise Refused("an escape that must not occur")
        else:
            out.append(chr(code))
    if high is not None:
        raise Refused("a high surrogate without its low one")
    return "".join(out) + text[at:]


class Reader:
    """Reads one line's tokens; nothing may stand between them."""

    def __init__(self, text):
        self.text, self.at, self.members = text, 0, 0

    def take(self, token):
        if not self.text.startswith(token, self.at):
            return False
        self.at += len(token)
        return True

    def need(self, token):
        if not self.take(token):
            raise Refused(f"no {token} where one must stand")

    def match(self, pattern, what):
        m = pattern.match(self.text, self.at)
        if not m:
            raise Refused(f"no {what} where one must stand")
        self.at = m.end()
        return m

    def name(self):
        name = self.match(PLAIN, "name without escapes")[1]
        self.need(":")
        return name

    def string(self):
        return unescape(self.match(STRING, "string")[1])

    def plain(self):
        value = self.match(PLAIN, "string without escapes")[1]
        if not value:
            raise Refused("an empty string")
        return value

    def number(self):
        text = self.match(NUMBER, "integer")[0]
        if text == "-0" or int(text) not in NUMBER_RANGE:
            raise Refused("a number out of range")
        return int(text)

    def count(self):
        number = self.number()
        if number < 0:
            raise Refused("a negative number")
        return number

    def time(self):
        text = self.plain()
        if time_parse(text) is None:
            raise Refused("the time has not the ledger's form")
        return text

    def result(self):
        text = self.plain()
        if text not in RESULTS:
            raise Refused("an unknown result")
        return text

    def detail(self):
        if not self.text.startswith("{", self.at):
            raise Refused("detail is no object")
        return self.value(1)

    def value(self, depth):
        start = self.text[self.at:self.at + 1]
        if start == '"':
            return self.string()
        if start in ("{", "["):
            if depth > DEPTH_MAX:
                raise Refused("nested too deeply")
            return self.object(depth) if start == "{" else self.array(depth)
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self.take(word):
                return value
        return self.number()

    def object(self, depth):
        found = {}
        self.need("{")
        if self.take("}"):
            return found
        while True:
            name = self.name()
            self.members += 1
            if self.members > MEMBERS_MAX:
                raise Refused("too many members")
            if name in found:
                raise Refused(f"{name} is there twice")
            found[name] = self.value(depth + 1)
            if self.take("}"):
                return found
            self.need(",")

    def array(self, depth):
        found = []
        self.need("[")
        if self.take("]"):
            return found
        while True:
            found.append(self.value(depth + 1))
            if self.take("]"):
                return found
            self.need(",")


READ = dict(n=Reader.count, t=Reader.time, kind=Reader.plain, terminal=Reader.plain, result=Reader.result,
            numbers=Reader.count, detail=Reader.detail)


def time_parse(text):
    """Milliseconds since 1970 UTC, or None. datetime is not used: it knows no year 0000."""
    m = TIME.fullmatch(text)
    if not m:
        return None
    year, month, day, hour, minute, second, milli = (int(x) for x in m.groups()[:7])
    off_hour, off_minute = int(m[9]), int(m[10])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = [31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    if not 1 <= month <= 12 or not 1 <= day <= days[month - 1]:
        return None
    if hour > 23 or minute > 59 or second > 59 or off_hour > 23 or off_minute > 59:
        return None
    before = year - 1
    n = 365 * year + before // 4 - before // 100 + before // 400 + sum(days[:month - 1]) + day
    offset = (off_hour * 60 + off_minute) * (-1 if m[8] == "-" else 1)
    return ((n * 24 + hour) * 60 + minute - offset) * 60000 + second * 1000 + milli


def record_parse(line):
    """The record as a dict; raises Refused."""
    if len(line) > LINE_MAX:
        raise Refused("the line is too long")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("the line is not UTF-8") from None
    reader, record, order = Reader(text), {}, list(RECORD_KEYS)
    reader.need("{")
    while True:
        key = reader.name()
        if key not in order:
            raise Refused(f"key {key!r} is unknown, there twice or not in its place")
        skipped = order[:order.index(key)]
        if any(RECORD_KEYS[x] for x in skipped):
            raise Refused(f"key {key!r} stands where another must")
        order = order[len(skipped) + 1:]
        record[key] = READ.get(key, Reader.string)(reader)
        if not reader.take(","):
            break
    reader.need("}")
    if reader.at != len(text):
        raise Refused("something stands after the object")
    if any(RECORD_KEYS[x] for x in order):
        raise Refused("a key is missing")
    return record


# ---------------------------------------------------------------- tree (section 5, RFC 6962)

def leaf_hash(line):
    return hashlib.sha256(b"\0" + line).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """Holds the roots of the full subtrees only, largest first."""

    def __init__(self):
        self.size, self.full = 0, []

    def add(self, line):
        node = leaf_hash(line)
        for _ in range((~self.size & (self.size + 1)).bit_length() - 1):
            node = node_hash(self.full.pop(), node)
        self.full.append(node)
        self.size += 1

    def root(self):
        if not self.full:
            return hashlib.sha256(b"").digest()
        root = self.full[-1]
        for left in reversed(self.full[:-1]):
            root = node_hash(left, root)
        return root


# ---------------------------------------------------------------- note and keys (section 5)

def base64_strict(text):
    """Standard alphabet, padded, unused bits zero; None otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def openssl_holds(public, signature, message):
    """The same by the command; OSError when there is none, or none that can."""
    with tempfile.TemporaryDirectory() as d:
        for name, data in (("key", bytes.fromhex("302a300506032b6570032100") + public), ("sig", signature), ("text", message)):
            with open(os.path.join(d, name), "wb") as f:
                f.write(data)
        asked = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin", "-in", "text",
                                "-sigfile", "sig"], cwd=d, capture_output=True, text=True, check=False)
    if asked.returncode == 0 and "Verified Successfully" in asked.stdout:
        return True
    if "Signature Verification Failure" not in asked.stdout + asked.stderr:
        raise OSError("openssl cannot verify: " + asked.stderr.strip())
    return False


def key_name_good(name):
    return bool(name) and not any(c == "+" or c.isspace() or unicodedata.category(c) == "Cc" for c in name)


@dataclasses.dataclass
class Key:
    name: str
    id: bytes
    public: bytes

    @staticmethod
    def parse(text):
        """text: one line, without its LF."""
        parts = text.split("+", 2)
        data = base64_strict(parts[2]) if len(parts) == 3 else None
        if not data or len(data) != 33 or data[0] != 1 or not key_name_good(parts[0]):
            raise Refused("the verifier key is malformed")
        key = Key(parts[0], hashlib.sha256(parts[0].encode() + b"\n" + data).digest()[:4], data[1:])
        if key.id.hex() != parts[1]:
            raise Refused("the verifier key's id is not that of its name and key")
        return key

    def text(self):
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([1]) + self.public).decode()}"

    def holds(self, signature, message):
        if len(signature) != 64:
            return False
        if not Ed25519PublicKey:
            return openssl_holds(self.public, signature, message)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def key_parse(data):
    """The bytes of a `vkey` file."""
    try:
        return Key.parse(data.decode("utf-8").removesuffix("\n"))
    except UnicodeDecodeError:
        raise Refused("the verifier key is malformed") from None


@dataclasses.dataclass
class Note:
    text: bytes
    signatures: list  # (key name, key id, signature)

    @staticmethod
    def parse(data):
        if len(data) > NOTE_MAX:
            raise Refused("the note is too long")
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("the note is not UTF-8") from None
        if any(b < 0x20 and b != 0x0A for b in data):
            raise Refused("the note holds a control character")
        end = data.rfind(b"\n\n")
        if end < 0 or not data.endswith(b"\n"):
            raise Refused("the note is malformed")
        lines = data[end + 2:].decode().split("\n")[:-1]
        if not 1 <= len(lines) <= SIGNATURES_MAX:
            raise Refused("the note has no signature, or too many")
        return Note(data[:end + 1], [Note.signature(line) for line in lines])

    @staticmethod
    def signature(line):
        parts = line.split(" ")
        data = base64_strict(parts[2]) if len(parts) == 3 and parts[0] == "\u2014" else None
        if data is None or len(data) < 5 or not key_name_good(parts[1]):
            raise Refused("a signature line of the note is malformed")
        return parts[1], data[:4], data[4:]

    def verify(self, key):
        mine = [s for name, key_id, s in self.signatures if (name, key_id) == (key.name, key.id)]
        if not mine:
            raise Refused("the checkpoint is not signed by the key in force")
        if not all(key.holds(s, self.text) for s in mine):
            raise Refused("the checkpoint's signature is wrong")


@dataclasses.dataclass
class Checkpoint:
    origin: str
    size: int
    root: bytes
    note: Note

    @staticmethod
    def parse(data):
        note = Note.parse(data)
        lines = note.text.decode().split("\n")
        if len(lines) != 4:
            raise Refused("the checkpoint has not three lines")
        root = base64_strict(lines[2])
        if not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]) or not root or len(root) != 32:
            raise Refused("the checkpoint's size or root is malformed")
        return Checkpoint(lines[0], int(lines[1]), root, note)


@dataclasses.dataclass
class Seen:
    """What somebody kept of an earlier state; from paper it has no origin."""
    size: int
    root: bytes
    origin: str = None

    @staticmethod
    def parse(data):
        """A checkpoint, or the form for paper."""
        words = re.fullmatch(r"\s*([0-9]+)[\s-]+([A-Za-z2-7\s-]+)", data.decode("utf-8", "replace"))
        if not words:
            checkpoint = Checkpoint.parse(data)
            return Seen(checkpoint.size, checkpoint.root, checkpoint.origin)
        letters = re.sub(r"[\s-]", "", words[2]).upper()
        root = base64.b32decode(letters + "=" * 4) if len(letters) == 52 else b""
        if base64.b32encode(root).decode().rstrip("=") != letters or not re.fullmatch(r"0|[1-9][0-9]{0,18}", words[1]):
            raise Refused("what was seen before is malformed")
        return Seen(int(words[1]), root)


def for_paper(size, root):
    letters = base64.b32encode(root).decode().rstrip("=")
    return f"{size} " + " ".join(letters[i:i + 4] for i in range(0, 52, 4))


def origin_split(origin):
    """(domain, terminal, year), read from the end: a domain may hold slashes"""
    m = re.fullmatch(r"(.+)/mediagate/([^/]+)/([0-9]{4})", origin)
    if not m:
        raise Refused("the origin has not the form <domain>/mediagate/<terminal>/<year>")
    return m.groups()


# ---------------------------------------------------------------- a ledger (sections 6 to 8)

@dataclasses.dataclass
class Report:
    """What a verification found; `why` is None when nothing is altered."""
    why: str = None
    line: int = None        # the first bad record, from 0, when it is one line's fault
    origin: str = ""
    size: int = 0           # records that are vouched for
    records: int = 0        # complete lines
    torn: int = 0           # bytes after the last LF
    root: str = ""
    first: str = ""
    last: str = ""
    earlier: int = 0        # records with an earlier time than the one before, `clock` apart
    keys: int = 0           # changes of key that the checkpoint covers
    key: str = ""           # the key that signed
    key_first: str = ""     # the key that trust begins with: given, or the folder's own
    key_given: bool = False
    key_own: str = ""       # the folder's own
    missing: str = "unknown"  # of what was seen before: yes, no
    differs: tuple = None   # the first record that differs is among these, first and last
    elsewhere: bool = False # the folder's names are not the origin's
    before: dict = None     # what record 0 says of the year before
    follows: str = ""       # what it rests on: yes (the year before), dropped, head (what is left of that), unknown, no
    drops: dict = dataclasses.field(default_factory=dict)  # origins of dropped years: the key on record for each


def lines_read(file):
    """(line without LF, is it complete) for each; raises Refused when one is too long to be a line."""
    number = 0
    while True:
        line = file.readline(LINE_MAX + 1)
        if not line:
            return
        if line.endswith(b"\n"):
            yield line[:-1], True
        elif len(line) > LINE_MAX:
            raise Refused("the line is too long", number)
        else:
            yield line, False
        number += 1


def rekey(record, key, tree):
    """The key after this `key` record; section 7."""
    detail = record.get("detail", {})
    vkey, signature = detail.get("vkey"), detail.get("signature")
    if not isinstance(vkey, str) or not isinstance(signature, str):
        raise Refused("a key record without its key and signature")
    signature = base64_strict(signature)
    new = Key.parse(vkey)
    if new.name != key.name:
        raise Refused("the new key is not this ledger's")
    text = f"mediagate/rekey/v1\n{key.name}\n{record['n']}\n{base64.b64encode(tree.root()).decode()}\n{vkey}\n"
    if not signature or not key.holds(signature, text.encode()):
        raise Refused("the change of key is not signed by the key before it")
    return new


def certified(before, key):
    """Whether the key vouches for the year's own; section 10."""
    text = (f"mediagate/year/v1\n{before['origin']}\n{before['size']}\n"
            f"{base64.b64encode(bytes.fromhex(before['root'])).decode()}\n{before['vkey']}\n")
    return key.holds(base64_strict(before["certified"]) or b"", text.encode())


def year_of(record):
    """What a first record says of the year before; None: nothing, of a first year."""
    if record["kind"] != "year":
        return None
    detail = record.get("detail", {})
    if (not all(isinstance(detail.get(x), str) for x in ("origin", "root", "vkey", "certified")) or
            not isinstance(detail.get("size"), int) or not re.fullmatch("[0-9a-f]{64}", detail["root"])):
        raise Refused("what the record says of the year before is malformed")
    return detail


def head_follows(before, head, key):
    """Whether `head`, a note's bytes, is the last checkpoint that record 0 names; `key` signed it, None: not known."""
    try:
        c = Checkpoint.parse(head)
        if (c.origin, c.size, c.root.hex()) != (before["origin"], before["size"], before["root"]):
            return False
        if key:
            c.note.verify(key)
    except Refused:
        return False
    return not key or certified(before, key)


class Verification:
    def __init__(self, key, checkpoint, seen, report):
        self.key, self.checkpoint, self.seen, self.report = key, checkpoint, seen, report
        self.agreed, self.differed = [], []
        self.tree, self.last_time = Tree(), None
        self.terminal = origin_split(checkpoint.origin)[1]

    def reached(self):
        """The tree has as many leaves as a checkpoint says."""
        for seen in self.seen:
            if seen.size == self.tree.size:
                (self.agreed if seen.root == self.tree.root() else self.differed).append(seen.size)
        if self.tree.size == self.checkpoint.size:
            self.report.root = self.tree.root().hex()
            if self.tree.root() != self.checkpoint.root:
                raise Refused("the records are not those that the checkpoint was signed over")
            self.checkpoint.note.verify(self.key)
            self.report.size, self.report.key = self.tree.size, self.key.text()

    def line(self, line):
        n = self.tree.size
        try:
            record = record_parse(line)
            if record["n"] != n:
                raise Refused("the record's number is not its place")
            if record["terminal"] != self.terminal:
                raise Refused("the record is of another terminal")
            if n == 0:
                self.report.before = year_of(record)
            if record["kind"] == "drop" and record.get("result") == "intent" and n < self.checkpoint.size:
                self.report.drops[record["detail"]["origin"]] = record["detail"]["vkey"]
            if record["kind"] == "key" and n < self.checkpoint.size:
                self.key = rekey(record, self.key, self.tree)
                self.report.keys += 1
        except Refused as e:
            raise Refused(e.why, n) from None
        time = time_parse(record["t"])
        if self.last_time is not None and time < self.last_time and record["kind"] != "clock":
            self.report.earlier += 1
        self.last_time = time
        self.report.first, self.report.last = self.report.first or record["t"], record["t"]
        self.tree.add(line)
        self.report.records = self.tree.size

    def run(self, file):
        self.reached()
        for line, complete in lines_read(file):
            if not complete:
                self.report.torn = len(line)
                break
            self.line(line)
            self.reached()
        if self.tree.size < self.checkpoint.size:
            raise Refused("records that the checkpoint covers are missing")
        if self.differed:
            least = min(self.differed)
            self.report.differs = max((x for x in self.agreed if x < least), default=0), least - 1
            raise Refused("the records are not those a checkpoint seen before covered")
        if len(self.agreed) < len(self.seen):
            self.report.missing = "yes"
            raise Refused("records that a checkpoint seen before covered are missing")
        if self.seen:
            self.report.missing = "no"


def verify(records, checkpoint, vkey, seen=(), folder=None):
    """records: a binary file; checkpoint, vkey and those seen before: bytes. folder: (terminal, year) of the path, or None."""
    report = Report()
    try:
        key = key_parse(vkey)
        parsed = Checkpoint.parse(checkpoint)
        report.origin = parsed.origin
        if parsed.origin != key.name:
            raise Refused("the checkpoint's origin is not the verifier key's name")
        report.elsewhere = bool(folder) and origin_split(parsed.origin)[1:] != folder
        before = [Seen.parse(x) for x in seen]
        if any(x.origin not in (None, parsed.origin) for x in before):
            raise Refused("a checkpoint seen before is of another ledger")
        Verification(key, parsed, before, report).run(records)
    except Refused as e:
        report.why, report.line = e.why, e.line
    return report


def folder_names(path):
    """(terminal, year) when the path has them."""
    terminal, year = os.path.split(os.path.realpath(path))
    terminal = os.path.basename(terminal)
    return (terminal, year) if terminal and re.fullmatch("[0-9]{4}", year) else None


def file_read(path, limit):
    with open(path, "rb") as f:
        return f.read(limit + 1)


def file_read_or_nothing(path):
    """A file that was taken away is to be refused as an empty one is."""
    try:
        return file_read(path, NOTE_MAX)
    except FileNotFoundError:
        return b""


def verify_folder(path, vkey=None, seen=()):
    """OSError when a file cannot be read. vkey and those seen are bytes."""
    given = vkey is not None
    checkpoint = file_read_or_nothing(os.path.join(path, "checkpoint"))
    if not given:
        vkey = file_read_or_nothing(os.path.join(path, "vkey"))
    with open(os.path.join(path, "records.jsonl"), "rb") as records:
        report = verify(records, checkpoint, vkey, seen, folder_names(path))
    report.key_given, report.key_first = given, vkey.decode("utf-8", "replace").strip()
    own = file_read_or_nothing(os.path.join(path, "vkey")) if given else vkey
    report.key_own = own.decode("utf-8", "replace").removesuffix("\n")
    return report


def year_rests(path, r, reports):
    """What the year rests on: the one before, what is left of it, or nothing (section 10). reports: by origin."""
    if not r.before or r.why:
        return ""
    old = reports.get(r.before["origin"])
    if r.before["vkey"] != r.key_own:
        return "no"
    if old:
        last = (old.size, old.records, old.root)
        good = not old.why and last == (r.before["size"], r.before["size"], r.before["root"])
        return "yes" if good and certified(r.before, Key.parse(old.key)) else "no"
    try:
        head = file_read(os.path.join(path, "..", "heads", r.before["origin"][-4:] + ".note"), NOTE_MAX)
    except OSError:
        return "unknown"
    keys = [x.drops[r.before["origin"]] for x in reports.values() if not x.why and r.before["origin"] in x.drops]
    if not head_follows(r.before, head, Key.parse(keys[-1]) if keys else None):
        return "no"
    return "dropped" if keys else "head"


def years_compare(reports):
    """reports: (path, report) of every folder."""
    by_origin = {r.origin: r for _, r in reports}
    for path, r in reports:
        r.follows = year_rests(path, r, by_origin)
        if r.follows == "no":
            r.why = "the ledger does not follow that of the year before"


# ---------------------------------------------------------------- proof of one record (section 9)

@dataclasses.dataclass
class Proof:
    record: bytes
    index: int
    hashes: list
    checkpoint: bytes

    @staticmethod
    def parse(data):
        head, end, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            raise Refused("the proof is malformed") from None
        if not end or len(lines) < 3 or len(lines) > 3 + HASHES_MAX or lines[0] != "c2sp.org/tlog-proof@v1":
            raise Refused("the proof is malformed")
        record = base64_strict(lines[1].removeprefix("extra "))
        index = re.fullmatch(r"index (0|[1-9][0-9]{0,18})", lines[2])
        hashes = [base64_strict(x) for x in lines[3:]]
        if not lines[1].startswith("extra ") or record is None or len(record) > LINE_MAX or not index:
            raise Refused("the proof is malformed")
        if any(x is None or len(x) != 32 for x in hashes):
            raise Refused("a hash of the proof is malformed")
        return Proof(record, int(index[1]), hashes, checkpoint)

    def root(self, size):
        """What the record and the hashes give; RFC 9162, section 2.1.3.2."""
        if self.index >= size:
            raise Refused("the record is beyond the checkpoint")
        place, last, node = self.index, size - 1, leaf_hash(self.record)
        for sibling in self.hashes:
            if last == 0:
                raise Refused("the proof has more hashes than the tree is high")
            if place & 1 or place == last:
                node = node_hash(sibling, node)
                while place and not place & 1:
                    place, last = place >> 1, last >> 1
            else:
                node = node_hash(node, sibling)
            place, last = place >> 1, last >> 1
        if last:
            raise Refused("the proof has fewer hashes than the tree is high")
        return node


def verify_proof(data, vkey):
    """The record's line; raises Refused. vkey: the key that signed the checkpoint, bytes."""
    key = key_parse(vkey)
    proof = Proof.parse(data)
    checkpoint = Checkpoint.parse(proof.checkpoint)
    if checkpoint.origin != key.name:
        raise Refused("the checkpoint's origin is not the verifier key's name")
    terminal = origin_split(checkpoint.origin)[1]
    checkpoint.note.verify(key)
    if proof.root(checkpoint.size) != checkpoint.root:
        raise Refused("the record is not among those the checkpoint was signed over")
    record = record_parse(proof.record)
    if record["n"] != proof.index or record["terminal"] != terminal:
        raise Refused("the record is of another place or terminal")
    return proof.record


# ---------------------------------------------------------------- the command

def folders_find(top):
    if os.path.exists(os.path.join(top, "records.jsonl")):
        return [top]
    found = []
    for path, inner, files in os.walk(top, onerror=error_raise):
        inner.sort()
        if "records.jsonl" in files:
            found.append(path)
    return found


def error_raise(error):
    raise error


RESTS = {"yes": "its last key vouches for this one",
         "dropped": "it was dropped; the key on record for its last checkpoint vouches for this one",
         "head": "only its last checkpoint is left, and who signed it is not known",
         "unknown": "nothing of it is here"}


def report_print(path, r):
    say = f"{r.origin or path}: "
    if r.why:
        print(say + "REFUSED")
        print(f"  {r.why}" + (f": record {r.line}, line {r.line + 1}" if r.line is not None else ""))
        if r.differs:
            print(f"  the first record that differs is one of {r.differs[0]} to {r.differs[1]}")
        return
    print(say + "nothing is altered")
    print(f"  records 0 to {r.size - 1}" if r.size else "  no record", end="")
    print(f" are signed, root {r.root}")
    if r.records > r.size:
        print(f"  {r.records - r.size} after them that nothing vouches for yet")
    if r.torn:
        print(f"  {r.torn} bytes of a torn line at the end")
    if r.first:
        print(f"  from {r.first} to {r.last}")
    if r.earlier:
        print(f"  {r.earlier} with a time earlier than the one before")
    if r.elsewhere:
        print("  the folder's names are not those of the origin")
    if r.missing == "no":
        print("  nothing is missing of what was seen before")
    print(f"  for paper: {for_paper(r.size, bytes.fromhex(r.root))}")
    print(f"  key {'given' if r.key_given else 'of the folder itself'}: {r.key_first}")
    if r.follows:
        print(f"  the year before: {RESTS[r.follows]}")
    if r.keys:
        print(f"  changes of key on record: {r.keys}; the last key: {r.key}")


def proof_print(data, key):
    try:
        print(verify_proof(data, key).decode())
    except Refused as e:
        print(f"REFUSED: {e.why}")
        return 6
    return 0


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR", nargs="?")
    parser.add_argument("--proof", metavar="FILE")
    parser.add_argument("--key")
    parser.add_argument("--seen", metavar="CHECKPOINT", action="append", default=[])
    parser.add_argument("--json", action="store_true")
    a = parser.parse_args(arguments)
    if bool(a.proof) == bool(a.folder) or a.proof and not a.key:
        parser.error("either DIR, or --proof with --key")
    try:
        key = a.key and (a.key.encode() if "+" in a.key else file_read(a.key, NOTE_MAX))
        seen = [file_read(x, NOTE_MAX) if os.path.exists(x) else x.encode() for x in a.seen]
        if a.proof:
            return proof_print(file_read(a.proof, 2 * NOTE_MAX), key)
        folders = folders_find(a.folder)
        if not folders:
            raise FileNotFoundError(f"there is no ledger in {a.folder}")
        reports = [(path, verify_folder(path, key, seen)) for path in folders]
        years_compare(reports)
    except OSError as e:
        print(f"error: {e}", file=sys.stderr)
        return 4
    if a.json:
        print(json.dumps([dict(folder=path, **dataclasses.asdict(r)) for path, r in reports], ensure_ascii=False))
    else:
        for path, r in reports:
            report_print(path, r)
    return 6 if any(r.why for _, r in reports) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
