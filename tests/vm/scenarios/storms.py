# SPDX-License-Identifier: Apache-2.0
"""Storms: made-up kernel events by the thousand, events lost, plugging without end, a stick that answers nothing, a clerk
who asks for what they may not. Nothing is missed, nothing is wrongly open, the ledger is not filled, and `mediagate`
answers within a second throughout (longer than a command that asks it nothing takes at the same moment; claimed where the
clock counts instructions, printed everywhere).
args: [events=N] [plugs=N] [refusals=N]; scripts/soak has the full counts; [part=NAME,…] those alone: events, lost, plugs, hang,
refusals; [for=SECONDS] each part does no more of it after so long, and says how much it did;
[counted] the guest's clock counts instructions: what else the host does is not in the times (vm.py)"""
import statistics, time

from checks import Checks, eventually
from office import Office
from vm import mkstick

IMAGE = dict(modules=["usb_f_fs"])
SERIAL = "STORM-0001"
WITHIN = 1.0  # seconds
NET = 90  # seconds after which what is waited for does not come
LASTING = ("core", "ledger", "watch", "gate")  # session comes and goes where there is no bus, the others when they are done


def CONFIG(args):
    return dict(append="usb-storage.delay_use=0", counted="counted" in args)


def limit(n, each):
    """Seconds after which what is done n times hangs: a net, for a machine that is twenty times slower than one at rest."""
    return int(120 + n * each * 20)


ASKING = """touch /run/ask; ( while [ -e /run/ask ]; do
read a x < /proc/uptime; mediagate > /dev/null 2>&1 < /dev/null; rc=$?
read b x < /proc/uptime; mediagate --help > /dev/null 2>&1 < /dev/null; read c x < /proc/uptime; echo $a $b $c $rc; sleep 0.1
done; echo end ) > /run/asked 2>&1 < /dev/null &"""

# A device of the lent stick's identity that answers nothing once it is configured.
HANG = f"""set -e
[ -d /sys/class/udc/dummy_udc.0 ] || modprobe dummy_hcd num=4 is_super_speed=1
modprobe -a libcomposite usb_f_fs
grep -q ' configfs ' /proc/mounts || mount -t configfs none /sys/kernel/config
mkdir -p /sys/kernel/config/usb_gadget/hang; cd /sys/kernel/config/usb_gadget/hang
mkdir -p strings/0x409 configs/c.1 functions/ffs.hang /run/ffs
echo 0x46f4 > idVendor; echo 0x0001 > idProduct; echo 0 > bcdDevice
echo Maker > strings/0x409/manufacturer; echo hang > strings/0x409/product; printf %s {SERIAL} > strings/0x409/serialnumber
[ -e configs/c.1/ffs.hang ] || ln -s functions/ffs.hang configs/c.1/
mount -t functionfs hang /run/ffs
hang /run/ffs > /run/hang.out 2>&1 &
echo $! > /run/hang.pid
until grep -q ready /run/hang.out; do sleep 0.05; done
echo dummy_udc.0 > UDC"""
HANG_OFF = "cd /sys/kernel/config/usb_gadget/hang; echo > UDC; kill $(cat /run/hang.pid); sleep 0.2; umount /run/ffs"


class Rig:
    def __init__(self, vm, c, counts):
        self.vm, self.c, self.n, self.o = vm, c, counts, Office(vm).start()
        self.image = mkstick(vm.dir + "/lent.img", 32)
        self.other = mkstick(vm.dir + "/other.img", 16)
        self.o.lent(SERIAL, "USB-0001", self.image, id="lent")
        eventually(lambda: self.o.disks(), NET)
        self.processes = self.running()
        self.rest()

    def rounds(self, name, n, size=1):
        """range(n), in rounds of `size`, as far as the time reaches."""
        end, done = time.monotonic() + self.n["for"], 0
        while done < n and time.monotonic() < end:
            yield done
            done = min(n, done + size)
        print(f"# {name}: {done} of {n}", flush=True)

    def running(self):
        return [l for l in self.vm.sh("mediagate-guest status").splitlines() if l.split()[1] in LASTING]

    def rest(self):
        """What the same commands take in this guest when nothing happens."""
        self.ask()
        self.vm.until("[ $(wc -l < /run/asked) -ge 12 ]", 300)
        took, idle, _ = self.asked()
        print(f"# at rest: mediagate {told(took)}, a command that asks nothing {told(idle)}", flush=True)

    def ask(self):
        self.vm.sh(ASKING)

    def asked(self):
        """(seconds of each answer, of each command that asks nothing, statuses) since ask()."""
        self.vm.sh("rm /run/ask; until grep -q end /run/asked; do sleep 0.1; done", 120)
        rows = [l.split() for l in self.vm.sh("cat /run/asked").splitlines()[:-1]]
        a, b, c, rc = zip(*rows)
        took = [[float(y) - float(x) for x, y in zip(*t)] for t in ((a, b), (b, c))]
        return took[0], took[1], set(rc)

    def settle(self, events):
        """udev has its own queue, and lets nothing in before it has been through it."""
        n = limit(events, 0.05)
        self.vm.sh(f"udevadm settle -t {n}", n + 10)

    def refused(self, serial):
        return eventually(lambda: (self.o.device(serial) or {}).get("fault") == "not-registered", NET)

    def lines(self):
        return int(self.vm.sh("cat /var/lib/mediagate/ledger/*/*/records.jsonl | wc -l"))

    def gone(self):
        return eventually(lambda: not self.o.devices() and not self.o.disks(), NET)

    def lent(self):
        """The lent stick, open and with its disk."""
        d = self.o.device(SERIAL)
        return d and d["open"] and d["disk"] and self.o.disks()


def told(seconds):
    return f"{statistics.median(seconds):.2f} s, slowest {max(seconds):.2f}"


def storm(r, name, records):
    """A part: asked throughout, few records, the same processes afterwards, and the ledger verifies."""
    class Storm:
        def __enter__(self):
            self.before = r.lines()
            r.ask()

        def __exit__(self, kind, e, trace):
            took, nothing, statuses = r.asked()
            slowest, idle = max(took), max(nothing)
            if kind:
                r.c.ok(name, False, f"{kind.__name__}: {e}")
            written = r.lines() - self.before
            print(f"# {name}: {len(took)} answers: mediagate {told(took)}, a command that asks nothing {told(nothing)}; {written} records", flush=True)
            r.c.ok(f"{name}_the_agent_answers_in_time", slowest <= r.n["within"] + idle and statuses == {"0"},
                   f"{slowest} s, of nothing {idle} s, {len(took)} answers, {statuses}")
            r.c.ok(f"{name}_the_ledger_is_not_filled", written <= records, f"{written} records")
            if not r.c.equal(f"{name}_no_process_ended", r.running(), r.processes):
                print(r.o.log(), flush=True)
                r.processes = r.running()
            return True
    return Storm()


def events(r):
    """Every kind of event, for the lent stick, its device, its disk, and for something else."""
    n = r.n["events"]
    closed = len(r.o.records("close"))
    with storm(r, "events", 20):
        paths = r.vm.sh("d=$(grep -l %s /sys/bus/usb/devices/*/serial); d=$(readlink -f ${d%%/serial}); "
                        "echo $d $d/*:1.0 /sys/devices/virtual/mem/null $(readlink -f /sys/class/block/sda)" % SERIAL)
        for at in r.rounds("events", n, 500):
            r.vm.sh(f"i={at}; while [ $i -lt {min(n, at + 500)} ]; do for p in {paths}; do for a in add change remove bind; do "
                    "echo $a > $p/uevent; i=$((i+1)); done; done; done", limit(500, 0.02))
        r.vm.plug("storage", "other", serial="STRANGER-1", image=r.other)
        r.settle(n)
        r.c.ok("events_a_stranger_is_seen_and_refused_all_the_same", r.refused("STRANGER-1"), r.o.devices())
        r.c.ok("events_the_lent_stick_is_what_it_was", eventually(r.lent, NET), f"{r.o.devices()} {r.o.log()}")
        r.c.ok("events_nothing_else_opened", len(r.o.disks()) == 1, r.o.disks())
        r.c.ok("events_a_made_up_removal_is_none", len(r.o.records("close")) == closed, r.o.records("close"))
        r.vm.unplug("other")
        eventually(lambda: len(r.o.devices()) == 1, NET)


def lost(r):
    """More events than fit while watch is held: sticks come and go unseen, and then nothing is missing."""
    with storm(r, "lost", 20):
        watch = r.vm.sh("mediagate-guest pid watch")
        r.vm.sh(f"kill -STOP {watch}")
        r.vm.unplug("lent")
        r.vm.plug("storage", "other", serial="STRANGER-2", image=r.other)
        r.vm.sh("i=0; while [ $i -lt 14000 ]; do echo change > /sys/devices/virtual/mem/null/uevent; i=$((i+1)); done", limit(14000, 0.01))
        dropped = r.vm.sh("awk '$2 == 15 && $4 == \"00000001\" && $9 > 0' /proc/net/netlink | wc -l")
        r.c.ok("lost_the_kernel_dropped_events", int(dropped) > 0, r.vm.sh("cat /proc/net/netlink"))
        r.vm.plug("storage", "lent", serial=SERIAL, image=r.image)
        r.vm.sh(f"kill -CONT {watch}")
        r.settle(14000)
        r.c.ok("lost_a_stranger_is_found_and_refused", r.refused("STRANGER-2"), r.o.devices())
        r.c.ok("lost_the_lent_stick_opens_again", eventually(r.lent, NET), f"{r.o.devices()} {r.o.log()}")
        r.c.ok("lost_there_is_a_gap_on_record", eventually(lambda: r.o.records("gap"), 10), r.o.log())
        r.vm.unplug("other")
        eventually(lambda: len(r.o.devices()) == 1, NET)


def plugs(r):
    """In and out, a stranger beside it each time."""
    n = r.n["plugs"]
    bad = []
    r.vm.unplug("lent")
    r.gone()
    count = lambda: (len(r.o.records("open", "done")), len(r.o.records("close", "done")))
    before = count()
    with storm(r, "plugs", 3 * n + 40 + n // 2):
        for i in r.rounds("plugs", n):
            times = i + 1
            r.vm.plug("storage", "other", serial=f"STRANGER-{i % 3}", image=r.other)
            r.vm.plug("storage", "lent", serial=SERIAL, image=r.image)
            if not eventually(r.lent, NET):
                bad.append((i, "the lent stick does not open", r.o.devices()))
            if len(r.o.disks()) > 1:
                bad.append((i, "a stranger opens", r.o.disks()))
            r.vm.unplug("lent")
            r.vm.unplug("other")
            if not r.gone():
                bad.append((i, "something is left", r.o.devices()))
        r.c.ok("plugs_each_time_the_lent_stick_opens_and_the_stranger_does_not", not bad, bad)
        grown = lambda: tuple(b - a for a, b in zip(before, count()))
        r.c.ok("plugs_each_opening_and_its_end_are_on_record", eventually(lambda: grown() == (times, times), 10), f"{grown()} of {times}")
        r.c.ok("plugs_no_intent_is_without_its_outcome", eventually(lambda: not r.o.pending(), 10), r.o.pending())
    r.vm.plug("storage", "lent", serial=SERIAL, image=r.image)
    eventually(r.lent, NET)


def hang(r):
    """The lent stick's twin by all it says of itself, which answers nothing once a driver asks it."""
    r.vm.unplug("lent")
    r.gone()
    with storm(r, "hang", 40):
        r.vm.sh(HANG, 60)
        r.c.ok("hang_it_is_opened_for_its_loan", eventually(lambda: (r.o.device(SERIAL) or {}).get("open"), NET), f"{r.o.devices()} {r.o.log()}")
        r.vm.plug("storage", "other", serial="STRANGER-9", image=r.other)
        r.c.ok("hang_another_stick_is_judged_meanwhile", r.refused("STRANGER-9"), r.o.devices())
        rc, out = r.o.run("clerk1", "mediagate return USB-0001", 120)
        print(f"# return: status {rc}: {out}", flush=True)
        r.vm.unplug("other")
        r.vm.sh(HANG_OFF, 90)
        r.c.ok("hang_unplugged_it_is_gone", r.gone(), r.o.devices())
    r.vm.plug("storage", "lent", serial=SERIAL, image=r.image)
    if not eventually(r.lent, 5):
        r.o.lend("USB-0001")
    r.c.ok("hang_the_real_one_works_afterwards", eventually(r.lent, NET), f"{r.o.devices()} {r.o.log()}")


def refusals(r):
    """clerk2 asks for clerk1's stick, for devices that are not there, to lend: in loops, several at once."""
    n = r.n["refusals"]
    with storm(r, "refusals", 80 + n // 4):  # folded; beyond 30 a minute counted
        ask = ("copy USB-0001 /etc/hostname", "ls USB-0001", "return USB-0001", "get USB-0001 x /tmp/x", "explain 9-9",
               "checkout USB-0001 --to clerk2 --purpose submission --ground law --destination x --until " + r.o.until_time())
        size = min(n, 60)
        loops = " & ".join(f"(i=0; while [ $i -lt {size // len(ask)} ]; do mediagate {a} > /dev/null 2>&1; i=$((i+1)); done)" for a in ask)
        r.vm.put(f"{loops}\nwait\n", "/run/loop", "755")
        for _ in r.rounds("refusals", n, size):
            r.vm.sh("su clerk2 -c 'sh /run/loop'", limit(size, 0.05))
        r.vm.sh("su clerk2 -c 'throw /run/mediagate/socket 5000 3'", limit(5000, 0.01))
        r.c.ok("refusals_the_loan_is_untouched", r.lent(), r.o.devices())
        r.c.ok("refusals_are_on_record", [x for x in r.o.records() if x.get("actor") == "clerk2" and x.get("result") == "refused"], r.o.log())


PARTS = dict(events=events, lost=lost, plugs=plugs, hang=hang, refusals=refusals)


def scenario(vm, args):
    counts = dict(events=2000, plugs=8, refusals=240)
    counts["for"] = 86400
    # elapsed time is the host's, too: a second is claimed where the clock counts instructions
    counts["within"] = WITHIN if "counted" in args else NET
    options = dict(a.split("=") for a in args if "=" in a)
    wanted = options.pop("part", ",".join(PARTS)).split(",")
    counts.update((k, int(v)) for k, v in options.items())
    c = Checks()
    r = Rig(vm, c, counts)
    for name in wanted:
        with c.part(name):
            PARTS[name](r)
    ok, said = r.o.verifies()
    c.ok("the_ledger_verifies", ok, said)
    return c.status()
