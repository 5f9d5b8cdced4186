# SPDX-License-Identifier: Apache-2.0
"""Every kind of mutation of a ledger: generators of (name, ledger, expected).

`expected` is "refused", "good", or None where only agreement of the two verifiers is asked: flips in lines that
no checkpoint covers may leave lines of good form.
"""
import re

import verify

FILES = ("records", "checkpoint", "vkey")


def covered_bytes(ledger):
    """Bytes of records.jsonl that the checkpoint covers, LFs included."""
    return sum(len(x) + 1 for x in ledger.lines()[:ledger.size()])


def expected_at(ledger, file, at):
    return "refused" if file != "records" or at < covered_bytes(ledger) else None


def some(random, population, count):
    """All of it, or `count` of it by chance."""
    return population if count is None or count >= len(population) else random.sample(population, count)


def flips(ledger, random, count):
    for file in FILES:
        data = getattr(ledger, file)
        for bit in some(random, range(8 * len(data)), count):
            at = bit // 8
            changed = data[:at] + bytes([data[at] ^ 1 << bit % 8]) + data[at + 1:]
            yield f"bit {bit % 8} of byte {at} of {file} flipped", ledger.change(**{file: changed}), \
                expected_at(ledger, file, at)


def bytes_lost_and_put_in(ledger, random, count):
    for file in FILES:
        data = getattr(ledger, file)
        for at in some(random, range(len(data)), count):
            extra = bytes([random.choice(b'\n\r\t "\\{}0\xef\x00\xff')])
            # the LF that closes the last covered line may stand for one that follows, and a lost or doubled byte
            # may be followed by its like: whatever the bytes are then, both must say the same
            for what, changed in (("lost", data[:at] + data[at + 1:]), (f"{extra!r} put in", data[:at] + extra + data[at:])):
                same = file == "records" and verify_same_covered(ledger, changed)
                vkey_end = file == "vkey" and at >= len(data) - 1
                yield f"byte {at} of {file} {what}", ledger.change(**{file: changed}), \
                    None if same or vkey_end else expected_at(ledger, file, at)


def verify_same_covered(ledger, changed):
    return changed[:covered_bytes(ledger)] == ledger.records[:covered_bytes(ledger)]


def truncations(ledger, random, count):
    for at in some(random, range(len(ledger.records)), count):
        yield f"records cut to {at} bytes", ledger.change(records=ledger.records[:at]), \
            "refused" if at < covered_bytes(ledger) else "good"
    for file in ("checkpoint", "vkey"):
        data = getattr(ledger, file)
        for at in some(random, range(len(data)), count):
            # whether vkey's closing LF is there says nothing about the key
            whole = file == "vkey" and at == len(data) - 1
            yield f"{file} cut to {at} bytes", ledger.change(**{file: data[:at]}), "good" if whole else "refused"


def renumber(line, n):
    return re.sub(rb'^\{"n":\d+', b'{"n":%d' % n, line)


def lines_moved(ledger, random, count):
    lines, size = ledger.lines(), ledger.size()
    for i in some(random, range(len(lines)), count):
        # beyond the checkpoint only the number's order tells
        yield f"line {i} dropped", ledger.with_lines(lines[:i] + lines[i + 1:]), \
            "refused" if i < size or i + 1 < len(lines) else "good"
        rest = [renumber(x, i + k) for k, x in enumerate(lines[i + 1:])]
        yield f"line {i} dropped, the rest numbered anew", ledger.with_lines(lines[:i] + rest), \
            "refused" if i < size else "good"
        yield f"line {i} doubled", ledger.with_lines(lines[:i + 1] + lines[i:]), "refused"
        rest = [renumber(x, i + 1 + k) for k, x in enumerate(lines[i:])]
        yield f"line {i} doubled, the rest numbered anew", ledger.with_lines(lines[:i + 1] + rest), \
            "refused" if i + 1 < size else "good"
        j = random.randrange(len(lines))
        if i != j:
            swapped = list(lines)
            swapped[i], swapped[j] = lines[j], lines[i]
            yield f"lines {i} and {j} swapped", ledger.with_lines(swapped), "refused"
            swapped[i], swapped[j] = renumber(lines[j], i), renumber(lines[i], j)
            yield f"lines {i} and {j} swapped and numbered anew", ledger.with_lines(swapped), \
                "refused" if min(i, j) < size else "good"
        yield f"an empty line before {i}", ledger.with_lines(lines[:i] + [b""] + lines[i:]), "refused"


def spliced(ledger, other, random, count):
    """Lines of another ledger of the same terminal and year, their numbers fitting."""
    lines, strange = ledger.lines(), other.lines()
    for i in some(random, range(min(len(lines), len(strange))), count):
        if lines[i] == strange[i]:
            continue
        expected = "refused" if i < ledger.size() else "good"
        yield f"line {i} of another ledger", ledger.with_lines(lines[:i] + [strange[i]] + lines[i + 1:]), expected
        yield f"lines from {i} on of another ledger", ledger.with_lines(lines[:i] + strange[i:], b""), expected \
            if len(strange) >= ledger.size() else "refused"


def files_exchanged(ledger, other):
    yield "checkpoint of another ledger", ledger.change(checkpoint=other.checkpoint), "refused"
    yield "key of another ledger", ledger.change(vkey=other.vkey), "refused"
    yield "checkpoint and key of another ledger", ledger.change(checkpoint=other.checkpoint, vkey=other.vkey), "refused"
    yield "records of another ledger", ledger.change(records=other.records), "refused"
    yield "signature line of another ledger", ledger.change(
        checkpoint=ledger.checkpoint.partition(b"\n\n")[0] + b"\n\n" + other.checkpoint.partition(b"\n\n")[2]), "refused"
    yield "empty checkpoint", ledger.change(checkpoint=b""), "refused"
    yield "empty key", ledger.change(vkey=b""), "refused"
    yield "no checkpoint", ledger.change(checkpoint=None), "refused"
    yield "no key", ledger.change(vkey=None), "refused"
    yield "empty records", ledger.change(records=b""), "refused"


def checkpoints_older(ledger, seen):
    for note in seen:
        older = verify.Checkpoint.parse(note).size
        yield f"an older checkpoint of {older} records", ledger.change(checkpoint=note), "good"
        lines = ledger.lines()
        if older < ledger.size():
            yield f"records cut back to the {older} of an older checkpoint", ledger.with_lines(lines[:older], b""), "refused"


def appended(ledger):
    lines = ledger.lines()
    n = len(lines)
    yield "an unsigned line appended", ledger.with_lines(lines + [renumber(lines[-1], n)]), "good"
    yield "a line with another's number appended", ledger.with_lines(lines + [lines[-1]]), "refused"
    yield "a line of another terminal appended", ledger.with_lines(
        lines + [re.sub(rb'"terminal":"[^"]*"', b'"terminal":"X-1"', renumber(lines[-1], n), count=1)]), "refused"
    yield "a line that is no record appended", ledger.with_lines(lines + [b"{}"]), "refused"
    yield "a tail of 4096 bytes", ledger.with_lines(lines, b"x" * 4096), "good"
    yield "a tail of 4097 bytes", ledger.with_lines(lines, b"x" * 4097), "refused"
    yield "a tail of 70000 bytes", ledger.with_lines(lines, b"\0" * 70000), "refused"
    yield "a byte-order mark", ledger.change(records=b"\xef\xbb\xbf" + ledger.records), "refused"
    yield "CR LF", ledger.change(records=ledger.records.replace(b"\n", b"\r\n")), "refused"
    yield "an LF before everything", ledger.change(records=b"\n" + ledger.records), "refused"
    yield "CR LF in the checkpoint", ledger.change(checkpoint=ledger.checkpoint.replace(b"\n", b"\r\n")), "refused"
    yield "an LF after the checkpoint", ledger.change(checkpoint=ledger.checkpoint + b"\n"), "refused"
    yield "a fourth line in the checkpoint", ledger.change(checkpoint=ledger.checkpoint.replace(b"\n\n", b"\nx\n\n")), "refused"


def every_kind(made, other, random, count):
    """made, other: ledgers.Made; count: of each sampled kind, None for all."""
    ledger = made.ledger
    for part in (flips(ledger, random, count), bytes_lost_and_put_in(ledger, random, count),
                 truncations(ledger, random, count), lines_moved(ledger, random, count),
                 spliced(ledger, other.ledger, random, count), files_exchanged(ledger, other.ledger),
                 checkpoints_older(ledger, made.seen), appended(ledger)):
        yield from part
