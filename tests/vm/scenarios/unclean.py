# SPDX-License-Identifier: Apache-2.0
"""Media that were not taken out cleanly: mended before the next job, on record; those that cannot be are left as they
are, with a sentence that says so. args: [PART…]"""
import json, time

import fat
from checks import Checks, eventually
from office import Office

CONFIG = dict(append="usb-storage.delay_use=0")
LOST = "MEDIAGATE-0123456789AB"  # looks like a copy's folder: `ls` opens it


def fault(out):
    return out.split('"fault":"')[1].split('"')[0] if '"fault":"' in out else None


def ls(o, number, timeout=150):
    return o.run("clerk1", f"mediagate ls {number} --json", timeout)


class Stick:
    """One that is lent, taken out, changed on the host and plugged in again."""

    def __init__(self, vm, o, number, system):
        self.vm, self.o, self.number, self.serial, self.image = vm, o, number, "S-" + number, f"{vm.dir}/{number}.img"
        with open(self.image, "wb") as f:
            f.truncate(64 << 20)
        o.lent(self.serial, number, self.image, id=number, prepare=system)
        eventually(lambda: o.disks(), 20)

    def out(self):
        self.vm.unplug(self.number)
        eventually(lambda: not self.o.device(self.serial), 20)

    def back(self):
        self.vm.plug("storage", self.number, serial=self.serial, image=self.image)
        eventually(lambda: self.o.disks(), 20)


def mends(o, since=0):
    return [r for r in o.records("mend") if r["n"] > since]


def vfat(c, vm, o):
    s = Stick(vm, o, "USB-0001", "vfat")
    vm.sh("echo hello > /home/clerk1/a.txt; chown clerk1:clerk1 /home/clerk1/a.txt")
    rc, out = o.run("clerk1", "mediagate copy USB-0001 a.txt", 90)
    c.ok("a_new_medium_takes_a_copy", rc == 0, out)
    copy = o.records("copy", "done")[-1]["detail"]["copy"]
    c.equal("a_clean_medium_is_not_mended", mends(o), [])
    s.out()
    fat.folder(s.image, LOST)
    with fat.opened(s.image) as f:
        c.ok("a_session_that_ended_leaves_no_mark", not f.is_dirty())
        f.entry(f.first(LOST), 0)  # its cluster is nobody's
        f.dirty()
    s.back()
    rc, out = ls(o, s.number)
    c.ok("a_damaged_medium_works_at_the_next_job", rc == 0 and copy in out, f"{rc} {out} {o.log()}")
    rows = mends(o)
    c.equal("its_mending_is_on_record", [(r["result"], r["actor"], r["medium"], r["detail"]["file_system"]) for r in rows],
            [("intent", "clerk1", s.number, "vfat"), ("done", "clerk1", s.number, "vfat")], rows)
    rc, out = ls(o, s.number)
    c.ok("it_is_mended_once", rc == 0 and len(mends(o)) == 2, f"{rc} {out}")
    rc, out = o.run("clerk1", "mediagate copy USB-0001 a.txt", 90)
    c.ok("it_takes_copies_again", rc == 0, f"{rc} {out}")
    s.out()
    fat.folder(s.image, LOST)
    with fat.opened(s.image) as f:
        f.entry(f.first(LOST), 0)
    s.back()
    rc, out = ls(o, s.number)
    c.ok("damage_without_a_mark_is_told", rc == 7 and fault(out) == "medium-error", f"{rc} {out}")
    rc, out = ls(o, s.number)
    c.ok("it_is_mended_when_one_tries_again", rc == 0 and copy in out and len(mends(o)) == 4, f"{rc} {out} {o.log()}")
    rc, out = o.run("supervisor1", f"mediagate return {s.number} --json", 90)
    c.ok("a_mended_medium_can_be_returned", rc == 0, f"{rc} {out}")
    s.out()


def exfat(c, vm, o):
    s, before = Stick(vm, o, "USB-0002", "exfat"), len(o.records())
    c.ok("an_exfat_medium_is_clean_at_first", ls(o, s.number)[0] == 0 and not mends(o, before), o.log())
    s.out()
    with fat.opened(s.image) as f:
        f.put(fat.EXFAT_FLAGS, b"\x02")
    s.back()
    rc, out = ls(o, s.number)
    c.ok("an_unclean_exfat_medium_is_mended", rc == 0 and [r["result"] for r in mends(o, before)] == ["intent", "done"], f"{rc} {out} {mends(o)} {o.log()}")
    s.out()
    with fat.opened(s.image) as f:
        c.equal("its_mark_is_gone", f.at(fat.EXFAT_FLAGS, 1), b"\0")


def hostile(c, vm, o):
    s = Stick(vm, o, "USB-0003", "vfat")
    s.out()
    for other in ("b", "c"):
        fat.folder(s.image, other)
    with open(s.image, "rb") as f:
        f.seek(1 << 20)  # the label before it stays as it is
        good = f.read()
    for how in fat.HOSTILE:
        name = how.__name__
        with open(s.image, "r+b") as f:
            f.seek(1 << 20)
            f.write(good)
        with fat.opened(s.image) as f:
            f.dirty()
            how(f)
        s.back()
        begun = time.monotonic()
        before = len(o.records())
        said = [ls(o, s.number), o.run("clerk1", f"mediagate copy {s.number} a.txt --json", 150)]
        took = time.monotonic() - begun
        c.ok(f"{name}_ends_in_time_and_with_a_sentence", took < 120 and all(
            rc == 0 or rc == 7 and fault(out) in ("not-mended", "no-file-system", "medium-error", "medium-full") for rc, out in said), f"{took:.0f} s {said} {o.log()}")
        rows = mends(o, before - 1)
        c.ok(f"{name}_is_on_record", not o.pending() and {r["result"] for r in rows} >= {"intent"}, rows)
        print(f"# {name}: {[(rc, fault(out)) for rc, out in said]} {took:.0f} s", flush=True)
        c.ok(f"{name}_writes_to_no_medium_that_is_not_in_order",
             all(r["result"] != "failed" for r in rows) or (said[1][0], fault(said[1][1])) == (7, "not-mended"), said)
        s.out()
    c.ok("the_agent_goes_on", o.run("clerk1", "mediagate --json")[0] == 0, o.log())


def scenario(vm, args):
    c, o = Checks(), Office(vm).start()
    vm.sh("echo hello > /home/clerk1/a.txt; chown clerk1:clerk1 /home/clerk1/a.txt")
    for part in (vfat, exfat, hostile):
        if not args or part.__name__ in args:
            with c.part(part.__name__):
                part(c, vm, o)
    c.ok("the_ledger_verifies", *o.verifies())
    return c.status()
