# SPDX-License-Identifier: Apache-2.0
"""The verifier against docs/ledger.md, against ledgers of the real programs, and against `mediagate verify`."""
import base64
import functools
import io
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

import forms
import ledgers
import mutations
import verify
from ledgers import Ledger, line, sign

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
FULL = os.environ.get("VERIFIER_FULL") == "1"
SEED = int(os.environ.get("VERIFIER_SEED", "1"))
BATCH = 500
RECORDS = 15 if FULL else 40  # of a ledger of which every bit is flipped, or some
given = [0]  # ledgers that both have judged


def binaries_find():
    """$VERIFIER_BIN, else the newest build that has both programs."""
    if "VERIFIER_BIN" in os.environ:
        return pathlib.Path(os.environ["VERIFIER_BIN"])
    found = [p.parent for p in TOP.glob("build/*/ledger_make")] + [p.parent for p in TOP.glob("build/*/bin/ledger_make")]
    if not found:
        raise FileNotFoundError("no build has ledger_make and mediagate: scripts/build, or name the folder")
    return max(found, key=lambda p: (p / "mediagate").stat().st_mtime)


BINARIES = binaries_find()


@functools.cache
def made(seed, records):
    return ledgers.make(BINARIES, seed, records)


class BothCase(unittest.TestCase):
    def both(self, cases):
        """cases: (name, ledger, expected[, bad record]). Both must say what is expected, and the same."""
        batch, wrong, count = [], [], 0
        for case in cases:
            batch.append(case)
            if len(batch) == BATCH:
                count += self.batch_judge(batch, wrong)
                batch = []
        count += self.batch_judge(batch, wrong)
        given[0] += count
        self.assertGreater(count, 0)
        self.assertFalse(wrong, f"{len(wrong)} of {count}:\n" + "\n".join(wrong[:40]))
        return count

    @staticmethod
    def batch_judge(batch, wrong):
        if not batch:
            return 0
        for case, (theirs, sentence) in zip(batch, ledgers.theirs(BINARIES, [c[1] for c in batch])):
            name, ledger, expected, *bad = case
            ours, why = ledgers.ours(ledger)
            said = f"{name}: verify.py {ours} {why}; mediagate {theirs} {sentence}"
            if ours != theirs:
                wrong.append("differ: " + said)
            elif expected and ours.good != (expected == "good"):
                wrong.append(f"not {expected}: " + said)
            elif bad and ours.line != bad[0]:
                wrong.append(f"another bad record than {bad[0]}: " + said)
        return len(batch)


class Document(unittest.TestCase):
    """Section 9 and the example of the note's own specification."""

    @staticmethod
    def block(name):
        text = (TOP / "docs/ledger.md").read_text()
        return re.search(rf"\n```{name}\n(.*?)```\n", text, re.S)[1]

    def ledger(self):
        return Ledger(*(self.block(x).encode() for x in ("records", "checkpoint", "vkey")))

    def test_the_ledger_of_the_document_verifies(self):
        verdict, why = ledgers.ours(self.ledger())
        self.assertTrue(verdict.good, why)
        self.assertEqual((verdict.size, verdict.records, verdict.torn), (3, 3, 0))

    def test_the_records_have_the_size_that_is_said(self):
        self.assertIn(f"({len(self.block('records').encode())} bytes)", (TOP / "docs/ledger.md").read_text())

    def test_leaves_and_roots_are_those_of_the_document(self):
        tree, leaves, roots = verify.Tree(), [], ["0 " + base64.b64encode(verify.Tree().root()).decode()]
        for record in self.ledger().lines():
            leaves.append(verify.leaf_hash(record).hex())
            tree.add(record)
            roots.append(f"{tree.size} {base64.b64encode(tree.root()).decode()}")
        self.assertEqual(leaves, self.block("leaves").split())
        self.assertEqual(roots, self.block("roots").splitlines())

    def test_the_key_is_that_of_the_seed(self):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self.block("seed").strip()))
        key = verify.Key.parse(self.block("vkey").strip())
        self.assertEqual(private.public_key().public_bytes_raw().hex(), self.block("public").strip())
        self.assertEqual(key.public.hex(), self.block("public").strip())
        self.assertEqual(key.text(), self.block("vkey").strip())
        # Ed25519 is deterministic: who signs the text gets the document's line
        note = verify.Note.parse(self.ledger().checkpoint)
        self.assertEqual(note.signatures, [(key.name, key.id, private.sign(note.text))])

    def test_the_change_of_key_of_the_document_verifies(self):
        first = self.ledger()
        ledger = first.change(records=first.records + self.block("rekey-records").encode(),
                              checkpoint=self.block("rekey-checkpoint").encode())
        r = verify.verify(io.BytesIO(ledger.records), ledger.checkpoint, ledger.vkey, [first.checkpoint, self.block("paper").encode()])
        self.assertEqual((r.why, r.size, r.keys, r.missing), (None, 5, 1, "no"))

    def years(self, top, old=True, **changes):
        """The document's two years in folders, with changed blocks."""
        text = {x: self.block(x).encode() for x in
                ("records", "rekey-records", "year-records", "vkey", "year-head", "year-vkey", "next-records", "next-checkpoint")}
        text.update(changes)
        terminal = pathlib.Path(top) / "madoguchi-01"
        if old:
            Ledger(text["records"] + text["rekey-records"] + text["year-records"], text["year-head"], text["vkey"]).write(terminal / "2026")
        Ledger(text["next-records"], text["next-checkpoint"], text["year-vkey"]).write(terminal / "2027")
        (terminal / "heads").mkdir()
        (terminal / "heads/2026.note").write_bytes(text["year-head"])

    def said(self, top):
        """What both say of the second year: [(follows, good)]."""
        ours = [(path, verify.verify_folder(path)) for path in verify.folders_find(top)]
        verify.years_compare(ours)
        r = subprocess.run([BINARIES / "mediagate", "verify", "--json", top], capture_output=True, timeout=60, text=True)
        theirs = json.loads(r.stdout)["ledgers"]
        return [(ours[-1][1].follows, not ours[-1][1].why), (theirs[-1].get("follows", ""), theirs[-1]["ok"])]

    def test_the_change_of_year_of_the_document_verifies(self):
        with tempfile.TemporaryDirectory() as top:
            self.years(top)
            self.assertEqual(self.said(top), [("yes", True)] * 2)
        with tempfile.TemporaryDirectory() as top:
            self.years(top, old=False)
            self.assertEqual(self.said(top), [("head", True)] * 2)

    def test_every_changed_byte_of_what_a_year_rests_on_is_found(self):
        head = self.block("year-head").encode()
        rnd = random.Random(SEED)
        lines = head.split(b"\n\n")[0]
        for at in range(len(lines)) if FULL else rnd.sample(range(len(lines)), 12):
            with tempfile.TemporaryDirectory() as top:
                self.years(top, old=False, **{"year-head": head[:at] + bytes([head[at] ^ 1]) + head[at + 1:]})
                self.assertEqual(self.said(top), [("no", False)] * 2, at)

    def test_the_certificate_is_by_the_last_key_over_what_the_document_says(self):
        record = json.loads(self.block("next-records").splitlines()[0])
        before = verify.year_of(record)
        last = verify.Key.parse(json.loads(self.block("rekey-records").splitlines()[0])["detail"]["vkey"])
        self.assertTrue(verify.certified(before, last))
        self.assertFalse(verify.certified(before, verify.Key.parse(self.block("vkey").strip())))
        for name, other in (("size", 7), ("root", "00" * 32), ("vkey", self.block("vkey").strip())):
            self.assertFalse(verify.certified(dict(before, **{name: other}), last), name)
        self.assertTrue(verify.head_follows(before, self.block("year-head").encode(), last))

    def test_both_say_the_same_of_years_that_are_gone(self):
        sys.path.insert(0, str(TOP / "tests/cli"))
        import ledger_fixture
        with tempfile.TemporaryDirectory() as top:
            top = pathlib.Path(top)
            (top / "ledgers").mkdir()
            ledger_fixture.write_all(top / "ledgers")
            for name, want in (("years", ["", "yes"]), ("strangers", ["", "no"]), ("dropped", ["dropped", "yes"]),
                               ("gone", ["head", "yes"]), ("gone-other-head", ["no", "no"]),
                               ("dropped-other-key", ["no", "no"])):
                folder = str(top / "ledgers" / name)
                ours = [(path, verify.verify_folder(path)) for path in verify.folders_find(folder)]
                verify.years_compare(ours)
                r = subprocess.run([BINARIES / "mediagate", "verify", "--json", folder], capture_output=True, timeout=60, text=True)
                self.assertEqual([x.follows for _, x in ours], want, name)
                self.assertEqual([x.get("follows", "") for x in json.loads(r.stdout)["ledgers"]], want, name)

    def test_the_paper_of_the_document_is_its_checkpoint(self):
        c = verify.Checkpoint.parse(self.ledger().checkpoint)
        self.assertEqual(verify.for_paper(c.size, c.root), self.block("paper").strip())

    def test_the_note_of_the_specification_verifies(self):
        verify.Note.parse(self.block("note").encode()).verify(verify.Key.parse(self.block("note-vkey").strip()))

    def test_every_flipped_bit_of_the_document_is_refused(self):
        ledger = self.ledger()
        for name, changed, _ in mutations.flips(ledger, random.Random(SEED), None if FULL else 500):
            verdict, _ = ledgers.ours(changed)
            self.assertFalse(verdict.good, name)

    def test_every_kind_of_the_table_and_no_other_is_made_or_known(self):
        """The document's table of kinds is what the programs write."""
        kinds = re.findall(r"^\| `([\w-]+)` \|", (TOP / "docs/ledger.md").read_text().split("### 3.1")[1].split("### 3.2")[0], re.M)
        for seed in (1, 2):
            for record in made(seed, 400).ledger.lines():
                self.assertIn(json.loads(record)["kind"], kinds)


class Tree(unittest.TestCase):
    def test_the_tree_agrees_with_the_recursion_of_rfc_6962(self):
        tree, lines = verify.Tree(), []
        for n in range(300):
            self.assertEqual(tree.root(), ledgers.root(lines), n)
            lines.append(b"%d" % n)
            tree.add(lines[-1])

    def test_empty_and_known_roots_of_rfc_6962(self):
        # the vectors of Certificate Transparency's own tests
        leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
        tree = verify.Tree()
        for leaf in leaves:
            tree.add(bytes.fromhex(leaf))
        self.assertEqual(tree.root().hex(), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")


class Forms(BothCase):
    """Everything signed well: only its form is the matter."""

    def test_lines(self):
        self.both(forms.lines())

    def test_notes(self):
        self.both(forms.notes())

    def test_keys_and_origins(self):
        self.both(forms.keys())

    def test_changes_of_key(self):
        self.both(forms.key_changes())

    def test_lines_at_random(self):
        """Lines broken by chance and signed well: both take the same ones."""
        rnd = random.Random(SEED)
        tokens = [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"-", b"0", b"1", b"9", b".", b"e", b" ", b"\t", b"\0",
                  b"\x7f", b"\xc2\x80", b"\xed\xa0\x80", b"\xf4\x8f\xbf\xbf", b"\xff", b"true", b"null", b'"a":1', b',"a":1',
                  b"\\u0000", b"\\ud800", b"\\udc00", b"\\n", b"\\/", b'"detail":{}', b',"numbers":3', b'"n":', b"18446744073709551615"]
        seeds = [x for x in forms.GOOD_LINES.values() if len(x) < 1000]

        def broken():
            text = rnd.choice(seeds)
            for _ in range(rnd.randint(1, 3)):
                at, end = sorted(rnd.randrange(len(text) + 1) for _ in range(2))
                what = rnd.randrange(4)
                if what == 0:
                    text = text[:at] + rnd.choice(tokens) + text[at:]
                elif what == 1:
                    text = text[:at] + rnd.choice(tokens) + text[min(end, at + 3):]
                elif what == 2:
                    text = text[:at] + text[min(end, at + 4):]
                else:
                    text = text[:end] + text[at:end] + text[end:]
            return text.replace(b"\n", b"") or b"{"

        def cases(count):
            for _ in range(count):
                text = broken()
                yield repr(text), sign([forms.FIRST, text], forms.US), None

        self.both(cases(200000 if FULL else 4000))

    def test_times_that_go_back_are_counted_and_not_refused(self):
        times = ["08:00:00.000+09:00", "07:59:59.999+09:00", "00:30:00.000+00:00", "00:30:00.000+00:30"]
        lines = [line(i, t="2026-11-26T" + t) for i, t in enumerate(times)]
        lines.append(line(4, "clock", t="2026-11-25T00:00:00.000+00:00"))
        ledger = sign(lines, forms.US)
        r = verify.verify(io.BytesIO(ledger.records), ledger.checkpoint, ledger.vkey)
        self.assertIsNone(r.why)
        self.assertEqual(r.earlier, 2)


class Real(BothCase):
    """Ledgers that the agent's own process wrote."""

    def test_ledgers_of_the_real_programs_verify(self):
        count = 40 if FULL else 6
        self.both((f"seed {s}", made(s, 200).ledger, "good") for s in range(SEED, SEED + count))

    def test_a_kill_leaves_lines_that_are_counted_and_not_vouched_for(self):
        r, why = ledgers.ours(made(1, 100).ledger)
        self.assertTrue(r.good, why)
        self.assertGreater(r.records, r.size)
        self.assertGreater(r.torn, 0)
        clean, why = ledgers.ours(made(2, 100).ledger)
        self.assertTrue(clean.good, why)
        self.assertEqual((clean.records, clean.torn), (clean.size, 0))

    def test_every_older_checkpoint_is_of_the_first_records(self):
        m = made(2, 100)
        for note in m.seen:
            r = verify.verify(io.BytesIO(m.ledger.records), m.ledger.checkpoint, m.ledger.vkey, seen=[note])
            self.assertEqual((r.why, r.missing), (None, "no"))

    def test_a_rolled_back_ledger_agrees_with_itself_and_not_with_the_newer_checkpoint(self):
        m = made(2, 100)
        old = next(x for x in m.seen if verify.Checkpoint.parse(x).size < m.ledger.size())
        back = m.ledger.with_lines(m.ledger.lines()[:verify.Checkpoint.parse(old).size], b"").change(checkpoint=old)
        self.assertTrue(ledgers.ours(back)[0].good)
        r = verify.verify(io.BytesIO(back.records), back.checkpoint, back.vkey, seen=[m.ledger.checkpoint])
        self.assertEqual(r.missing, "yes")
        self.assertIn("are missing", r.why)

    def test_a_fork_and_a_rollback_are_found_by_what_was_seen_and_narrowed_down_alike(self):
        lines = [line(i) for i in range(20)]
        one = {size: sign(lines[:size], forms.US) for size in (1, 2, 3, 4, 5, 8, 9, 16, 20)}
        fork = sign(lines[:4] + [line(i, "stop") for i in range(4, 12)], forms.US)
        for ledger in (fork, one[9]):
            for sizes in ((9,), (3,), (20,), (2, 4, 8), (4, 5), (1, 16), (5, 8, 20), (3, 20)):
                with tempfile.TemporaryDirectory() as top:
                    seen = []
                    for size in sizes:
                        c = verify.Checkpoint.parse(one[size].checkpoint)
                        paper = verify.for_paper(c.size, c.root)
                        given = random.Random(size).choice([one[size].checkpoint, paper.encode(), paper.lower().replace(" ", "-", 3).encode()])
                        pathlib.Path(f"{top}/{size}").write_bytes(given)
                        seen.append(given)
                    ledger.write(f"{top}/l/SIN-07/2026")
                    ours = verify.verify(io.BytesIO(ledger.records), ledger.checkpoint, ledger.vkey, seen)
                    words = [w for size in sizes for w in ("--seen", f"{top}/{size}")]
                    r = subprocess.run([BINARIES / "mediagate", "verify", f"{top}/l", "--json", *words], capture_output=True, timeout=60)
                    theirs, = json.loads(r.stdout)["ledgers"]
                    self.assertEqual(ours.why is None, theirs["ok"], (sizes, ours, theirs))
                    if not ours.differs:
                        self.assertEqual(ours.missing, theirs["missing"], (sizes, ours, theirs))
                    else:
                        self.assertEqual(ours.differs, (theirs["differs_from"], theirs["differs_to"]), (sizes, ours, theirs))

    def test_the_key_changes_in_ledgers_of_the_real_programs(self):
        m = made(2, 100)
        r = verify.verify(io.BytesIO(m.ledger.records), m.ledger.checkpoint, m.ledger.vkey)
        self.assertGreater(r.keys, 2)
        self.assertNotEqual(r.key.encode(), m.ledger.vkey.strip())

    def test_the_key_noted_at_enrolment_is_what_is_asked(self):
        ledger, other = made(1, 100).ledger, made(2, 100).ledger
        for key, good in ((ledger.vkey, True), (other.vkey, False)):
            r = verify.verify(io.BytesIO(ledger.records), ledger.checkpoint, key)
            self.assertEqual(r.why is None, good)


class Mutations(BothCase):
    def test_every_kind_of_mutation_of_a_ledger_that_ends_with_a_kill(self):
        self.both(mutations.every_kind(made(1, RECORDS), made(3, RECORDS), random.Random(SEED), None if FULL else 100))

    def test_every_kind_of_mutation_of_a_ledger_that_ends_clean(self):
        self.both(mutations.every_kind(made(2, RECORDS), made(4, RECORDS), random.Random(SEED), None if FULL else 100))

    def test_every_bit_and_cut_of_the_document_s_ledger(self):
        ledger = Document("ledger").ledger()
        rnd = random.Random(SEED)
        count = None if FULL else 400
        self.both(mutations.flips(ledger, rnd, count))
        self.both(mutations.truncations(ledger, rnd, count))
        self.both(mutations.bytes_lost_and_put_in(ledger, rnd, count))

    def test_mutations_of_a_ledger_whose_key_changed(self):
        new = ledgers.Signer(ledgers.ORIGIN, "new")
        lines = [forms.FIRST] + [line(i, actor=f"a{i}") for i in range(1, 4)]
        lines.append(ledgers.rekey_line(4, lines, forms.US, new))
        lines += [line(i, actor=f"a{i}") for i in range(5, 9)]
        ledger = sign(lines, new, vkey=forms.US.vkey, size=8, tail=b"torn")
        other = sign([line(i, "stop") for i in range(10)], ledgers.Signer(ledgers.ORIGIN, "stranger"))
        m = ledgers.Made(ledger, [sign(lines[:3], forms.US).checkpoint, sign(lines[:6], new).checkpoint])
        self.both(mutations.every_kind(m, ledgers.Made(other, []), random.Random(SEED), None if FULL else 100))


class Proofs(unittest.TestCase):
    """Section 9: what `mediagate proof` makes opens, and nothing else does."""

    def made(self, ledger, numbers, top):
        ledger.write(f"{top}/T/2026")
        for n in numbers:
            r = subprocess.run([BINARIES / "mediagate", "proof", str(n), "--ledger", f"{top}/T/2026"], capture_output=True, timeout=60)
            self.assertEqual(r.returncode, 0, r.stderr)
            yield n, r.stdout

    def theirs(self, proof, key, top):
        """Whether `mediagate verify --proof` takes it."""
        pathlib.Path(f"{top}/proof").write_bytes(proof)
        r = subprocess.run([BINARIES / "mediagate", "verify", "--proof", f"{top}/proof", "--key", key], capture_output=True, timeout=60)
        self.assertIn(r.returncode, (0, 6), r.stderr)
        return r.returncode == 0

    def ours(self, proof, key):
        try:
            return verify.verify_proof(proof, key.encode())
        except verify.Refused:
            return None

    def test_the_proof_of_the_document_opens(self):
        ledger = Document("ledger").ledger()
        record = verify.verify_proof(Document.block("proof").encode(), ledger.vkey)
        self.assertEqual(record, ledger.lines()[1])

    def test_every_record_of_every_size_has_a_proof_that_opens(self):
        lines = [line(i, actor=f"a{i}") for i in range(17)]
        for size in range(1, 18) if FULL else (1, 2, 3, 7, 8, 9, 17):
            with tempfile.TemporaryDirectory() as top:
                for n, proof in self.made(sign(lines[:size], forms.US), range(size), top):
                    self.assertEqual(self.ours(proof, forms.US.vkey), lines[n], (n, size))

    def test_a_proof_after_a_change_of_key_opens_with_the_new_one(self):
        new = ledgers.Signer(ledgers.ORIGIN, "new")
        lines = [forms.FIRST, line(1)]
        lines += [ledgers.rekey_line(2, lines, forms.US, new), line(3)]
        with tempfile.TemporaryDirectory() as top:
            (_, proof), = self.made(sign(lines, new, vkey=forms.US.vkey), [1], top)
            self.assertEqual(self.ours(proof, new.vkey), lines[1])
            self.assertIsNone(self.ours(proof, forms.US.vkey))
            self.assertFalse(self.theirs(proof, forms.US.vkey, top))

    def changed(self, proof, rnd):
        """(name, altered proof), each line changed in the ways its form allows."""
        head, _, checkpoint = proof.partition(b"\n\n")
        lines = head.split(b"\n")
        for n in range(12):
            at = rnd.randrange(len(proof) * 8)
            yield f"bit {at}", proof[:at // 8] + bytes([proof[at // 8] ^ 1 << at % 8]) + proof[at // 8 + 1:]
        for i in range(3, len(lines)):
            yield f"hash {i} lost", b"\n".join(lines[:i] + lines[i + 1:]) + b"\n\n" + checkpoint
            yield f"hash {i} twice", b"\n".join(lines[:i + 1] + lines[i:]) + b"\n\n" + checkpoint
        for i in range(3, len(lines) - 1):
            yield f"hashes {i} and {i + 1} swapped", b"\n".join(lines[:i] + [lines[i + 1], lines[i]] + lines[i + 2:]) + b"\n\n" + checkpoint
        for text in (b"index 4", b"index 05", b"index 99", b"index -1", b"index  5", b"index 5 ", b"index 18446744073709551621", b"extra AA=="):
            yield repr(text), b"\n".join(lines[:2] + [text] + lines[3:]) + b"\n\n" + checkpoint
        for text in (b"extra ", b"extra", b"extra AA==", b"extra %s=" % lines[1][6:], b"Extra " + lines[1][6:], lines[2]):
            yield repr(text[:30]), b"\n".join([lines[0], text] + lines[2:]) + b"\n\n" + checkpoint
        yield "no first line", b"\n".join(lines[1:]) + b"\n\n" + checkpoint
        yield "version 2", proof.replace(b"@v1", b"@v2", 1)
        yield "CR LF", proof.replace(b"\n", b"\r\n")
        yield "65 hashes", b"\n".join(lines[:3] + [lines[3]] * 65) + b"\n\n" + checkpoint
        yield "no checkpoint", b"\n".join(lines) + b"\n\n"
        yield "no empty line", b"\n".join(lines) + b"\n" + checkpoint
        yield "two empty lines", b"\n".join(lines) + b"\n\n\n" + checkpoint
        yield "cut", proof[:-1]
        yield "longer", proof + b"\n"
        yield "nothing", b""

    def test_an_altered_proof_opens_nowhere(self):
        rnd = random.Random(SEED)
        lines = [line(i, actor=f"a{i}") for i in range(11)]
        with tempfile.TemporaryDirectory() as top:
            (_, proof), = self.made(sign(lines, forms.US), [5], top)
            self.assertTrue(self.theirs(proof, forms.US.vkey, top))
            for name, altered in self.changed(proof, rnd):
                self.assertIsNone(self.ours(altered, forms.US.vkey), name)
                self.assertFalse(self.theirs(altered, forms.US.vkey, top), name)

    def test_a_record_of_bad_form_or_another_place_or_terminal_is_not_proved(self):
        """Signed well all the same: only the last step refuses it."""
        for name, text in (("form", b"{}"), ("place", line(1)), ("terminal", line(0, terminal="SIN-08"))):
            ledger = sign([text], forms.US)
            proof = b"c2sp.org/tlog-proof@v1\nextra %s\nindex 0\n\n%s" % (base64.b64encode(text), ledger.checkpoint)
            with tempfile.TemporaryDirectory() as top:
                self.assertIsNone(self.ours(proof, forms.US.vkey), name)
                self.assertFalse(self.theirs(proof, forms.US.vkey, top), name)


class Command(unittest.TestCase):
    def said(self, *words):
        r = subprocess.run([sys.executable, HERE / "verify.py", *words], capture_output=True, text=True, timeout=60)
        return r.returncode, r.stdout, r.stderr

    def test_exit_status_is_that_of_the_document(self):
        with tempfile.TemporaryDirectory() as top:
            ledger = sign([forms.FIRST, line(1)], forms.US)
            ledger.write(f"{top}/good/SIN-07/2026")
            ledger.change(records=ledger.records[:-1]).write(f"{top}/cut/SIN-07/2026")
            ledger.change(checkpoint=None).write(f"{top}/gone/SIN-07/2026")
            ledger.change(checkpoint=None).write(f"{top}/unreadable/SIN-07/2026")
            os.symlink("checkpoint", f"{top}/unreadable/SIN-07/2026/checkpoint")
            self.assertEqual(self.said(f"{top}/good/SIN-07/2026", "--key", forms.US.vkey)[0], 0)
            for words, want in (((f"{top}/good",), 0), ((f"{top}/cut",), 6), ((f"{top}/gone",), 6),
                                ((f"{top}/unreadable",), 4), ((f"{top}/none",), 4),
                                ((f"{top}/good", "--key", ledgers.Signer(ledgers.ORIGIN, "x").vkey), 6)):
                self.assertEqual(self.said(*words)[0], want, words)
                theirs = subprocess.run([BINARIES / "mediagate", "verify", *words], capture_output=True, timeout=60)
                self.assertEqual(theirs.returncode, want, words)
            status, out, _ = self.said(f"{top}/good", "--json")
            self.assertEqual((status, json.loads(out)[0]["size"]), (0, 2))

    def test_a_folder_of_another_name_is_said(self):
        with tempfile.TemporaryDirectory() as top:
            sign([forms.FIRST], forms.US).write(f"{top}/SIN-08/2026")
            status, out, _ = self.said(top)
            self.assertEqual(status, 0)
            self.assertIn("the folder's names are not those of the origin", out)
