# SPDX-License-Identifier: Apache-2.0
"""kill -9 of each process at rest, under Debian's own systemd and the shipped unit: how long until everything is as it was, and
what that time is made of. Settled: the lent stick is open and the other is closed again, and nothing in core's table changes any
more (docs/flow.md, "Ends").
args: [counted] the guest's clock counts instructions, one for each nanosecond: what else the host does is not in it, and the slowest
PC that runs Debian 12 is faster; [rounds=N] of each; [process=NAME,…]"""
import re, statistics, time

import statetrace
from checks import Checks, eventually
from office import Office
from vm import mkstick
from walk_logind import ADDS, started

IMAGE = dict(adds=ADDS)
LENT, STRANGER = "LENT-0001", "STRANGER-1"
WITHIN = 2.0
OURS = ("mediagated", "ledger", "watch", "gate", "load", "label", "session", "closer")
UNIT = "mediagated.service"


def CONFIG(args):
    return dict(append="usb-storage.delay_use=0 vm.systemd systemd.unit=vm.target", mem=768, counted="counted" in args)


def trace(vm):
    statetrace.start(vm)
    names = " || ".join(f'comm == "{n}"' for n in OURS)
    vm.sh(f"""cd /sys/kernel/tracing
for e in sched/sched_process_exit sched/sched_stat_runtime; do echo '{names}' > events/$e/filter; echo 1 > events/$e/enable; done; echo > trace""")


def kill(name):
    if name == "all":
        return f"systemctl kill -s KILL --kill-who=all {UNIT}"
    if name == "core":
        return f"kill -9 $(systemctl show -P MainPID {UNIT})"
    return f"kill -9 $(pidof /usr/libexec/mediagate/{name})"


def settled(table, lent, other):
    return table.get(lent) == "DEVICE_OPEN" and table.get(other) == "DEVICE_CLOSED"


def split(rows, lent, other):
    """(seconds from the kill until settled, [(seconds, what)], CPU seconds by process)"""
    marks = {f["text"].strip(): t for t, e, f, _ in rows if e == "tracing_mark_write"}
    t0 = marks["KILL"]
    rows = [r for r in rows if r[0] >= t0]
    wrong = [k for k, r in enumerate(rows) if not settled(r[3], lent, other)]
    if not wrong or wrong[-1] + 1 == len(rows):
        return None
    end = rows[wrong[-1] + 1][0]
    steps, cpu = [], {}
    for t, e, f, _ in rows:
        if t > end:
            break
        if e == "sched_process_exec":
            steps.append((t - t0, "+" + f["filename"].rsplit("/", 1)[1]))
        elif e == "sched_process_exit":
            steps.append((t - t0, "-" + f["comm"]))
        elif e == "sched_stat_runtime":
            cpu[f["comm"]] = cpu.get(f["comm"], 0) + int(re.search(r"runtime=(\d+)", f["text"])[1]) / 1e9
        elif e in ("add", "move", "istore"):
            steps.append((t - t0, e))
    return end - t0, steps, cpu


def parts(steps, took):
    """[(what, seconds)]: what the time from the kill on was made of."""
    at = lambda what, pick: next((t for t, w in pick if w == what), None)
    closer, closed, core = at("+closer", steps), at("-closer", steps[::-1]), at("+mediagated", steps)
    if core is None:
        return [("its successor begins, works, and core opens what is lent", took)]
    return [("systemd, until the closer begins", closer), ("the closer", closed - closer), ("the unit's pause and systemd", core - closed),
            ("from core's start on", took - core)]


class Rig:
    def __init__(self, vm, c):
        self.vm, self.c, self.o = vm, c, started(vm)
        self.o.lent(LENT, "USB-0001", mkstick(vm.dir + "/a.img", 16), id="lent")
        vm.plug("storage", "other", serial=STRANGER, image=mkstick(vm.dir + "/b.img", 16))
        self.o.seen(STRANGER)
        eventually(self.o.disks, 30)
        at = lambda s: vm.sh(f"grep -l '^{s}$' /sys/bus/usb/devices/*/serial | cut -d/ -f6") + ":1.0"
        self.at = at(LENT), at(STRANGER)
        trace(vm)
        self.table, self.until = statetrace.Table(), 0.0
        vm.sh(f"systemctl restart {UNIT}", 90)
        eventually(lambda: self.rows() and settled(self.table.now, *self.at), 60)

    def rows(self):
        out = []
        for t, event, f in statetrace.read(self.vm, self.until):
            self.until = t
            self.table.step(event, f)
            out.append((t, event, f, dict(self.table.now)))
        return out

    def round(self, name):
        self.rows()
        self.vm.sh(statetrace.MARK.format("KILL") + kill(name), 60)
        more = []
        eventually(lambda: more.extend(self.rows()) or split(more, *self.at), 60, 0.5)
        time.sleep(1)
        more += self.rows()
        return split(more, *self.at)


def floor(vm):
    """Seconds of a bare start, in this guest: of a process of ours with libc alone, and with the library of the keys."""
    out = {}
    for what, command in (("mediagate --version", "mediagate --version"), ("openssl version", "openssl version")):
        took = vm.sh(f"for i in 1 2 3 4 5; do read a x < /proc/uptime; for j in 1 2 3 4 5; do {command} > /dev/null; done; read b x < /proc/uptime; echo $a $b; done", 60)
        out[what] = statistics.median((float(b) - float(a)) / 5 for a, b in (l.split() for l in took.splitlines()))
    return out


def scenario(vm, args):
    options = dict(a.split("=") for a in args if "=" in a)
    c = Checks()
    r = Rig(vm, c)
    least = floor(vm)
    print("# floor: " + ", ".join(f"{n} {s:.3f} s" for n, s in least.items()), flush=True)
    for name in options.get("process", "core,all,ledger,watch,gate").split(","):
        with c.part(name):
            all_took = []
            for _ in range(int(options.get("rounds", 3))):
                got = r.round(name)
                if not c.ok(f"{name}_settles", got, lambda: f"{r.o.devices()} {r.o.log()}"):
                    continue
                took, steps, cpu = got
                all_took.append(took)
                print(f"# {name}: settled after {took:.2f} s: " + "; ".join(f"{w} {t:.2f}" for w, t in parts(steps, took)), flush=True)
                print("#   began (+), ended (-): " + " ".join(f"{w} {t:.2f}" for t, w in steps), flush=True)
                print(f"#   processor time {sum(cpu.values()):.3f} s, {sum(cpu.values()) / least['openssl version']:.1f} of the floor: "
                      + " ".join(f"{n} {s:.3f}" for n, s in cpu.items()), flush=True)
            # elapsed time is the host's, too: what it was is printed, and claimed where the clock counts instructions
            if "counted" in args:
                c.ok(f"{name}_settles_within_two_seconds", all_took and statistics.median(all_took) <= WITHIN, all_took)
    c.ok("the_ledger_verifies", *r.o.verifies())
    return c.status()
