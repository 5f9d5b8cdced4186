# SPDX-License-Identifier: Apache-2.0
"""kill -9 of every process: at rest, and at enumerated system calls of plugging, lending and copying (by strace's
fault injection, in the running agent). With the agent down nothing that is not lent gets a disk and a keyboard
works; after the restart the state is right, the ledger verifies, and no intent is without its outcome.
args: [every=N] only every N-th point; [from=N]"""
import os, time

from checks import Checks, eventually
from office import LOAN, Office, keyboard_works, names_on
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")

# What is done while the agent is traced, whom the signal hits, at which calls. `core` is followed into its jobs.
POINTS = (
    ("plug", "core", "sendmsg", 4), ("plug", "core", "write,pwrite64", 2),
    ("plug", "ledger", "write,pwrite64,writev", 2), ("plug", "ledger", "fdatasync,fsync", 2), ("plug", "watch", "sendmsg", 1),
    ("lend", "core", "sendmsg", 3), ("lend", "ledger", "fdatasync,fsync", 3), ("lend", "ledger", "rename,renameat,renameat2", 1), ("lend", "gate", "sendmsg", 2),
    ("copy", "core", "sendmsg", 9), ("copy", "ledger", "fdatasync,fsync", 4), ("copy", "ledger", "rename,renameat,renameat2", 2),
    ("copy", "job", "write,pwrite64", 3), ("copy", "job", "fsync,fdatasync,syncfs", 3), ("copy", "job", "rename,renameat,renameat2", 2),
    ("return", "core", "sendmsg", 5),
)


class Rig:
    def __init__(self, vm, c):
        self.vm, self.c, self.o = vm, c, Office(vm)
        self.image = vm.dir + "/lent.img"
        self.copies = set()  # acknowledged

    def prepare(self):
        vm, o = self.vm, self.o
        o.start()
        mkstick(self.image, 48)
        o.lent("LENT-0001", "USB-0001", self.image, id="lent", prepare="vfat")
        eventually(lambda: o.disks(), 20)
        for serial, number in (("BACK-0001", "USB-0002"), ("STRANGER-1", None)):
            img = mkstick(f"{vm.dir}/{serial}.img", 16)
            if number:
                o.lent(serial, number, img, id="back")
                eventually(lambda: len(o.disks()) == 2, 20)
                o.must("clerk1", f"mediagate return {number}", 60)
                vm.unplug("back")
        vm.sh("mkdir -p /home/clerk1/w; dd if=/dev/urandom of=/home/clerk1/w/a bs=100k count=20 2>/dev/null; echo b > /home/clerk1/w/b; chown -R clerk1:clerk1 /home/clerk1")

    def closed_to_strangers(self, name, keyboard=False):
        """Neither an unregistered nor a returned medium gets a disk now."""
        vm, o = self.vm, self.o
        before = set(o.disks())
        vm.plug("storage", "s", serial="STRANGER-1", image=f"{vm.dir}/STRANGER-1.img")
        vm.plug("storage", "r", serial="BACK-0001", image=f"{vm.dir}/BACK-0001.img")
        vm.until("grep -q STRANGER-1 /sys/bus/usb/devices/*/serial && grep -q BACK-0001 /sys/bus/usb/devices/*/serial", 20)
        time.sleep(1.2)
        new = set(o.disks()) - before
        self.c.ok(f"{name}_unregistered_and_returned_media_get_no_disk", not new, f"{new} {o.devices()}")
        if keyboard:
            self.c.ok(f"{name}_a_keyboard_works", keyboard_works(vm))
        vm.unplug("s")
        vm.unplug("r")
        eventually(lambda: vm.run("grep -q 'STRANGER-1\\|BACK-0001' /sys/bus/usb/devices/*/serial")[0], 10)

    def right(self, name, lent=True):
        """State and ledger after a restart."""
        o = self.o
        if lent:
            rc, out = 1, ""

            def works():
                nonlocal rc, out
                rc, out = o.run("clerk1", "mediagate ls USB-0001", 60)
                return rc == 0
            self.c.ok(f"{name}_the_lent_stick_works_again", eventually(works, 30, 0.5), f"status {rc}: {out} {o.devices()} {o.log()}")
        self.c.ok(f"{name}_no_intent_is_without_its_outcome", eventually(lambda: not o.pending(), 10), f"{o.pending()} {o.records()[-4:]}")
        ok, said = o.verifies()
        self.c.ok(f"{name}_the_ledger_verifies", ok, said)
        done = {r["detail"]["copy"] for r in o.records("copy", "done")}
        self.c.ok(f"{name}_no_acknowledged_copy_is_lost", self.copies <= done, self.copies - done)


def at_rest(r, name):
    vm, o, c = r.vm, r.o, r.c
    if name == "core":
        vm.sh("mediagate-guest kill9 core", 60)
        c.ok("core_killed_all_its_processes_have_gone_and_every_stick_is_closed", not o.disks() and not vm.run("mediagate-guest status")[1].strip(), o.disks())
        r.closed_to_strangers("core_killed", keyboard=True)
        vm.unplug("lent")
        vm.plug("storage", "lent", serial="LENT-0001", image=r.image)
        c.ok("core_killed_even_the_lent_stick_stays_closed", o.closed(2), o.disks())
        rc, out = o.run("clerk1", "mediagate copy USB-0001 w")
        c.ok("core_killed_the_command_says_that_the_agent_does_not_answer", rc == 5 and "does not answer" in out, f"status {rc}: {out}")
        vm.sh("mediagate-guest start", 90)
    else:
        before = vm.sh(f"mediagate-guest pid {name}")
        vm.sh(f"mediagate-guest kill9 {name} --restart", 90)
        after = eventually(lambda: vm.run(f"mediagate-guest pid {name}")[1].strip(), 20)
        c.ok(f"{name}_killed_has_a_successor", after and after != before, f"{before} {after} {o.log()}")
        c.ok(f"{name}_killed_is_on_record", eventually(lambda: [x for x in o.records() if x["kind"] == "helper" or x["kind"] == "start"], 5))
        r.closed_to_strangers(f"{name}_killed")
    r.right(f"{name}_killed")


def stopped(r):
    r.vm.sh("mediagate-guest stop", 60)
    r.c.ok("stopped_every_stick_is_closed", not r.o.disks(), r.o.disks())
    r.closed_to_strangers("stopped", keyboard=True)
    r.vm.sh("mediagate-guest start", 90)
    r.right("stopped_and_started")


def act(r, what):
    """The thing during which the signal falls; whatever it answers."""
    vm, o = r.vm, r.o
    if what == "plug":
        vm.plug("storage", "lent", serial="LENT-0001", image=r.image)
        vm.until("grep -q LENT-0001 /sys/bus/usb/devices/*/serial", 20)
        time.sleep(1.5)
        return
    command = dict(lend=f"mediagate checkout USB-0002 --to clerk1 {LOAN} --until {o.until_time()} --json",
                   copy="mediagate copy USB-0001 w --json", **{"return": "mediagate return USB-0001 --json"})[what]
    rc, out = o.run("supervisor1" if what == "lend" else "clerk1", command, 60)
    if rc == 0 and what == "copy":
        r.copies.add(out.split('"copy":"')[1].split('"')[0])


def point(r, what, process, calls, n):
    vm, o, c = r.vm, r.o, r.c
    name = f"{process}_killed_at_{calls.split(',')[0]}_{n}_of_{what}"
    if what == "plug":
        vm.unplug("lent")
        eventually(lambda: not o.disks(), 15)
        eventually(lambda: not o.devices(), 10)
    vm.sh("mediagate-guest hold")
    victim = "core" if process == "job" else process
    follow = "-f" if process == "job" else ""
    pid = vm.sh(f"mediagate-guest pid {victim}")
    inject = f"-e inject={calls}:signal=KILL:when={n}" if process != "job" else f"-e inject={calls}:signal=KILL:when={n}"
    vm.sh(f"rm -f /run/strace.err; strace -o /run/strace.out {follow} -e trace={calls} {inject} -p {pid} > /run/strace.err 2>&1 & "
          "until grep -q attached /run/strace.err; do sleep 0.05; done", 20)
    act(r, what)
    alive = vm.run(f"[ -d /proc/{pid} ] && ! grep -q '^State:.Z' /proc/{pid}/status")[0] == 0
    hit = "killed by SIGKILL" in vm.run("cat /run/strace.out")[1]
    vm.run("killall -q strace; sleep 0.2")
    if process == "core" and not alive:
        eventually(lambda: not vm.run("mediagate-guest status")[1].strip(), 20)
        c.ok(f"{name}_leaves_every_stick_closed", eventually(lambda: not o.disks(), 15), f"{o.disks()} {o.log()}")
    vm.sh("mediagate-guest start", 90)
    r.closed_to_strangers(name)
    r.right(name, lent=what != "return")
    names = names_on(r.image)
    partial = [x for x in names if x.startswith(".MEDIAGATE") or (x.startswith("MEDIAGATE") and len(names_files(r.image, x)) != 3)]
    c.ok(f"{name}_no_copy_has_its_name_that_is_not_whole", not [p for p in partial if not p.startswith(".")], partial)
    if what == "lend":
        o.run("clerk1", "mediagate return USB-0002 --json", 30)
        vm.plug("storage", "back", serial="BACK-0001", image=f"{vm.dir}/BACK-0001.img")
        o.seen("BACK-0001")
        o.run("clerk1", "mediagate return USB-0002 --json", 60)
        vm.unplug("back")
        eventually(lambda: len(o.devices()) == 1, 10)
    if what == "return":
        o.run("supervisor1", f"mediagate checkout USB-0001 --to clerk1 {LOAN} --until {o.until_time()} --json")
        eventually(lambda: o.disks(), 20)
    return hit


def names_files(image, folder):
    import subprocess
    r = subprocess.run(["mdir", "-b", "-i", f"{image}@@1M", f"::/{folder}"], capture_output=True, text=True, env=dict(os.environ, MTOOLS_SKIP_CHECK="1"))
    return [l for l in r.stdout.splitlines() if l.strip()]


def scenario(vm, args):
    options = dict(a.split("=") for a in args if "=" in a)
    c = Checks()
    r = Rig(vm, c)
    r.prepare()
    for name in ("core", "watch", "gate", "ledger"):
        if "points" not in args:
            with c.part(f"at_rest_{name}"):
                at_rest(r, name)
    if "points" not in args:
        with c.part("stopped"):
            stopped(r)
    every, first = int(options.get("every", 4)), int(options.get("from", 0))
    points = [(w, p, s, n) for w, p, s, most in POINTS for n in range(1, most + 1)]
    if "rest" in args:
        points = []
    for i, p in enumerate(points[first::every]):
        with c.part("_".join(map(str, p))):
            hit = point(r, *p)
            print(f"# {p}: {'killed there' if hit else 'the call did not come'}", flush=True)
    return c.status()
