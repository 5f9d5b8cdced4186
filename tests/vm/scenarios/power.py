# SPDX-License-Identifier: Apache-2.0
"""Power cuts at random moments of copying and recording. args: [CUTS] [SEED]
Half of them also take from both disks what was written and not flushed (tests/vm/powerloss.py). After each, on the
sticks as they are: no folder under its final name that is not whole, no part that opens but is short, not a byte of
plaintext (raw or compressed) and no file name. After the next boot: no acknowledged record is lost, the state is
the ledger's, the ledger verifies, and no intent is without its outcome."""
import collections, contextlib, json, os, random, shutil, subprocess, time

import stick
from checks import Checks, eventually
from office import LOAN, Office
from image import CACHE
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0", volatile=True)
AUTOSTART = False
PASSWORD = "power-cut-Password-0001"
CANARY = b"PLAINTEXT-CANARY-of-the-power-cuts-0123456789"
KEPT = CACHE + "/power"
NAME = "NAME-CANARY-of-the-power-cuts"
ACTS_BEFORE_A_CUT = (0, 1, 4, 2)  # the first cut (1) comes after one act

# Work without end; each answer goes to the host at once, on a line of its own. Copies for a certificate are quick;
# one for a password takes ten seconds of key derivation under emulation. Beside them another stick comes and goes.
WORK = """cd /home/clerk1; (while :; do su clerk1 -c "mediagate copy USB-0001 w {secret} --json"
su clerk1 -c "mediagate ls USB-0001 --json" > /dev/null; done) &
while :; do su supervisor1 -c "mediagate checkout USB-0002 --to clerk1 {loan} --until {until} --json"; sleep 0.3
su clerk1 -c "mediagate return USB-0002 --json"; done"""


class Rig:
    def __init__(self, vm, rng):
        self.vm, self.rng, self.c, self.o = vm, rng, Checks(), Office(vm)
        self.images = dict(a=vm.dir + "/a.img", b=vm.dir + "/b.img")
        self.key, self.cert = vm.dir + "/recipient.key", vm.dir + "/recipient.pem"
        self.told = []  # every acknowledged answer
        self.where = collections.Counter()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key,
                        "-out", self.cert, "-subj", "/CN=recipient", "-days", "3650"], check=True, capture_output=True)

    def prepare(self):
        vm, o = self.vm, self.o
        vm.start()
        o.start()
        for i, (name, image) in enumerate(self.images.items(), 1):
            mkstick(image, 64 if name == "a" else 16)
            o.lent(f"POWER-000{i}", f"USB-000{i}", image, id=name, prepare="vfat", slow=50 << 20)
            eventually(lambda: len(o.disks()) == i, 30)

    def files(self):
        """The clerk's files, new ones before each cut: every line of each says what it is."""
        vm, n = self.vm, self.rng.choice((1, 3, 12))
        size = self.rng.choice((0, 700, 90_000, 1_500_000, 4_000_000)) // n
        vm.put(PASSWORD + "\n", "/home/clerk1/.pw")
        vm.put(open(self.cert).read(), "/home/clerk1/recipient.pem")
        vm.sh(f"""mkdir -p /home/clerk1/w; cd /home/clerk1; rm -f w/*; i=0; while [ $i -lt {n} ]; do i=$((i + 1))
(yes '{CANARY.decode()}' | head -c {size}) > w/{NAME}-$i; done; chown -R clerk1:clerk1 .""", 60)

    def work(self, cut):
        """Work until the cut: so many acts answered, then a random time. Counted, so that a slow machine is cut no
        earlier in its work than a quick one; every fourth cut comes at any time from the first moment on."""
        self.files()
        self.vm.speed("a", self.rng.choice((1 << 19, 1 << 20, 4 << 20, 50 << 20)))
        password = self.rng.random() < 0.1
        secret = "--password-file .pw" if password else "--recipient recipient.pem"
        self.vm.stream(WORK.format(secret=secret, loan=LOAN, until=self.o.until_time()))
        wanted = ACTS_BEFORE_A_CUT[cut % len(ACTS_BEFORE_A_CUT)]
        eventually(lambda: len(self.acknowledged()) >= wanted, 180, 0.2)
        time.sleep(self.rng.uniform(8, 16) if password else self.rng.uniform(0.2, 6))

    def acknowledged(self):
        return [v for v in self.answers() if "record" in v]

    def answers(self):
        """What people were told before the power went."""
        out = []
        for _, line in list(self.vm.stream_lines):
            try:
                v = json.loads(line)
            except ValueError:
                continue
            v = v[0] if isinstance(v, list) else v
            if v.get("ok"):
                out.append(v)
        return out

    # -- the sticks, before anything is repaired
    def on_the_sticks(self, cut):
        c, image, tmp = self.c, self.images["a"], self.vm.dir + "/copy"
        names, bad = stick.folders(image), []
        for name in (n for n in names if n.startswith("MEDIAGATE-")):
            shutil.rmtree(tmp, ignore_errors=True)
            ok, why = stick.take(image, name, tmp)
            if ok:
                ok, why = stick.opens(tmp, PASSWORD, (self.cert, self.key))
            if not ok:
                bad.append((name, why))
        c.ok(f"cut_{cut}_no_folder_has_its_final_name_that_is_not_whole", not bad, bad)
        here = [v["copy"] for v in self.told if "copy" in v and v.get("stick") == self.stick]
        lost = [i for i in here if "MEDIAGATE-" + i not in names]
        c.ok(f"cut_{cut}_every_acknowledged_copy_is_on_the_stick", not lost, f"{lost} of {names}")
        part = [n for n in names if n.startswith(".MEDIAGATE")]
        short = self.short_parts(part)
        c.ok(f"cut_{cut}_no_part_of_an_unfinished_copy_opens_and_is_short", not short, short)
        seen = [stick.readable(i, w) for i in self.images.values() for w in (CANARY, NAME.encode(), NAME.encode("utf-16-le"))]
        c.ok(f"cut_{cut}_nothing_readable_is_on_the_sticks", not any(seen), seen)
        self.where["a copy was being written" if part else "no copy was on its way to the stick"] += 1
        return len(names)

    def short_parts(self, folders):
        """Parts in folders without their final name: whatever opens must be whole, to its last byte."""
        out, tmp = [], self.vm.dir + "/part"
        for folder in folders:
            shutil.rmtree(tmp, ignore_errors=True)
            stick.take(self.images["a"], folder, tmp)
            for part in sorted(os.listdir(tmp) if os.path.isdir(tmp) else []):
                if part.endswith(".p7m"):
                    ok, plain = stick.part(f"{tmp}/{part}", PASSWORD, (self.cert, self.key))
                    if ok and not (plain.endswith(b"\0" * 1024) and len(plain) % 512 == 0):
                        out.append((folder, part, len(plain)))
        return out

    # -- the terminal, after it has booted
    def after(self, cut):
        c, o = self.c, self.o
        rows = o.records()
        by_n = {r["n"]: r for r in rows}
        lost = [v for v in self.told if v.get("record") not in by_n or by_n[v["record"]].get("result") != "done" or
                v.get("copy", by_n[v["record"]].get("detail", {}).get("copy")) != by_n[v["record"]].get("detail", {}).get("copy")]
        c.ok(f"cut_{cut}_no_acknowledged_record_is_lost", not lost, lost)
        ok, said = o.verifies()
        c.ok(f"cut_{cut}_the_ledger_verifies", ok, said)
        c.ok(f"cut_{cut}_no_intent_is_without_its_outcome", eventually(lambda: not o.pending(), 15), o.pending())
        cut_short = [r for r in rows if r.get("reason") == "interrupted"]
        self.where["intents that the cut left open"] = len(cut_short)
        self.where["torn or adopted lines"] = len([r for r in rows if r["kind"] == "recovered"])
        loans = {}
        for r in o.records():
            if r["kind"] in ("checkout", "return") and r.get("result") == "done":
                loans[r["medium"]] = r["kind"] == "checkout"
        lent = {n for n, is_open in loans.items() if is_open}
        known = lambda: {m["number"] for m in json.loads(o.run("root", "mediagate --json")[1])["media"] if m.get("checkout")}
        c.ok(f"cut_{cut}_what_is_lent_is_what_the_ledger_says", eventually(lambda: known() == lent, 10), f"{known()} {lent}")
        said = []
        c.ok(f"cut_{cut}_the_stick_works_again", self.works(said), f"{said} {o.records('mend')[-2:]} {o.log()}")
        self.where["sticks that were mended"] += len([r for r in o.records("mend", "done") if r["n"] > len(rows) - 1])

    def works(self, said):
        """Through mediagate alone: what vfat's tables have lost, core has mended before the job."""
        def ls():
            said[:] = self.o.run("clerk1", "mediagate ls USB-0001", 150)
            return said[0] == 0
        return eventually(ls, 60, 1)

    @contextlib.contextmanager
    def out(self):
        """The stick is out of the terminal for a while."""
        self.vm.unplug("a")
        eventually(lambda: not self.o.device("POWER-0001"), 20)
        yield
        self.vm.plug("storage", "a", serial="POWER-0001", image=self.images["a"], slow=50 << 20)

    stick = 0

    def keep(self, cut):
        """What there is to look at after a failure: disks, how they were at the boot before, and their logs."""
        to = f"{KEPT}/cut-{cut}"
        os.makedirs(to, exist_ok=True)
        for image, base, log in self.vm.logs.values():
            for f in (image, base, log):
                shutil.copy(f, to)
        print(f"# kept: {to}", flush=True)

    def room(self):
        """The copies are gone, as when a person has deleted them; acknowledged ones are looked for from here on."""
        with self.out():
            stick.empty(self.images["a"])
        self.stick += 1
        eventually(lambda: self.o.run("clerk1", "mediagate ls USB-0001", 60)[0] == 0, 40, 1)

    def cut(self, cut):
        vm = self.vm
        self.work(cut)
        forget = self.rng if self.rng.random() < 0.5 else None
        lost = vm.power_cut(forget)
        print(f"# cut {cut}: {'unflushed lost: ' + str(lost) if forget else 'as it was'}", flush=True)
        told, failed = self.acknowledged(), self.c.failed
        for v in told:
            v["stick"] = self.stick
        self.told += told
        self.where["cuts that took unflushed sectors"] += any(x[2] for x in lost.values()) if lost else 0
        left = self.on_the_sticks(cut)
        if self.c.failed > failed:
            self.keep(cut)
        vm.start()
        self.o.start()
        self.after(cut)
        if left > 9:
            self.room()


def scenario(vm, args):
    n, seed = int(args[0]) if args else 4, int(args[1]) if len(args) > 1 else int(time.time())
    print(f"# seed {seed}", flush=True)
    r = Rig(vm, random.Random(seed))
    r.prepare()
    for cut in range(1, n + 1):
        with r.c.part(f"cut_{cut}"):
            r.cut(cut)
    print(f"# {n} power cuts, {len(r.told)} acknowledged acts; {dict(r.where)}", flush=True)
    r.c.ok("acts_were_acknowledged_before_the_cuts", len(r.told) >= n, f"{len(r.told)}: the cuts came too early to mean anything")
    r.c.ok("cuts_fell_into_copies_and_loans_that_were_under_way", r.where["intents that the cut left open"] >= n // 4, r.where)
    return r.c.status()
