# SPDX-License-Identifier: Apache-2.0
"""kill -9 of each process of the agent while a stick is in each state of core's device table: the states are those of
the code's enum, the processes those that are installed, and that the stick was in it, and the process there, is the kernel's own word
(tests/vm/statetrace.py). No unregistered or returned medium gets a disk or a leave at any time, a keyboard works, and after the
restart the table is right, the ledger says what happened, and the lent stick works. How long that took is printed; it
is the guest's time, so the machine's load is in it.
args: [cells=N] so many cells, drawn by seed (all of all without it); [seed=N]; [for=SECONDS] begins no cell after so long; [from=K]
goes on with the K-th cell; [share=K/N] every N-th cell from the K-th; [state=WAY,…] [process=NAME,…] those alone;
[counted] the guest's clock counts instructions (vm.py): the seconds are those of a slow PC at rest"""
import random, time

import statetrace
from checks import Checks, eventually
from kills import SERIALS, Rig as Kills
from office import keyboard_works
from vm import mkstick

SLOW, FAST = 256 << 10, 50 << 20
TRIES = 3
TOO_LONG = 30  # seconds: a restart that is not through by then hangs; how long it takes at rest stands in docs/testing.md
# what is installed beside them: the person's own, what touches no medium, and another machine's
OTHERS = {"notify", "forward"}
CONSOLE = "console-"
LENT, OTHER, RETURNED, STRANGER = "lent", "back", "old", "stranger"


def CONFIG(args):
    return dict(append="usb-storage.delay_use=0", counted="counted" in args)


class Rig(Kills):
    table, seen_until = None, 0.0

    def prepare(self):
        super().prepare()
        self.lend(2)
        eventually(lambda: self.open(OTHER), 30)
        self.vm.sh("for n in 1 3; do dd if=/dev/urandom of=/home/clerk1/large$n bs=1M count=12 2>/dev/null; done; chown clerk1:clerk1 /home/clerk1/large*")
        self.at = {n: self.port(n) + ":1.0" for n in SERIALS}
        statetrace.start(self.vm)
        self.vm.sh("mediagate-guest restart", 90)  # the table from its beginning
        self.table, self.leaves = statetrace.Table(), []
        self.base()
        self.read()

    def plug(self, name):
        self.vm.plug("storage", name, serial=SERIALS[name], image=self.images[name], port={n: str(i) for i, n in enumerate(SERIALS, 1)}[name], slow=FAST)

    def expected(self):
        return {LENT: (True, None), OTHER: (True, None), RETURNED: (False, "not-checked-out"), STRANGER: (False, "not-registered")}

    def rows(self):
        found = {d.get("serial"): (d["open"], d.get("fault")) for d in self.o.devices()}
        return {n: found.get(SERIALS[n]) for n in SERIALS}

    def base(self):
        """Everything in its place, or plugged in again until it is."""
        if eventually(lambda: self.rows() == self.expected(), 15):
            return
        self.clear()
        for n in SERIALS:
            self.plug(n)
        if not eventually(lambda: self.rows() == self.expected(), 30):
            raise RuntimeError(f"the sticks are not as they should be: {self.o.devices()}\n{self.o.log()}")

    def clear(self):
        """What a part that broke has left behind."""
        self.vm.run("killall -q -KILL stopat; udevadm control --start-exec-queue; for p in $(mediagate-guest status | cut -d' ' -f1); do kill -CONT $p; done")
        for n in list(self.vm.devs):
            self.vm.unplug(n)
        eventually(lambda: not self.o.devices(), 20)
        self.vm.sh("mediagate-guest start", 90)

    def read(self):
        """The record since the last time: [(seconds, event, fields, table after it)]."""
        out = []
        for t, event, f in statetrace.read(self.vm, self.seen_until):
            self.seen_until = t
            self.table.step(event, f)
            out.append((t, event, f, dict(self.table.now)))
            if event == "istore" and f["buf"].startswith("1") and f["name"].split(":")[0] in self.ports:
                self.leaves.append((t, f["name"]))
        return out

    def strangers_closed(self, name):
        super().strangers_closed(name)
        self.more += self.read()
        self.c.ok(f"{name}_none_of_them_is_given_leave_for_a_moment", not self.leaves, self.leaves)

    def stop_at(self, role, point, signal, *pids):
        """Whoever passes the point is stopped there, or killed."""
        self.vm.sh(f"rm -f /run/points; (stopat /run/points {role} {point} {signal} {' '.join(pids)}) > /run/stopat.err 2>&1 < /dev/null &")
        self.vm.until("grep -q ready /run/points", 20)

    def held(self, role, timeout=20):
        """The pid of who was stopped at its point."""
        self.vm.until("grep -q ^hit /run/points", timeout)
        return self.vm.until(f"p=$(mediagate-guest pid {role} || pidof {role}) && for q in $p; do grep -q '^State:.*T (stopped)' /proc/$q/status && echo $q; done | grep .", timeout).split()[0]

    def pid(self, name):
        return self.vm.sh(f"mediagate-guest pid {name}").split()[0]

    def copying(self, name, job):
        """A copy onto that stick, in mid-part and stopped there: its pid."""
        self.vm.speed(name, SLOW)
        old = set(self.vm.run("mediagate-guest pid copy")[1].split())
        self.o.begin("clerk1", f"mediagate copy {dict(lent='USB-0001', back='USB-0002')[name]} large{job} --recipient recipient.pem", f"job{job}")
        self.o.wait_writing()
        pid = (set(self.vm.sh("mediagate-guest pid copy").split()) - old).pop()
        self.vm.sh(f"kill -STOP {pid}")
        self.vm.speed(name, FAST)
        return pid

    def away(self, *names):
        for n in names:
            self.vm.unplug(n)
        if not eventually(lambda: not any(self.o.device(SERIALS[n]) for n in names), 20):
            raise RuntimeError(f"{names} do not go: {self.o.devices()}")


# ---------------------------------------------------------------- ways into a state

class Way:
    """enter() brings sticks into `state` and keeps them there; `release` is what lets them go on, typed in the guest;
    released() what is done besides; after() puts everything back."""
    state, sticks, release, own, patience = None, (LENT,), "", (), 30

    def __init__(self, r):
        self.r, self.vm, self.o = r, r.vm, r.o

    def interfaces(self):
        return [self.r.at[n] for n in self.sticks]

    def enter(self):
        pass

    def released(self):
        pass

    def after(self):
        pass


class New(Way):
    """Whoever makes the digests is stopped."""
    state, sticks = "DEVICE_NEW", (LENT, RETURNED, STRANGER)

    def enter(self):
        self.r.away(*self.sticks)
        pid = self.r.pid("ledger")
        self.vm.sh(f"kill -STOP {pid}")
        self.release = f"kill -CONT {pid}"
        for n in self.sticks:
            self.r.plug(n)


class Refused(Way):
    state, sticks = "DEVICE_CLOSED", (RETURNED, STRANGER)


class Intended(Way):
    """The intent is written and not durable."""
    state, point = "DEVICE_INTENT", "write"

    def enter(self):
        self.r.away(LENT)
        self.r.stop_at("ledger", self.point, 19, self.r.pid("ledger"))
        self.r.plug(LENT)
        self.release = f"kill -CONT {self.r.held('ledger')}"


class Durable(Intended):
    """It is durable, and core has not heard so."""
    point = "fdatasync"


class Promised(Way):
    """It is durable, and udev has not let the device in."""
    state, release = "DEVICE_INTENT", "udevadm control --start-exec-queue"

    def enter(self):
        self.r.away(LENT)
        self.vm.sh("udevadm settle; udevadm control --stop-exec-queue")
        n = len(self.o.records("open", "intent"))
        self.r.plug(LENT)
        if not eventually(lambda: len(self.o.records("open", "intent")) > n, 20):
            raise RuntimeError(f"no intent: {self.o.log()}")

    def after(self):
        self.vm.sh(self.release)


class Open(Way):
    state, sticks = "DEVICE_OPEN", (LENT, OTHER)


class Read(Way):
    """Its label is being looked at."""
    state, own, patience = "DEVICE_OPEN", ("label",), 9

    def enter(self):
        self.r.away(LENT)
        self.r.stop_at("label", 1, 19, self.r.pid("core"))
        self.r.plug(LENT)
        self.release = f"kill -CONT {self.r.held('label')}"


class Written(Way):
    """A copy is being written."""
    state, own = "DEVICE_OPEN", ("copy",)

    def enter(self):
        self.release = f"kill -CONT {self.r.copying(LENT, 1)}"

    def after(self):
        self.o.finish(90, "job1")


class Prepared(Way):
    """Open for a supervisor who registers it: a file system is being made."""
    state, turn = "DEVICE_OPEN", 0

    def enter(self):
        Prepared.turn += 1
        self.vm.plug("storage", "new", serial=f"NEW-{self.turn}", image=mkstick(self.vm.dir + "/new.img", 16), port="5")
        row = self.o.seen(f"NEW-{self.turn}")
        self.at = self.vm.sh(f"grep -l '^NEW-{self.turn}$' /sys/bus/usb/devices/*/serial | cut -d/ -f6") + ":1.0"
        self.r.stop_at("sfdisk", 1, 19, self.r.pid("core"))
        self.o.begin("supervisor1", f"mediagate register {row['device']} --number NEW-{self.turn} --supervisor supervisor1 --prepare vfat --yes", "job2")
        self.release = f"kill -CONT {self.r.held('sfdisk', 30)}"

    def interfaces(self):
        return [self.at]

    def after(self):
        self.o.finish(90, "job2")
        if "new" not in self.vm.devs:
            return
        d = eventually(lambda: self.o.device(f"NEW-{self.turn}"), 20)
        self.r.c.ok(f"{self.r.cell}_what_was_opened_to_be_registered_is_closed", d and not d["open"], f"{d} {self.o.log()}")
        self.vm.unplug("new")


class Twin(Way):
    """Another of the same identity takes the gate from it, which waits for what is under way."""
    state, patience = "DEVICE_CLOSING", 9

    def twin(self):
        self.vm.plug("storage", "twin", serial=SERIALS[LENT], image=mkstick(self.vm.dir + "/twin.img", 16), port="6")

    def released(self):
        if "twin" in self.vm.devs:
            self.vm.unplug("twin")


class Ended(Twin):
    own = ("copy",)

    def enter(self):
        self.release = f"kill -CONT {self.r.copying(LENT, 1)}"
        self.twin()

    def after(self):
        self.o.finish(90, "job1")


class Unread(Twin, Read):
    def enter(self):
        Read.enter(self)
        self.twin()


WAYS = dict(new=New, refused=Refused, intended=Intended, durable=Durable, promised=Promised, open=Open, read=Read, written=Written,
            prepared=Prepared, ended=Ended, unread=Unread)


# ---------------------------------------------------------------- the processes

class Victim:
    """there(): sees to it that it runs, held if it is one that soon ends; `release` lets it go on should somebody else be
    killed; kill(): typed in the guest."""
    down = False

    def __init__(self, r, name):
        self.r, self.vm, self.o, self.name, self.kill = r, r.vm, r.o, name, f"mediagate-guest kill9 {name}"

    def there(self):
        pass

    def after(self):
        pass


class Core(Victim):
    down = True


class All(Victim):
    """All of them at once, as a killed control group."""
    down = True

    def there(self):
        self.kill = "mediagate-guest hold; kill -9 $(mediagate-guest status | cut -d' ' -f1); true"  # some go with the others


class Closer(Victim):
    """The last one out, right before it closes anything; core is killed first, and comes back."""
    def there(self):
        self.kill = "mediagate-guest last stopat /run/points closer clone 9 --; kill -9 $(mediagate-guest pid core)"

    def after(self):
        self.r.c.ok(f"{self.r.cell}_was_killed", eventually(lambda: self.vm.run("grep -q '^hit closer' /run/points")[0] == 0, 40), lambda: self.vm.run("tail /run/points")[1])


class Session(Victim):
    """It closes nothing when it ends, and may take its time to come back."""
    def there(self):
        self.vm.until("mediagate-guest pid session", 90)


class Load(Victim):
    def there(self):
        self.r.stop_at("load", 1, 19, self.r.pid("core"))
        self.vm.sh("mediagate-guest reload")
        self.r.held("load")


class Copy(Victim):
    """On the stick itself, or on another."""
    def there(self):
        self.r.copying(OTHER, 3)

    def after(self):
        self.o.finish(90, "job3")


class Label(Victim):
    def there(self):
        self.r.away(OTHER)
        self.r.stop_at("label", 1, 19, self.r.pid("core"))
        self.r.plug(OTHER)
        self.r.held("label")


VICTIMS = dict(core=Core, ledger=Victim, watch=Victim, gate=Victim, session=Session, load=Load, label=Label, copy=Copy, closer=Closer, all=All)


SUCCESSORS = dict(core="/mediagated", all="/mediagated", closer="/mediagated", ledger="/ledger", watch="/watch", gate="/gate")


# ---------------------------------------------------------------- a cell of the matrix

def settled(r, rows, name):
    """(seconds from the restart, from the kill) until the table was as it should be and stayed so. Prints who was started when."""
    marks = {f["text"].strip(): t for t, e, f, _ in rows if e == "tracing_mark_write"}
    began = [t for t, e, f, _ in rows if e == "sched_process_exec" and t > marks["KILL"] and f["filename"].endswith(SUCCESSORS.get(name, "/-"))]
    from_ = max([marks["KILL"], marks["RELEASE"]] + began[:1])
    at = {r.at[n]: "DEVICE_OPEN" if is_open else "DEVICE_CLOSED" for n, (is_open, _) in r.expected().items()}
    steps = [(f["filename"].rsplit("/", 1)[1], t - began[0]) for t, e, f, _ in rows if e == "sched_process_exec" and began and t >= began[0]]
    print("# " + ", ".join(f"{n} {t:.2f}" for n, t in steps if n in SUCCESSORS or n in ("mediagated", "load")), flush=True)
    right = [all(table.get(i) == s for i, s in at.items()) for *_, table in rows]
    if not right[-1]:
        return None
    last = max((k for k, ok in enumerate(right) if not ok), default=-1) + 1
    end = rows[last][0] if last < len(rows) else marks["KILL"]
    return max(0, end - from_), max(0, end - marks["KILL"])


def at_kill(rows):
    """The table as it was then."""
    return next((table for t, e, f, table in rows if f["text"].strip() == "KILL"), {})


def not_met(r, w, v, interfaces):
    """What is held for 10 s at the most had ended before the kill. Nothing opens for that."""
    print(f"# {r.cell}: not met: {[at_kill(r.more).get(i) for i in interfaces]}", flush=True)
    r.clear()
    w.after()
    r.base()
    r.strangers_closed(r.cell)
    return None


def cell(r, way, name):
    """The seconds until it had settled, from the restart and from the kill; None: the stick was not in the state, or the process not
    there, when it was killed."""
    vm, o, c = r.vm, r.o, r.c
    r.cell = f"{name}_killed_while_{way}"
    w, v = WAYS[way](r), VICTIMS[name](r, name)
    r.more = []
    r.base()
    before = len(o.records())
    r.read()
    if name not in w.own:
        v.there()
    w.enter()
    interfaces = w.interfaces()
    eventually(lambda: r.more.extend(r.read()) or all(r.table.now.get(i) == w.state for i in interfaces), w.patience, 0.1)
    met = vm.run(statetrace.MARK.format("KILL") + v.kill + "; rc=$?; " + statetrace.MARK.format("RELEASE") + (w.release or ":") + "; exit $rc", 90)[0] == 0
    r.more += r.read()
    met = met and all(at_kill(r.more).get(i) == w.state for i in interfaces)
    w.released()
    if not met:
        return not_met(r, w, v, interfaces)
    if v.down:
        r.down(r.cell)
        vm.sh("mediagate-guest start", 90)
    else:
        c.ok(f"{r.cell}_a_keyboard_works", keyboard_works(vm))
    w.after()
    if name not in w.own:
        v.after()
    c.ok(f"{r.cell}_the_table_is_right_again", eventually(lambda: r.rows() == r.expected(), TOO_LONG), lambda: f"{o.devices()} {o.log()}")
    r.right(r.cell, before)
    took = settled(r, r.more + r.read(), name)
    if c.ok(f"{r.cell}_settles", took):
        print(f"# {r.cell}: settled in {took[0]:.2f} s ({took[1]:.2f} s from the kill)", flush=True)
    return took


def every_state_has_a_way(c, vm):
    """What is added to the code must be added here."""
    ways = {w.state for w in WAYS.values()}
    c.equal("every_state_of_the_device_table_is_brought_about", ways, set(statetrace.states()))
    installed = {p for p in vm.sh("ls /usr/libexec/mediagate").split() if not p.startswith(CONSOLE)} | {"core", "all"}
    c.equal("every_process_of_the_agent_is_killed", set(VICTIMS), installed - OTHERS)


def tell(figures):
    """The table of seconds: a way in each row, a process in each column."""
    names = [n for n in VICTIMS if any(p == n for _, p in figures)]
    print("# settled, seconds from the restart\n# " + " " * 10 + "".join(f"{n:>8}" for n in names), flush=True)
    for way in WAYS:
        if any(w == way for w, _ in figures):
            print(f"# {way:<10}" + "".join(f"{figures[way, n][0]:8.2f}" if (way, n) in figures else "       -" for n in names), flush=True)


def scenario(vm, args):
    options = dict(a.split("=") for a in args if "=" in a)
    c = Checks()
    seed = int(options.get("seed", time.time()))
    print(f"# seed {seed}", flush=True)
    every_state_has_a_way(c, vm)
    r = Rig(vm, c)
    r.hit = lambda: False
    r.prepare()
    cells = [(w, p) for w in WAYS for p in VICTIMS]
    if "cells" in options:
        cells = random.Random(seed).sample(cells, min(len(cells), int(options["cells"])))
    if "share" in options:
        k, n = map(int, options["share"].split("/"))
        cells = cells[k - 1::n]
    cells = [(w, p) for w, p in cells if w in options.get("state", w).split(",") and p in options.get("process", p).split(",")]
    wanted, figures, end = 0, {}, time.monotonic() + int(options.get("for", 86400))
    for k, (way, name) in enumerate(cells, 1):
        if k < int(options.get("from", 1)):
            continue
        if time.monotonic() > end:
            print(f"# the time is up: go on with from={k}", flush=True)
            break
        with c.part(f"{k}_{way}_{name}"):
            wanted += 1
            took = next((t for t in (cell(r, way, name) for _ in range(TRIES)) if t), None)
            if took:
                figures[way, name] = took
    tell(figures)
    # some last a moment only: a fifth may be missed, and one of a small sample
    c.ok("nearly_every_state_was_met_by_the_kill", figures and wanted - len(figures) <= max(1, wanted // 5), f"{len(figures)} of {wanted}")
    longest = max((t[0] for t in figures.values()), default=0)
    c.ok(f"every_restart_has_settled_within_{TOO_LONG}_s", longest < TOO_LONG, f"{longest}")
    return c.status()
