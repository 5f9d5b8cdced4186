# SPDX-License-Identifier: Apache-2.0
"""Power cuts at random moments of copying and recording. args: [N] [SEED]
After each: no folder under its final name that is not whole, no part that opens but is short, not a byte of the
plaintext on the stick (raw or compressed); after the next boot no acknowledged record is lost, the ledger verifies,
and no intent is without its outcome."""
import json, os, random, shutil, time

import stick
from checks import Checks, eventually
from office import Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")
AUTOSTART = False
PASSWORD = "power-cut-Password-0001"
CANARY = b"PLAINTEXT-CANARY-of-the-power-cuts-0123456789"

# Copies without end; each acknowledged answer goes to the host at once, on a line of its own.
WORK = """cd /home/clerk1; i=0; while :; do i=$((i + 1)); su clerk1 -c "mediagate copy USB-0001 w --password-file .pw --json"
[ $((i % 3)) != 0 ] || su clerk1 -c "mediagate ls USB-0001 --json" > /dev/null; done"""


def files(vm, size):
    vm.sh("mkdir -p /home/clerk1/w")
    vm.put(PASSWORD + "\n", "/home/clerk1/.pw")
    vm.put(CANARY + b"\n", "/home/clerk1/canary")
    vm.sh(f"""cd /home/clerk1; i=0; while [ $i -lt 400 ]; do cat canary; i=$((i + 1)); done > w/text
head -c {size} /dev/urandom > w/noise; for i in 1 2 3 4 5; do cat canary > w/$i; done; chown -R clerk1:clerk1 .""", 60)


def answers(vm):
    """What the person was told before the power went."""
    out = []
    for _, line in vm.stream_lines:
        try:
            v = json.loads(line)
        except ValueError:
            continue
        if v.get("ok"):
            out.append(v)
    return out


def on_the_stick(c, image, cut, told, tmp):
    names = stick.folders(image)
    bad = []
    for name in (n for n in names if n.startswith("MEDIAGATE-")):
        shutil.rmtree(tmp, ignore_errors=True)
        ok, why = stick.take(image, name, tmp)
        if ok:
            ok, why = stick.opens(tmp, PASSWORD)
        if not ok:
            bad.append((name, why))
    c.ok(f"cut_{cut}_no_folder_has_its_final_name_that_is_not_whole", not bad, bad)
    lost = [v["copy"] for v in told if "MEDIAGATE-" + v["copy"] not in names]
    c.ok(f"cut_{cut}_every_acknowledged_copy_is_on_the_stick", not lost, f"{lost} of {names}")
    c.ok(f"cut_{cut}_nothing_readable_is_on_the_stick", not stick.readable(image, CANARY), stick.readable(image, CANARY))
    return len(names)


def scenario(vm, args):
    n, seed = int(args[0]) if args else 4, int(args[1]) if len(args) > 1 else int(time.time())
    print(f"# seed {seed}", flush=True)
    rng, c, o = random.Random(seed), Checks(), Office(vm)
    image, acknowledged = vm.dir + "/a.img", 0
    mkstick(image, 64)
    vm.start()
    o.start()
    o.lent("POWER-0001", "USB-0001", image, id="stick", prepare="vfat", slow=50 << 20)
    for cut in range(1, n + 1):
        with c.part(f"cut_{cut}"):
            eventually(lambda: o.disks(), 30)
            files(vm, rng.randrange(1, 3_000_000))
            vm.speed("stick", rng.choice((1 << 20, 4 << 20, 50 << 20)))
            vm.stream(WORK)
            time.sleep(rng.uniform(0.5, 9))
            vm.power_cut()
            told = answers(vm)
            acknowledged += len(told)
            left = on_the_stick(c, image, cut, told, vm.dir + "/copy")
            vm.start()
            o.start()
            lost = [v for v in told if v["record"] >= len(o.records()) or not any(r["detail"].get("copy") == v["copy"] for r in o.records("copy", "done"))]
            c.ok(f"cut_{cut}_no_acknowledged_record_is_lost", not lost, lost)
            ok, said = o.verifies()
            c.ok(f"cut_{cut}_the_ledger_verifies", ok, said)
            c.ok(f"cut_{cut}_no_intent_is_without_its_outcome", eventually(lambda: not o.pending(), 15), o.pending())
            eventually(lambda: o.disks(), 30)
            rc, out = o.run("clerk1", "mediagate ls USB-0001", 60)
            c.ok(f"cut_{cut}_the_stick_works_again", rc == 0, f"status {rc}: {out} {o.log()}")
            if left > 8:  # make room: a fresh stick, the same loan
                vm.unplug("stick")
                fresh = mkstick(image + ".new", 64)
                os.replace(fresh, image)
                vm.plug("storage", "stick", serial="POWER-0001", image=image, slow=50 << 20)
    print(f"# {n} power cuts, {acknowledged} acknowledged copies", flush=True)
    c.ok("copies_were_acknowledged_before_the_cuts", acknowledged > 0, "none: the cuts came too early to mean anything")
    return c.status()
