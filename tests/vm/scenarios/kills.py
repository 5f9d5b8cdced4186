# SPDX-License-Identifier: Apache-2.0
"""kill -9, and stop, of every process at rest and at enumerated points: right before each system call with an effect
that it or a child of it makes while something happens (tests/vm/guest/stopat.c counts them, on the shipped programs).
Unregistered and returned media are plugged in throughout and again while the agent is down: never a disk. A keyboard
works then. After the restart the state is the ledger's, no intent is without its outcome, what people were told
holds, and the stick shows whole copies only.
args: [points=N] so many points of four acts, drawn by seed (all of all without it); [seed=N]; [act=NAME,…]; [role=PROCESS] its points alone; [rest] no points;
[share=K/N] of N machines the K-th: every N-th point from it, of the acts that it is given;
[from=K] a run that was cut short goes on with its K-th point"""
import json, random, shutil, subprocess, time

import stick
from checks import Checks, eventually
from office import LOAN, Office, keyboard_works
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")
OWN = ("core", "ledger", "watch", "gate", "load", "copy", "label", "closer")
OURS = OWN + ("sfdisk", "mkfs.vfat", "mkfs.fat")  # of the tools' hundreds of writes one in forty
SERIALS = dict(lent="LENT-0001", back="BACK-0001", old="OLD-0001", stranger="STRANGER-1")
PORTS = {name: str(i) for i, name in enumerate(SERIALS, 1)}  # each in its own socket throughout
KILL, TERM = 9, 15


class Rig:
    def __init__(self, vm, c):
        self.vm, self.c, self.o = vm, c, Office(vm)
        self.images = {n: f"{vm.dir}/{n}.img" for n in SERIALS}
        self.copies, self.new, self.until = set(), 0, None
        self.key, self.cert = vm.dir + "/recipient.key", vm.dir + "/recipient.pem"

    # -- what is there at the start: one medium lent, two returned, one unknown, all plugged in
    def prepare(self):
        self.vm.sh("mutebus")  # without a bus there is no session
        vm, o = self.vm, self.o
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key,
                        "-out", self.cert, "-subj", "/CN=recipient", "-days", "3650"], check=True, capture_output=True)
        o.start()
        self.until = o.until_time()
        for i, name in enumerate(SERIALS):
            mkstick(self.images[name], 48)
            self.plug(name)
            if name != "stranger":
                o.register(SERIALS[name], f"USB-000{i + 1}", "vfat")
                self.lend(i + 1)
                eventually(lambda: self.open(name), 30)
                if name != "lent":
                    o.must("clerk1", f"mediagate return USB-000{i + 1}", 60)
        vm.put(open(self.cert).read(), "/home/clerk1/recipient.pem")
        vm.sh("mkdir -p /home/clerk1/w; head -c 200000 /dev/urandom > /home/clerk1/w/a; echo b > /home/clerk1/w/b; chown -R clerk1:clerk1 /home/clerk1")
        vm.sh("(udevadm monitor -k -s block > /run/blocks 2>&1 < /dev/null) > /dev/null 2>&1 &")
        self.ports = set()
        self.note_ports()

    def plug(self, name):
        self.vm.plug("storage", name, serial=SERIALS[name], image=self.images[name], port=PORTS[name])

    def lend(self, n=1):
        return self.o.run("supervisor1", f"mediagate checkout USB-000{n} --to clerk1 {LOAN} --until {self.until} --json")

    def port(self, name):
        return self.vm.run(f"grep -l '^{SERIALS[name]}$' /sys/bus/usb/devices/*/serial | cut -d/ -f6")[1].strip()

    def open(self, name):
        port = self.port(name)
        return bool(port) and self.vm.run(f"ls -d /sys/bus/usb/devices/{port}/{port}:*/host*/target*/*/block/*")[0] == 0

    def note_ports(self):
        """Where the strangers are: the kernel tells of every disk that ever comes there."""
        self.ports |= {self.vm.until(f"grep -l '^{SERIALS[n]}$' /sys/bus/usb/devices/*/serial | cut -d/ -f6 | grep .", 20) for n in ("old", "stranger")}

    def strangers_closed(self, name):
        self.note_ports()
        told = [l for l in self.vm.run("grep ' add ' /run/blocks")[1].splitlines() if any(f"/{p}/" in l for p in self.ports)]
        now = [n for n in ("old", "stranger") if self.open(n)]
        self.c.ok(f"{name}_unregistered_and_returned_media_get_no_disk", not told and not now, lambda: f"{told} {now} {self.o.devices()}")

    def down(self, name):
        """Nothing of ours runs any more."""
        vm, o = self.vm, self.o
        gone = eventually(lambda: not vm.run("mediagate-guest status")[1].strip(), 25)
        self.c.ok(f"{name}_ends_all_its_processes", gone, lambda: vm.run("mediagate-guest status")[1])
        self.c.ok(f"{name}_leaves_every_stick_closed", eventually(lambda: not o.disks(), 15), lambda: f"{o.disks()} {o.log()}")
        self.c.ok(f"{name}_leaves_no_job_and_no_mount", *o.none_left())
        for n in ("old", "stranger", "lent"):
            vm.unplug(n)
            self.plug(n)
        self.note_ports()
        self.c.ok(f"{name}_a_keyboard_works", keyboard_works(vm))
        self.c.ok(f"{name}_no_stick_opens_while_the_agent_is_down", not o.disks(), o.disks)

    # -- after the restart
    def right(self, name, before=None):
        o, c = self.o, self.c
        self.strangers_closed(name)
        c.ok(f"{name}_no_intent_is_without_its_outcome", eventually(lambda: not o.pending(), 15), lambda: f"{o.pending()} {o.records()[-4:]}")
        ok, said = o.verifies()
        c.ok(f"{name}_the_ledger_verifies", ok, said)
        rows, loans = o.records(), {}
        for r in rows:
            if r["kind"] in ("checkout", "return") and r.get("result") == "done":
                loans[r["medium"]] = r["kind"] == "checkout"
        lent = {n for n, is_open in loans.items() if is_open}
        known = lambda: {m["number"] for m in json.loads(o.run("root", "mediagate --json")[1])["media"] if m.get("checkout")}
        c.ok(f"{name}_what_is_lent_is_what_the_ledger_says", eventually(lambda: known() == lent, 10), lambda: f"{known()} {lent}")
        if before is not None:
            # a helper's last instant, when all it had to do is done, is nothing to tell
            news = lambda: [r for r in o.records()[before:] if r["kind"] in ("start", "helper", "stop", "policy") or r.get("result") == "failed"]
            c.ok(f"{name}_is_on_record", eventually(news, 20), rows[before:])
        if "USB-0001" in lent:
            works = lambda: o.run("clerk1", "mediagate ls USB-0001", 60)
            c.ok(f"{name}_the_lent_stick_works_again", eventually(lambda: works()[0] == 0, 40, 0.5), lambda: f"{works()} {o.devices()} {o.log()}")
        done = {r["detail"]["copy"] for r in rows if r["kind"] == "copy" and r.get("result") == "done"}
        c.ok(f"{name}_no_acknowledged_copy_is_lost", self.copies <= done, self.copies - done)
        self.whole(name)

    def whole(self, name):
        bad, tmp, names = [], self.vm.dir + "/copy", stick.folders(self.images["lent"])
        for f in (n for n in names if n.startswith("MEDIAGATE-") and n not in self.seen):
            shutil.rmtree(tmp, ignore_errors=True)
            ok, why = stick.take(self.images["lent"], f, tmp)
            if ok:
                ok, why = stick.opens(tmp, "", (self.cert, self.key))
            if not ok:
                bad.append((f, why))
            self.seen.add(f)
        self.c.ok(f"{name}_no_copy_has_its_name_that_is_not_whole", not bad, bad)

    seen = set()


# ---------------------------------------------------------------- at rest

def at_rest(r, name):
    vm, o, c = r.vm, r.o, r.c
    before = len(o.records())
    if name in ("core", "stop"):
        vm.sh("mediagate-guest kill9 core" if name == "core" else "mediagate-guest stop", 60)
        r.down(f"{name}_at_rest")
        rc, out = o.run("clerk1", "mediagate copy USB-0001 w")
        c.ok(f"{name}_at_rest_the_command_says_that_the_agent_does_not_answer", rc == 5 and "does not answer" in out, f"status {rc}: {out}")
        vm.sh("mediagate-guest start", 90)
    else:
        old = vm.sh(f"mediagate-guest pid {name}")
        vm.sh(f"mediagate-guest kill9 {name} --restart", 90)
        new = eventually(lambda: vm.run(f"mediagate-guest pid {name}")[1].strip(), 20)
        c.ok(f"{name}_killed_at_rest_has_a_successor", new and new != old, lambda: f"{old} {new} {o.log()}")
    r.right(f"{name}_killed_at_rest" if name != "stop" else "stopped_at_rest", before)


def held(r, name):
    """Stopped and continued, as the freezer does at a suspend: the same process goes on."""
    pid = r.vm.sh(f"mediagate-guest pid {name}")
    r.vm.sh(f"kill -STOP {pid}; sleep 0.3; kill -CONT {pid}; sleep 0.3")
    works = lambda: r.o.run("clerk1", "mediagate ls USB-0001", 60)
    r.c.ok(f"{name}_stopped_and_continued_goes_on", eventually(lambda: works()[0] == 0, 20) and pid == r.vm.sh(f"mediagate-guest pid {name}"), lambda: f"{works()} {r.o.log()}")


# ---------------------------------------------------------------- acts: what goes on while the signal falls

class Act:
    """before(): how it must stand; go(): the act, whatever it answers (whether it went well); after(): as it was.
    attach: what runs is followed; otherwise what go() starts is, by `follow` before its command."""
    attach, follow = True, ""

    def __init__(self, r):
        self.r, self.vm, self.o = r, r.vm, r.o

    def before(self):
        pass

    def after(self):
        pass


class Plug(Act):
    def before(self):
        self.vm.unplug("lent")
        eventually(lambda: not self.o.device(SERIALS["lent"]), 15)

    def go(self):
        self.r.plug("lent")
        return eventually(lambda: self.r.open("lent") or self.r.hit(), 20)


class Refuse(Act):
    """A stick that nobody knows, in another socket each time: equal refusals within a minute are one record."""
    turn = 0

    def before(self):
        self.at = 6 + Refuse.turn % 9
        Refuse.turn += 1

    def go(self):
        n = len(self.o.records())
        self.vm.plug("storage", "odd", serial=f"ODD-{Refuse.turn}", image=mkstick(self.vm.dir + "/odd.img", 16), port=str(self.at))
        self.r.ports.add(self.vm.until(f"grep -l '^ODD-{Refuse.turn}$' /sys/bus/usb/devices/*/serial | cut -d/ -f6 | grep .", 20))
        return eventually(lambda: len(self.o.records()) > n or self.r.hit(), 20)

    def after(self):
        self.vm.unplug("odd")


class Lend(Act):
    """Until the loan stands on the stick: its disk comes first, and then its label."""
    def go(self):
        n = len(self.o.records("label", "done"))
        rc, out = self.r.lend(2)
        return eventually(lambda: len(self.o.records("label", "done")) > n or self.r.hit(), 20) and self.r.open("back") and rc == 0

    def after(self):
        self.o.run("clerk1", "mediagate return USB-0002", 60)
        eventually(lambda: not self.r.open("back"), 15)


class Copy(Act):
    def before(self):
        if len(stick.folders(self.r.images["lent"])) > 40:
            self.vm.unplug("lent")
            stick.empty(self.r.images["lent"])
            self.r.plug("lent")
        eventually(lambda: self.o.run("clerk1", "mediagate ls USB-0001", 60)[0] == 0, 30)

    def go(self):
        rc, out = self.o.run("clerk1", "mediagate copy USB-0001 w --recipient recipient.pem --json", 60)
        if rc == 0:
            self.r.copies.add(json.loads(out)["copy"])
        return rc == 0


class Return(Act):
    def before(self):
        eventually(lambda: self.o.run("clerk1", "mediagate ls USB-0001", 60)[0] == 0, 30)

    def go(self):
        rc, out = self.o.run("clerk1", "mediagate return USB-0001 --json", 60)
        return eventually(lambda: not self.r.open("lent") or self.r.hit(), 10) and rc == 0

    def after(self):
        self.r.lend(1)
        eventually(lambda: self.r.open("lent"), 20)


class Register(Act):
    def before(self):
        self.r.new += 1
        mkstick(f"{self.vm.dir}/new.img", 16)
        self.vm.plug("storage", "new", serial=f"NEW-{self.r.new}", image=f"{self.vm.dir}/new.img", port="5")
        self.at = self.o.seen(f"NEW-{self.r.new}")["device"]

    def go(self):
        return self.o.run("supervisor1", f"mediagate register {self.at} --number NEW-{self.r.new} --supervisor supervisor1 --prepare vfat --yes --json", 120)[0] == 0

    def after(self):
        self.vm.unplug("new")


class Reload(Act):
    def go(self):
        n = len(self.o.records("policy"))
        self.vm.run("mediagate-guest reload")
        return eventually(lambda: len(self.o.records("policy")) > n or self.r.hit(), 15)


class Start(Act):
    """The agent is followed from its first instruction; whoever dies, it comes up in the end."""
    attach = False

    def before(self):
        self.vm.sh("mediagate-guest kill9 core", 60)

    def go(self):
        self.vm.sh(f"mediagate-guest under {self.follow}")
        return self.vm.run("mediagate-guest start", 90)[0] == 0


class Close(Act):
    """The closer, which systemd runs when all of ours has ended, finds the lent stick open. Killed, it may leave it so: who
    comes next settles it."""
    attach = False

    def before(self):
        self.vm.sh("mediagate-guest kill9 core", 60)
        port = self.r.port("lent")
        self.vm.sh(f"echo 1 > /sys/bus/usb/devices/{port}:1.0/authorized; echo {port}:1.0 > /sys/bus/usb/drivers_probe")
        eventually(lambda: self.r.open("lent"), 20)

    def go(self):
        rc, _ = self.vm.run(f"{self.follow} /usr/libexec/mediagate/closer >> /run/mediagate.log 2>&1", 30)
        return rc == 0 and eventually(lambda: not self.r.open("lent"), 10)


class Stop(Act):
    def go(self):
        return self.vm.run("mediagate-guest stop", 60)[0] == 0


ACTS = dict(plug=Plug, refuse=Refuse, lend=Lend, copy=Copy, register=Register, reload=Reload, start=Start, close=Close, stop=Stop, **{"return": Return})


def rig_hit(r):
    return lambda: r.vm.run("grep -q ^hit /run/points")[0] == 0


def perform(r, act, role="-", n=0, signal=KILL):
    """Does the act with the agent followed; (whether it went well, the points passed [(role, n, call)], the one hit)."""
    vm = r.vm
    act.before()
    if act.attach:
        pids = vm.sh("for p in core ledger watch gate; do mediagate-guest pid $p; done").split()
        vm.sh(f"rm -f /run/points; (stopat /run/points {role} {n} {signal} {' '.join(pids)}) > /run/stopat.err 2>&1 < /dev/null &")
        vm.until("grep -q ready /run/points", 20)
        if role == "core":
            vm.sh("mediagate-guest hold")
    else:
        vm.sh("rm -f /run/points")
        act.follow = f"stopat /run/points {role} {n} {signal} --"
    well = act.go()
    rows = [l.split() for l in vm.run("cat /run/points")[1].splitlines()]
    hit = next((l[1:] for l in rows if l[0] == "hit"), None)
    vm.run("killall -q -KILL stopat; until ! pidof stopat > /dev/null; do sleep 0.05; done", 10)
    return well, [(l[0], int(l[1]), l[2]) for l in rows if len(l) == 3 and l[0].rstrip("+") in OURS], hit


def enumerate_points(r, names):
    """Every point of every act: (act, role, n, call, signal)."""
    out = []
    for name in names:
        act = ACTS[name](r)
        well, points, _ = perform(r, act)
        r.c.ok(f"{name}_goes_well_while_it_is_followed", well, lambda: f"{points} {r.o.log()}")
        r.vm.sh("mediagate-guest start", 90)
        act.after()
        points = [p for i, p in enumerate(points) if p[0].startswith(OWN) or i % 40 == 0]
        out += [(name, role, n, call, KILL) for role, n, call in points]
        if name not in ("start", "close", "stop"):
            out += [(name, role, n, call, TERM) for role, n, call in points if role == "core"]
        print(f"# {name}: {len(points)} points", flush=True)
    return out


def point(r, name, role, n, call, signal):
    """Whether it was reached."""
    act, before = ACTS[name](r), len(r.o.records())
    title = f"{role}_{'killed' if signal == KILL else 'stopped'}_at_{call}_{n}_of_{name}"
    _, _, hit = perform(r, act, role, n, signal)
    if role == "core" and hit and name != "start":
        r.down(title)
    r.vm.sh("mediagate-guest start", 90)
    r.right(title, before if hit and (role == "core" or call != "exit_group") else None)
    act.after()
    return bool(hit)


def scenario(vm, args):
    options = dict(a.split("=") for a in args if "=" in a)
    c = Checks()
    r = Rig(vm, c)
    r.hit = rig_hit(r)
    seed = int(options.get("seed", time.time()))
    print(f"# seed {seed}", flush=True)
    r.prepare()
    if "act" not in options:
        for name in ("core", "watch", "gate", "ledger"):
            with c.part(f"held_{name}"):
                held(r, name)
        for name in ("core", "watch", "gate", "ledger", "stop"):
            with c.part(f"at_rest_{name}"):
                at_rest(r, name)
    if "rest" in args:
        return c.status()
    rng, acts = random.Random(seed), options["act"].split(",") if "act" in options else list(ACTS)
    if "points" in options and "act" not in options:
        acts = rng.sample(acts, 4)
    points, reached = enumerate_points(r, acts), 0
    if "role" in options:
        points = [p for p in points if p[1].rstrip("+") == options["role"]]
    if "points" in options:
        points = sorted(rng.sample(points, min(len(points), int(options["points"]))))
    if "share" in options:
        k, n = map(int, options["share"].split("/"))
        points = points[k - 1::n]
    points = points[int(options.get("from", 1)) - 1:]
    for p in points:
        with c.part("_".join(map(str, p))):
            reached += point(r, *p)
    print(f"# {len(points)} points, {reached} reached", flush=True)
    c.ok("nearly_every_enumerated_point_was_reached", reached >= 0.8 * len(points), f"{reached} of {len(points)}")
    return c.status()
