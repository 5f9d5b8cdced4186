# SPDX-License-Identifier: Apache-2.0
"""A small ledger with fixed keys and times, so that what the command says about it is always the same."""
import base64
import hashlib
import json
import pathlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CONSOLE = "city.example.jp/mediagate/console"
SEEN = 1806480000  # when the console did
ORIGIN = "city.example.jp/mediagate/SIN-07/2026"


def leaf(line: bytes) -> bytes:
    return hashlib.sha256(b"\0" + line).digest()


def root(leaves: list) -> bytes:
    """RFC 6962, section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


def key(seed: bytes):
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed).digest())
    public = b"\1" + private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key_id = hashlib.sha256(ORIGIN.encode() + b"\n" + public).digest()[:4]
    return private, key_id, f"{ORIGIN}+{key_id.hex()}+{base64.b64encode(public).decode()}"


def records() -> list:
    def line(kind, time, result, detail=None, **members):
        entry = {"n": len(lines), "t": f"2026-11-26T{time}.000+09:00", "kind": kind, "terminal": "SIN-07"}
        entry.update({k: members[k] for k in ("actor", "role", "medium", "checkout") if k in members})
        entry["result"] = result
        entry.update({k: members[k] for k in ("reason", "numbers") if k in members})
        if detail is not None:
            entry["detail"] = detail
        lines.append(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode())

    lines = []
    supervisor = {"actor": "supervisor1", "role": "supervisor", "medium": "USB-0007"}
    clerk = {"actor": "clerk1", "role": "clerk", "medium": "USB-0007", "checkout": "SIN-07-2026-0012"}
    line("enrol", "08:00:00", "done", {"vkey": key(b"ledger")[2], "version": "0.1.0"})
    line("device", "09:00:00", "refused", {"device": "2-1", "vendor": "0951", "product": "1666",
                                           "serial": b"\x1b[31m60A4".hex()}, reason="not-registered")
    line("register", "09:10:00", "intent", {"device": "2-1", "file_system": "exfat"}, **supervisor)
    line("register", "09:10:09", "done", {"size": 15518924800, "intent": 2}, **supervisor)
    line("checkout", "09:20:00", "done",
         {"clerk": "clerk1", "supervisor": "supervisor1", "purpose": "submission", "ground": "law",
          "destination": "南税務署", "from": "2026-11-26T09:20:00.000+09:00",
          "until": "2026-11-26T17:00:00.000+09:00", "carry_out": True},
         checkout="SIN-07-2026-0012", **supervisor)
    line("copy", "10:00:00", "intent", {"copy": "SIN-07-2026-0012-01"}, **clerk)
    line("file", "10:00:01", "done", {"copy": "SIN-07-2026-0012-01", "name": "=税額\u202e.xlsx", "size": 2048,
                                      "sha256": "00" * 32}, numbers=0, **clerk)
    line("copy", "10:00:02", "done", {"copy": "SIN-07-2026-0012-01", "note": "00" * 32, "parts": 1, "files": 1,
                                      "bytes": 2048, "password": True, "intent": 5}, **clerk)
    line("request", "11:00:00", "refused", {"verb": "checkout", "subject": "clerk2"}, actor="clerk2", role="clerk",
         reason="not-allowed")
    line("return", "16:00:00", "done", {"intent": 7, "known": 1, "foreign": 2, "damaged": 0}, **clerk)
    return lines


def write(folder: pathlib.Path, mutation: str = "") -> None:
    lines = records()
    private, key_id, vkey = key(b"ledger")
    if mutation == "fork":
        lines[3] = lines[3].replace(b"supervisor1", b"supervisor2")
    if mutation == "short":
        del lines[8:]
    covered = lines[:-1] if mutation == "tail" else lines
    text = f"{ORIGIN}\n{len(covered)}\n{base64.b64encode(root([leaf(x) for x in covered])).decode()}\n".encode()
    signature = base64.b64encode(key_id + private.sign(text)).decode()
    if mutation == "flip":
        lines[7] = lines[7].replace(b'"files":1', b'"files":7')
    folder.mkdir(parents=True)
    (folder / "records.jsonl").write_bytes(b"".join(x + b"\n" for x in lines))
    (folder / "checkpoint").write_bytes(text + f"\n\u2014 {ORIGIN} {signature}\n".encode())
    (folder / "vkey").write_text(vkey + "\n")
    if mutation == "no-checkpoint":
        (folder / "checkpoint").unlink()


def write_year(folder: pathlib.Path, before: pathlib.Path, signer: bytes, seed: bytes = b"next", more=()) -> None:
    """The year after `before`, whose last key `signer` vouches for it; record 0, then `more`."""
    global ORIGIN
    old_key, old = key(signer)[0], (before / "checkpoint").read_text().splitlines()
    first, ORIGIN = ORIGIN, ORIGIN.replace("2026", folder.name)
    private, key_id, vkey = key(seed)
    certified = old_key.sign(f"mediagate/year/v1\n{old[0]}\n{old[1]}\n{old[2]}\n{vkey}\n".encode())
    detail = {"origin": old[0], "size": int(old[1]), "root": base64.b64decode(old[2]).hex(), "signature": old[4].split()[2],
              "vkey": vkey, "certified": base64.b64encode(certified).decode()}
    entries = [{"n": 0, "t": f"{folder.name}-04-01T08:00:00.000+09:00", "kind": "year", "terminal": "SIN-07",
                "result": "done", "detail": detail}]
    entries += [{"n": n, "t": f"{folder.name}-04-01T08:00:00.000+09:00", **entry} for n, entry in enumerate(more, 1)]
    lines = [json.dumps(entry, separators=(",", ":")).encode() for entry in entries]
    text = f"{ORIGIN}\n{len(lines)}\n{base64.b64encode(root([leaf(x) for x in lines])).decode()}\n".encode()
    folder.mkdir(parents=True)
    (folder / "records.jsonl").write_bytes(b"".join(x + b"\n" for x in lines))
    signature = base64.b64encode(key_id + private.sign(text)).decode()
    (folder / "checkpoint").write_bytes(text + f"\n\u2014 {ORIGIN} {signature}\n".encode())
    (folder / "vkey").write_text(vkey + "\n")
    ORIGIN = first


def drop_records(before: pathlib.Path, vkey: str) -> list:
    """That two people dropped the year `before`."""
    origin, size, digest = (before / "checkpoint").read_text().splitlines()[:3]
    last = {"origin": origin, "size": int(size), "root": base64.b64decode(digest).hex(), "vkey": vkey}
    by = {"role": "supervisor", "result": "done"}
    return [{"kind": "drop-asked", "terminal": "SIN-07", "actor": "supervisor1", **by, "detail": last},
            {"kind": "drop", "terminal": "SIN-07", "actor": "supervisor2", **by, "result": "intent",
             "detail": {**last, "asked_by": "supervisor1", "asked": 1}},
            {"kind": "drop", "terminal": "SIN-07", "actor": "supervisor2", **by, "detail": {"origin": origin, "intent": 2}}]


def formula_records() -> list:
    """What a spreadsheet would work out, wherever a cell can begin with it."""
    actors = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")
    return [{"kind": "stop", "terminal": "SIN-07", "actor": actor, "result": "done"} for actor in actors] + [
        {"kind": "=1+1", "terminal": "SIN-07", "result": "refused", "reason": "=1+1"}]


def write_dropped(top: pathlib.Path, vkey: str, head: bytes) -> None:
    """A terminal whose first year is gone: what is left of it is its last checkpoint."""
    gone = top.with_name("good") / "SIN-07/2026"
    write_year(top / "SIN-07/2027", gone, b"ledger")
    write_year(top / "SIN-07/2028", top / "SIN-07/2027", b"next", b"third", drop_records(gone, vkey) if vkey else ())
    (top / "SIN-07/heads").mkdir()
    (top / "SIN-07/heads/2026.note").write_bytes(head)


def console_key(seed: bytes):
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed).digest())
    public = b"\4" + private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key_id = hashlib.sha256(CONSOLE.encode() + b"\n" + public).digest()[:4]
    return private, key_id, f"{CONSOLE}+{key_id.hex()}+{base64.b64encode(public).decode()}"


def cosign(note: bytes, seed: bytes, seconds: int, signed: bytes = b"") -> bytes:
    """The note with a console's signature behind the others (C2SP tlog-cosignature); `signed`: over another text."""
    private, key_id, _ = console_key(seed)
    text = signed or note[:note.index(b"\n\n") + 1]
    signature = private.sign(f"cosignature/v1\ntime {seconds}\n".encode() + text)
    return note + f"\u2014 {CONSOLE} {base64.b64encode(key_id + seconds.to_bytes(8, 'big') + signature).decode()}\n".encode()


def path(leaves: list, index: int) -> list:
    """RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return path(leaves[:k], index) + [root(leaves[k:])]
    return path(leaves[k:], index - k) + [root(leaves[:k])]


def proof(index: int, note: bytes) -> bytes:
    """c2sp.org/tlog-proof@v1"""
    lines = records()
    hashes = "".join(base64.b64encode(x).decode() + "\n" for x in path([leaf(x) for x in lines], index))
    extra = base64.b64encode(lines[index]).decode()
    return f"c2sp.org/tlog-proof@v1\nextra {extra}\nindex {index}\n{hashes}\n".encode() + note


def paper(size: int) -> str:
    letters = base64.b32encode(root([leaf(x) for x in records()[:size]])).decode().rstrip("=")
    return f"{size} " + " ".join(letters[i:i + 4] for i in range(0, 52, 4))


def write_all(top: pathlib.Path) -> None:
    write(top / "good/SIN-07/2026")
    write(top / "flip/SIN-07/2026", "flip")
    write(top / "tail/SIN-07/2026", "tail")
    write(top / "no-checkpoint/SIN-07/2026", "no-checkpoint")
    write(top / "both/SIN-07/2026")
    write(top / "both/SIN-08/2026", "tail")
    for name in ("empty", "archive", "archive-ja", "archive-none"):
        (top / name).mkdir()
    (top / "key").write_text(key(b"ledger")[2] + "\n")
    (top / "other-key").write_text(key(b"other")[2] + "\n")
    write(top / "years/SIN-07/2026")
    write_year(top / "years/SIN-07/2027", top / "years/SIN-07/2026", b"ledger")
    heads = top / "years/SIN-07/heads"
    heads.mkdir()
    (heads / "2026.note").write_bytes((top / "years/SIN-07/2026/checkpoint").read_bytes())
    (heads / "2025.note").write_bytes(b"of a year that was archived before\n")
    (heads / "notes.txt").write_text("not a head\n")
    write(top / "headless/SIN-07/2026")
    (top / "headless/SIN-07/heads").mkdir()
    (top / "headless/SIN-07/heads/2026.note").write_bytes((top / "years/SIN-07/2027/checkpoint").read_bytes())
    (top / "archive-heads").mkdir()
    write(top / "other-head/SIN-07/2026")
    (top / "other-head/SIN-07/heads").mkdir()
    (top / "other-head/SIN-07/heads/2025.note").write_bytes(b"of another year 2025\n")
    write(top / "strangers/SIN-07/2026")
    write_year(top / "strangers/SIN-07/2027", top / "strangers/SIN-07/2026", b"other")
    write_year(top / "formulas/SIN-07/2027", top / "good/SIN-07/2026", b"ledger", more=formula_records())
    head = (top / "good/SIN-07/2026/checkpoint").read_bytes()
    write_dropped(top / "dropped", key(b"ledger")[2], head)
    write_dropped(top / "gone", "", head)
    write_dropped(top / "gone-other-head", "", (top / "other-head/SIN-07/2026/checkpoint").read_bytes().replace(b"\n10\n", b"\n9\n"))
    write_dropped(top / "dropped-other-key", key(b"other")[2], head)
    write_dropped(top / "cosigned", key(b"ledger")[2], cosign(head, b"console", SEEN))
    write_dropped(top / "cosigned-head", "", cosign(head, b"console", SEEN))
    write_dropped(top / "cosigned-forged", "", cosign(head, b"console", SEEN, b"another text\n"))
    write_dropped(top / "cosigned-twice", "", cosign(cosign(head, b"console", SEEN), b"another console", SEEN + 60))
    (top / "console-key").write_text(console_key(b"console")[2] + "\n")
    (top / "other-console-key").write_text(console_key(b"another console")[2] + "\n")
    write(top / "fork/SIN-07/2026", "fork")
    write(top / "short/SIN-07/2026", "short")
    note = (top / "good/SIN-07/2026/checkpoint").read_bytes()
    (top / "proof").write_bytes(proof(4, note))
    (top / "proof-altered").write_bytes(proof(4, note).replace(b"index 4", b"index 5"))
    (top / "paper-3").write_text(paper(3).lower() + "\n")
    (top / "paper-4").write_text(paper(4) + "\n")
