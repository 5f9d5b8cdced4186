# SPDX-License-Identifier: Apache-2.0
"""The label: clones, images put back, torn, altered and missing labels get what docs/label.md says; the agent and the
label's own process are killed at every step between intent and outcome, and a restart or the next plug settles it.
args: [points] only those; [all] every point, not a sample; [prepare] only what --prepare does; [terminals] only several terminals"""
import shutil, time

from checks import Checks, eventually
from liar import Liar
from office import Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")
SERIAL, NUMBER = "LABEL-0001", "USB-0001"

# Who is killed, at which of its system calls (before it runs), the how manyth; while a copy begins.
POINTS = (
    ("label", "pwrite64", 1),  # nothing is written
    ("label", "fsync", 1),  # written, not synced
    ("label", "pread64", 1),  # synced, not read back
    ("label", "exit_group", 1),  # all is done and said
    ("ledger", "fdatasync", 2), ("core", "sendmsg", 3), ("ledger", "fdatasync", 3), ("ledger", "fdatasync", 1),
    ("core", "sendmsg", 2), ("core", "sendmsg", 4), ("core", "sendmsg", 5), ("core", "sendmsg", 6), ("core", "sendmsg", 1),
)


def slots(image):
    with open(image, "rb") as f:
        f.seek(524288)
        return f.read(4096), f.read(4096)


def counters(image):
    return [int.from_bytes(s[24:32], "little") if s.startswith(b"mediagate/label/v1\n") else None for s in slots(image)]


def write(image, at, data):
    with open(image, "r+b") as f:
        f.seek(524288 + at)
        f.write(data)


class Rig:
    def __init__(self, vm, c):
        self.vm, self.c, self.o, self.image = vm, c, Office(vm), vm.dir + "/label.img"

    def fault(self, out):
        return out.split('"fault":"')[1].split('"')[0] if '"fault":"' in out else None

    def out(self):
        self.vm.unplug("stick")
        eventually(lambda: not self.o.device(SERIAL), 15)

    def put(self):
        self.vm.plug("storage", "stick", serial=SERIAL, image=self.image)
        self.o.seen(SERIAL)

    def ls(self):
        """(status, fault) of a session."""
        rc, out = self.o.run("clerk1", f"mediagate ls {NUMBER} --json", 60)
        return rc, self.fault(out)

    def works(self, name, timeout=30):
        said = None

        def once():
            nonlocal said
            said = self.ls()
            return said[0] == 0
        self.c.ok(name, eventually(once, timeout, 0.5), f"{said} {self.o.devices()} {self.o.records('label')[-3:]} {self.o.log()}")

    def refused(self, name, reason):
        """Closed, said, explained and on record."""
        o, c = self.o, self.c
        c.ok(f"{name}_is_refused_as_{reason}", eventually(lambda: o.reason(SERIAL) == reason, 20), f"{o.device(SERIAL)} {o.records('label')[-3:]} {o.log()}")
        c.ok(f"{name}_has_no_disk", eventually(lambda: not o.disks(), 10), o.disks())
        c.equal(f"{name}_is_told_to_the_clerk", self.ls(), (3, reason))
        rows = [r for r in o.records("label", "refused") if r["reason"] == reason]
        c.ok(f"{name}_is_on_record", rows and rows[-1]["medium"] == NUMBER, rows)
        rc, out = o.run("clerk1", f"mediagate explain {NUMBER}")
        c.ok(f"{name}_is_explained", rc == 0 and "label" in out, out)
        return rows[-1]["detail"] if rows else {}


def honest(r):
    vm, o, c = r.vm, r.o, r.c
    mkstick(r.image, 16)
    table = mkstick(vm.dir + "/whole.img", 8, table=False)
    vm.plug("storage", "whole", serial="WHOLE-0001", image=table)
    port = o.seen("WHOLE-0001")["device"]
    rc, out = o.run("supervisor1", f"mediagate register {port} --number USB-0009 --supervisor supervisor1 --json", 60)
    c.equal("a_medium_without_room_for_a_label_is_not_registered", (rc, r.fault(out)), (4, "no-label-room"))
    vm.unplug("whole")
    vm.plug("storage", "stick", serial=SERIAL, image=r.image)
    o.register(SERIAL, NUMBER)
    c.equal("a_registered_stick_carries_label_1", counters(r.image), [None, 1])
    o.lend(NUMBER)
    c.ok("a_checkout_raises_the_counter", eventually(lambda: counters(r.image) == [2, 1], 20), counters(r.image))
    r.works("a_labelled_stick_works")
    c.equal("a_session_raises_the_counter", counters(r.image), [2, 3])
    done = o.records("label", "done")[-1]["detail"]
    vm.sh("echo hello > /home/clerk1/f; chown clerk1:clerk1 /home/clerk1/f")
    o.must("clerk1", f"mediagate copy {NUMBER} f")
    import hashlib
    c.equal("the_record_holds_the_labels_digest", done["label"], hashlib.sha256(slots(r.image)[1]).hexdigest())
    c.ok("no_name_stands_in_a_label", all(w not in b"".join(slots(r.image)) for w in ("年金".encode(), "山田".encode())))


def confined(r):
    """The process that touches the disk: its own user, in its filter, before the first byte."""
    vm, o, c = r.vm, r.o, r.c
    pid = vm.sh("mediagate-guest pid core")
    vm.sh(f"strace -f -o /run/strace.out -e trace=execve,setresuid,seccomp,pwrite64,fsync -p {pid} > /run/strace.err 2>&1 & until grep -q attached /run/strace.err; do sleep 0.05; done", 20)
    r.works("a_session_works_while_it_is_watched")
    vm.run("killall -q strace; sleep 0.2")
    lines = vm.sh("cat /run/strace.out").splitlines()
    mine = [l.split()[0] for l in lines if '"/usr/libexec/mediagate/label"' in l]
    calls = [l for l in lines if mine and l.split()[0] == mine[0]]
    order = [next((i for i, l in enumerate(calls) if w in l), None) for w in ("setresuid(", "execve(", "seccomp(", "pwrite64(", "fsync(")]
    c.ok("the_labels_process_gives_up_root_and_enters_its_filter_before_it_writes", None not in order and order == sorted(order), f"{order} {calls[:12]}")
    uid = vm.sh("id -u mediagate-label")
    c.ok("the_labels_process_is_a_user_of_its_own", any(f"setresuid({uid}, {uid}, {uid})" in l for l in calls), calls[:6])


def clones(r):
    vm, o, c = r.vm, r.o, r.c
    old = vm.dir + "/old.img"
    r.out()
    shutil.copyfile(r.image, old)
    r.put()
    r.works("the_original_works")
    have = counters(r.image)
    r.out()
    shutil.copyfile(r.image, r.image + ".used")
    shutil.copyfile(old, r.image)
    r.put()
    found = r.refused("an_image_put_back", "label-older")
    c.equal("the_record_says_how_far_it_is_behind", (found.get("counter"), found.get("expected")), (max(have) - 1, max(have)))
    rc, out = o.run("clerk1", f"mediagate ls {NUMBER}", lang="ja")
    c.ok("it_is_told_in_japanese", "複製" in out, out)
    c.equal("nothing_was_written_to_it", slots(r.image), slots(old))
    r.out()
    shutil.copyfile(r.image + ".used", r.image)
    r.put()
    r.works("the_stick_itself_goes_on_working")


def gadget_clone(r):
    """Same descriptors, same bytes, another stick: by a gadget in the guest."""
    vm, o, c = r.vm, r.o, r.c
    stick = dict(vendor=0x0951, product=0x1666, serial="KLON-0001", functions=("mass_storage",))
    image = mkstick(vm.dir + "/g.img", 4)
    head = open(image, "rb").read(512)
    vm.sh(f"modprobe dummy_hcd num=1 is_super_speed=1; dd if=/dev/zero of=/run/g.img bs=1M count=4 2>/dev/null; printf '{chr(92) + chr(92).join('%03o' % b for b in head)}' | dd of=/run/g.img conv=notrunc 2>/dev/null")
    vm.gadget("klon", lun="/run/g.img", **stick)
    o.seen("KLON-0001")
    o.register("KLON-0001", "USB-0002")
    o.lend("USB-0002")
    ls = lambda: o.run("clerk1", "mediagate ls USB-0002 --json", 60)
    first = ls()[1]
    vm.gadget_off("klon")
    eventually(lambda: not o.device("KLON-0001"), 15)
    vm.sh("cp /run/g.img /run/clone.img")
    for name, lun, want in (("klon", "/run/g.img", None), ("klon", "/run/clone.img", "label-older")):
        vm.gadget(name, lun=lun, **stick)
        o.seen("KLON-0001")
        out = ls()[1]
        if want:
            c.equal("a_clone_with_the_same_descriptors_and_bytes_is_refused", r.fault(out), want, o.device("KLON-0001"))
        else:
            c.ok("its_original_is_taken", r.fault(out) in (None, "no-file-system"), f"{first} {out}")
        vm.gadget_off(name)
        eventually(lambda: not o.device("KLON-0001"), 15)


def damaged(r):
    vm, o, c = r.vm, r.o, r.c
    r.out()
    now = counters(r.image)
    write(r.image, (max(now) + 1) % 2 * 4096 + 512, bytes(3584))
    r.put()
    r.works("a_stick_with_a_torn_slot_works")
    c.ok("the_torn_slot_is_mended_and_on_record", [x for x in o.records("label", "done") if x.get("reason") == "label-torn"] and None not in counters(r.image), o.records("label")[-4:])
    r.out()
    keep = slots(r.image)
    at = max(counters(r.image)) % 2 * 4096 + 260
    write(r.image, at, b"2")  # clerk1 becomes clerk2
    r.put()
    r.refused("an_altered_label", "label-altered")
    r.out()
    write(r.image, 0, bytes(8192))
    r.put()
    r.refused("a_missing_label", "label-missing")
    rc, out = o.run("clerk1", f"mediagate relabel {NUMBER} --json")
    c.equal("a_clerk_does_not_relabel", (rc, r.fault(out)), (3, "not-allowed"))
    rc, out = o.run("supervisor1", f"mediagate relabel {NUMBER}", 60)
    c.ok("a_supervisor_relabels", rc == 0 and None not in counters(r.image), f"status {rc}: {out} {counters(r.image)}")
    r.works("a_relabelled_stick_works")
    r.out()
    write(r.image, 0, b"".join(keep))
    r.put()
    r.refused("a_label_from_before_the_relabelling", "label-other")
    o.must("supervisor1", f"mediagate relabel {NUMBER}", 60)
    r.works("after_that_it_works_again")


def pinned(r):
    """The disk grows while it is open: another disk than the one that was judged."""
    vm, o, c = r.vm, r.o, r.c
    vm.qmp("block_resize", **{"node-name": "n-stick", "size": 24 << 20})
    disk = o.disks()[0]
    vm.run(f"echo 1 > /sys/block/{disk}/device/rescan")
    c.ok("a_disk_that_changes_its_size_is_closed", eventually(lambda: not o.disks(), 10) and o.reason(SERIAL) == "changed-device", f"{o.device(SERIAL)} {o.log()}")
    r.out()
    with open(r.image, "r+b") as f:
        f.truncate(16 << 20)
    r.put()
    r.works("after_the_next_plug_it_works")


def without_room(r):
    """A registered medium that somebody has made anew without a gap in front of its file system."""
    vm, o, c = r.vm, r.o, r.c
    r.out()
    mkstick(r.image, 16, table=False)
    r.put()
    r.refused("a_medium_made_anew_by_hand", "label-missing")
    rc, out = o.run("supervisor1", f"mediagate relabel {NUMBER} --json", 60)
    c.equal("without_room_it_is_not_relabelled", (rc, r.fault(out)), (4, "no-label-room"))
    rc, out = o.run("clerk1", f"mediagate relabel {NUMBER} --prepare vfat --yes --json")
    c.equal("a_clerk_does_not_have_it_made_anew", (rc, r.fault(out)), (3, "not-allowed"))
    rc, out = o.run("supervisor1", f"mediagate relabel {NUMBER} --prepare vfat --yes", 120)
    c.ok("a_supervisor_has_it_made_anew_and_labelled", rc == 0 and None not in counters(r.image), f"status {rc}: {out} {counters(r.image)} {o.log()}")
    rows = [x for x in o.records("request") if x["detail"].get("file_system") == "vfat"]
    c.equal("what_was_made_is_on_record", [x["result"] for x in rows], ["intent", "done"])
    r.works("a_medium_made_anew_works")
    o.must("clerk1", f"mediagate copy {NUMBER} f")
    r.out()
    r.put()
    r.works("a_medium_made_anew_works_at_the_next_plug")


def liars(r):
    """Sticks that say more than they have: refused before they are registered."""
    vm, o, c = r.vm, r.o, r.c
    for n, (name, real, wraps) in enumerate((("drops", 24, False), ("wraps", 32, True), ("wraps_oddly", 27, True), ("holds_it_all", 64, True))):
        image = f"{vm.dir}/liar{n}.img"
        with open(image, "wb") as f:
            f.truncate(real << 20)
        liar = Liar(image, 64 << 20, real << 20, wraps)
        vm.plug("storage", "liar", serial=f"LIAR-000{n}", image=liar.path)
        port = o.seen(f"LIAR-000{n}")["device"]
        rc, out = o.run("supervisor1", f"mediagate register {port} --number USB-010{n} --supervisor supervisor1 --prepare vfat --yes --json", 120)
        if real == 64:
            c.equal("a_stick_that_holds_it_all_is_registered", (rc, r.fault(out)), (0, None), f"{out} {o.log()}")
        else:
            c.equal(f"a_stick_that_{name}_is_not_registered", (rc, r.fault(out)), (7, "size-lies"), f"{out} {o.log()}")
            c.ok(f"a_stick_that_{name}_is_on_record", [x for x in o.records("register", "failed") if x["reason"] == "size-lies" and x["medium"] == f"USB-010{n}"], o.records("register"))
            c.ok(f"a_stick_that_{name}_is_told_in_few_writes", liar.written < 2 << 20, liar.written)
        vm.unplug("liar")
        eventually(lambda: not o.device(f"LIAR-000{n}"), 15)
        liar.close()


def terminals(r):
    """The machine is one terminal, then another, then the first again: two ledgers, two label keys, one stick."""
    vm, o, c = r.vm, r.o, r.c
    keep = lambda: (r.out(), shutil.copyfile(r.image, vm.dir + "/kept.img"))
    back = lambda image: (shutil.copyfile(image, r.image), r.put())

    def become(now, then):
        vm.sh("mediagate-guest stop", 60)
        vm.sh(f"cd /var/lib && mv mediagate mediagate.{now} && {{ [ ! -d mediagate.{then} ] || mv mediagate.{then} mediagate; }}; "
              f"sed -i 's/^id = .*/id = \"{then}\";/' /etc/mediagate/terminal.conf")
        vm.sh("mediagate-guest start", 90)
        return o.records("enrol")[0]["detail"]["label_vkey"]
    first = o.records("enrol")[0]["detail"]["label_vkey"]
    r.out()
    before = max(counters(r.image))
    second = become("T001", "T002")
    vm.sh(f"echo 'issuers = [ \"{first}\", \"{second}\" ];' >> /etc/mediagate/policy.conf; mediagate-guest reload")
    c.ok("the_policy_is_in_force", eventually(lambda: len(o.records("policy")) > 1, 20), o.records("policy"))
    r.put()
    o.register(SERIAL, NUMBER)
    c.equal("the_second_terminal_goes_on_from_the_counter_of_the_first", max(counters(r.image)), before + 1)
    o.lend(NUMBER)
    r.works("it_works_at_the_second_terminal")
    o.must("clerk1", f"mediagate copy {NUMBER} f")
    keep()
    become("T002", "T001")
    r.put()
    r.works("it_works_at_the_first_terminal_again")
    rows = [x["detail"] for x in o.records("label", "done") if x.get("reason") == "label-issued"]
    c.ok("that_it_was_elsewhere_is_on_record", len(rows) == 1 and rows[0]["issuer"] == "T002", rows)
    c.ok("no_label_was_torn", None not in counters(r.image) and o.records("label", "done")[-1].get("reason") != "label-torn", o.records("label")[-3:])
    r.out()
    shutil.copyfile(r.image, vm.dir + "/now.img")
    back(vm.dir + "/kept.img")
    r.refused("a_clone_as_it_was_at_the_second_terminal", "label-older")
    r.out()
    vm.sh("sed -i /^issuers/d /etc/mediagate/policy.conf; mediagate-guest reload")
    back(vm.dir + "/kept.img")
    r.refused("a_label_by_a_terminal_that_the_policy_names_no_more", "label-other")
    r.out()
    back(vm.dir + "/now.img")
    r.works("its_own_label_holds_whatever_the_policy_names")
    c.ok("the_first_terminals_ledger_verifies", *o.verifies())


def point(r, process, call, n):
    vm, o, c = r.vm, r.o, r.c
    name = f"{process}_killed_at_{call}_{n}"
    victim = "ledger" if process == "ledger" else "core"
    follow = "-f" if process == "label" else ""
    pid = vm.sh(f"mediagate-guest pid {victim}")
    vm.sh(f"rm -f /run/strace.*; strace -o /run/strace.out {follow} -e trace={call} -e inject={call}:signal=KILL:when={n} -p {pid} > /run/strace.err 2>&1 & "
          "until grep -q attached /run/strace.err; do sleep 0.05; done", 20)
    o.run("clerk1", f"mediagate copy {NUMBER} f --json", 60)
    hit = "killed by SIGKILL" in vm.run("cat /run/strace.out")[1]
    vm.run("killall -q strace; sleep 0.2")
    vm.sh("mediagate-guest start", 90)
    if process == "label":  # nobody knows what is on it: closed until the next plug
        r.out()
        r.put()
    r.works(f"{name}_the_stick_works_again")
    c.ok(f"{name}_no_intent_is_without_its_outcome", eventually(lambda: not o.pending(), 10), o.pending())
    c.ok(f"{name}_no_label_is_called_a_clone", not o.records("label", "refused")[r.known:], o.records("label")[-3:])
    last = o.records("label", "done")[-1]["detail"]["counter"]
    c.equal(f"{name}_label_and_ledger_agree", max(x or 0 for x in counters(r.image)), last)
    return hit


def scenario(vm, args):
    c = Checks()
    r = Rig(vm, c)
    r.o.start()
    parts = [honest, confined, clones, damaged, without_room, pinned, gadget_clone, liars, terminals]
    if "prepare" in args:
        parts = [honest, without_room, liars]
    if "terminals" in args:
        parts = [honest, terminals]
    if "points" in args:
        parts = [honest]
    for part in parts:
        with c.part(part.__name__):
            part(r)
    if "prepare" in args or "terminals" in args:
        return c.status()
    r.known = len(r.o.records("label", "refused"))
    hits = 0
    for p in POINTS if "all" in args or "points" in args else POINTS[:6]:
        with c.part("_".join(map(str, p))):
            hits += bool(point(r, *p))
    c.ok("kills_fell_where_they_were_meant", hits >= 4, hits)
    c.ok("the_ledger_verifies", *r.o.verifies())
    return c.status()
