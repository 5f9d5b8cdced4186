#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the first inputs of fuzz_core_client and fuzz_core_helper: the steps that fuzz_core_*.c name."""
import pathlib
import struct

corpus = pathlib.Path(__file__).parent / "corpus"
SUPERVISOR, SUPERVISOR2, CLERK, CLERK2, AUDITOR, STRANGER = range(6)
LATER, PLUG, DIE, SLOW, WAITS = 3, 4, 5, 6, 7
AT_ONCE = 0x80
UNTIL = 1795000000000 + 3600000


def write(folder: str, name: str, *steps: bytes) -> None:
    path = corpus / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(steps))


def ask(who: int, verb: str, text: str = "", op: int = 0) -> bytes:
    packet = f"mediagate/1 {verb}\n{text}".encode()
    channel = verb in ("copy", "ls", "get")
    return bytes([op, who, channel]) + struct.pack(">H", len(packet)) + packet


def lend(who: int, number: str, op: int = 0) -> bytes:
    return ask(who, "checkout", f"number={number}\nto=clerk1\npurpose=submission\nground=law\n"
                                f"destination=x\nuntil={UNTIL}\n", op)


register = ask(SUPERVISOR, "register", "device=2-3\nnumber=USB-3\nsupervisor=supervisor1\n")
prepare = ask(SUPERVISOR, "register", "device=2-3\nnumber=USB-3\nsupervisor=supervisor1\nprepare=vfat\n")
copy, back = ask(CLERK, "copy", "number=USB-1\n"), ask(CLERK, "return", "number=USB-1\n")
for verb in ("status", "devices", "records", "watch"):
    write("core_client", verb, ask(CLERK, verb), ask(AUDITOR, verb), ask(STRANGER, verb))
write("core_client", "explain", ask(CLERK, "explain", "device=2-1\n"), ask(CLERK, "explain", "device=LENT0001\n"))
write("core_client", "watch-after", ask(CLERK, "watch", "after=1795000000000\n", AT_ONCE),
      ask(AUDITOR, "watch", "after=1795000000001\n", AT_ONCE), bytes([PLUG, 3]), bytes([LATER, 4]))
write("core_client", "story", register, lend(SUPERVISOR, "USB-3"), copy, ask(CLERK, "ls", "number=USB-3\n"),
      ask(CLERK, "get", "number=USB-1\nname=a\n"), back)
write("core_client", "prepare", prepare, bytes([LATER, 5]), bytes([DIE, 4]))
write("core_client", "twice", lend(SUPERVISOR, "USB-2", AT_ONCE), lend(SUPERVISOR2, "USB-2", AT_ONCE))
write("core_client", "slow", bytes([SLOW, 1]), lend(SUPERVISOR, "USB-2"), register, copy, bytes([SLOW, 0]))
write("core_client", "unplugged", bytes([WAITS, 1]), copy, bytes([PLUG, 0]), bytes([PLUG, 0]), copy)
write("core_client", "overdue", bytes([WAITS, 1]), copy, bytes([LATER, 6]), back)
write("core_client", "twin", copy, bytes([PLUG, 3]), copy, bytes([PLUG, 3]), copy)
for k, name in enumerate(("ledger", "watch", "gate", "job")):
    write("core_client", f"dies-{name}", bytes([WAITS, 1]), copy, bytes([DIE, k]), bytes([LATER, 2]), back)

# helpers: opcodes 0 say, 3 later, 4 plug, 5 ask, 7 die, 8 raw, 9 alter, 10 mute
types = ("state_medium state_checkout state_pending state_end appended covered digested files_digested note readable "
         "found_copy ledger_fault usb_add usb_remove usb_bind block_add block_remove watch_ready request load_terminal "
         "load_person load_code load_file_system load_settings load_issuer load_end job_file job_line job_ready job_found "
         "job_done usb_expect label_made label_seen label_slot label_done job_unclean usb_came year sleep_lock sleep").split()
roles = ("ledger", "load", "watch", "gate", "job")
verbs = "status devices explain register checkout return copy ls get records".split()
right = {"usb_add": 0x2a, "usb_expect": 0x29, "block_add": 0x81, "note": 1, "readable": 3, "request": 2}


def say(kind: str, *changes: tuple, fds: int = None) -> bytes:
    fds = right.get(kind, 0) if fds is None else fds
    return bytes([0, types.index(kind), fds, len(changes)]) + b"".join(struct.pack(">HB", *c) for c in changes)


def asked(verb: str, who: int = 1, op: int = 5) -> bytes:
    return bytes([op, verbs.index(verb), who])


def mute(role: str, on: bool = True) -> bytes:
    return bytes([10, roles.index(role) | (0 if on else 8)])


working = mute("job") + asked("copy")
for kind in types:
    before = mute("ledger") + asked("records") if types.index(kind) < 12 else b""
    if kind.startswith("load"):
        before = mute("load") + bytes([10, 7])
    if kind.startswith("job"):
        before = working
    write("core_helper", f"say-{kind}", before, say(kind), bytes([3, 2]), asked("status"))
    write("core_helper", f"say-{kind}-fds", before, say(kind, fds=4), bytes([3, 2]), asked("status"))
for role in roles:
    write("core_helper", f"dies-{role}", working, bytes([7, roles.index(role)]), bytes([3, 2]), asked("status"))
    write("core_helper", f"raw-{role}", working, bytes([8, roles.index(role), 8]) + struct.pack("<II", 110, 8))
    for at, offset in ((0, 0), (1, 9), (3, 40)):
        write("core_helper", f"alter-{role}-{at}", bytes([9, roles.index(role), at]) + struct.pack(">HB", offset, 1),
              bytes([7, roles.index(role)]), asked("copy"), bytes([10, 7]), bytes([4, 0]), bytes([4, 0]))
write("core_helper", "job-runs", working, say("job_file"), say("job_line"), say("job_ready"), say("job_done"))
write("core_helper", "job-rushes", working, say("job_done"))
write("core_helper", "job-finds", mute("job"), asked("return"), say("job_found"), say("job_found", (0, 3)), say("job_done"))
write("core_helper", "prepare", asked("register", 0x80), bytes([7, 5]))
write("core_helper", "rescan", say("watch_ready", (0, 1)), say("usb_add"), say("usb_remove"))
write("core_helper", "sleep", working, say("sleep"), asked("status"), say("sleep", (0, 0), (4, 0)), asked("copy"), say("sleep"), bytes([3, 2]))
write("core_helper", "second-disk", asked("copy"), say("block_add", (32, 0x7a)), say("block_add", (96, 9)))
